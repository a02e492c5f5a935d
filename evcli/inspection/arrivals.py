"""Arrivals: what became of events that were just sent, and why nothing of some."""

from __future__ import annotations

import json

from evcli.inspection.event_ids import shorten_event_id
from evcli.inspection.forwards import ForwardFinder
from evcli.inspection.reasons import ReasonFinder
from evcli.store.deliveries import NO_TARGET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from evcli.context import Context
    from evcli.store.deliveries import Delivery, Event

    Value = dict[str, Any]


def describe_arrivals(ctx: Context, event_keys: Iterable[int]) -> Iterator[Value]:
    """Lay out as JSON values what became of events; rules as they are now.

    Args:
        event_keys: of events in the ledger.

    Returns:
        Each event in short, `ShortId` as people type it, `Deliveries`, and `Reason` where
        there are none. A delivery that was forwarded to another event bus has its
        `Arrival` there, laid out likewise; hops from bus to bus are bounded, so it ends.
    """
    forwards = ForwardFinder(ctx)
    for event_key in event_keys:
        event = ctx.store.accepted_events.get_event(event_key)
        assert event is not None
        yield _describe_arrival(ctx, event, forwards)


def _describe_arrival(ctx: Context, event: Event, forwards: ForwardFinder) -> Value:
    envelope = json.loads(event.envelope)
    deliveries = ctx.store.ledger.list_deliveries(event_key=event.event_key)
    described = []
    for delivery in deliveries:
        if delivery.dead_letter_of:
            continue
        described.append(_describe(delivery))
        arrival = forwards.find(delivery)
        if arrival is not None:
            described[-1]["Arrival"] = _describe_arrival(ctx, arrival, forwards)
    value: Value = {
        "EventId": event.event_id,
        "ShortId": shorten_event_id(ctx, event.event_id),
        "EventBusName": event.event_bus_name,
        "Source": envelope["source"],
        "DetailType": envelope["detail-type"],
        "Deliveries": described,
    }
    if not described:
        value["Reason"] = ReasonFinder(ctx).find(event, envelope)
    return value


def _describe(delivery: Delivery) -> Value:
    value = {
        "RuleArn": delivery.rule_arn,
        "TargetArn": delivery.target_arn,
        "State": delivery.state,
        "ErrorCode": delivery.error_code,
        "ErrorMessage": delivery.error_message,
    }
    return {name: each for name, each in value.items() if each is not None}


def has_matches(ctx: Context, event_keys: Iterable[int]) -> bool:
    """Say whether a rule matched any of some events; archives do not count."""
    events = map(ctx.store.accepted_events.get_event, event_keys)
    return any(event and event.undelivered in (None, NO_TARGET) for event in events)
