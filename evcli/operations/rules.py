"""Rules: put, describe, list, enable, disable, delete.

A rule lives in the account and region of its event bus. Only `store_rule`
writes one: it files the rule where matching looks for it and sets its schedule.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.errors import (
    ManagedRuleException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.operations.resources import (
    PAGE_SIZE,
    cut_page,
    find_rule_event_bus,
    list_page,
    parse_token,
    put_tags,
    respond,
    respond_page,
    to_columns,
)
from evcli.store.epoch import to_whole_second
from evcli.store.records import EventBus, Rule, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

ENABLED = "ENABLED"
DISABLED = "DISABLED"
# Counts as enabled for matching. Source: [doc].
ENABLED_WITH_ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# What PutRule can set, member → column.
SETTINGS = {
    "ScheduleExpression": "schedule_expression",
    "EventPattern": "event_pattern",
    "State": "state",
    "Description": "description",
    "RoleArn": "role_arn",
}
# What responses show, member → column.
COLUMNS = {
    **SETTINGS,
    "Name": "name",
    "Arn": "arn",
    "ManagedBy": "managed_by",
    "EventBusName": "event_bus_name",
    "CreatedBy": "created_by",
}


def find_rule(ctx: Context, event_bus: str | None, rule_name: str) -> Rule:
    """Fetch a rule of an event bus, by name or ARN; the event bus is looked for first.

    `None` is the default event bus.

    Raises:
        ResourceNotFoundException: there is no such event bus or rule. [aws]
        ValidationException: the event bus is in another region.
    """
    found = find_rule_event_bus(ctx, event_bus)
    rule = get_rule(ctx, found, rule_name)
    if rule is None:
        raise ResourceNotFoundException(
            f"Rule {rule_name} does not exist on EventBus {found.name}."
        )
    return rule


def get_rule(ctx: Context, event_bus: EventBus, rule_name: str) -> Rule | None:
    """Fetch a rule of an event bus; `None` if there is none of that name."""
    return ctx.store.get(
        Rule, event_bus.account_id, event_bus.region, event_bus.name, rule_name
    )


def require_not_managed(rule: Rule, *, force: bool = False) -> None:
    """Keep hands off a rule that another feature looks after.

    Raises: ManagedRuleException: the rule is managed, and `force` is not set. [aws]
    """
    if rule.managed_by is not None and not force:
        raise ManagedRuleException(rule.name)


def store_rule(ctx: Context, rule: Rule, before: Rule | None = None) -> None:
    """Store a rule, file it for matching, set when its schedule is due next.

    A schedule that goes on as `before` keeps its beat; a new, a changed and a
    re-enabled one starts now. [doc] for a new one, [guess] for the others.

    Raises: InvalidEventPatternException: the event pattern is not valid.
    """
    keys: list[tuple[str | None, str | None]] = []
    if rule.event_pattern is not None:
        from evcli.patterns import compile_pattern, literal_keys

        # Compiled for disabled rules as well: an invalid pattern is always refused.
        pattern = compile_pattern(rule.event_pattern)
        if rule.state != DISABLED:
            keys = literal_keys(pattern)
    ctx.store.put(rule.replace(**_plan_schedule(ctx, rule, before)))
    ctx.store.rules.put_keys(
        (rule.account_id, rule.region, rule.event_bus_name, rule.name), keys
    )


def _plan_schedule(ctx: Context, rule: Rule, before: Rule | None) -> dict[str, Any]:
    if rule.schedule_expression is None or rule.state == DISABLED:
        return {"schedule_anchor_at": None, "next_fire_at": None}
    if (
        before is not None
        and before.state != DISABLED
        and before.schedule_expression == rule.schedule_expression
    ):
        return {
            "schedule_anchor_at": before.schedule_anchor_at,
            "next_fire_at": before.next_fire_at,
        }
    from evcli.schedules import next_instant, parse_schedule

    now = to_whole_second(ctx.clock.now())
    schedule = parse_schedule(rule.schedule_expression)
    return {
        "schedule_anchor_at": now,
        "next_fire_at": next_instant(schedule, now, now),
    }


def remove_rule(ctx: Context, rule: Rule) -> None:
    """Remove a rule, its targets and its tags."""
    key = (rule.account_id, rule.region, rule.event_bus_name, rule.name)
    ctx.store.delete(Target, *key)
    ctx.store.delete(Rule, *key)
    ctx.store.rules.put_keys(key, ())
    ctx.store.tags.delete_all(rule.arn)


def put_rule(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Create a rule or replace it as a whole; its targets and tags stay. [doc] [aws]

    Raises:
        ResourceNotFoundException: there is no such event bus.
        ValidationException: neither pattern nor schedule, or a schedule that is not
            valid or not possible here.
        InvalidEventPatternException: the event pattern is not valid.
        ManagedRuleException: the rule belongs to another feature.
        LimitExceededException: too many rules on the event bus, too many tags, or too
            long an event pattern.
    """
    event_bus = find_rule_event_bus(ctx, request.get("EventBusName"))
    rule = Rule(
        account_id=event_bus.account_id,
        region=event_bus.region,
        event_bus_name=event_bus.name,
        name=request["Name"],
        created_by=ctx.account_id,
        # Empty strings count as absent. [peer]
        **to_columns({"State": ENABLED, **request}, SETTINGS),
    )
    require_schedule(rule)
    require_pattern_length(ctx, rule.event_pattern)
    before = get_rule(ctx, event_bus, rule.name)
    if before is None:
        store_rule(ctx, rule)
        _require_rule_count(ctx, event_bus)
        if request.get("Tags"):
            put_tags(ctx, rule.arn, request["Tags"])
    else:
        require_not_managed(before)
        store_rule(ctx, rule.replace(created_by=before.created_by), before)
    return {"RuleArn": rule.arn}


def require_pattern_length(ctx: Context, event_pattern: str | None) -> None:
    """Refuse an event pattern that is longer than the account may have them.

    Raises: LimitExceededException. [doc] the quota; [guess] which error, and before
        whether the event pattern is valid.
    """
    ctx.require_quota("event_pattern_characters", len(event_pattern or ""))


def require_schedule(rule: Rule) -> None:
    """Ask what PutRule asks of pattern, schedule, event bus and state together.

    Raises: ValidationException: they do not go together, or the schedule is malformed.
    """
    if rule.schedule_expression is None:
        if rule.event_pattern is None:
            raise ValidationException(
                "Parameter(s) EventPattern or ScheduleExpression must be specified."
            )
        return
    if rule.event_bus_name != DEFAULT_EVENT_BUS:
        raise ValidationException(
            "ScheduleExpression is supported only on the default event bus."
        )
    from evcli.schedules import parse_schedule

    parse_schedule(rule.schedule_expression)
    if rule.state == ENABLED_WITH_ALL_EVENTS:
        raise ValidationException(
            f"{ENABLED_WITH_ALL_EVENTS} rule state is not supported with scheduled"
            " rule expressions."
        )


def _require_rule_count(ctx: Context, event_bus: EventBus) -> None:
    """Refuse the rule too many; what was stored is rolled back with the operation."""
    count = ctx.store.count(
        Rule, event_bus.account_id, event_bus.region, event_bus.name
    )
    ctx.require_quota("rules_per_event_bus", count)


def delete_rule(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a rule that has no targets; one that is not there is fine. [doc]

    `Force` overrides the management of a rule, nothing else.

    Raises:
        ResourceNotFoundException: there is no such event bus.
        ManagedRuleException: the rule is managed, and `Force` is not set.
        ValidationException: the rule still has targets. [aws]
    """
    event_bus = find_rule_event_bus(ctx, request.get("EventBusName"))
    rule = get_rule(ctx, event_bus, request["Name"])
    if rule is None:
        return {}
    require_not_managed(rule, force=request.get("Force", False))
    if ctx.store.count(
        Target, rule.account_id, rule.region, rule.event_bus_name, rule.name
    ):
        raise ValidationException("Rule can't be deleted since it has targets.")
    remove_rule(ctx, rule)
    return {}


def enable_rule(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Let a rule match again. Raises: as `disable_rule`."""
    return _put_state(ctx, request, ENABLED)


def disable_rule(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Stop a rule from matching and from firing.

    Raises:
        ResourceNotFoundException: there is no such event bus or rule.
        ManagedRuleException: the rule belongs to another feature.
    """
    return _put_state(ctx, request, DISABLED)


def _put_state(ctx: Context, request: dict[str, Any], state: str) -> dict[str, Any]:
    before = find_rule(ctx, request.get("EventBusName"), request["Name"])
    require_not_managed(before)
    store_rule(ctx, before.replace(state=state), before)
    return {}


def describe_rule(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one rule. Raises: ResourceNotFoundException: no such event bus or rule."""
    rule = find_rule(ctx, request.get("EventBusName"), request["Name"])
    return respond("DescribeRule", rule, COLUMNS)


def list_rules(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of the rules of one event bus.

    Raises:
        ResourceNotFoundException: there is no such event bus.
        InvalidToken: the token is not one of this list.
    """
    event_bus = find_rule_event_bus(ctx, request.get("EventBusName"))
    page = list_page(
        ctx, request, Rule, event_bus.account_id, event_bus.region, event_bus.name
    )
    return respond_page("ListRules", page, COLUMNS)


def list_rule_names_by_target(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List the names of the rules with a target of exactly this ARN, each once. [aws]

    Raises:
        ResourceNotFoundException: there is no such event bus.
        InvalidToken: the token is not one of this list.
    """
    event_bus = find_rule_event_bus(ctx, request.get("EventBusName"))
    size = request.get("Limit", PAGE_SIZE)
    names = ctx.store.list_names(
        Target,
        event_bus.account_id,
        event_bus.region,
        event_bus.name,
        after=parse_token("rule_names", request.get("NextToken")),
        limit=size + 1,
        where={"arn": request["TargetArn"]},
    )
    names, token = cut_page("rule_names", names, size, str)
    return {"RuleNames": names, **token}


HANDLERS = {
    "DeleteRule": delete_rule,
    "DescribeRule": describe_rule,
    "DisableRule": disable_rule,
    "EnableRule": enable_rule,
    "ListRuleNamesByTarget": list_rule_names_by_target,
    "ListRules": list_rules,
    "PutRule": put_rule,
}
