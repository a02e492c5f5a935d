"""The flaky sink: another sink that fails as told, for rehearsing retries.

Which attempts fail follows from the seed, the delivery's number in its state directory
and the attempt's number alone. A script that runs twice on fresh state directories
sees the same failures, and so do a worker and the one that takes over from it.
"""

from __future__ import annotations

import zlib

from evcli.context import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.context import Sink
    from evcli.store.deliveries import Delivery


class FlakySink:
    """Fails the first attempts of each delivery, or a share of all attempts.

    Args:
        first: how many attempts of each delivery fail before one may succeed.
        rate: the share of the other attempts that fail, 0.0 to 1.0.
        seed: chooses which; another seed, other attempts.
    """

    is_exactly_once = False

    def __init__(self, sink: Sink, *, first: int, rate: float, seed: int) -> None:
        self._sink = sink
        self._first = first
        self._rate = rate
        self._seed = seed
        self.is_buffered = sink.is_buffered

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Fail, or hand the delivery on."""
        if delivery.attempts < self._first:
            return Outcome(
                "INTERNAL_ERROR",
                f"The sink fails the first {self._first} attempts.",
                retry=True,
            )
        draw = f"{self._seed}/{delivery.delivery_key}/{delivery.attempts}"
        if zlib.crc32(draw.encode()) < self._rate * 2**32:
            return Outcome(
                "INTERNAL_ERROR",
                f"The sink fails {100 * self._rate:.4g} % of all attempts.",
                retry=True,
            )
        return self._sink.deliver(delivery, request)

    def measure(self) -> int:
        """The length of the file behind, if there is one; see `FileSink`."""
        measure: Callable[[], int] | None = getattr(self._sink, "measure", None)
        return 0 if measure is None else measure()

    def flush(self) -> None:
        """Flush the sink behind."""
        self._sink.flush()
