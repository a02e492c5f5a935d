"""The report of the benchmarks: what it says of figures, and what the README takes of it."""

from __future__ import annotations

from importlib import import_module
from inspect import signature

import pytest

from tests.benchmarks.goals import GOALS, Goal, at_most
from tests.benchmarks.measure import Row, measure_in_turn
from tests.benchmarks.run_all import (
    BENCHMARKS,
    format_rows,
    judge,
    list_readme_lines,
)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_gives_rows_in_a_quick_and_in_a_full_profile(name: str) -> None:
    module = import_module(f"tests.benchmarks.bench_{name}")

    assert [*signature(module.list_rows).parameters] == ["quick"]


@pytest.mark.parametrize(
    ("goal", "value", "verdict"),
    [
        (at_most(2.0, 1.5), 1.5, "aim"),
        (at_most(2.0, 1.5), 2.0, "must"),
        (at_most(2.0, 1.5), 2.01, "no"),
        (Goal(0.2, 0.3), 0.3, "aim"),
        (Goal(0.2, 0.3), 0.2, "must"),
        (Goal(0.2, 0.3), 0.19, "no"),
        (Goal(0.2), 0.3, "must"),
        (Goal(), 0.3, ""),
    ],
)
def test_a_row_reaches_its_aim_its_must_or_neither(
    goal: Goal, value: float, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GOALS, "row", goal)

    assert judge(Row("row", value, "", "", 9)) == verdict


def test_the_lines_of_the_readme_are_rows_of_the_report() -> None:
    rows = [
        Row("put-rule ÷ floor", 2.4, "24 ms ÷ 10 ms", "installed", 21),
        Row("describe-rule ÷ floor", 2.104, "21 ms ÷ 10 ms", "installed", 21),
        Row("match, 1,000 mixed ÷ moto's matcher", 2812.3, "", "parsed events", 3),
    ]
    report = format_rows(rows)

    assert list_readme_lines(report).splitlines() == [
        "| what | ratio | input |",
        "|---|---|---|",
        "| `evcli describe-rule` ÷ a bare interpreter's start | 2.10 | installed |",
        "| 1,000 mixed rules, `evcli` ÷ moto's matcher | 2,812 | parsed events |",
    ]
    assert report.splitlines()[3] == (
        "| describe-rule ÷ floor | 2.10 | ≤ 2.15 | ≤ 2.00 | must | 21 ms ÷ 10 ms"
        " | installed | 21 |"
    )


def test_what_is_compared_runs_once_in_every_round() -> None:
    ran: list[str] = []
    values = iter([3.0, 30.0, 1.0, 10.0, 2.0, 20.0])

    def run(name: str) -> float:
        ran.append(name)
        return next(values)

    medians = measure_in_turn({"a": lambda: run("a"), "b": lambda: run("b")}, 3)

    assert (medians, ran) == ({"a": 2.0, "b": 20.0}, ["a", "b"] * 3)
