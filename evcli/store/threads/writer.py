"""How the threads of one process write: one at a time, through a connection of them all.

For a process that answers many requests at once. Each thread has a store of its own to
read from; a write transaction borrows the connection of the `SharedWriter`. So threads
queue for a lock in the process instead of asking SQLite again and again, and what the
connection has in its cache is not thrown away because another thread has written.

It records later what need not be recorded at once: that a delivery was made whose line
is in the file of its sink, where whoever attempts it again would find it. To sync the
file and to write a transaction for each answer would cost as much as the transaction
before it. So such deliveries stay PENDING, owned by this process, until

- LATEST_SECONDS have passed, and a thread that does nothing else settles them;
- or somebody in this process asks for it (`SharedWriter.settle`), or closes the writer.

Settling syncs the files, of all deliveries at once, and then records these together.

What readers do about it is said in `delivery/settling.py`.
"""

from __future__ import annotations

import threading
import time

from evcli.errors import EvcliError, StoreError
from evcli.store import database as limits
from evcli.store.database import Transaction
from evcli.store.sqlite.failures import describe_busy
from evcli.store.threads.memory import Memory
from evcli.store.threads.together import map_together
from evcli.store.threads.unrecorded import record_made
from evcli.store.threads.unsynced import sync_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from evcli.store.database import Database
    from evcli.store.threads.unrecorded import Made

# How long a delivery that was made may wait to be recorded, and how long after that has
# failed it is tried again, in seconds.
LATEST_SECONDS = 0.1
AGAIN_SECONDS = 1.0
# How often a server looks for deliveries that others have left, in seconds.
LOOK_SECONDS = 1.0


class SharedWriter:
    """The connection through which the stores of a process write, one at a time."""

    def __init__(
        self, database: Database, warn: Callable[[str], object] = lambda line: None
    ) -> None:
        """Lend the connection of a database that is used for nothing else.

        Args:
            warn: told in one line what cannot be recorded, and why.
        """
        self.database = database
        self.memory = Memory()
        self._lock = threading.Lock()
        self._warn = warn
        # Threads add to it at any time; only who settles takes from its beginning.
        self._made: list[tuple[Sequence[Made], Mapping[str, int]]] = []
        self._settle_lock = threading.Lock()
        self._looked_at = float("-inf")
        self._is_made = threading.Event()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._thread_lock = threading.Lock()
        database.writer = self

    def settle_later(self, made: Sequence[Made], files: Mapping[str, int]) -> None:
        """Have files synced and then deliveries recorded as made, before long.

        Args:
            files: behind which offset, by path, their lines stand that are not synced.
        """
        self._made.append((made, files))
        self._is_made.set()
        with self._thread_lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._settle_in_time, name="settling", daemon=True
                )
                self._thread.start()

    def settle(self) -> str | None:
        """Record now what is to be recorded later.

        Returns:
            Why some of it still waits: its file cannot be synced.

        Raises: StoreError: nothing can be recorded.
        """
        with self._settle_lock:
            waiting = self._made[:]
            faults = sync_all([files for _, files in waiting])
            kept = []
            ready: list[Made] = []
            for made, files in waiting:
                if faults.keys().isdisjoint(files):
                    ready += made
                else:
                    kept.append((made, files))
            if ready:
                # It need not outlast a loss of power: then the lines are looked for.
                with self.transaction(self.database, durable=False):
                    record_made(self.database, ready)
            self._made[: len(waiting)] = kept
        return next(iter(faults.values()), None)

    def _settle_in_time(self) -> None:
        said = None
        while not self._is_over.is_set():
            self._is_made.wait()
            self._is_made.clear()
            wait_seconds = LATEST_SECONDS
            while self._made and not self._is_over.wait(wait_seconds):
                fault = self._try_to_settle()
                if fault is not None and fault != said:
                    self._warn_of(fault, "It is tried again until it succeeds.")
                said = fault
                wait_seconds = AGAIN_SECONDS if fault else LATEST_SECONDS

    def _try_to_settle(self) -> str | None:
        """Settle; what keeps some of it from being recorded, if anything does."""
        try:
            return self.settle()
        except EvcliError as error:
            return error.message

    def _warn_of(self, fault: str, prospect: str) -> None:
        count = sum(len(made) for made, _ in self._made)
        self._warn(
            f"{count} deliveries were made and cannot be recorded: {fault} {prospect}"
        )

    def is_time_to_look(self) -> bool:
        """Say whether to look for what others have left; `True` once in LOOK_SECONDS."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = now
        return True

    def close(self) -> None:
        """Record what is still to be recorded, and close the connection.

        What cannot be recorded the next worker finds made.
        """
        self._is_over.set()
        self._is_made.set()
        if self._thread is not None:
            self._thread.join()
        fault = self._try_to_settle()
        if fault is not None:
            self._warn_of(fault, "The next worker records them.")
        self.database.close()

    def transaction(self, borrower: Database, *, durable: bool) -> SharedTransaction:
        """Open a write transaction of a store's database, see `Database.transaction`."""
        return SharedTransaction(self, borrower, durable=durable)

    def acquire(self) -> None:
        """Wait for the threads that write. Raises: StoreError: it takes too long."""
        seconds = limits.LOCK_TIMEOUT_SECONDS
        if not self._lock.acquire(timeout=seconds):
            raise StoreError(describe_busy(self.database.path, seconds))

    def begin(self) -> None:
        """Find out, in a transaction that begins, whether what is remembered is true."""
        self.memory.begin(self.database.read_version())

    def release(self) -> None:
        """Let the next thread write."""
        self._lock.release()


def sync_all(waiting: Iterable[Mapping[str, int]]) -> dict[str, str]:
    """Sync files behind offsets; say of those that cannot be why not, by path."""
    starts: dict[str, int] = {}
    for files in waiting:
        for path, start in files.items():
            starts[path] = min(start, starts.get(path, start))

    def sync(path: str) -> str | None:
        try:
            sync_lines(path, starts[path])
        except OSError as error:
            return f"{path} cannot be synced: {error.strerror or error}."
        return None

    faults = zip(starts, map_together(sync, starts), strict=True)
    return {path: fault for path, fault in faults if fault is not None}


class SharedTransaction(Transaction):
    """A write transaction through the connection of another database."""

    __slots__ = ("_own", "_writer")

    def __init__(
        self, writer: SharedWriter, borrower: Database, *, durable: bool
    ) -> None:
        super().__init__(borrower, "BEGIN IMMEDIATE", durable=durable)
        self._writer = writer
        self._own = borrower.connection

    def __enter__(self) -> None:
        self._writer.acquire()
        borrower = self._database
        borrower.connection = self._writer.database.connection
        try:
            borrower.adopt_durability(self._writer.database)
            super().__enter__()
        except BaseException:
            self._give_back()
            raise
        try:
            self._writer.begin()
            borrower.memory = self._writer.memory
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self._give_back()

    def _give_back(self) -> None:
        self._database.memory = None
        self._database.connection = self._own
        self._writer.release()
