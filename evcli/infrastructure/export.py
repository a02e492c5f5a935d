"""From the store to a document: what every account and region holds, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn
from evcli.delivery.api_destinations.connections import DEAUTHORIZED
from evcli.infrastructure.document import format_document
from evcli.operations import (
    api_destinations,
    archives,
    connections,
    endpoints,
    event_buses,
    rules,
)
from evcli.operations.connection_parameters import hide_parameters
from evcli.operations.event_sources import (
    DELETED,
    has_event_bus,
    has_expired,
)
from evcli.operations.resources import find_event_bus, to_members
from evcli.store.records import (
    ApiDestination,
    Archive,
    Connection,
    Endpoint,
    EventBus,
    EventSource,
    Rule,
    Target,
)

if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.infrastructure.document import Document

# What a resource of a kind has, member → column.
EVENT_BUS_SETTINGS = {
    "EventSourceName": "event_source_name",
    **event_buses.SETTINGS,
    "Policy": "policy",
}
CONNECTION_SETTINGS = {
    "AuthorizationType": "authorization_type",
    **connections.SETTINGS,
}

# Members that a resource has when nothing is said of them.
DEFAULTS: dict[str, dict[str, Any]] = {
    "rules": {"State": rules.ENABLED},
    "archives": {"RetentionDays": 0},
    "api_destinations": {"InvocationRateLimitPerSecond": api_destinations.DEFAULT_RATE},
    "endpoints": {"ReplicationConfig": {"State": endpoints.ENABLED}},
}


def format_state(ctx: Context) -> str:
    """Write everything that a file of state holds, as the text of the file."""
    with ctx.store.snapshot():
        return format_document(read_state(ctx))


def read_state(ctx: Context) -> Document:
    """Read everything that a file of state holds; accounts, regions and names sorted.

    What a file cannot say is left out, with a notice. Call inside a snapshot.
    """
    document: Document = {}
    for source in ctx.store.list_records(EventSource):
        _add_event_source(ctx, document, source)
    for event_bus in _list_event_buses(ctx):
        _add_event_bus(ctx, document, event_bus)
    for connection in ctx.store.list_records(Connection):
        _add(document, "connections", connection, _read_connection(connection))
    for destination in ctx.store.list_records(ApiDestination):
        members = to_members(destination, api_destinations.SETTINGS)
        members["ConnectionArn"] = shorten_arn(ctx, destination.connection_arn)
        _add(document, "api_destinations", destination, members)
    for endpoint in ctx.store.list_records(Endpoint):
        members = to_members(endpoint, endpoints.SETTINGS)
        _add(document, "endpoints", endpoint, members)
    for archive in ctx.store.list_records(Archive):
        members = {"EventSourceArn": archive.event_source_arn}
        members |= to_members(archive, archives.SETTINGS)
        _add(document, "archives", archive, members)
    return {
        account_id: {region: document[account_id][region] for region in sorted(regions)}
        for account_id, regions in sorted(document.items())
    }


def _add(document: Document, kind: str, record: Any, members: dict[str, Any]) -> None:
    """Add a resource to those of its account, region and kind."""
    kinds = document.setdefault(record.account_id, {}).setdefault(record.region, {})
    kinds.setdefault(kind, {})[record.name] = omit_defaults(kind, members)


def omit_defaults(kind: str, members: dict[str, Any]) -> dict[str, Any]:
    """Leave out members that have their default value."""
    defaults = DEFAULTS.get(kind, {})
    return {
        member: value
        for member, value in members.items()
        if member not in defaults or defaults[member] != value
    }


# -- partner event sources


def _add_event_source(ctx: Context, document: Document, source: EventSource) -> None:
    """Add an event source to its partner's account; one that ended is no state."""
    if not _is_alive(ctx, source):
        return
    customer = ctx.act_as(source.account_id, source.region)
    members = {"Account": source.account_id}
    if has_event_bus(customer, source.name):
        members["State"] = source.state
    partner = source.replace(account_id=source.partner_account_id)
    _add(document, "partner_event_sources", partner, members)


def _is_alive(ctx: Context, source: EventSource) -> bool:
    return source.state != DELETED and not has_expired(source, ctx.clock.now())


# -- event buses, their rules, their rules' targets


def _list_event_buses(ctx: Context) -> list[EventBus]:
    """List the event buses by account, region and name.

    A default one is stored only once it was changed, so those are added that have rules
    or tags.
    """
    found = {
        (each.account_id, each.region, each.name): each
        for each in ctx.store.list_records(EventBus)
    }
    scopes = {
        (rule.account_id, rule.region)
        for rule in ctx.store.list_records(Rule)
        if rule.event_bus_name == DEFAULT_EVENT_BUS
    }
    for text in ctx.store.tags.list_resources():
        arn = parse_arn(text)
        if arn is not None and arn.resource == f"event-bus/{DEFAULT_EVENT_BUS}":
            scopes.add((arn.account_id, arn.region))
    for scope in scopes:
        default = find_event_bus(ctx.act_as(*scope))
        found.setdefault((*scope, default.name), default)
    return [found[key] for key in sorted(found)]


def _add_event_bus(ctx: Context, document: Document, event_bus: EventBus) -> None:
    source_name = event_bus.event_source_name
    if source_name is not None:
        source = ctx.store.get(
            EventSource, event_bus.region, source_name, event_bus.account_id
        )
        if source is None or not _is_alive(ctx, source):
            ctx.notices.append(
                f"The event bus {event_bus.arn} is left out: its partner event source"
                " was withdrawn."
            )
            return
    members = to_members(event_bus, EVENT_BUS_SETTINGS)
    members |= read_tags(ctx, event_bus.arn)
    described = {
        rule.name: read_rule(ctx, rule)
        for rule in ctx.store.list_records(
            Rule, event_bus.account_id, event_bus.region, event_bus.name
        )
        # Whoever manages a rule makes it anew: an archive does.
        if rule.managed_by is None
    }
    if described:
        members["rules"] = described
    if members or event_bus.name != DEFAULT_EVENT_BUS:
        _add(document, "event_buses", event_bus, members)


def read_tags(ctx: Context, arn: str) -> dict[str, Any]:
    """The tags of a resource as a member, sorted by key; nothing without any."""
    tags = dict(sorted(ctx.store.tags.list(arn)))
    return {"tags": tags} if tags else {}


def read_rule(ctx: Context, rule: Rule) -> dict[str, Any]:
    """A rule with its tags and targets."""
    members = omit_defaults("rules", to_members(rule, rules.SETTINGS))
    if rule.created_by != rule.account_id:
        members["CreatedBy"] = rule.created_by
    members |= read_tags(ctx, rule.arn)
    targets = {}
    for target in ctx.store.list_records(
        Target, rule.account_id, rule.region, rule.event_bus_name, rule.name
    ):
        definition = {**target.definition, "Arn": shorten_arn(ctx, target.arn)}
        targets[definition.pop("Id")] = definition
    if targets:
        members["targets"] = targets
    return members


# -- connections, and what is called through them


def _read_connection(connection: Connection) -> dict[str, Any]:
    members = to_members(connection, CONNECTION_SETTINGS)
    if connection.state == DEAUTHORIZED:
        members["ConnectionState"] = DEAUTHORIZED
    shown = hide_parameters(connection.auth_parameters)
    if shown:
        members["AuthParameters"] = shown
    return members


def shorten_arn(ctx: Context, text: str) -> str:
    """Leave the id out of the ARN of a connection or API destination that exists."""
    short, _, _ = text.rpartition("/")
    return short if complete_arn(ctx, short) == text != short else text


def complete_arn(ctx: Context, text: str) -> str:
    """Add its id to an ARN that `shorten_arn` made; other ARNs stay as they are."""
    arn = parse_arn(text)
    if arn is None or arn.service != "events":
        return text
    kind, _, name = arn.resource.partition("/")
    record: Connection | ApiDestination | None = None
    if kind == "connection":
        record = ctx.store.get(Connection, arn.account_id, arn.region, name)
    elif kind == "api-destination":
        record = ctx.store.get(ApiDestination, arn.account_id, arn.region, name)
    return text if record is None else record.arn
