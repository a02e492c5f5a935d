"""Nearest misses of a value: what else, a bit other, would have met an item.

Source: ours, after the mistakes people report: case, type, blanks, `:` for `/`.
"""

from __future__ import annotations

from evcli.patterns.explain.wording import format_item, format_value
from evcli.patterns.language.events import NumberText
from evcli.patterns.language.numbers import is_number, text_of_number
from evcli.patterns.language.predicates import PREDICATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.patterns.language.conditions import Item

CLOSE_ENOUGH = 0.75
TEXT_OPERATORS = frozenset(
    ["equals", "address", "exactly", "prefix", "suffix", "wildcard"]
)


def _hint_case(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or type(value) is not str:
        return None
    operator = "equals" if item.operator == "address" else item.operator
    if not PREDICATES[operator](item.operand.casefold())(value.casefold()):
        return None
    what = "same value" if operator in ("equals", "exactly") else f"same {operator}"
    return f"{what} in other case: {format_value(value)}"


def _hint_blanks(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or type(value) is not str:
        return None
    if item.test(value.strip()):
        return f"the event's value has blanks around it: {format_value(value)}"
    if PREDICATES[item.operator](item.operand.strip())(value.strip()):
        return f"the pattern's value has blanks around it: {format_item(item)}"
    return None


def _hint_type(item: Item, value: object) -> str | None:
    if item.operator in ("equals", "number", "literal") and type(value) is not str:
        if item.operator == "equals" and format_value(value) == item.operand:
            kind = "a number" if is_number(value) else format_value(value)
            return f"the event has {kind}, the pattern the string {format_item(item)}"
        return None
    if type(value) is not str:
        return None
    if item.operator in ("number", "numeric") and _reads_as_number(value, item):
        return f"the event has the string {format_value(value)}, not a number"
    if item.operator == "literal" and format_item(item) == value:
        return f"the event has the string {format_value(value)}, not {value}"
    return None


def _reads_as_number(value: str, item: Item) -> bool:
    digits = value.strip()
    plain = digits.lstrip("-").replace(".", "", 1)
    return plain.isascii() and plain.isdigit() and item.test(NumberText(digits))


def _hint_text_of_number(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or not is_number(value):
        return None
    text = text_of_number(value)
    return f"the event has the number {text}, not a string" if item.test(text) else None


def _hint_arn(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or type(value) is not str:
        return None
    wanted = item.operand.replace("/", ":")
    if "arn:" not in value or item.operator == "wildcard":
        return None
    operator = "equals" if item.operator == "address" else item.operator
    if PREDICATES[operator](wanted)(value.replace("/", ":")):
        return f"the ARN differs in : and / only: {format_value(value)}"
    return None


def _hint_bound(item: Item, value: object) -> str | None:
    if item.operator != "numeric" or not is_number(value):
        return None
    for name, text in item.operand:
        if name in ("<", ">") and PREDICATES["number"](text)(value):
            return f"{format_value(value)} is the bound itself, which {name} excludes"
    return None


def _hint_excluded(item: Item, value: object) -> str | None:
    if not item.operator.startswith("anything-but"):
        return None
    for operand in item.operand:
        if not PREDICATES[item.operator]((operand,))(value):
            return f"{format_value(value)} is excluded by {format_value(operand)}"
    return None


def _hint_star(item: Item, value: object) -> str | None:
    if item.operator != "equals" or "*" not in item.operand:
        return None
    if "**" in item.operand or "\\" in item.operand:
        return None
    if PREDICATES["wildcard"](item.operand)(value):
        return f'a star means nothing here; write {{"wildcard": {format_item(item)}}}'
    return None


def _hint_whole(item: Item, value: object) -> str | None:
    if item.operator != "equals" or type(value) is not str or not item.operand:
        return None
    if value.startswith(item.operand):
        return f"the event's value goes on: {format_value(value)}"
    if item.operand.startswith(value) and value:
        return f"the event's value is shorter: {format_value(value)}"
    return None


def _hint_close_value(item: Item, value: object) -> str | None:
    if item.operator != "equals" or type(value) is not str:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    if get_close_matches(item.operand[:200], [value[:200]], 1, CLOSE_ENOUGH):
        return f"{format_value(value)} is close to {format_item(item)}"
    return None


VALUE_HINTS: tuple[Callable[[Item, object], str | None], ...] = (
    _hint_case,
    _hint_blanks,
    _hint_type,
    _hint_text_of_number,
    _hint_arn,
    _hint_bound,
    _hint_excluded,
    _hint_star,
    _hint_whole,
    _hint_close_value,
)
