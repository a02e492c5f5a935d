"""Where inputs are: files of this machine, by name or pattern, and objects elsewhere.

An object is named by a URL such as `s3://bucket/2026/*.jsonl`, and reached by fsspec and
whatever package of it knows the scheme. A URL may carry a password or a signature: what
is shown and kept of it does not.
"""

from __future__ import annotations

import glob
import io
import os
import re
import stat
from contextlib import contextmanager

from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

STDIN = "-"
BUFFER_BYTES = 1_000_000
MAGIC = re.compile(r"[*?\[]")
# Packages that people have to add, by scheme; others are named by fsspec itself.
DRIVERS = {
    "abfs": "adlfs",
    "az": "adlfs",
    "gcs": "gcsfs",
    "gs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "s3": "s3fs",
    "s3a": "s3fs",
    "sftp": "paramiko",
}


class Source:
    """An input that can be opened, by this process or another one.

    `name` is what messages call it, and `key` what it is known by from one command to the
    next; neither has a secret. `path` is absolute, or the one that the file system of
    `url` knows; `url` is `None` for files of this machine. `size_bytes` is what is stored
    of it, `None` where nobody knows.
    """

    __slots__ = ("key", "name", "path", "size_bytes", "url")

    def __init__(
        self,
        name: str,
        path: str,
        *,
        key: str | None = None,
        url: str | None = None,
        size_bytes: int | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.key = path if key is None else key
        self.url = url
        self.size_bytes = size_bytes

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    @property
    def is_shared(self) -> bool:
        """Whether several processes can read it, each from wherever it likes."""
        # Of these each process has others.
        is_own = self.key == STDIN or self.path.startswith(("/dev/", "/proc/"))
        return self.url is not None or (self.size_bytes is not None and not is_own)

    def open(self) -> io.BufferedReader:
        """Open it at its start. Raises: InspectionError: it cannot be read."""
        if self.url is not None:
            raw: io.RawIOBase = RemoteFile(self)
            return io.BufferedReader(raw, BUFFER_BYTES)
        try:
            return open(self.path, "rb")
        except OSError as error:
            raise InspectionError(
                f"Cannot read {self.name}: {error.strerror}."
            ) from error


class RemoteFile(io.RawIOBase):
    """A file that fsspec opens; its errors are one line."""

    def __init__(self, source: Source) -> None:
        """Open a source that has a URL. Raises: InspectionError."""
        self._source = source
        with _explaining(source.name, source.url or ""):
            filesystem, _ = _find_filesystem(source.url or "", source.name)
            self._file = filesystem.open(source.path, "rb")

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """Say whether any byte of it can be read next."""
        # Who cannot tell the size gives bytes as they come.
        is_known = getattr(self._file, "size", None) is not None
        return is_known and bool(self._file.seekable())

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Read on from another byte."""
        with _explaining(self._source.name, self._source.url or ""):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Say how many bytes are behind."""
        return int(self._file.tell())

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read some bytes. Raises: InspectionError: the storage fails."""
        with _explaining(self._source.name, self._source.url or ""):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it."""
        if not self.closed:
            self._file.close()
        super().close()


def list_sources(names: Iterable[str], directory: str) -> list[Source]:
    """List what names and patterns stand for: in their order, those of a pattern sorted.

    What is named twice is there once. A name that is a file's is no pattern.

    Args:
        names: paths, patterns, URLs, or `-` for standard input.
        directory: what relative paths start from.

    Raises: InspectionError: a file is not there, or nothing fits a pattern.
    """
    found: dict[str, Source] = {}
    for name in names:
        if name == STDIN:
            found.setdefault(STDIN, Source("standard input", STDIN))
            continue
        listed = _list_remote(name) if is_url(name) else _list_files(name, directory)
        for source in listed:
            found.setdefault(source.key, source)
    return list(found.values())


def is_url(name: str) -> bool:
    """Say whether a name is that of an object elsewhere."""
    return "://" in name


def is_pattern(name: str) -> bool:
    """Say whether a name may stand for several inputs."""
    return MAGIC.search(name) is not None


def mask(url: str) -> str:
    """Take out of a URL, or a text with some, what may be secret."""
    without_user = re.sub(r"(?<=://)[^/\s]*@", "***@", url)
    return re.sub(r"(https?://[^\s?]*)\?\S+", r"\1?***", without_user)


# -- files of this machine


def _list_files(name: str, directory: str) -> list[Source]:
    path = os.path.join(directory, os.path.expanduser(name))
    if not is_pattern(name) or os.path.exists(path):
        return [_make_source(name, path)]
    # So that they are called as they were named: `~` and `..` stay what they are.
    matches = glob.glob(os.path.expanduser(name), root_dir=directory, recursive=True)
    paths = {match: os.path.join(directory, match) for match in sorted(matches)}
    sources = [
        _make_source(match, path)
        for match, path in paths.items()
        if not os.path.isdir(path)
    ]
    if not sources:
        raise InspectionError(f"No file matches {name}.")
    return sources


def _make_source(name: str, path: str) -> Source:
    path = os.path.abspath(path)
    try:
        status = os.stat(path)
    except OSError as error:
        raise InspectionError(f"Cannot read {name}: {error.strerror}.") from error
    # Pipes and devices have no size that says anything.
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return Source(name, path, size_bytes=size)


# -- objects elsewhere


def _list_remote(url: str) -> list[Source]:
    with _explaining(mask(url), url):
        filesystem, path = _find_filesystem(url, mask(url))
        # In a URL of the web a question mark begins the query.
        is_web = url.startswith(("http://", "https://"))
        if "*" in path if is_web else is_pattern(path):
            found = filesystem.glob(path, detail=True)
        else:
            found = {path: filesystem.info(path)}
    files = {
        path: info for path, info in sorted(found.items()) if info["type"] == "file"
    }
    if not files:
        what = "is a directory; name its files by a pattern" if found else "has no file"
        raise InspectionError(f"{mask(url)} {what}.")
    chain = url.partition("::")[2]
    sources = []
    for path, info in files.items():
        name = mask(filesystem.unstrip_protocol(path) + (chain and f"::{chain}"))
        size = info.get("size")
        sources.append(Source(name, path, key=name, url=url, size_bytes=size))
    return sources


def _find_filesystem(url: str, name: str) -> tuple[Any, str]:
    """Find the file system of a URL, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InspectionError(
            f"{name} needs fsspec: pip install 'evcli[storage]'."
        ) from error
    filesystem, path = url_to_fs(url)
    return filesystem, path


@contextmanager
def _explaining(name: str, url: str) -> Iterator[None]:
    """Say in one line what keeps an object from being read.

    Each driver has errors of its own, which are no `OSError`.
    """
    try:
        yield
    except InspectionError:
        raise
    except FileNotFoundError as error:
        raise InspectionError(f"Cannot read {name}: there is no such file.") from error
    except ImportError as error:
        scheme = url.partition("://")[0].rpartition("::")[2]
        driver = DRIVERS.get(scheme)
        advice = f"pip install {driver}" if driver else _describe(error)
        raise InspectionError(
            f"Cannot read {name}: {scheme}:// needs another package: {advice}."
        ) from error
    except Exception as error:
        raise InspectionError(f"Cannot read {name}: {_describe(error)}.") from error


def _describe(error: Exception) -> str:
    """What a driver says, on one line and without secrets."""
    text = " ".join(str(error).split()) or type(error).__name__
    return mask(text).rstrip(".")
