"""Numbers of patterns and events: when two spellings are one number.

A spelling is *comparable* when the nearest binary64 is finite and its shortest decimal
has exactly the spelling's value. Comparable spellings stand for that binary64; all others
(more than some 15 to 17 digits, or out of range) equal only their own text.

Source: [peer] the matcher, section "Numbers" of its rules. [guess] that the service has
the same range, and not the older documented one of +-5.0e9.
"""

from __future__ import annotations

from evcli.patterns.language.events import NumberText

SAFE_DIGITS = 15
SAFE_INTEGER = 10**SAFE_DIGITS
INFINITY = float("inf")
BINARY64_END = 1 << 1024


def comparable(text: str) -> float | None:
    """Return the binary64 that a JSON number stands for, `None` if not comparable."""
    number = float(text)
    if len(text) <= SAFE_DIGITS and "e" not in text and "E" not in text:
        return number
    if number in (INFINITY, -INFINITY):
        return None
    return number if _normalize(repr(number)) == _normalize(text) else None


def comparable_value(value: object) -> float | None:
    """Do the same for a value of an event; `None` for whatever is not a number.

    Python's own numbers come from events that somebody else has parsed. `True` is an
    `int` to Python and no number here, hence the exact types.
    """
    if type(value) is NumberText:
        return comparable(value)
    if type(value) is float:
        return value if -INFINITY < value < INFINITY else None
    if type(value) is int:
        if -SAFE_INTEGER < value < SAFE_INTEGER:
            return float(value)
        if abs(value) < BINARY64_END:
            return comparable(str(value))
    return None


def text_of_number(value: object) -> str:
    """Return the text of a number in an event, the shortest one if the text is lost."""
    if type(value) is int and abs(value) > BINARY64_END << 1024:
        # Python refuses to write such numbers in decimal; no event can hold one anyway.
        return hex(value)
    return str(value)


def is_number(value: object) -> bool:
    """Tell whether a value of an event is a JSON number."""
    return type(value) in (NumberText, int, float)


def _normalize(text: str) -> tuple[bool, str, int]:
    """Split into sign, digits without zeros at the ends, and the power of ten.

    All spellings of one value give the same triple; `decimal` would do, but costs more
    to import than everything else here.
    """
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).rstrip("0")
    significant = digits.lstrip("0")
    if not significant:
        return False, "", 0
    shift = len(whole) - len(digits)
    return mantissa[0] == "-", significant, shift + _parse_exponent(exponent)


def _parse_exponent(text: str) -> int:
    # Python refuses to parse integers of thousands of digits, which JSON allows.
    digits = text.lstrip("+-").lstrip("0")
    power = int(digits[:SAFE_DIGITS]) if digits else 0
    return -power if text.startswith("-") else power
