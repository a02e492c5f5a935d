"""Nearest misses of a value: what else, a bit other, would have met an item.

Source: ours, after the mistakes people report: case, type, blanks, `:` for `/`.
"""

from __future__ import annotations

from evcli.patterns.explain.syntax_hints import PARTING_HINTS, SYNTAX_HINTS
from evcli.patterns.explain.wording import format_item, format_value, shorten
from evcli.patterns.language.addresses import parse_address
from evcli.patterns.language.events import NumberText
from evcli.patterns.language.numbers import (
    comparable_value,
    is_number,
    text_of_number,
)
from evcli.patterns.language.predicates import PREDICATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.patterns.language.conditions import Item

CLOSE_ENOUGH = 0.75
SHOWN = 80
SEPARATORS = str.maketrans("", "", "-_ ")
# Plain texts are among them, though no operator.
TEXT_OPERATORS = frozenset(
    [
        "equals",
        "address",
        "exactly",
        "equals-ignore-case",
        "prefix",
        "suffix",
        "wildcard",
    ]
)
WHOLE_TEXTS = ("equals", "exactly", "equals-ignore-case")
TEXT_ONLY = frozenset(
    ["exactly", "prefix", "suffix", "wildcard", "equals-ignore-case", "cidr"]
)


def _hint_case(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or type(value) is not str:
        return None
    operator = _plain(item.operator)
    if not PREDICATES[operator](item.operand.casefold())(value.casefold()):
        return None
    what = "same value" if operator in ("equals", "exactly") else f"same {operator}"
    return f"{what} in other case: {_show(value)}"


def _hint_blanks(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or type(value) is not str:
        return None
    if item.test(value.strip()):
        return f"the event's value has blanks around it: {_show(value)}"
    if PREDICATES[item.operator](item.operand.strip())(value.strip()):
        return f"the pattern's value has blanks around it: {format_item(item)}"
    return None


def _hint_type(item: Item, value: object) -> str | None:
    if item.operator in ("equals", "number", "literal") and type(value) is not str:
        if item.operator == "equals" and _read_alike(format_value(value), item.operand):
            kind = "a number" if is_number(value) else format_value(value)
            return f"the event has {kind}, the pattern the string {format_item(item)}"
        return None
    if type(value) is not str:
        return None
    if item.operator in ("number", "numeric") and _reads_as_number(value, item):
        return f"the event has the string {_show(value)}, not a number"
    if item.operator == "literal" and _read_alike(format_item(item), value):
        return f"the event has the string {_show(value)}, not {format_item(item)}"
    return None


def _read_alike(literal: str, text: str) -> bool:
    """Tell whether a text looks like a literal, in whichever case, as in `True`."""
    return literal == text.casefold()


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
    operator = _plain(item.operator)
    if PREDICATES[operator](wanted)(value.replace("/", ":")):
        return f"the ARN differs in : and / only: {_show(value)}"
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
            shown = shorten(format_value(value), SHOWN)
            by = shorten(format_value(operand), SHOWN)
            return f"{shown} is excluded" + f" by {by}" * (by != shown)
    return None


def _hint_whole(item: Item, value: object) -> str | None:
    if type(value) is not str or not value:
        return None
    operand = item.operand
    if item.operator == "equals" and operand:
        for operator, is_so in (
            ("prefix", value.startswith(operand)),
            ("suffix", value.endswith(operand)),
        ):
            if is_so:
                what = "goes on" if operator == "prefix" else "has more before it"
                return f"the event's value {what}: {_show(value)}"
        if operand in value:
            return f"the event's value has more around it: {_show(value)}"
        if value in operand:
            return f"the event's value is shorter: {_show(value)}"
    for operator, other in (("prefix", "suffix"), ("suffix", "prefix")):
        if item.operator == operator and PREDICATES[other](operand)(value):
            verb = "ends" if other == "suffix" else "begins"
            return f"the event's value {verb} with it: {_show(value)}"
    return None


def _hint_kind(item: Item, value: object) -> str | None:
    """Say that the operator never meets a value of this type."""
    base = item.operator.partition("/")[0]
    if base == "numeric" and not is_number(value):
        return f"numeric compares numbers only, and the event has {_name_kind(value)}"
    if base in TEXT_ONLY and type(value) is not str:
        return f"{base} looks at strings only, and the event has {_name_kind(value)}"
    return None


def _hint_digits(item: Item, value: object) -> str | None:
    if item.operator not in ("number", "numeric") or not is_number(value):
        return None
    if comparable_value(value) is not None:
        return None
    ranges = item.operator == "numeric"
    what = "is in no range" if ranges else "equals its own spelling only"
    number = shorten(text_of_number(value), SHOWN)
    return f"{number} is too large or too exact to be compared; it {what}"


def _hint_address(item: Item, value: object) -> str | None:
    if item.operator != "cidr" or type(value) is not str:
        return None
    if parse_address(value) is None:
        return f"{_show(value)} is not an IP address"
    if (":" in item.operand) != (":" in value):
        families = ("IPv6", "IPv4") if ":" in item.operand else ("IPv4", "IPv6")
        return f"the network is one of {families[0]}, the address one of {families[1]}"
    return None


def _name_kind(value: object) -> str:
    if type(value) is str:
        return "a string"
    return "a number" if is_number(value) else format_value(value)


def _show(text: str) -> str:
    return format_value(shorten(text, SHOWN))


def _hint_separators(item: Item, value: object) -> str | None:
    if item.operator != "equals" or type(value) is not str:
        return None
    if item.operand.translate(SEPARATORS) == value.translate(SEPARATORS):
        return f"only blanks, hyphens or underscores differ: {_show(value)}"
    return None


def _hint_lookalike(item: Item, value: object) -> str | None:
    if item.operator not in TEXT_OPERATORS or type(value) is not str:
        return None
    if value.isascii() and item.operand.isascii():
        return None
    from unicodedata import normalize  # noqa: PLC0415 - rarely needed

    operand, text = (normalize("NFKC", side) for side in (item.operand, value))
    if not PREDICATES[_plain(item.operator)](operand)(text):
        return None
    return "both look alike, but Unicode characters in them differ"


def _hint_close_value(item: Item, value: object) -> str | None:
    if item.operator not in WHOLE_TEXTS or type(value) is not str:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    operand, text = item.operand[:200], value[:200]
    if item.operator == "equals-ignore-case":
        operand, text = operand.casefold(), text.casefold()
    if get_close_matches(operand, [text], 1, CLOSE_ENOUGH):
        return f"{_show(value)} is close to {_show(item.operand)}"
    return None


def _plain(operator: str) -> str:
    """Name the operator that takes texts as they are, an address as well."""
    return "equals" if operator == "address" else operator


VALUE_HINTS: tuple[Callable[[Item, object], str | None], ...] = (
    _hint_case,
    _hint_blanks,
    _hint_type,
    _hint_text_of_number,
    _hint_arn,
    _hint_bound,
    _hint_excluded,
    *SYNTAX_HINTS,
    _hint_separators,
    _hint_lookalike,
    _hint_whole,
    *PARTING_HINTS,
    _hint_close_value,
    _hint_address,
    _hint_digits,
    _hint_kind,
)
