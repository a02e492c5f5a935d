"""Sending in bulk: what put-events does, for many lines in one transaction.

An entry is accepted, or refused with AWS's code, as if it were the one of its request; a
whole event is played as `operations/whole_events.py` says. A batch of lines, their
deliveries and the mark behind them are committed together; then the deliveries are
attempted. A process killed anywhere therefore leaves either none of a batch, or all of
it, with the mark to say so and the deliveries for the next worker.
"""

from __future__ import annotations

import hashlib
import os

from evcli.bulk.line_reader import LineReader
from evcli.bulk.reading import QuickEntry, QuickEnvelopes, get_orjson
from evcli.delivery.envelopes import format_time
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import Router
from evcli.delivery.rule_index import IndexedRules
from evcli.delivery.worker import deliver
from evcli.errors import EntryError
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import SendMark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from evcli.bulk.line_reader import Refusal
    from evcli.context import Context
    from evcli.delivery.events import EventBusKey
    from evcli.store.deliveries import Delivery

    # Raises EntryError for an event that is not to arrive.
    Check = Callable[[AcceptedEvent], None]

# By so many bytes before the mark is an input known again.
TAIL_BYTES = 4096
# What the mark keeps of failures; beyond that they are only counted.
KEPT_FAILURES = 100
MESSAGE_CHARACTERS = 500


class Sender:
    """Accepts the lines of one input, batch by batch; `mark` is where it stands."""

    __slots__ = (
        "_batch",
        "_check",
        "_ctx",
        "_envelopes",
        "_keeps_mark",
        "_lines",
        "_rejects",
        "_router",
        "_tail",
        "mark",
    )

    def __init__(
        self,
        ctx: Context,
        mark: SendMark,
        *,
        tail: bytes = b"",
        event_bus_name: str | None = None,
        rejects: BinaryIO | None = None,
        uses_orjson: bool = True,
        is_short: bool = False,
        keeps_mark: bool = True,
        check: Check | None = None,
    ) -> None:
        """Go on behind a mark.

        Args:
            tail: the bytes before the mark, as `skip_to` found them.
            event_bus_name: for events, and for entries that name none; else `default`.
            rejects: gets the lines that are not accepted, as they are.
            uses_orjson: whether orjson may read and write, where it is installed.
            is_short: so few lines come that an index of all rules would not pay.
            keeps_mark: whether the input can be gone on with later.
            check: looks at each event before it arrives.
        """
        self._ctx = ctx
        self.mark = mark
        self._tail = tail
        self._rejects = rejects
        self._keeps_mark = keeps_mark
        self._check = check
        orjson = get_orjson() if uses_orjson else None
        ctx.write_lines_by = orjson and orjson[1]
        self._lines = LineReader(ctx, event_bus_name, orjson)
        self._envelopes = QuickEnvelopes(ctx.account_id, ctx.region)
        self._batch = LedgerBatch(ctx.store.database)
        rules = None if is_short else IndexedRules(ctx.store)
        self._router = Router(ctx, rules, self._batch)

    def send(self, lines: Sequence[bytes]) -> list[int]:
        """Accept a batch of lines, then attempt its deliveries.

        Returns:
            The keys of the events that arrived, in the order of the lines.

        Raises: StoreError, OSError: nothing of the batch was accepted.
        """
        with self._ctx.store.transaction(alone_in=None):
            if self._router.refresh():
                self._lines.refresh()
            with self._batch:
                deliveries = self._accept_all(lines)
            if self._keeps_mark:
                self._ctx.store.put(self.mark)
        deliver(self._ctx, deliveries)
        return self._batch.event_keys

    # -- accepting, inside the transaction

    def _accept_all(self, lines: Sequence[bytes]) -> list[Delivery]:
        """Accept lines, keep those that are refused, move the mark.

        Each line is read here and not before, while what is read is still at hand: the
        values of a thousand events do not fit into a processor's cache.
        """
        deliveries: list[Delivery] = []
        refused: list[tuple[int, Refusal]] = []
        blank = 0
        now = self._ctx.clock.now()
        stamp = format_time(now)
        ids = self._ctx.new_ids(len(lines))
        for i, line in enumerate(lines):
            read = self._lines.read(line)
            try:
                if type(read) is QuickEntry:
                    bus = self._lines.get_bus(read)
                    if bus is not None:
                        event = self._make_quickly(read, bus, ids[i], now, stamp)
                        deliveries += self._accept(event)
                        continue
                    read = self._lines.read_exactly(line)
                if isinstance(read, dict):
                    event = self._lines.make_event(read, ids[i])
                    deliveries += self._accept(event)
            except EntryError as error:
                if isinstance(read, dict) and "Source" in read:
                    self._router.log_refusal(read, error)
                read = (error.code, error.message)
            if isinstance(read, tuple):
                refused.append((i, read))
            blank += read is None
        self._write_rejects([lines[i] for i, _ in refused])
        self._move_mark(lines, refused, blank, len(deliveries))
        return deliveries

    def _make_quickly(
        self,
        entry: QuickEntry,
        bus: EventBusKey,
        new_id: str,
        now: datetime,
        stamp: str,
    ) -> AcceptedEvent:
        members, text = self._envelopes.build(
            entry, entry.event_id or new_id, entry.time or stamp
        )
        return AcceptedEvent(members, bus, now, text=text, detail_text=entry.detail)

    def _accept(self, event: AcceptedEvent) -> list[Delivery]:
        if self._check is not None:
            self._check(event)
        return self._router.accept(event)

    # -- the mark

    def _write_rejects(self, lines: Sequence[bytes]) -> None:
        """Write refused lines to the file for rejects, before they count."""
        if self._rejects is not None and lines:
            for line in lines:
                self._rejects.write(line if line.endswith(b"\n") else line + b"\n")
            self._rejects.flush()
            os.fsync(self._rejects.fileno())

    def _move_mark(
        self,
        lines: Sequence[bytes],
        refused: Sequence[tuple[int, Refusal]],
        blank: int,
        deliveries: int,
    ) -> None:
        mark = self.mark
        self._tail = b"".join([self._tail, *lines])[-TAIL_BYTES:]
        new_failures = [
            [mark.lines + i + 1, code, message[:MESSAGE_CHARACTERS]]
            for i, (code, message) in refused[: KEPT_FAILURES - len(mark.failures)]
        ]
        self.mark = mark.replace(
            position_bytes=mark.position_bytes + sum(map(len, lines)),
            lines=mark.lines + len(lines),
            tail_bytes=len(self._tail),
            tail_digest=digest(self._tail),
            accepted=mark.accepted + len(lines) - blank - len(refused),
            failed=mark.failed + len(refused),
            deliveries=mark.deliveries + deliveries,
            rejects_bytes=0 if self._rejects is None else self._rejects.tell(),
            failures=mark.failures + new_failures,
        )


def make_mark(ctx: Context, path: str) -> SendMark:
    """Make the mark at the beginning of an input."""
    return SendMark(
        account_id=ctx.account_id,
        region=ctx.region,
        path=path,
        position_bytes=0,
        lines=0,
        tail_bytes=0,
        tail_digest=digest(b""),
        accepted=0,
        failed=0,
        deliveries=0,
        rejects_bytes=0,
        failures=[],
    )


def get_mark(ctx: Context, path: str) -> SendMark | None:
    """Fetch the mark of an input that was begun; `None` if none was."""
    return ctx.store.get(SendMark, ctx.account_id, ctx.region, path)


def skip_to(mark: SendMark, stream: BinaryIO) -> bytes | None:
    """Read past what a mark has behind it.

    Returns:
        The bytes before the mark, for `Sender`; `None` if this is another input.
    """
    before = mark.position_bytes - mark.tail_bytes
    if stream.seekable():
        stream.seek(before)
    else:
        while before > 0:
            skipped = len(stream.read(min(before, 1 << 20)))
            if not skipped:
                return None
            before -= skipped
    tail = stream.read(mark.tail_bytes)
    return tail if digest(tail) == mark.tail_digest else None


def digest(data: bytes) -> str:
    """Name some bytes."""
    return hashlib.sha256(data).hexdigest()
