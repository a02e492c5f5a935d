"""Deliveries: found by id, and followed as they move on."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock, open_context
from evcli.delivery.scheduled.scheduler import set_clock, tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.errors import InspectionError
from evcli.inspection.deliveries import (
    DeliveryFollower,
    count_by_state,
    find_delivery,
    wait_for_deliveries,
)
from evcli.inspection.following import follow_ledger
from evcli.store.deliveries import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.store.deliveries import Delivery

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
OTHER = "arn:aws:sqs:us-east-1:000000000000:other"
NONE = {"event_id": None, "rule_name": None, "target_arn": None, "state": None}


@pytest.fixture
def broken(ctx: Context) -> MemorySink:
    """The second target, which fails for good."""
    ctx.sinks[OTHER] = sink = MemorySink()
    sink.outcome = Outcome("NO_RESOURCE", "gone")
    return sink


@pytest.fixture
def put(call: Callable[..., Any], broken: MemorySink) -> Callable[[], str]:
    """Put one event for two rules; gives its id."""
    for name, arn in (("my_rule", QUEUE), ("myXrule", OTHER)):
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}')
        call("PutTargets", Rule=name, Targets=[{"Id": "1", "Arn": arn}])

    def put_event() -> str:
        entry = {"Source": "shop", "DetailType": "order", "Detail": '{"é":1}'}
        answer = call("PutEvents", Entries=[entry])
        return str(answer["Entries"][0]["EventId"])

    return put_event


def follow(
    ctx: Context, conditions: dict[str, Any], wait: Callable[[float], object]
) -> Iterator[Delivery]:
    path = ctx.store.path
    look = DeliveryFollower(conditions, 0).look
    return follow_ledger(lambda: open_context(path), path, look, wait)


def test_following_shows_what_comes_and_each_step_of_it(
    ctx: Context,
    call: Callable[..., Any],
    clock: VirtualClock,
    put: Callable[[], str],
    broken: MemorySink,
) -> None:
    def happen(_: float) -> None:
        next(steps)()

    def fail_once() -> None:
        broken.outcome = Outcome("THROTTLING", "x", retry=True)
        put()

    def succeed() -> None:
        broken.outcome = Outcome()
        tick(ctx, clock.now().replace(minute=59))

    steps = iter([fail_once, lambda: None, succeed])
    put()

    seen = [
        (each.delivery_key, each.state, each.attempts)
        for each in islice(follow(ctx, NONE, happen), 5)
    ]

    assert seen == [
        (1, "FAILED", 1),
        (2, "DELIVERED", 1),
        (3, "RETRYING", 1),
        (4, "DELIVERED", 1),
        (3, "DELIVERED", 2),
    ]


def test_following_failures_waits_until_they_are_final(
    ctx: Context,
    put: Callable[[], str],
    broken: MemorySink,
    clock: VirtualClock,
) -> None:
    broken.outcome = Outcome("THROTTLING", "x", retry=True)
    put()

    def happen(_: float) -> None:
        broken.outcome = Outcome("NO_RESOURCE", "gone")
        tick(ctx, clock.now().replace(minute=59))

    conditions = {**NONE, "state": "FAILED"}

    (failed,) = islice(follow(ctx, conditions, happen), 1)

    assert (failed.delivery_key, failed.state, failed.attempts) == (1, "FAILED", 2)


def test_a_delivery_is_found_by_its_whole_id(
    ctx: Context, put: Callable[[], str]
) -> None:
    event_id = put()

    for name in (f"{event_id}-1", f"{event_id[:8]}-1"):
        assert find_delivery(ctx, name).delivery_key == 1
    for name in ("nope", "nope-1", f"{event_id}-9"):
        with pytest.raises(InspectionError) as caught:
            find_delivery(ctx, name)
        assert caught.value.message == f"There is no delivery {name} in the ledger."


# -- waiting


def ask(**asked: Any) -> dict[str, Any]:
    return {**NONE, "since": None, **asked}


def test_waiting_ends_when_so_many_are_over(
    ctx: Context, put: Callable[[], str], broken: MemorySink
) -> None:
    broken.outcome = Outcome("THROTTLING", "x", retry=True)
    waits = []

    def happen(_: float) -> None:
        waits.append(len(waits))
        if len(waits) == 2:
            broken.outcome = Outcome("NO_RESOURCE", "gone")
        put()

    is_there = wait_for_deliveries(ctx, ask(rule_name="myXrule"), 2, 1e9, happen)

    # Retries that are not due do not count.
    assert (is_there, waits) == (True, [0, 1, 2])
    assert count_by_state(ctx, ask(rule_name="myXrule"), STATES, 9) == {
        "RETRYING": 1,
        "FAILED": 2,
    }


def test_waiting_makes_retries_as_they_become_due(
    ctx: Context, put: Callable[[], str], broken: MemorySink, clock: VirtualClock
) -> None:
    broken.outcome = Outcome("THROTTLING", "x", retry=True)
    put()
    broken.outcome = Outcome()
    set_clock(ctx, clock.now())

    def happen(_: float) -> None:
        # Another process moves the clock of the state directory.
        with closing(open_context(ctx.store.path)) as other, other.store.transaction():
            set_clock(other, clock.now() + timedelta(hours=1))

    assert wait_for_deliveries(ctx, ask(target_arn=OTHER), 1, 1e9, happen)


def test_waiting_ends_when_the_time_is_up(ctx: Context, put: Callable[[], str]) -> None:
    put()

    assert wait_for_deliveries(ctx, ask(state="FAILED"), 1, 0)
    assert not wait_for_deliveries(ctx, ask(state="FAILED"), 2, 0)
    assert wait_for_deliveries(ctx, ask(), 2, 0)
