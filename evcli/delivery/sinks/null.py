"""The null sink: every delivery succeeds and nothing is kept but the ledger's row."""

from __future__ import annotations

from evcli.context import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.ledger import Delivery


class NullSink:
    """Takes everything, keeps nothing."""

    is_buffered = True
    is_exactly_once = False

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Let the delivery go."""
        return Outcome()

    def flush(self) -> None:
        """Nothing to do."""
