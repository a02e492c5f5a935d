"""What a line of input stands for: an entry, a whole event, a refusal, nothing.

Entries are checked as a request of put-events, each as if it were the one of its request.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.reading import QuickEntry, QuickReader, read_line
from evcli.errors import EntryError, ParamValidationError, ServiceError
from evcli.model import find_operation
from evcli.model.check import check_request
from evcli.operations.accepting import accept_entry, require_total_size
from evcli.operations.whole_events import (
    find_own_event_bus,
    is_whole_event,
    make_whole_event,
)
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.bulk.reading import Codec
    from evcli.context import Context
    from evcli.delivery.events import AcceptedEvent, EventBusKey

    # Code and message. Not the error itself: with its traceback it would keep alive a
    # whole batch, in a cycle.
    Refusal = tuple[str, str]
    # What a line was read as: of a dict `is_whole_event` says what it is.
    Read = QuickEntry | dict[str, Any] | Refusal

# An entry with which nothing is wrong, to try event buses with.
PROBE = {"Source": "s", "DetailType": "d", "Detail": "{}"}


class LineReader:
    """Reads lines, and finds the event buses that they are for.

    What it knows of event buses must not grow old: `refresh` when others have written.
    """

    __slots__ = ("_buses", "_ctx", "_event_bus_name", "_own_bus", "_quick")

    def __init__(
        self, ctx: Context, event_bus_name: str | None, orjson: Codec | None
    ) -> None:
        """Get ready.

        Args:
            event_bus_name: for events, and for entries that name no event bus; else
                `default`.
            orjson: as `get_orjson` gives it.
        """
        self._ctx = ctx
        self._event_bus_name = event_bus_name
        self._quick = QuickReader(orjson, ctx.quotas["put_events_bytes"])
        self._own_bus: EventBusKey | None = None
        self.refresh()

    def refresh(self) -> None:
        """Forget what others may have changed."""
        self._buses: dict[str | None, EventBusKey | None] = {}

    def read_quickly(self, line: bytes) -> QuickEntry | None:
        """Read a usual line; `None` of any other one."""
        return self._quick.read(line)

    def read(self, line: bytes) -> Read | None:
        """Read a line; `None` is a blank one."""
        quick = self._quick.read(line)
        if quick is not None:
            return quick
        return self.read_exactly(line) if line.strip() else None

    def read_exactly(self, line: bytes) -> dict[str, Any] | Refusal:
        """Read a line that the quick reader leaves to others, or whose bus is unusual."""
        try:
            value = read_line(line)
            return value if is_whole_event(value) else self._check(value)
        except EntryError as error:
            return error.code, error.message

    def _check(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Check an entry as a request of put-events. Raises: EntryError."""
        if self._event_bus_name is not None:
            entry = {"EventBusName": self._event_bus_name, **entry}
        operation = find_operation("PutEvents")
        try:
            entries = check_request(
                operation, {"Entries": [entry]}, now=self._ctx.clock.now()
            )["Entries"]
            require_total_size(self._ctx, entries)
        except ParamValidationError as error:
            raise EntryError("ParamValidation", "; ".join(error.problems)) from error
        except ServiceError as error:
            raise EntryError(error.code, error.message) from error
        checked: dict[str, Any] = entries[0]
        return checked

    def make_event(self, read: dict[str, Any], event_id: str) -> AcceptedEvent:
        """Make the event of what was read exactly.

        Args:
            event_id: for a whole event without one.

        Raises: EntryError: why it is refused.
        """
        try:
            if not is_whole_event(read):
                return accept_entry(self._ctx, read)[0]
            event = read if "id" in read else {**read, "id": event_id}
            return make_whole_event(self._ctx, event, self.find_own_bus())
        except ServiceError as refusal:
            raise EntryError(refusal.code, refusal.message) from refusal

    # -- event buses

    def get_bus(self, quick: QuickEntry) -> EventBusKey | None:
        """Get the event bus that a quick entry is for.

        `None` when there is more to it: another account, a policy, no valid name.
        """
        if quick.is_whole:
            if self._own_bus is None:
                try:
                    return self.find_own_bus()
                except EntryError:
                    return None
            return self._own_bus
        name = quick.event_bus_name
        if name not in self._buses:
            if len(self._buses) > 10_000:
                self._buses.clear()
            self._buses[name] = self._look_up_bus(name)
        return self._buses[name]

    def _look_up_bus(self, name: str | None) -> EventBusKey | None:
        try:
            entry = self._check(
                PROBE if name is None else {**PROBE, "EventBusName": name}
            )
        except EntryError:
            return None
        name = entry.get("EventBusName", DEFAULT_EVENT_BUS)
        if ":" in name:
            return None
        bus = (self._ctx.account_id, self._ctx.region, name)
        record = self._ctx.store.get(EventBus, *bus)
        return bus if record is None or record.policy is None else None

    def find_own_bus(self) -> EventBusKey:
        """Find the event bus that whole events are for, which no policy guards.

        Raises: EntryError: it has no valid name, or is of another account or region.
        """
        if self._own_bus is None:
            self._check(PROBE)
            try:
                self._own_bus = find_own_event_bus(self._ctx, self._event_bus_name)
            except ServiceError as error:
                raise EntryError(error.code, error.message) from error
        return self._own_bus
