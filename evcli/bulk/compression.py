"""Compressed inputs: what gzip and Zstandard hold, as a stream that is read once."""

from __future__ import annotations

import io

from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, Protocol

    class Reader(Protocol):
        """What the modules of both give."""

        def read1(self, size: int, /) -> bytes: ...

    # A reader of a stream, and what it raises of damaged data.
    Opened = tuple[Reader, tuple[type[Exception], ...]]


class Decompressed(io.RawIOBase):
    """What is in a compressed stream, read from its start to its end."""

    def __init__(self, stream: BinaryIO, form: str, name: str) -> None:
        """Begin to read.

        Args:
            form: a key of `OPENERS`.
            name: of the input, for messages.

        Raises: InspectionError: what reads this form is not installed.
        """
        self._reader, self._errors = OPENERS[form](stream, name)
        self._name = name
        self._lines = 0

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read some of it. Raises: InspectionError: it is damaged or cut off."""
        try:
            data = self._reader.read1(len(buffer))
        except self._errors as error:
            raise InspectionError(
                f"{self._name} is damaged behind line {self._lines:,}: {error}."
            ) from error
        self._lines += data.count(b"\n")
        buffer[: len(data)] = data
        return len(data)


def _open_gzip(stream: BinaryIO, _name: str) -> Opened:
    import gzip
    import zlib

    return gzip.GzipFile(fileobj=stream), (EOFError, gzip.BadGzipFile, zlib.error)


def _open_zstd(stream: BinaryIO, name: str) -> Opened:
    # One interface under two names: Python's own since 3.14.
    try:
        from compression import zstd
    except ImportError:
        try:
            from backports import zstd
        except ImportError as error:
            raise InspectionError(
                f"{name} is compressed by Zstandard, which needs backports.zstd:"
                " pip install 'evcli[zstd]'."
            ) from error
    return zstd.ZstdFile(stream), (EOFError, zstd.ZstdError)


# Form → what opens it.
OPENERS: dict[str, Callable[[BinaryIO, str], Opened]] = {
    "gzip": _open_gzip,
    "zstd": _open_zstd,
}
