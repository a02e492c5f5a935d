"""Entries: PutEvents and PutPartnerEvents send them, TestEventPattern tries a pattern."""

from __future__ import annotations

from evcli.delivery.routing import Router
from evcli.delivery.worker import deliver_accepted
from evcli.errors import ValidationException
from evcli.operations.accepting import (
    accept_entry,
    accept_partner_entry,
    read_entry,
    read_partner_entry,
    require_total_size,
)
from evcli.patterns import EventTextError, compile_pattern, match, read_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.operations.accepting import Accept, Read
    from evcli.store.deliveries import Delivery

# What an event to test must have. Source: [aws]; [doc] asks for `resources` as well.
EVENT_KEYS = ("id", "account", "source", "time", "region", "detail-type")
DOCUMENTED_KEY = "resources"
INVALID_EVENT = "Parameter Event is not valid."


def put_events(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Accept entries: write them down, route them, and deliver after the commit.

    Delivery never changes the answer. Source: [aws].

    Raises:
        ValidationException: the request is too large, or names no endpoint.
        AccessDeniedException: the policy of an event bus keeps the caller out.
    """
    accept: Accept = accept_entry
    if "EndpointId" in request:
        from evcli.operations.endpoint_routing import find_route

        accept = find_route(ctx, request["EndpointId"])
    return put_entries(ctx, request["Entries"], read_entry, accept)


def put_entries(
    ctx: Context, entries: list[dict[str, Any]], read: Read, accept: Accept
) -> dict[str, Any]:
    """Read entries one by one, accept the good ones, answer for each in their order.

    Raises: ValidationException: the request is too large.
    """
    require_total_size(ctx, entries)
    router = Router(ctx)
    deliveries: list[Delivery] = []
    results = []
    for entry in entries:
        detail, error = read(ctx, entry)
        if error:
            results.append(error)
            continue
        event_id = ctx.new_id()
        deliveries += accept(ctx, router, entry, detail, event_id)
        results.append({"EventId": event_id})
    ctx.after_commit.append(lambda: deliver_accepted(ctx, deliveries))
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def put_partner_events(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Accept a partner's entries, each for the event bus of its event source.

    Raises: ValidationException: the request is too large. [doc] as PutEvents.
    """
    return put_entries(
        ctx, request["Entries"], read_partner_entry, accept_partner_entry
    )


def test_event_pattern(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Say whether an event pattern matches an event; nothing is sent.

    Raises:
        ValidationException: the event is not a JSON object with the needed keys.
        InvalidEventPatternException: the event pattern is not valid.
    """
    try:
        event = read_event(request["Event"])
    except EventTextError as error:
        raise _refuse_event(f"The event cannot be read: {error}") from None
    keys = event.keys()
    missing = [key for key in EVENT_KEYS if key not in keys]
    if missing:
        raise _refuse_event(_describe_missing(missing, keys))
    return {"Result": match(compile_pattern(request["EventPattern"]), event)}


def _refuse_event(advice: str) -> ValidationException:
    error = ValidationException(INVALID_EVENT)
    error.advice = advice
    return error


def _describe_missing(missing: list[str], keys: set[str]) -> str:
    from evcli.patterns.explain.missing_field_hints import looks_like_entry

    sentence = f"The event lacks {', '.join(missing)}."
    if DOCUMENTED_KEY not in keys:
        sentence += (
            f" It also lacks {DOCUMENTED_KEY}, which AWS documents as needed and does not"
            " ask for."
        )
    if looks_like_entry(keys):
        sentence += " It looks like an entry of put-events, which makes an event of it."
    return sentence


HANDLERS = {
    "PutEvents": put_events,
    "PutPartnerEvents": put_partner_events,
    "TestEventPattern": test_event_pattern,
}
