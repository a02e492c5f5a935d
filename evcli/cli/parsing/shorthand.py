"""The shorthand syntax of structures: `Key=a,Value=b`, `Id=1,Arn=x,Retry={Max=3}`.

    value  := pair ("," pair)*              blanks allowed around "@", "=" and ","
    pair   := key ["@"] "=" (nothing | list | hash | csv)
    key    := [A-Za-z0-9._#/:-]*
    list   := "[" [item ("," item)*] "]"
    hash   := "{" [key ["@"] "=" item ("," key ["@"] "=" item)*] "}"
    item   := list | hash | scalar
    csv    := scalar ("," scalar2)*         two or more make a list
    scalar := 'single quoted' | "double quoted" | bare

The hard part is the comma: in `a=b,c=d` it parts pairs, in `a=b,c` items. The parser
reads items until one turns out to be the key of the next pair, then goes back to the
comma before it. Where that comma is looked for, and which characters a bare scalar may
hold where, are accidents that scripts rely on; they are kept, the accidents
too (a bare scalar cannot begin with a character beyond the basic plane).

Source: [aws] grammar and messages; [peer] the character classes.
"""

from __future__ import annotations

import re
import sys

from evcli.cli.errors import ValueSyntaxError
from evcli.model.shapes import BOOLEAN, DOUBLE, INTEGER, LIST, LONG, MAP, STRUCTURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.model.shapes import Shape

KEY = re.compile(r"[A-Za-z0-9_.#/:-]*")
BLANKS = re.compile(r"[ \t\n\r\v\f]*")
SINGLE_QUOTED = re.compile(r"'(?:\\'|[^'])*'")
DOUBLE_QUOTED = re.compile(r'"(?:\\"|[^"])*"')
# A bare scalar begins with neither blank, quote, comma, "=", "[" nor "{". The first of
# a value goes on up to a quote, comma, "]" or "}"; a later one up to a quote, comma or
# "=", for it could be a key. Control characters end both, and so does what lies beyond
# U+FFFF, which `_match_bare` sees to: a set that reaches so far takes ten times as long
# to compile as all of these.
BARE_START = r"""(?:\\,|[^\x00-\x20"',=\[{])"""
FIRST_BARE = re.compile(BARE_START + r"""(?:\\,|[^\x00-\x08\x0e-\x1b"',\]}])*""")
LATER_BARE = re.compile(BARE_START + r"""(?:\\,|[^\x00-\x08\x0e-\x1b"',=])*""")
LAST_BARE = "\uffff"


class ShorthandError(Exception):
    """Text that is not shorthand; the message shows the column with a caret.

    `parts` are the message without the text, for one that may hold a secret: what
    stands before it, and what behind.
    """

    def __init__(self, problem: str, text: str, index: int, hint: str = "") -> None:
        super().__init__(f"{problem}{point_at(text, index)}{hint}")
        self.parts = problem, f" (character {index + 1}){hint}"


class SyntaxProblem(ShorthandError):
    """Something else was expected at `index`."""

    def __init__(self, text: str, index: int, expected: str, received: str) -> None:
        # [aws] The blank before the input is there, and not before the caret.
        problem = f"Expected: '{expected}', received: '{received}' for input:\n "
        super().__init__(problem, text, index)


class SecondInstance(ShorthandError):
    """A key that was given already, most likely for want of a space."""

    def __init__(self, text: str, index: int, key: str) -> None:
        super().__init__(
            f'Second instance of key "{key}" encountered for input:\n',
            text,
            index,
            '\nThis is often because there is a preceding "," instead of a space.',
        )


def point_at(text: str, index: int) -> str:
    """Put a caret under a column, behind the line it stands in."""
    column = index - (text.rfind("\n", 0, index) + 1)
    end = text.find("\n", index)
    if end < 0:
        end = len(text)
    return f"{text[:end]}\n{' ' * column}^{text[end:]}"


def read_shorthand(
    option: str,
    shape: Shape,
    texts: list[str],
    load: Callable[[str], str | bytes | None],
) -> list[Any]:
    """Parse the structures that an option gives, and fit each to its shape.

    Raises:
        ValueSyntaxError: one is not shorthand; without its text if that may be secret.
        RecursionError, ValueError, TypeError, AttributeError: as below.
    """
    try:
        parsed = [parse_shorthand(text, load) for text in texts]
    except ShorthandError as error:
        from evcli.model.secrets import HIDDEN, may_hold_secret

        is_secret = any(may_hold_secret(shape, text) for text in texts)
        problem = HIDDEN.join(error.parts) if is_secret else str(error)
        # Not from the error: a traceback would bring up its text.
        raise ValueSyntaxError(option, problem) from None
    return [fit_to_shape(shape, value) for value in parsed]


def parse_shorthand(
    text: str, load: Callable[[str], str | bytes | None]
) -> dict[str, Any]:
    """Parse one structure; scalars stay text.

    Args:
        text: what was typed.
        load: for the values of `key@=`: what a `file://` reference leads to, `None` for
            text that is no reference.

    Raises:
        ShorthandError: the message points at the position.
        RecursionError: brackets nested too deeply.
    """
    return _Parser(text, load).parse()


class _Parser:
    __slots__ = ("_is_reference", "_load", "index", "text")

    def __init__(self, text: str, load: Callable[[str], str | bytes | None]) -> None:
        self.text = text
        self.index = 0
        self._load = load
        # Whether the pair being read was written with "@=".
        self._is_reference = False

    def parse(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        key = self._key()
        pairs[key] = self._pair_value()
        end = self.index
        while not self._at_end():
            self._expect(",", blanks=True)
            key = self._key()
            value = self._pair_value()
            if key in pairs:
                raise SecondInstance(self.text, end + 1, key)
            pairs[key] = value
            end = self.index
        return pairs

    def _key(self) -> str:
        key = self._match(KEY) or ""
        self._is_reference = False
        self._skip_blanks()
        if self._peek() == "@":
            self.index += 1
            self._is_reference = True
        self._expect("=", blanks=True)
        return key

    def _pair_value(self) -> Any:
        if self._at_end():
            return ""
        if self._peek() in ("[", "{"):
            return self._item()
        return self._csv()

    def _csv(self) -> Any:
        first = self._first_scalar()
        self._skip_blanks()
        if self._peek() != ",":
            return first
        self._expect(",", blanks=True)
        items = [first]
        is_owed = True
        while is_owed:
            try:
                item = self._later_scalar()
                self._skip_blanks()
                is_owed = not self._at_end()
                if is_owed:
                    self._expect(",", blanks=True)
                items.append(item)
            except SyntaxProblem:
                if self._at_end():
                    raise
                # The item was the key of the next pair: back to its comma.
                self.index = self.text.rindex(",", 0, self.index + 1)
                is_owed = False
        return first if len(items) == 1 else items

    def _item(self) -> Any:
        if self._peek() == "[":
            return self._list()
        if self._peek() == "{":
            return self._hash()
        return self._first_scalar()

    def _list(self) -> list[Any]:
        self._expect("[", blanks=True)
        items = []
        while self._peek() != "]":
            items.append(self._item())
            self._end_item("]")
        self.index += 1
        return items

    def _hash(self) -> dict[str, Any]:
        self._expect("{", blanks=True)
        pairs = {}
        while self._peek() != "}":
            key = self._key()
            pairs[key] = self._item()
            self._end_item("}")
        self.index += 1
        return pairs

    def _end_item(self, bracket: str) -> None:
        self._skip_blanks()
        if self._peek() != bracket:
            self._expect(",")
            self._skip_blanks()

    def _first_scalar(self) -> Any:
        quoted = self._quoted()
        if quoted is not None:
            return self._resolve(quoted)
        bare = self._match_bare(FIRST_BARE)
        return "" if bare is None else self._resolve_bare(bare)

    def _later_scalar(self) -> Any:
        quoted = self._quoted()
        if quoted is not None:
            return self._resolve(quoted)
        bare = self._match_bare(LATER_BARE)
        if bare is None:
            raise SyntaxProblem(self.text, self.index, "<second>", "<none>")
        return self._resolve_bare(bare)

    def _quoted(self) -> str | None:
        quote = self._peek()
        if quote not in ("'", '"'):
            return None
        # [aws] "singled" is the official client's own word.
        regex, name = (
            (SINGLE_QUOTED, "<singled quoted>")
            if quote == "'"
            else (DOUBLE_QUOTED, "<double quoted>")
        )
        taken = self._match(regex)
        if taken is None:
            raise SyntaxProblem(self.text, self.index, name, "<none>")
        return taken[1:-1].replace("\\" + quote, quote).replace("\\\\", "\\")

    def _resolve_bare(self, text: str) -> Any:
        return self._resolve(text.replace("\\,", ",").rstrip())

    def _resolve(self, text: str) -> Any:
        loaded = self._load(text) if self._is_reference else None
        return text if loaded is None else loaded

    def _expect(self, char: str, *, blanks: bool = False) -> None:
        if blanks:
            self._skip_blanks()
        if self._peek() != char:
            raise SyntaxProblem(self.text, self.index, char, self._peek() or "EOF")
        self.index += 1
        if blanks:
            self._skip_blanks()

    def _match_bare(self, regex: re.Pattern[str]) -> str | None:
        end = len(self.text)
        if not self.text.isascii():
            for index in range(self.index, end):
                if self.text[index] > LAST_BARE:
                    return self._match(regex, index)
        return self._match(regex, end)

    def _match(self, regex: re.Pattern[str], end: int = sys.maxsize) -> str | None:
        match = regex.match(self.text, self.index, end)
        if match is None:
            return None
        self.index = match.end()
        return match[0]

    def _skip_blanks(self) -> None:
        self._match(BLANKS)

    def _peek(self) -> str:
        return self.text[self.index : self.index + 1]

    def _at_end(self) -> bool:
        return self.index >= len(self.text)


def fit_to_shape(shape: Shape, value: Any) -> Any:
    """Turn the text of shorthand into what the model asks for, where it can be.

    One value where a list is asked for becomes a list; integers are read; booleans only
    from true and false. Everything else stays as it is, for the check to report.

    Raises:
        ValueError, TypeError, AttributeError: as Python words it; users see that text.
            Source: [aws] for integers, [peer] for the rest.
    """
    fit = _FITS.get(shape.kind)
    return value if fit is None else fit(shape, value)


def _fit_structure(shape: Shape, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fitted = dict(value)
    # In model order: it decides which of two bad integers is reported. [peer]
    for name, member in shape.members.items():
        if name in fitted:
            fitted[name] = fit_to_shape(member.shape, fitted[name])
    return fitted


def _fit_map(shape: Shape, value: Any) -> Any:
    if not isinstance(value, dict) or shape.value is None:
        return value
    return {key: fit_to_shape(shape.value, item) for key, item in value.items()}


def _fit_list(shape: Shape, value: Any) -> Any:
    if not isinstance(value, list):
        # [peer] The one element is not looked at again.
        return [value]
    if shape.element is None:
        return value
    return [fit_to_shape(shape.element, item) for item in value]


def _fit_integer(_shape: Shape, value: Any) -> int:
    return int(value)


def _fit_float(_shape: Shape, value: Any) -> float:
    return float(value)


def _fit_boolean(_shape: Shape, value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value)


_FITS: dict[str, Callable[[Shape, Any], Any]] = {
    STRUCTURE: _fit_structure,
    MAP: _fit_map,
    LIST: _fit_list,
    INTEGER: _fit_integer,
    LONG: _fit_integer,
    DOUBLE: _fit_float,
    BOOLEAN: _fit_boolean,
}
