"""Arrivals: what became of events that were just sent, and why nothing of some.

An event that led to no delivery says why: no such event bus, no rule that matches, and
then which comes nearest, rules without targets, archives alone.
"""

from __future__ import annotations

import json

from evcli.arns import DEFAULT_EVENT_BUS, find_arn, split_rule_resource
from evcli.delivery.archives import RULE_PREFIX
from evcli.delivery.routing import StoredRules
from evcli.patterns import compile_pattern, match, read_event
from evcli.patterns.explain import explain, find_reason
from evcli.store.records import EventBus, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.patterns import Event as Leaves
    from evcli.store.deliveries import Delivery, Event

    Value = dict[str, Any]
    Bus = tuple[str, str, str]

# Rules that are looked at to say which comes nearest: a bus may have 100,000.
MOST_RULES = 200


def describe_arrival(ctx: Context, event_key: int) -> Value:
    """Lay out as a JSON value what became of an event; rules as they are now.

    Args:
        event_key: of an event in the ledger.

    Returns:
        The event in short, `Deliveries`, and `Reason` where there are none.
    """
    event = ctx.store.ledger.get_event(event_key)
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
        value["Reason"] = find_reason_for_none(ctx, event, envelope)
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


def find_reason_for_none(ctx: Context, event: Event, envelope: Value) -> str:
    """Word why an event led to no delivery."""
    bus = (event.account_id, event.region, event.event_bus_name)
    if bus[2] != DEFAULT_EVENT_BUS and ctx.store.get(EventBus, *bus) is None:
        return f"event bus {bus[2]} does not exist: dropped"
    matching = StoredRules(ctx.store).match(event, envelope, None)
    named = [name for name in matching if not name.startswith(RULE_PREFIX)]
    if named:
        return f"rule {named[0]} matches and has no targets"
    if matching:
        return "archived only"
    return _find_nearest(ctx, bus, envelope, read_event(event.envelope))


def _find_nearest(ctx: Context, bus: Bus, envelope: Value, leaves: Leaves) -> str:
    """Name the rule that comes nearest, and what keeps it from matching.

    One that is disabled and matches comes nearest of all. Rules that are for the event's
    source and detail-type go before others.
    """
    disabled = ctx.store.list_records(
        Rule, *bus, limit=MOST_RULES, where={"state": "DISABLED"}
    )
    for rule in disabled:
        if rule.event_pattern and match(compile_pattern(rule.event_pattern), leaves):
            return f"rule {rule.name} matches and is disabled"
    patterns = ctx.store.rules.list_candidates(
        bus, envelope["source"], envelope["detail-type"]
    ) or [
        (rule.name, rule.event_pattern)
        for rule in ctx.store.list_records(Rule, *bus, limit=MOST_RULES)
        if rule.event_pattern is not None and rule.state != "DISABLED"
    ]
    verdicts = [
        (name, explain(compile_pattern(text), leaves))
        for name, text in patterns[:MOST_RULES]
        if not name.startswith(RULE_PREFIX)
    ]
    if not verdicts:
        return f"event bus {bus[2]} has no rule with an event pattern"
    name, verdict = min(verdicts, key=lambda each: each[1].misses)
    return f"nothing matched; nearest rule {name}: {find_reason(verdict)}"
