"""Events as the evaluator reads them.

`json.loads` loses two things that matter to matching: the text of numbers and repeated
keys. `parse_json` keeps them, as `NumberText` and `Repeated`. An event is thus a tree of
`dict`, `Repeated`, `list`, `str`, `NumberText`, `True`, `False` and `None`, in which
Python's own numbers are welcome too: the paths a pattern mentions are looked up in it
when it is matched, and nothing else is touched.
"""

from __future__ import annotations

from evcli.json_text import Decoder
from evcli.patterns.language.paths import Repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from evcli.patterns.language.reader import Reader

# [guess] no document limit is known; this one keeps memory and time in bounds.
MAX_DEPTH = 10_000
LITERALS = {"true": True, "false": False, "null": None}


class NumberText(str):
    """A JSON number as it was written. Never to be confused with a string: test `type`."""

    __slots__ = ()


class EventTextError(ValueError):
    """A text that is not a JSON document, or not an object where one is needed."""


class EventTree:
    """An event to be matched; `value` is its tree.

    One that `json.loads` has read lost repeated keys (the last one is left) and the text
    of numbers: those with more digits than binary64 holds match by their rounded value,
    or not at all. What `parse_json` returns has lost nothing and may stand anywhere
    inside `value`, so an envelope built in Python can carry a `detail` read from text.
    """

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def keys(self) -> set[str]:
        """The keys at the top of an event that is an object."""
        assert isinstance(self.value, (dict, Repeated))
        return {key for key, _ in self.value.items()}


def read_event(text: str) -> EventTree:
    """Read an event from its JSON text, which must be an object.

    Raises: EventTextError: with a sentence that says what is wrong and where.
    """
    value = parse_json(text)
    if type(value) is not dict and type(value) is not Repeated:
        raise EventTextError("The event is not a JSON object.")
    return EventTree(value)


def parse_json(text: str) -> Any:
    """Parse a JSON text, keeping the text of numbers and repeated keys.

    Raises: EventTextError: not JSON; `NaN` and `Infinity` are not either.
    """
    try:
        return _DECODER.decode(text)
    except ValueError as error:
        from json import JSONDecodeError  # noqa: PLC0415 - errors only

        if not isinstance(error, JSONDecodeError):
            raise
        raise EventTextError(
            f"{error.msg}: line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError:
        return _parse_deep(text)


def _keep_members(members: list[tuple[str, Any]]) -> object:
    value = dict(members)
    return value if len(value) == len(members) else Repeated(members)


def _refuse_constant(name: str) -> NoReturn:
    raise EventTextError(f"{name} is not JSON.")


_DECODER = Decoder(
    object_pairs_hook=_keep_members,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=_refuse_constant,
)


def _parse_deep(text: str) -> Any:
    """Parse with the pull parser, which does not recurse; twenty times slower."""
    from evcli.errors import InvalidEventPatternException  # noqa: PLC0415 - rare
    from evcli.patterns.language.reader import Reader  # noqa: PLC0415

    reader = Reader(text, MAX_DEPTH)
    try:
        value = _build(reader)
        if reader.advance():
            raise EventTextError("Text follows the end of the JSON document.")
    except InvalidEventPatternException as error:
        reason = error.reason.partition("\n")[0]
        raise EventTextError(f"{reason}.") from error
    return value


def _build(reader: Reader) -> Any:
    """Build the value that begins at the reader's next token."""
    names: list[str] = []
    containers: list[tuple[str, list[Any]]] = []
    while True:
        token = reader.advance()
        value: Any = None
        if token == "name":
            names.append(reader.value)
            continue
        if token in ("{", "["):
            containers.append((token, []))
            continue
        if token in ("}", "]"):
            kind, content = containers.pop()
            value = _keep_members(content) if kind == "{" else content
        elif token == "string":
            value = reader.take_text()
        elif token == "number":
            value = NumberText(reader.value)
        else:
            value = LITERALS[token]
        if not containers:
            return value
        kind, content = containers[-1]
        content.append((names.pop(), value) if kind == "{" else value)
