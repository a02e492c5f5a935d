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
from functools import partial
from io import BytesIO

from evcli.bulk.line_reader import LineReader
from evcli.bulk.line_writer import LineWriter, has_file
from evcli.bulk.processes import SpanReader
from evcli.bulk.reading import QuickEnvelopes, get_orjson
from evcli.context import Context, SystemClock
from evcli.delivery.envelopes import format_time
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import Router
from evcli.delivery.rule_index import IndexedRules
from evcli.store.deliveries import UNDELIVERED, pack_event, pack_new_event
from evcli.store.store import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.bulk.processes import Span
    from evcli.bulk.reading import QuickEntry
    from evcli.delivery.events import EventBusKey
    from evcli.delivery.routing import RuleTargets
    from evcli.store.archived_events import Row
    from evcli.store.ledger_batch import EventValues, LedgerBatch, Route

    # The version of the store to prepare for, when the lines arrive, the lines or where
    # they are in the file.
    Task = tuple[int, datetime, bytes | Span]
    Counts = tuple[int, int, int]
    # The number of its event, that of its route, the payload where it is not the envelope,
    # and what stands in the line of its sink before its key and, in parts, behind it.
    PreparedDelivery = tuple[int, int, str | None, bytes, list[bytes]]


# So many plans are remembered: there are as many as sets of rules that match together.
MOST_PLANS = 10_000


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


class Plan:
    """What becomes of the events that the same rules match.

    `writers` write the lines of their targets, `archive_rules` are those of their archives;
    `reason` says, by number, why no delivery comes of them. Where `is_odd`, some target is
    no file, and nothing else counts.
    """

    __slots__ = ("archive_rules", "is_odd", "leads_on", "reason", "writers")

    def __init__(
        self,
        writers: list[LineWriter],
        archive_rules: list[tuple[EventBusKey, str]],
        reason: int | None,
        *,
        is_odd: bool,
    ) -> None:
        self.writers = writers
        self.archive_rules = archive_rules
        self.reason = reason
        self.is_odd = is_odd
        self.leads_on = bool(writers or archive_rules)


class Preparer:
    """Reads lines and prepares the usual ones; remembers what it has read from the store.

    `lines` and `router` are for those that are not. Nothing is usual where `is_usual` is
    off: few lines, which would not pay an index of all rules, or events that somebody
    wants to look at.
    """

    __slots__ = (
        "_archive_ids",
        "_ctx",
        "_envelopes",
        "_plans",
        "_routes",
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
        self._forget()

    def refresh(self) -> bool:
        """Forget what was read if others have written; say whether they may have."""
        if not self.router.refresh():
            return False
        self.lines.refresh()
        self._forget()
        return True

    def _forget(self) -> None:
        # By event bus and rule; by event bus and rules that match; by rule ARN; by number.
        self._archive_ids: dict[tuple[EventBusKey, str], str | None] = {}
        self._plans: dict[tuple[EventBusKey, tuple[str, ...]], Plan] = {}
        self._writers: dict[str, list[LineWriter]] = {}
        self._routes: list[Route] = []

    def prepare(self, lines: Sequence[bytes], accepted_at: datetime) -> Prepared:
        """Prepare lines that arrive at an instant."""
        prepared = Prepared()
        if not self.is_usual or self.router.is_watched:
            prepared.odd_lines = [(i, (0, 0, 0)) for i in range(len(lines))]
            return prepared
        read, get_bus = self.lines.read_quickly, self.lines.get_bus
        build, match = self._envelopes.build, self._rules.match_value
        events, plans = prepared.events, self._plans
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
            names = (*match(event_bus, members),)
            plan = plans.get((event_bus, names)) or self._make_plan(event_bus, names)
            if plan.is_odd or (
                plan.leads_on
                and not self._lead_on(
                    prepared,
                    plan,
                    (event_id, text, stamp),
                    partial(
                        AcceptedEvent,
                        members,
                        event_bus,
                        accepted_at,
                        text=text,
                        detail_text=entry.detail,
                    ),
                )
            ):
                prepared.hand_on(i)
                continue
            pack = pack_new_event if entry.event_id is None else pack_event
            packed_id, rest = pack(event_id, text)
            events.append((packed_id, event_bus, rest, plan.reason))
        prepared.routes = {
            number: self._routes[number]
            for number in {delivery[1] for delivery in prepared.deliveries}
        }
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

    def _lead_on(
        self,
        prepared: Prepared,
        plan: Plan,
        texts: tuple[str, str, str],
        make_event: Callable[[], AcceptedEvent],
    ) -> bool:
        """Add the lines and archived rows of the next event.

        Args:
            texts: its id, its envelope, when it arrives.

        Returns:
            `False`, and nothing is added, if some delivery would fail at once.
        """
        made: list[AcceptedEvent] = []

        def get_event() -> AcceptedEvent:
            if not made:
                made.append(make_event())
            return made[0]

        number = len(prepared.events)
        deliveries: list[PreparedDelivery] = []
        for writer in plan.writers:
            line = writer.write(*texts, get_event)
            if line is None:
                return False
            deliveries.append((number, writer.number, *line))
        prepared.deliveries += deliveries
        for key in plan.archive_rules:
            self._archive(prepared, get_event(), key)
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

    def _make_plan(self, event_bus: EventBusKey, names: tuple[str, ...]) -> Plan:
        """Find out what becomes of events that some rules match."""
        matched = [self.router.find_targets(event_bus, name) for name in names]
        writers = [writer for found in matched for writer in self._find_writers(found)]
        archive_rules = [
            (event_bus, name)
            for name, found in zip(names, matched, strict=True)
            if found.has_archive
        ]
        reason = None
        if not any(found.targets for found in matched):
            reason = UNDELIVERED.index(self.router.find_reason(event_bus, matched))
        is_odd = len(writers) < sum(len(found.targets) for found in matched)
        plan = Plan(writers, archive_rules, reason, is_odd=is_odd)
        if len(self._plans) > MOST_PLANS:
            self._plans.clear()
        self._plans[event_bus, names] = plan
        return plan

    def _find_writers(self, found: RuleTargets) -> list[LineWriter]:
        """Find what writes the lines of a rule's targets, of those that are files."""
        key = found.rule_arn
        if key not in self._writers:
            writers = self._writers[key] = []
            for target in found.targets:
                if has_file(self._ctx, target):
                    number, dumps = len(self._routes), self._ctx.write_lines_by
                    writer = LineWriter(number, key, target, dumps)
                    writers.append(writer)
                    self._routes.append(writer.route)
        return self._writers[key]


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
