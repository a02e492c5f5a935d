"""Events as the evaluator reads them, and the walk that finds values in them.

`json.loads` loses two things that matter to matching: the text of numbers and repeated
keys. `parse_json` keeps them, as `NumberText` and `Repeated`. An event is thus a tree of
`dict`, `Repeated`, `list`, `str`, `NumberText`, `True`, `False` and `None`, in which
Python's own numbers are welcome too: the paths a pattern mentions are looked up in it
when it is matched, and nothing else is touched.

A path is the list of object keys joined by dots, so a key with a dot and a nested key are
one path; arrays add nothing to it. All paths of a pattern are found in one walk over the
event, which therefore costs at most its size, however many paths there are.

Where a value sits inside arrays, its array position says in which element of each: a chain
`(outer position, number of the array, index, path of the array)`, `None` outside of
arrays. Scalars directly in an array do not have their own index. Arrays are numbered per
walk.

Source: [aws] dotted keys, consistency inside arrays; [peer] array positions.
"""

from __future__ import annotations

from evcli.json_text import Decoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

    from evcli.patterns.language.reader import Reader

    ArrayPosition = tuple["ArrayPosition | None", int, int, str]
    Found = list[tuple[object, ArrayPosition | None]]

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


def refuse_constant(name: str) -> NoReturn:
    """Refuse what `json` reads beyond JSON. Raises: EventTextError."""
    raise EventTextError(f"{name} is not JSON.")


_DECODER = Decoder(
    object_pairs_hook=_keep_members,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=refuse_constant,
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


class Repeated:
    """A JSON object in which a key is repeated: its members in written order."""

    __slots__ = ("members",)

    def __init__(self, members: list[tuple[str, object]]) -> None:
        self.members = members

    def items(self) -> list[tuple[str, object]]:
        """Return the members, as `dict.items` does."""
        return self.members


class PathNode:
    """A step in the tree; `path` leads here, `wanted` if a condition is about it."""

    __slots__ = ("children", "path", "wanted")

    def __init__(self, path: str) -> None:
        self.path = path
        self.wanted = False
        self.children: dict[str, PathNode] = {}

    def find(self, key: str) -> PathNode | None:
        """Follow an event's key, which takes several steps if it has dots."""
        node: PathNode | None = self
        for part in key.split("."):
            if node is None:
                break
            node = node.children.get(part)
        return node


class Fields:
    """What one event has at the paths of a tree.

    `found` maps a path to its (value, array position) pairs and lacks paths without
    values; `in_arrays` holds the paths of which a value sits inside an array of containers.
    """

    __slots__ = ("found", "in_arrays")

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}
        self.in_arrays: set[str] = set()


def grow_tree(paths: Iterable[str]) -> PathNode:
    """Build the tree of some paths."""
    root = PathNode("")
    for path in paths:
        node = root
        length = -1
        for part in path.split("."):
            length += 1 + len(part)
            child = node.children.get(part)
            if child is None:
                child = node.children[part] = PathNode(path[:length])
            node = child
        node.wanted = True
    return root


def collect(root: PathNode, event: object) -> Fields:
    """Find the values at all wanted paths, outer ones before inner ones."""
    fields = Fields()
    arrays = 0
    # Grows while it is walked: no recursion, so deep nesting is no danger.
    queue: list[tuple[PathNode, object, ArrayPosition | None]] = [(root, event, None)]
    for node, value, position in queue:
        if isinstance(value, (dict, Repeated)):
            children = node.children
            for key, member in value.items() if children else ():
                child = children.get(key) or ("." in key and node.find(key))
                if child:
                    queue.append((child, member, position))
        elif isinstance(value, list):
            arrays += 1
            for index, element in enumerate(value):
                if isinstance(element, (dict, list, Repeated)):
                    inner = (position, arrays, index, node.path)
                    queue.append((node, element, inner))
                elif node.wanted:
                    _keep(fields, node.path, element, position)
        elif node.wanted:
            _keep(fields, node.path, value, position)
    return fields


def _keep(
    fields: Fields, path: str, value: object, position: ArrayPosition | None
) -> None:
    fields.found.setdefault(path, []).append((value, position))
    if position is not None:
        fields.in_arrays.add(path)
