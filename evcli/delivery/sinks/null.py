"""The null sink keeps nothing: the ledger's rows are all that is left.

It stands for a sink that cannot be opened, too: then it fails every delivery, to be tried
again, and says why.
"""

from __future__ import annotations

from evcli.context import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.deliveries import Delivery


class NullSink:
    """Keeps nothing; answers every delivery with one outcome, a success by default."""

    is_buffered = True
    is_exactly_once = False

    def __init__(self, outcome: Outcome | None = None) -> None:
        self._outcome = outcome or Outcome()

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Let the delivery go."""
        return self._outcome

    def flush(self) -> None:
        """Nothing to do."""
