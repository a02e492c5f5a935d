"""Sending in bulk: what put-events does, for many lines in one transaction.

An entry is accepted, or refused with AWS's code, as if it were the one of its request; a
whole event is played as `operations/whole_events.py` says. A batch of lines, their
deliveries and the mark behind them are committed together; then the deliveries are
attempted. A process killed anywhere therefore leaves either none of a batch, or all of
it, with the mark to say so and the deliveries for the next worker.

What lines come to is prepared by `bulk/preparing.py`: inside the transaction, or before
it, here and in other processes. Then nobody else may have written meanwhile; if somebody
has, it is prepared again. So rules that others change count from the next batch on,
however many processes there are.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager

from evcli.bulk.preparing import (
    Preparer,
    describe_context,
    open_preparing,
    unpack,
)
from evcli.bulk.processes import Crew, identify, share
from evcli.bulk.reading import QuickEntry
from evcli.bulk.row_writer import RowWriter
from evcli.delivery.worker import deliver
from evcli.errors import EntryError
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import SendMark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from evcli.bulk.line_reader import Refusal
    from evcli.bulk.preparing import Prepared, Task
    from evcli.bulk.processes import File, Span
    from evcli.context import Context
    from evcli.delivery.events import AcceptedEvent
    from evcli.delivery.worker import WrittenDeliveries
    from evcli.store.deliveries import Delivery

    # Raises EntryError for an event that is not to arrive.
    Check = Callable[[AcceptedEvent], None]

# By so many bytes before the mark is an input known again.
TAIL_BYTES = 4096
# What the mark keeps of failures; beyond that they are only counted.
KEPT_FAILURES = 100
MESSAGE_CHARACTERS = 500


class Batch:
    """Lines that are accepted together, at an instant; `start_bytes` says where they are.

    `version` is the one of the store that they are prepared for.
    """

    __slots__ = ("accepted_at", "lines", "start_bytes", "version")

    def __init__(
        self,
        lines: Sequence[bytes],
        accepted_at: datetime,
        version: int,
        start_bytes: int,
    ) -> None:
        self.lines = lines
        self.accepted_at = accepted_at
        self.version = version
        self.start_bytes = start_bytes

    def describe(self, file: File | None) -> bytes | Span:
        """Say where the lines are in a file; give them if there is none."""
        if file is None:
            return b"".join(self.lines)
        return file, self.start_bytes, sum(map(len, self.lines))


class Sender:
    """Accepts the lines of one input, batch by batch; `mark` is where it stands."""

    __slots__ = (
        "_batch",
        "_check",
        "_ctx",
        "_keeps_mark",
        "_preparer",
        "_rejects",
        "_settings",
        "_tail",
        "_version",
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
        self._settings = (event_bus_name, uses_orjson)
        self._batch = LedgerBatch(ctx.store.database)
        self._preparer = Preparer(
            ctx,
            event_bus_name,
            uses_orjson=uses_orjson,
            # Numbers of rows that others share are no neighbours.
            is_usual=not is_short
            and check is None
            and not ctx.store.database.is_shared,
            batch=self._batch,
        )
        # Counts how often others have written.
        self._version = 0

    def take_up(self, mark: SendMark, tail: bytes) -> None:
        """Go on with another input, behind its mark; arguments as those of `Sender`."""
        self.mark = mark
        self._tail = tail

    def send(self, lines: Sequence[bytes]) -> Sequence[int]:
        """Accept a batch of lines, then attempt its deliveries.

        Returns:
            The keys of the events that arrived, in the order of the lines.

        Raises: StoreError, OSError: nothing of the batch was accepted.
        """
        batch = Batch(lines, self._ctx.clock.now(), self._version, 0)
        return self._send(batch, None)

    @contextmanager
    def hire(self, jobs: int) -> Iterator[Crew | None]:
        """Start processes, this one included; `None` where others could not help."""
        if jobs == 1 or not self._preparer.is_usual:
            yield None
            return
        settings = (*self._settings, *describe_context(self._ctx))
        with Crew(jobs - 1, open_preparing, settings) as crew:
            yield crew
            if crew.lost_count:
                self._ctx.notices.append(
                    f"{crew.lost_count} of the processes that helped died; this one has"
                    " done their part"
                )

    def send_all(
        self,
        batches: Iterable[Sequence[bytes]],
        crew: Crew | None = None,
        path: str | None = None,
    ) -> Iterator[Sequence[int]]:
        """Send batches of lines as `send` does each, prepared by several processes.

        Args:
            crew: of `hire`; with `None` it is this process alone.
            path: a file that has these lines, behind the mark; `None` if none has.
        """
        if crew is None:
            yield from map(self.send, batches)
            return
        self._refresh()
        file = None if path is None else identify(path)

        def describe(batch: Batch) -> Task:
            return batch.version, batch.accepted_at, batch.describe(file)

        def is_light(_: Batch) -> bool:
            return file is not None

        stamped = self._stamp(batches)
        for batch, prepared in share(stamped, self._prepare, describe, crew, is_light):
            yield self._send(batch, prepared)

    def _stamp(self, batches: Iterable[Sequence[bytes]]) -> Iterator[Batch]:
        start = self.mark.position_bytes
        for lines in batches:
            yield Batch(lines, self._ctx.clock.now(), self._version, start)
            start += sum(map(len, lines))

    def _prepare(self, batch: Batch) -> Prepared:
        batch.version = self._version
        return self._preparer.prepare(batch.lines, batch.accepted_at)

    def _refresh(self) -> None:
        """Forget what others have changed."""
        if self._preparer.refresh():
            self._version += 1

    # -- accepting

    def _send(self, batch: Batch, prepared: Prepared | bytes | None) -> Sequence[int]:
        with self._ctx.store.transaction(alone_in=None):
            self._refresh()
            if prepared is None or batch.version != self._version:
                prepared = self._prepare(batch)
            elif isinstance(prepared, bytes):
                prepared = unpack(prepared)
            with self._batch:
                deliveries = self._accept_all(batch, prepared)
            if self._keeps_mark:
                self._ctx.store.put(self.mark)
        deliver(self._ctx, deliveries)
        return self._batch.event_keys

    def _accept_all(
        self, batch: Batch, prepared: Prepared
    ) -> list[Delivery | WrittenDeliveries]:
        """Accept lines, keep those that are refused, move the mark; in a transaction."""
        lines = batch.lines
        for key in prepared.archive_rules:
            self._preparer.router.archiver.open(*key)
        writer = RowWriter(self._ctx, self._batch, prepared, batch.accepted_at)
        deliveries: list[Delivery | WrittenDeliveries] = []
        refused: list[tuple[int, Refusal]] = []
        ids = self._ctx.new_ids(len(prepared.odd_lines))
        for (i, before), new_id in zip(prepared.odd_lines, ids, strict=True):
            deliveries += writer.write(before)
            made = self._accept_line(lines[i], new_id, batch.accepted_at)
            if isinstance(made, tuple):
                refused.append((i, made))
            else:
                deliveries += made
                writer.delivery_count += len(made)
        deliveries += writer.write(prepared.count())
        self._write_rejects([lines[i] for i, _ in refused])
        blank, count = prepared.blank_count, writer.delivery_count
        self._move_mark(lines, refused, blank, count)
        return deliveries

    def _accept_line(
        self, line: bytes, new_id: str, now: datetime
    ) -> list[Delivery] | Refusal:
        """Accept one line that is not blank; its deliveries, or what refuses it."""
        work = self._preparer
        read = work.lines.read(line)
        try:
            if type(read) is QuickEntry:
                event_bus = work.lines.get_bus(read)
                if event_bus is not None:
                    return self._accept(work.make_event(read, event_bus, new_id, now))
                read = work.lines.read_exactly(line)
            if isinstance(read, dict):
                return self._accept(work.lines.make_event(read, new_id))
        except EntryError as error:
            if isinstance(read, dict) and "Source" in read:
                work.router.log_refusal(read, error)
            return error.code, error.message
        assert isinstance(read, tuple)
        return read

    def _accept(self, event: AcceptedEvent) -> list[Delivery]:
        if self._check is not None:
            self._check(event)
        return self._preparer.router.accept(event)

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
