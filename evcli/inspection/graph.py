"""The whole of it as a graph: account → event bus → rule → target, with what came of it.

Counts are those of the ledger, so of what was not pruned; they cost a reading of every
delivery, about two seconds for a million.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS, format_rule_arn, is_archive_hook
from evcli.delivery.settling import settle
from evcli.store.deliveries import DELIVERED, FAILED
from evcli.store.ledger_counts import count_by_target
from evcli.store.records import EventBus, Rule, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from evcli.context import Context

    Value = dict[str, Any]
    # ARN of a rule, id and ARN of a target → state → how many.
    Counts = dict[tuple[str, str, str], dict[str, int]]

NO_TARGETS = "no targets"
DISABLED = "disabled"
NEVER_MATCHED = "never matched"
NEVER_REACHED = "never reached"


def describe_graph(ctx: Context, since: datetime | None = None) -> list[Value]:
    """Lay the graph out as JSON values, for all accounts and regions.

    Args:
        since: count only deliveries of events that were accepted since.

    Returns:
        `Account`, `Region` and `EventBuses` each; these have `Name` and `Rules`, which
        have `Name`, `Arn`, `State`, `Unused` where it is, and `Targets`: `Id`, `Arn`,
        `Delivered`, `Failed`, `Waiting`, and `Unused`. Archives are no targets.
    """
    settle(ctx)
    with ctx.store.snapshot():
        after = 0 if since is None else ctx.store.accepted_events.find_key_before(since)
        counts = count_by_target(ctx.store.database, after)
        buses: dict[tuple[str, str, str], list[Value]] = {
            (each.account_id, each.region, each.name): []
            for each in ctx.store.list_records(EventBus)
        }
        targets: dict[tuple[str, ...], list[Target]] = {}
        for target in ctx.store.list_records(Target):
            key = (target.account_id, target.region, target.event_bus_name)
            targets.setdefault((*key, target.rule_name), []).append(target)
        for rule in ctx.store.list_records(Rule):
            bus = (rule.account_id, rule.region, rule.event_bus_name)
            described = _describe_rule(rule, targets.get((*bus, rule.name), []), counts)
            buses.setdefault(bus, []).append(described)
    # It is there before it is written down.
    buses.setdefault((ctx.account_id, ctx.region, DEFAULT_EVENT_BUS), [])
    regions: dict[tuple[str, str], list[Value]] = {}
    for account_id, region, name in sorted(buses):
        bus_value = {"Name": name, "Rules": buses[account_id, region, name]}
        regions.setdefault((account_id, region), []).append(bus_value)
    return [
        {"Account": account_id, "Region": region, "EventBuses": values}
        for (account_id, region), values in regions.items()
    ]


def _describe_rule(rule: Rule, targets: list[Target], counts: Counts) -> Value:
    arn = format_rule_arn(rule.region, rule.account_id, rule.event_bus_name, rule.name)
    real = [each for each in targets if not is_archive_hook(each.arn)]
    described = [
        {
            "Id": each.target_id,
            "Arn": each.arn,
            **_count(counts.get((arn, each.target_id, each.arn), {})),
        }
        for each in real
    ]
    is_matched = any(map(_is_reached, described))
    value: Value = {"Name": rule.name, "Arn": arn, "State": rule.state}
    reason = None if real != targets else _judge_rule(rule, described, is_matched)
    if reason is not None:
        value["Unused"] = reason
    elif is_matched:
        for target in described:
            if not _is_reached(target):
                target["Unused"] = NEVER_REACHED
    return {**value, "Targets": described}


def _count(by_state: dict[str, int]) -> dict[str, int]:
    waiting = sum(by_state.values())
    delivered, failed = by_state.get(DELIVERED, 0), by_state.get(FAILED, 0)
    return {
        "Delivered": delivered,
        "Failed": failed,
        "Waiting": waiting - delivered - failed,
    }


def _is_reached(target: Value) -> bool:
    return bool(target["Delivered"] or target["Failed"] or target["Waiting"])


def _judge_rule(rule: Rule, targets: list[Value], is_matched: bool) -> str | None:
    """Say why a rule is of no use; one without targets may match, which nobody notes."""
    reasons = [] if targets else [NO_TARGETS]
    reasons += [DISABLED] if rule.state == "DISABLED" else []
    if not reasons and not is_matched:
        return NEVER_MATCHED
    return ", ".join(reasons) or None


def list_unused(graph: list[Value]) -> Iterator[Value]:
    """List the rules and targets of a graph that are of no use, and why."""
    for each in graph:
        for bus in each["EventBuses"]:
            for rule in bus["Rules"]:
                where = {
                    "Account": each["Account"],
                    "Region": each["Region"],
                    "EventBusName": bus["Name"],
                    "RuleName": rule["Name"],
                }
                if "Unused" in rule:
                    yield {**where, "Reason": rule["Unused"]}
                for target in rule["Targets"]:
                    if "Unused" in target:
                        yield {
                            **where,
                            "TargetId": target["Id"],
                            "TargetArn": target["Arn"],
                            "Reason": target["Unused"],
                        }
