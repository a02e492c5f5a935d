"""Arrivals: what became of events that were just sent, and why nothing of some."""

from __future__ import annotations

import json

from evcli.arns import find_arn, split_rule_resource
from evcli.inspection.reasons import ReasonFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.store.deliveries import Delivery

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
