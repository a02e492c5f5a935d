"""From the text of a pattern to its alternatives.

Reading gives its members as they are written: conditions, and `$or`s as lists of arms,
which have members again. From them follow the alternatives, each a map from path to
condition: from start to end, a condition is put into every alternative, replacing what is
there at its path; a `$or` lets each of its arms work on a copy of the alternatives so far,
and the union is the new list. So two `$or` multiply, and the order of members matters.

Nesting is held on a stack of frames and not in Python's call stack, so that the depth of
a pattern is limited by the reader alone.

Source: [doc] `$or`; [peer] order and replacement; [aws] at most 1000 alternatives.
"""

from __future__ import annotations

from evcli.errors import InvalidEventPatternException
from evcli.patterns.language.conditions import (
    Condition,
    EventPattern,
    Item,
    build_plain_item,
)
from evcli.patterns.language.events import LITERALS, NumberText, grow_tree
from evcli.patterns.language.reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.patterns.language.conditions import Members

OR = "$or"
MAX_ALTERNATIVES = 1000
# [guess] the text; that the service refuses is documented.
TOO_MANY_ALTERNATIVES = (
    f"Rule is too complex - the $or arrays multiply to more than {MAX_ALTERNATIVES}"
    " alternatives"
)
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating"
    " character sequences after a wildcard character"
)
WILDCARDS = frozenset(["wildcard", "anything-but/wildcard"])
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


def compile_pattern(text: str) -> EventPattern:
    """Compile the text of an event pattern.

    Raises: InvalidEventPatternException: with the service's reason.
    """
    reader = Reader(text)
    if reader.advance() != "{":
        raise reader.error("Filter is not an object")
    compiler = _Compiler(reader)
    compiler.run()
    if _count_alternatives(compiler.members) > MAX_ALTERNATIVES:
        raise InvalidEventPatternException(TOO_MANY_ALTERNATIVES)
    if any(map(_is_too_complex, compiler.conditions)):
        raise InvalidEventPatternException(TOO_COMPLEX)
    paths = {condition.path: None for condition in compiler.conditions}
    alternatives = list_alternatives(compiler.members)
    return EventPattern(text, compiler.members, alternatives, grow_tree(paths))


def list_alternatives(members: Members) -> list[tuple[Condition, ...]]:
    """Multiply members out: an event meets them all when it meets an alternative."""
    return [_sort(alternative) for alternative in _expand(members)]


def _expand(members: Members) -> list[dict[str, Condition]]:
    alternatives: list[dict[str, Condition]] = [{}]
    for member in members:
        if isinstance(member, Condition):
            for alternative in alternatives:
                alternative[member.path] = member
        else:
            union = []
            # No comprehension, which would double the depth of the recursion.
            for arm in member:
                for added in _expand(arm):
                    union += [before | added for before in alternatives]
            alternatives = union
    return alternatives


def _count_alternatives(members: Members) -> int:
    count = 1
    for member in members:
        if isinstance(member, list):
            count *= sum(map(_count_alternatives, member))
    return count


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


class _Compiler:
    """The members and conditions so far, and the objects and `$or` arrays being read."""

    __slots__ = ("conditions", "members", "reader", "stack")

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.members: Members = []
        self.conditions: list[Condition] = []
        self.stack: list[_Object | _Or] = [_Object("", self.members, in_or=False)]

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
            condition = self._read_leaf(frame.prefix + name)
            self.conditions.append(condition)
            frame.members.append(condition)
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


def _sort(alternative: dict[str, Condition]) -> tuple[Condition, ...]:
    """Sort by path in UTF-16 code units, on which `exists: false` below arrays depends."""
    # Up to U+FFFF that is the order of strings, which needs no codec to be imported.
    is_plain = all(path.isascii() for path in alternative)
    key = _plain_path if is_plain else _utf16_path
    return tuple(sorted(alternative.values(), key=key))


def _plain_path(condition: Condition) -> str:
    return condition.path


def _utf16_path(condition: Condition) -> str:
    units = condition.path.encode("utf-16-be", "surrogatepass")
    # One character for each unit, so that both keys are strings.
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join([chr(high << 8 | low) for high, low in pairs])


def _is_too_complex(condition: Condition) -> bool:
    texts: list[str] = []
    for item in condition.items:
        if item.operator in WILDCARDS:
            texts += item.operand if type(item.operand) is tuple else (item.operand,)
    if not texts:
        return False
    from evcli.patterns.language.wildcards import is_too_complex, parse_wildcard  # noqa: PLC0415 - not for plain values

    return is_too_complex([parse_wildcard(text) for text in texts])
