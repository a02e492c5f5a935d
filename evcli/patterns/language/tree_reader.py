"""The tokens of an operator that a JSON parser has read already.

A tree holds objects as tuples of members, so that keys can repeat, and numbers as
`NumberText`. What its tokens have lost is where they stood; so an error says nothing, and
whoever gets one asks `evcli.patterns.language.reader`, which reads the text.
"""

from __future__ import annotations

from evcli.errors import InvalidEventPatternException
from evcli.patterns.language.events import NumberText

WORDS = {True: "true", False: "false", None: "null"}


class TreeReader:
    """Steps through the members of an object, at whose opening brace it begins.

    `token` and `value` are those of `Reader`, and so is what the functions do.
    """

    __slots__ = ("_tokens", "token", "value")

    def __init__(self, members: tuple[tuple[str, object], ...]) -> None:
        self.token = self.value = "{"
        tokens: list[tuple[str, str]] = []
        _add_tokens(members, tokens)
        self._tokens = iter(tokens)

    def advance(self) -> str:
        """Step to the next token."""
        self.token, self.value = next(self._tokens)
        return self.token

    def take_text(self) -> str:
        """Give the current string."""
        return self.value

    def error(self, message: str, advice: str = "") -> InvalidEventPatternException:
        """Build an error, of which only that it is one matters."""
        return InvalidEventPatternException(message)


def _add_tokens(
    members: tuple[tuple[str, object], ...], tokens: list[tuple[str, str]]
) -> None:
    for name, value in members:
        tokens.append(("name", name))
        _add_value(value, tokens)
    tokens.append(("}", "}"))


def _add_value(value: object, tokens: list[tuple[str, str]]) -> None:
    if isinstance(value, str):
        kind = "number" if type(value) is NumberText else "string"
        tokens.append((kind, str(value)))
    elif isinstance(value, tuple):
        tokens.append(("{", "{"))
        _add_tokens(value, tokens)
    elif isinstance(value, list):
        tokens.append(("[", "["))
        for each in value:
            _add_value(each, tokens)
        tokens.append(("]", "]"))
    else:
        word = WORDS[value]  # type: ignore[index]
        tokens.append((word, word))
