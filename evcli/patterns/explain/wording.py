"""Items and values as JSON texts for people: as they were written, blanks aside."""

from __future__ import annotations

import json

from evcli.patterns.language.conditions import PLAIN
from evcli.patterns.language.numbers import is_number, text_of_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from evcli.patterns.language.conditions import Item


def format_items(items: Iterable[Item]) -> str:
    """Format the leaf of a pattern."""
    return "[" + ", ".join(map(format_item, items)) + "]"


def format_item(item: Item) -> str:
    """Format one value or operator of a leaf."""
    operand = _format_operand(item)
    if item.operator in PLAIN:
        return operand
    outer, _, inner = item.operator.partition("/")
    if inner:
        operand = f'{{"{inner}": {operand}}}'
    return f'{{"{outer}": {operand}}}'


def format_value(value: object) -> str:
    """Format a value of an event or an operand of a pattern."""
    if is_number(value):
        return text_of_number(value)
    return json.dumps(value, ensure_ascii=False)


def _format_operand(item: Item) -> str:
    if item.operator == "numeric":
        bounds = [f'"{name}", {text}' for name, text in item.operand]
        return f"[{', '.join(bounds)}]"
    if isinstance(item.operand, tuple):
        texts = [format_value(operand) for operand in item.operand]
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return format_value(item.operand)


def shorten(text: str, most: int) -> str:
    """Leave the middle out of a text that has more than `most` characters."""
    if len(text) <= most:
        return text
    return f"{text[: most * 2 // 3]}…{text[len(text) - most // 3 :]}"
