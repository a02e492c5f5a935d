"""Arrivals: what became of events that were just sent, and why nothing of some."""

from __future__ import annotations

import json

from evcli.arns import DEFAULT_EVENT_BUS, find_arn, split_rule_resource
from evcli.delivery.archives import RULE_PREFIX
from evcli.delivery.routing import StoredRules
from evcli.inspection.reasons import ReasonFinder
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from evcli.context import Context
    from evcli.store.deliveries import Delivery, Event

    Value = dict[str, Any]


def describe_arrival(ctx: Context, event_key: int) -> Value:
    """Lay out as a JSON value what became of an event; rules as they are now.

    Args:
        event_key: of an event in the ledger.

    Returns:
        The event in short, `Deliveries`, and `Reason` where there are none.
    """
    event = ctx.store.accepted_events.get_event(event_key)
    assert event is not None
    envelope = json.loads(event.envelope)
    deliveries = ctx.store.ledger.list_deliveries(event_key=event_key)
    described = [_describe(each) for each in deliveries if not each.dead_letter_of]
    value: Value = {
        "EventId": event.event_id,
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
        "RuleName": split_rule_resource(find_arn(delivery.rule_arn).resource)[1],
        "TargetArn": delivery.target_arn,
        "State": delivery.state,
        "ErrorCode": delivery.error_code,
        "ErrorMessage": delivery.error_message,
    }
    return {name: each for name, each in value.items() if each is not None}


def has_matches(ctx: Context, event_keys: Iterable[int]) -> bool:
    """Say whether a rule matches any of some events; archives do not count."""
    rules = StoredRules(ctx.store)
    for event in filter(None, map(ctx.store.accepted_events.get_event, event_keys)):
        names = rules.match(event, json.loads(event.envelope), None)
        if not all(name.startswith(RULE_PREFIX) for name in names):
            return True
    return False


def find_reason_for_none(ctx: Context, event: Event) -> str:
    """Word why an event led to no delivery; it need not be in the ledger."""
    bus = (event.account_id, event.region, event.event_bus_name)
    if bus[2] != DEFAULT_EVENT_BUS and ctx.store.get(EventBus, *bus) is None:
        return f"event bus {bus[2]} does not exist: dropped"
    return ReasonFinder(ctx).find(event, json.loads(event.envelope))
