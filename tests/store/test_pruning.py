"""Pruning: finished events before an instant go, with all that hangs on them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock
from evcli.store.upkeep.pruning import prune

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.delivery.sinks.memory import MemorySink

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def count(ctx: Context) -> tuple[int, ...]:
    """How many events, deliveries and attempts there are."""
    return tuple(
        ctx.store.database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("events", "deliveries", "attempts")
    )


def put_events(call: Callable[..., Any], number: int) -> None:
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    call("PutEvents", Entries=[entry] * number)


def run(ctx: Context, age: timedelta, limit: int) -> list[int]:
    """Prune in batches what is older than `age`; how many each removed."""
    removed: list[int] = []
    after = None
    while True:
        with ctx.store.transaction():
            pruned, after = prune(
                ctx.store.database, ctx.clock.now() - age, after, limit
            )
        removed.append(pruned.events)
        if after is None:
            return removed


def test_only_what_is_finished_and_old_goes(
    ctx: Context,
    call: Callable[..., Any],
    clock: VirtualClock,
    memory_sink: MemorySink,
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    memory_sink.outcome = Outcome("NO_RESOURCE", "gone")
    put_events(call, 3)
    memory_sink.outcome = Outcome("THROTTLING", "slow", retry=True)
    put_events(call, 2)
    memory_sink.outcome = Outcome()
    put_events(call, 2)
    clock.advance(3600)
    put_events(call, 4)
    before = count(ctx)
    with ctx.store.snapshot():
        seen, _ = prune(
            ctx.store.database,
            ctx.clock.now() - timedelta(minutes=30),
            None,
            500,
            dry_run=True,
        )
    counted = count(ctx)

    removed = run(ctx, timedelta(minutes=30), limit=3)

    assert before == counted == (11, 11, 5)
    assert (seen.events, seen.deliveries, seen.waiting_events) == (5, 5, 2)
    assert removed == [3, 1, 1]
    assert count(ctx) == (6, 6, 2)
    states = [each.state for each in ctx.store.ledger.list_deliveries()]
    assert states == ["RETRYING"] * 2 + ["DELIVERED"] * 4


@pytest.mark.sqlite_only
def test_numbers_are_never_given_out_again(
    ctx: Context,
    call: Callable[..., Any],
    clock: VirtualClock,
    memory_sink: MemorySink,
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    put_events(call, 2)
    clock.advance(10)

    removed = run(ctx, timedelta(), limit=500)
    put_events(call, 1)

    assert removed == [2]
    assert [each.delivery_key for each in memory_sink.deliveries] == [1, 2, 3]


def test_events_come_by_age_whatever_their_order(
    ctx: Context, call: Callable[..., Any], clock: VirtualClock
) -> None:
    for seconds in (30, -20, 5, -10, 40):
        clock.advance(seconds)
        put_events(call, 2)
    clock.advance(-25)

    removed = run(ctx, timedelta(), limit=3)

    assert removed == [3, 3, 0]
    assert count(ctx)[0] == 4
