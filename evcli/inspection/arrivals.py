"""Arrivals: what became of events that were just sent, and why nothing of some."""

from __future__ import annotations

import json

from evcli.inspection.event_ids import shorten_event_id
from evcli.inspection.reasons import ReasonFinder
from evcli.store.deliveries import NO_TARGET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from evcli.context import Context
    from evcli.store.deliveries import Delivery

    Value = dict[str, Any]


def describe_arrival(ctx: Context, event_key: int) -> Value:
    """Lay out as a JSON value what became of an event; rules as they are now.

    Args:
        event_key: of an event in the ledger.

    Returns:
        The event in short, `ShortId` as people type it, `Deliveries`, and `Reason` where
        there are none.
    """
    event = ctx.store.accepted_events.get_event(event_key)
    assert event is not None
    envelope = json.loads(event.envelope)
    deliveries = ctx.store.ledger.list_deliveries(event_key=event_key)
    described = [_describe(each) for each in deliveries if not each.dead_letter_of]
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
