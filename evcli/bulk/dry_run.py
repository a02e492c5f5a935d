"""Dry runs: what sending would come to, without a row or a file being written.

Lines are read and checked as `bulk/send.py` does it, sizes are those that AWS counts, and
rules are matched as they are now.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.line_reader import LineReader
from evcli.bulk.send import accept_exactly, check_before
from evcli.delivery.archives import RULE_PREFIX
from evcli.delivery.envelopes import cut_detail
from evcli.delivery.routing import StoredRules
from evcli.delivery.rule_index import IndexedRules
from evcli.errors import LineError
from evcli.operations.accepting import measure_entry
from evcli.operations.whole_events import is_whole_event, to_entry
from evcli.patterns import leaves_of, parse_json
from evcli.store.deliveries import ARCHIVED, NO_EVENT_BUS, NO_RULE
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.bulk.line_reader import Refusal
    from evcli.bulk.send import Check
    from evcli.context import Context
    from evcli.delivery.routing import Rules
    from evcli.store.deliveries import Delivery, Event
    from evcli.store.store import Store

    Value = dict[str, Any]

# Of as many events and failures is said what each would come to; others are counted.
KEPT = 100


class RuleFinder:
    """Stands where a router does: finds the rules that match, and delivers nothing."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self.event: Event | None = None
        self.rule_names: list[str] = []

    def accept(self, event: Event, envelope: Value, **_: object) -> list[Delivery]:
        """Note an event and the rules that match, those of archives left out."""
        names = self._rules.match(
            event, envelope, leaves_of(parse_json(event.envelope))
        )
        self.event = event
        self.rule_names = [name for name in names if not name.startswith(RULE_PREFIX)]
        if not self.rule_names:
            event.undelivered = self._find_reason(event, bool(names))
        return []

    def _find_reason(self, event: Event, is_archived: bool) -> str:
        if is_archived:
            return ARCHIVED
        bus = (event.account_id, event.region, event.event_bus_name)
        exists = bus[2] == DEFAULT_EVENT_BUS or self._store.get(EventBus, *bus)
        return NO_RULE if exists else NO_EVENT_BUS


class DryRun:
    """Counts what the lines of an input would come to."""

    def __init__(
        self,
        ctx: Context,
        event_bus_name: str | None,
        *,
        is_short: bool = False,
        check: Check | None = None,
    ) -> None:
        """Get ready; arguments as those of `Sender`."""
        self._ctx = ctx
        self._lines = LineReader(ctx, event_bus_name, None)
        rules = StoredRules(ctx.store) if is_short else IndexedRules(ctx.store)
        self._finder = RuleFinder(ctx.store, rules)
        self._receiver = check_before(self._finder, check)
        self._line_count = 0
        self._accepted = self._failed = self._unmatched = self._size_bytes = 0
        self._rules: dict[tuple[str, str], int] = {}
        self._events: list[Value] = []
        self._failures: list[Value] = []

    def add(self, line: bytes) -> Value | Refusal | None:
        """Count a line.

        Returns:
            What it would come to; or code and message of what refuses it; `None` for
            a blank line.
        """
        self._line_count += 1
        if not line.strip():
            return None
        try:
            found = self._judge(line)
        except LineError as error:
            self._fail(error)
            return error.code, error.message
        self._accepted += 1
        self._size_bytes += found["SizeBytes"]
        self._unmatched += not found["Rules"]
        for name in found["Rules"]:
            key = (found["EventBusName"], name)
            self._rules[key] = self._rules.get(key, 0) + 1
        if len(self._events) < KEPT:
            self._events.append({"Line": self._line_count, **found})
        return found

    def _judge(self, line: bytes) -> Value:
        """Read a line and match it. Raises: LineError."""
        read = self._lines.read_exactly(line)
        if isinstance(read, tuple):
            raise LineError(*read)
        accept_exactly(self._ctx, self._receiver, self._lines, read, self._ctx.new_id())
        event = self.get_event()
        envelope = parse_json(event.envelope)
        entry = read
        if is_whole_event(read):
            entry = to_entry(envelope, cut_detail(event.envelope))
        return {
            "EventBusName": event.event_bus_name,
            "Source": envelope["source"],
            "DetailType": envelope["detail-type"],
            "SizeBytes": measure_entry(entry),
            "Rules": self._finder.rule_names,
        }

    def get_event(self) -> Event:
        """The event that the last line would become."""
        assert self._finder.event is not None
        return self._finder.event

    def _fail(self, error: LineError) -> None:
        self._failed += 1
        if len(self._failures) < KEPT:
            self._failures.append(
                {
                    "Line": self._line_count,
                    "ErrorCode": error.code,
                    "ErrorMessage": error.message,
                }
            )

    def describe(self) -> Value:
        """Lay out what all lines would come to, as a JSON value."""
        return {
            "Lines": self._line_count,
            "AcceptedCount": self._accepted,
            "FailedCount": self._failed,
            "UnmatchedCount": self._unmatched,
            "SizeBytes": self._size_bytes,
            "Rules": [
                {"EventBusName": bus, "Name": name, "MatchCount": count}
                for (bus, name), count in sorted(self._rules.items())
            ],
            "Events": self._events,
            "Failures": self._failures,
        }
