"""Locks on files, released by the operating system when their holder dies.

A process that accepted events owns their deliveries until it has made the first
attempts. Its sign of life is a locked byte, at a random place of one file: whoever can
lock that byte knows that the owner is gone and may take the deliveries over. This holds
for `kill -9`, needs no clock, and leaves nothing to tidy up.

The only module with POSIX calls; elsewhere `msvcrt` locks bytes the same way.
"""

from __future__ import annotations

import errno
import os
import sys
import time

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
# Between two tries to lock a file that somebody appends to.
LONGEST_PAUSE_SECONDS = 0.016
# The part of an owner's number that is its process id.
PROCESS_BITS = (1 << 22) - 1

# Locks that belong to an open file and not to the process as a whole. Only where the
# structure that asks for them is known: 64-bit Linux with the low byte first.
HAS_DESCRIPTOR_LOCKS = (
    hasattr(fcntl, "F_OFD_SETLK")
    and PLATFORM == "linux"
    and sys.byteorder == "little"
    and sys.maxsize > 1 << 32
)


class FileLock:
    """The first byte of a file in `locks/`; held until `release` or the process's end."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, state_directory: str, name: str) -> None:
        self._path = os.path.join(state_directory, "locks", name)
        self._descriptor: int | None = None

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock; without `wait`, say `False` when somebody holds it.

        Raises: ConfigurationError: the file cannot be opened or locked.
        """
        if self._descriptor is None:
            self._descriptor = _open(self._path)
        if _lock_byte(self._path, self._descriptor, 0, wait=wait):
            return True
        self.release()
        return False

    def release(self) -> None:
        """Let go; harmless when nothing is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: str) -> int:
    try:
        try:
            return open_private(path, os.O_RDWR)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            return open_private(path, os.O_RDWR)
    except OSError as error:
        raise ConfigurationError(
            f"The state directory cannot be written: {path}: {error.strerror}."
        ) from error


def _lock_byte(path: str, descriptor: int, byte: int, *, wait: bool) -> bool:
    """Lock one byte; `False` when somebody else holds it and one does not wait.

    Raises: ConfigurationError: the file system has no locks.
    """
    try:
        _set_lock(descriptor, byte, wait=wait)
    except OSError as error:
        # What a system without locks says must not pass for a living owner.
        if not wait and error.errno in (errno.EACCES, errno.EAGAIN):
            return False
        raise ConfigurationError(
            f"The file system of the state directory cannot lock {path}:"
            f" {error.strerror}; name a local directory with --state-dir."
        ) from error
    return True


def _set_lock(descriptor: int, byte: int, *, wait: bool, unlock: bool = False) -> None:
    if fcntl is None:
        _set_lock_elsewhere(descriptor, byte, wait=wait, unlock=unlock)
        return
    if not HAS_DESCRIPTOR_LOCKS:
        how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.lockf(descriptor, fcntl.LOCK_UN if unlock else how, 1, byte)
        return
    # struct flock, by hand because importing `struct` costs more than the lock: type,
    # whence, start, length, process (0 for these locks), each aligned to its size.
    kind = fcntl.F_UNLCK if unlock else fcntl.F_WRLCK
    fields = ((kind, 2), (os.SEEK_SET, 6), (byte, 8), (1, 8), (0, 8))
    request = b"".join([value.to_bytes(size, "little") for value, size in fields])
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, request)


def _set_lock_elsewhere(
    descriptor: int, byte: int, *, wait: bool, unlock: bool
) -> None:
    import msvcrt

    # This kind of lock works on 2 GiB at most.
    os.lseek(descriptor, byte % (1 << 30), os.SEEK_SET)
    locking: Callable[[int, int, int], None] = getattr(msvcrt, "locking")  # noqa: B009
    locking(descriptor, 0 if unlock else 1 if wait else 2, 1)


def lock_file(descriptor: int, seconds: float) -> bool:
    """Wait for the sole right to append to an open file; closing it gives it back.

    Returns:
        Whether it came within so many seconds.

    Raises: OSError: the file cannot be locked.
    """
    if fcntl is None:
        return True
    ends_at, pause = 0.0, 0.001
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            now = time.monotonic()
        ends_at = ends_at or now + seconds
        if now >= ends_at:
            return False
        time.sleep(min(pause, ends_at - now))
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


class Owner:
    """This process, or one thread of it, as the owner of deliveries that it accepted.

    One descriptor serves for its own byte and for looking at others'. Where only
    ordinary POSIX locks exist, a process cannot see its own ones, and closing any
    descriptor would give them all away: there the process id, which is part of the
    number, tells (also of what it gave back), and descriptors stay open. `number` is 0
    while nothing is claimed.
    """

    __slots__ = ("_descriptor", "_path", "number")

    def __init__(self, state_directory: str) -> None:
        self._path = os.path.join(state_directory, "locks", "owners")
        self._descriptor: int | None = None
        self.number = 0

    def claim(self) -> int:
        """Hold a byte of one's own and say which; the same one until `release`."""
        while not self.number:
            drawn = int.from_bytes(os.urandom(8), "big") % OWNERS
            number = drawn & ~PROCESS_BITS | os.getpid() & PROCESS_BITS
            if self._lock(number):
                self.number = number
        return self.number

    def release(self) -> None:
        """Give the byte back."""
        number, self.number = self.number, 0
        if self._descriptor is None:
            return
        if HAS_DESCRIPTOR_LOCKS:
            os.close(self._descriptor)
            self._descriptor = None
        elif number:
            _set_lock(self._descriptor, number, wait=False, unlock=True)

    def is_alive(self, number: int) -> bool:
        """Say whether the process that claimed `number` still lives."""
        if number == self.number:
            return True
        if not HAS_DESCRIPTOR_LOCKS and number & PROCESS_BITS == os.getpid():
            return True
        if not self._lock(number):
            return True
        assert self._descriptor is not None
        _set_lock(self._descriptor, number, wait=False, unlock=True)
        return False

    def _lock(self, number: int) -> bool:
        if self._descriptor is None:
            self._descriptor = _open(self._path)
        return _lock_byte(self._path, self._descriptor, number, wait=False)
