"""Entries: PutEvents sends them, TestEventPattern asks whether they would match.

Source: [aws] results, texts and their order, field by field in the API reference.
"""

from __future__ import annotations

from evcli.arns import parse_arn
from evcli.delivery.envelopes import build_envelope, format_json, parse_detail
from evcli.delivery.routing import Router
from evcli.delivery.worker import deliver_accepted
from evcli.errors import ValidationException
from evcli.patterns import EventTextError, compile_pattern, match, read_event
from evcli.store.ledger import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.store.ledger import Delivery

# Bytes that an entry's Time counts for. Source: [doc] calculating entry sizes.
TIME_BYTES = 14

# What an event to test must have. Source: [aws]; `resources` is not needed.
EVENT_KEYS = {"id", "account", "source", "time", "region", "detail-type"}
INVALID_EVENT = "Parameter Event is not valid."


def put_events(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Accept entries: write them down, route them, and deliver after the commit.

    Delivery never changes the answer. Source: [aws].
    """
    entries = request["Entries"]
    check_total_size(ctx, entries)
    router = Router(ctx)
    deliveries: list[Delivery] = []
    results = []
    for entry in entries:
        detail, error = read_entry(entry)
        if error:
            results.append(error)
            continue
        event_id = ctx.new_id()
        deliveries += accept_entry(ctx, router, entry, detail, event_id)
        results.append({"EventId": event_id})
    ctx.after_commit.append(lambda: deliver_accepted(ctx, deliveries))
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def check_total_size(ctx: Context, entries: list[dict[str, Any]]) -> None:
    """Refuse a request that is over the size limit as a whole.

    Raises: ValidationException: the sum over all entries is too large. [aws] text,
        [guess] that the limit itself still passes.
    """
    if sum(map(measure_entry, entries)) > ctx.quotas["put_events_bytes"]:
        raise ValidationException(
            "Total size of the entries in the request is over the limit."
        )


def measure_entry(entry: dict[str, Any]) -> int:
    """The size of an entry in bytes, as AWS counts. Source: [doc]."""
    texts = [entry.get(name, "") for name in ("Source", "DetailType", "Detail")]
    texts += entry.get("Resources", [])
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + (TIME_BYTES if "Time" in entry else 0)


def read_entry(entry: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the detail of one entry, or say what is wrong with the entry.

    Returns:
        The detail and `{}`; or `{}` and the result of the first failing check.

    Source: [aws] texts; [peer] the order of the first three, [guess] the fourth's place.
    """
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return {}, {
                "ErrorCode": "InvalidArgument",
                "ErrorMessage": f"Parameter {name} is not valid."
                f" Reason: {name} is a required argument.",
            }
    if entry["Source"].startswith("aws."):
        return {}, {
            "ErrorCode": "NotAuthorizedForSourceException",
            "ErrorMessage": "Not authorized for the source.",
        }
    detail = parse_detail(entry["Detail"])
    if detail is None:
        return {}, {
            "ErrorCode": "MalformedDetail",
            "ErrorMessage": "Detail is malformed.",
        }
    return detail, {}


def accept_entry(
    ctx: Context,
    router: Router,
    entry: dict[str, Any],
    detail: dict[str, Any],
    event_id: str,
) -> list[Delivery]:
    """Turn a good entry into an event on its event bus.

    An unknown event bus swallows the event: it has its id and matches nothing.
    Source: [aws].
    """
    now = ctx.clock.now()
    account_id, region, name = ctx.account_id, ctx.region, "default"
    if "EventBusName" in entry:
        arn = parse_arn(entry["EventBusName"])
        if arn is None:
            name = entry["EventBusName"]
        else:
            account_id, region = arn.account_id, arn.region
            name = arn.resource.removeprefix("event-bus/")
    envelope = build_envelope(
        event_id=event_id,
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account_id=ctx.account_id,
        time=entry.get("Time", now),
        region=region,
        resources=entry.get("Resources", ()),
        detail=detail,
    )
    event = Event(
        event_id=event_id,
        account_id=account_id,
        region=region,
        event_bus_name=name,
        accepted_at=now,
        envelope=format_json(envelope),
    )
    return router.accept(event, envelope, detail=entry["Detail"])


def test_event_pattern(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Say whether an event pattern matches an event; nothing is sent.

    Raises:
        ValidationException: the event is not a JSON object with the needed keys.
        InvalidEventPatternException: the event pattern is not valid.
    """
    try:
        event = read_event(request["Event"])
    except EventTextError:
        raise ValidationException(INVALID_EVENT) from None
    if not event.keys() >= EVENT_KEYS:
        raise ValidationException(INVALID_EVENT)
    return {"Result": match(compile_pattern(request["EventPattern"]), event)}


HANDLERS = {
    "PutEvents": put_events,
    "TestEventPattern": test_event_pattern,
}
