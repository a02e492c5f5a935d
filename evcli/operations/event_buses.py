"""Event buses: create, describe, list, update, delete.

Every account and region has a `default` event bus. It is stored only once it was
changed; until then `find_event_bus` makes it up.
"""

from __future__ import annotations

from evcli.arns import parse_arn
from evcli.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.operations.pages import PAGE_SIZE, cut_page, parse_token
from evcli.operations.responses import omit_unset
from evcli.store.epoch import from_epoch_ms, to_whole_second
from evcli.store.records import EventBus, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

DEFAULT = "default"

# What CreateEventBus and UpdateEventBus can set, member → column.
SETTINGS = {
    "Description": "description",
    "KmsKeyIdentifier": "kms_key_identifier",
    "DeadLetterConfig": "dead_letter_config",
    "LogConfig": "log_config",
}


def find_event_bus(ctx: Context, name_or_arn: str = DEFAULT) -> EventBus:
    """Fetch an event bus: by name in this account and region, by ARN in its own.

    Raises: ResourceNotFoundException: it does not exist; the text has the bare name,
        also when an ARN was given. [aws]
    """
    account_id, region, name = ctx.account_id, ctx.region, name_or_arn
    arn = parse_arn(name_or_arn)
    if arn is not None:
        account_id, region = arn.account_id, arn.region
        name = arn.resource.removeprefix("event-bus/")
    event_bus = ctx.store.get(EventBus, account_id, region, name)
    if event_bus is not None:
        return event_bus
    if name == DEFAULT:
        return _make_default_event_bus(ctx, account_id, region)
    raise ResourceNotFoundException(f"Event bus {name} does not exist.")


def find_rule_event_bus(ctx: Context, name_or_arn: str = DEFAULT) -> EventBus:
    """Fetch the event bus that a request about rules or targets names.

    [guess] The event bus of another account may be named, whatever its policy says.

    Raises:
        ValidationException: the event bus is in another region. [aws]
        ResourceNotFoundException: it does not exist.
    """
    arn = parse_arn(name_or_arn)
    if arn is not None and arn.region != ctx.region:
        raise ValidationException("Cross-region API call is not allowed.")
    return find_event_bus(ctx, name_or_arn)


def _make_default_event_bus(ctx: Context, account_id: str, region: str) -> EventBus:
    # As old as the state directory, whatever account or region asks.
    created_at = to_whole_second(from_epoch_ms(ctx.store.meta.all()["created_at"]))
    return EventBus(
        account_id=account_id,
        region=region,
        name=DEFAULT,
        created_at=created_at,
        last_modified_at=created_at,
    )


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
    _check_new_name(name, event_source_name)
    if name == DEFAULT or ctx.store.get(EventBus, ctx.account_id, ctx.region, name):
        raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
    if event_source_name is not None:
        _activate_event_source(ctx, event_source_name)
    ctx.check_quota("event_buses", _count_event_buses(ctx) + 1)
    now = to_whole_second(ctx.clock.now())
    event_bus = EventBus(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        event_source_name=event_source_name,
        created_at=now,
        last_modified_at=now,
        **_read_settings(request),
    )
    ctx.store.put(event_bus)
    if request.get("Tags"):
        from evcli.operations.tagging import put_tags

        put_tags(ctx, event_bus.arn, request["Tags"])
    return omit_unset(
        {
            "EventBusArn": event_bus.arn,
            "Description": event_bus.description,
            "KmsKeyIdentifier": event_bus.kms_key_identifier,
            "DeadLetterConfig": event_bus.dead_letter_config,
            "LogConfig": event_bus.log_config,
        }
    )


def _check_new_name(name: str, event_source_name: str | None) -> None:
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
    from evcli.operations import event_source_states as states

    source = states.find_event_source(ctx, name)
    states.check_not_deleted(source)
    states.put_event_source_state(ctx, source, states.ACTIVE)


def _count_event_buses(ctx: Context) -> int:
    """Count the event buses of this account and region, the default one included."""
    scope = (ctx.account_id, ctx.region)
    stored = ctx.store.count(EventBus, *scope)
    is_default_stored = ctx.store.get(EventBus, *scope, DEFAULT) is not None
    return stored + (not is_default_stored)


def _read_settings(request: dict[str, Any]) -> dict[str, Any]:
    """Columns of the given settings; an empty one clears what was set. [guess]"""
    return {
        column: request[member] or None
        for member, column in SETTINGS.items()
        if member in request
    }


def update_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Change the given settings, keep the others. [guess]

    Raises: ResourceNotFoundException: there is no such event bus.
    """
    event_bus = find_event_bus(ctx, request.get("Name", DEFAULT)).replace(
        last_modified_at=to_whole_second(ctx.clock.now()), **_read_settings(request)
    )
    ctx.store.put(event_bus)
    return omit_unset(
        {
            "Arn": event_bus.arn,
            "Name": event_bus.name,
            "KmsKeyIdentifier": event_bus.kms_key_identifier,
            "Description": event_bus.description,
            "DeadLetterConfig": event_bus.dead_letter_config,
            "LogConfig": event_bus.log_config,
        }
    )


def delete_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an event bus, its policy and tags; one that is not there is fine. [aws]

    Raises: ValidationException: it is the default one, or still has rules.
    """
    name = request["Name"]
    if name == DEFAULT:
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
        from evcli.operations.event_source_states import release_event_source

        release_event_source(ctx, event_bus.event_source_name)
    return {}


def describe_event_bus(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one event bus. Raises: ResourceNotFoundException: there is no such."""
    event_bus = find_event_bus(ctx, request.get("Name", DEFAULT))
    return omit_unset(
        {
            "Name": event_bus.name,
            "Arn": event_bus.arn,
            "Description": event_bus.description,
            "KmsKeyIdentifier": event_bus.kms_key_identifier,
            "DeadLetterConfig": event_bus.dead_letter_config,
            "Policy": event_bus.policy,
            "LogConfig": event_bus.log_config,
            "CreationTime": event_bus.created_at,
            "LastModifiedTime": event_bus.last_modified_at,
        }
    )


def list_event_buses(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of event buses, the default one in its place among them.

    Raises: InvalidToken: the token is not one of this list.
    """
    size = request.get("Limit", PAGE_SIZE)
    prefix = request.get("NamePrefix", "")
    after = parse_token(EventBus.TABLE, request.get("NextToken"))
    event_buses = ctx.store.list_records(
        EventBus, ctx.account_id, ctx.region, prefix=prefix, after=after, limit=size + 1
    )
    if DEFAULT.startswith(prefix) and after < DEFAULT:
        # Where it is stored, it meets itself here.
        by_name = {each.name: each for each in event_buses}
        by_name[DEFAULT] = find_event_bus(ctx)
        event_buses = [by_name[name] for name in sorted(by_name)][: size + 1]
    event_buses, token = cut_page(
        EventBus.TABLE, event_buses, size, lambda event_bus: event_bus.name
    )
    return {"EventBuses": [_format_item(each) for each in event_buses], **token}


def _format_item(event_bus: EventBus) -> dict[str, Any]:
    return omit_unset(
        {
            "Name": event_bus.name,
            "Arn": event_bus.arn,
            "Description": event_bus.description,
            "Policy": event_bus.policy,
            "CreationTime": event_bus.created_at,
            "LastModifiedTime": event_bus.last_modified_at,
        }
    )


HANDLERS = {
    "CreateEventBus": create_event_bus,
    "DeleteEventBus": delete_event_bus,
    "DescribeEventBus": describe_event_bus,
    "ListEventBuses": list_event_buses,
    "UpdateEventBus": update_event_bus,
}
