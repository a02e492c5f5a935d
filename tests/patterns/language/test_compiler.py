"""From text to alternatives."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.errors import InvalidEventPatternException
from evcli.patterns import compile_pattern
from evcli.patterns.explain.wording import format_items
from evcli.patterns.language.compiler import read_plain
from evcli.patterns.language.members import read_members
from tests.patterns.random_cases import make_pattern, write

if TYPE_CHECKING:
    from evcli.patterns.language.conditions import Members


def expand(text: str) -> list[dict[str, str]]:
    """Show the alternatives of a pattern as path -> constraint."""
    return [
        {condition.path: format_items(condition.items) for condition in alternative}
        for alternative in compile_pattern(text).alternatives
    ]


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ('{"b": ["x"], "a": {"c": [1.0]}}', [{"a.c": "[1.0]", "b": '["x"]'}]),
        (
            '{"a": ["x"], "$or": [{"a": ["y"]}, {"b": ["z"]}]}',
            [{"a": '["y"]'}, {"a": '["x"]', "b": '["z"]'}],
        ),
        (
            '{"$or": [{"a": ["y"]}, {"b": ["z"]}], "a": ["x"]}',
            [{"a": '["x"]'}, {"a": '["x"]', "b": '["z"]'}],
        ),
        (
            '{"$or": [{"a": [1]}, {"b": [2]}], "d": {"$or": [{"a": [3]}, {"b": [4]}]}}',
            [
                {"a": "[1]", "d.a": "[3]"},
                {"b": "[2]", "d.a": "[3]"},
                {"a": "[1]", "d.b": "[4]"},
                {"b": "[2]", "d.b": "[4]"},
            ],
        ),
        (
            '{"$or": [{"a": [1], "$or": [{"b": [2]}, {"c": [3]}]}, {"d": [4]}]}',
            [{"a": "[1]", "b": "[2]"}, {"a": "[1]", "c": "[3]"}, {"d": "[4]"}],
        ),
        ('{"a": [1], "a": [2]}', [{"a": "[2]"}]),
        ('{"a": {"b": [1]}, "a.b": [2]}', [{"a.b": "[2]"}]),
    ],
)
def test_or_expands_and_later_leaves_replace(
    text: str, alternatives: list[dict[str, str]]
) -> None:
    assert expand(text) == alternatives


def test_conditions_are_sorted_by_utf16_units() -> None:
    (alternative,) = expand('{"\uff5e": [1], "🌊": [1], "a!": [1], "a": {"b": [1]}}')

    assert list(alternative) == ["a!", "a.b", "🌊", "\uff5e"]


def test_every_operator_is_shown_as_it_was_written() -> None:
    leaf = (
        '["x", "10.0.0.1", 1.50, true, false, null, {"prefix": "p"},'
        ' {"prefix": {"equals-ignore-case": "p"}}, {"suffix": "s"},'
        ' {"suffix": {"equals-ignore-case": "s"}}, {"equals-ignore-case": "e"},'
        ' {"wildcard": "w*"}, {"exactly": "x"}, {"cidr": "10.0.0.0/8"},'
        ' {"numeric": [">", 1.0, "<=", 2e1]}, {"exists": true}, {"exists": false},'
        ' {"anything-but": "b"}, {"anything-but": [1, 2.0]},'
        ' {"anything-but": {"prefix": ["p", "q"]}}, {"anything-but": {"suffix": "s"}},'
        ' {"anything-but": {"equals-ignore-case": "e"}},'
        ' {"anything-but": {"wildcard": "w*"}}]'
    )

    assert expand(f'{{"a": {leaf}}}') == [{"a": leaf}]


def test_text_of_the_pattern_is_kept_as_it_is() -> None:
    text = ' {"a": [1.0] } junk'

    assert compile_pattern(text).text == text


@pytest.mark.parametrize(("count", "is_valid"), [(1000, True), (1001, False)])
def test_a_thousand_alternatives_are_the_limit(count: int, is_valid: bool) -> None:
    text = ", ".join(f'{{"f{number}": [1]}}' for number in range(count))

    try:
        alternatives = len(compile_pattern(f'{{"$or": [{text}]}}').alternatives)
    except InvalidEventPatternException as error:
        alternatives = -1
        reason = error.reason
    else:
        reason = None

    assert (alternatives, reason) == (
        (count, None)
        if is_valid
        else (
            -1,
            "Rule is too complex - the $or arrays multiply to more than 1000"
            " alternatives",
        )
    )


def test_the_message_names_the_reason() -> None:
    with pytest.raises(InvalidEventPatternException) as caught:
        compile_pattern('{"count": 7}')

    assert caught.value.message == (
        'Event pattern is not valid. Reason: "count" must be an object or an array\n'
        ' at [Source: (String)"{"count": 7}"; line: 1, column: 12]'
    )


def describe_members(members: Members) -> list[object]:
    """Lay members out as plain values."""
    return [
        [*map(describe_members, member)]
        if isinstance(member, list)
        else (
            member.path,
            member.wants_absent,
            [(type(i.operand), i.operator, i.operand) for i in member.items],
        )
        for member in members
    ]


@settings(max_examples=1000)
@given(
    st.integers(0, 2**32), st.integers(0, 200), st.sampled_from(["", *'{}[]":,\\0e\n'])
)
def test_a_plain_pattern_has_the_members_that_its_tokens_give(
    seed: int, offset: int, character: str
) -> None:
    text = write(make_pattern(Random(seed)))
    if character:
        offset %= len(text)
        text = text[:offset] + character + text[offset + 1 :]

    plain = read_plain(text)

    if plain is not None:
        expected = describe_members(read_members(text))
        assert (text, describe_members(plain)) == (text, expected)


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ('{"a": ["x", 1, null, {"prefix": {"equals-ignore-case": "y"}}]}', True),
        ('{"a": {"b": [{"anything-but": ["x", "y"]}], "b": [1.50]}}', True),
        ('{"$or": [{"a": [1]}, {"b": [2]}]}', False),
        ('{"a": [1]} and more', False),
        ('{"a": [[1]]}', False),
        ('{"a": {}}', False),
        ('{"a": [{"prefix": 1}]}', False),
        ('{"a": [{"cidr": "x"}]}', False),
        ('{"a": [NaN]}', False),
        ('["a"]', False),
        ('{"a": ' * 60 + "[1]" + "}" * 60, False),
    ],
)
def test_what_is_read_as_plain(text: str, is_plain: bool) -> None:
    assert (read_plain(text) is not None) == is_plain
