"""The memory sink: for tests, and for Python users who want the deliveries at hand."""

from __future__ import annotations

from evcli.context import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.deliveries import Delivery


class MemorySink:
    """Keeps what it got, in order, and answers what it is told to.

    `outcome` is the answer to every delivery; a success until it is changed.
    """

    is_buffered = True
    is_exactly_once = False

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.requests: list[dict[str, Any]] = []
        self.outcome = Outcome()

    @property
    def payloads(self) -> list[str]:
        """The payloads so far, in order."""
        return [delivery.payload for delivery in self.deliveries]

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Keep the delivery."""
        self.deliveries.append(delivery)
        self.requests.append(request)
        return self.outcome

    def flush(self) -> None:
        """Nothing to do."""
