"""What a pattern demands: items, conditions on fields, alternatives, the whole pattern.

    EventPattern  any of its alternatives
    alternative   all of its conditions, sorted by path        tuple[Condition, ...]
    Condition     one field: any of its items
    Item          one value or one operator

The names of operators are those of the language, nested ones joined by a slash
(`anything-but/prefix`), and for plain values the four of `PLAIN`.
"""

from __future__ import annotations

from evcli.patterns.language.predicates import PREDICATES, build_plain_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.patterns.language.paths import PathNode

# A string, a string that is an IP address, a number, and true, false or null.
PLAIN = ("equals", "address", "number", "literal")
# Plain strings that only one text satisfies.
EXACT_TEXTS = frozenset(["equals", "exactly"])


class Item:
    """One value or operator, and `test`: does one value of an event satisfy it?

    `operand` is hashable: equal operator and operand type and value make equal items.
    `exists: false` is satisfied by no value; absence is the evaluator's business.
    """

    __slots__ = ("operand", "operator", "test")

    def __init__(self, operator: str, operand: Any) -> None:
        self.operator = operator
        self.operand = operand
        self.test: Callable[[object], bool] = PREDICATES[operator](operand)


class Condition:
    """The items of one leaf of a pattern, of which a value of the field must meet one."""

    __slots__ = ("items", "path", "test", "wants_absent")

    def __init__(self, path: str, items: list[Item]) -> None:
        self.path = path
        self.items = tuple(items)
        self.wants_absent = any(is_absence(item) for item in items)
        self.test = _join_tests(items)


class EventPattern:
    """A compiled pattern; `paths` is the tree of all fields that it mentions."""

    __slots__ = ("alternatives", "paths", "text")

    def __init__(
        self, text: str, alternatives: list[tuple[Condition, ...]], paths: PathNode
    ) -> None:
        self.text = text
        self.alternatives = tuple(alternatives)
        self.paths = paths


def is_absence(item: Item) -> bool:
    """Tell whether an item wants its field to be missing."""
    return item.operator == "exists" and item.operand is False


def _join_tests(items: list[Item]) -> Callable[[object], bool]:
    if len(items) == 1:
        return items[0].test
    plain = [item.operand for item in items if item.operator in PLAIN]
    tests = [item.test for item in items if item.operator not in PLAIN]
    if plain:
        tests.insert(0, build_plain_test(plain))
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)
