"""Retry policies: the waits, the limits, and which of them ends a delivery."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.delivery.outcomes import find_wait_seconds, plan_retry
from evcli.delivery.sinks.conformance import make_delivery
from evcli.store.deliveries import FAILED, RETRYING

if TYPE_CHECKING:
    from evcli.store.deliveries import Delivery

FAILURE = Outcome("INTERNAL_ERROR", "no", retry=True)


def fail(delivery: Delivery, outcome: Outcome = FAILURE) -> tuple[str | None, float]:
    """Let the next attempt fail when it is due; say what ended it and when that was."""
    due_at = delivery.next_attempt_at or delivery.event.accepted_at
    delivery.attempts += 1
    exhausted = plan_retry(delivery, due_at, outcome)
    return exhausted, (due_at - delivery.event.accepted_at).total_seconds()


def make(**policy: int) -> Delivery:
    delivery = make_delivery("{}")
    if policy:
        delivery.target = {**delivery.target, "RetryPolicy": policy}
    return delivery


def test_waits_double_up_to_ten_minutes() -> None:
    delivery = make()
    waits = []
    for attempts in range(1, 13):
        delivery.attempts = attempts
        waits.append(find_wait_seconds(delivery, jitter=False))

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]


def test_jitter_takes_up_to_half_of_a_wait_off_and_can_be_repeated() -> None:
    delivery = make()
    waits = []
    for attempts in range(10, 186):
        delivery.attempts = attempts
        waits.append(find_wait_seconds(delivery, jitter=True))

    assert all(300 <= wait <= 600 for wait in waits)
    assert len(set(waits)) > 100
    assert waits[-1] == find_wait_seconds(delivery, jitter=True)


def test_by_default_age_ends_a_delivery_first() -> None:
    delivery = make()

    exhausted, at = fail(delivery)
    while delivery.state == RETRYING:
        exhausted, at = fail(delivery)

    # 1,022 seconds for the nine waits below ten minutes, then 142 of ten minutes.
    assert (exhausted, delivery.attempts, at) == (
        "MaximumEventAgeInSeconds",
        1 + 9 + 142,
        1022 + 142 * 600,
    )


@pytest.mark.parametrize(
    ("policy", "exhausted", "attempts"),
    [
        ({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts", 1),
        ({"MaximumRetryAttempts": 3}, "MaximumRetryAttempts", 4),
        ({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", 5),
        ({"MaximumEventAgeInSeconds": 62}, "MaximumEventAgeInSeconds", 6),
        (
            {"MaximumRetryAttempts": 4, "MaximumEventAgeInSeconds": 60},
            "MaximumRetryAttempts",
            5,
        ),
        (
            {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 60},
            "MaximumEventAgeInSeconds",
            5,
        ),
    ],
)
def test_whichever_limit_comes_first_ends_a_delivery(
    policy: dict[str, Any], exhausted: str, attempts: int
) -> None:
    delivery = make(**policy)

    ended_by, _ = fail(delivery)
    while delivery.state == RETRYING:
        ended_by, _ = fail(delivery)

    assert (delivery.state, ended_by, delivery.attempts) == (
        FAILED,
        exhausted,
        attempts,
    )


def test_a_failure_that_may_not_be_retried_ends_without_a_limit() -> None:
    delivery = make()

    exhausted, _ = fail(delivery, Outcome("NO_PERMISSIONS", "denied"))

    assert (exhausted, delivery.state) == (None, FAILED)
    assert delivery.finished_at == delivery.event.accepted_at


def test_a_target_that_says_when_is_not_asked_sooner() -> None:
    delivery = make()

    fail(delivery, Outcome("THROTTLING", "x", retry=True, retry_after_seconds=90))
    first = delivery.next_attempt_at
    fail(delivery, Outcome("THROTTLING", "x", retry=True, retry_after_seconds=1))

    begun_at = delivery.event.accepted_at
    assert first == begun_at + timedelta(seconds=90)
    assert delivery.next_attempt_at == begun_at + timedelta(seconds=94)
