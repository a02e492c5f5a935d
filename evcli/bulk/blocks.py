"""Lines in blocks and batches: as many at once as are worth their handling."""

from __future__ import annotations

from io import BytesIO

from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.bulk.documents import Input

# A batch ends at this many bytes, however few its lines; so memory is bounded.
BATCH_BYTES = 8_000_000
# So much is read at a time: enough to make up for handing it to another process.
BLOCK_BYTES = 1_000_000
# Nothing that EventBridge takes is nearly as long.
LINE_BYTES = 32_000_000


def read_batches(stream: Input, count: int, name: str) -> Iterator[list[bytes]]:
    """Read batches of at most `count` lines, line ends included.

    Args:
        name: of the input, for messages.

    Raises: InspectionError: a line is too long to be held.
    """
    lines: list[bytes] = []
    size = 0
    for _, block in read_blocks(stream, name):
        lines += BytesIO(block).readlines()
        size += len(block)
        while len(lines) >= count:
            yield lines[:count]
            lines = lines[count:]
            size = sum(map(len, lines))
        if size > BATCH_BYTES:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def read_blocks(
    stream: Input, name: str, start: int = 0
) -> Iterator[tuple[int, bytes]]:
    """Read blocks of whole lines, each with the number of its first line.

    A block is what is there: lines from a pipe do not wait for a whole one.

    Args:
        name: of the input, for messages.
        start: how many of its bytes come before.

    Raises: InspectionError: a line is too long to be held.
    """
    first_line = 1
    # The beginning of a line that is still to end.
    rest = b""
    while data := stream.read1(BLOCK_BYTES):
        head, end, tail = data.rpartition(b"\n")
        if end:
            block = b"".join([rest, head, end])
            yield first_line, block
            first_line += block.count(b"\n")
            start += len(block)
            rest = tail
        else:
            rest += data
        if len(rest) > LINE_BYTES:
            raise InspectionError(
                f"The line at byte {start + 1:,} of {name} has more than"
                f" {LINE_BYTES:,} bytes."
            )
    if rest:
        yield first_line, rest
