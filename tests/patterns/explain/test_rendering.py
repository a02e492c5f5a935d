"""What is shown of a verdict: whole texts, read and graded, and how lines are laid out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import (
    explain,
    find_reason,
    format_verdict,
    render_lines,
)

TABLE = json.loads((Path(__file__).parent / "explanations.json").read_text())
WIDTH = 88


def show(pattern: str, event: str, width: int | None = None) -> str:
    """Explain and format."""
    verdict = explain(compile_pattern(pattern), read_event(event))
    return format_verdict(verdict, width)


def read_case(case: dict[str, str]) -> str:
    """Give the event of a case."""
    if "detail" in case:
        return json.dumps({**TABLE["event"], "detail": json.loads(case["detail"])})
    return case.get("event") or json.dumps(TABLE["event"])


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["what"])
def test_explanation_is_as_it_was_graded(case: dict[str, str]) -> None:
    verdict = explain(compile_pattern(case["pattern"]), read_event(read_case(case)))

    lines = format_verdict(verdict, WIDTH).splitlines()
    reason = None if verdict.matched else find_reason(verdict)

    assert (lines, reason) == (case["lines"], case.get("reason"))


def test_graded_explanations_are_many_and_differ() -> None:
    pairs = {(case["pattern"], read_case(case)) for case in TABLE["cases"]}

    assert len(pairs) == len(TABLE["cases"]) >= 60


@pytest.mark.parametrize("width", [40, 80, None])
def test_lines_keep_to_the_width_and_failing_conditions_lose_nothing(
    width: int | None,
) -> None:
    leaf = json.dumps(["x" * 60, "a  b c", {"prefix": "y" * 30}])
    event = '{"a": "z", "b": "' + "w" * 90 + '", "detail": {"name": "y"}}'
    pattern = f'{{"a": {leaf}, "b": [{{"prefix": "w"}}, {leaf[1:-1]}], "name": ["y"]}}'

    lines = show(pattern, event, width).splitlines()

    assert max(map(len, lines)) <= (width or 1_000)
    missed = "".join(
        lines[1 : next(n for n, line in enumerate(lines) if "event" in line)]
    )
    assert missed.replace(" ", "") == f"✘ a: {leaf}".replace(" ", "")


def test_lines_are_cut_or_folded_to_the_width() -> None:
    pattern = '{"b": [{"prefix": "' + "w" * 40 + '"}], "a": ["' + "x" * 60 + '"]}'
    event = '{"a": "z", "b": "' + "w" * 50 + '"}'

    assert show(pattern, event, width=40) == (
        "✘ no match\n"
        '  ✔ b: [{"prefix": "wwwwwwwwwwwwwwwwwww…\n'
        '      event: "wwwwwwwwwwwwwwwwwwwwwwwww…\n'
        '  ✘ a: ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n'
        '    xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]\n'
        '      event: "z"\n'
    )


def test_without_a_width_every_condition_is_one_line() -> None:
    leaf = json.dumps(["x" * 5_000])

    assert show(f'{{"a": {leaf}}}', '{"a": "z"}') == (
        f'✘ no match\n  ✘ a: {leaf}\n      event: "z"\n'
    )


def test_every_line_has_the_style_of_what_it_says() -> None:
    pattern = compile_pattern(
        '{"a": [1], "$or": [{"b": [1]}, {"c": [1], "d": ["x"]}], "e": [1], "e": [2]}'
    )
    verdict = explain(pattern, read_event('{"a": 1, "c": 1, "d": "X", "e": 2}'))

    assert list(render_lines(verdict)) == [
        ("missed", "✘ no match"),
        ("met", "  ✔ a: [1]  event: 1"),
        ("missed", "  ✘ $or: none of 2 met, nearest first"),
        ("missed", "    ✘ alternative 2"),
        ("met", "      ✔ c: [1]  event: 1"),
        ("missed", '      ✘ d: ["x"]'),
        ("event", '          event: "X"'),
        ("hint", '          hint: same value in other case: "X"'),
        ("missed", "    ✘ b: [1]"),
        ("event", "        event: nothing there"),
        ("aside", "  · e: [1]"),
        ("aside", "      it has no effect: a later condition on the field replaces it"),
        ("met", "  ✔ e: [2]  event: 2"),
    ]


def test_a_hint_is_given_once() -> None:
    pattern = '{"$or": [{"a": {"b": [1]}}, {"a": {"b": [2]}}]}'

    assert show(pattern, '{"a": null}').count("hint: a is null and has no fields") == 1


def test_absence_from_the_chosen_element_is_shown_as_met() -> None:
    pattern = '{"row": {"d": [{"exists": false}], "c": [1]}}'

    assert show(pattern, '{"row": [{"c": 1}, {"d": 2}]}') == (
        '✔ match\n  ✔ row.d: [{"exists": false}]  event: 2\n  ✔ row.c: [1]  event: 1\n'
    )


def test_explanation_can_always_be_encoded() -> None:
    pattern, event = '{"\\ud83c": ["\\ud83c"]}', '{"\\ud83c": "\\udf0a"}'
    verdict = explain(compile_pattern(pattern), read_event(event))

    assert (format_verdict(verdict), find_reason(verdict)) == (
        '✘ no match\n  ✘ ?: ["?"]\n      event: "?"\n',
        '?: "?" is not ["?"]',
    )
