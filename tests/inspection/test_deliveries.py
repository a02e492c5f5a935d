"""Deliveries: found by id, and followed as they move on."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery.scheduled.scheduler import tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.errors import InspectionError
from evcli.inspection.deliveries import find_delivery, follow_deliveries

if TYPE_CHECKING:
    from collections.abc import Callable

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
        for each in islice(follow_deliveries(ctx, dict(NONE), 0, happen), 5)
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

    (failed,) = islice(follow_deliveries(ctx, conditions, 0, happen), 1)

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
