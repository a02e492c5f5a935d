"""What rows of the report must reach, and what they aim at: the one table of it.

Rows that are not here are for information. `readme` is what the README's table calls a row.
"""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """Limits of a row's value: from below, or from above if `is_most`."""

    must: float | None = None
    aim: float | None = None
    is_most: bool = False
    readme: str | None = None


def at_most(must: float, aim: float | None = None, readme: str | None = None) -> Goal:
    """Build the goal of a value that has to be small."""
    return Goal(must, aim, is_most=True, readme=readme)


GOALS: dict[str, Goal] = {
    "describe-rule ÷ floor": at_most(
        2.15, 2.0, "`evcli describe-rule` ÷ a bare interpreter's start"
    ),
    "put-rule ÷ floor": at_most(2.5, 2.25),
    "put-events, 10 entries, 100 rules ÷ floor": at_most(
        3.0,
        2.65,
        "`evcli put-events`, 10 entries, 100 rules ÷ the same",
    ),
    "TAB among 1,000 rules ÷ floor": at_most(2.0, 1.85),
    "put-events, 300 rules ÷ 1 rule": at_most(1.3),
    "put-events, 10,000 rules ÷ 1 rule": at_most(
        1.3, readme="`put-events` with 10,000 rules ÷ with one"
    ),
    "aws put-rule with moto_server ÷ put-rule": Goal(
        readme="`aws events put-rule` with a running `moto_server` ÷ `evcli put-rule`"
    ),
    "serve, 10 entries, 1 delivery ÷ MiniStack, 1 client": Goal(
        0.80, 1.0, readme="`PutEvents` of 10 entries, `serve` ÷ MiniStack, one client"
    ),
    "serve, 10 entries, 1 delivery ÷ MiniStack, 4 clients": Goal(0.65, 0.85),
    "send, 100 mixed rules ÷ bare insert": Goal(
        0.24, 0.30, readme="`local send`, 100 mixed rules ÷ a bare SQLite insert"
    ),
    "send, every event to a file ÷ bare insert": Goal(0.15, 0.18),
    "state directory, bytes an event": at_most(800, 720),
    "adding a rule, at 1,000, µs": at_most(40, 20),
    "adding a rule, at 100,000, µs": at_most(40, 20),
    "match, 1 mixed ÷ orjson.loads": Goal(0.63, 0.9),
    "match, 100 mixed ÷ orjson.loads": Goal(0.39, 0.40),
    "match, 1,000 mixed ÷ orjson.loads": Goal(0.25, 0.28),
    "match, 10,000 mixed ÷ orjson.loads": Goal(0.10, 0.12),
    "local match, local:2, parts of 16MB ÷ --jobs 2, processor": at_most(1.1),
    "local match, three workers, parts of 16MB ÷ --jobs 2, processor": at_most(1.1),
    "match, 1,000 mixed ÷ moto's matcher": Goal(
        readme="1,000 mixed rules, `evcli` ÷ moto's matcher"
    ),
}


def is_met(value: float, limit: float, *, is_most: bool) -> bool:
    """Tell whether a value keeps within a limit."""
    return value <= limit if is_most else value >= limit
