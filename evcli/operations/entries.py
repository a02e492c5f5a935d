"""Entries: PutEvents and PutPartnerEvents send them, TestEventPattern tries a pattern."""

from __future__ import annotations

from evcli.delivery.routing import Router
from evcli.delivery.worker import deliver_accepted
from evcli.errors import EntryError, ValidationException
from evcli.operations.accepting import (
    accept_entry,
    accept_partner_entry,
    require_total_size,
)
from evcli.patterns import EventTextError, compile_pattern, match, read_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.operations.accepting import Accept
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
    return put_entries(ctx, request["Entries"], accept)


def put_entries(
    ctx: Context, entries: list[dict[str, Any]], accept: Accept
) -> dict[str, Any]:
    """Accept entries one by one, and answer for each in their order.

    Raises: ValidationException: the request is too large.
    """
    require_total_size(ctx, entries)
    batch = ctx.store.make_batch(len(entries))
    router = Router(ctx, batch=batch, is_for_request=True)
    if batch is None:
        results, deliveries = _accept_all(ctx, router, entries, accept)
    else:
        with batch:
            results, deliveries = _accept_all(ctx, router, entries, accept)
    ctx.after_commit.append(lambda: deliver_accepted(ctx, deliveries))
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def _accept_all(
    ctx: Context, router: Router, entries: list[dict[str, Any]], accept: Accept
) -> tuple[list[dict[str, Any]], list[Delivery]]:
    """Accept entries; returns what is answered for each, and what is to be delivered."""
    deliveries: list[Delivery] = []
    results = []
    for entry in entries:
        try:
            events = accept(ctx, entry)
        except EntryError as error:
            results.append({"ErrorCode": error.code, "ErrorMessage": error.message})
            if accept is not accept_partner_entry:
                router.log_refusal(entry, error)
            continue
        for event in events:
            deliveries += router.accept(event)
        # What is dropped has an id as well.
        event_id = events[0].row.event_id if events else ctx.new_id()
        results.append({"EventId": event_id})
    return results, deliveries


def put_partner_events(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Accept a partner's entries, each for the event bus of its event source.

    Raises: ValidationException: the request is too large. [doc] as PutEvents.
    """
    return put_entries(ctx, request["Entries"], accept_partner_entry)


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
