"""What stands for a sink that cannot be opened: its deliveries fail and say why."""

from __future__ import annotations

from evcli.context import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.ledger import Delivery


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
