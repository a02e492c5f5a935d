"""Sinks that keep nothing: the ledger's rows are all that is left.

Every delivery to the null sink succeeds; what stands for a sink that cannot be opened
fails them all, and says why.
"""

from __future__ import annotations

from evcli.context import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.deliveries import Delivery


class NullSink:
    """Takes everything, keeps nothing."""

    is_buffered = True
    is_exactly_once = False

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Let the delivery go."""
        return Outcome()

    def flush(self) -> None:
        """Nothing to do."""


class UnusableSink:
    """Fails every delivery, to be tried again: people mend their configuration."""

    is_buffered = True
    is_exactly_once = False

    def __init__(self, problem: str) -> None:
        self._problem = problem

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Say what is wrong."""
        return Outcome("INTERNAL_ERROR", self._problem, retry=True)

    def flush(self) -> None:
        """Nothing to do."""
