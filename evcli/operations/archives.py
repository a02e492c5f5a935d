"""Archives: create, describe, list, update, delete.

An archive hangs on its event bus by a managed rule, which is all that matching knows of
it; what happens to the events is in `delivery/archives.py`. A customer key is stored
and shown, and nothing is encrypted, so an archive is `ENABLED` from start to end.

Source: [aws] answers, their members and most texts, the managed rule's name, pattern,
manager and target; [peer] the target's id, template and the absence of everything else,
and the other texts, as marked.
"""

from __future__ import annotations

from evcli.arns import format_archive_hook
from evcli.delivery.archives import (
    RULE_PREFIX,
    drop_abandoned,
    drop_expired,
    measure_archive,
)
from evcli.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.operations.resources import (
    find_event_bus,
    find_record,
    list_page,
    require_one_filter,
    respond,
    respond_page,
    to_columns,
)
from evcli.operations.rules import (
    ENABLED,
    remove_rule,
    require_pattern_length,
    store_rule,
)
from evcli.operations.targets import store_target
from evcli.store.epoch import to_whole_second
from evcli.store.records import Archive, Replay, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import EventBus

MANAGED_BY = "prod.vhs.events.aws.internal"

# Keeps replayed events out of archives. Source: [aws].
NOT_REPLAYED = '"replay-name":[{"exists":false}]'

# Expired events that a command about an archive drops at most.
STEP_EVENTS = 1_000

# What CreateArchive and UpdateArchive can set, member → column.
SETTINGS = {
    "Description": "description",
    "EventPattern": "event_pattern",
    "RetentionDays": "retention_days",
    "KmsKeyIdentifier": "kms_key_identifier",
}
# What responses show, member → column.
COLUMNS = {
    **SETTINGS,
    "ArchiveArn": "arn",
    "ArchiveName": "name",
    "EventSourceArn": "event_source_arn",
    "State": "state",
    "StateReason": "state_reason",
    "CreationTime": "created_at",
}


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
        InvalidEventPatternException: the event pattern is not valid. [peer] that this
            comes before the others.
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
    return respond("CreateArchive", archive, COLUMNS)


def _read_settings(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Columns of the given settings.

    Raises:
        InvalidEventPatternException: the event pattern is not valid.
        LimitExceededException: it is too long.
    """
    settings = to_columns(request, SETTINGS)
    if settings.get("event_pattern") is not None:
        from evcli.patterns import compile_pattern

        require_pattern_length(ctx, settings["event_pattern"])
        compile_pattern(settings["event_pattern"])
    return settings


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
    before = find_record(ctx, Archive, request["ArchiveName"])
    if "retention_days" in settings:
        # What has expired is gone: a longer retention must not bring it back.
        while drop_expired(ctx, before, STEP_EVENTS):
            pass
        before = find_record(ctx, Archive, before.name)  # Its counters have changed.
    archive = before.replace(**settings)
    ctx.store.put(archive)
    if "event_pattern" in settings:
        # By force it may be gone; a rule must not wait for the next one of its name.
        find_event_bus(ctx, archive.event_bus_name)
        put_archive_rule(ctx, archive)
    drop_expired(ctx, archive, STEP_EVENTS)
    return respond("UpdateArchive", archive, COLUMNS)


def delete_archive(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an archive, its managed rule and its events.

    The events are out of reach at once; their rows go after the answer is settled, a
    part at a time, for a large archive must not keep everybody else waiting. Replays of
    it stay listed; those under way fail. [guess]

    Raises: ResourceNotFoundException: there is no such archive. [aws]
    """
    archive = find_record(ctx, Archive, request["ArchiveName"])
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
    archive = find_record(ctx, Archive, request["ArchiveName"])
    return respond("DescribeArchive", archive, COLUMNS, **_measure(ctx, archive))


def list_archives(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of archives, by name; one filter at most.

    Raises:
        ValidationException: more than one filter.
        ResourceNotFoundException: there is no such event bus here. [aws]
        InvalidToken: the token is not one of this list.
    """
    require_one_filter("ListArchives", request)
    where: dict[str, object] = {}
    if "EventSourceArn" in request:
        event_bus = find_own_event_bus(ctx, request["EventSourceArn"])
        where["event_bus_name"] = event_bus.name
    if "State" in request:
        where["state"] = request["State"]
    page = list_page(ctx, request, Archive, ctx.account_id, ctx.region, where=where)
    return respond_page("ListArchives", page, COLUMNS, lambda each: _measure(ctx, each))


def _measure(ctx: Context, archive: Archive) -> dict[str, int]:
    event_count, size_bytes = measure_archive(ctx, archive)
    return {"SizeBytes": size_bytes, "EventCount": event_count}


# -- the managed rule that hangs an archive on its event bus


def build_pattern(event_pattern: str | None) -> str:
    """Add the clause against replayed events to an archive's event pattern.

    The clause goes behind the last member: of two fields with one name the later counts,
    so it overrides a `replay-name` of the user's. [peer] The text before it is kept as
    it was written, since numbers are matched by their text.

    Args:
        event_pattern: a valid pattern, or `None` for an archive of everything. Text
            behind its last brace is ignored by the service, and left out here.
    """
    if event_pattern is None:
        return f"{{{NOT_REPLAYED}}}"
    members = event_pattern[: _find_end(event_pattern) - 1].rstrip()
    return f"{members},{NOT_REPLAYED}}}"


def _find_end(event_pattern: str) -> int:
    from evcli.patterns.language.reader import Reader

    reader = Reader(event_pattern)
    depth = 0
    while True:
        token = reader.advance()
        depth += (token in ("{", "[")) - (token in ("}", "]"))
        if depth == 0:
            return reader.consumed


def put_archive_rule(ctx: Context, archive: Archive) -> None:
    """Make or remake the rule of an archive, with the archive as its only target.

    [guess] A rule of that name that is there already becomes the archive's.
    """
    rule = Rule(
        account_id=archive.account_id,
        region=archive.region,
        event_bus_name=archive.event_bus_name,
        name=RULE_PREFIX + archive.name,
        event_pattern=build_pattern(archive.event_pattern),
        state=ENABLED,
        managed_by=MANAGED_BY,
        created_by=archive.account_id,
    )
    remove_rule(ctx, rule)
    store_rule(ctx, rule)
    hook = format_archive_hook(archive.region)
    definition = {
        "Id": rule.name,
        "Arn": hook,
        "InputTransformer": {
            "InputPathsMap": {},
            "InputTemplate": f'{{"archive-arn": "{archive.arn}:{archive.archive_id}",'
            ' "event": <aws.events.event.json>,'
            ' "ingestion-time": <aws.events.event.ingestion-time>}',
        },
    }
    store_target(ctx, rule, definition)


def remove_archive_rule(ctx: Context, archive: Archive) -> None:
    """Remove the rule of an archive with its target; fine if someone did by force."""
    rule = ctx.store.get(
        Rule,
        archive.account_id,
        archive.region,
        archive.event_bus_name,
        RULE_PREFIX + archive.name,
    )
    if rule is not None and rule.managed_by is not None:
        remove_rule(ctx, rule)


HANDLERS = {
    "CreateArchive": create_archive,
    "DeleteArchive": delete_archive,
    "DescribeArchive": describe_archive,
    "ListArchives": list_archives,
    "UpdateArchive": update_archive,
}
