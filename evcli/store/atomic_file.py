"""Files that people or other programs keep: written in one step, for their owner only."""

from __future__ import annotations

import contextlib
import os

from evcli.store.state_directory import create_private


def write_atomically(path: str, text: str) -> None:
    """Write a file, whole or not at all, also across a loss of power.

    What was there before is replaced, a link too: nothing is written through it. The
    draft has a name that nobody could have put a link under.

    Raises: OSError: it cannot be written; what was there before still is.
    """
    draft = f"{path}.{os.urandom(6).hex()}"
    descriptor = create_private(draft, os.O_WRONLY | os.O_EXCL)
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
    sync_directory(os.path.dirname(path))


def sync_directory(path: str) -> None:
    """Let the names in a directory survive a loss of power. Raises: OSError."""
    if os.name == "nt":  # which has no descriptors of directories
        return
    descriptor = os.open(path or os.curdir, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
