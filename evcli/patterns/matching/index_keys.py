"""Keys under which a condition can be found from a value of an event.

A key is `(slice, text)`: the part of a string that is looked up, and what it must be.
The slice `(head, tail, folded)` takes so many characters from the start and from the end,
in lower case if folded; `WHOLE`, a head longer than any text, takes all. Every value that
meets a condition has one of its keys. If the keys are exact the reverse holds too, and
nothing is left to be tested.
"""

from __future__ import annotations

from evcli.patterns.language.numbers import comparable, comparable_value
from evcli.patterns.language.wildcards import parse_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.patterns.language.conditions import Condition, Item

    StringSlice = tuple[int, int, bool]
    Key = tuple[StringSlice | None, object]

ALL = 1 << 62
WHOLE = (ALL, 0, False)
WHOLE_FOLDED = (ALL, 0, True)
# In place of a slice, for numbers, true, false and null: see `key_of_value`.
NO_TEXT = None

# How likely a value meets an item, compared with equality to one text. [guess] ours; only
# speed depends on it.
LOOSENESS = {
    "equals": 1,
    "exactly": 1,
    "address": 1,
    "equals-ignore-case": 1,
    "number": 2,
    "cidr": 4,
    "prefix": 4,
    "suffix": 4,
    "prefix/equals-ignore-case": 4,
    "suffix/equals-ignore-case": 4,
    "wildcard": 4,
    "literal": 50,
    "numeric": 50,
}
LOOSEST = 200  # exists, anything-but


def find_keys(condition: Condition) -> tuple[list[Key], bool] | None:
    """List the keys of a condition and tell whether they are exact.

    `None` if some value may meet the condition and have no key, or if a missing field
    may meet it.
    """
    keys: dict[Key, None] = {}
    is_exact = True
    for item in condition.items:
        find = KEYS.get(item.operator)
        key = find(item.operand) if find else None
        if key is None:
            return None
        keys[key] = None
        is_exact = is_exact and item.operator in EXACT
    return list(keys), is_exact


def measure_looseness(item: Item) -> int:
    """Estimate how likely a value meets an item, in no particular unit."""
    return LOOSENESS.get(item.operator, LOOSEST)


def key_of_value(value: object) -> object:
    """Make the `NO_TEXT` key of a value that is no string; `None` for one without."""
    if value is None or value is True or value is False:
        return (value,)  # apart from numbers, since True == 1
    return comparable_value(value)


def _of_text(operand: str) -> Key:
    return WHOLE, operand


def _of_folded(operand: str) -> Key | None:
    return (WHOLE_FOLDED, operand.lower()) if operand.isascii() else None


def _of_end(*, is_head: bool, is_folded: bool) -> Callable[[str], Key | None]:
    """Build the keys of texts that begin, or end, with the operand."""

    def find(operand: str) -> Key | None:
        if not operand or (is_folded and not operand.isascii()):
            return None
        length = len(operand)
        head, tail = (length, 0) if is_head else (0, length)
        return (head, tail, is_folded), operand.lower() if is_folded else operand

    return find


def _of_wildcard(operand: str) -> Key | None:
    parts = parse_wildcard(operand)
    if len(parts) == 1:
        return WHOLE, parts[0]
    first, last = parts[0], parts[-1]
    return ((len(first), len(last), False), first + last) if first + last else None


def _of_number(operand: str) -> Key | None:
    number = comparable(operand)
    return None if number is None else (NO_TEXT, number)


def _of_literal(operand: bool | None) -> Key:
    return NO_TEXT, (operand,)


KEYS: dict[str, Callable[[Any], Key | None]] = {
    "equals": _of_text,
    "exactly": _of_text,
    "equals-ignore-case": _of_folded,
    "prefix": _of_end(is_head=True, is_folded=False),
    "suffix": _of_end(is_head=False, is_folded=False),
    "prefix/equals-ignore-case": _of_end(is_head=True, is_folded=True),
    "suffix/equals-ignore-case": _of_end(is_head=False, is_folded=True),
    "wildcard": _of_wildcard,
    "number": _of_number,
    "literal": _of_literal,
}
EXACT = frozenset(["equals", "exactly", "prefix", "suffix", "number", "literal"])
