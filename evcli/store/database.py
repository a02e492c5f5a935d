"""The database under the store: statements, transactions, and the wait for others.

Everything else in this station speaks to a `Database`. This one is SQLite, in the state
directory. Writers take the write lock first (`BEGIN IMMEDIATE`) and wait for it; readers
see a snapshot and never wait. A process that dies at any instruction leaves what was
last committed.

A second implementation provides what is public in `Database`, but for `connection`,
which opening and upkeep alone use. Of it is expected:

- `execute`, `execute_many`, `insert` and `iterate` take SQL with a `?` for each value,
  and a `?` stands for nothing else. The store's statements keep to what SQLite and
  PostgreSQL share (`ON CONFLICT`, row values, `WITH RECURSIVE`); what they do not share
  is a method here, or a function that the other one's schema brings along (`instr`,
  `hex`). `CAST(… AS BLOB)` is for text that is none, which SQLite alone may have.
- `transaction` says in what it is to be alone; `snapshot` reads one instant. Here one
  writer at a time is let in, whatever it says.
- Numbers of rows are never given out again. `read_last_key` tells the one up to which
  nothing more will appear; `draw_keys` gives out new ones, with gaps if need be.
- `read_version` is another number once another connection has changed anything but the
  ledger.
- `owner` outlives no process, and others can ask whether one is alive. Where an owner
  can be taken for dead and live, `keep_owned` says what it has still.
- `known_keys` is empty whenever a transaction begins.
- Failures are errors of `evcli.errors`, worded for people; see `store/sqlite/failures.py`.

Not part of it is how a store is made, upgraded, copied and checked: `sqlite/` and
`upkeep/` know SQLite as well.
"""

from __future__ import annotations

# The accelerator module alone: the package around it imports modules for adapters that
# evcli does not use, at a fifth of a bare interpreter's start.
import _sqlite3 as sqlite3
from itertools import count

from evcli.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from types import TracebackType
    from typing import Any

    from evcli.errors import EvcliError
    from evcli.store.directory.locks import Owner
    from evcli.store.threads.memory import Memory, Writer

    Warn = Callable[[str], object]

# As a limit of rows: all of them.
NO_LIMIT = 2**63 - 1
# How long a command waits for others to finish writing, in seconds, and how long it does
# so without a word.
LOCK_TIMEOUT_SECONDS = 60.0
QUIET_SECONDS = 5.0
# How long it waits for readers to let go of the log, for tidiness.
LOG_TIMEOUT_SECONDS = 0.5
# For bulk input: 8 MiB of cache; 32 MiB of log between two checkpoints.
BULK_CACHE_KIB = 8_192
BULK_LOG_PAGES = 2_048
# Pages of a new file. Larger ones have less room at their ends that no row fits in.
PAGE_BYTES = 8_192
# Threads use a connection one after the other, see `threads/writer.py`.
CONNECTION: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
# Primary codes of what happens where nothing can be written.
CANNOT_WRITE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class UnreadableTextError(ValueError):
    """A column that should hold text holds bytes that are none."""


class Database:
    """An open database in a state directory.

    `warn`, when set, is told in one line for whom this process has to wait; `owner` is
    this process's sign of life. `known_keys` is what `store/ledger_keys.py` knows
    for the length of a transaction. `writer`, when set, is what the threads of this
    process write through, and `memory` what it remembers, inside of its transactions.
    """

    # Whether several machines have it in common, and what it is called then.
    is_shared = False
    name = ""
    # Comparing text, whose ASCII letters may be of either case.
    ANY_CASE = "LIKE"
    # The end of a statement that reads rows to change them: what others are at is left.
    SKIP_LOCKED = ""

    __slots__ = (
        "_owner",
        "_synchronous",
        "connection",
        "is_read_only",
        "known_keys",
        "memory",
        "path",
        "warn",
        "writer",
    )

    def __init__(
        self,
        path: str,
        connection: sqlite3.Connection,
        *,
        warn: Warn | None = None,
        is_read_only: bool = False,
    ) -> None:
        self.path = path
        self.connection = connection
        self.warn = warn
        self.is_read_only = is_read_only
        self._synchronous = "FULL"
        self._owner: Owner | None = None
        self.known_keys: dict[tuple[str, tuple[str, ...]], int] = {}
        self.writer: Writer | None = None
        self.memory: Memory | None = None

    @property
    def owner(self) -> Owner:
        """This process, as the owner of deliveries; what only reads needs none."""
        if self._owner is None:
            from evcli.store.directory.locks import Owner

            self._owner = Owner(self.path, settles_later=self.writer is not None)
        return self._owner

    def close(self) -> None:
        """Close the database and give up ownership."""
        self.connection.close()
        if self._owner is not None:
            self._owner.release()

    # -- statements

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run one statement. Raises: StoreError: see `store/sqlite/failures.py`."""
        try:
            return self.connection.execute(sql, values)
        except sqlite3.Error as error:
            if is_busy(error) and not self.connection.in_transaction:
                return self._wait_longer(sql, values)
            is_commit = sql == "COMMIT"
            raise _describe_failure(self.path, error, is_commit=is_commit) from error

    def execute_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows. Raises: StoreError, as `execute`."""
        try:
            self.connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise _describe_failure(self.path, error) from error

    def insert(
        self, table: str, columns: Sequence[str], values: tuple[Any, ...]
    ) -> int:
        """Insert a row and hand out its number, which is none of the columns.

        Raises: StoreError, as `execute`.
        """
        return self.execute(format_insert(table, columns), values).lastrowid or 0

    def iterate(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        """Read rows one at a time; a statement that runs may fail at any of them.

        Raises: UnreadableTextError; StoreError, as `execute`.
        """
        try:
            # `yield from` would close the cursor, perhaps after the database.
            for row in self.execute(sql, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            if isinstance(error, sqlite3.OperationalError) and not hasattr(
                error, "sqlite_errorname"
            ):
                # SQLite gives text that is no UTF-8, and Python refuses it.
                raise UnreadableTextError(str(error)) from error
            raise _describe_failure(self.path, error) from error

    def draw_keys(self, table: str) -> Iterator[int]:
        """Draw numbers for new rows, ascending, in a transaction in which no others come."""
        return count(self.read_last_key(table) + 1)

    def read_last_key(self, table: str) -> int:
        """The last number that a row of a table was given; 0 before the first one."""
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        row = self.execute(sql, (table,)).fetchone()
        return 0 if row is None else int(row[0])

    def read_version(self) -> int:
        """A number that is another one after somebody else has changed the store."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def read_schema_version(self) -> int:
        """How many steps of `store/sqlite/migrations.py` the database has taken."""
        return int(self.execute("PRAGMA user_version").fetchone()[0])

    def _wait_longer(self, sql: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        """Say for whom one waits, and run a statement again that others kept waiting."""
        from evcli.store.sqlite.failures import describe_busy, describe_wait

        rest = LOCK_TIMEOUT_SECONDS - QUIET_SECONDS
        if self.warn is not None and rest > 0:
            self.warn(describe_wait(self.path, rest))
        self.set_patience(max(rest, 0))
        try:
            return self.connection.execute(sql, values)
        except sqlite3.Error as error:
            if not is_busy(error):
                raise _describe_failure(self.path, error) from error
            raise StoreError(describe_busy(self.path, LOCK_TIMEOUT_SECONDS)) from error
        finally:
            self.set_patience()

    def set_patience(self, seconds: float | None = None) -> None:
        """Choose how long SQLite waits for others; `None` is as long as at first."""
        milliseconds = (QUIET_SECONDS if seconds is None else seconds) * 1000
        self.execute(f"PRAGMA busy_timeout = {milliseconds:.0f}")

    # -- transactions

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.connection.in_transaction

    def transaction(
        self, *, durable: bool = True, alone_in: tuple[str, ...] | None = ()
    ) -> Transaction:
        """Open a write transaction: all of it happens, or nothing.

        Args:
            durable: whether it is to survive a loss of power from its end on. One that
                need not be is in any case on the disk before a later one that is.
            alone_in: where others of this kind wait for each other: `()` in all of the
                store, a name such as account and region in that part of it, `None`
                nowhere: it changes the ledger alone, and claims what it changes. Here
                all wait for each other.
        """
        if self.writer is not None:
            shared: Transaction = self.writer.transaction(self, durable=durable)
            return shared
        return Transaction(self, "BEGIN IMMEDIATE", durable=durable)

    def snapshot(self) -> Transaction:
        """Open a read transaction: everything read belongs to one instant."""
        return Transaction(self, "BEGIN")

    def forget(self) -> None:
        """Forget what is remembered: records are being changed."""
        if self.memory is not None:
            self.memory.forget()

    # -- owners

    def keep_owned(self, owner: int, keys: Sequence[int]) -> Collection[int]:
        """Say which deliveries an owner still has: all, for it is this process."""
        return keys

    def word_unclaimed(self) -> str:
        """Word ` AND …`: no living process owns a delivery; "" where SQL cannot tell."""
        return ""

    def word_claim(self, limit: int) -> str:
        """Word the end of a statement that reads deliveries to claim so many of them."""
        return ""

    def set_worker(self, is_worker: bool) -> None:
        """Say whether this process is a worker; a lock in the state directory tells."""

    def list_workers(self) -> list[tuple[str, int, int]]:
        """List workers where there may be several: host, process id, since (epoch ms)."""
        return []

    # -- durability

    def adopt_durability(self, lender: Database) -> None:
        """Have a connection that `lender` lends be as durable as this database is."""
        if lender._synchronous != self._synchronous:
            self.restore_durability()
            lender._synchronous = self._synchronous

    def relax_durability(self) -> None:
        """Survive the death of processes, but not a loss of power; for speed."""
        if self._synchronous != "NORMAL":
            self._synchronous = "NORMAL"
            self.restore_durability()

    def restore_durability(self) -> None:
        """Be as durable as the store is to be again; call outside of transactions."""
        self.execute(f"PRAGMA synchronous = {self._synchronous}")

    def prepare_for_bulk(self) -> None:
        """Give many large transactions room: pages in memory, and in the log.

        What is committed is as safe as before. What is deleted is no secret.
        """
        self.execute("PRAGMA secure_delete = OFF").fetchall()
        self.execute(f"PRAGMA cache_size = -{BULK_CACHE_KIB}")
        self.execute(f"PRAGMA wal_autocheckpoint = {BULK_LOG_PAGES}").fetchall()

    def empty_log(self) -> bool:
        """Take what was deleted out of the log as well, between transactions; never fails.

        Returns:
            Whether that was possible: while others read, part of the log stays until
            the next call, or until the last of them closes the store.
        """
        self.set_patience(LOG_TIMEOUT_SECONDS)
        is_busy = self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        self.set_patience()
        return not is_busy


class Transaction:
    """A `with` block that commits on success and leaves no trace of a failure."""

    __slots__ = ("_begin", "_database", "_durable")

    def __init__(self, database: Database, begin: str, *, durable: bool = True) -> None:
        self._database = database
        self._begin = begin
        self._durable = durable

    def __enter__(self) -> None:
        self._database.known_keys.clear()
        if self._durable:
            self._database.execute(self._begin)
            return
        self._database.execute("PRAGMA synchronous = NORMAL")
        try:
            self._database.execute(self._begin)
        except BaseException:
            self._database.restore_durability()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._database.execute("COMMIT")
        finally:
            # A commit that failed, on a full disk for example, may leave it open.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            if not self._durable:
                self._database.restore_durability()


def format_insert(table: str, columns: Sequence[str], count: int = 1) -> str:
    """Word the INSERT of so many rows."""
    row = f"({', '.join('?' * len(columns))})"
    rows = ", ".join([row] * count)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {rows}"


def connect(path: str, file: str, warn: Warn | None) -> Database:
    """Open the file of a state directory, for reading alone if it has to be.

    Raises: ConfigurationError, StoreError: it cannot be opened.
    """
    timeout = min(QUIET_SECONDS, LOCK_TIMEOUT_SECONDS)
    try:
        connection = sqlite3.connect(file, timeout=timeout, **CONNECTION)
        try:
            # Deleted rows are overwritten, because connections keep secrets in theirs.
            # Many builds of SQLite do it unasked, others do not.
            connection.execute("PRAGMA secure_delete = ON")
            # The first statement that reads the file, and finds out what can be done.
            connection.execute("PRAGMA schema_version")
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF not in CANNOT_WRITE:
                raise
            from evcli.store.sqlite.read_only import connect_unwritable

            connection = connect_unwritable(path, file)
            return Database(path, connection, warn=warn, is_read_only=True)
    except sqlite3.Error as error:
        raise _describe_failure(path, error) from error
    return Database(path, connection, warn=warn)


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether others kept a statement from being run at all."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _describe_failure(path: str, error: sqlite3.Error, **at: bool) -> EvcliError:
    from evcli.store.sqlite.failures import describe_failure

    return describe_failure(path, error, **at)
