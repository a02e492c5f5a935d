"""Outcomes: what came of attempts, in the ledger, and what follows from it.

Called inside the transaction that records them, but for `settle`, which opens it.
"""

from __future__ import annotations

from evcli.store.deliveries import DELIVERED, FAILED, RETRYING, Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from evcli.context import Context, Outcome
    from evcli.store.deliveries import Delivery
    from evcli.store.ledger import Ledger
    from evcli.store.ledger_batch import LedgerBatch

    # One attempt that was made: the delivery, when, and what came of it.
    Made = tuple[Delivery, datetime, Outcome]


def settle(
    ctx: Context, made: Sequence[Made], *, durable: bool = True
) -> list[Delivery]:
    """Record a batch of attempts; returns the deliveries that follow from them.

    Args:
        durable: whether the record is to survive a loss of power.
    """
    follow_ups: list[Delivery] = []
    if made:
        finished = []
        with ctx.store.transaction(durable=durable):
            for delivery, attempted_at, outcome in made:
                is_plain = outcome.error_code is None and not outcome.output
                if is_plain and not delivery.attempts:
                    mark_delivered(delivery, attempted_at)
                    finished.append(delivery)
                    continue
                follow_ups += record_outcome(ctx, delivery, attempted_at, outcome)
            ctx.store.ledger.finish_all(finished)
    return follow_ups


def mark_delivered(delivery: Delivery, attempted_at: datetime) -> None:
    """Let a delivery say that its attempt succeeded."""
    delivery.attempts += 1
    delivery.state = DELIVERED
    delivery.finished_at = attempted_at
    delivery.owner = delivery.next_attempt_at = None
    delivery.error_code = delivery.error_message = None


def record_outcome(
    ctx: Context, delivery: Delivery, attempted_at: datetime, outcome: Outcome
) -> list[Delivery]:
    """Record what an attempt came to, and whether and when there is a next one.

    Returns:
        The dead letter, if this was the end of it, to attempt after the commit.
    """
    if outcome.postponed_until is not None and record_postponement(
        ctx, delivery, outcome
    ):
        return []
    delivery.attempts += 1
    delivery.owner = None
    delivery.error_code = outcome.error_code
    delivery.error_message = outcome.message
    delivery.next_attempt_at = None
    exhausted = None
    if outcome.error_code is None:
        delivery.state = DELIVERED
        delivery.finished_at = attempted_at
    else:
        from evcli.delivery.retries import plan_retry

        jitter = ctx.configuration.get("retry_jitter", False)
        exhausted = plan_retry(delivery, attempted_at, outcome, jitter=jitter)
    ctx.store.ledger.update_delivery(
        delivery,
        Attempt(
            delivery.attempts,
            attempted_at,
            outcome.error_code,
            outcome.message,
            outcome.output,
        ),
    )
    if delivery.state == FAILED:
        return record_failure(ctx, delivery, exhausted, ctx.store.ledger)
    if delivery.state == RETRYING and delivery.attempts == 1:
        ctx.notices.append(
            f"delivery {delivery.delivery_id} to {delivery.target_arn} failed and waits"
            f" for `evcli local run` or `tick`: {describe_failure(delivery)}"
        )
    return []


def record_postponement(ctx: Context, delivery: Delivery, outcome: Outcome) -> bool:
    """Let a delivery wait for its slot; say whether it may, see `retries.postpone`."""
    from evcli.delivery.retries import postpone

    is_news = delivery.error_message != outcome.message
    if not postpone(delivery, outcome):
        return False
    ctx.store.ledger.update_delivery(delivery, None)
    if is_news:
        ctx.notices.append(
            f"delivery {delivery.delivery_id} to {delivery.target_arn} waits for"
            f" `evcli local run` or `tick`: {describe_failure(delivery)}"
        )
    return True


def record_failure(
    ctx: Context,
    delivery: Delivery,
    exhausted: str | None,
    ledger: Ledger | LedgerBatch,
) -> list[Delivery]:
    """Say that a delivery failed for good, and write its dead letter if it gets one.

    Call inside the transaction that writes the failure; returns the dead letter.
    """
    from evcli.delivery.dead_letters import build_dead_letter
    from evcli.delivery.sinks import find_measure

    ctx.notices.append(
        f"delivery {delivery.delivery_id} to {delivery.target_arn} failed:"
        f" {describe_failure(delivery)}"
    )
    letter = build_dead_letter(delivery, exhausted)
    if letter is None:
        return []
    letter.owner = ctx.store.owner.claim()
    measure = find_measure(ctx, letter.target_arn)
    letter.sink_length_bytes = None if measure is None else measure()
    ledger.add_delivery(letter)
    return [letter]


def describe_failure(delivery: Delivery) -> str:
    """Word the last error of a delivery in one line."""
    message = " ".join((delivery.error_message or "").split())
    return f"{delivery.error_code}: {message}" if message else f"{delivery.error_code}"
