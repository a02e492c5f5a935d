"""Where the server of a state directory is, for whoever looks for one.

The first server with a page holds a lock as long as it runs, and its URL stands in a file
beside. A URL whose server died is nobody's: the lock says so, as the system releases it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress

from evcli.errors import ConfigurationError
from evcli.store.directory.locks import FileLock
from evcli.store.directory.private_files import create_private_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = "server"


@contextmanager
def announcing(state_directory: str, url: str) -> Iterator[None]:
    """Announce a server while it runs, unless another one is announced.

    Where nothing can be written it is not found, and runs all the same.
    """
    lock = FileLock(state_directory, LOCK)
    path = _locate(state_directory)
    try:
        is_announced = lock.acquire()
        if is_announced:
            _write(path, f"{url}\n")
    except (ConfigurationError, OSError):
        is_announced = False
    try:
        yield
    finally:
        if is_announced:
            with suppress(OSError):
                os.unlink(path)
            lock.release()


def find_server(state_directory: str) -> str | None:
    """Find the URL of a server that runs on a state directory and has a page."""
    try:
        if not FileLock(state_directory, LOCK).is_held():
            return None
        with open(_locate(state_directory), encoding="utf-8") as file:
            return file.read().strip() or None
    except (ConfigurationError, OSError):
        return None


def _write(path: str, text: str) -> None:
    """Write a file anew. It need not outlast a loss of power, as its server does not."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    descriptor = create_private_file(path, os.O_WRONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _locate(state_directory: str) -> str:
    return os.path.join(state_directory, "locks", f"{LOCK}.url")
