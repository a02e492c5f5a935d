"""The service's regexes match here what they match there."""

from __future__ import annotations

import itertools
import re
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.model import INDEX, load_family
from evcli.model.constraints import LINEAR, NAMES, compile_regex, is_match
from tests.yardstick import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.model.shapes import Shape


# Two seconds of a machine that has nothing else to do.
LIMIT_YARDSTICKS = 20


def list_regexes(shape: Shape) -> Iterator[str]:
    if shape.regex is not None:
        yield shape.regex
    inner = [member.shape for member in shape.members.values()]
    for each in (*inner, shape.element, shape.key, shape.value):
        if each is not None:
            yield from list_regexes(each)


REGEXES = sorted(
    {
        regex
        for name, (family, _) in INDEX.items()
        for root in (load_family(family)[name].request,)
        for regex in list_regexes(root)
    }
)


@pytest.mark.parametrize("regex", REGEXES)
def test_every_regex_of_a_request_compiles(regex: str) -> None:
    compiled = compile_regex(regex)

    assert compiled.pattern != ""


@pytest.mark.parametrize("value", ["a-b_c.D9", "x" * 10_000])
def test_whole_value_matches(value: str) -> None:
    matched = is_match(r"[\.\-_A-Za-z0-9]+", value)

    assert matched is True


@pytest.mark.parametrize("value", ["", "a b", "a\n", "\na", "ä", "a/b"])
def test_part_of_a_value_is_not_enough(value: str) -> None:
    matched = is_match(r"[\.\-_A-Za-z0-9]+", value)

    assert matched is False


@pytest.mark.parametrize("regex", NAMES)
@given(text=st.text(st.sampled_from("aZ0_.-/:*ä\n"), max_size=4))
def test_a_name_is_told_by_its_characters_as_by_its_regex(
    regex: str, text: str
) -> None:
    arn = f"arn:aws:events:us-east-1:111111111111:event-bus/{text}"

    for value in (text, arn):
        assert is_match(regex, value) == bool(compile_regex(regex).fullmatch(value))


@pytest.mark.parametrize("value", ["\u0660" * 12, "0" * 13])
def test_classes_are_ascii_as_in_java(value: str) -> None:
    matched = is_match(r"\d{12}", value)

    assert matched is False


@pytest.mark.parametrize("line_end", ["\n", "\r", "\x85", "\u2028", "\u2029"])
def test_dot_stops_at_every_line_end_of_java(line_end: str) -> None:
    matched = is_match(".*", f"a{line_end}b")

    assert matched is False


@pytest.mark.parametrize("value", ["a\tb", "ä\x0b", ""])
def test_dot_takes_everything_else(value: str) -> None:
    matched = is_match(".*", value)

    assert matched is True


def test_dots_that_are_escaped_or_in_a_class_stay_dots() -> None:
    pattern = compile_regex(r"a\.b[.\].]c.").pattern

    assert pattern == r"a\.b[.\].]c[^\n\r\x85\u2028\u2029]"


@pytest.mark.slow
def test_letters_separators_and_numbers_are_those_of_unicode() -> None:
    regex = r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"

    wrong = [
        char
        for char in map(chr, range(sys.maxunicode + 1))
        if is_match(regex, char)
        != (unicodedata.category(char)[0] in "LZN" or char in "_.:/=+-@")
    ]

    assert wrong == []


def test_unknown_property_is_an_error() -> None:
    with pytest.raises(re.error, match="bad escape"):
        compile_regex(r"\p{Lu}+")


@pytest.mark.parametrize("regex", LINEAR)
def test_linear_regex_equals_the_model_on_every_short_value(regex: str) -> None:
    alphabet = "a \t:\n\x7fé"
    model = re.compile(regex, re.ASCII)

    different = [
        value
        for size in range(7)
        for value in map("".join, itertools.product(alphabet, repeat=size))
        if is_match(regex, value) != (model.fullmatch(value) is not None)
    ]

    assert different == []


@pytest.mark.parametrize("regex", REGEXES)
def test_no_regex_takes_long_to_refuse(regex: str) -> None:
    # Whatever repeats in a regex repeats here, with an end that nothing allows.
    hard = [
        piece * 1_000 + "\x00{" for piece in ("a", " ", "a ", "a/", "a-", "$.a", "%0a")
    ]

    verdicts, cost = measure(
        lambda: [is_match(regex, value) for value in hard], LIMIT_YARDSTICKS
    )

    assert cost < LIMIT_YARDSTICKS
    assert len(verdicts) == len(hard)
