"""Replays: start, describe, list, cancel.

Starting only writes the replay down, so the answer says `STARTING`. The command line
then runs it before it ends, unless told `--no-wait`: a cancellation behind it finds a
replay that has ended. What SDKs start is run by the worker of the server, which may hold
it; `delivery/scheduled/replays.py` and `replay_states.py` have how.

Source: [aws] answers, their members and most texts; [peer] the others, as marked.
"""

from __future__ import annotations

from evcli.arns import parse_arn, split_rule_resource
from evcli.delivery.scheduled.replay_states import (
    CANCELLING,
    COMPLETED,
    FAILED,
    STARTING,
    UNDER_WAY,
)
from evcli.errors import (
    IllegalStatusException,
    ResourceAlreadyExistsException,
    ValidationException,
)
from evcli.operations.resources import (
    find_record,
    list_page,
    require_one_filter,
    respond,
    respond_page,
    to_columns,
)
from evcli.store.epoch import to_whole_second
from evcli.store.records import Archive, Replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

# What responses show, member → column.
COLUMNS = {
    "ReplayName": "name",
    "ReplayArn": "arn",
    "Description": "description",
    "State": "state",
    "StateReason": "state_reason",
    "EventSourceArn": "event_source_arn",
    "Destination": "destination",
    "EventStartTime": "event_start_at",
    "EventEndTime": "event_end_at",
    "EventLastReplayedTime": "event_last_replayed_at",
    "ReplayStartTime": "started_at",
}


def start_replay(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Write a replay down, for the next one that runs replays.

    Raises, in this order ([aws] time before event bus, [peer] the rest):
        ValidationException: an ARN of the wrong kind, or no time between start and end.
        ResourceNotFoundException: there is no such event bus here.
        ResourceAlreadyExistsException: the name is taken, by whatever replay.
        ValidationException: there is no such archive, or it is not the event bus's.
        ValidationException, ResourceNotFoundException: a filter is no rule of it.
        LimitExceededException: too many replays are under way. [aws]
    """
    from evcli.operations.archives import find_own_event_bus

    destination = request["Destination"]
    _require_arns_and_times(request)
    event_bus = find_own_event_bus(ctx, destination["Arn"])
    name = request["ReplayName"]
    if ctx.store.get(Replay, ctx.account_id, ctx.region, name) is not None:
        raise ResourceAlreadyExistsException(f"Replay {name} already exists.")
    archive = _find_source(ctx, request["EventSourceArn"])
    if archive.event_bus_name != event_bus.name:
        raise _refuse("Destination.Arn", "Cross event bus replay is not permitted.")
    for rule_arn in destination.get("FilterArns", ()):
        _require_rule(ctx, rule_arn, event_bus.name)
    ctx.require_quota("concurrent_replays", _count_under_way(ctx) + 1)
    replay = Replay(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        archive_id=archive.archive_id,
        description=request.get("Description") or None,
        event_source_arn=archive.arn,
        destination=destination,
        state=STARTING,
        event_start_at=request["EventStartTime"],
        event_end_at=request["EventEndTime"],
        started_at=to_whole_second(ctx.clock.now()),
    )
    ctx.store.put(replay)
    return respond("StartReplay", replay, COLUMNS)


def _require_arns_and_times(request: dict[str, Any]) -> None:
    if not _names(request["Destination"]["Arn"], "event-bus/"):
        raise _refuse("Destination.Arn", "Must contain an event bus ARN.")
    if not _names(request["EventSourceArn"], "archive/"):
        raise _refuse("EventSourceArn", "Must contain an archive ARN.")
    if request["EventEndTime"] <= request["EventStartTime"]:
        raise _refuse("EventEndTime", "EventStartTime must be before EventEndTime.")


def _names(text: str, resource: str) -> bool:
    arn = parse_arn(text)
    return (
        arn is not None
        and arn.service == "events"
        and arn.resource.startswith(resource)
        and arn.resource != resource
    )


def _refuse(parameter: str, reason: str) -> ValidationException:
    return ValidationException(f"Parameter {parameter} is not valid. Reason: {reason}")


def _find_source(ctx: Context, archive_arn: str) -> Archive:
    """Fetch the archive to replay from. [guess] Elsewhere counts as unknown.

    Raises: ValidationException: there is no such archive; not the usual error. [aws]
    """
    name = archive_arn.partition("archive/")[2]
    archive = ctx.store.get(Archive, ctx.account_id, ctx.region, name)
    if archive is None or archive.arn != archive_arn:
        raise _refuse("EventSourceArn", f"Archive {name} does not exist.")
    return archive


def _require_rule(ctx: Context, rule_arn: str, event_bus_name: str) -> None:
    """Raises: as `start_replay`; [peer] both texts."""
    from evcli.operations.rules import find_rule

    arn = parse_arn(rule_arn)
    if arn is not None and _names(rule_arn, "rule/"):
        _, rule_name = split_rule_resource(arn.resource)
        if rule_arn == ctx.rule_arn(event_bus_name, rule_name):
            find_rule(ctx, event_bus_name, rule_name)
            return
    raise _refuse(
        "Destination.FilterArns", "Rule must be on the destination event bus."
    )


def _count_under_way(ctx: Context) -> int:
    return sum(
        ctx.store.count(Replay, ctx.account_id, ctx.region, where={"state": state})
        for state in UNDER_WAY
    )


def cancel_replay(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Ask for the end of a replay; who runs it stops before the next window.

    Raises:
        ResourceNotFoundException: there is no such replay.
        IllegalStatusException: it has ended, or is being cancelled already. [peer] text.
    """
    replay = find_record(ctx, Replay, request["ReplayName"])
    if replay.state not in UNDER_WAY:
        if replay.state in (COMPLETED, FAILED):
            ctx.notices.append(
                f"The replay {replay.name} has ended: evcli works replays off at once. To"
                " have one to cancel, start it with --no-wait, or have workers hold"
                " replays with windows_per_second under [replays] of config.toml."
            )
        raise IllegalStatusException(
            f"Replay {replay.name} is not in a valid state for this operation."
        )
    replay = replay.replace(state=CANCELLING)
    ctx.store.put(replay)
    return respond("CancelReplay", replay, COLUMNS)


def describe_replay(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one replay. Raises: ResourceNotFoundException: there is no such. [aws]"""
    replay = find_record(ctx, Replay, request["ReplayName"])
    return respond("DescribeReplay", replay, COLUMNS, **_compute(replay))


def _compute(replay: Replay) -> dict[str, Any]:
    ended_at = replay.ended_at
    return {"ReplayEndTime": ended_at and to_whole_second(ended_at)}


def list_replays(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of replays, by name; one filter at most.

    An archive that does not exist has no replays here: the operation declares no error
    for it. [doc]

    Raises:
        ValidationException: more than one filter.
        InvalidToken: the token is not one of this list.
    """
    require_one_filter("ListReplays", request)
    where = to_columns(
        request, {"State": "state", "EventSourceArn": "event_source_arn"}
    )
    page = list_page(ctx, request, Replay, ctx.account_id, ctx.region, where=where)
    return respond_page("ListReplays", page, COLUMNS, _compute)


HANDLERS = {
    "CancelReplay": cancel_replay,
    "DescribeReplay": describe_replay,
    "ListReplays": list_replays,
    "StartReplay": start_replay,
}
