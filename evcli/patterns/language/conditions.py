"""What a pattern demands: items, conditions on fields, alternatives, the whole pattern.

    EventPattern  any of its alternatives
    alternative   all of its conditions, sorted by path        tuple[Condition, ...]
    members       what is written, in its order: conditions, and each `$or` as the list
                  of its arms, which are members again
    Condition     one field: any of its items
    Item          one value or one operator

The names of operators are those of the language, nested ones joined by a slash
(`anything-but/prefix`), and for plain values the four of `PLAIN`.

Rules are also found without their patterns, by columns of `source` and `detail-type`:
`literal_keys` says under which.
"""

from __future__ import annotations

from itertools import islice, product

from evcli.patterns.language.events import NumberText, grow_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from evcli.patterns.language.events import PathNode

    Key = tuple[str | None, str | None]
    Test = Callable[[object], bool]
    Members = list["Condition | list[Members]"]

# Plain strings that only one text satisfies.
EXACT_TEXTS = frozenset(["equals", "exactly"])
# The fields that nearly every pattern pins: rules and index alternatives are filed by both.
KEY_PATHS = ("source", "detail-type")
MAX_KEYS = 16
OR = "$or"


class Item:
    """One value or operator, and `test`: does one value of an event satisfy it?

    `operand` is hashable: equal operator and operand type and value make equal items.
    `exists: false` is satisfied by no value; absence is the evaluator's business.
    """

    __slots__ = ("_build_test", "_test", "operand", "operator")

    def __init__(
        self, operator: str, operand: Any, build_test: Callable[[Any], Test]
    ) -> None:
        self.operator = operator
        self.operand = operand
        self._build_test = build_test
        self._test: Test | None = None

    @property
    def test(self) -> Test:
        """The test, built when it is asked for: most in an index never are."""
        test = self._test
        if test is None:
            test = self._test = self._build_test(self.operand)
        return test


class Condition:
    """The items of one leaf of a pattern, of which a value of the field must meet one."""

    __slots__ = ("_test", "items", "path", "wants_absent")

    def __init__(self, path: str, items: list[Item]) -> None:
        self.path = path
        self.items = tuple(items)
        self.wants_absent = False
        for item in items:
            # As `is_absence`, which would be called for every value of every pattern.
            if item.operator == "exists" and item.operand is False:
                self.wants_absent = True
        self._test: Test | None = None

    @property
    def test(self) -> Test:
        """The test of one value of the field, built as those of items."""
        test = self._test
        if test is None:
            test = self._test = _join_tests(self.items)
        return test


class EventPattern:
    """A compiled pattern."""

    __slots__ = ("_paths", "alternatives", "members", "text")

    def __init__(
        self,
        text: str,
        members: Members,
        alternatives: list[tuple[Condition, ...]],
    ) -> None:
        self.text = text
        self.members = members
        self.alternatives = tuple(alternatives)
        self._paths: PathNode | None = None

    @property
    def paths(self) -> PathNode:
        """The tree of all fields that the pattern mentions, in an `$or` or not."""
        paths = self._paths
        if paths is None:
            mentioned = [condition.path for condition in list_conditions(self.members)]
            paths = self._paths = grow_tree(mentioned)
        return paths


def list_conditions(members: Members) -> Iterator[Condition]:
    """List all conditions among members, those of every `$or` too."""
    open_lists = [iter(members)]
    while open_lists:
        for member in open_lists[-1]:
            if isinstance(member, Condition):
                yield member
            else:
                open_lists += map(iter, reversed(member))
                break
        else:
            open_lists.pop()


def build_plain_item(operand: str | bool | None) -> Item:
    """Build the item that is a value: a string, a `NumberText`, true, false or null."""
    if type(operand) is str:
        operator = "equals" if _read_address(operand) is None else "address"
    elif type(operand) is NumberText:
        operator = "number"
    else:
        operator = "literal"
    return Item(operator, operand, PLAIN[operator])


def is_absence(item: Item) -> bool:
    """Tell whether an item wants its field to be missing."""
    return item.operator == "exists" and item.operand is False


def literal_keys(pattern: EventPattern) -> list[Key]:
    """List the (source, detail-type) pairs of which every matching event has one.

    `None` stands for anything: the pattern leaves the field open, or says more about it
    than plain strings, or there would be too many pairs. No pair occurs twice.
    """
    for pinned in (KEY_PATHS, KEY_PATHS[:1], KEY_PATHS[1:]):
        keys: dict[Key, None] = {}
        for alternative in pattern.alternatives:
            sources, detail_types = (
                (path in pinned and exact_texts(alternative, path)) or (None,)
                for path in KEY_PATHS
            )
            pairs = product(sources, detail_types)
            keys |= dict.fromkeys(islice(pairs, MAX_KEYS + 1))
            if len(keys) > MAX_KEYS:
                break
        else:
            return list(keys)
    return [(None, None)]


def exact_texts(
    alternative: tuple[Condition, ...], path: str
) -> tuple[str, ...] | None:
    """List the texts of which a field must have one; `None` if more may match.

    Addresses have several spellings, so a field that may be one is open.
    """
    for condition in alternative:
        if condition.path == path:
            texts: dict[str, None] = {}
            for item in condition.items:
                if item.operator not in EXACT_TEXTS:
                    return None
                texts[item.operand] = None
            return tuple(texts)
    return None


def _join_tests(items: tuple[Item, ...]) -> Test:
    if len(items) == 1:
        return items[0].test
    plain = [item.operand for item in items if item.operator in PLAIN]
    tests = [item.test for item in items if item.operator not in PLAIN]
    if plain:
        tests.insert(0, _equals_any(plain))
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


# -- plain values. What a pattern without addresses and numbers does not need is not loaded.


def _read_address(text: str) -> tuple[int, int] | None:
    """Read an IP address as `parse_address`; `None` if the text is not one."""
    if ":" not in text and not text[:1].isdigit():
        return None
    from evcli.patterns.language.addresses import parse_address  # noqa: PLC0415 - few need it

    return parse_address(text)


def _equals(operand: str) -> Test:
    return lambda value: type(value) is str and value == operand


def _equals_address(operand: str) -> Test:
    """Build the test for a string that is an IP address, however it is spelled."""
    address = _read_address(operand)
    return lambda value: (
        type(value) is str and (value == operand or _read_address(value) == address)
    )


def _is_literal(operand: bool | None) -> Test:
    return lambda value: value is operand


def _equals_any(operands: list[Any]) -> Test:
    """Build the test for any of some plain values, with one look-up per kind."""
    texts = frozenset(text for text in operands if type(text) is str)
    addresses = frozenset(filter(None, map(_read_address, texts)))
    literals = [operand for operand in operands if not isinstance(operand, str)]
    numbers = [text for text in operands if type(text) is NumberText]
    equals_number = _equals_number(*numbers) if numbers else None

    def test(value: object) -> bool:
        if type(value) is str:
            return value in texts or (
                bool(addresses) and _read_address(value) in addresses
            )
        if equals_number is not None and equals_number(value):
            return True
        return any(value is literal for literal in literals)

    return test


def _equals_number(*operands: str) -> Test:
    from evcli.patterns.language.numbers import (  # noqa: PLC0415 - few need it
        comparable,
        comparable_value,
        is_number,
        text_of_number,
    )

    comparables = frozenset(map(comparable, operands)) - {None}
    spellings = frozenset(text for text in operands if comparable(text) is None)
    return lambda value: (
        is_number(value)
        and (
            comparable_value(value) in comparables or text_of_number(value) in spellings
        )
    )


# A string, a string that is an IP address, a number, and true, false or null.
PLAIN: dict[str, Callable[[Any], Test]] = {
    "equals": _equals,
    "address": _equals_address,
    "number": _equals_number,
    "literal": _is_literal,
}
