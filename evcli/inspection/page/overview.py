"""All that there is, in short: buses, rules and targets with counts, archives, replays.

The graph of `graph`, with what a person needs besides to act on it.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice

from evcli.inspection.graph import describe_graph
from evcli.schedules import instants, parse_schedule
from evcli.store.epoch import format_instant
from evcli.store.records import ApiDestination, Archive, Replay, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import Resource

    Value = dict[str, Any]

COUNTS = ("Delivered", "Failed", "Waiting")
SHOWN_INSTANTS = 3
# More than anybody looks through; how many are left out is said.
MOST_RULES = 500
MOST_RESOURCES = 200


def describe_overview(ctx: Context, since: datetime) -> Value:
    """Lay out as a JSON value what there is, in all accounts and regions.

    Args:
        since: deliveries are counted of events that were accepted since.

    Returns:
        `Regions` as `describe_graph`, a rule with its `EventPattern`, `Schedule`, next
        `Instants` and `ManagedBy` as far as it has them, a bus with `MoreRules` when not
        all are here; `Archives`, `Replays`, `ApiDestinations`. No secret is in it.
    """
    regions = describe_graph(ctx, since)
    counts = _count_by_arn(regions)
    with ctx.store.snapshot():
        for each in regions:
            for bus in each["EventBuses"]:
                _complete_bus(ctx, (each["Account"], each["Region"]), bus)
        return {
            "Now": format_instant(ctx.clock.now()),
            "Since": format_instant(since),
            "Regions": regions,
            "Archives": list(map(_describe_archive, _list(ctx, Archive))),
            "Replays": list(map(_describe_replay, _list(ctx, Replay))),
            "ApiDestinations": [
                _describe_api_destination(each, counts.get(each.arn, Counter()))
                for each in _list(ctx, ApiDestination)
            ],
        }


def _complete_bus(ctx: Context, scope: tuple[str, str], bus: Value) -> None:
    """Add to the rules of a bus what the graph does not have, in place."""
    left_out = len(bus["Rules"]) - MOST_RULES
    if left_out > 0:
        bus["MoreRules"] = left_out
        del bus["Rules"][MOST_RULES:]
    now = ctx.clock.now()
    for value in bus["Rules"]:
        rule = ctx.store.get(Rule, *scope, bus["Name"], value["Name"])
        if rule is not None:
            value |= _describe_rule(rule, now)


def _describe_rule(rule: Rule, now: datetime) -> Value:
    value: Value = {}
    if rule.event_pattern is not None:
        value["EventPattern"] = rule.event_pattern
    if rule.managed_by is not None:
        value["ManagedBy"] = rule.managed_by
    if rule.schedule_expression is None:
        return value
    value["Schedule"] = rule.schedule_expression
    if rule.next_fire_at is not None:
        schedule = parse_schedule(rule.schedule_expression)
        coming = instants(schedule, now, rule.schedule_anchor_at or now)
        value["Instants"] = list(map(format_instant, islice(coming, SHOWN_INSTANTS)))
    return value


def _list(ctx: Context, kind: type[Resource]) -> list[Any]:
    return ctx.store.list_records(kind, limit=MOST_RESOURCES)


def _describe_archive(archive: Archive) -> Value:
    return {
        "Account": archive.account_id,
        "Region": archive.region,
        "Name": archive.name,
        "EventBusName": archive.event_bus_name,
        "State": archive.state,
        "EventCount": archive.event_count,
        "SizeBytes": archive.size_bytes,
        "RetentionDays": archive.retention_days,
    }


def _describe_replay(replay: Replay) -> Value:
    return {
        "Account": replay.account_id,
        "Region": replay.region,
        "Name": replay.name,
        "State": replay.state,
        "EventStartTime": format_instant(replay.event_start_at),
        "EventEndTime": format_instant(replay.event_end_at),
        "EventLastReplayedTime": format_instant(replay.event_last_replayed_at),
    }


def _describe_api_destination(
    destination: ApiDestination, by_state: Counter[str]
) -> Value:
    return {
        "Account": destination.account_id,
        "Region": destination.region,
        "Name": destination.name,
        "HttpMethod": destination.http_method,
        "InvocationEndpoint": destination.invocation_endpoint,
        **{name: by_state[name] for name in COUNTS},
    }


def _count_by_arn(regions: list[Value]) -> dict[str, Counter[str]]:
    """Add up deliveries by the ARN of their target."""
    counts: dict[str, Counter[str]] = {}
    for each in regions:
        for bus in each["EventBuses"]:
            for rule in bus["Rules"]:
                for target in rule["Targets"]:
                    total = counts.setdefault(target["Arn"], Counter())
                    total.update({name: target[name] for name in COUNTS})
    return counts
