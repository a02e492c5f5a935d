"""Rules and event buses together: where events arrive, go round, or arrive twice."""

from __future__ import annotations

import json
import re
from functools import partial

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn, split_event_bus_arn
from evcli.authoring.lint.known_events import AWS, PARTNER
from evcli.authoring.lint.subjects import Finding, locate, name_resource
from evcli.infrastructure.description import Origin, Stack
from evcli.patterns.language.conditions import exact_texts
from evcli.store.directory.configuration import QUOTAS, REGIONAL_QUOTAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.lint.subjects import Rule, Subjects, Target

    # Account, region, name.
    Bus = tuple[str, str, str]

# How the CDK writes a value that it does not know yet.
TOKEN = re.compile(r"\$\{T(?:oken|OKEN)\[")
NOTE = re.compile(r"(?P<file>.*?):(?P<line>\d+): (?P<text>.*)", re.DOTALL)


def check_arrivals(subjects: Subjects) -> Iterator[Finding]:
    """Look for rules where the events that they want never arrive. EB601"""
    for rule in subjects.rules:
        pattern = rule.pattern
        if (
            rule.event_bus == DEFAULT_EVENT_BUS
            or rule.event_bus.startswith(PARTNER)
            or pattern is None
            or pattern.compiled is None
            or _receives(subjects, rule)
        ):
            continue
        sources = [
            text
            for alternative in pattern.compiled.alternatives
            for text in exact_texts(alternative, "source") or [""]
        ]
        if sources and all(_is_of_aws(text) for text in sources):
            message = (
                f"events of {sources[0]} arrive on default, not on {rule.event_bus}"
            )
            yield rule.find("EB601", message, "EventBusName")


def _is_of_aws(source: str) -> bool:
    return source.startswith(AWS) and not source.startswith(PARTNER)


def _receives(subjects: Subjects, rule: Rule) -> bool:
    """Say whether another event bus sends to that of a rule."""
    here = (rule.resource.account_id, rule.resource.region, rule.event_bus)
    return any(
        _find_bus(target) == here and _name_bus(target) != here
        for target in subjects.targets
    )


def _find_bus(target: Target) -> Bus | None:
    """The event bus that a target is; `None` for other targets."""
    arn = parse_arn(str(target.members.get("Arn", "")))
    if arn is None or not arn.resource.startswith("event-bus/"):
        return None
    return split_event_bus_arn(arn)


def _name_bus(target: Target) -> Bus:
    resource = target.resource
    return (resource.account_id, resource.region, resource.name[0])


def check_loops(subjects: Subjects) -> Iterator[Finding]:
    """Look for event buses that send to each other, and for chains. EB604

    Source: [doc] an event is forwarded once within a region and account; [guess] a chain
    across accounts or regions is left alone.
    """
    forwarders: dict[Bus, list[tuple[Target, Bus]]] = {}
    for target in subjects.targets:
        bus = _find_bus(target)
        if bus is not None:
            forwarders.setdefault(_name_bus(target), []).append((target, bus))
    for here, targets in forwarders.items():
        for target, there in targets:
            if here == there:
                message = f"{here[2]} sends to itself"
                yield target.find("EB604", message, "Arn")
            elif any(next_bus == here for _, next_bus in forwarders.get(there, ())):
                message = f"{here[2]} sends to {there[2]}, and that sends to {here[2]}"
                yield target.find("EB604", message, "Arn")
            elif here[:2] == there[:2] and (
                chain := [bus for _, bus in forwarders.get(there, ()) if bus != there]
            ):
                message = (
                    f"{there[2]} forwards to {chain[0][2]}, but what {here[2]} has"
                    " forwarded is not forwarded again"
                )
                yield target.find("EB604", message, "Arn")


def check_use(subjects: Subjects) -> Iterator[Finding]:
    """Look for rules that deliver nothing, or the same twice. EB605"""
    seen: dict[Any, Rule] = {}
    for rule in subjects.rules:
        if not rule.targets and rule.resource.key not in subjects.bare_rules:
            yield rule.find("EB605", "it has no targets")
        if rule.pattern is None or rule.members.get("State") == "DISABLED":
            continue
        for target in rule.targets:
            arn = str(target.members.get("Arn"))
            key = (_name_bus(target), rule.pattern.text, arn, repr(target.members))
            other = seen.setdefault(key, rule)
            if other is not rule:
                message = f"{other.label} matches and delivers the same: it comes twice"
                yield target.find("EB605", message)


def check_policies(subjects: Subjects) -> Iterator[Finding]:
    """Look for event buses that everybody may send to. EB607"""
    for resource in subjects.resources:
        if resource.kind not in ("policy", "permission"):
            continue
        for statement in _list_statements(resource.members):
            principal = statement.get("Principal")
            anybody = principal in ("*", {"AWS": "*"}, {"AWS": ["*"]})
            is_allowed = statement.get("Effect", "Allow") == "Allow"
            if anybody and is_allowed and not statement.get("Condition"):
                name = f"{name_resource(resource)} {statement.get('Sid', '')}".strip()
                message = f"everybody may send to {resource.name[0]}"
                yield Finding("EB607", name, message, resource.origin)


def _list_statements(members: dict[str, Any]) -> list[dict[str, Any]]:
    policy = members.get("Policy", members.get("Statement", members))
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except (ValueError, RecursionError):
            return []
    found = policy.get("Statement", policy) if isinstance(policy, dict) else policy
    statements = found if isinstance(found, list) else [found]
    return [each for each in statements if isinstance(each, dict)]


def check_archives(subjects: Subjects) -> Iterator[Finding]:
    """Look for archives that grow for ever. EB610"""
    for resource in subjects.resources:
        members = resource.members
        if resource.kind == "archive" and not (
            members.get("EventPattern") or members.get("RetentionDays")
        ):
            message = "it keeps every event of its event bus, and for ever"
            yield Finding("EB610", name_resource(resource), message, resource.origin)


def check_rule_counts(subjects: Subjects) -> Iterator[Finding]:
    """Count the rules of each event bus. EB611"""
    counts: dict[Bus, list[Rule]] = {}
    for rule in subjects.rules:
        key = (rule.resource.account_id, rule.resource.region, rule.event_bus)
        counts.setdefault(key, []).append(rule)
    for bus, rules in counts.items():
        most = REGIONAL_QUOTAS.get(bus[1], QUOTAS)["rules_per_event_bus"]
        if len(rules) > most:
            message = f"{bus[2]} has {len(rules)} rules, and may have {most}"
            yield rules[most].find("EB611", message)


def check_tokens(subjects: Subjects) -> Iterator[Finding]:
    """Look for tokens of the CDK that nothing has resolved. EB701"""
    for resource in subjects.resources:
        for member, value in resource.members.items():
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            if TOKEN.search(text):
                name = f"{name_resource(resource)} {member}"
                message = "it holds the text of a token"
                yield Finding("EB701", name, message, locate(resource, member))


def check_two_kinds_of_policy(subjects: Subjects) -> Iterator[Finding]:
    """Look for event buses with a policy and single statements. EB706"""
    whole = {
        (each.account_id, each.region, each.name[0]): each
        for each in subjects.description.select("policy")
    }
    for each in subjects.description.select("permission"):
        other = whole.get((each.account_id, each.region, each.name[0]))
        if other is not None:
            message = f"{each.name[0]} has the policy of {name_resource(other)}, too"
            yield Finding("EB706", name_resource(each), message, each.origin)


def check_notes(subjects: Subjects) -> Iterator[Finding]:
    """Tell what of the files could not be worked out. EB707"""
    for note in subjects.description.notes:
        found = NOTE.fullmatch(note)
        file, line, text = found.groups() if found else ("", "0", note)
        origin = Origin(Stack(file), file, locate=partial(_get_line, int(line)))
        yield Finding("EB707", "", text.rstrip("."), origin)


def _get_line(line: int, _path: object) -> int | None:
    return line or None


CHECKS = (
    check_arrivals,
    check_loops,
    check_use,
    check_policies,
    check_archives,
    check_rule_counts,
    check_tokens,
    check_two_kinds_of_policy,
    check_notes,
)
