"""The file sink: JSON Lines, the default sink of every target.

A line carries its delivery id, so a worker that takes over from a killed process looks
before it writes, and every delivery stands in its file exactly once.
"""

from __future__ import annotations

import os
import stat
from json.encoder import encode_basestring as quote

from evcli.arns import parse_arn
from evcli.context import Outcome
from evcli.delivery.envelopes import format_json, format_time
from evcli.store.locks import lock_file
from evcli.store.state_directory import open_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from typing import Any

    from evcli.store.ledger import Delivery


# How each line begins; `format_line` puts the delivery id first.
LINE_START = b'{"deliveryId":"'


def find_sink_file(state_directory: str, arn: str) -> str:
    """`sinks/SERVICE/ACCOUNT/REGION/RESOURCE.jsonl`, never outside `sinks/`."""
    parsed = parse_arn(arn)
    parts = (
        ["other", "", "", arn]
        if parsed is None
        else [parsed.service, parsed.account_id, parsed.region, parsed.resource]
    )
    names = [format_file_name(part) for part in parts]
    return os.path.join(state_directory, "sinks", *names) + ".jsonl"


def format_file_name(text: str) -> str:
    """Make any text one safe file name: a name for each text, readable where it can be.

    Letters, digits and `-_.` stay, the rest becomes `%XX`; a leading dot is escaped as
    well, so that `.` and `..` lead nowhere. A very long name ends in a digest.
    """
    name = "".join(
        character
        if character.isascii() and (character.isalnum() or character in "-_.")
        else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
        for character in text
    )
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > 200:
        import hashlib

        name = f"{name[:160]}%{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    return name or "%"


def format_line(
    delivery: Delivery,
    action: str,
    request: dict[str, Any],
    time: str,
    dumps: Callable[[object], bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """Write a delivery as a line of a file sink.

    The payload, by far the most of it, mostly stands in the request as well: the line is
    put together from parts, so that it is written as JSON once.

    Args:
        time: when the event was accepted, as events write it.
        dumps: writes JSON faster than that, where there is such a one. Only texts are
            left to it: of how numbers are written it has its own ideas.
        headers: HTTP headers of the call that stand beside the request.
    """
    if dumps is not None and all(type(value) is str for value in request.values()):
        try:
            return dumps(lay_out(delivery, action, request, time, headers)) + b"\n"
        except TypeError:
            pass  # half a surrogate pair, see below
    head = (
        f'{{"deliveryId":"{delivery.delivery_id}"'
        f',"eventId":"{delivery.event.event_id}","time":"{time}"'
        f',"ruleArn":{quote(delivery.rule_arn)},"targetId":{quote(delivery.target_id)}'
        f',"targetArn":{quote(delivery.target_arn)},"action":"{action}","request":'
    )
    try:
        return _join_line(head, request, headers, delivery.payload)
    except UnicodeEncodeError:
        # Half a surrogate pair, somewhere; see `format_json`.
        line = lay_out(delivery, action, request, time, headers)
        return format_json(line).encode() + b"\n"


def lay_out(
    delivery: Delivery,
    action: str,
    request: dict[str, Any],
    time: str,
    headers: dict[str, str] | None,
) -> dict[str, Any]:
    """Say what is in a line of a file sink, as a value."""
    return {
        "deliveryId": delivery.delivery_id,
        "eventId": delivery.event.event_id,
        "time": time,
        "ruleArn": delivery.rule_arn,
        "targetId": delivery.target_id,
        "targetArn": delivery.target_arn,
        "action": action,
        "request": request,
        **({} if headers is None else {"headers": headers}),
        "payload": delivery.payload,
    }


def _join_line(
    head: str, request: dict[str, Any], headers: dict[str, str] | None, payload: str
) -> bytes:
    """Put a line together. Raises: UnicodeEncodeError."""
    quoted = quote(payload).encode()
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
    parts += (f'{text},"payload":'.encode(), quoted, b"}\n")
    return b"".join(parts)


class FileSink:
    """JSON Lines, appended.

    Lines are collected and written at `flush` in one piece, under a lock on the file,
    and synced before anybody calls them delivered (`sync` off: written, which outlasts
    the process but not a loss of power). A torn last line can only be what a
    killed writer left; it is cut off, because its delivery was never marked as made.
    """

    is_slow = False

    def __init__(
        self,
        path: str,
        *,
        sync: bool = True,
        dumps: Callable[[object], bytes] | None = None,
    ) -> None:
        self._path = path
        self._sync = sync
        self._dumps = dumps
        self._lines = bytearray()
        # Lines that the file may hold already, by delivery id.
        self._resumed: dict[str, bytes] = {}
        # The events of one batch arrive together.
        self._time: tuple[datetime | None, str] = (None, "")
        self._made = Outcome()

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Add a line."""
        accepted_at = delivery.event.accepted_at
        if self._time[0] is not accepted_at:
            self._time = (accepted_at, format_time(accepted_at))
        line = format_line(
            delivery,
            request["action"],
            request["request"],
            self._time[1],
            self._dumps,
            request.get("headers"),
        )
        if delivery.resumed:
            self._resumed[delivery.delivery_id] = line
        else:
            self._lines += line
        return self._made

    def flush(self) -> None:
        """Write the lines and sync the file. Raises: OSError: then it has none of them."""
        lines, self._lines = self._lines, bytearray()
        resumed, self._resumed = self._resumed, {}
        if not lines and not resumed:
            return
        descriptor = self._open()
        try:
            if not is_appendable(descriptor):
                write_all(descriptor, b"".join([*resumed.values(), lines]))
                return
            lock_file(descriptor)
            cut_torn_line(descriptor)
            for delivery_id in find_delivery_ids(descriptor, resumed):
                del resumed[delivery_id]
            data = b"".join([*resumed.values(), lines])
            append(descriptor, data, sync=self._sync)
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_APPEND
        try:
            return open_private(self._path, flags)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            return open_private(self._path, flags)


def cut_torn_line(descriptor: int) -> None:
    """Remove an unfinished last line from an open file."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end == 0:
        return
    os.lseek(descriptor, end - 1, os.SEEK_SET)
    if os.read(descriptor, 1) == b"\n":
        return
    import mmap

    with mmap.mmap(descriptor, end, access=mmap.ACCESS_READ) as text:
        keep = text.rfind(b"\n") + 1
    os.ftruncate(descriptor, keep)


def find_delivery_ids(descriptor: int, wanted: Collection[str]) -> set[str]:
    """Find which of the deliveries have a line in an open file, in one reading.

    Only the beginning of a line counts: a payload may quote anything.
    """
    end = os.lseek(descriptor, 0, os.SEEK_END)
    found: set[str] = set()
    if end == 0 or not wanted:
        return found
    import mmap

    with mmap.mmap(descriptor, end, access=mmap.ACCESS_READ) as text:
        start = 0
        while start < end:
            if text[start : start + len(LINE_START)] == LINE_START:
                after = start + len(LINE_START)
                delivery_id = text[after : text.find(b'"', after)].decode()
                if delivery_id in wanted:
                    found.add(delivery_id)
            start = text.find(b"\n", start) + 1
    return found


def is_appendable(descriptor: int) -> bool:
    """Say whether an open file is a regular one: a pipe or device only takes writes."""
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def append(descriptor: int, data: bytes, *, sync: bool) -> None:
    """Append all of it, or leave the file as it was. Raises: OSError."""
    start = os.lseek(descriptor, 0, os.SEEK_END)
    try:
        write_all(descriptor, data)
        if sync:
            os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, start)
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it, in as many pieces as it takes. Raises: OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
