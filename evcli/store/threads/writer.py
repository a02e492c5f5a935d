"""How the threads of one process write: one at a time, through a connection of them all.

For a process that answers many requests at once. Each thread has a store of its own to
read from; a write transaction borrows the connection of the `SharedWriter`. So threads
queue for a lock in the process instead of asking SQLite again and again, and what the
connection has in its cache is not thrown away because another thread has written.

It records later what need not be recorded at once: that a delivery was made whose line
is in the file of its sink, where whoever attempts it again would find it. A transaction
of its own for that would cost as much as the one before it. So such deliveries stay
PENDING, owned by this process, until

- the next write transaction of any thread, which begins with recording them;
- or LATEST_SECONDS have passed, and a thread that does nothing else records them;
- or somebody in this process asks for it (`SharedWriter.settle`), or closes the writer.

What readers do about it is said in `delivery/settling.py`.
"""

from __future__ import annotations

import threading

from evcli.errors import EvcliError, StoreError
from evcli.store import database as limits
from evcli.store.database import Transaction
from evcli.store.sqlite.failures import describe_busy
from evcli.store.threads.memory import Memory
from evcli.store.threads.unrecorded import record_made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from evcli.store.database import Database
    from evcli.store.threads.unrecorded import Made

# How long a delivery that was made may wait to be recorded, and how long after that has
# failed it is tried again, in seconds.
LATEST_SECONDS = 0.1
AGAIN_SECONDS = 1.0


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
        # Threads add to it at any time; only who writes takes from its beginning.
        self._made: list[Made] = []
        self._is_made = threading.Event()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._thread_lock = threading.Lock()
        database.writer = self

    def settle_later(self, made: Sequence[Made]) -> None:
        """Have deliveries recorded as made, before long."""
        self._made += made
        self._is_made.set()
        with self._thread_lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._settle_in_time, name="settling", daemon=True
                )
                self._thread.start()

    def settle(self) -> None:
        """Record now what is to be recorded later. Raises: StoreError: it cannot be."""
        if self._made:
            # It need not outlast a loss of power, after which the lines are looked for.
            with self.transaction(self.database, durable=False):
                pass

    def _settle_in_time(self) -> None:
        said = None
        while not self._is_over.is_set():
            self._is_made.wait()
            self._is_made.clear()
            wait_seconds = LATEST_SECONDS
            while self._made and not self._is_over.wait(wait_seconds):
                try:
                    self.settle()
                    said = None
                except EvcliError as error:
                    wait_seconds = AGAIN_SECONDS
                    if error.message != said:
                        said = error.message
                        self._warn(
                            f"{len(self._made)} deliveries were made and cannot be"
                            f" recorded: {said} It is tried again until it succeeds."
                        )

    def close(self) -> None:
        """Record what is still to be recorded, and close the connection.

        What cannot be recorded the next worker finds made.
        """
        self._is_over.set()
        self._is_made.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.settle()
        except EvcliError as error:
            self._warn(
                f"{len(self._made)} deliveries were made and cannot be recorded:"
                f" {error.message} The next worker records them."
            )
        self.database.close()

    def transaction(self, borrower: Database, *, durable: bool) -> SharedTransaction:
        """Open a write transaction of a store's database, see `Database.transaction`."""
        return SharedTransaction(self, borrower, durable=durable)

    def acquire(self) -> None:
        """Wait for the threads that write. Raises: StoreError: it takes too long."""
        seconds = limits.LOCK_TIMEOUT_SECONDS
        if not self._lock.acquire(timeout=seconds):
            raise StoreError(describe_busy(self.database.path, seconds))

    def begin(self) -> int:
        """Begin a transaction with recording what was made; say how much that was."""
        made = self._made[:]
        if made:
            record_made(self.database, made)
        self.memory.begin(self.database.read_version())
        return len(made)

    def end(self, count: int) -> None:
        """Forget so much of what was made, once it is committed."""
        del self._made[:count]

    def release(self) -> None:
        """Let the next thread write."""
        self._lock.release()


class SharedTransaction(Transaction):
    """A write transaction through the connection of another database."""

    __slots__ = ("_made_count", "_own", "_writer")

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
            self._made_count = self._writer.begin()
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
            if error is None:
                self._writer.end(self._made_count)
        finally:
            self._give_back()

    def _give_back(self) -> None:
        self._database.memory = None
        self._database.connection = self._own
        self._writer.release()
