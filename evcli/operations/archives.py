"""Archives: create, describe, list, update, delete.

An archive hangs on its event bus by a managed rule, which is all that matching knows of
it; what happens to the events is in `delivery/archives.py`. A customer key is stored
and shown, and nothing is encrypted, so an archive is `ENABLED` from start to end.

Source: [aws] answers, their members and most texts; [peer] the others, as marked.
"""

from __future__ import annotations

from evcli.delivery.archives import drop_abandoned, drop_expired, measure_archive
from evcli.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.operations.archive_rules import put_archive_rule, remove_archive_rule
from evcli.operations.event_buses import find_event_bus
from evcli.operations.filters import check_one_filter
from evcli.operations.pages import list_page
from evcli.operations.responses import omit_unset
from evcli.store.epoch import to_whole_second
from evcli.store.records import Archive, Replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import EventBus

ENABLED = "ENABLED"

# Expired events that a command about an archive drops on its way.
STEP_EVENTS = 1_000

# What CreateArchive and UpdateArchive can set, member → column.
SETTINGS = {
    "Description": "description",
    "EventPattern": "event_pattern",
    "RetentionDays": "retention_days",
    "KmsKeyIdentifier": "kms_key_identifier",
}


def find_archive(ctx: Context, name: str) -> Archive:
    """Fetch an archive. Raises: ResourceNotFoundException: there is no such. [aws]"""
    archive = ctx.store.get(Archive, ctx.account_id, ctx.region, name)
    if archive is None:
        raise ResourceNotFoundException(f"Archive {name} does not exist.")
    return archive


def find_own_event_bus(ctx: Context, arn: str) -> EventBus:
    """Fetch an event bus of this account and region by its ARN.

    Raises: ResourceNotFoundException: there is no such. One that names another account
        or region gets the same text, with the bare name. [aws]
    """
    name = arn.partition("event-bus/")[2] or arn.partition("/")[2]
    if arn != ctx.event_bus_arn(name):
        raise ResourceNotFoundException(f"Event bus {name} does not exist.")
    return find_event_bus(ctx, name)


def create_archive(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Make an archive of an event bus, and the managed rule that feeds it.

    Raises:
        InvalidEventPatternException: the event pattern is not valid. [peer] its place
            before the others.
        ResourceNotFoundException: there is no such event bus here.
        ResourceAlreadyExistsException: the name is taken; nothing is replaced.
    """
    name = request["ArchiveName"]
    settings = _read_settings(ctx, request)
    event_bus = find_own_event_bus(ctx, request["EventSourceArn"])
    if ctx.store.get(Archive, ctx.account_id, ctx.region, name) is not None:
        raise ResourceAlreadyExistsException(f"Archive {name} already exists.")
    archive = Archive(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        archive_id=ctx.new_id(),
        event_bus_name=event_bus.name,
        event_source_arn=event_bus.arn,
        state=ENABLED,
        event_count=0,
        size_bytes=0,
        created_at=to_whole_second(ctx.clock.now()),
        **{"retention_days": 0, **settings},
    )
    ctx.store.put(archive)
    put_archive_rule(ctx, archive)
    return _format_standing(archive)


def _read_settings(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Columns of the given settings; an empty text clears what was set. [guess]

    Zero days are days: they mean for ever. [doc]

    Raises:
        InvalidEventPatternException: the event pattern is not valid.
        LimitExceededException: it is too long.
    """
    settings: dict[str, Any] = {
        column: None if request[member] == "" else request[member]
        for member, column in SETTINGS.items()
        if member in request
    }
    if settings.get("event_pattern") is not None:
        from evcli.operations.rules import check_pattern_length
        from evcli.patterns import compile_pattern

        check_pattern_length(ctx, settings["event_pattern"])
        compile_pattern(settings["event_pattern"])
    return settings


def _format_standing(archive: Archive) -> dict[str, Any]:
    return omit_unset(
        {
            "ArchiveArn": archive.arn,
            "State": archive.state,
            "StateReason": archive.state_reason,
            "CreationTime": archive.created_at,
        }
    )


def update_archive(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Change the given settings, keep the others; archived events stay.

    A new retention holds for the events that are there already. [peer]

    Raises:
        ValidationException: nothing was given to change; even where there is no such
            archive. [aws]
        InvalidEventPatternException: the event pattern is not valid.
        ResourceNotFoundException: there is no such archive; or a new event pattern finds
            no event bus any more. [guess] the latter.
    """
    if not any(member in request for member in SETTINGS):
        raise ValidationException(
            "At least one of EventPattern, RetentionDays or Description must be provided."
        )
    settings = _read_settings(ctx, request)
    before = find_archive(ctx, request["ArchiveName"])
    if "retention_days" in settings:
        # What has expired is gone: a longer retention must not bring it back.
        while drop_expired(ctx, before, STEP_EVENTS):
            pass
        before = find_archive(ctx, before.name)  # Its counters have changed.
    archive = before.replace(**settings)
    ctx.store.put(archive)
    if "event_pattern" in settings:
        # By force it may be gone; a rule must not wait for the next one of its name.
        find_event_bus(ctx, archive.event_bus_name)
        put_archive_rule(ctx, archive)
    drop_expired(ctx, archive, STEP_EVENTS)
    return _format_standing(archive)


def delete_archive(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an archive, its managed rule and its events.

    The events are out of reach at once; their rows go after the answer is settled, a
    part at a time, for a large archive must not keep everybody else waiting. Replays of
    it stay listed; those under way fail. [guess]

    Raises: ResourceNotFoundException: there is no such archive. [aws]
    """
    archive = find_archive(ctx, request["ArchiveName"])
    ctx.store.delete(Archive, archive.account_id, archive.region, archive.name)
    remove_archive_rule(ctx, archive)
    _fail_replays(ctx, archive)
    ctx.after_commit.append(lambda: drop_abandoned(ctx))
    return {}


def _fail_replays(ctx: Context, archive: Archive) -> None:
    from evcli.delivery.scheduled.replay_states import (
        FAILED,
        UNDER_WAY,
        archive_is_gone,
    )

    for state in UNDER_WAY:
        for replay in ctx.store.list_records(
            Replay,
            archive.account_id,
            archive.region,
            where={"state": state, "archive_id": archive.archive_id},
        ):
            ctx.store.put(
                replay.replace(
                    state=FAILED,
                    state_reason=archive_is_gone(archive.name),
                    ended_at=ctx.clock.now(),
                    owner=None,
                )
            )


def describe_archive(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one archive. Raises: ResourceNotFoundException: there is no such. [aws]"""
    archive = find_archive(ctx, request["ArchiveName"])
    event_count, size_bytes = measure_archive(ctx, archive)
    return omit_unset(
        {
            "ArchiveArn": archive.arn,
            "ArchiveName": archive.name,
            "EventSourceArn": archive.event_source_arn,
            "Description": archive.description,
            "EventPattern": archive.event_pattern,
            "State": archive.state,
            "StateReason": archive.state_reason,
            "KmsKeyIdentifier": archive.kms_key_identifier,
            "RetentionDays": archive.retention_days,
            "SizeBytes": size_bytes,
            "EventCount": event_count,
            "CreationTime": archive.created_at,
        }
    )


def list_archives(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of archives, by name; one filter at most.

    Raises:
        ValidationException: more than one filter.
        ResourceNotFoundException: there is no such event bus here. [aws]
        InvalidToken: the token is not one of this list.
    """
    check_one_filter("ListArchives", request)
    where: dict[str, object] = {}
    if "EventSourceArn" in request:
        event_bus = find_own_event_bus(ctx, request["EventSourceArn"])
        where["event_bus_name"] = event_bus.name
    if "State" in request:
        where["state"] = request["State"]
    archives, token = list_page(
        ctx, request, Archive, ctx.account_id, ctx.region, where=where
    )
    return {"Archives": [_format_item(ctx, each) for each in archives], **token}


def _format_item(ctx: Context, archive: Archive) -> dict[str, Any]:
    event_count, size_bytes = measure_archive(ctx, archive)
    return omit_unset(
        {
            "ArchiveName": archive.name,
            "EventSourceArn": archive.event_source_arn,
            "State": archive.state,
            "StateReason": archive.state_reason,
            "RetentionDays": archive.retention_days,
            "SizeBytes": size_bytes,
            "EventCount": event_count,
            "CreationTime": archive.created_at,
        }
    )


HANDLERS = {
    "CreateArchive": create_archive,
    "DeleteArchive": delete_archive,
    "DescribeArchive": describe_archive,
    "ListArchives": list_archives,
    "UpdateArchive": update_archive,
}
