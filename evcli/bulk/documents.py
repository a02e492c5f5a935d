"""Inputs of any form as lines: an array, an entries file, compressed or not.

Everything that reads bulk input reads lines, one value on each, and remembers how many
bytes of them are behind it. So any other form is turned into lines while it is read,
always the same ones, and a mark in them serves as in a file of lines:

    one value on each line             as it is
    [VALUE, …]                         a line for each element
    {"Entries": [VALUE, …], …}         a line for each element
    VALUE over several lines, …        a line for each
    any of these, compressed           the same
    Parquet                            a line for each row, see `parquet`

Values are cut by their brackets and strings alone. So one that is not JSON is a line like
any other, for whoever reads lines to refuse, and the next one goes on. The ends of lines
inside of a value become carriage returns, which say the same to JSON.
"""

from __future__ import annotations

import io
import re
from itertools import chain

from evcli.bulk.compression import OPENERS, Decompressed
from evcli.bulk.parquet import read_parquet
from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    # What can be read as it comes, by `read1`.
    Input = io.BufferedReader | io.BytesIO

# How an input begins that is no text, and its form.
STARTS = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "parquet",
}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"
BLOCK_BYTES = 1_000_000
# Nothing that EventBridge takes is nearly as long.
VALUE_BYTES = 32_000_000

# Up to the next bracket, or the next comma as well: past whole strings. A quote means that
# a string goes on behind what was read.
STRING = rb'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"'
BRACKET = re.compile(rb'[^"{}\[\]]*+(?:%b[^"{}\[\]]*+)*+(["{}\[\]])' % STRING)
BRACKET_OR_COMMA = re.compile(
    rb'[^"{}\[\],]*+(?:%b[^"{}\[\],]*+)*+(["{}\[\],])' % STRING
)
ENTRIES = re.compile(rb'\s*\{\s*"Entries"\s*:\s*(\[[\s\S]*\])\s*\}\s*')


def read_as_lines(stream: Input, name: str) -> Input:
    """Give lines for whatever form an input has; the input itself where it has them.

    To read them raises `InspectionError` where a compressed input is damaged, or a value
    is too long to be held.

    Args:
        name: of the input, for messages.
    """
    stream = _buffer(stream)
    form = tell_form(stream)
    if form in OPENERS:
        stream = _buffer(Decompressed(stream, form, name))
    elif form == "parquet":
        return _buffer(Chunks(read_parquet(stream, name)))
    can_go_back = stream.seekable()
    start = stream.tell() if can_go_back else 0
    read = _read_head(stream)
    head = read.removeprefix(BYTE_ORDER_MARK)
    blocks = chain([head], _read_blocks(stream))
    if _is_document(head):
        return _buffer(Chunks(_cut_lines(blocks)))
    if can_go_back and head == read:
        stream.seek(start)
        return stream
    return _buffer(Chunks(blocks))


def tell_form(stream: io.BufferedReader) -> str:
    """Tell the form of an input by its first bytes, which stay to be read.

    A pipe may give but one of them.
    """
    data = stream.peek(4)[:4]
    for start, form in STARTS.items():
        length = min(len(start), len(data))
        if length and data[:length] == start[:length]:
            return form
    return "text"


class Chunks(io.RawIOBase):
    """A stream of what an iterator gives."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read what is at hand."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _buffer(stream: io.RawIOBase | Input) -> io.BufferedReader:
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(stream, BLOCK_BYTES)


def _read_blocks(stream: io.BufferedReader) -> Iterator[bytes]:
    while block := stream.read1(BLOCK_BYTES):
        yield block


# -- telling the form


def _read_head(stream: io.BufferedReader) -> bytes:
    """Read on until the first line that is not blank is there, and what decides.

    Who types waits for the next line only where the first one leaves open what it is.
    """
    head = b""
    for block in _read_blocks(stream):
        head += block
        line, end, behind = _split_first_line(head)
        is_decided = end and (behind.strip(BLANKS) or not _list_open(line))
        if is_decided or len(head) > VALUE_BYTES:
            break
    return head


def _split_first_line(head: bytes) -> tuple[bytes, bytes, bytes]:
    return head.removeprefix(BYTE_ORDER_MARK).lstrip(BLANKS).partition(b"\n")


def _is_document(head: bytes) -> bool:
    """Tell a document from lines of values, by its first line and what stands behind.

    A line that somebody cut off has open brackets as well: behind it another value begins
    where none may stand.
    """
    line, _, behind = _split_first_line(head)
    if line.startswith(b"[") or ENTRIES.fullmatch(line):
        return True
    opened, last, following = _list_open(line), line.rstrip()[-1:], behind.strip()[:1]
    if not opened or not following:
        return False
    if following == b"{":
        return last in (b"[", b":") or (last == b"," and opened[-1] == b"[")
    return last in (b"{", b"[", b",", b":") or following in (
        b'"',
        b",",
        b":",
        b"}",
        b"]",
    )


def _list_open(line: bytes) -> list[bytes]:
    """List the brackets that a line leaves open; and a quote, if it leaves a string."""
    opened: list[bytes] = []
    position = 0
    while match := BRACKET.match(line, position):
        token, position = match[1], match.end()
        if token in (b"}", b"]"):
            del opened[-1:]
        else:
            opened.append(token)
        if token == b'"':
            break
    return opened


# -- cutting


def _cut_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a document into lines; as many at once as a block has."""
    for values in cut_values(blocks):
        lines: list[bytes] = []
        for value in values:
            request = ENTRIES.fullmatch(value)
            if request is None:
                lines.append(_to_line(value))
            else:
                for elements in cut_values([request[1]]):
                    lines += map(_to_line, elements)
        yield b"".join(lines)


def _to_line(value: bytes) -> bytes:
    line = value.strip(BLANKS).replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    return line + b"\n"


def cut_values(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Cut a text into the values that stand one behind the other, or in arrays.

    Args:
        blocks: the text, in pieces.

    Returns:
        The values that end in each of the pieces.

    Raises: InspectionError: a value is too long to be held.
    """
    cutter = Cutter()
    for block in blocks:
        yield cutter.feed(block)
    yield cutter.end()


class Cutter:
    """Cuts a text that comes in pieces."""

    __slots__ = ("_begin", "_data", "_depth", "_in_array", "_position")

    def __init__(self) -> None:
        self._data = b""
        # Where the value begins that is not whole yet, and how far was looked.
        self._begin = self._position = 0
        # How many brackets of that value are open.
        self._depth = 0
        self._in_array = False

    def feed(self, block: bytes) -> list[bytes]:
        """Take a piece; give the values that end in it."""
        self._data = self._data[self._begin :] + block
        self._position -= self._begin
        self._begin = 0
        values: list[bytes] = []
        while True:
            token = BRACKET if self._depth else BRACKET_OR_COMMA
            match = token.match(self._data, self._position)
            if match is None or match[1] == b'"':
                break
            self._position = match.end()
            value = self._step(match[1], match.start(1))
            if value.strip(BLANKS):
                values.append(value)
        if len(self._data) - self._begin > VALUE_BYTES:
            raise InspectionError(f"A value has more than {VALUE_BYTES:,} bytes.")
        return values

    def end(self) -> list[bytes]:
        """Give what is left: a value that is not whole, or no JSON."""
        rest = self._data[self._begin :]
        return [rest] if rest.strip(BLANKS) else []

    def _step(self, token: bytes, at: int) -> bytes:
        """Take a bracket or comma at an offset; give the value that it ends, or blanks."""
        behind = self._position
        if token in (b"{", b"["):
            self._depth += 1
            if self._depth > 1:
                return b""
            if token == b"[" and not self._in_array:
                self._in_array = True
                self._depth = 0
                return self._take(at, behind)
            return self._take(at, at)
        if token == b",":
            return self._take(at, behind)
        if self._depth:
            self._depth -= 1
            return b"" if self._depth else self._take(behind, behind)
        # The end of the array, or a bracket too many.
        self._in_array = False
        return self._take(at, behind)

    def _take(self, end: int, begin: int) -> bytes:
        """Take the value up to an offset; the next one begins at another."""
        value = self._data[self._begin : end]
        self._begin = begin
        return value
