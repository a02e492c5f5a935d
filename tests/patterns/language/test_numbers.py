"""When two spellings are one number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.patterns.language.events import NumberText
from evcli.patterns.language.numbers import (
    comparable,
    comparable_value,
    is_number,
    text_of_number,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40", 40.0),
        ("4e1", 40.0),
        ("4.0E+1", 40.0),
        ("-0", 0.0),
        ("0e99999999999999999999", 0.0),
        ("0." + "0" * 400, 0.0),
        ("1" + "0" * 308, 1e308),
        ("0." + "0" * 5000 + "1e5001", 1.0),
        ("1e" + "0" * 5000 + "5", 1e5),
        ("123456789012345678", None),
        ("9007199254740993", None),
        ("9007199254740992", 9007199254740992.0),
        ("0.1234567890123456789", None),
        ("1e400", None),
        ("-1e400", None),
        ("1e-400", None),
        ("1e" + "9" * 5000, None),
        ("1e-" + "9" * 5000, None),
    ],
)
def test_comparable_is_the_binary64_that_has_exactly_the_value(
    text: str, number: float | None
) -> None:
    assert comparable(text) == number


@given(
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,19})?([eE][-+]?[0-9]{1,3})?\Z")
)
def test_comparable_agrees_with_exact_decimals(text: str) -> None:
    number = float(text)
    is_exact = abs(number) != float("inf") and Decimal(repr(number)) == Decimal(text)

    assert comparable(text) == (number if is_exact else None)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (NumberText("1.50"), 1.5),
        (1.5, 1.5),
        (2, 2.0),
        (10**15, 1e15),
        (123456789012345678, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        ("1.5", None),
        (True, None),
        (None, None),
    ],
)
def test_only_numbers_of_an_event_are_comparable(
    value: object, number: float | None
) -> None:
    assert comparable_value(value) == number


def test_a_number_text_is_a_number_and_no_string_and_no_boolean() -> None:
    values = [NumberText("1"), 1, 1.0, "1", True, None]

    assert [is_number(value) for value in values] == [True] * 3 + [False] * 3


def test_the_text_of_a_huge_python_integer_is_still_a_text() -> None:
    value = 1 << 20000

    assert text_of_number(value) == hex(value)
    assert comparable_value(value) is None
