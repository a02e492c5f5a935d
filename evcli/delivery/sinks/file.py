"""The file sink: JSON Lines, the default sink of every target.

Every delivery stands in its file exactly once. A line carries its delivery id, and the
row of a delivery carries the length that the file had before anybody could write the
line (`sink_length_bytes`, committed with the row). So whoever attempts a delivery again
looks for its line first, from that length on.

What is rarely needed stands in two modules that are loaded then: looking into a file
and mending its last line in `sink_lines.py`, making a file in `store/directory/private_files.py`.
"""

from __future__ import annotations

import os
import stat

from evcli.context import Outcome
from evcli.delivery.envelopes import format_json, format_time
from evcli.json_text import quote
from evcli.store.directory.locks import lock_file
from evcli.store.directory.state_directory import NAMED_FILE, check_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from typing import Any

    from evcli.store.deliveries import Delivery


LINE_END = b"}\n"
# How long a sink waits for others that append to its file.
LOCK_SECONDS = 10.0


class FileShrankError(OSError):
    """The file is shorter than it was when deliveries were accepted. Nothing is written.

    Their rows have to forget the length first, or a line that is now written before it
    would not be found. The sink keeps its lines and can be flushed again.
    """

    def __init__(self, path: str, delivery_keys: list[int]) -> None:
        super().__init__(f"{path} is shorter than before.")
        self.delivery_keys = delivery_keys


class CloseError(OSError):
    """The lines are written and synced; only the closing of the file failed."""


def format_parts(
    delivery: Delivery,
    call: dict[str, Any],
    time: str,
    dumps: Callable[[object], bytes] | None = None,
) -> list[bytes]:
    """Write a delivery as a line of a file sink, in parts; its key is in the first one.

    The payload, by far the most of it, mostly stands in the request as well: the line is
    put together from parts, so that it is written as JSON once.

    Args:
        call: as the builders of `delivery/targets` make it.
        time: when the event was accepted, as events write it.
        dumps: writes JSON faster than that, where there is such a one. Only the payload
            is left to it: of how numbers are written it has its own ideas.
    """
    action, request, headers = call["action"], call["request"], call.get("headers")
    event_id = delivery.event.event_id
    head = (
        f"{format_start(event_id)}{delivery.delivery_key}"
        f"{format_event(event_id, time)}"
        f',"ruleArn":{quote(delivery.rule_arn)},"targetId":{quote(delivery.target_id)}'
        f',"targetArn":{quote(delivery.target_arn)},"action":"{action}","request":'
    )
    payload = delivery.payload
    try:
        quoted = quote(payload).encode() if dumps is None else dumps(payload)
        return _lay_out_parts(head, request, headers, payload, quoted)
    except (UnicodeEncodeError, TypeError):
        # Half a surrogate pair, somewhere; see `format_json`.
        from evcli.delivery.sinks.sink_lines import lay_out

        line = lay_out(delivery, action, request, time, headers)
        return [format_json(line).encode() + b"\n"]


def format_start(event_id: str) -> str:
    """Write what a line begins with: the delivery's id, up to its key."""
    return f'{{"deliveryId":"{event_id}-'


def format_event(event_id: str, time: str) -> str:
    """Write what follows the key: what is said of the event."""
    return f'","eventId":"{event_id}","time":"{time}"'


def _lay_out_parts(
    head: str,
    request: dict[str, Any],
    headers: dict[str, str] | None,
    payload: str,
    quoted: bytes,
) -> list[bytes]:
    """Lay the parts of a line out, `quoted` the payload. Raises: UnicodeEncodeError."""
    parts: list[bytes] = []
    text, opening = head, "{"
    for name, value in request.items():
        text += f"{opening}{quote(name)}:"
        opening = ","
        if value is payload:
            parts += (text.encode(), quoted)
            text = ""
        else:
            text += quote(value) if type(value) is str else format_json(value)
    text += "}" if request else "{}"
    if headers is not None:
        text += f',"headers":{format_json(headers)}'
    parts += (f'{text},"payload":'.encode(), quoted, LINE_END)
    return parts


class FileSink:
    """JSON Lines, appended.

    Lines are collected and written at `flush` in one piece, under a lock on the file,
    and synced before anybody calls them delivered (`sync` off: written, which outlasts
    the process but not a loss of power).
    """

    is_buffered = True
    is_exactly_once = True

    def __init__(
        self,
        path: str,
        *,
        sync: bool = True,
        dumps: Callable[[object], bytes] | None = None,
        root: str | None = None,
    ) -> None:
        """Stand for the file at a path, which need not exist.

        Args:
            root: a directory above, below which symbolic links are not followed;
                `None` follows all, for a path that the user chose.
        """
        self.path = path
        self._root = root
        self._sync = sync
        self._dumps = dumps
        self._pending = Pending()
        self._length: int | None = None
        # Behind this offset the last flush left lines that are not synced, if it did.
        self.unsynced_from: int | None = None
        self._patience_seconds = LOCK_SECONDS
        # The events of one batch arrive together.
        self._time: tuple[datetime | None, str] = (None, "")
        self._made = Outcome()

    def measure(self) -> int:
        """The length of the file in bytes at some instant since the last flush; 0 of none.

        What is written later stands behind it, unless the file is cut.
        """
        if self._length is None:
            self._length = 0
            try:
                found = os.stat(self.path)
            except OSError:
                return 0
            self._length = found.st_size if stat.S_ISREG(found.st_mode) else 0
        return self._length

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Add a line."""
        accepted_at = delivery.event.accepted_at
        if self._time[0] is not accepted_at:
            self._time = (accepted_at, format_time(accepted_at))
        parts = format_parts(delivery, request, self._time[1], self._dumps)
        line = b"".join(parts)
        key, length = delivery.delivery_key, delivery.sink_length_bytes or 0
        if delivery.resumed or delivery.attempts:
            self._pending.add_repeated(key, delivery.delivery_id, line, length)
        else:
            self._pending.add(key, (line,), length)
        return self._made

    @property
    def pending(self) -> Pending:
        """What was added since the last flush; lines of first attempts may be."""
        return self._pending

    def flush(self, *, syncs: bool = True) -> None:
        """Write the lines and sync the file.

        Args:
            syncs: off where somebody syncs it later, behind `unsynced_from`. What may
                have been made before is synced all the same: it is recorded at once.

        Raises:
            FileShrankError, CloseError: see there.
            OSError: anything else. The file has none of the lines, or whoever attempts
                their deliveries again finds those that it has.
        """
        self._length = self.unsynced_from = None
        pending, self._pending = self._pending, Pending()
        if not pending.keys:
            return
        syncs = syncs or bool(pending.repeated)
        try:
            self._write(pending, sync=self._sync and syncs)
        except FileShrankError:
            pending.most_bytes = pending.search_from = 0
            self._pending = pending
            raise
        except OSError:
            self._write_again()
            raise

    def sync(self, start_bytes: int) -> None:
        """Sync what the file has behind an offset. Raises: OSError: it may be lost."""
        if self._sync:
            from evcli.store.threads.unsynced import sync_lines

            sync_lines(self.path, start_bytes)

    def _write_again(self) -> None:
        if self.unsynced_from is not None:
            from evcli.store.threads.unsynced import write_again

            write_again(self.path, self.unsynced_from)

    def append_lines(self, lines: bytes) -> None:
        """Append lines that are no deliveries, waiting for no disk. Raises: OSError."""
        descriptor = self._open(sync=False)
        try:
            self._lock(descriptor)
            end, newline = find_end(descriptor)
            append(descriptor, newline + lines, end, sync=False, directory=None)
        finally:
            os.close(descriptor)

    def _write(self, pending: Pending, *, sync: bool) -> None:
        descriptor = self._open(sync=self._sync)
        try:
            self._append(descriptor, pending, sync=sync)
        except BaseException as error:
            try:
                os.close(descriptor)
            except OSError:
                raise error from None  # the first one says what is wrong
            raise
        try:
            os.close(descriptor)
        except OSError as error:
            if not sync:
                # Some file systems say only now that they cannot keep the data.
                raise
            raise CloseError(
                f"{self.path} is written and synced, but closing it failed: {error}"
            ) from error

    def _open(self, *, sync: bool) -> int:
        """Open the file, made if need be. Raises: OSError: it cannot be or is none."""
        flags = os.O_RDWR | os.O_APPEND | NAMED_FILE
        if self._root is not None:
            check_directories(self._root, self.path)
            flags |= getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self.path, flags)
        except FileNotFoundError:
            from evcli.store.directory.private_files import make_private_file

            descriptor = make_private_file(self.path, flags, sync=sync)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise OSError(
            f"{self.path} is no regular file, and a file sink appends to nothing else;"
            " the sink kinds stdout, stderr, exec and null are for other places."
        )

    def _append(self, descriptor: int, pending: Pending, *, sync: bool) -> None:
        self._lock(descriptor)
        end, newline = find_end(descriptor)
        if end < pending.most_bytes:
            raise FileShrankError(self.path, pending.keys)
        lines = pending.lines
        start = end if pending.search_from is None else pending.search_from
        if pending.repeated:
            from evcli.delivery.sinks.sink_lines import find_missing

            lines = [find_missing(descriptor, pending.repeated, start), *lines]
        data = b"".join((newline, *lines)) if any(lines) else b""
        directory = os.path.dirname(self.path) if end == 0 else None
        if self._sync:
            self.unsynced_from = start
        append(descriptor, data, end, sync=sync, directory=directory)
        if sync:
            self.unsynced_from = None

    def _lock(self, descriptor: int) -> None:
        """Keep others from appending. Raises: TimeoutError: they do not let go.

        Whoever kept everybody waiting for so long is not waited for again, until the
        lock was free once.
        """
        if lock_file(descriptor, self._patience_seconds):
            self._patience_seconds = LOCK_SECONDS
            return
        self._patience_seconds = 0.0
        raise TimeoutError(f"Another process keeps {self.path} locked.")


class Pending:
    """What a file sink took since its last flush.

    `keys` are those of all its deliveries, and the file had `most_bytes` when the last of
    them was accepted. `repeated` has the lines that the file may hold already, by delivery
    id, behind `search_from`; `lines` all others, one behind the other, whole or in parts.
    """

    __slots__ = ("keys", "lines", "most_bytes", "repeated", "search_from")

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.most_bytes = 0
        self.lines: list[bytes] = []
        self.repeated: dict[str, bytes] = {}
        self.search_from: int | None = None

    def add(self, delivery_key: int, parts: Iterable[bytes], length_bytes: int) -> None:
        """Take the line of a first attempt, whole or in parts."""
        self.keys.append(delivery_key)
        self.lines += parts
        if length_bytes > self.most_bytes:
            self.most_bytes = length_bytes

    def add_repeated(
        self, delivery_key: int, delivery_id: str, line: bytes, length_bytes: int
    ) -> None:
        """Take a line that the file may hold already, behind a length."""
        self.add(delivery_key, (), length_bytes)
        self.repeated[delivery_id] = line
        known = self.search_from
        self.search_from = length_bytes if known is None else min(known, length_bytes)


def find_end(descriptor: int) -> tuple[int, bytes]:
    """Find where the next line goes, and what stands before it. Raises: OSError."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end:
        os.lseek(descriptor, end - 1, os.SEEK_SET)
        if os.read(descriptor, 1) != b"\n":
            from evcli.delivery.sinks.sink_lines import mend_last_line

            return mend_last_line(descriptor, end)
    return end, b""


def append(
    descriptor: int, data: bytes, start: int, *, sync: bool, directory: str | None
) -> None:
    """Append all of it, or leave the file as it was.

    Where that cannot be done, lines stay in the file; who attempts their deliveries
    again finds them.

    Args:
        start: the length of the file.
        directory: that of the file, when it is new, to be synced as well.

    Raises: OSError: nothing counts as written.
    """
    written = 0
    try:
        while written < len(data):
            written += os.write(descriptor, memoryview(data)[written:])
        if sync:
            os.fsync(descriptor)
            if directory is not None:
                from evcli.store.directory.private_files import sync_directory

                sync_directory(directory)
    except OSError as error:
        try:
            # Another program, which knows nothing of the lock, may have appended since.
            if os.fstat(descriptor).st_size == start + written:
                os.ftruncate(descriptor, start)
        except OSError:
            raise error from None  # the first one says what is wrong
        raise
