"""Inputs in parts, each for one process to read by itself.

A large file of lines is cut at bytes: a line belongs to the part in which it begins.
Parquet is cut between row groups. Of what is compressed, or a document, only its start is
known, so it is read as a whole; and small inputs that follow each other make up one part.
Whoever cuts reads nothing but the first bytes of large inputs, and of Parquet the last.
"""

from __future__ import annotations

import io

from evcli.bulk.blocks import BLOCK_BYTES, LINE_BYTES, read_blocks
from evcli.bulk.documents import Chunks, read_as_lines, tell_form
from evcli.bulk.parquet import measure_row_groups, read_parquet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evcli.bulk.sources import Source

    Part = list["Piece"]

WHOLE, BYTES, ROW_GROUPS = "whole", "bytes", "row groups"


class Piece:
    """What lies between `start` and `stop` of a source: bytes, or row groups.

    `size_bytes` is how much of what is stored that is.
    """

    __slots__ = ("kind", "size_bytes", "source", "start", "stop")

    def __init__(
        self,
        source: Source,
        size_bytes: int,
        kind: str = WHOLE,
        start: int = 0,
        stop: int = 0,
    ) -> None:
        self.source = source
        self.size_bytes = size_bytes
        self.kind = kind
        self.start = start
        self.stop = stop

    def read_blocks(self) -> Iterator[tuple[int, bytes]]:
        """Read its lines as `blocks.read_blocks`; the first one is line 1.

        Raises: InspectionError: it cannot be read.
        """
        name = self.source.name
        with self.source.open() as stream:
            if self.kind == WHOLE:
                yield from read_blocks(read_as_lines(stream, name), name)
                return
            if self.kind == BYTES:
                chunks = read_between(stream, self.start, self.stop)
            else:
                chunks = read_parquet(stream, name, range(self.start, self.stop))
            raw: io.RawIOBase = Chunks(chunks)
            yield from read_blocks(
                io.BufferedReader(raw, BLOCK_BYTES), name, self.start
            )


def read_between(stream: io.BufferedReader, start: int, stop: int) -> Iterator[bytes]:
    """Read the lines that begin between two bytes, in pieces of any size."""
    if start:
        # With the byte before: a line that begins here is behind the end of one.
        stream.seek(start - 1)
        if not _skip_line(stream, stop):
            return
    while (left := stop - stream.tell()) > 0:
        data = stream.read(min(left, BLOCK_BYTES))
        if not data:
            return
        yield data
        if left == len(data) and not data.endswith(b"\n"):
            yield from _read_line(stream)


def _skip_line(stream: io.BufferedReader, stop: int) -> bool:
    """Go behind the end of a line; say whether that is before a byte."""
    while stream.tell() < stop:
        line = stream.readline(BLOCK_BYTES)
        if not line or line.endswith(b"\n"):
            break
    return stream.tell() < stop


def _read_line(stream: io.BufferedReader) -> Iterator[bytes]:
    """Read the rest of a line; of one that is too long no more than tells that."""
    size = 0
    while size <= LINE_BYTES and (line := stream.readline(BLOCK_BYTES)):
        size += len(line)
        yield line
        if line.endswith(b"\n"):
            return


# -- cutting


def cut(sources: Iterable[Source], part_bytes: int) -> Iterator[Part]:
    """Cut sources into parts of about so many bytes, in their order.

    Raises: InspectionError: one cannot be read.
    """
    part: Part = []
    size = 0
    for source in sources:
        for piece in _cut_source(source, part_bytes):
            if part and size + piece.size_bytes > part_bytes:
                yield part
                part, size = [], 0
            part.append(piece)
            size += piece.size_bytes
    if part:
        yield part


def _cut_source(source: Source, part_bytes: int) -> Iterable[Piece]:
    size = source.size_bytes or 0
    if size <= part_bytes:
        return [Piece(source, size)]
    with source.open() as stream:
        if stream.seekable() and tell_form(stream) == "parquet":
            return list(_cut_row_groups(source, stream, part_bytes))
        if not stream.seekable() or read_as_lines(stream, source.name) is not stream:
            return [Piece(source, size)]
    return [
        Piece(source, min(part_bytes, size - start), BYTES, start, start + part_bytes)
        for start in range(0, size, part_bytes)
    ]


def _cut_row_groups(
    source: Source, stream: io.BufferedReader, part_bytes: int
) -> Iterator[Piece]:
    sizes = measure_row_groups(stream, source.name)
    # What is stored is smaller; for a bar it is the share that counts.
    scale = (source.size_bytes or 0) / max(sum(sizes), 1)
    start = 0
    for stop in range(1, len(sizes) + 1):
        size = sum(sizes[start:stop])
        if stop == len(sizes) or size + sizes[stop] > part_bytes:
            yield Piece(source, int(size * scale), ROW_GROUPS, start, stop)
            start = stop
