"""Events that no delivery came of: the ledger knows why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.routing import Router
from evcli.delivery.rule_index import IndexedRules
from evcli.delivery.scheduled.scheduler import tick
from evcli.operations.accepting import accept_entry
from evcli.store.accepted_events import EventConditions
from evcli.store.ledger_batch import LedgerBatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., Any]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/default"


def put_rule(call: Call, name: str, *targets: str, **more: str) -> None:
    call("PutRule", Name=name, EventPattern='{"source":["shop"]}', **more)
    if targets:
        rows = [{"Id": str(i), "Arn": arn} for i, arn in enumerate(targets)]
        call("PutTargets", Rule=name, Targets=rows)


def archive(call: Call) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)


def put_broken_rule(call: Call) -> None:
    """One whose delivery fails at once, for its payload has no valid path."""
    put_rule(call, "r")
    target = {"Id": "1", "Arn": QUEUE, "InputPath": "$.detail.none"}
    call("PutTargets", Rule="r", Targets=[target])


# Name → (what there is, the bus that the event is put on, why nothing came of it).
CASES: dict[str, tuple[tuple[Callable[[Call], object], ...], str, str | None]] = {
    "no rule at all": ((), "default", "NO_RULE"),
    "a disabled rule": (
        (lambda call: put_rule(call, "r", QUEUE, State="DISABLED"),),
        "default",
        "NO_RULE",
    ),
    "a bus of ours": (
        (lambda call: call("CreateEventBus", Name="b"),),
        "b",
        "NO_RULE",
    ),
    "no such bus": ((), "b", "NO_EVENT_BUS"),
    "a rule without targets": (
        (lambda call: put_rule(call, "r"),),
        "default",
        "NO_TARGET",
    ),
    "an archive": ((archive,), "default", "ARCHIVED"),
    "an archive and a rule without targets": (
        (archive, lambda call: put_rule(call, "r")),
        "default",
        "NO_TARGET",
    ),
    "a rule with a target": (
        (lambda call: put_rule(call, "r", QUEUE),),
        "default",
        None,
    ),
    "a rule with a target, and one without": (
        (lambda call: put_rule(call, "r", QUEUE), lambda call: put_rule(call, "s")),
        "default",
        None,
    ),
    "a delivery that fails at once": ((put_broken_rule,), "default", None),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("is_bulk", [False, True], ids=["put-events", "bulk"])
def test_the_ledger_says_why_nothing_came_of_an_event(
    ctx: Context, call: Call, name: str, is_bulk: bool
) -> None:
    steps, event_bus_name, expected = CASES[name]
    for step in steps:
        step(call)
    entry = {
        "Source": "shop",
        "DetailType": "order",
        "Detail": "{}",
        "EventBusName": event_bus_name,
    }

    # Twice, for routers remember what they have found.
    if is_bulk:
        batch = LedgerBatch(ctx.store.database)
        router = Router(ctx, IndexedRules(ctx.store), batch)
        with ctx.store.transaction(), batch:
            accepted = [*accept_entry(ctx, entry), *accept_entry(ctx, entry)]
            for event in accepted:
                router.accept(event)
        ids = [event.row.event_id for event in accepted]
    else:
        answer = call("PutEvents", Entries=[entry, entry])
        ids = [each["EventId"] for each in answer["Entries"]]

    events = [ctx.store.accepted_events.list_arrivals(each) for each in ids]
    assert [[each.undelivered for each in arrivals] for arrivals in events] == [
        [expected],
        [expected],
    ]


def test_what_the_schedule_of_a_rule_without_targets_fires_says_so(
    ctx: Context, call: Call
) -> None:

    call("PutRule", Name="r", ScheduleExpression="rate(1 minute)")

    tick(ctx, ctx.clock.now() + timedelta(minutes=1))

    (event,) = ctx.store.accepted_events.list_newest(EventConditions())
    assert event.undelivered == "NO_TARGET"
