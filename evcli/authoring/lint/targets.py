"""Targets: what AWS accepts of them and nothing comes of, and what may be lost."""

from __future__ import annotations

from collections import Counter

from evcli.arns import parse_arn
from evcli.authoring.lint.refusals import SHORT_ARN
from evcli.authoring.reports import WARNING
from evcli.store.directory.configuration import QUOTAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.lint.subjects import Finding, Rule, Subjects, Target


def check_rules_of_targets(subjects: Subjects) -> Iterator[Finding]:
    """Look for targets whose rule is on another event bus. EB302"""
    buses: dict[Any, list[str]] = {}
    for rule in subjects.rules:
        resource = rule.resource
        key = (resource.account_id, resource.region, resource.name[1])
        buses.setdefault(key, []).append(rule.event_bus)
    for target in subjects.targets:
        if target.rule is not None:
            continue
        resource = target.resource
        event_bus, name, _ = resource.name
        others = buses.get((resource.account_id, resource.region, name))
        if others:
            message = f"its rule {name} is on {others[0]}, and it is on {event_bus}"
            fix = f"give it the event bus {others[0]}"
            yield target.find("EB302", message, fix=fix)


def check_count(rule: Rule) -> Iterator[Finding]:
    """Count targets. EB307"""
    most = QUOTAS["targets_per_rule"]
    if len(rule.targets) > most:
        message = f"it has {len(rule.targets)} targets, and may have {most}"
        yield rule.find("EB307", message, "Targets")


def check_dead_letters(target: Target) -> Iterator[Finding]:
    """Look for targets whose events may be lost. EB310"""
    arn = parse_arn(str(target.members.get("Arn", "")))
    if arn is None or target.members.get("DeadLetterConfig"):
        return
    policy = target.members.get("RetryPolicy")
    retries = policy.get("MaximumRetryAttempts") if isinstance(policy, dict) else None
    if retries == 0:
        message = (
            "no retries and no dead-letter queue: the first failure loses an event"
        )
        yield target.find("EB310", message, level=WARNING)
    else:
        message = "no dead-letter queue: what cannot be delivered in time is lost"
        yield target.find("EB310", message)


def check_short_arn(target: Target) -> Iterator[Finding]:
    """Look for API destinations without their id. EB312"""
    arn = str(target.members.get("Arn", ""))
    is_known = target.resource.origin.logical_id and target.rule is not None
    if SHORT_ARN.fullmatch(arn) and not is_known:
        yield target.find("EB312", f"{arn} lacks the id at its end", "Arn")


def check_distance(target: Target) -> Iterator[Finding]:
    """Look for targets in other regions and accounts. EB314"""
    arn = parse_arn(str(target.members.get("Arn", "")))
    resource = target.resource
    if arn is None or arn.service == "events" or not arn.account_id:
        return
    here = (resource.account_id, resource.region)
    # Some services have no regions.
    there = (arn.account_id, arn.region or resource.region)
    if here == there:
        return
    what = "region" if here[0] == there[0] else "account"
    where = there[1] if what == "region" else there[0]
    yield target.find("EB314", f"it is in the {what} {where}", "Arn")


def check_network(target: Target) -> Iterator[Finding]:
    """Look for tasks on Fargate without a network. EB315"""
    parameters = target.members.get("EcsParameters")
    if not isinstance(parameters, dict):
        return
    if parameters.get("LaunchType") == "FARGATE" and not parameters.get(
        "NetworkConfiguration"
    ):
        message = "a task on Fargate does not start without subnets"
        yield target.find("EB315", message, "EcsParameters")


def check_ids(rule: Rule) -> Iterator[Finding]:
    """Look for two targets of one id. EB308"""
    counts = Counter(target.target_id for target in rule.targets)
    for target in rule.targets:
        if counts.pop(target.target_id, 0) > 1:
            yield target.find("EB308", f"two targets have the id {target.target_id}")


CHECKS = (check_dead_letters, check_short_arn, check_distance, check_network)
RULE_CHECKS = (check_count, check_ids)
