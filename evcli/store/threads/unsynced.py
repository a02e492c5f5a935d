"""Lines that were appended to files and are synced before anything rests on them.

Who answers before it has synced a file, see `store/threads/writer.py`, has to do it before
the ledger says that deliveries were made: what the ledger says outlasts a loss of power.

A system that could not write something may take it for written from then on, and the next
sync succeeds. So whoever fails writes the same bytes again: the next one to sync, in
whichever process, then fails as well or has them on the disk.
"""

from __future__ import annotations

import os

from evcli.store.directory.locks import lock_file
from evcli.store.directory.private_files import sync_directory
from evcli.store.directory.state_directory import NAMED_FILE

CHUNK_BYTES = 1 << 20
LOCK_SECONDS = 10.0


def sync_lines(path: str, start_bytes: int) -> None:
    """Have what stands in a file behind an offset outlast a loss of power, if it exists.

    Raises: OSError: it may not outlast it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | NAMED_FILE)
    except FileNotFoundError:
        return  # somebody moved or removed it, with its lines
    try:
        os.fsync(descriptor)
        if start_bytes == 0:
            sync_directory(os.path.dirname(path) or ".")
    except OSError:
        write_again(path, start_bytes)
        raise
    finally:
        os.close(descriptor)


def write_again(path: str, start_bytes: int) -> None:
    """Write what a file has behind an offset to where it stands, if that can be done.

    Call when a sync has failed, and say that; nobody may keep the file locked.
    """
    try:
        # Anew: what was opened to append writes to the end of the file alone.
        descriptor = os.open(path, os.O_RDWR | NAMED_FILE)
        try:
            if lock_file(descriptor, LOCK_SECONDS):
                _copy_onto_itself(descriptor, start_bytes)
        finally:
            os.close(descriptor)
    except OSError:
        return


def _copy_onto_itself(descriptor: int, offset: int) -> None:
    while True:
        os.lseek(descriptor, offset, os.SEEK_SET)
        data = os.read(descriptor, CHUNK_BYTES)
        if not data:
            return
        os.lseek(descriptor, offset, os.SEEK_SET)
        offset += os.write(descriptor, data)
