"""The table sink: the lines of a file sink, as rows of the store.

A line is written in the transaction that records its delivery, by `record_outcomes`. So
it is there once, whatever dies, and whichever host makes the delivery: it is what stands
for targets where several machines share a store.
"""

from __future__ import annotations

from evcli.context import Outcome
from evcli.delivery.envelopes import format_time
from evcli.delivery.sinks.file import format_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.deliveries import Delivery


class TableSink:
    """Gives each delivery's line with its outcome; whoever records that keeps the line."""

    is_buffered = True
    is_exactly_once = True

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Make the line."""
        time = format_time(delivery.event.accepted_at)
        line = b"".join(format_parts(delivery, request, time))
        return Outcome(line=line.decode().removesuffix("\n"))

    def flush(self) -> None:
        """Nothing waits to be written."""
