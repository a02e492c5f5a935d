"""Retry policies: whether a failed delivery is tried again, and when.

Source: [doc] the limits and their defaults; the intervals are undocumented, [guess] the
k-th retry waits min(2^k, 600) seconds. AWS spreads its retries; here that is off unless
`retry_jitter` is on in the configuration, so that a test can count them.
"""

from __future__ import annotations

from datetime import timedelta

from evcli.store.deliveries import FAILED, RETRYING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.context import Outcome
    from evcli.store.deliveries import Delivery

MAXIMUM_RETRY_ATTEMPTS = 185
MAXIMUM_EVENT_AGE_SECONDS = 86_400
LONGEST_WAIT_SECONDS = 600


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
        age = policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_SECONDS)
        wait = find_wait_seconds(delivery, jitter=jitter)
        seconds = max(wait, outcome.retry_after_seconds)
        next_attempt_at = failed_at + timedelta(seconds=seconds)
        if outcome.postponed_until is not None:
            # Its turn comes too late; until then it had no attempt to count.
            most, next_attempt_at = delivery.attempts, outcome.postponed_until
        ends_at = delivery.event.accepted_at + timedelta(seconds=age)
        if delivery.attempts > most:
            exhausted = "MaximumRetryAttempts"
        elif next_attempt_at > ends_at:
            exhausted = "MaximumEventAgeInSeconds"
        else:
            delivery.state = RETRYING
            delivery.next_attempt_at = next_attempt_at
            return None
    delivery.state = FAILED
    delivery.finished_at = failed_at
    return exhausted


def postpone(delivery: Delivery, outcome: Outcome) -> bool:
    """Let a delivery wait for its turn; no attempt is counted.

    Returns:
        Whether it may: not when its event is too old by then. Source: [doc].
    """
    policy = delivery.target.get("RetryPolicy", {})
    age = policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_SECONDS)
    until = outcome.postponed_until
    if until is None or until > delivery.event.accepted_at + timedelta(seconds=age):
        return False
    delivery.state = RETRYING
    delivery.next_attempt_at = until
    delivery.owner = None
    delivery.error_code, delivery.error_message = outcome.error_code, outcome.message
    return True


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
