"""Accepting entries: from what PutEvents receives to events on event buses.

An entry is refused by itself for what is wrong with it. A good one is accepted: who may
put it there, which event bus it is for, and the event that it becomes.

Source: [aws] results, texts and their order, field by field in the API reference.
"""

from __future__ import annotations

from evcli.arns import format_event_bus_arn, locate_event_bus
from evcli.delivery.envelopes import build_envelope, count_bytes, parse_detail
from evcli.delivery.events import AcceptedEvent
from evcli.errors import AccessDeniedException, EntryError, ValidationException
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.events import EventBusKey

    # An entry → the events that it becomes, the one that the answer names first; none of
    # an entry that is dropped. Raises: EntryError.
    Accept = Callable[[Context, dict[str, Any]], list[AcceptedEvent]]

TOO_LARGE = "Total size of the entries in the request is over the limit."

# Bytes that an entry's Time counts for. Source: [doc] calculating entry sizes.
TIME_BYTES = 14


def require_total_size(ctx: Context, entries: list[dict[str, Any]]) -> None:
    """Refuse a request that is over the size limit as a whole.

    Raises: ValidationException: the sum over all entries is too large. [aws] text,
        [guess] that the limit itself still passes.
    """
    size = sum(map(measure_entry, entries))
    ctx.require_quota("put_events_bytes", size, lambda: ValidationException(TOO_LARGE))


def measure_entry(entry: dict[str, Any]) -> int:
    """The size of an entry in bytes, as AWS counts. Source: [doc]."""
    size = TIME_BYTES if "Time" in entry else 0
    for name in ("Source", "DetailType", "Detail"):
        if name in entry:
            size += count_bytes(entry[name])
    for resource in entry.get("Resources", ()):
        size += count_bytes(resource)
    return size


def accept_entry(ctx: Context, entry: dict[str, Any]) -> list[AcceptedEvent]:
    """Make the event of an entry for its event bus, of whatever account.

    An unknown event bus swallows the event: it has its id and matches nothing. [aws]
    The event is the caller's, from the region of the event bus. [aws]

    Raises: EntryError; AccessDeniedException: as `require_access`.
    """
    detail = read_entry(entry)
    event_bus = locate_event_bus(entry.get("EventBusName"), ctx.account_id, ctx.region)
    require_access(ctx, event_bus, entry)
    origin = (ctx.account_id, event_bus[1])
    header = get_trace_header(ctx, entry)
    return [make_event(ctx, entry, detail, event_bus, origin, header)]


def accept_partner_entry(ctx: Context, entry: dict[str, Any]) -> list[AcceptedEvent]:
    """Make the customer's event of a partner's entry, for the partner event bus.

    What an event source gets while it is not active is dropped.

    Raises: EntryError.

    Source: [aws] the dropping; [peer] the event is the customer's; [doc] no other event
    bus has it, and an entry fails by itself; [guess] the texts, PutEvents' own, the order,
    and how an event source that this account does not offer is refused.
    """
    from evcli.operations.event_sources import ACTIVE, get_offered_event_source

    _require_members(entry)
    detail = _read_detail(entry)
    source = get_offered_event_source(ctx, entry["Source"])
    if source is None:
        raise EntryError(
            "ResourceNotFoundException",
            f"Event source {entry['Source']} does not exist.",
        )
    if source.state != ACTIVE:
        return []
    event_bus = (source.account_id, source.region, source.name)
    return [make_event(ctx, entry, detail, event_bus, event_bus[:2])]


def read_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Read the detail of an entry that is good by itself.

    Raises: EntryError: the first failing check. Source: [aws] texts; [peer] the order of
        the first three, [guess] that the fourth is last.
    """
    _require_members(entry)
    if entry["Source"].startswith("aws."):
        raise EntryError(
            "NotAuthorizedForSourceException", "Not authorized for the source."
        )
    return _read_detail(entry)


def _require_members(entry: dict[str, Any]) -> None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            raise EntryError(
                "InvalidArgument",
                f"Parameter {name} is not valid."
                f" Reason: {name} is a required argument.",
            )


def _read_detail(entry: dict[str, Any]) -> dict[str, Any]:
    detail = parse_detail(entry["Detail"])
    if detail is None:
        raise EntryError("MalformedDetail", "Detail is malformed.")
    return detail


def get_trace_header(ctx: Context, entry: dict[str, Any]) -> str | None:
    """What an entry's event carries for X-Ray; `None` for nothing.

    The entry's own wins over the HTTP header of the request, and one that is malformed is
    dropped. Source: [doc]; [guess] that a malformed one still wins.
    """
    text: str | None = entry.get("TraceHeader", ctx.trace_header)
    if text is None:
        return None
    from evcli.delivery.trace_headers import is_trace_header

    return text if is_trace_header(text) else None


def require_access(ctx: Context, event_bus: EventBusKey, entry: dict[str, Any]) -> None:
    """Let an event bus's policy say whether this account may put an entry there.

    Raises: AccessDeniedException: it may not. [guess] for the whole request, of which
        nothing is accepted then, and not for the one entry.
    """
    record = ctx.store.recall(
        ("event bus", event_bus), lambda: ctx.store.get(EventBus, *event_bus)
    )
    is_own = event_bus[0] == ctx.account_id
    if is_own and (record is None or record.policy is None):
        return
    from evcli.delivery.policies.access import find_refusal, format_denial

    account_id, region, name = event_bus
    arn = format_event_bus_arn(region, account_id, name)
    event = {"source": entry["Source"], "detail-type": entry["DetailType"]}
    refusal = find_refusal(ctx, record, arn, ctx.account_id, event)
    if refusal is not None:
        raise AccessDeniedException(format_denial(refusal, arn, ctx.account_id))


def make_event(
    ctx: Context,
    entry: dict[str, Any],
    detail: dict[str, Any],
    event_bus: EventBusKey,
    origin: tuple[str, str],
    trace_header: str | None = None,
) -> AcceptedEvent:
    """Make the event that an entry becomes where it arrives, with a new id.

    Args:
        origin: the account and region that it says it comes from.
        trace_header: well formed; partners' events have none. [doc]
    """
    now = ctx.clock.now()
    envelope = build_envelope(
        event_id=ctx.new_id(),
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account_id=origin[0],
        time=entry.get("Time", now),
        region=origin[1],
        resources=entry.get("Resources", ()),
        detail=detail,
    )
    return AcceptedEvent(
        envelope,
        event_bus,
        now,
        detail_text=entry["Detail"],
        trace_header=trace_header,
    )
