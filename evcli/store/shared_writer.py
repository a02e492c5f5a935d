"""How the threads of one process write: by turns, through one connection of them all.

For a process that answers many requests at once. Each thread has a store of its own to
read from; a write transaction borrows the connection of the `SharedWriter`. So threads
queue for a lock in the process instead of asking SQLite again and again, and what the
connection has in its cache is not thrown away because another thread has written.
"""

from __future__ import annotations

import threading

from evcli.errors import StoreError
from evcli.store import database as limits
from evcli.store.database import Transaction
from evcli.store.failures import describe_busy
from evcli.store.remembering import Memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from evcli.store.database import Database


class SharedWriter:
    """The connection through which the stores of a process write, one at a time."""

    def __init__(self, database: Database) -> None:
        """Lend the connection of a database that is used for nothing else."""
        self.database = database
        self.memory = Memory()
        self._lock = threading.Lock()
        database.writer = self

    def transaction(self, borrower: Database, *, durable: bool) -> SharedTransaction:
        """Open a write transaction of a store's database, see `Database.transaction`."""
        return SharedTransaction(self, borrower, durable=durable)

    def acquire(self) -> None:
        """Wait for the threads that write. Raises: StoreError: it takes too long."""
        seconds = limits.LOCK_TIMEOUT_SECONDS
        if not self._lock.acquire(timeout=seconds):
            raise StoreError(describe_busy(self.database.path, seconds))

    def release(self) -> None:
        """Let the next thread write."""
        self._lock.release()


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
            self._writer.memory.begin(borrower.read_version())
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
