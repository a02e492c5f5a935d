"""The story of an event: where it arrived, what rules say of it, what was delivered."""

from __future__ import annotations

import json

from evcli.delivery.settling import settle
from evcli.inspection.deliveries import (
    describe_attempt,
    describe_delivery,
)
from evcli.inspection.event_ids import find_event_id
from evcli.inspection.events import list_last_ids, load_printable
from evcli.inspection.reasons import ReasonFinder
from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain, find_reason
from evcli.store.database import NO_LIMIT
from evcli.store.epoch import format_instant
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context
    from evcli.inspection.deliveries import Value
    from evcli.store.deliveries import Delivery, Event


# The source of what schedules make.
SCHEDULER = "aws.events"


def trace_event(ctx: Context, event_id: str, most_rules: int | None = None) -> Value:
    """Lay an event's story out as a JSON value, an arrival for each event bus.

    Rules are judged as they are now, which need not be how they were when it came. An
    arrival has an event of its own only where that differs from the first one's: an id
    need not be that of one event. A delivery has a payload only where that differs from
    the event that arrived.

    Args:
        event_id: an id, or the beginning of one.
        most_rules: how many rules of each bus are judged; all if absent. How many are
            left out is `MoreRules` of an arrival.

    Raises: InspectionError: the ledger does not know the event, or several begin so.
    """
    event_id = find_event_id(ctx, event_id)
    arrivals = ctx.store.accepted_events.list_arrivals(event_id)
    settle(ctx)
    deliveries = list(ctx.store.ledger.list_deliveries(event_id=event_id))
    reasons = ReasonFinder(ctx)
    first = arrivals[0].envelope
    described = []
    for event in arrivals:
        own = [each for each in deliveries if each.event.event_key == event.event_key]
        value = _describe_arrival(ctx, event, own, reasons, most_rules)
        if event.envelope != first:
            value["Event"] = load_printable(event.envelope)
        described.append({**value, "Deliveries": _nest(ctx, own, event.envelope)})
    return {
        "EventId": event_id,
        "Event": load_printable(first),
        "Arrivals": described,
    }


def trace_last_events(ctx: Context, count: int) -> list[Value]:
    """Lay out the stories of the events that arrived last, the last one at the end."""
    return [trace_event(ctx, event_id) for event_id in list_last_ids(ctx, count)]


def _describe_arrival(
    ctx: Context,
    event: Event,
    deliveries: list[Delivery],
    reasons: ReasonFinder,
    most_rules: int | None,
) -> Value:
    value: Value = {
        "EventBusName": event.event_bus_name,
        "Account": event.account_id,
        "Region": event.region,
        "AcceptedAt": format_instant(event.accepted_at),
    }
    envelope = json.loads(event.envelope)
    if event.undelivered is not None:
        value["Undelivered"] = event.undelivered
        value["Reason"] = reasons.find(event, envelope, names_nearest=False)
    if most_rules is not None:
        bus = (event.account_id, event.region, event.event_bus_name)
        left_out = ctx.store.count(Rule, *bus) - most_rules
        if left_out > 0:
            value["MoreRules"] = left_out
    schedule_arn = _find_schedule(envelope, deliveries)
    rules = _judge_rules(ctx, event, envelope, schedule_arn, most_rules)
    return {**value, "Rules": rules}


def _find_schedule(envelope: Value, deliveries: list[Delivery]) -> str | None:
    """Find the ARN of the rule whose schedule made an event, by what came of it.

    One that somebody sent looks the same, but is delivered as event patterns say.
    """
    if envelope["source"] != SCHEDULER:
        return None
    arns = {each.rule_arn for each in deliveries}
    return next((arn for arn in envelope["resources"] if arn in arns), None)


def _judge_rules(
    ctx: Context,
    event: Event,
    envelope: Value,
    schedule_arn: str | None,
    most_rules: int | None,
) -> list[Value]:
    """Say of each rule of the event's bus whether it matches, and why not.

    Args:
        schedule_arn: the rule whose schedule made the event, if one did.
    """
    bus = (event.account_id, event.region, event.event_bus_name)
    tree = read_event(event.envelope)
    judged: list[Value] = []
    limit = NO_LIMIT if most_rules is None else most_rules
    for rule in ctx.store.list_records(Rule, *bus, limit=limit):
        reason = None
        if schedule_arn is not None:
            if rule.arn != schedule_arn:
                reason = "A scheduled event goes to its own rule alone."
        elif rule.event_pattern is not None:
            verdict = explain(compile_pattern(rule.event_pattern), tree)
            reason = None if verdict.matched else find_reason(verdict)
        # A scheduled event names the rule that it comes from.
        elif envelope["source"] != SCHEDULER or rule.arn not in envelope["resources"]:
            reason = "The rule has a schedule and no event pattern."
        is_matched = reason is None
        if rule.state == "DISABLED":
            also = ", else it would match" if is_matched else ""
            reason, is_matched = f"The rule is disabled{also}.", False
        elif is_matched and not ctx.store.rules.list_definitions((*bus, rule.name)):
            reason = "The rule has no targets."
        judged.append({"Name": rule.name, "Matched": is_matched})
        if reason is not None:
            judged[-1]["Reason"] = reason
    return judged


def _nest(ctx: Context, deliveries: list[Delivery], envelope: str) -> list[Value]:
    """Lay deliveries out, each dead letter inside the delivery that it reports."""
    values: dict[int, Value] = {}
    top: list[Value] = []
    for delivery in deliveries:
        value = values[delivery.delivery_key] = describe_delivery(delivery)
        if delivery.payload == envelope:
            del value["Payload"]
        attempts = ctx.store.ledger.list_attempts(delivery.delivery_key)
        if attempts:
            value["AttemptLog"] = list(map(describe_attempt, attempts))
        parent = values.get(delivery.dead_letter_of or 0)
        siblings = top if parent is None else parent.setdefault("DeadLetters", [])
        siblings.append(value)
    return top
