"""Sinks: the local places that stand for targets.

The default sink of every ARN is a file of JSON Lines below `sinks/`. A line carries its
delivery id, so a worker that takes over from a killed process looks before it writes
and every delivery stands in its file exactly once.
"""

from __future__ import annotations

import os

from evcli.arns import parse_arn
from evcli.context import Outcome
from evcli.delivery.envelopes import format_json, format_time
from evcli.store.locks import lock_file
from evcli.store.state_directory import open_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context, Sink
    from evcli.store.ledger import Delivery


def find_sink(ctx: Context, arn: str) -> Sink:
    """Find the sink that stands for a target ARN, opening it on first use."""
    sink = ctx.sinks.get("*") or ctx.sinks.get(arn)
    if sink is None:
        sink = ctx.sinks[arn] = FileSink(find_sink_file(ctx.store.path, arn))
    return sink


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


def format_line(delivery: Delivery, action: str, request: object) -> bytes:
    """Write a delivery as a line of a file sink."""
    line = {
        "deliveryId": delivery.delivery_id,
        "eventId": delivery.event.event_id,
        "time": format_time(delivery.event.accepted_at),
        "ruleArn": delivery.rule_arn,
        "targetId": delivery.target_id,
        "targetArn": delivery.target_arn,
        "action": action,
        "request": request,
        "payload": delivery.payload,
    }
    return format_json(line).encode() + b"\n"


class FileSink:
    """JSON Lines, appended.

    Lines are collected and written at `flush` in one piece, under a lock on the file,
    and synced before anybody calls them delivered. A torn last line can only be what a
    killed writer left; it is cut off, because its delivery was never marked as made.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: list[bytes] = []
        self._resumed: list[tuple[bytes, bytes]] = []

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Add a line."""
        line = format_line(delivery, request["action"], request["request"])
        if delivery.resumed:
            marker = f'"deliveryId":"{delivery.delivery_id}"'.encode()
            self._resumed.append((marker, line))
        else:
            self._lines.append(line)
        return Outcome()

    def flush(self) -> None:
        """Write the lines and sync the file. Raises: OSError."""
        lines, resumed = self._lines, self._resumed
        self._lines, self._resumed = [], []
        if not lines and not resumed:
            return
        descriptor = self._open()
        try:
            lock_file(descriptor)
            cut_torn_line(descriptor)
            if resumed:
                lines = [*select_missing(descriptor, resumed), *lines]
            write_all(descriptor, b"".join(lines))
            os.fsync(descriptor)
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


def select_missing(descriptor: int, resumed: list[tuple[bytes, bytes]]) -> list[bytes]:
    """Pick the lines whose marker the open file does not hold yet."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end == 0:
        return [line for _, line in resumed]
    import mmap

    with mmap.mmap(descriptor, end, access=mmap.ACCESS_READ) as text:
        return [line for marker, line in resumed if text.find(marker) < 0]


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it; a disk that fills up in the middle is undone."""
    start = os.lseek(descriptor, 0, os.SEEK_END)
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        os.ftruncate(descriptor, start)
        raise
