"""The sink that stands for all targets of a case: it keeps requests and fails as told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evcli.context import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.store.deliveries import Delivery

    # By the ARN of the rule and the id of the target.
    Failures = Mapping[tuple[str, str], "Failure"]

ALWAYS = "always"


class Failure(NamedTuple):
    """How a target fails: `attempts` of each delivery, or ALWAYS."""

    attempts: int | str = ALWAYS
    error_code: str = "INTERNAL_ERROR"
    message: str = "The test has it fail."
    retry: bool = True


class TargetSink:
    """Keeps what each target was called with; dead letters always arrive.

    `failures` say which targets fail; nobody does until they are set.
    """

    is_buffered = True
    is_exactly_once = False

    def __init__(self) -> None:
        self.failures: Failures = {}
        # By the key of the delivery: what was attempted last.
        self.requests: dict[int, dict[str, Any]] = {}

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Keep the request, or fail."""
        self.requests[delivery.delivery_key] = request
        failure = self.failures.get((delivery.rule_arn, delivery.target_id))
        if failure is None or delivery.dead_letter_of is not None:
            return Outcome()
        if failure.attempts == ALWAYS or delivery.attempts < int(failure.attempts):
            return Outcome(failure.error_code, failure.message, retry=failure.retry)
        return Outcome()

    def flush(self) -> None:
        """Nothing to do."""
