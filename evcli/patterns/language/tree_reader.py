"""The tokens of an operator that a JSON parser has read already.

A tree holds objects as tuples of members, so that keys can repeat, and numbers as
`NumberText`. What its tokens have lost is where they stood; so an error says nothing, and
whoever gets one asks `evcli.patterns.language.reader`, which reads the text.
"""

from __future__ import annotations

from evcli.errors import InvalidEventPatternException
from evcli.patterns.language.events import NumberText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {True: "true", False: "false", None: "null"}


class TreeReader:
    """Steps through the members of an object, at whose opening brace it begins.

    `token` and `value` are those of `Reader`, and so is what the functions do.
    """

    __slots__ = ("_tokens", "token", "value")

    def __init__(self, members: tuple[tuple[str, object], ...]) -> None:
        self.token = self.value = "{"
        self._tokens = _list_tokens(members)

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


def _list_tokens(
    members: tuple[tuple[str, object], ...],
) -> Iterator[tuple[str, str]]:
    for name, value in members:
        yield "name", name
        yield from _list_tokens_of_value(value)
    yield "}", "}"


def _list_tokens_of_value(value: object) -> Iterator[tuple[str, str]]:
    kind = type(value)
    if isinstance(value, tuple):
        yield "{", "{"
        yield from _list_tokens(value)
    elif isinstance(value, list):
        yield "[", "["
        for each in value:
            yield from _list_tokens_of_value(each)
        yield "]", "]"
    elif isinstance(value, str):
        yield ("number" if kind is NumberText else "string"), str(value)
    else:
        word = WORDS[value]  # type: ignore[index]
        yield word, word
