"""Deliveries as JSON values: found by id, listed, and followed as they move on."""

from __future__ import annotations

import time

from evcli.errors import InspectionError
from evcli.store.deliveries import DELIVERED, FAILED, parse_delivery_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any

    from evcli.context import Context
    from evcli.store.deliveries import Attempt, Delivery

    Value = dict[str, Any]

PAGE = 200
# How often `follow_deliveries` looks, in seconds.
LOOK_SECONDS = 0.2


def describe_delivery(delivery: Delivery) -> Value:
    """Lay a delivery out as a JSON value; what it does not have is left out."""
    event, reported = delivery.event, delivery.dead_letter_of
    return _omit_unset(
        {
            "DeliveryId": delivery.delivery_id,
            "EventId": event.event_id,
            "EventBusName": event.event_bus_name,
            "RuleArn": delivery.rule_arn,
            "TargetId": delivery.target_id,
            "TargetArn": delivery.target_arn,
            "State": delivery.state,
            "Attempts": delivery.attempts,
            "AcceptedAt": format_instant(event.accepted_at),
            "NextAttemptAt": format_instant(delivery.next_attempt_at),
            "FinishedAt": format_instant(delivery.finished_at),
            "ErrorCode": delivery.error_code,
            "ErrorMessage": delivery.error_message,
            "DeadLetterOf": reported and f"{event.event_id}-{reported}",
            "Payload": delivery.payload,
        }
    )


def describe_attempt(attempt: Attempt) -> Value:
    """Lay an attempt out as a JSON value."""
    return _omit_unset(
        {
            "Number": attempt.number,
            "AttemptedAt": format_instant(attempt.attempted_at),
            "ErrorCode": attempt.error_code,
            "ErrorMessage": attempt.error_message,
            "Output": attempt.output,
        }
    )


def _omit_unset(value: Value) -> Value:
    return {key: each for key, each in value.items() if each is not None}


def format_instant(instant: datetime | None) -> str | None:
    """Write an instant as UTC to the millisecond, `2024-05-14T11:23:22Z` when whole."""
    if instant is None:
        return None
    timespec = "milliseconds" if instant.microsecond else "seconds"
    return instant.isoformat(timespec=timespec).replace("+00:00", "Z")


def find_delivery(ctx: Context, delivery_id: str) -> Delivery:
    """Find a delivery by its id, the event's part of which may be cut short.

    Raises: InspectionError: there is none.
    """
    key = parse_delivery_id(delivery_id)
    found = None if key is None else ctx.store.ledger.get_delivery(key)
    event_id = delivery_id.rpartition("-")[0]
    if found is None or not event_id or not found.event.event_id.startswith(event_id):
        raise InspectionError(f"There is no delivery {delivery_id} in the ledger.")
    return found


def redeliver_by_id(ctx: Context, delivery_id: str) -> Iterator[Delivery]:
    """Attempt a delivery again, now; give it as it is then.

    Raises: InspectionError: there is none, or it has nothing to send.
    """
    from evcli.delivery.redelivery import has_payload, redeliver

    delivery = find_delivery(ctx, delivery_id)
    if not has_payload(delivery):
        raise InspectionError(
            f"Delivery {delivery_id} has no payload to send: {delivery.error_message}"
        )
    return redeliver(ctx, delivery)


def list_deliveries(ctx: Context, conditions: Value, after: int) -> Iterator[Delivery]:
    """List deliveries behind a delivery key; no long-lived reading of the store.

    Args:
        conditions: those of `ledger.list_deliveries`.
    """
    while True:
        page = list(
            ctx.store.ledger.list_deliveries(**conditions, after=after, limit=PAGE)
        )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].delivery_key


def follow_deliveries(
    ctx: Context,
    conditions: Value,
    after: int,
    wait: Callable[[float], object] = time.sleep,
) -> Iterator[Delivery]:
    """Give deliveries as they appear, and again whenever they have moved on; no end."""
    state = conditions["state"]
    # The state would hide deliveries that have yet to reach it.
    conditions = {**conditions, "state": None}
    moving: dict[int, tuple[str, int]] = {}
    while True:
        for delivery in list_deliveries(ctx, conditions, after):
            after = delivery.delivery_key
            if delivery.state not in (DELIVERED, FAILED):
                moving[after] = (delivery.state, delivery.attempts)
            if state in (None, delivery.state):
                yield delivery
        for key, seen in list(moving.items()):
            moved = ctx.store.ledger.get_delivery(key)
            if moved is None or (moved.state, moved.attempts) == seen:
                continue
            moving[key] = (moved.state, moved.attempts)
            if moved.state in (DELIVERED, FAILED):
                del moving[key]
            if state in (None, moved.state):
                yield moved
        wait(LOOK_SECONDS)
