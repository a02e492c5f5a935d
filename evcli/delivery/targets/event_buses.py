"""Requests to other event buses.

The request reads like PutEvents, but the receiver keeps the envelope: `envelope` says
what of it the request has no members for. [aws]
"""

from __future__ import annotations

from evcli.delivery.envelopes import format_json
from evcli.delivery.event_paths import read_envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery


def build_event_bus(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Put the event to another event bus; input settings do not count."""
    envelope = read_envelope(delivery.event)
    return {
        "action": "events:PutEvents",
        "request": {"Entries": [build_entry(delivery, envelope)]},
        "envelope": {name: envelope.get(name) for name in ("id", "account", "region")},
    }


def build_custom_event_bus(
    delivery: Delivery, arn: Arn, payload: object
) -> dict[str, Any]:
    """Put the event to a Custom Event Bus, where it gets a new id. [doc]

    Its API is another one of the same name; [guess] that the entry is the same.
    """
    entry = build_entry(delivery, read_envelope(delivery.event))
    return {"action": "events:PutEvents", "request": {"Entries": [entry]}}


def build_entry(delivery: Delivery, envelope: dict[str, Any]) -> dict[str, Any]:
    """Write the event as an entry of PutEvents."""
    header = delivery.event.trace_header
    return {
        "EventBusName": delivery.target_arn,
        "Source": envelope.get("source"),
        "DetailType": envelope.get("detail-type"),
        "Detail": format_json(envelope.get("detail")),
        "Resources": envelope.get("resources"),
        "Time": envelope.get("time"),
        **({} if header is None else {"TraceHeader": header}),
    }
