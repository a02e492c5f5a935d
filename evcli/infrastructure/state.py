"""From the store to a description: what every account and region holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn
from evcli.delivery.api_destinations.connections import DEAUTHORIZED
from evcli.infrastructure.description import Origin, Resource, Stack
from evcli.infrastructure.toml_document import format_description
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

# What a resource of a kind has, member → column.
EVENT_BUS_SETTINGS = {
    "EventSourceName": "event_source_name",
    **event_buses.SETTINGS,
}
CONNECTION_SETTINGS = {
    "AuthorizationType": "authorization_type",
    **connections.SETTINGS,
}

# Members that a resource has when nothing is said of them.
DEFAULTS: dict[str, dict[str, Any]] = {
    "rule": {"State": rules.ENABLED},
    "archive": {"RetentionDays": 0},
    "api_destination": {"InvocationRateLimitPerSecond": api_destinations.DEFAULT_RATE},
    "endpoint": {"ReplicationConfig": {"State": endpoints.ENABLED}},
}


def format_state(ctx: Context) -> str:
    """Write everything that a file of state holds, as the text of the file."""
    with ctx.store.snapshot():
        return format_description(read_state(ctx))


def read_state(ctx: Context, *, with_secrets: bool = False) -> list[Resource]:
    """Read everything that a file of state holds; accounts, regions and names sorted.

    What a file cannot say is left out, with a notice. Call inside a transaction.
    """
    reader = _Reader(ctx, with_secrets=with_secrets)
    for source in ctx.store.list_records(EventSource):
        reader.add_event_source(source)
    for event_bus in _list_event_buses(ctx):
        reader.add_event_bus(event_bus)
    for connection in ctx.store.list_records(Connection):
        reader.add_connection(connection)
    for destination in ctx.store.list_records(ApiDestination):
        members = to_members(destination, api_destinations.SETTINGS)
        members["ConnectionArn"] = shorten_arn(ctx, destination.connection_arn)
        reader.add("api_destination", destination, members)
    for endpoint in ctx.store.list_records(Endpoint):
        members = to_members(endpoint, endpoints.SETTINGS)
        reader.add("endpoint", endpoint, members)
    for archive in ctx.store.list_records(Archive):
        members = {"EventSourceArn": archive.event_source_arn}
        members |= to_members(archive, archives.SETTINGS)
        reader.add("archive", archive, members)
    # Sorting keeps the order within a region.
    return sorted(reader.resources, key=lambda each: (each.account_id, each.region))


def omit_defaults(kind: str, members: dict[str, Any]) -> dict[str, Any]:
    """Leave out members that have their default value."""
    defaults = DEFAULTS.get(kind, {})
    return {
        member: value
        for member, value in members.items()
        if member not in defaults or defaults[member] != value
    }


class _Reader:
    """Collects resources."""

    def __init__(self, ctx: Context, *, with_secrets: bool) -> None:
        self.ctx = ctx
        self.with_secrets = with_secrets
        self.resources: list[Resource] = []
        self._origin = Origin(Stack(ctx.store.path), ctx.store.path)

    def add(self, kind: str, record: Any, members: dict[str, Any], *name: str) -> None:
        """Add a resource of the account and region of a record, without defaults."""
        self.resources.append(
            Resource(
                kind,
                record.account_id,
                record.region,
                name or (record.name,),
                omit_defaults(kind, members),
                self._origin,
            )
        )

    def add_event_source(self, source: EventSource) -> None:
        """Add an event source to its partner's account; one that ended is no state."""
        if not _is_alive(self.ctx, source):
            return
        customer = self.ctx.act_as(source.account_id, source.region)
        members = {"Account": source.account_id}
        if has_event_bus(customer, source.name):
            members["State"] = source.state
        partner = source.replace(account_id=source.partner_account_id)
        self.add("event_source", partner, members)

    def add_event_bus(self, event_bus: EventBus) -> None:
        """Add an event bus, its policy, its rules and their targets."""
        if not self._has_its_source(event_bus):
            return
        described = [
            rule
            for rule in self.ctx.store.list_records(
                Rule, event_bus.account_id, event_bus.region, event_bus.name
            )
            # Whoever manages a rule makes it anew: an archive does.
            if rule.managed_by is None
        ]
        members = to_members(event_bus, EVENT_BUS_SETTINGS)
        members |= read_tags(self.ctx, event_bus.arn)
        is_default = event_bus.name == DEFAULT_EVENT_BUS
        if is_default and not (members or event_bus.policy or described):
            return
        self.add("event_bus", event_bus, members)
        if event_bus.policy is not None:
            self.add("policy", event_bus, {"Policy": event_bus.policy})
        for rule in described:
            self.add_rule(rule)

    def _has_its_source(self, event_bus: EventBus) -> bool:
        source_name = event_bus.event_source_name
        if source_name is None:
            return True
        source = self.ctx.store.get(
            EventSource, event_bus.region, source_name, event_bus.account_id
        )
        if source is not None and _is_alive(self.ctx, source):
            return True
        self.ctx.notices.append(
            f"The event bus {event_bus.arn} is left out: its partner event source"
            " was withdrawn."
        )
        return False

    def add_rule(self, rule: Rule) -> None:
        """Add a rule and its targets."""
        members = to_members(rule, rules.SETTINGS)
        if rule.created_by != rule.account_id:
            members["CreatedBy"] = rule.created_by
        members |= read_tags(self.ctx, rule.arn)
        name = (rule.event_bus_name, rule.name)
        self.add("rule", rule, members, *name)
        for target in self.ctx.store.list_records(
            Target, rule.account_id, rule.region, *name
        ):
            definition = dict(target.definition)
            definition["Arn"] = shorten_arn(self.ctx, target.arn)
            target_id = definition.pop("Id")
            self.add("target", rule, definition, *name, target_id)

    def add_connection(self, connection: Connection) -> None:
        """Add a connection, with the parameters of its authorisation."""
        members = to_members(connection, CONNECTION_SETTINGS)
        if connection.state == DEAUTHORIZED:
            members["ConnectionState"] = DEAUTHORIZED
        parameters = connection.auth_parameters
        if not self.with_secrets:
            parameters = hide_parameters(parameters)
        if parameters:
            members["AuthParameters"] = parameters
        self.add("connection", connection, members)


def _is_alive(ctx: Context, source: EventSource) -> bool:
    return source.state != DELETED and not has_expired(source, ctx.clock.now())


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


def read_tags(ctx: Context, arn: str) -> dict[str, Any]:
    """The tags of a resource as a member, sorted by key; nothing without any."""
    tags = dict(sorted(ctx.store.tags.list(arn)))
    return {"tags": tags} if tags else {}


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
