"""Event buses: create, describe, list, update, delete."""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.errors import ResourceAlreadyExistsException, ValidationException
from evcli.operations.resources import (
    PAGE_SIZE,
    cut_page,
    find_event_bus,
    parse_token,
    put_tags,
    respond,
    respond_page,
    to_columns,
)
from evcli.store.epoch import to_whole_second
from evcli.store.records import EventBus, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

# What CreateEventBus and UpdateEventBus can set, member → column.
SETTINGS = {
    "Description": "description",
    "KmsKeyIdentifier": "kms_key_identifier",
    "DeadLetterConfig": "dead_letter_config",
    "LogConfig": "log_config",
}
COLUMNS = {
    **SETTINGS,
    "Name": "name",
    "Arn": "arn",
    "EventBusArn": "arn",
    "Policy": "policy",
    "CreationTime": "created_at",
    "LastModifiedTime": "last_modified_at",
}


def create_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Make an event bus; an existing name is refused, never replaced. [aws]

    Raises:
        ValidationException: the name is reserved, or not the event source's.
        ResourceAlreadyExistsException: the name is taken.
        ResourceNotFoundException: the event source does not exist.
        InvalidStateException: the event source was withdrawn.
        LimitExceededException: too many event buses, or too many tags.
    """
    name, event_source_name = request["Name"], request.get("EventSourceName")
    _require_new_name(name, event_source_name)
    if name == DEFAULT_EVENT_BUS or ctx.store.get(
        EventBus, ctx.account_id, ctx.region, name
    ):
        raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
    if event_source_name is not None:
        _activate_event_source(ctx, event_source_name)
    ctx.require_quota("event_buses", _count_event_buses(ctx) + 1)
    now = to_whole_second(ctx.clock.now())
    event_bus = EventBus(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        event_source_name=event_source_name,
        created_at=now,
        last_modified_at=now,
        **to_columns(request, SETTINGS),
    )
    ctx.store.put(event_bus)
    if request.get("Tags"):
        put_tags(ctx, event_bus.arn, request["Tags"])
    return respond("CreateEventBus", event_bus, COLUMNS)


def _require_new_name(name: str, event_source_name: str | None) -> None:
    if event_source_name is None:
        if name.startswith("aws."):  # [aws]
            raise ValidationException(
                "EventBus name starting with 'aws.' is not valid."
            )
        if "/" in name:  # [peer]
            raise ValidationException("Event bus name must not contain '/'.")
    elif name != event_source_name:  # [doc] the rule, [guess] the text
        raise ValidationException("Event bus name must match the event source name.")


def _activate_event_source(ctx: Context, name: str) -> None:
    from evcli.operations import event_sources

    source = event_sources.find_event_source(ctx, name)
    event_sources.require_not_deleted(source)
    event_sources.put_event_source_state(ctx, source, event_sources.ACTIVE)


def _count_event_buses(ctx: Context) -> int:
    """Count the event buses of this account and region, the default one included."""
    scope = (ctx.account_id, ctx.region)
    stored = ctx.store.count(EventBus, *scope)
    is_default_stored = ctx.store.get(EventBus, *scope, DEFAULT_EVENT_BUS) is not None
    return stored + (not is_default_stored)


def update_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Change the given settings, keep the others. [guess]

    Raises: ResourceNotFoundException: there is no such event bus.
    """
    event_bus = find_event_bus(ctx, request.get("Name")).replace(
        last_modified_at=to_whole_second(ctx.clock.now()),
        **to_columns(request, SETTINGS),
    )
    ctx.store.put(event_bus)
    return respond("UpdateEventBus", event_bus, COLUMNS)


def delete_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an event bus, its policy and tags; one that is not there is fine. [aws]

    Raises: ValidationException: it is the default one, or still has rules.
    """
    name = request["Name"]
    if name == DEFAULT_EVENT_BUS:
        raise ValidationException(f"Cannot delete event bus {name}.")
    key = (ctx.account_id, ctx.region, name)
    event_bus = ctx.store.get(EventBus, *key)
    if event_bus is None:
        return {}
    if ctx.store.count(Rule, *key):
        raise ValidationException("EventBus can't be deleted since it has rules.")
    ctx.store.delete(EventBus, *key)
    ctx.store.tags.delete_all(event_bus.arn)
    if event_bus.event_source_name is not None:
        from evcli.operations.event_sources import release_event_source

        release_event_source(ctx, event_bus.event_source_name)
    return {}


def describe_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one event bus. Raises: ResourceNotFoundException: there is no such."""
    event_bus = find_event_bus(ctx, request.get("Name"))
    return respond("DescribeEventBus", event_bus, COLUMNS)


def list_event_buses(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of event buses, the default one among them.

    Raises: InvalidToken: the token is not one of this list.
    """
    size = request.get("Limit", PAGE_SIZE)
    prefix = request.get("NamePrefix", "")
    after = parse_token(EventBus.TABLE, request.get("NextToken"))
    event_buses = ctx.store.list_records(
        EventBus, ctx.account_id, ctx.region, prefix=prefix, after=after, limit=size + 1
    )
    if DEFAULT_EVENT_BUS.startswith(prefix) and after < DEFAULT_EVENT_BUS:
        # Where it is stored, it meets itself here.
        by_name = {each.name: each for each in event_buses}
        by_name[DEFAULT_EVENT_BUS] = find_event_bus(ctx)
        event_buses = [by_name[name] for name in sorted(by_name)][: size + 1]
    page = cut_page(EventBus.TABLE, event_buses, size, lambda event_bus: event_bus.name)
    return respond_page("ListEventBuses", page, COLUMNS)


HANDLERS = {
    "CreateEventBus": create_event_bus,
    "DeleteEventBus": delete_event_bus,
    "DescribeEventBus": describe_event_bus,
    "ListEventBuses": list_event_buses,
    "UpdateEventBus": update_event_bus,
}
