"""Bulk inputs: a file or standard input, read in batches of lines, with a bar."""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from evcli.bulk.documents import read_as_lines
from evcli.cli.errors import GeneralError
from evcli.cli.output.progress import open_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

    from evcli.cli.session import Session

    Input = BufferedReader | BytesIO
    # Called with how many bytes and lines are done.
    Progress = Callable[[int, int], None]

STDIN = "-"
# A batch ends at this many bytes, however few its lines; so memory is bounded.
BATCH_BYTES = 8_000_000
# So much is read at a time: enough to make up for handing it to another process.
BLOCK_BYTES = 1_000_000
# Nothing that EventBridge takes is nearly as long.
LINE_BYTES = 32_000_000


@contextmanager
def open_input(session: Session, path: str) -> Iterator[Input]:
    """Open a file, or standard input for `-`.

    Raises: GeneralError: it cannot be read.
    """
    if path == STDIN:
        buffer = getattr(session.stdin, "buffer", None)
        yield buffer or BytesIO(session.read_input().encode())
        return
    try:
        stream = open(locate(session, path), "rb")  # noqa: SIM115
    except OSError as error:
        raise GeneralError(f"Cannot read {path}: {error.strerror}.") from error
    with stream:
        yield stream


class Lines:
    """An input of any form as lines of JSON.

    `path` is absolute, or `-`. `stream` gives the lines; where the input `is_plain`, it is
    the input itself, which can be gone to any byte of. `size_bytes` is the size of the
    input, `None` where it cannot be known.
    """

    __slots__ = ("_raw", "is_plain", "path", "size_bytes", "stream")

    def __init__(self, path: str, raw: Input) -> None:
        self.path = path
        self._raw = raw
        self.stream = read_as_lines(raw)
        self.is_plain = self.stream is raw
        self.size_bytes = measure(raw)

    def measure_progress(self, position_bytes: int) -> int:
        """Say how much of the input is done; for lines that end at a position."""
        if self.is_plain or self.size_bytes is None:
            return position_bytes
        return self._raw.tell()


@contextmanager
def open_lines(session: Session, path: str) -> Iterator[Lines]:
    """Open a file, or standard input for `-`, of whatever form.

    Raises: GeneralError: it cannot be read.
    """
    with open_input(session, path) as raw:
        yield Lines(STDIN if path == STDIN else locate(session, path), raw)


def locate(session: Session, path: str) -> str:
    """Make a path absolute."""
    return os.path.abspath(
        os.path.join(session.find_working_directory(), os.path.expanduser(path))
    )


def read_batches(stream: Input, count: int) -> Iterator[list[bytes]]:
    """Read batches of at most `count` lines, line ends included.

    Raises: GeneralError: a line is too long to be held.
    """
    lines: list[bytes] = []
    size = 0
    for _, block in read_blocks(stream):
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


def read_blocks(stream: Input) -> Iterator[tuple[int, bytes]]:
    """Read blocks of whole lines, each with the number of its first line.

    A block is what is there: lines from a pipe do not wait for a whole one.

    Raises: GeneralError: a line is too long to be held.
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
            rest = tail
        else:
            rest += data
        if len(rest) > LINE_BYTES:
            raise GeneralError(f"A line has more than {LINE_BYTES:,} bytes.")
    if rest:
        yield first_line, rest


def find_file(session: Session, path: str, stream: Input) -> str | None:
    """Find a file that other processes can open in place of an input; `None` if none is.

    `/dev/stdin` is another one for each of them.
    """
    if path == STDIN:
        return None
    real = os.path.realpath(locate(session, path))
    try:
        status = os.stat(real)
        is_file = stat.S_ISREG(status.st_mode)
        is_same = os.path.samestat(status, os.fstat(stream.fileno()))
    except OSError:
        return None
    return real if is_file and is_same else None


def measure(stream: Input) -> int | None:
    """The size of an input in bytes; `None` where it cannot be known."""
    try:
        return os.fstat(stream.fileno()).st_size if stream.seekable() else None
    except OSError:
        return None


@contextmanager
def open_bar(session: Session, what: str, total: int | None) -> Iterator[Progress]:
    """Show a bar with the rate while standard error is a terminal.

    Args:
        total: the bytes to come; `None` where nobody knows.
    """
    begun_at = time.monotonic()
    first: list[int] = []
    with open_progress(session, what, total) as update:

        def show(done: int, lines: int) -> None:
            if update is None:
                return
            # What an earlier command did is not this one's speed.
            first.append(lines) if not first else None
            seconds = time.monotonic() - begun_at
            rate = (lines - first[0]) / seconds if seconds else 0.0
            update(done, total, f"{lines:,} lines, {rate:,.0f}/s")

        yield show
