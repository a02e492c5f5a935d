"""From a description to the store: each resource becomes what the description says.

Resources are made and changed by their operations, so everything is checked, and all of
it happens in one transaction. What the description does not name stays as it is; what it
names is afterwards as it says, tags included, and keeps its id, the time of its creation
and, where the description gives none, its secrets.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.delivery.api_destinations.connections import DEAUTHORIZED
from evcli.errors import ConfigurationError, EvcliError
from evcli.infrastructure.missing_secrets import (
    ANY_CREDENTIALS,
    PLACEHOLDER,
    complete_parameters,
)
from evcli.infrastructure.ownership import Owners, get_statement_id, list_statements
from evcli.infrastructure.state import CONNECTION_SETTINGS, complete_arn
from evcli.operations import api_destinations, archives, call_within, event_buses
from evcli.operations.event_sources import PENDING, get_event_source
from evcli.operations.resources import find_event_bus, to_members
from evcli.store.records import (
    ApiDestination,
    Archive,
    Connection,
    Endpoint,
    EventBus,
    Rule,
    Target,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from evcli.context import Context
    from evcli.infrastructure.description import Description, Resource

    Members = dict[str, Any]
    # (context of the resource's account and region, resource): makes it so.
    Put = Callable[[Context, Resource], None]

# What clears a setting, where it is not an empty text.
CLEARING: dict[str, Any] = {"DeadLetterConfig": {}, "LogConfig": {}, "RetentionDays": 0}

# What a resource keeps that is made anew, by its kind.
IDENTITY: dict[type[Connection | ApiDestination | Endpoint], tuple[str, ...]] = {
    Connection: ("connection_id", "created_at"),
    ApiDestination: ("api_destination_id", "created_at"),
    Endpoint: ("endpoint_id", "failed_over", "created_at"),
}


@contextmanager
def _at(resource: Resource) -> Iterator[None]:
    """Add to errors where the resource comes from. Raises: ConfigurationError."""
    try:
        yield
    except EvcliError as error:
        raise ConfigurationError(f"{resource.origin}: {error.message}") from error


def carry_out(
    ctx: Context, description: Description, *, is_pruning: bool = False
) -> None:
    """Bring the store to what a description says, all of it or nothing.

    Args:
        ctx: any account and region of the state directory; gets notices.
        is_pruning: also remove what the description's stacks made once and have no
            longer.

    Raises: ConfigurationError: the file, the line or key, and what is wrong there.
    """
    ctx.after_commit.clear()
    with ctx.store.transaction():
        carry_out_within(ctx, description, is_pruning=is_pruning)
    for follow_up in ctx.after_commit:
        follow_up()


def carry_out_within(
    ctx: Context, description: Description, *, is_pruning: bool
) -> None:
    """`carry_out`, as a part of the caller's transaction."""
    owners = Owners(ctx.store, description)
    for kind, put in STEPS:
        for resource in description.select(kind):
            with _at(resource):
                put(ctx.act_as(resource.account_id, resource.region), resource)
        if kind == "rule":
            # A rule has room for few targets: first those go that are none any more.
            owners.remove_dropped_targets(ctx)
    if is_pruning:
        owners.prune(ctx)
    owners.record()


# -- partner event sources


def put_event_source(ctx: Context, resource: Resource) -> None:
    """Offer an event source, unless it is offered to the same account already."""
    (name,) = resource.name
    account_id = resource.members.get("Account")
    if account_id is not None:
        customer = ctx.act_as(account_id, ctx.region)
        known = get_event_source(customer, name)
        if known is not None and known.partner_account_id == ctx.account_id:
            return
    request = {"Name": name, **_select(resource.members, ("Account",))}
    call_within(ctx, "CreatePartnerEventSource", request)


def put_event_source_state(ctx: Context, resource: Resource) -> None:
    """Bring an event source that has its event bus into its state."""
    members = resource.members
    state = members.get("State")
    if state is not None:
        customer = ctx.act_as(members["Account"], ctx.region)
        verb = "Deactivate" if state == PENDING else "Activate"
        call_within(customer, f"{verb}EventSource", {"Name": resource.name[0]})


def _select(members: Members, names: Any) -> Members:
    return {name: members[name] for name in names if name in members}


# -- event buses and their policies


def put_event_bus(ctx: Context, resource: Resource) -> None:
    """Make or change an event bus."""
    (name,), members = resource.name, resource.members
    before = ctx.store.get(EventBus, ctx.account_id, ctx.region, name)
    if before is None and name == DEFAULT_EVENT_BUS:
        before = find_event_bus(ctx)
    settings = {
        k: v for k, v in members.items() if k not in ("EventSourceName", "tags")
    }
    if before is None:
        source = _select(members, ("EventSourceName",))
        call_within(ctx, "CreateEventBus", {"Name": name, **source, **settings})
    else:
        if before.event_source_name != members.get("EventSourceName"):
            raise ConfigurationError("An event bus cannot change its event source.")
        known = to_members(before, event_buses.SETTINGS)
        _update(ctx, "UpdateEventBus", {"Name": name}, known, settings)
    _put_tags(ctx, ctx.event_bus_arn(name), members.get("tags", {}))


def _update(
    ctx: Context, operation: str, key: Members, known: Members, wanted: Members
) -> None:
    """Change settings and clear those that are not wanted, if any differ."""
    if known != wanted:
        cleared = {name: CLEARING.get(name, "") for name in known}
        call_within(ctx, operation, {**key, **cleared, **wanted})


def _put_tags(ctx: Context, arn: str, tags: Any) -> None:
    if not isinstance(tags, dict) or not all(
        isinstance(each, str) for each in tags.values()
    ):
        raise ConfigurationError("Tags have to be names with texts as values.")
    known = dict(ctx.store.tags.list(arn))
    gone = [key for key in known if key not in tags]
    if gone:
        call_within(ctx, "UntagResource", {"ResourceARN": arn, "TagKeys": gone})
    if known.items() - tags.items() or tags.items() - known.items():
        items = [{"Key": key, "Value": value} for key, value in tags.items()]
        if items:
            call_within(ctx, "TagResource", {"ResourceARN": arn, "Tags": items})


def put_policy(ctx: Context, resource: Resource) -> None:
    """Give an event bus its policy, or take it away where there is to be none."""
    policy = resource.members.get("Policy")
    request: Members = {"EventBusName": resource.name[0]}
    if find_event_bus(ctx, resource.name[0]).policy == policy:
        return
    if policy is None:
        request["RemoveAllPermissions"] = True
        call_within(ctx, "RemovePermission", request)
    else:
        call_within(ctx, "PutPermission", {**request, "Policy": policy})


def put_permission(ctx: Context, resource: Resource) -> None:
    """Put one statement into the policy of an event bus, in place of its like.

    A statement in full, which the operation does not take, goes into the whole policy.
    """
    event_bus_name, statement_id = resource.name
    members = resource.members
    if "Statement" not in members:
        request = {"EventBusName": event_bus_name, "StatementId": statement_id}
        call_within(ctx, "PutPermission", {**request, **members})
        return
    before = find_event_bus(ctx, event_bus_name).policy
    policy: Members = json.loads(before) if before else {"Version": "2012-10-17"}
    statements = list_statements(before)
    wanted = {"Sid": statement_id, **members["Statement"]}
    kept = [each for each in statements if get_statement_id(each) != statement_id]
    if wanted not in statements or len(kept) != len(statements) - 1:
        text = json.dumps(
            {**policy, "Statement": [*kept, wanted]}, separators=(",", ":")
        )
        request = {"EventBusName": event_bus_name, "Policy": text}
        call_within(ctx, "PutPermission", request)


# -- rules and targets


def put_rule(ctx: Context, resource: Resource) -> None:
    """Make or replace a rule, with its tags."""
    (event_bus_name, name), members = resource.name, resource.members
    creator = members.get("CreatedBy", ctx.account_id)
    settings = {k: v for k, v in members.items() if k not in ("CreatedBy", "tags")}
    request = {
        "Name": name,
        "EventBusName": ctx.event_bus_arn(event_bus_name),
        **settings,
    }
    call_within(ctx.act_as(creator, ctx.region), "PutRule", request)
    key = (ctx.account_id, ctx.region, event_bus_name, name)
    rule = ctx.store.get(Rule, *key)
    assert rule is not None, "it was just put"
    if rule.created_by != creator:
        # A rule that is replaced keeps its creator.
        ctx.store.put(rule.replace(created_by=creator))
    _put_tags(ctx, rule.arn, members.get("tags", {}))


def put_target(ctx: Context, resource: Resource) -> None:
    """Put a target, if it is new or differs."""
    event_bus_name, rule_name, target_id = resource.name
    target = {"Id": target_id, **_complete_arns(ctx, resource.members, "Arn")}
    key = (ctx.account_id, ctx.region, *resource.name)
    known = ctx.store.get(Target, *key)
    if known is None or known.definition != target:
        request = {"EventBusName": event_bus_name, "Rule": rule_name}
        call_within(ctx, "PutTargets", {**request, "Targets": [target]})


def _complete_arns(ctx: Context, members: Members, name: str) -> Members:
    if not isinstance(members.get(name), str):
        return members
    return {**members, name: complete_arn(ctx, members[name])}


# -- what is made anew where it differs


def put_connection(ctx: Context, resource: Resource) -> None:
    """Make a connection, with the secrets that the members lack filled in."""
    (name,), members = resource.name, resource.members
    before = ctx.store.get(Connection, ctx.account_id, ctx.region, name)
    stored = {} if before is None else before.auth_parameters
    is_off = members.get("ConnectionState") == DEAUTHORIZED
    parameters = members.get("AuthParameters", {})
    missing: list[str] = []
    if parameters:
        parameters, missing = complete_parameters(parameters, stored)
    others = ("ConnectionState", "AuthParameters")
    settings = {k: v for k, v in members.items() if k not in others}
    if before is not None:
        known = to_members(before, CONNECTION_SETTINGS)
        is_same_state = (before.state == DEAUTHORIZED) == is_off
        if is_same_state and (known, stored) == (settings, parameters):
            return
    if is_off and not parameters:
        credentials = ANY_CREDENTIALS.get(members.get("AuthorizationType", ""), {})
        _make(ctx, Connection, name, {**settings, "AuthParameters": credentials})
        call_within(ctx, "DeauthorizeConnection", {"Name": name})
        return
    made = _make(ctx, Connection, name, {**settings, "AuthParameters": parameters})
    if is_off:
        # As a refused call leaves it: with its parameters.
        ctx.store.put(made.replace(state=DEAUTHORIZED))
    ctx.notices += [
        f"The connection {name} has {PLACEHOLDER!r} for {each}, which is not in the"
        " file; `evcli update-connection` sets the secret."
        for each in missing
    ]


def put_api_destination(ctx: Context, resource: Resource) -> None:
    """Make an API destination, if it is new or differs."""
    members = _complete_arns(ctx, resource.members, "ConnectionArn")
    before = ctx.store.get(ApiDestination, ctx.account_id, ctx.region, resource.name[0])
    if before is None or to_members(before, api_destinations.SETTINGS) != {
        "InvocationRateLimitPerSecond": api_destinations.DEFAULT_RATE,
        **members,
    }:
        _make(ctx, ApiDestination, resource.name[0], members)


def put_endpoint(ctx: Context, resource: Resource) -> None:
    """Make a global endpoint; which event bus serves stays as it is."""
    _make(ctx, Endpoint, resource.name[0], resource.members)


def _make(ctx: Context, kind: Any, name: str, members: Members) -> Any:
    """Make a resource; one that replaces another of its name keeps its identity."""
    key = (ctx.account_id, ctx.region, name)
    before = ctx.store.get(kind, *key)
    if before is not None:
        call_within(ctx, f"Delete{kind.__name__}", {"Name": name})
    call_within(ctx, f"Create{kind.__name__}", {"Name": name, **members})
    made = ctx.store.get(kind, *key)
    assert made is not None, "it was just made"
    if before is not None:
        kept = {column: getattr(before, column) for column in IDENTITY[kind]}
        made = made.replace(**kept)
        ctx.store.put(made)
    return made


# -- archives


def put_archive(ctx: Context, resource: Resource) -> None:
    """Make or change an archive; its events stay."""
    (name,), members = resource.name, resource.members
    before = ctx.store.get(Archive, ctx.account_id, ctx.region, name)
    if before is None:
        call_within(ctx, "CreateArchive", {"ArchiveName": name, **members})
        return
    if before.event_source_arn != members.get("EventSourceArn"):
        raise ConfigurationError("An archive cannot change its event bus.")
    known = to_members(before, archives.SETTINGS)
    settings = {k: v for k, v in members.items() if k != "EventSourceArn"}
    wanted = {"RetentionDays": 0, **settings}
    _update(ctx, "UpdateArchive", {"ArchiveName": name}, known, wanted)


# In the order in which resources name each other.
STEPS: tuple[tuple[str, Put], ...] = (
    ("event_source", put_event_source),
    ("event_bus", put_event_bus),
    ("policy", put_policy),
    ("permission", put_permission),
    ("event_source", put_event_source_state),
    ("connection", put_connection),
    ("api_destination", put_api_destination),
    ("endpoint", put_endpoint),
    ("rule", put_rule),
    ("target", put_target),
    ("archive", put_archive),
)
