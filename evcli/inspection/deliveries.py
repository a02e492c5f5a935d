"""Deliveries as JSON values: found by id, listed, followed, and waited for."""

from __future__ import annotations

import time

from evcli.delivery import worker
from evcli.delivery.scheduled.scheduler import read_clock
from evcli.delivery.settling import settle
from evcli.errors import InspectionError
from evcli.inspection.event_ids import SHOWN_CANDIDATES, ambiguous_id
from evcli.inspection.following import FRESH, LOOK_SECONDS, SAME
from evcli.store.deliveries import DELIVERED, FAILED, parse_delivery_id
from evcli.store.epoch import format_instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from evcli.context import Context
    from evcli.store.deliveries import Attempt, Delivery

    Value = dict[str, Any]

PAGE = 200
FINISHED = (DELIVERED, FAILED)


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


def find_delivery(ctx: Context, delivery_id: str) -> Delivery:
    """Find a delivery by its id, which may be cut short: the whole, or the event's part.

    Raises: InspectionError: there is none, or several ids begin like that.
    """
    settle(ctx)
    key = parse_delivery_id(delivery_id)
    found = None if key is None else ctx.store.ledger.get_delivery(key)
    event_id = delivery_id.rpartition("-")[0]
    if found is not None and event_id and found.event.event_id.startswith(event_id):
        return found
    candidates = _list_candidates(ctx, delivery_id)
    if len(candidates) > 1:
        ids = [each.delivery_id for each in candidates]
        raise ambiguous_id("delivery", delivery_id, ids)
    if not candidates:
        raise InspectionError(f"There is no delivery {delivery_id} in the ledger.")
    return candidates[0]


def _list_candidates(ctx: Context, prefix: str) -> list[Delivery]:
    """List deliveries of the events whose ids begin with a text, a few at most."""
    if not prefix:
        return []
    limit = SHOWN_CANDIDATES + 1
    candidates: list[Delivery] = []
    for event_id in ctx.store.accepted_events.list_ids(prefix, limit):
        candidates += ctx.store.ledger.list_deliveries(event_id=event_id, limit=limit)
    return candidates[:limit]


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
    settle(ctx)
    while True:
        page = list(
            ctx.store.ledger.list_deliveries(**conditions, after=after, limit=PAGE)
        )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].delivery_key


def find_newest(ctx: Context, count: int, conditions: Value) -> int:
    """Find the delivery key behind which the newest `count` deliveries come, or all."""
    settle(ctx)
    return ctx.store.ledger.find_newest(count, **conditions)


class DeliveryFollower:
    """Finds deliveries as they appear, and again whenever they have moved on.

    A `look` of `follow_ledger`.
    """

    def __init__(self, conditions: Value, after: int) -> None:
        """Begin behind a delivery key; conditions as for `list_deliveries`."""
        self._state = conditions["state"]
        # The state would hide deliveries that have yet to reach it.
        self._conditions = {**conditions, "state": None}
        self._after = after
        self._moving: dict[int, tuple[str, int]] = {}

    def look(self, ctx: Context, change: str) -> Iterator[Delivery]:
        """Give the deliveries that appeared, and those that have moved on."""
        last = ctx.store.database.read_last_key("deliveries")
        # Keys only grow, but for a backup that is restored into the same file.
        if change != SAME or last < self._after:
            self._after = 0 if change == FRESH else last
            self._moving.clear()
        for delivery in list_deliveries(ctx, self._conditions, self._after):
            self._after = delivery.delivery_key
            if delivery.state not in FINISHED:
                self._moving[self._after] = (delivery.state, delivery.attempts)
            if self._state in (None, delivery.state):
                yield delivery
        self._after = max(self._after, last)
        settle(ctx)
        for key, seen in list(self._moving.items()):
            moved = ctx.store.ledger.get_delivery(key)
            if moved is None or (moved.state, moved.attempts) == seen:
                continue
            self._moving[key] = (moved.state, moved.attempts)
            if moved.state in FINISHED:
                del self._moving[key]
            if self._state in (None, moved.state):
                yield moved


def wait_for_deliveries(
    ctx: Context,
    conditions: Value,
    count: int,
    timeout_seconds: float,
    wait: Callable[[float], object] = time.sleep,
) -> bool:
    """Wait until there are so many deliveries; say whether there are.

    Those that nobody has attempted and retries that are due are made meanwhile, as far as
    no other process is at them; schedules and replays are left to `run` and `tick`.

    Args:
        conditions: those of `ledger.list_deliveries`; without a state, deliveries count
            that are over: delivered or failed for good.
        timeout_seconds: of the machine's clock, whatever the state directory's says.
        wait: sleeps for some seconds.
    """
    states = FINISHED if conditions["state"] is None else (conditions["state"],)
    ends_at = time.monotonic() + timeout_seconds
    while True:
        _make_due(ctx)
        if sum(count_by_state(ctx, conditions, states, count).values()) >= count:
            return True
        remaining = ends_at - time.monotonic()
        if remaining <= 0:
            return False
        wait(min(remaining, LOOK_SECONDS))


def _make_due(ctx: Context) -> None:
    """Make the deliveries that are due, and take no lock where none is."""
    read_clock(ctx)
    worker.recover(ctx)
    now, due_at = ctx.clock.now(), worker.next_due(ctx)
    if due_at is not None and due_at <= now:
        worker.run_due(ctx, now)


def count_by_state(
    ctx: Context, conditions: Value, states: Sequence[str], most: int
) -> dict[str, int]:
    """Count deliveries in some states, up to so many in each; states without any not."""
    settle(ctx)
    counts = {}
    for state in states:
        asked = {**conditions, "state": state}
        found = ctx.store.ledger.list_deliveries(**asked, limit=most)
        counts[state] = sum(1 for _ in found)
    return {state: count for state, count in counts.items() if count}
