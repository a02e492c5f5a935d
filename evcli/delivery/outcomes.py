"""Outcomes: what came of attempts, in the ledger, and whether there is a next one.

Called inside the transaction that records them, but for `record_outcomes`, which opens it.

Source: [doc] the limits of retry policies and their defaults; the intervals are
undocumented, [guess] the k-th retry waits min(2^k, 600) seconds. AWS spreads its retries;
here that is off unless `retry_jitter` is on in the configuration, so that a test can
count them.
"""

from __future__ import annotations

from evcli.store.deliveries import DELIVERED, FAILED, RETRYING, Attempt
from evcli.store.epoch import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from evcli.context import Context, Outcome
    from evcli.delivery.bus_logs import BusLogs
    from evcli.store.deliveries import Delivery
    from evcli.store.ledger import Ledger
    from evcli.store.ledger_batch import LedgerBatch

    # One attempt that was made: the delivery, when, and what came of it.
    AttemptResult = tuple[Delivery, datetime, Outcome]

MAXIMUM_RETRY_ATTEMPTS = 185
MAXIMUM_EVENT_AGE_SECONDS = 86_400
LONGEST_WAIT_SECONDS = 600


def record_outcomes(
    ctx: Context,
    results: Sequence[AttemptResult],
    runs: Sequence[tuple[range, datetime]] = (),
    *,
    durable: bool = True,
) -> list[Delivery]:
    """Record a batch of attempts; returns the deliveries that follow from them.

    Args:
        runs: neighbours that are made and that nobody watches: their keys, and when.
        durable: whether the record is to survive a loss of power.
    """
    follow_ups: list[Delivery] = []
    if results or runs:
        finished = []
        with ctx.store.transaction(durable=durable, alone_in=None):
            results = keep_owned(ctx, results)
            for delivery, attempted_at, outcome in results:
                is_plain = outcome.error_code is None and not outcome.output
                if is_plain and not delivery.attempts:
                    mark_delivered(delivery, attempted_at)
                    finished.append(delivery)
                    continue
                follow_ups += record_outcome(ctx, delivery, attempted_at, outcome)
            ctx.store.ledger.finish_all(finished, runs)
            lines = [
                (each, outcome.line) for each, _, outcome in results if outcome.line
            ]
            if lines:
                from evcli.store.table_lines import TableLines

                TableLines(ctx.store.database).add_all(lines)
        tell_outcomes(ctx, results)
    return follow_ups


def keep_owned(
    ctx: Context, results: Sequence[AttemptResult]
) -> Sequence[AttemptResult]:
    """Leave out what another process took over meanwhile; call inside a transaction."""
    kept = ctx.store.ledger.keep_owned([delivery for delivery, _, _ in results])
    if len(kept) == len(results):
        return results
    ctx.notices.append(
        f"{len(results) - len(kept)} deliveries were taken over by another process,"
        " which attempts them again."
    )
    return [each for each in results if each[0].delivery_key in kept]


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
    if record_postponement(ctx, delivery, outcome):
        return []
    exhausted = None
    if outcome.error_code is None:
        mark_delivered(delivery, attempted_at)
    else:
        delivery.attempts += 1
        delivery.owner = delivery.next_attempt_at = None
        delivery.error_code = outcome.error_code
        delivery.error_message = outcome.message
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
    is_news = delivery.state == RETRYING and delivery.attempts == 1
    if is_news and ctx.report is None:
        ctx.notices.append(
            f"delivery {delivery.delivery_id} to {delivery.target_arn} failed and waits"
            f" for `evcli local run` or `tick`: {describe_failure(delivery)}"
        )
    return []


def record_postponement(ctx: Context, delivery: Delivery, outcome: Outcome) -> bool:
    """Let a delivery wait for an instant; no attempt is counted.

    Returns:
        Whether it may: not when its event is too old by then. Source: [doc].
    """
    until = outcome.postponed_until
    if until is None or until > find_end(delivery):
        return False
    is_news = delivery.error_message != outcome.message
    delivery.state = RETRYING
    delivery.next_attempt_at = until
    delivery.owner = None
    delivery.error_code, delivery.error_message = outcome.error_code, outcome.message
    ctx.store.ledger.update_delivery(delivery, None)
    if is_news and ctx.report is None:
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
    from evcli.delivery.sinks import measure_sink

    # Attempts are reported to whoever watches.
    if ctx.report is None or not delivery.attempts:
        ctx.notices.append(
            f"delivery {delivery.delivery_id} to {delivery.target_arn} failed:"
            f" {describe_failure(delivery)}"
        )
    letter = build_dead_letter(delivery, exhausted)
    if letter is None:
        return []
    letter.owner = ctx.store.owner.claim()
    letter.sink_length_bytes = measure_sink(ctx, letter.target_arn)
    ledger.add_delivery(letter)
    return [letter]


def describe_failure(delivery: Delivery) -> str:
    """Word the last error of a delivery in one line."""
    message = " ".join((delivery.error_message or "").split())
    return f"{delivery.error_code}: {message}" if message else f"{delivery.error_code}"


# -- telling those who watch


def open_bus_logs(ctx: Context) -> BusLogs | None:
    """Get ready to write what event buses log; `None`, and nothing loaded, if none does."""
    configs = ctx.store.list_log_configs()
    if not configs:
        return None
    from evcli.delivery.bus_logs import BusLogs

    return BusLogs(ctx, configs)


def write_log_records(ctx: Context) -> None:
    """Write what event buses have logged so far; call outside of transactions."""
    if ctx.log_records:
        from evcli.delivery.bus_log_sinks import write_records

        write_records(ctx)


def is_watched(ctx: Context) -> bool:
    """Say whether anybody is told what comes of attempts."""
    return ctx.report is not None or bool(ctx.store.list_log_configs())


def tell_outcomes(ctx: Context, results: Sequence[AttemptResult]) -> None:
    """Tell those who watch what came of attempts: event buses' logs, and a person.

    Call once it is committed.
    """
    logs = open_bus_logs(ctx)
    if logs is not None:
        for delivery, attempted_at, outcome in results:
            logs.add_attempt(delivery, attempted_at, outcome)
        write_log_records(ctx)
    if ctx.report is not None:
        from evcli.delivery.reports import report_attempt

        for delivery, _, outcome in results:
            report_attempt(ctx, delivery, outcome)


# -- retry policies


def plan_retry(
    delivery: Delivery, failed_at: datetime, outcome: Outcome, *, jitter: bool = False
) -> str | None:
    """Set a failed delivery's next attempt, or end it.

    Returns:
        The limit that ended it, `MaximumRetryAttempts` or `MaximumEventAgeInSeconds`;
        `None` when it goes on, or when its failure may not be retried at all.
    """
    policy = delivery.target.get("RetryPolicy", {})
    exhausted = None
    if outcome.retry:
        most = policy.get("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS)
        wait = find_wait_seconds(delivery, jitter=jitter)
        seconds = max(wait, outcome.retry_after_seconds)
        next_attempt_at = failed_at + timedelta(seconds=seconds)
        if outcome.postponed_until is not None:
            # It may be attempted too late; until then it had no attempt to count.
            most, next_attempt_at = delivery.attempts, outcome.postponed_until
        if delivery.attempts > most:
            exhausted = "MaximumRetryAttempts"
        elif next_attempt_at > find_end(delivery):
            exhausted = "MaximumEventAgeInSeconds"
        else:
            delivery.state = RETRYING
            delivery.next_attempt_at = next_attempt_at
            return None
    delivery.state = FAILED
    delivery.finished_at = failed_at
    return exhausted


def find_end(delivery: Delivery) -> datetime:
    """The instant after which the retry policy of a target allows no attempt."""
    policy = delivery.target.get("RetryPolicy", {})
    age = policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_SECONDS)
    return delivery.event.accepted_at + timedelta(seconds=age)


def find_wait_seconds(delivery: Delivery, *, jitter: bool) -> float:
    """How long the next retry waits; `delivery.attempts` were made so far.

    Jitter takes up to half of it off, by the delivery's id, so it can be repeated.
    """
    # Past 2^10 the cap holds, and a shift by 185 need not be computed.
    wait = min(1 << min(delivery.attempts, 10), LONGEST_WAIT_SECONDS)
    if not jitter:
        return wait
    import zlib

    draw = zlib.crc32(f"{delivery.delivery_id}/{delivery.attempts}".encode())
    return wait * (1 - draw / 2**33)
