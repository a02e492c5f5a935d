"""Preparing lines: what they come to, as rows, before a transaction and in any process.

The usual line becomes an event whose deliveries, if there are any, go to files. Of these
everything but keys is known at once: the rows, and the lines of the files. So many of them
are made together, by whichever process has the time, and whoever writes only numbers
them. All other lines are handed on, for `bulk/send.py` to accept one by one, in their
order.

What was prepared holds for the rules, targets, event buses and archives that were read
meanwhile; who writes it asks whether they are still the same.
"""

from __future__ import annotations

import marshal
from contextlib import closing, contextmanager
from io import BytesIO

from evcli.bulk.line_reader import LineReader
from evcli.bulk.processes import SpanReader
from evcli.bulk.reading import QuickEnvelopes, get_orjson
from evcli.context import Context, SystemClock
from evcli.delivery.envelopes import format_time
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.payloads import build_payload
from evcli.delivery.routing import Router
from evcli.delivery.rule_index import IndexedRules
from evcli.delivery.sinks import find_sink
from evcli.delivery.sinks.file import FileSink, format_line_start, format_parts
from evcli.delivery.targets import RequestBuilder
from evcli.delivery.targets.target_kinds import SINK, InvalidRequest
from evcli.store.deliveries import (
    UNDELIVERED,
    Delivery,
    format_definition,
    pack_event,
    pack_new_event,
)
from evcli.store.store import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.bulk.processes import Span
    from evcli.bulk.reading import QuickEntry
    from evcli.delivery.events import EventBusKey
    from evcli.delivery.routing import RuleTarget, RuleTargets
    from evcli.store.archived_events import Row
    from evcli.store.deliveries import Event
    from evcli.store.ledger_batch import EventValues, LedgerBatch, Route

    # The version of the store to prepare for, when the lines arrive, the lines or where
    # they are in the file.
    Task = tuple[int, datetime, bytes | Span]
    Counts = tuple[int, int, int]
    # The number of its event, that of its route, the payload where it is not the envelope,
    # and what stands in the line of its sink before its key and, in parts, behind it.
    PreparedDelivery = tuple[int, int, str | None, bytes, list[bytes]]


# How much stands before the event's id in a line and behind it, the digit of a key with it.
KEYLESS_LENGTH = len(format_line_start("", 0))


class Prepared:
    """What the lines of a batch come to.

    `odd_lines` has those that are to be accepted one by one: the number of each in the
    batch, and how many events, deliveries and archived rows come before. `archive_rules`
    are those whose archives keep these rows; `routes` are those of the deliveries, by
    number.
    """

    __slots__ = (
        "archive_rules",
        "archived_rows",
        "blank_count",
        "deliveries",
        "events",
        "odd_lines",
        "routes",
    )

    def __init__(self) -> None:
        self.events: list[EventValues] = []
        self.deliveries: list[PreparedDelivery] = []
        self.routes: dict[int, Route] = {}
        self.archived_rows: list[Row] = []
        self.archive_rules: list[tuple[EventBusKey, str]] = []
        self.odd_lines: list[tuple[int, Counts]] = []
        self.blank_count = 0

    def hand_on(self, number: int) -> None:
        """Leave the next line to be accepted by itself."""
        self.odd_lines.append((number, self.count()))

    def count(self) -> Counts:
        """Count what is there: events, deliveries, archived rows."""
        return len(self.events), len(self.deliveries), len(self.archived_rows)

    def pack(self) -> bytes:
        """Turn it into bytes, for another process of the same Python."""
        return marshal.dumps([getattr(self, name) for name in self.__slots__])


def unpack(packed: bytes) -> Prepared:
    """Turn bytes of `Prepared.pack` back; they come from nobody else."""
    prepared = Prepared()
    for name, value in zip(Prepared.__slots__, marshal.loads(packed), strict=True):
        setattr(prepared, name, value)
    return prepared


class Preparer:
    """Reads lines and prepares the usual ones; remembers what it has read from the store.

    `lines` and `router` are for those that are not. Nothing is usual where `is_usual` is
    off: few lines, which would not pay an index of all rules, or events that somebody
    wants to look at.
    """

    __slots__ = (
        "_archive_ids",
        "_count",
        "_ctx",
        "_envelopes",
        "_rules",
        "_writers",
        "is_usual",
        "lines",
        "router",
    )

    def __init__(
        self,
        ctx: Context,
        event_bus_name: str | None,
        *,
        uses_orjson: bool = True,
        is_usual: bool = True,
        batch: LedgerBatch | None = None,
    ) -> None:
        """Get ready; arguments as those of `Sender`, `batch` for the router."""
        orjson = get_orjson() if uses_orjson else None
        ctx.write_lines_by = orjson and orjson[1]
        self._ctx = ctx
        self.is_usual = is_usual
        self.lines = LineReader(ctx, event_bus_name, orjson)
        self._envelopes = QuickEnvelopes(ctx.account_id, ctx.region)
        self._rules = IndexedRules(ctx.store)
        self.router = Router(ctx, self._rules if is_usual else None, batch)
        self._count = 0
        self._forget()

    def refresh(self) -> bool:
        """Forget what was read if others have written; say whether they may have."""
        if not self.router.refresh():
            return False
        self.lines.refresh()
        self._forget()
        return True

    def _forget(self) -> None:
        # By event bus and rule; by rule ARN.
        self._archive_ids: dict[tuple[EventBusKey, str], str | None] = {}
        self._writers: dict[str, list[LineWriter] | None] = {}

    def prepare(self, lines: Sequence[bytes], accepted_at: datetime) -> Prepared:
        """Prepare lines that arrive at an instant."""
        prepared = Prepared()
        if not self.is_usual or self.router.is_watched:
            prepared.odd_lines = [(i, (0, 0, 0)) for i in range(len(lines))]
            return prepared
        read, get_bus = self.lines.read_quickly, self.lines.get_bus
        build, match = self._envelopes.build, self._rules.match_value
        find_reason = self.router.find_reason
        events = prepared.events
        stamp = format_time(accepted_at)
        ids = self._ctx.new_ids(len(lines))
        for i, line in enumerate(lines):
            entry = read(line)
            event_bus = None if entry is None else get_bus(entry)
            if entry is None or event_bus is None:
                if line.strip():
                    prepared.hand_on(i)
                else:
                    prepared.blank_count += 1
                continue
            event_id = entry.event_id or ids[i]
            members, text = build(entry, event_id, entry.time or stamp)
            names = match(event_bus, members)
            if not names:
                reason = UNDELIVERED.index(find_reason(event_bus, ()))
                pack = pack_new_event if entry.event_id is None else pack_event
                packed_id, rest = pack(event_id, text)
                events.append((packed_id, event_bus, rest, reason))
                continue
            event = AcceptedEvent(
                members, event_bus, accepted_at, text=text, detail_text=entry.detail
            )
            if not self._add(prepared, event, names, stamp):
                prepared.hand_on(i)
        return prepared

    def make_event(
        self, entry: QuickEntry, event_bus: EventBusKey, new_id: str, now: datetime
    ) -> AcceptedEvent:
        """Make the event of a usual line that is accepted by itself."""
        members, text = self._envelopes.build(
            entry, entry.event_id or new_id, entry.time or format_time(now)
        )
        return AcceptedEvent(
            members, event_bus, now, text=text, detail_text=entry.detail
        )

    def _add(
        self, prepared: Prepared, event: AcceptedEvent, names: list[str], stamp: str
    ) -> bool:
        """Add an event that rules match; `False`, and nothing, if it is an odd one."""
        event_bus, number = event.event_bus, len(prepared.events)
        deliveries: list[PreparedDelivery] = []
        archives: list[tuple[EventBusKey, str]] = []
        matched = []
        for name in names:
            found = self.router.find_targets(event_bus, name)
            matched.append(found)
            if found.has_archive:
                archives.append((event_bus, name))
            writers = self._find_writers(event.row, found)
            if writers is None:
                return False
            for writer in writers:
                written = writer.write(event, stamp)
                if written is None:
                    return False
                prepared.routes[writer.number] = writer.route
                deliveries.append((number, writer.number, *written))
        reason = None
        if not deliveries:
            reason = UNDELIVERED.index(self.router.find_reason(event_bus, matched))
        packed_id, rest = pack_event(event.row.event_id, event.row.envelope)
        prepared.events.append((packed_id, event_bus, rest, reason))
        prepared.deliveries += deliveries
        for key in archives:
            self._archive(prepared, event, key)
        return True

    def _archive(
        self, prepared: Prepared, event: AcceptedEvent, key: tuple[EventBusKey, str]
    ) -> None:
        from evcli.delivery.archives import get_archive, lay_out_archived

        if key not in self._archive_ids:
            archive = get_archive(self._ctx, *key)
            if archive is not None and archive.event_bus_name == key[0][2]:
                self._archive_ids[key] = archive.archive_id
            else:
                self._archive_ids[key] = None
        if key not in prepared.archive_rules:
            prepared.archive_rules.append(key)
        archive_id = self._archive_ids[key]
        if archive_id is not None:
            prepared.archived_rows.append(lay_out_archived(archive_id, event))

    def _find_writers(
        self, event: Event, found: RuleTargets
    ) -> list[LineWriter] | None:
        """Find what writes the lines of a rule's targets; `None` if not all have lines."""
        key = found.rule_arn
        if key not in self._writers:
            writers = []
            for target in found.targets:
                if has_file(self._ctx, target):
                    self._count += 1
                    dumps = self._ctx.write_lines_by
                    writers.append(LineWriter(self._count, key, target, dumps, event))
            is_whole = len(writers) == len(found.targets)
            self._writers[key] = writers if is_whole else None
        return self._writers[key]


def has_file(ctx: Context, target: RuleTarget) -> bool:
    """Say whether all that a target gets is written to a file."""
    if target.damage is not None or target.measure is None:
        return False
    arn = target.target["Arn"]
    # Not one that wraps another one, and may fail.
    return RequestBuilder(arn).carrier == SINK and type(find_sink(ctx, arn)) is FileSink


class LineWriter:
    """Writes the lines of a target's deliveries; `route` is theirs, `number` names it."""

    __slots__ = ("_builder", "_delivery", "_dumps", "_gets_event", "number", "route")

    def __init__(
        self,
        number: int,
        rule_arn: str,
        target: RuleTarget,
        dumps: Callable[[object], bytes] | None,
        event: Event,
    ) -> None:
        definition = target.target
        arn = definition["Arn"]
        self.number = number
        self.route: Route = (
            rule_arn,
            definition["Id"],
            arn,
            format_definition(definition),
        )
        self._gets_event = target.gets_event
        self._dumps = dumps
        self._builder = RequestBuilder(arn)
        # One for all: none is written down as such.
        self._delivery = Delivery(
            event=event, rule_arn=rule_arn, target=definition, payload=""
        )

    def write(
        self, event: AcceptedEvent, stamp: str
    ) -> tuple[str | None, bytes, list[bytes]] | None:
        """Write what is in a line beside the delivery's key, at an event's arrival.

        Returns:
            The payload where it is not the envelope, what is before the key and behind
            it; `None` where the delivery fails before it comes to the file.
        """
        delivery, envelope = self._delivery, event.row.envelope
        delivery.event = event.row
        delivery.payload = envelope
        if not self._gets_event:
            payload = build_payload(delivery.target, event, delivery.rule_arn)
            if isinstance(payload, InvalidRequest):
                return None
            delivery.payload = payload
        try:
            request = self._builder.build(delivery)
            if isinstance(request, InvalidRequest):
                return None
            parts = format_parts(delivery, request, stamp, self._dumps)
        except Exception:  # whoever attempts it says what is wrong
            return None
        # The key is a digit for now.
        end = KEYLESS_LENGTH + len(event.row.event_id)
        payload_column = None if delivery.payload == envelope else delivery.payload
        before, parts[0] = parts[0][: end - 1], parts[0][end:]
        return payload_column, before, parts


# -- in another process


def describe_context(ctx: Context) -> tuple[Any, ...]:
    """Lay out what of a context matters to who prepares, for `open_preparing`."""
    return ctx.store.path, ctx.account_id, ctx.region, ctx.configuration


@contextmanager
def open_preparing(
    event_bus_name: str | None,
    uses_orjson: bool,
    state_directory: str,
    account_id: str,
    region: str,
    configuration: dict[str, Any],
) -> Iterator[Callable[[Task], bytes]]:
    """Get ready to prepare batches in a process of its own.

    Returns:
        What makes of each task a `Prepared`, packed.
    """
    known_version: int | None = None

    def prepare(task: Task) -> bytes:
        nonlocal known_version
        version, accepted_at, data = task
        if version != known_version:
            preparer.refresh()
            known_version = version
        if not isinstance(data, bytes):
            data = reader.read(data)
        return preparer.prepare(BytesIO(data).readlines(), accepted_at).pack()

    ctx = Context(
        store=open_store(state_directory),
        clock=SystemClock(),
        account_id=account_id,
        region=region,
        configuration=configuration,
    )
    with closing(ctx), closing(SpanReader()) as reader:
        preparer = Preparer(ctx, event_bus_name, uses_orjson=uses_orjson)
        yield prepare
