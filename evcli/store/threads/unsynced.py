"""Lines that were appended to files and are synced before anything rests on them.

Who answers before it has synced a file, see `store/threads/writer.py`, has to do it before
the ledger says that deliveries were made: what the ledger says outlasts a loss of power.
"""

from __future__ import annotations

import os

from evcli.store.directory.locks import lock_file
from evcli.store.directory.private_files import sync_directory

CHUNK_BYTES = 1 << 20
LOCK_SECONDS = 10.0
# Something else may be at the path by now, and is not waited for.
OPEN_FLAGS = (
    os.O_RDWR
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def sync_lines(path: str, start_bytes: int, *, has_failed: bool = False) -> None:
    """Have what stands in a file behind an offset outlast a loss of power, if it exists.

    Args:
        has_failed: whether it was tried before. The system may take what it could not
            write for written, so it gets the same bytes again.

    Raises: OSError: it may not outlast it.
    """
    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except FileNotFoundError:
        return  # somebody moved or removed it, with its lines
    try:
        if has_failed:
            _write_again(descriptor, start_bytes)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if start_bytes == 0:
        sync_directory(os.path.dirname(path) or ".")


def _write_again(descriptor: int, offset: int) -> None:
    """Write what an open file has behind an offset to where it stands."""
    if not lock_file(descriptor, LOCK_SECONDS):
        raise TimeoutError("Another process keeps it locked.")
    while True:
        os.lseek(descriptor, offset, os.SEEK_SET)
        data = os.read(descriptor, CHUNK_BYTES)
        if not data:
            return
        os.lseek(descriptor, offset, os.SEEK_SET)
        offset += os.write(descriptor, data)
