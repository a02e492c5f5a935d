"""Locks on files, released by the operating system when their holder dies.

A process that accepted events owns their deliveries until it has made the first
attempts. Its sign of life is a locked byte, at a random place of one file: whoever can
lock that byte knows that the owner is gone and may take the deliveries over. This holds
for `kill -9`, needs no clock, and leaves nothing to tidy up.

The only module with POSIX calls; elsewhere `msvcrt` locks bytes the same way.
"""

from __future__ import annotations

import os

from evcli.errors import ConfigurationError
from evcli.store.state_directory import PLATFORM, open_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not POSIX
    fcntl = None

# Owners are drawn from this many bytes of a file that stays empty.
OWNERS = 1 << 60


class FileLock:
    """One byte of a file in `locks/`; held until `release` or the process's end."""

    __slots__ = ("_byte", "_descriptor", "_path")

    def __init__(self, state_directory: str, name: str, byte: int = 0) -> None:
        self._path = os.path.join(state_directory, "locks", name)
        self._byte = byte
        self._descriptor: int | None = None

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock; without `wait`, say `False` when somebody holds it."""
        if self._descriptor is None:
            self._descriptor = self._open()
        try:
            _lock_byte(self._descriptor, self._byte, wait=wait)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Let go; harmless when nothing is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            return open_private(self._path, os.O_RDWR)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            return open_private(self._path, os.O_RDWR)
        except OSError as error:
            raise ConfigurationError(
                f"The state directory cannot be written: {self._path}: {error.strerror}."
            ) from error


def _lock_byte(descriptor: int, byte: int, *, wait: bool) -> None:
    if fcntl is None:
        _lock_byte_elsewhere(descriptor, byte, wait=wait)
        return
    # Open-file-description locks where the system has them: an ordinary POSIX lock is
    # dropped when any descriptor of the file is closed in the process.
    command = getattr(fcntl, "F_OFD_SETLKW" if wait else "F_OFD_SETLK", None)
    if command is None or PLATFORM != "linux":  # elsewhere struct flock looks different
        how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.lockf(descriptor, how, 1, byte)
        return
    import struct

    # struct flock: type, whence, start, length, process (0 for these locks).
    request = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
    fcntl.fcntl(descriptor, command, request)


def _lock_byte_elsewhere(descriptor: int, byte: int, *, wait: bool) -> None:
    import msvcrt

    # This kind of lock works on 2 GiB at most.
    os.lseek(descriptor, byte % (1 << 30), os.SEEK_SET)
    locking: Callable[[int, int, int], None] = getattr(msvcrt, "locking")  # noqa: B009
    locking(descriptor, 1 if wait else 2, 1)


def lock_file(descriptor: int) -> None:
    """Wait for the sole right to append to an open file; closing it gives it back."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


class Owner:
    """This process as the owner of the deliveries that it accepted."""

    __slots__ = ("_lock", "_state_directory", "number")

    def __init__(self, state_directory: str) -> None:
        self._state_directory = state_directory
        self._lock: FileLock | None = None
        self.number = 0

    def claim(self) -> int:
        """Hold a byte of one's own and say which; the same one until `release`."""
        while self._lock is None:
            number = int.from_bytes(os.urandom(8), "big") % OWNERS + 1
            lock = FileLock(self._state_directory, "owners", number)
            if lock.acquire(wait=False):
                self._lock, self.number = lock, number
        return self.number

    def release(self) -> None:
        """Give the byte back."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def is_alive(self, number: int) -> bool:
        """Say whether the process that claimed `number` still lives."""
        if self._lock is not None and number == self.number:
            return True
        lock = FileLock(self._state_directory, "owners", number)
        if lock.acquire(wait=False):
            lock.release()
            return False
        return True
