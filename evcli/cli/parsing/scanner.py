"""Scan tokens for options as Python's argparse does, to the letter, without its cost.

Users' scripts depend on argparse's habits: unambiguous prefixes, the last one wins,
lists swallow tokens, values do not start with `-` unless they are numbers or hold a
blank. argparse itself would cost more start-up time than the rest of a command, and its
messages and `--` handling differ between versions of Python; this stays at one.

Left out because no option needs it: options with one dash that share a token, groups,
defaults, more than one positional token.

Source: [peer] argparse of Python 3.11; [aws] the texts about choices.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    Values = dict[str, str | int | bool | list[str]]

# How many tokens an option takes.
NONE = "none"
ONE = "one"
AT_MOST_ONE = "at most one"
EXPLICIT = "only after an equals sign"
MANY = "many"


class Option:
    """One option: how it is spelled, how many words it takes, where its value goes.

    `value` is what a flag means. `exact` options do not take part in abbreviations.
    """

    __slots__ = (
        "arity",
        "choices",
        "dest",
        "exact",
        "is_integer",
        "name",
        "required",
        "value",
    )

    def __init__(
        self,
        name: str,
        dest: str = "",
        arity: str = ONE,
        *,
        value: str | bool = True,
        choices: tuple[str, ...] = (),
        is_integer: bool = False,
        required: bool = False,
        exact: bool = False,
    ) -> None:
        self.name = name
        self.dest = dest or name[2:].replace("-", "_")
        self.arity = arity
        self.value = value
        self.choices = choices
        self.is_integer = is_integer
        self.required = required
        self.exact = exact


class Scan:
    """What one pass found: values by destination, the positional token, what is left over."""

    __slots__ = ("extras", "positional", "values")

    def __init__(self) -> None:
        self.values: Values = {}
        self.positional: str | None = None
        self.extras: list[str] = []


class VersionRequested(Exception):
    """`--version` was met; nothing behind it counts."""


def scan(
    options: Mapping[str, Option],
    tokens: Sequence[str],
    *,
    is_optional: bool = False,
) -> Scan:
    """Read tokens as argparse's `parse_known_args` does.

    Args:
        options: by name, in the order that messages list them.
        tokens: what was typed.
        is_optional: whether the one positional token may be absent.

    Raises:
        UsageError: as argparse words it.
        VersionRequested: an option of that name was met.
    """
    return _Scanner(options, tokens, is_optional).run()


class _Scanner:
    """The state of one pass.

    `pattern` has one letter for each token: O an option, A an argument, - the first
    `--`, behind which everything is an argument.
    """

    __slots__ = (
        "found",
        "is_optional",
        "is_positional_open",
        "options",
        "pattern",
        "result",
        "tokens",
    )

    def __init__(
        self, options: Mapping[str, Option], tokens: Sequence[str], is_optional: bool
    ) -> None:
        self.options = options
        self.tokens = tokens
        self.is_optional = is_optional
        self.is_positional_open = True
        self.result = Scan()
        self.found: dict[int, tuple[Option | None, str | None]] = {}
        self.pattern = self._classify_all()

    def run(self) -> Scan:
        """Take positional tokens and options in turn, up to the last option."""
        index = 0
        last = max(self.found, default=-1)
        while index <= last:
            option_index = index
            while option_index not in self.found:
                option_index += 1
            if index != option_index:
                end = self._take_positional(index)
                if end > index:
                    index = end
                    continue
                self.result.extras.extend(self.tokens[index:option_index])
            index = self._take_option(option_index)
        end = self._take_positional(index)
        self.result.extras.extend(self.tokens[end:])
        return self.result

    def _classify_all(self) -> str:
        letters: list[str] = []
        for index, token in enumerate(self.tokens):
            if token == "--":
                return "".join(letters) + "-" + "A" * (len(self.tokens) - index - 1)
            match = _classify(self.options, token)
            if match is None:
                letters.append("A")
            else:
                letters.append("O")
                self.found[index] = match
        return "".join(letters)

    def _take_positional(self, start: int) -> int:
        """Let the positional token take what it can; give the index behind it."""
        if not self.is_positional_open:
            return start
        end = start
        pattern = self.pattern
        while pattern[end : end + 1] == "-":
            end += 1
        if pattern[end : end + 1] == "A":
            end += 1
        elif not self.is_optional:
            return start
        while pattern[end : end + 1] == "-":
            end += 1
        self.is_positional_open = False
        found = list(self.tokens[start:end])
        if "--" in found:
            found.remove("--")
        if found:
            self.result.positional = found[0]
        return end

    def _take_option(self, index: int) -> int:
        """Let the option at this index take its values; give the index behind them."""
        option, explicit = self.found[index]
        if option is None:
            self.result.extras.append(self.tokens[index])
            return index + 1
        if explicit is not None:
            if option.arity == NONE:
                refuse(
                    f"argument {option.name}: ignored explicit argument {explicit!r}"
                )
            self._store(option, [explicit])
            return index + 1
        end = self._end_of_values(option, index + 1)
        self._store(option, self.tokens[index + 1 : end])
        return end

    def _end_of_values(self, option: Option, start: int) -> int:
        if option.arity in (NONE, EXPLICIT):
            return start
        if option.arity == MANY:
            end = start
            while self.pattern[end : end + 1] == "A":
                end += 1
            return end
        if self.pattern[start : start + 1] == "A":
            return start + 1
        if option.arity == ONE:
            refuse(f"argument {option.name}: expected one argument")
        return start

    def _store(self, option: Option, values: Sequence[str]) -> None:
        if option.name == "--version":
            raise VersionRequested
        if option.arity == MANY:
            self.result.values[option.dest] = list(values)
        elif not values:
            self.result.values[option.dest] = option.value
        else:
            self.result.values[option.dest] = _convert(option, values[0])


def _classify(
    options: Mapping[str, Option], token: str
) -> tuple[Option | None, str | None] | None:
    """Tell an option (with the value behind its `=`) from an argument, which is `None`.

    An option that nobody knows is `(None, None)`.
    """
    if not token.startswith("-") or token == "-":
        return None
    option = options.get(token)
    if option is not None:
        return option, None
    name, equals, value = token.partition("=")
    explicit = value if equals else None
    if explicit is not None and name in options:
        return options[name], explicit
    if token.startswith("--"):
        matches = [
            candidate
            for candidate in options.values()
            if candidate.name.startswith(name) and not candidate.exact
        ]
        if len(matches) > 1:
            names = ", ".join([match.name for match in matches])
            refuse(f"ambiguous option: {token} could match {names}")
        if matches:
            return matches[0], explicit
    if " " in token or _is_negative_number(token):
        return None
    return None, None


def _is_negative_number(token: str) -> bool:
    """Say whether a token is one to argparse: `^-\\d+$|^-\\d*\\.\\d+$`, without `re`."""
    whole, dot, fraction = token[1:].removesuffix("\n").partition(".")
    if not dot:
        return whole.isdecimal()
    return fraction.isdecimal() and (not whole or whole.isdecimal())


def _convert(option: Option, text: str) -> str | int:
    if option.is_integer:
        try:
            return int(text)
        except ValueError:
            refuse(f"argument {option.name}: invalid int value: {text!r}")
    if option.choices and text not in option.choices:
        refuse_choice(option.name, text, option.choices)
    return text


def refuse(message: str, advice: str = "") -> NoReturn:
    from evcli.cli.errors import UsageError

    error = UsageError(message)
    error.advice = advice
    raise error


def refuse_choice(name: str, text: str, choices: Sequence[str]) -> NoReturn:
    from difflib import get_close_matches

    lines = [f"argument {name}: Found invalid choice '{text}'\n"]
    near = get_close_matches(text, choices, cutoff=0.8)
    if near:
        lines.append("Maybe you meant:\n")
        lines.extend(f"  * {choice}" for choice in near)
    refuse("\n".join(lines))
