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
from evcli.store.state_directory import open_private

try:
    import fcntl
except ImportError:  # not POSIX
    fcntl = None  # type: ignore[assignment]

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


if fcntl is not None:

    def _lock_byte(descriptor: int, byte: int, *, wait: bool) -> None:
        # Open-file-description locks where the system has them: an ordinary POSIX lock
        # is dropped when any descriptor of the file is closed in the process.
        command = getattr(fcntl, "F_OFD_SETLKW" if wait else "F_OFD_SETLK", None)
        if command is None:
            how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
            fcntl.lockf(descriptor, how, 1, byte)
            return
        import struct

        # struct flock: type, whence, start, length, process (0 for these locks).
        request = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
        fcntl.fcntl(descriptor, command, request)

else:

    def _lock_byte(descriptor: int, byte: int, *, wait: bool) -> None:
        import msvcrt

        # The fallback's locking works on 2 GiB at most.
        os.lseek(descriptor, byte % (1 << 30), os.SEEK_SET)
        mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined]
        msvcrt.locking(descriptor, mode, 1)  # type: ignore[attr-defined]


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
