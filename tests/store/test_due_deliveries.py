"""Which deliveries may be taken: due ones that no living process is at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evcli.context import Context
from evcli.store.deliveries import DELIVERED, PENDING, RETRYING, Delivery, Event
from evcli.store.store import Store, open_store


@pytest.fixture
def other(ctx: Context) -> Store:
    """The store as another process has it open."""
    return open_store(ctx.store.path)


def add(
    ctx: Context, state: str, due_in: int | None, owner: int | None = None
) -> Delivery:
    """Write a delivery that is due in so many seconds; `None` for never."""
    now = ctx.clock.now()
    event = Event(
        event_id="e",
        account_id="0",
        region="us-east-1",
        event_bus_name="default",
        accepted_at=now,
        envelope="{}",
    )
    delivery = Delivery(
        event=event,
        rule_arn="rule",
        target={"Id": "1", "Arn": "arn"},
        payload="p",
        state=state,
        next_attempt_at=None if due_in is None else now + timedelta(seconds=due_in),
        owner=owner,
    )
    with ctx.store.transaction():
        ctx.store.ledger.add_event(event)
        ctx.store.ledger.add_delivery(delivery)
    return delivery


def take(ctx: Context, limit: int = 100) -> list[tuple[int, bool]]:
    """Take what is due; its keys, and whether it may have been made already."""
    with ctx.store.transaction():
        taken = ctx.store.ledger.take_due(ctx.clock.now(), limit)
    return [(each.delivery_key, each.resumed) for each in taken]


def test_what_is_due_is_taken_first_attempts_first_each_oldest_first(
    ctx: Context,
) -> None:
    add(ctx, RETRYING, 0)
    add(ctx, PENDING, 0)
    add(ctx, PENDING, -5)
    add(ctx, RETRYING, -9)
    add(ctx, RETRYING, 1)
    add(ctx, DELIVERED, None)

    assert take(ctx) == [(3, False), (2, False), (4, False), (1, False)]


def test_what_was_taken_is_not_taken_again(ctx: Context, other: Store) -> None:
    add(ctx, PENDING, 0)
    add(ctx, PENDING, 0)
    first = take(ctx, limit=1)

    with other.transaction():
        second = other.ledger.take_due(ctx.clock.now(), 100)
    third = take(ctx)
    other.close()

    assert first == [(1, False)]
    assert [each.delivery_key for each in second] == [2]
    assert third == []


@pytest.mark.parametrize("state", [PENDING, RETRYING])
def test_deliveries_of_the_living_are_left_and_of_the_dead_are_resumed(
    ctx: Context, other: Store, state: str
) -> None:
    add(ctx, state, 0, owner=other.owner.claim())

    alive = (take(ctx), ctx.store.ledger.has_orphans(), ctx.store.ledger.get_next_due())
    other.close()

    assert alive == ([], False, None)
    assert ctx.store.ledger.has_orphans() is (state == PENDING)
    assert ctx.store.ledger.get_next_due() == ctx.clock.now()
    assert take(ctx) == [(1, True)]


def test_orphans_are_first_attempts_alone_whatever_the_clock_says(
    ctx: Context,
) -> None:
    add(ctx, RETRYING, -5)
    waiting = ctx.store.ledger.has_orphans()
    add(ctx, PENDING, 3600)

    with ctx.store.transaction():
        taken = ctx.store.ledger.take_orphans(100)

    assert not waiting
    assert [each.delivery_key for each in taken] == [2]


def test_the_next_due_delivery_is_the_earliest_that_is_free(
    ctx: Context, other: Store
) -> None:
    now = ctx.clock.now()
    nothing = ctx.store.ledger.get_next_due()
    add(ctx, DELIVERED, None)
    finished = ctx.store.ledger.get_next_due()
    add(ctx, RETRYING, 20)
    add(ctx, PENDING, 30)
    add(ctx, RETRYING, 10, owner=other.owner.claim())

    found = ctx.store.ledger.get_next_due()
    other.close()

    assert (nothing, finished, found) == (None, None, now + timedelta(seconds=20))
    assert ctx.store.ledger.get_next_due() == now + timedelta(seconds=10)


@pytest.mark.sqlite_only
def test_the_question_of_every_command_is_answered_from_the_index_alone(
    ctx: Context,
) -> None:
    plan = ctx.store.database.execute(
        "EXPLAIN QUERY PLAN SELECT DISTINCT owner FROM deliveries WHERE state = ?"
        " AND next_attempt_at IS NOT NULL",
        (PENDING,),
    ).fetchall()

    assert "USING COVERING INDEX deliveries_due (state=?" in plan[0][3]


@pytest.mark.sqlite_only
def test_taking_reads_in_the_order_of_the_index(ctx: Context) -> None:
    plan = ctx.store.database.execute(
        "EXPLAIN QUERY PLAN SELECT 1 FROM deliveries JOIN events USING (event_key)"
        " WHERE state = ? AND next_attempt_at IS NOT NULL AND next_attempt_at <= ?"
        " ORDER BY next_attempt_at, owner, delivery_key",
        (PENDING, 0),
    ).fetchall()

    assert not any("TEMP B-TREE" in step[3] for step in plan)
