"""Lines in the file of a sink: which deliveries have one, and what to do with half a one.

For open files, under the lock of whoever appends. Nothing is mapped into memory: a file
that somebody cuts meanwhile would end the process.
"""

from __future__ import annotations

import json
import os

from evcli.store.directory.locks import lock_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from evcli.store.deliveries import Delivery

# How each line begins; `format_parts` puts the delivery id first.
LINE_START = b'{"deliveryId":"'
# How each record begins that an event bus logs.
RECORD_START = b'{"resource_arn":"'
CHUNK_BYTES = 1 << 20
# How long a reader waits for whoever writes to a file, which syncs it meanwhile.
LOCK_SECONDS = 0.25


def find_delivery_ids(
    descriptor: int, wanted: Collection[str], start: int = 0
) -> set[str]:
    """Find which of some deliveries have a line in an open file, in one reading.

    Only the beginning of a line counts: a payload may quote anything.

    Args:
        start: the offset behind which the lines must begin, in a line or between two.
    """
    by_bytes = {delivery_id.encode(): delivery_id for delivery_id in wanted}
    opening = b"\n" + LINE_START
    longest = len(opening) + max(map(len, by_bytes)) + 1
    found: set[str] = set()
    # The first line of a file has no line end before it.
    text, offset = (b"", start - 1) if start else (b"\n", 0)
    while chunk := read_at(descriptor, offset, CHUNK_BYTES):
        offset += len(chunk)
        text += chunk
        position = text.find(opening)
        while position >= 0:
            begin = position + len(opening)
            closing = text.find(b'"', begin, position + longest)
            delivery_id = by_bytes.get(text[begin:closing]) if closing > 0 else None
            if delivery_id is not None:
                found.add(delivery_id)
            position = text.find(opening, begin)
        # The beginning of a line may stand across the end of what was read.
        text = text[1 - longest :]
    return found


def find_missing(descriptor: int, lines: dict[str, bytes], start: int) -> bytes:
    """Find which of some lines are not in an open file yet, one behind the other.

    Args:
        lines: by delivery id.
        start: as that of `find_delivery_ids`.
    """
    found = find_delivery_ids(descriptor, lines, start)
    return b"".join(line for key, line in lines.items() if key not in found)


def find_whole_lines(path: str, wanted: Collection[str], start: int) -> set[str] | None:
    """Find which of some deliveries have a whole line in a file that nobody writes now.

    The file stays as it is. Arguments else as of `find_delivery_ids`.

    Returns:
        Their ids, none where it cannot be read; `None` where somebody keeps it locked.
    """
    try:
        # A FIFO is no file with lines; it is not waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return set()
    try:
        if not lock_file(descriptor, LOCK_SECONDS):
            return None
        end = os.lseek(descriptor, 0, os.SEEK_END)
        found = find_delivery_ids(descriptor, wanted, start) if end > start else set()
        begin = find_line_start(descriptor, end)
        # What was killed while it wrote left half a line.
        text = read_at(descriptor, begin, end - begin)
        head = text.removeprefix(LINE_START).partition(b'"')[0]
        return found - {head.decode("utf-8", "replace")}
    except OSError:
        return set()
    finally:
        os.close(descriptor)


def mend_last_line(descriptor: int, end: int) -> tuple[int, bytes]:
    """See to the last line of an open file, which lacks its line end.

    A line of evcli's that is not whole is cut off: a writer was killed or ran out of
    space, and its deliveries do not count as made. Anything else is not evcli's to cut.

    Args:
        end: the length of the file.

    Returns:
        The length that the file has now, and what has to stand before the next line.

    Raises: OSError: it cannot be cut.
    """
    begin = find_line_start(descriptor, end)
    if not is_torn(descriptor, begin, end):
        return end, b"\n"
    os.ftruncate(descriptor, begin)
    return begin, b""


def is_torn(descriptor: int, begin: int, end: int) -> bool:
    """Say whether a line without end is the first part of a line of evcli's."""
    head = read_at(descriptor, begin, min(len(LINE_START), end - begin))
    if head == LINE_START:
        # An editor may have taken no more than the last line end off.
        return not is_json(read_at(descriptor, begin, end - begin))
    if not LINE_START.startswith(head):
        return False
    if begin == 0:
        # A brace and a quote may be the beginning of anybody's file.
        return len(head) > 2
    before = find_line_start(descriptor, begin - 1)
    return read_at(descriptor, before, len(LINE_START)) == LINE_START


def find_line_start(descriptor: int, end: int) -> int:
    """Find where the line begins that goes on up to an offset."""
    while end > 0:
        begin = max(end - CHUNK_BYTES, 0)
        position = read_at(descriptor, begin, end - begin).rfind(b"\n")
        if position >= 0:
            return begin + position + 1
        end = begin
    return 0


def is_json(text: bytes) -> bool:
    """Say whether a text is whole JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def read_at(descriptor: int, offset: int, count: int) -> bytes:
    """Read from an offset; less than asked for at the end of the file."""
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, count)


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
