"""Sending in bulk: what put-events does, for many lines in one transaction.

A line is accepted, or refused with AWS's code, as if it were the one entry of a request.
A batch of lines, their deliveries and the mark behind them are committed together; then
the deliveries are attempted. A process killed anywhere therefore leaves either none of a
batch, or all of it, with the mark to say so and the deliveries for the next worker.
"""

from __future__ import annotations

import hashlib
import os

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.reading import (
    QuickEntry,
    QuickEvents,
    QuickReader,
    get_orjson,
    read_entry,
)
from evcli.delivery.envelopes import format_time
from evcli.delivery.routing import Router
from evcli.delivery.rule_index import IndexedRules
from evcli.delivery.worker import deliver
from evcli.errors import EntryError, ParamValidationError, ServiceError
from evcli.model import find_operation
from evcli.model.check import check_request
from evcli.operations.accepting import accept_entry, require_total_size
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import EventBus, IngestMark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, BinaryIO

    from evcli.context import Context
    from evcli.delivery.events import EventBusKey
    from evcli.store.deliveries import Delivery

    # Code and message. Not the error itself: with its traceback it would keep alive a
    # whole batch, in a cycle.
    Refusal = tuple[str, str]
    # What a line was read as; `None` is a blank one.
    Read = QuickEntry | dict[str, Any] | Refusal | None

# By so many bytes before the mark is an input known again.
TAIL_BYTES = 4096
# What the mark keeps of failures; beyond that they are only counted.
KEPT_FAILURES = 100
MESSAGE_CHARACTERS = 500


class Sender:
    """Accepts the lines of one input, batch by batch; `mark` is where it stands."""

    __slots__ = (
        "_batch",
        "_buses",
        "_ctx",
        "_event_bus_name",
        "_events",
        "_quick",
        "_rejects",
        "_router",
        "_tail",
        "mark",
    )

    def __init__(
        self,
        ctx: Context,
        mark: IngestMark,
        *,
        tail: bytes = b"",
        event_bus_name: str | None = None,
        rejects: BinaryIO | None = None,
        uses_orjson: bool = True,
    ) -> None:
        """Go on behind a mark.

        Args:
            tail: the bytes before the mark, as `skip_to` found them.
            event_bus_name: where entries go that name no event bus; else `default`.
            rejects: gets the lines that are not accepted, as they are.
            uses_orjson: whether orjson may read and write, where it is installed.
        """
        self._ctx = ctx
        self.mark = mark
        self._tail = tail
        self._event_bus_name = event_bus_name
        self._rejects = rejects
        orjson = get_orjson() if uses_orjson else None
        ctx.write_lines_by = orjson and orjson[1]
        self._quick = QuickReader(orjson, ctx.quotas["put_events_bytes"])
        self._events = QuickEvents(ctx.account_id, ctx.region)
        self._batch = LedgerBatch(ctx.store.database)
        self._router = Router(ctx, IndexedRules(ctx.store), self._batch)
        self._buses: dict[str | None, EventBusKey | None] = {}

    def send(self, lines: Sequence[bytes]) -> None:
        """Accept a batch of lines, then attempt its deliveries.

        Raises: StoreError, OSError: nothing of the batch was accepted.
        """
        with self._ctx.store.transaction():
            if self._router.refresh():
                self._buses.clear()
            with self._batch:
                deliveries = self._accept_all(lines)
            self._ctx.store.put(self.mark)
        deliver(self._ctx, deliveries)

    # -- reading: what can be said of a line without looking into the store

    def _read(self, line: bytes) -> Read:
        quick = self._quick.read(line)
        if quick is not None:
            return quick
        return self._read_exactly(line) if line.strip() else None

    def _read_exactly(self, line: bytes) -> dict[str, Any] | Refusal:
        try:
            return self._check(read_entry(line))
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
            entry = self._read(line)
            if type(entry) is QuickEntry:
                bus = self._get_bus(entry.event_bus_name)
                if bus is not None:
                    event = self._events.build(entry, bus, ids[i], now, stamp)
                    deliveries += self._router.accept(event)
                    continue
                entry = self._read_exactly(line)
            if isinstance(entry, dict):
                try:
                    deliveries += self._accept_exactly(entry)
                except EntryError as error:
                    refused.append((i, (error.code, error.message)))
            elif isinstance(entry, tuple):
                refused.append((i, entry))
            else:
                blank += 1
        self._write_rejects([lines[i] for i, _ in refused])
        self._move_mark(lines, refused, blank, len(deliveries))
        return deliveries

    def _accept_exactly(self, entry: dict[str, Any]) -> list[Delivery]:
        """Accept an entry as put-events does. Raises: EntryError."""
        try:
            (event,) = accept_entry(self._ctx, entry)
            return self._router.accept(event)
        except ServiceError as refusal:
            raise EntryError(refusal.code, refusal.message) from refusal

    def _get_bus(self, name: str | None) -> EventBusKey | None:
        """Get the event bus that a name stands for.

        `None` when there is more to it: another account, a policy, no valid name.
        """
        if name not in self._buses:
            if len(self._buses) > 10_000:
                self._buses.clear()
            self._buses[name] = self._look_up_bus(name)
        return self._buses[name]

    def _look_up_bus(self, name: str | None) -> EventBusKey | None:
        probe = {"Source": "s", "DetailType": "d", "Detail": "{}"}
        try:
            entry = self._check(
                probe if name is None else {**probe, "EventBusName": name}
            )
        except EntryError:
            return None
        name = entry.get("EventBusName", DEFAULT_EVENT_BUS)
        if ":" in name:
            return None
        bus = (self._ctx.account_id, self._ctx.region, name)
        record = self._ctx.store.get(EventBus, *bus)
        return bus if record is None or record.policy is None else None

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


def make_mark(ctx: Context, path: str) -> IngestMark:
    """Make the mark at the beginning of an input."""
    return IngestMark(
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


def get_mark(ctx: Context, path: str) -> IngestMark | None:
    """Fetch the mark of an input that was begun; `None` if none was."""
    return ctx.store.get(IngestMark, ctx.account_id, ctx.region, path)


def skip_to(mark: IngestMark, stream: BinaryIO) -> bytes | None:
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
