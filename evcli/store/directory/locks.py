"""Locks on files, released by the operating system when their holder dies.

A process that accepted events owns their deliveries until it has made the first
attempts. Its sign of life is a locked byte, at a random offset of one file: whoever can
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
from evcli.store.directory.state_directory import PLATFORM, open_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not POSIX
    fcntl = None

# Owners are drawn from this many bytes of a file that stays empty; those that record
# later what they have made, from as many behind them, see `store/threads/writer.py`.
OWNERS = 1 << 60
# Between two tries to lock a file that somebody appends to.
LONGEST_PAUSE_SECONDS = 0.016
# The part of an owner's number that is its process id.
PROCESS_BITS = (1 << 22) - 1

# How often a lock that somebody holds is asked for again, in seconds.
LOOK_SECONDS = 0.02

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

    def acquire(self, *, limit_seconds: float = 0.0) -> bool:
        """Take the lock; say `False` when somebody holds it until the limit is over.

        Raises: ConfigurationError: the file cannot be opened or locked.
        """
        if self._descriptor is None:
            self._descriptor = _open(self._path)
        # Asked again and again: a wait inside the system has no limit.
        until = time.monotonic() + limit_seconds
        while not _lock_byte(self._path, self._descriptor, 0):
            if time.monotonic() >= until:
                self.release()
                return False
            time.sleep(LOOK_SECONDS)
        return True

    def is_held(self) -> bool:
        """Say whether anybody else holds it; where it can be, without taking it.

        Raises: ConfigurationError: as `acquire`.
        """
        if fcntl is None or not HAS_DESCRIPTOR_LOCKS:
            is_free = self.acquire()
            self.release()
            return not is_free
        descriptor = _open(self._path)
        try:
            request = _describe_lock(fcntl.F_WRLCK, 0)
            answer: bytes = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, request)
        finally:
            os.close(descriptor)
        unlocked: int = fcntl.F_UNLCK
        return answer[:2] != unlocked.to_bytes(2, "little")

    def release(self) -> None:
        """Let go; harmless when nothing is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: str) -> int:
    try:
        return open_private(path, os.O_RDWR)
    except OSError as error:
        raise ConfigurationError(
            f"The state directory cannot be written: {path}: {error.strerror}."
        ) from error


def _lock_byte(path: str, descriptor: int, byte: int) -> bool:
    """Lock one byte; `False` when somebody else holds it.

    Raises: ConfigurationError: the file system has no locks.
    """
    try:
        _set_lock(descriptor, byte)
    except OSError as error:
        # What a system without locks says must not pass for a living owner.
        if error.errno in (errno.EACCES, errno.EAGAIN):
            return False
        raise ConfigurationError(
            f"The file system of the state directory cannot lock {path}:"
            f" {error.strerror}; name a local directory with --state-dir."
        ) from error
    return True


def _set_lock(descriptor: int, byte: int, *, unlock: bool = False) -> None:
    if fcntl is None:
        _set_lock_elsewhere(descriptor, byte, unlock=unlock)
        return
    if not HAS_DESCRIPTOR_LOCKS:
        how = fcntl.LOCK_UN if unlock else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.lockf(descriptor, how, 1, byte)
        return
    kind = fcntl.F_UNLCK if unlock else fcntl.F_WRLCK
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _describe_lock(kind, byte))


def _describe_lock(kind: int, byte: int) -> bytes:
    """Lay out `struct flock`: type, origin, start, length, process, each aligned.

    By hand, because importing `struct` costs more than the lock. The process is 0 in
    requests.
    """
    fields = ((kind, 2), (os.SEEK_SET, 6), (byte, 8), (1, 8), (0, 8))
    return b"".join([value.to_bytes(size, "little") for value, size in fields])


def _set_lock_elsewhere(descriptor: int, byte: int, *, unlock: bool) -> None:
    import msvcrt

    # This kind of lock works on 2 GiB at most.
    os.lseek(descriptor, byte % (1 << 30), os.SEEK_SET)
    locking: Callable[[int, int, int], None] = getattr(msvcrt, "locking")  # noqa: B009
    locking(descriptor, 0 if unlock else 2, 1)


def get_lock_holder(path: str, byte: int) -> int | None:
    """The process that holds a POSIX lock on a byte of a file that is open here.

    A descriptor that is open already is asked. One opened for the purpose would, when
    closed, give away every lock that this process has on the file.

    Returns:
        The process's id; `None` when nobody else holds the lock, or nobody can tell.
    """
    if fcntl is None or not HAS_DESCRIPTOR_LOCKS:
        return None
    request = _describe_lock(fcntl.F_WRLCK, byte)
    try:
        wanted = os.stat(path)
        for name in os.listdir("/dev/fd"):
            if _is_file(int(name), wanted):
                answer = fcntl.fcntl(int(name), fcntl.F_GETLK, request)
                holder = int.from_bytes(answer[24:28], "little", signed=True)
                is_held = answer[:2] != fcntl.F_UNLCK.to_bytes(2, "little")
                return holder if is_held and holder > 0 else None
    except OSError:
        return None
    return None


def _is_file(descriptor: int, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), wanted)
    except OSError:  # closed meanwhile
        return False


def is_stopped(process_id: int) -> bool:
    """Say whether a process was stopped, by Ctrl-Z for example, where that is known."""
    try:
        with open(f"/proc/{process_id}/stat", "rb") as file:
            # The name before it is in brackets, and may hold any character.
            state = file.read().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in (b"T", b"t")


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

    __slots__ = ("_descriptor", "_first", "_path", "number")

    def __init__(self, state_directory: str, *, settles_later: bool = False) -> None:
        self._path = os.path.join(state_directory, "locks", "owners")
        self._descriptor: int | None = None
        self._first = OWNERS if settles_later else 0
        self.number = 0

    def claim(self) -> int:
        """Hold a byte of one's own and say which; the same one until `release`."""
        while not self.number:
            drawn = int.from_bytes(os.urandom(8), "big") % OWNERS
            number = drawn & ~PROCESS_BITS | os.getpid() & PROCESS_BITS
            number += self._first
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
            _set_lock(self._descriptor, number, unlock=True)

    def is_alive(self, number: int | None) -> bool:
        """Say whether the process that claimed `number` still lives."""
        # What is no owner's number (the row is damaged) cannot live.
        if type(number) is not int or not 0 < number < 2 * OWNERS:
            return False
        if number == self.number:
            return True
        if not HAS_DESCRIPTOR_LOCKS and number & PROCESS_BITS == os.getpid():
            return True
        if not self._lock(number):
            return True
        assert self._descriptor is not None
        _set_lock(self._descriptor, number, unlock=True)
        return False

    def _lock(self, number: int) -> bool:
        if self._descriptor is None:
            self._descriptor = _open(self._path)
        return _lock_byte(self._path, self._descriptor, number)
