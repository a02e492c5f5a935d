"""The members of a pattern, read from its text token by token.

That is exact and slow: it says of a text that is no pattern what the service would say,
and where. `evcli.patterns.language.compiler` asks it about texts that are not plain.

Nesting is held on a stack of frames and not in Python's call stack, so that the depth of
a pattern is limited by the reader alone.

Source: [doc] `$or`; [aws] recorded rejections; [peer] the order of checks.
"""

from __future__ import annotations

from evcli.patterns.language.conditions import OR, Condition, Item, build_plain_item
from evcli.patterns.language.events import LITERALS, NumberText
from evcli.patterns.language.reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.patterns.language.conditions import Members

RESERVED_IN_OR = frozenset(
    [
        "exactly",
        "equals-ignore-case",
        "prefix",
        "suffix",
        "anything-but",
        "exists",
        "wildcard",
        "numeric",
        "cidr",
        "=",
        "<",
        "<=",
        ">",
        ">=",
        "regex",
        "not-wildcard",
        "not-equals-ignore-case",
        "date-after",
        "date-on-or-after",
        "date-before",
        "date-on-or-before",
        "in-date-range",
        "ip-address-in-range",
        "ip-address-not-in-range",
    ]
)


def read_members(text: str) -> Members:
    """Read the members of a pattern as they are written.

    Raises: InvalidEventPatternException: with the service's reason.
    """
    reader = Reader(text)
    if reader.advance() != "{":
        raise reader.error("Filter is not an object")
    members: Members = []
    _MemberReader(reader, members).run()
    return members


class _Object:
    """An object being read: the prefix of its paths, and whether it is inside a `$or`.

    What is read joins `members`, those of the pattern or of an arm of a `$or`.
    """

    __slots__ = ("in_or", "is_empty", "members", "prefix")

    def __init__(self, prefix: str, members: Members, in_or: bool) -> None:
        self.prefix = prefix
        self.members = members
        self.in_or = in_or
        self.is_empty = True


class _Or:
    """A `$or` being read, and its arms so far."""

    __slots__ = ("arms", "prefix")

    def __init__(self, prefix: str, arms: list[Members]) -> None:
        self.prefix = prefix
        self.arms = arms


class _MemberReader:
    """The objects and `$or` arrays being read."""

    __slots__ = ("reader", "stack")

    def __init__(self, reader: Reader, members: Members) -> None:
        self.reader = reader
        self.stack: list[_Object | _Or] = [_Object("", members, in_or=False)]

    def run(self) -> None:
        while self.stack:
            frame = self.stack[-1]
            if isinstance(frame, _Object):
                self._step_object(frame)
            else:
                self._step_or(frame)

    def _step_object(self, frame: _Object) -> None:
        reader = self.reader
        if reader.advance() == "}":
            if frame.is_empty:
                raise reader.error("Empty objects are not allowed")
            self.stack.pop()
            return
        frame.is_empty = False
        name = reader.value
        if name == OR:
            if reader.advance() != "[":
                raise reader.error("It must be an Array followed with $or.")
            arms: list[Members] = []
            frame.members.append(arms)
            self.stack.append(_Or(frame.prefix, arms))
            return
        if frame.in_or and name in RESERVED_IN_OR:
            raise reader.error(
                f"{name} is Ruler reserved fieldName which cannot be used inside $or."
            )
        self._read_node(name, frame)

    def _read_node(self, name: str, frame: _Object) -> None:
        token = self.reader.advance()
        if token == "{":
            prefix = f"{frame.prefix}{name}."
            self.stack.append(_Object(prefix, frame.members, frame.in_or))
        elif token == "[":
            frame.members.append(self._read_leaf(frame.prefix + name))
        else:
            raise self.reader.error(
                f'"{name}" must be an object or an array',
                f'Values stand in a list, even one alone: "{name}": [ … ]',
            )

    def _read_leaf(self, path: str) -> Condition:
        reader = self.reader
        items = []
        while reader.advance() != "]":
            items.append(_read_item(reader))
        if not items:
            raise reader.error("Empty arrays are not allowed")
        return Condition(path, items)

    def _step_or(self, frame: _Or) -> None:
        reader = self.reader
        token = reader.advance()
        if token == "]":
            if len(frame.arms) < 2:
                raise reader.error(
                    "There must have at least 2 Objects in $or relationship."
                )
            self.stack.pop()
            return
        if token != "{":
            raise reader.error(
                "Only JSON object is allowed in array of $or relationship."
            )
        arm: Members = []
        frame.arms.append(arm)
        self.stack.append(_Object(frame.prefix, arm, in_or=True))


def _read_item(reader: Reader) -> Item:
    """Read one item of a leaf; the reader is at its first token.

    Raises: InvalidEventPatternException: the item is no value and no operator.
    """
    token = reader.token
    if token == "string":
        return build_plain_item(reader.take_text())
    if token == "number":
        return build_plain_item(NumberText(reader.value))
    if token in LITERALS:
        return build_plain_item(LITERALS[token])
    if token != "{":
        raise reader.error("Match value must be String, number, true, false, or null")
    from evcli.patterns.language.operators import read_operator  # noqa: PLC0415 - not for plain values

    return read_operator(reader)
