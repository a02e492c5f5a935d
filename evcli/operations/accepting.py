"""Accepting entries: from what PutEvents receives to an event on an event bus.

An entry is read first: its detail, or what is wrong with it by itself. A good one is
accepted: who may put it there, which event bus it is for, and the event that it becomes.

Source: [aws] results, texts and their order, field by field in the API reference.
"""

from __future__ import annotations

from evcli.arns import format_event_bus_arn, locate_event_bus
from evcli.delivery.envelopes import (
    build_envelope,
    count_bytes,
    format_json,
    parse_detail,
)
from evcli.errors import AccessDeniedException, ValidationException
from evcli.store.deliveries import Event
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from evcli.context import Context
    from evcli.store.deliveries import Delivery

    class Receiver(Protocol):
        """Where accepted events go: a router, or what stands in its stead."""

        def accept(
            self, event: Event, envelope: dict[str, Any], *, detail: str | None = None
        ) -> list[Delivery]:
            """Take an event, its envelope as a value, its detail as it was sent."""

    # An entry → its detail and `{}`, or `{}` and the result that refuses it.
    Read = Callable[[Context, dict[str, Any]], tuple[dict[str, Any], dict[str, str]]]
    # (context, router, entry, detail, event id) → the deliveries to attempt.
    Accept = Callable[
        [Context, Receiver, dict[str, Any], dict[str, Any], str], list[Delivery]
    ]

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
    texts = [entry.get(name, "") for name in ("Source", "DetailType", "Detail")]
    texts += entry.get("Resources", [])
    size = sum(map(count_bytes, texts))
    return size + (TIME_BYTES if "Time" in entry else 0)


def read_entry(
    ctx: Context, entry: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the detail of one entry, or say what is wrong with the entry.

    Returns:
        The detail and `{}`; or `{}` and the result of the first failing check.

    Source: [aws] texts; [peer] the order of the first three, [guess] that the fourth is last.
    """
    missing = _report_missing(entry)
    if missing:
        return {}, missing
    if entry["Source"].startswith("aws."):
        return {}, {
            "ErrorCode": "NotAuthorizedForSourceException",
            "ErrorMessage": "Not authorized for the source.",
        }
    return _read_detail(entry)


def _report_missing(entry: dict[str, Any]) -> dict[str, str]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return {
                "ErrorCode": "InvalidArgument",
                "ErrorMessage": f"Parameter {name} is not valid."
                f" Reason: {name} is a required argument.",
            }
    return {}


def _read_detail(
    entry: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, str]]:
    detail = parse_detail(entry["Detail"])
    if detail is None:
        return {}, {
            "ErrorCode": "MalformedDetail",
            "ErrorMessage": "Detail is malformed.",
        }
    return detail, {}


def read_partner_entry(
    ctx: Context, entry: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a partner's entry, or say what is wrong with it; as `read_entry`.

    Source: [doc] that it fails by itself; [guess] the texts, PutEvents' own, the order,
    and how an event source that this account does not offer is refused.
    """
    from evcli.operations.event_sources import get_offered_event_source

    missing = _report_missing(entry)
    if missing:
        return {}, missing
    detail, error = _read_detail(entry)
    if not error and get_offered_event_source(ctx, entry["Source"]) is None:
        return {}, {
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Event source {entry['Source']} does not exist.",
        }
    return detail, error


def accept_entry(
    ctx: Context,
    router: Receiver,
    entry: dict[str, Any],
    detail: dict[str, Any],
    event_id: str,
) -> list[Delivery]:
    """Turn a good entry into an event on its event bus, of whatever account.

    An unknown event bus swallows the event: it has its id and matches nothing. [aws]
    The event is the caller's, from the region of the event bus. [aws]

    Raises: AccessDeniedException: as `require_access`.
    """
    event_bus = locate_event_bus(entry.get("EventBusName"), ctx.account_id, ctx.region)
    require_access(ctx, event_bus, entry)
    return accept_at(
        ctx,
        router,
        entry,
        detail,
        event_id,
        event_bus=event_bus,
        account_id=ctx.account_id,
        region=event_bus[1],
        trace_header=get_trace_header(ctx, entry),
    )


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


def require_access(
    ctx: Context, event_bus: tuple[str, str, str], entry: dict[str, Any]
) -> None:
    """Let an event bus's policy say whether this account may put an entry there.

    Args:
        event_bus: account, region and name.

    Raises: AccessDeniedException: it may not. [guess] for the whole request, of which
        nothing is accepted then, and not for the one entry.
    """
    record = ctx.store.get(EventBus, *event_bus)
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


def accept_at(
    ctx: Context,
    router: Receiver,
    entry: dict[str, Any],
    detail: dict[str, Any],
    event_id: str,
    *,
    event_bus: tuple[str, str, str],
    account_id: str,
    region: str,
    trace_header: str | None = None,
) -> list[Delivery]:
    """Put an entry on an event bus as an event.

    Args:
        event_bus: account, region and name of where it arrives.
        account_id: whose event it says it is; `region` likewise where it came from.
        trace_header: well formed; partners' events have none. [doc]
    """
    now = ctx.clock.now()
    envelope = build_envelope(
        event_id=event_id,
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account_id=account_id,
        time=entry.get("Time", now),
        region=region,
        resources=entry.get("Resources", ()),
        detail=detail,
    )
    event = Event(
        event_id=event_id,
        account_id=event_bus[0],
        region=event_bus[1],
        event_bus_name=event_bus[2],
        accepted_at=now,
        envelope=format_json(envelope),
        trace_header=trace_header,
    )
    return router.accept(event, envelope, detail=entry["Detail"])


def accept_partner_entry(
    ctx: Context,
    router: Receiver,
    entry: dict[str, Any],
    detail: dict[str, Any],
    event_id: str,
) -> list[Delivery]:
    """Turn a partner's entry into the customer's event, on the partner event bus.

    What an event source gets while it is not active is dropped. Source: [aws] the
    dropping; [peer] the event is the customer's; [doc] no other event bus has it.
    """
    from evcli.operations.event_sources import ACTIVE, get_offered_event_source

    source = get_offered_event_source(ctx, entry["Source"])
    if source is None or source.state != ACTIVE:
        return []
    return accept_at(
        ctx,
        router,
        entry,
        detail,
        event_id,
        event_bus=(source.account_id, source.region, source.name),
        account_id=source.account_id,
        region=source.region,
    )
