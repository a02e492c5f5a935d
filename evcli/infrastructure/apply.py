"""From a document to the store: each resource becomes what the document says of it.

Resources are made and changed by their operations, so everything is checked, and all of
it happens in one transaction. What the document does not name stays as it is; what it
names is afterwards as it says, tags and targets included, and keeps its id, the time of
its creation and, where the document gives none, its secrets.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.delivery.api_destinations.connections import DEAUTHORIZED
from evcli.errors import ConfigurationError, EvcliError
from evcli.infrastructure.export import (
    CONNECTION_SETTINGS,
    complete_arn,
)
from evcli.infrastructure.missing_secrets import (
    ANY_CREDENTIALS,
    PLACEHOLDER,
    complete_parameters,
)
from evcli.operations import archives, call_within, event_buses, rules
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
    from evcli.infrastructure.document import Document

    Members = dict[str, Any]
    # (context of the resource's account and region, name, members): makes it so.
    Put = Callable[[Context, str, Members], None]

# What clears a setting, where it is not an empty text.
CLEARING: dict[str, Any] = {"DeadLetterConfig": {}, "LogConfig": {}, "RetentionDays": 0}

# What a resource keeps that is made anew, by its kind.
IDENTITY: dict[type[Connection | ApiDestination | Endpoint], tuple[str, ...]] = {
    Connection: ("connection_id", "created_at"),
    ApiDestination: ("api_destination_id", "created_at"),
    Endpoint: ("endpoint_id", "failed_over", "created_at"),
}


class DocumentError(EvcliError):
    """An error in the document, at the key that these names lead to."""

    def __init__(self, keys: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.keys = keys


@contextmanager
def _at(*keys: str) -> Iterator[None]:
    """Add to errors where in the document they come from."""
    try:
        yield
    except DocumentError as error:
        raise DocumentError((*keys, *error.keys), error.message) from error
    except EvcliError as error:
        raise DocumentError(keys, error.message) from error


def write_state(ctx: Context, document: Document, path: str) -> None:
    """Bring the store to what a document says, all of it or nothing.

    Args:
        ctx: any account and region of the state directory; gets notices.
        path: the document's file, for messages.

    Raises: ConfigurationError: the file, the key, and what is wrong there.
    """
    ctx.after_commit.clear()
    try:
        with ctx.store.transaction():
            for kind, put in STEPS:
                _put_all(ctx, document, kind, put)
    except DocumentError as error:
        key = ".".join(error.keys)
        raise ConfigurationError(f"{path}: {key}: {error.message}") from error
    for follow_up in ctx.after_commit:
        follow_up()


def _put_all(ctx: Context, document: Document, kind: str, put: Put) -> None:
    for account_id, regions in document.items():
        for region, kinds in regions.items():
            owner = ctx.act_as(account_id, region)
            for name, members in kinds.get(kind, {}).items():
                with _at(account_id, region, kind, name):
                    put(owner, name, members)


# -- partner event sources


def put_event_source(ctx: Context, name: str, members: Members) -> None:
    """Offer an event source, unless it is offered to the same account already."""
    account_id = members.get("Account")
    if account_id is not None:
        customer = ctx.act_as(account_id, ctx.region)
        known = get_event_source(customer, name)
        if known is not None and known.partner_account_id == ctx.account_id:
            return
    call_within(
        ctx,
        "CreatePartnerEventSource",
        {"Name": name, **_select(members, ("Account",))},
    )


def put_event_source_state(ctx: Context, name: str, members: Members) -> None:
    """Bring an event source that has its event bus into its state."""
    state = members.get("State")
    if state is not None:
        customer = ctx.act_as(members["Account"], ctx.region)
        verb = "Deactivate" if state == PENDING else "Activate"
        call_within(customer, f"{verb}EventSource", {"Name": name})


# -- event buses, their rules, their rules' targets


def put_event_bus(ctx: Context, name: str, members: Members) -> None:
    """Make or change an event bus, without its rules."""
    before = ctx.store.get(EventBus, ctx.account_id, ctx.region, name)
    if before is None and name == DEFAULT_EVENT_BUS:
        before = find_event_bus(ctx)
    settings = _select(members, event_buses.SETTINGS)
    if before is None:
        source = _select(members, ("EventSourceName",))
        call_within(ctx, "CreateEventBus", {"Name": name, **source, **settings})
    else:
        if before.event_source_name != members.get("EventSourceName"):
            raise ConfigurationError("An event bus cannot change its event source.")
        known = to_members(before, event_buses.SETTINGS)
        _update(ctx, "UpdateEventBus", {"Name": name}, known, settings)
    _put_policy(ctx, name, members.get("Policy"))
    _put_tags(ctx, ctx.event_bus_arn(name), members.get("tags", {}))


def _select(members: Members, names: Any) -> Members:
    return {name: members[name] for name in names if name in members}


def _update(
    ctx: Context, operation: str, key: Members, known: Members, wanted: Members
) -> None:
    """Change settings and clear those that are not wanted, if any differ."""
    if known != wanted:
        cleared = {name: CLEARING.get(name, "") for name in known}
        call_within(ctx, operation, {**key, **cleared, **wanted})


def _put_policy(ctx: Context, event_bus_name: str, policy: str | None) -> None:
    if find_event_bus(ctx, event_bus_name).policy == policy:
        return
    request: Members = {"EventBusName": event_bus_name}
    if policy is None:
        request["RemoveAllPermissions"] = True
        call_within(ctx, "RemovePermission", request)
    else:
        call_within(ctx, "PutPermission", {**request, "Policy": policy})


def _put_tags(ctx: Context, arn: str, tags: dict[str, str]) -> None:
    known = dict(ctx.store.tags.list(arn))
    gone = [key for key in known if key not in tags]
    if gone:
        call_within(ctx, "UntagResource", {"ResourceARN": arn, "TagKeys": gone})
    if known.items() - tags.items() or tags.items() - known.items():
        items = [{"Key": key, "Value": value} for key, value in tags.items()]
        if items:
            call_within(ctx, "TagResource", {"ResourceARN": arn, "Tags": items})


def put_rules(ctx: Context, event_bus_name: str, members: Members) -> None:
    """Make or replace the rules of an event bus, with their tags and targets."""
    for name, rule in members.get("rules", {}).items():
        with _at("rules", name):
            _put_rule(ctx, event_bus_name, name, rule)


def _put_rule(ctx: Context, event_bus_name: str, name: str, members: Members) -> None:
    creator = members.get("CreatedBy", ctx.account_id)
    request = {
        "Name": name,
        "EventBusName": ctx.event_bus_arn(event_bus_name),
        **_select(members, rules.SETTINGS),
    }
    call_within(ctx.act_as(creator, ctx.region), "PutRule", request)
    key = (ctx.account_id, ctx.region, event_bus_name, name)
    rule = ctx.store.get(Rule, *key)
    assert rule is not None, "it was just put"
    if rule.created_by != creator:
        # A rule that is replaced keeps its creator.
        ctx.store.put(rule.replace(created_by=creator))
    _put_tags(ctx, rule.arn, members.get("tags", {}))
    _put_targets(ctx, rule, members.get("targets", {}))


def _put_targets(ctx: Context, rule: Rule, targets: dict[str, Members]) -> None:
    """Put the targets that are new or changed, after removing what was before."""
    wanted = {
        target_id: {"Id": target_id, **_complete_arns(ctx, members, "Arn")}
        for target_id, members in targets.items()
    }
    where = {"EventBusName": rule.event_bus_name, "Rule": rule.name}
    for known in ctx.store.list_records(
        Target, rule.account_id, rule.region, rule.event_bus_name, rule.name
    ):
        if wanted.get(known.target_id) == known.definition:
            del wanted[known.target_id]
        else:
            call_within(ctx, "RemoveTargets", {**where, "Ids": [known.target_id]})
    for target_id, target in wanted.items():
        with _at("targets", target_id):
            call_within(ctx, "PutTargets", {**where, "Targets": [target]})


def _complete_arns(ctx: Context, members: Members, name: str) -> Members:
    if name not in members:
        return members
    return {**members, name: complete_arn(ctx, members[name])}


# -- what is made anew where it differs


def put_connection(ctx: Context, name: str, members: Members) -> None:
    """Make a connection, with the secrets that the members lack filled in."""
    before = ctx.store.get(Connection, ctx.account_id, ctx.region, name)
    stored = {} if before is None else before.auth_parameters
    is_off = members.get("ConnectionState") == DEAUTHORIZED
    parameters = members.get("AuthParameters", {})
    missing: list[str] = []
    if parameters:
        parameters, missing = complete_parameters(parameters, stored)
    settings = _select(members, CONNECTION_SETTINGS)
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


def put_api_destination(ctx: Context, name: str, members: Members) -> None:
    """Make an API destination."""
    _make(ctx, ApiDestination, name, _complete_arns(ctx, members, "ConnectionArn"))


def put_endpoint(ctx: Context, name: str, members: Members) -> None:
    """Make a global endpoint; which event bus serves stays as it is."""
    _make(ctx, Endpoint, name, members)


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


def put_archive(ctx: Context, name: str, members: Members) -> None:
    """Make or change an archive; its events stay."""
    before = ctx.store.get(Archive, ctx.account_id, ctx.region, name)
    if before is None:
        call_within(ctx, "CreateArchive", {"ArchiveName": name, **members})
        return
    if before.event_source_arn != members.get("EventSourceArn"):
        raise ConfigurationError("An archive cannot change its event bus.")
    known = to_members(before, archives.SETTINGS)
    wanted = {"RetentionDays": 0, **_select(members, archives.SETTINGS)}
    _update(ctx, "UpdateArchive", {"ArchiveName": name}, known, wanted)


# In the order in which resources name each other.
STEPS: tuple[tuple[str, Put], ...] = (
    ("partner_event_sources", put_event_source),
    ("event_buses", put_event_bus),
    ("partner_event_sources", put_event_source_state),
    ("connections", put_connection),
    ("api_destinations", put_api_destination),
    ("endpoints", put_endpoint),
    ("event_buses", put_rules),
    ("archives", put_archive),
)
