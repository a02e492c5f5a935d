"""What each operator asks of one value of an event.

A value is a `str`, a number (`NumberText`, or Python's own), `True`, `False` or `None`.
Types never mix, so every test begins with the exact type.

Without regard to case the pattern decides: each of its characters accepts its own lower
and upper form, which may be longer than one character, and nothing is folded on the
event's side. So `straße` accepts `STRASSE`, and `STRASSE` does not accept `straße`;
`str.casefold` is a different relation.

Source: [doc] Comparison operators; [aws] and [peer] for types, [peer] for folding and
addresses. [guess] characters beyond U+FFFF, which the matcher never folds into a match by
accident, accept themselves.
"""

from __future__ import annotations

from functools import partial

from evcli.patterns.language.addresses import is_in_network, parse_network
from evcli.patterns.language.conditions import PLAIN
from evcli.patterns.language.numbers import comparable, comparable_value
from evcli.patterns.language.wildcards import fits, parse_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.patterns.language.conditions import Test

    TextTest = Callable[[str], bool]

BASIC_PLANE_END = 0xFFFF
LARGEST = 1.7976931348623157e308  # binary64


def _of_text(build: Callable[[str], TextTest]) -> Callable[[Any], Test]:
    """Turn a test of texts into one of values, which fails on everything else."""

    def build_test(operand: str) -> Test:
        test = build(operand)
        return lambda value: type(value) is str and test(value)

    return build_test


def _none_of(build: Callable[[str], TextTest]) -> Callable[[Any], Test]:
    """Build `anything-but` from the test for one hit; the operands are a tuple."""

    def build_test(operands: tuple[str, ...]) -> Test:
        hits = tuple(build(operand) for operand in operands)

        def test(value: object) -> bool:
            return type(value) is not str or not any(hit(value) for hit in hits)

        return test

    return build_test


# Texts know by themselves how they begin and end, with one of several texts too.


def _prefix(operand: str) -> Test:
    return lambda value: type(value) is str and value.startswith(operand)


def _suffix(operand: str) -> Test:
    return lambda value: type(value) is str and value.endswith(operand)


def _no_prefix(operands: tuple[str, ...]) -> Test:
    return lambda value: type(value) is not str or not value.startswith(operands)


def _no_suffix(operands: tuple[str, ...]) -> Test:
    return lambda value: type(value) is not str or not value.endswith(operands)


def _wildcard(operand: str) -> TextTest:
    return partial(fits, parse_wildcard(operand))


def _cidr(operand: str) -> TextTest:
    network = parse_network(operand)
    return lambda text: is_in_network(text, network)


def _numeric(operand: tuple[tuple[str, str], ...]) -> Test:
    """Build the test for one or two bounds; each is (operator, text of a number)."""
    low, high = -LARGEST, LARGEST
    with_low = with_high = True
    for name, text in operand:
        if name in (">", ">=", "="):
            low, with_low = float(text), name != ">"
        if name in ("<", "<=", "="):
            high, with_high = float(text), name != "<"

    def test(value: object) -> bool:
        # Floats first: what is not finite fails all comparisons below.
        number = value if type(value) is float else comparable_value(value)
        return (
            number is not None
            and (low < number or (with_low and low == number))
            and (number < high or (with_high and number == high))
        )

    return test


def _exists(operand: bool) -> Test:
    return lambda value: operand


def _anything_but(operands: tuple[str, ...]) -> Test:
    """Build the test for a list of strings, or of numbers (then all are `NumberText`)."""
    if type(operands[0]) is str:
        texts = frozenset(operands)
        return lambda value: type(value) is not str or value not in texts
    numbers = frozenset(comparable(operand) for operand in operands)
    # A number that is not comparable gives None, and so do other types: never hit.
    return lambda value: comparable_value(value) not in numbers


def fold_equals(operand: str) -> TextTest:
    """Build the test "the whole text is the operand"."""
    if operand.isascii():
        lowered = operand.lower()
        # The Kelvin sign has the lower form k; only ASCII texts may be lowered here.
        return lambda text: text.isascii() and text.lower() == lowered
    steps = _steps(operand)
    return lambda text: len(text) in _walk(steps, text, len(text))


def _equals_none(operands: tuple[str, ...]) -> Test:
    """Build the test "the whole text is none of the operands"."""
    if not all(map(str.isascii, operands)):
        return _none_of(fold_equals)(operands)
    lowered = frozenset(map(str.lower, operands))
    return lambda value: (
        type(value) is not str or not value.isascii() or value.lower() not in lowered
    )


def fold_prefix(operand: str) -> TextTest:
    """Build the test "the text begins with the operand"."""
    if operand.isascii():
        length = len(operand)
        equals = fold_equals(operand)
        return lambda text: equals(text[:length])
    steps = _steps(operand)
    return lambda text: bool(_walk(steps, text, len(text)))


def fold_suffix(operand: str) -> TextTest:
    """Build the test "the text ends with the operand"."""
    if operand.isascii():
        length = len(operand)
        equals = fold_equals(operand)
        return lambda text: equals(text[max(len(text) - length, 0) :])
    steps = [tuple(form[::-1] for form in forms) for forms in reversed(_steps(operand))]
    return lambda text: bool(_walk(steps, text[::-1], len(text)))


def _steps(operand: str) -> list[tuple[str, ...]]:
    return [
        (character,)
        if ord(character) > BASIC_PLANE_END
        else tuple({character.lower(): 0, character.upper(): 0})
        for character in operand
    ]


def _walk(steps: list[tuple[str, ...]], text: str, end: int) -> set[int]:
    """Find the offsets at which the steps, taken from the start of the text, can end."""
    offsets = {0}
    for forms in steps:
        offsets = {
            offset + len(form)
            for offset in offsets
            for form in forms
            if text.startswith(form, offset)
        }
        if not offsets:
            break
    return offsets


PREDICATES: dict[str, Callable[[Any], Test]] = {
    **PLAIN,
    "exactly": PLAIN["equals"],
    "prefix": _prefix,
    "prefix/equals-ignore-case": _of_text(fold_prefix),
    "suffix": _suffix,
    "suffix/equals-ignore-case": _of_text(fold_suffix),
    "equals-ignore-case": _of_text(fold_equals),
    "wildcard": _of_text(_wildcard),
    "cidr": _of_text(_cidr),
    "numeric": _numeric,
    "exists": _exists,
    "anything-but": _anything_but,
    "anything-but/prefix": _no_prefix,
    "anything-but/suffix": _no_suffix,
    "anything-but/equals-ignore-case": _equals_none,
    "anything-but/wildcard": _none_of(_wildcard),
}
