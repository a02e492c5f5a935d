"""Dry runs: what sending would come to, without a row or a file being written.

Lines are read and checked as `bulk/send.py` does it, sizes are those that AWS counts, and
rules are matched as they are now.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.line_reader import LineReader
from evcli.delivery.archives import RULE_PREFIX
from evcli.delivery.routing import StoredRules
from evcli.delivery.rule_index import IndexedRules
from evcli.errors import EntryError
from evcli.operations.accepting import measure_entry
from evcli.operations.whole_events import is_whole_event, to_entry
from evcli.store.deliveries import ARCHIVED, NO_EVENT_BUS, NO_RULE
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.bulk.line_reader import Refusal
    from evcli.bulk.send import Check
    from evcli.context import Context
    from evcli.store.deliveries import Event

    Value = dict[str, Any]

# Of as many events and failures is said what each would come to; others are counted.
KEPT = 100


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
        self._matching: StoredRules | IndexedRules = (
            StoredRules(ctx.store) if is_short else IndexedRules(ctx.store)
        )
        self._check = check
        self._event: Event | None = None
        self._line_count = 0
        self._file = ""
        self._lines_before = 0
        self._accepted = self._failed = self._unmatched = self._size_bytes = 0
        self._rules: dict[tuple[str, str], int] = {}
        self._events: list[Value] = []
        self._failures: list[Value] = []

    def begin(self, file: str) -> None:
        """Begin with another input; its name is empty where there is but one."""
        self._file = file
        self._lines_before = self._line_count

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
        except EntryError as error:
            self._fail(error)
            return error.code, error.message
        self._accepted += 1
        self._size_bytes += found["SizeBytes"]
        self._unmatched += not found["Rules"]
        for name in found["Rules"]:
            key = (found["EventBusName"], name)
            self._rules[key] = self._rules.get(key, 0) + 1
        if len(self._events) < KEPT:
            self._events.append({**self._name_line(), **found})
        return found

    def _judge(self, line: bytes) -> Value:
        """Read a line and match it. Raises: EntryError."""
        read = self._lines.read_exactly(line)
        if isinstance(read, tuple):
            raise EntryError(*read)
        event = self._lines.make_event(read, self._ctx.new_id())
        if self._check is not None:
            self._check(event)
        names = self._matching.match(event)
        rules = [name for name in names if not name.startswith(RULE_PREFIX)]
        self._event, members = event.row, event.members
        if not rules:
            event.row.undelivered = ARCHIVED if names else self._find_reason(event.row)
        if is_whole_event(read):
            read = to_entry(members, event.detail_text)
        return {
            "EventBusName": event.row.event_bus_name,
            "Source": members["source"],
            "DetailType": members["detail-type"],
            "SizeBytes": measure_entry(read),
            "Rules": rules,
        }

    def _find_reason(self, event: Event) -> str:
        bus = (event.account_id, event.region, event.event_bus_name)
        exists = bus[2] == DEFAULT_EVENT_BUS or self._ctx.store.get(EventBus, *bus)
        return NO_RULE if exists else NO_EVENT_BUS

    def get_event(self) -> Event:
        """The event that the last line would become."""
        assert self._event is not None
        return self._event

    def _fail(self, error: EntryError) -> None:
        self._failed += 1
        if len(self._failures) < KEPT:
            self._failures.append(
                {
                    **self._name_line(),
                    "ErrorCode": error.code,
                    "ErrorMessage": error.message,
                }
            )

    def _name_line(self) -> Value:
        file = {"File": self._file} if self._file else {}
        return {**file, "Line": self._line_count - self._lines_before}

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
