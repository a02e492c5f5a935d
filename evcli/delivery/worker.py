"""The worker: attempts deliveries, records what came of them, finishes what others left.

Attempts happen outside any transaction, because a target may take its time; what came
of a batch is recorded in one. Between the two a process may die: the deliveries are
then still unfinished, and the next worker, finding their owner dead, takes them over.
"""

from __future__ import annotations

from evcli.context import Outcome
from evcli.delivery.retries import plan_retry
from evcli.delivery.sinks import find_sink
from evcli.delivery.target_kinds import build_request
from evcli.store.ledger import DELIVERED, FAILED, Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from evcli.context import Context, Sink
    from evcli.store.ledger import Delivery

BATCH = 500


def drain(ctx: Context) -> int:
    """Attempt every delivery that is due now and that no living process owns.

    Returns:
        How many were attempted.
    """
    count = 0
    while True:
        with ctx.store.transaction():
            due = ctx.store.ledger.take_due(ctx.clock.now(), BATCH)
        if not due:
            return count
        deliver(ctx, due)
        count += len(due)


def deliver(ctx: Context, deliveries: Sequence[Delivery]) -> None:
    """Attempt deliveries that this process owns, and record the outcomes."""
    for start in range(0, len(deliveries), BATCH):
        _deliver_batch(ctx, deliveries[start : start + BATCH])


def _deliver_batch(ctx: Context, deliveries: Sequence[Delivery]) -> None:
    attempts = []
    sinks: dict[int, Sink] = {}
    for delivery in deliveries:
        sink = find_sink(ctx, delivery.target_arn)
        attempted_at = ctx.clock.now()
        outcome = sink.deliver(delivery, build_request(delivery))
        sinks[id(sink)] = sink
        attempts.append((delivery, id(sink), attempted_at, outcome))
    unsynced: dict[int, Outcome] = {}
    for number, sink in sinks.items():
        try:
            sink.flush()
        except OSError as error:
            unsynced[number] = Outcome("INTERNAL_ERROR", str(error), retry=True)
    with ctx.store.transaction():
        for delivery, number, attempted_at, outcome in attempts:
            settle(ctx, delivery, attempted_at, unsynced.get(number, outcome))


def settle(
    ctx: Context, delivery: Delivery, attempted_at: datetime, outcome: Outcome
) -> None:
    """Record what an attempt came to, and whether and when there is a next one."""
    delivery.attempts += 1
    delivery.owner = None
    delivery.error_code = outcome.error_code
    delivery.error_message = outcome.message
    delivery.next_attempt_at = None
    if outcome.error_code is None:
        delivery.state = DELIVERED
        delivery.finished_at = attempted_at
    else:
        plan_retry(delivery, attempted_at, outcome)
    attempt = Attempt(
        delivery.attempts,
        attempted_at,
        outcome.error_code,
        outcome.message,
        outcome.output,
    )
    ctx.store.ledger.update_delivery(delivery, attempt)
    if delivery.state == FAILED:
        ctx.notices.append(
            f"delivery {delivery.delivery_id} to {delivery.target_arn} failed:"
            f" {delivery.error_code}: {delivery.error_message}"
        )
