"""Files that people or other programs keep: written in one step, for their owner only."""

from __future__ import annotations

import contextlib
import os

from evcli.store.directory.private_files import create_private_file, sync_directory


def write_atomically(path: str, text: str) -> None:
    """Write a file, whole or not at all, also across a loss of power.

    What was there before is replaced, a link too: nothing is written through it. The
    draft has a name that nobody could have put a link under.

    Raises: OSError: it cannot be written; what was there before still is.
    """
    draft = f"{path}.{os.urandom(6).hex()}"
    descriptor = create_private_file(draft, os.O_WRONLY)
    try:
        with open(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    sync_directory(os.path.dirname(path) or ".")
