"""Sink kinds that other packages bring along, by entry points of the group `evcli.sinks`.

An entry point's name is the kind; it loads to a function (context, options) -> Sink,
where the options are its entry of `[[sinks]]`. A sink that does not say `is_buffered` or
`is_exactly_once` is neither. `conformance.py` has the checks that such a sink should pass.
"""

from __future__ import annotations

from evcli.context import Outcome
from evcli.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from evcli.context import Context, Sink
    from evcli.store.deliveries import Delivery

ENTRY_POINTS = "evcli.sinks"


def open_installed_sink(
    ctx: Context, options: dict[str, Any], own_kinds: Iterable[str]
) -> Sink:
    """Open the sink of an installed package.

    Raises: ConfigurationError: nothing brings this kind along, or it does not open.
    """
    from importlib.metadata import entry_points

    kind = options["kind"]
    for entry in entry_points(group=ENTRY_POINTS, name=kind):
        try:
            return InstalledSink(kind, entry.load()(ctx, options))
        except Exception as error:  # somebody else's code
            raise ConfigurationError(
                f"the sink kind {kind!r} of {entry.value} cannot be used:"
                f" {type(error).__name__}: {error}"
            ) from error
    known = ", ".join([*own_kinds, *sorted(entry_points(group=ENTRY_POINTS).names)])
    raise ConfigurationError(f"there is no sink kind {kind!r}; there are: {known}")


class InstalledSink:
    """Keeps the mistakes of somebody else's sink away from the deliveries of others."""

    def __init__(self, kind: str, sink: Sink) -> None:
        self._kind = kind
        self._sink = sink
        self.is_buffered = bool(getattr(sink, "is_buffered", False))
        self.is_exactly_once = bool(getattr(sink, "is_exactly_once", False))

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Hand the delivery on; an exception or a wrong answer is a failed attempt."""
        try:
            outcome: object = self._sink.deliver(delivery, request)
        except Exception as error:  # somebody else's code
            return self._fail(error)
        if not isinstance(outcome, Outcome):
            return Outcome(
                "INTERNAL_ERROR",
                f"The sink {self._kind!r} answered {type(outcome).__name__}, no Outcome.",
                retry=True,
            )
        return outcome

    def flush(self) -> None:
        """Flush it. Raises: OSError: whatever went wrong."""
        try:
            self._sink.flush()
        except Exception as error:  # somebody else's code
            raise OSError(f"{self._kind}: {type(error).__name__}: {error}") from error

    def _fail(self, error: Exception) -> Outcome:
        message = f"The sink {self._kind!r} failed: {type(error).__name__}: {error}"
        return Outcome("INTERNAL_ERROR", message, retry=True)
