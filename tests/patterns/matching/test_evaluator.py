"""The search through array elements, where it could go wrong unseen."""

from __future__ import annotations

import pytest

from evcli.patterns import compile_pattern, match, read_event


def judge(pattern: str, event: str) -> bool:
    return match(compile_pattern(pattern), read_event(event))


def test_the_last_of_many_elements_is_found() -> None:
    rows = ", ".join(['{"b": 1}', '{"c": 1}'] * 1000)

    actual = judge(
        '{"a": {"b": [1], "c": [1]}}', f'{{"a": [{rows}, {{"b": 1, "c": 1}}]}}'
    )

    assert actual is True


def test_a_condition_shared_by_alternatives_is_judged_for_each_of_them() -> None:
    pattern = '{"a": {"b": [1]}, "$or": [{"a": {"c": [1]}}, {"a": {"d": [1]}}]}'
    event = '{"a": [{"b": 1, "d": 1}, {"c": 1}]}'

    assert judge(pattern, event) is True


def test_a_failed_state_of_one_alternative_does_not_fail_another() -> None:
    pattern = '{"a": {"b": [1], "z": [1], "$or": [{"c": [1], "d": [1]}, {"c": [2], "d": [1]}]}}'
    event = '{"a": [{"b": 1, "c": 1}, {"b": 1, "c": 2, "d": 1, "z": 1}]}'

    assert judge(pattern, event) is True


@pytest.mark.parametrize(
    ("event", "result"),
    [
        ('{"a": [{"b": 1, "c": [{"d": 1}, {"e": 1}]}, {"b": 2}]}', False),
        ('{"a": [{"b": 1, "c": [{"d": 1}, {"d": 2, "e": 1}]}]}', False),
        ('{"a": [{"b": 2, "c": [{"d": 1, "e": 1}]}, {"b": 1}]}', False),
        ('{"a": [{"b": 1}, {"b": 1, "c": [{"x": 0}, {"d": 1, "e": 1}]}]}', True),
        ('{"a": [[{"b": 1, "c": {"d": 1, "e": 1}}]]}', True),
        ('{"a": [[{"b": 1}, {"c": {"d": 1, "e": 1}}]]}', False),
    ],
)
def test_inner_arrays_are_searched_within_the_chosen_outer_element(
    event: str, result: bool
) -> None:
    pattern = '{"a": {"b": [1], "c": {"d": [1], "e": [1]}}}'

    assert judge(pattern, event) is result


def test_a_value_outside_of_arrays_leaves_the_choice_open() -> None:
    pattern = '{"a.b": [1], "a": {"c": [1], "d": [{"exists": false}]}}'
    event = '{"a.b": 1, "a": [{"b": 1, "d": 1}, {"c": 1}]}'

    assert judge(pattern, event) is True


def test_a_choice_that_makes_a_field_absent_is_tried_though_none_is_needed() -> None:
    # b can be met outside of the array, which chooses nothing and leaves d in sight.
    pattern = '{"a": {"b": [1], "d": [{"exists": false}]}}'
    event = '{"a.b": 1, "a": [{"b": 1}, {"d": 1}]}'

    assert judge(pattern, event) is True
