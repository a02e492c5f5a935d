"""The story of an event: where it arrived, what rules say of it, what was delivered."""

from __future__ import annotations

import json

from evcli.errors import InspectionError
from evcli.inspection.deliveries import (
    describe_attempt,
    describe_delivery,
    format_instant,
)
from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain, find_reason
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.inspection.deliveries import Value
    from evcli.store.deliveries import Delivery, Event


def trace_event(ctx: Context, event_id: str) -> Value:
    """Lay an event's story out as a JSON value, an arrival for each event bus.

    Rules are judged as they are now, which need not be how they were when it came.

    Raises: InspectionError: the ledger does not know the event.
    """
    arrivals = ctx.store.ledger.list_events(event_id)
    if not arrivals:
        raise InspectionError(f"There is no event {event_id} in the ledger.")
    deliveries = list(ctx.store.ledger.list_deliveries(event_id=event_id))
    return {
        "EventId": event_id,
        "Event": _load_printable(arrivals[0].envelope),
        "Arrivals": [
            {
                "EventBusName": event.event_bus_name,
                "Account": event.account_id,
                "Region": event.region,
                "AcceptedAt": format_instant(event.accepted_at),
                "Rules": _judge_rules(ctx, event),
                "Deliveries": _nest(
                    ctx,
                    [
                        each
                        for each in deliveries
                        if each.event.event_key == event.event_key
                    ],
                ),
            }
            for event in arrivals
        ],
    }


def _load_printable(text: str) -> Any:
    """Load JSON; half a surrogate pair, which no stream takes, becomes `?`."""
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return json.loads(whole.encode("utf-8", "replace"))


def _judge_rules(ctx: Context, event: Event) -> list[Value]:
    """Say of each rule of the event's bus whether it matches, and why not."""
    bus = (event.account_id, event.region, event.event_bus_name)
    leaves, envelope = read_event(event.envelope), json.loads(event.envelope)
    judged: list[Value] = []
    for rule in ctx.store.list_records(Rule, *bus):
        reason = None
        if rule.state == "DISABLED":
            reason = "The rule is disabled."
        elif rule.event_pattern is not None:
            verdict = explain(compile_pattern(rule.event_pattern), leaves)
            reason = None if verdict.matched else find_reason(verdict)
        # A scheduled event names the rule that it comes from.
        elif (
            envelope["source"] != "aws.events" or rule.arn not in envelope["resources"]
        ):
            reason = "The rule has a schedule and no event pattern."
        judged.append({"Name": rule.name, "Matched": reason is None})
        if reason is not None:
            judged[-1]["Reason"] = reason
    return judged


def _nest(ctx: Context, deliveries: list[Delivery]) -> list[Value]:
    """Lay deliveries out, each dead letter inside the delivery that it reports."""
    values: dict[int, Value] = {}
    top: list[Value] = []
    for delivery in deliveries:
        value = values[delivery.delivery_key] = describe_delivery(delivery)
        attempts = ctx.store.ledger.list_attempts(delivery.delivery_key)
        if attempts:
            value["AttemptLog"] = list(map(describe_attempt, attempts))
        parent = values.get(delivery.dead_letter_of or 0)
        siblings = top if parent is None else parent.setdefault("DeadLetters", [])
        siblings.append(value)
    return top
