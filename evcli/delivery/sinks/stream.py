"""The stream sink, of kinds stdout and stderr: the lines of a file sink, elsewhere."""

from __future__ import annotations

from evcli.context import Outcome
from evcli.delivery.envelopes import format_time
from evcli.delivery.sinks.file import format_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from evcli.store.deliveries import Delivery


class StreamSink:
    """Lines for another program to read, whole ones even when evcli is killed."""

    is_buffered = True
    is_exactly_once = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Add a line."""
        time = format_time(delivery.event.accepted_at)
        line = format_line(delivery, request, time)
        self._lines.append(line.decode())
        return Outcome()

    def flush(self) -> None:
        """Write the lines. Raises: OSError: nobody reads them."""
        text, self._lines = "".join(self._lines), []
        if text:
            self._stream.write(text)
            self._stream.flush()
