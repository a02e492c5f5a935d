"""Bulk inputs: files, objects elsewhere or standard input, as lines, with a bar."""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from evcli.bulk.documents import read_as_lines
from evcli.bulk.sources import STDIN, Source, is_pattern, is_url, list_sources
from evcli.cli.errors import GeneralError
from evcli.cli.output.progress import open_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import BufferedReader

    from evcli.cli.session import Session

    Input = BufferedReader | BytesIO
    # Called with how many bytes and lines are done.
    Progress = Callable[[int, int], None]


@contextmanager
def open_input(session: Session, path: str) -> Iterator[Input]:
    """Open a file, or standard input for `-`.

    Raises: GeneralError: it cannot be read.
    """
    if path == STDIN:
        yield open_stdin(session)
        return
    try:
        stream = open(locate(session, path), "rb")  # noqa: SIM115
    except OSError as error:
        raise GeneralError(f"Cannot read {path}: {error.strerror}.") from error
    with stream:
        yield stream


def open_stdin(session: Session) -> Input:
    """Give the bytes of standard input."""
    buffer = getattr(session.stdin, "buffer", None)
    return buffer or BytesIO(session.read_input().encode())


class Lines:
    """An input of any form as lines of JSON.

    `name` is what messages call it; `label` is that too, but empty where there is but one
    input, so that its lines need no name. `path` is what it is known by: absolute, a URL,
    or `-`. `stream` gives the lines; where the input `is_plain`, it is the input itself,
    which can be gone to any byte of. `size_bytes` is the size of the input, `None` where
    it cannot be known.
    """

    __slots__ = ("_raw", "is_plain", "label", "name", "path", "size_bytes", "stream")

    def __init__(self, source: Source, raw: Input, label: str) -> None:
        self.name = source.name
        self.label = label
        self.path = source.key
        self._raw = raw
        self.stream = read_as_lines(raw, source.name)
        self.is_plain = self.stream is raw
        self.size_bytes = source.size_bytes

    def measure_progress(self, position_bytes: int) -> int:
        """Say how much of the input is done; for lines that end at a position."""
        if self.is_plain or self.size_bytes is None:
            return position_bytes
        return self._raw.tell()


class Inputs:
    """The inputs that names, patterns and URLs stand for, read one behind the other.

    `size_bytes` is that of all of them, `None` where it cannot be known. `may_be_many`
    says whether names of this kind may stand for several.
    """

    def __init__(self, session: Session, names: Sequence[str]) -> None:
        """Find them. Raises: InspectionError: there is none, or one is not there."""
        self._session = session
        self.sources = list_sources(names, session.find_working_directory())
        for source in self.sources:
            if source.key == STDIN:
                source.size_bytes = measure_stdin(session)
        sizes = [source.size_bytes for source in self.sources]
        known = [size for size in sizes if size is not None]
        self.size_bytes = sum(known) if len(known) == len(sizes) else None
        is_literal = [source.name for source in self.sources] == list(names)
        self.may_be_many = len(names) > 1 or (is_pattern(names[0]) and not is_literal)
        self._lines: Lines | None = None
        self._done_bytes = 0

    def open_each(self) -> Iterator[Lines]:
        """Open one after the other. Raises: InspectionError: it cannot be read."""
        for source in self.sources:
            with open_source(self._session, source) as raw:
                self._lines = Lines(source, raw, self.label(source))
                yield self._lines
            self._lines = None
            self._done_bytes += source.size_bytes or 0

    def label(self, source: Source) -> str:
        """What lines of an input are called by; empty where there can be but one."""
        return source.name if self.may_be_many else ""

    def measure_progress(self, position_bytes: int) -> int:
        """Say how much of all inputs is done; for lines of the open one up to a position."""
        if self._lines is None:
            return self._done_bytes
        return self._done_bytes + self._lines.measure_progress(position_bytes)


@contextmanager
def open_source(session: Session, source: Source) -> Iterator[Input]:
    """Open an input, or standard input. Raises: InspectionError: it cannot be read."""
    if source.key == STDIN:
        yield open_stdin(session)
        return
    with source.open() as stream:
        yield stream


def locate(session: Session, path: str) -> str:
    """Make a path absolute."""
    return os.path.abspath(
        os.path.join(session.find_working_directory(), os.path.expanduser(path))
    )


def find_file(lines: Lines) -> str | None:
    """Find a file that other processes can open in place of an input; `None` if none is.

    `/dev/stdin` is another one for each of them.
    """
    if not lines.is_plain or is_url(lines.path):
        return None
    real = os.path.realpath(lines.path)
    try:
        status = os.stat(real)
        is_file = stat.S_ISREG(status.st_mode)
        is_same = os.path.samestat(status, os.fstat(lines.stream.fileno()))
    except OSError:
        return None
    return real if is_file and is_same else None


def measure_stdin(session: Session) -> int | None:
    """The size of standard input in bytes; `None` where it cannot be known."""
    buffer = getattr(session.stdin, "buffer", None)
    if buffer is None:
        return None
    try:
        return os.fstat(buffer.fileno()).st_size if buffer.seekable() else None
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
