"""The store: records in, records out, one SQLite file, one transaction per operation.

Nothing outside this station knows that it is SQLite. Writers take the write lock first
(`BEGIN IMMEDIATE`) and wait for it; readers see a snapshot and never wait. A process
that dies at any instruction leaves what was last committed.
"""

from __future__ import annotations

# The accelerator module alone: the package around it imports modules for adapters that
# evcli does not use, at a fifth of a bare interpreter's start.
import _sqlite3 as sqlite3
import os

from evcli.errors import ConfigurationError, DamagedStoreError, StoreError
from evcli.store import migrations
from evcli.store.directory.locks import Owner
from evcli.store.directory.state_directory import has_state_file
from evcli.store.ledger import Ledger
from evcli.store.rule_keys import RuleKeys
from evcli.store.settings import Settings
from evcli.store.tags import Tags
from evcli.store.transactions import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from evcli.errors import EvcliError
    from evcli.store.archived_events import ArchivedEvents
    from evcli.store.opening import Queue
    from evcli.store.records import Record

    R = TypeVar("R", bound=Record)

# How long a command waits for others to finish writing, in seconds, and how long it does
# so without a word.
LOCK_TIMEOUT_SECONDS = 60.0
QUIET_SECONDS = 5.0
# How long it waits for readers to let go of the log; that is for tidiness only.
LOG_TIMEOUT_SECONDS = 0.5
# For bulk input: 8 MiB of cache; 32 MiB of log between two checkpoints.
BULK_CACHE_KIB = 8_192
BULK_LOG_PAGES = 8_192
# Primary codes of what happens where nothing can be written.
CANNOT_WRITE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Store:
    """An open state directory.

    `settings`, `tags`, `rule_keys`, `ledger` and `archived_events` are the parts that are
    more than records; `owner` is this process's sign of life. `warn`, when set, is told
    in one line for whom this process has to wait.
    """

    __slots__ = (
        "_synchronous",
        "database",
        "is_read_only",
        "ledger",
        "owner",
        "path",
        "rule_keys",
        "settings",
        "tags",
        "warn",
    )

    def __init__(
        self,
        path: str,
        database: sqlite3.Connection,
        *,
        warn: Callable[[str], object] | None = None,
        is_read_only: bool = False,
    ) -> None:
        self.path = path
        self.database = database
        self.warn = warn
        self.is_read_only = is_read_only
        self._synchronous = "FULL"
        self.owner = Owner(path)
        self.settings = Settings(self)
        self.tags = Tags(self)
        self.rule_keys = RuleKeys(self)
        self.ledger = Ledger(self)

    @property
    def archived_events(self) -> ArchivedEvents:
        """The events that archives hold; few commands need them, or their module."""
        from evcli.store.archived_events import ArchivedEvents

        return ArchivedEvents(self)

    def close(self) -> None:
        """Close the database and give up ownership."""
        self.database.close()
        self.owner.release()

    def empty_log(self) -> bool:
        """Take what was deleted out of the write-ahead log as well; never fails.

        Call outside of transactions.

        Returns:
            Whether that was possible: while others read, part of the log stays until
            the next call, or until the last of them closes the store.
        """
        self._set_patience(LOG_TIMEOUT_SECONDS)
        is_busy = self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        self._set_patience(QUIET_SECONDS)
        return not is_busy

    def relax_durability(self) -> None:
        """Survive the death of processes, but not a loss of power; for speed."""
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

    def read_version(self) -> int:
        """A number that is another one after somebody else has changed the store."""
        version: int = self.execute("PRAGMA data_version").fetchone()[0]
        return version

    # -- transactions

    def transaction(self, *, durable: bool = True) -> Transaction:
        """Open a write transaction: all of it happens, or nothing.

        Args:
            durable: whether it is to survive a loss of power from its end on. One that
                need not be is in any case on the disk before a later one that is.
        """
        return Transaction(self, "BEGIN IMMEDIATE", durable=durable)

    def snapshot(self) -> Transaction:
        """Open a read transaction: everything read belongs to one instant."""
        return Transaction(self, "BEGIN")

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run one statement, naming failures in words of the state directory.

        Raises: StoreError: see `store/failures.py`.
        """
        try:
            return self.database.execute(sql, values)
        except sqlite3.Error as error:
            if is_busy(error) and not self.database.in_transaction:
                return self._wait_longer(sql, values)
            raise _describe_failure(self.path, error) from error

    def _wait_longer(self, sql: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        """Say for whom one waits, and run a statement again that others kept waiting."""
        from evcli.store.failures import describe_busy, describe_wait

        rest = LOCK_TIMEOUT_SECONDS - QUIET_SECONDS
        if self.warn is not None and rest > 0:
            self.warn(describe_wait(self.path, rest))
        self._set_patience(max(rest, 0))
        try:
            return self.database.execute(sql, values)
        except sqlite3.Error as error:
            if is_busy(error):
                busy = describe_busy(self.path, LOCK_TIMEOUT_SECONDS)
                raise StoreError(busy) from error
            raise _describe_failure(self.path, error) from error
        finally:
            self._set_patience(QUIET_SECONDS)

    def _set_patience(self, seconds: float) -> None:
        """Choose how long SQLite waits for others before it says that it is busy."""
        self.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")

    def insert(self, sql: str, values: tuple[Any, ...]) -> int:
        """Run an INSERT and hand out the new row's number. Raises: StoreError."""
        return self.execute(sql, values).lastrowid or 0

    def execute_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows. Raises: StoreError, as `execute`."""
        try:
            self.database.executemany(sql, rows)
        except sqlite3.Error as error:
            raise _describe_failure(self.path, error) from error

    # -- records

    def get(self, kind: type[R], *key: str) -> R | None:
        """Fetch the record with this key, in the order of `KEY`; `None` if missing."""
        where = " AND ".join(f"{column} = ?" for column in kind.KEY)
        sql = f"SELECT {', '.join(kind.COLUMNS)} FROM {kind.TABLE} WHERE {where}"
        row = self.execute(sql, key).fetchone()
        return None if row is None else self._read(kind, row)

    def put(self, record: Record) -> None:
        """Store the record, in place of the one with its key if there is one."""
        columns = record.COLUMNS
        updates = ", ".join(
            f"{column} = excluded.{column}"
            for column in columns
            if column not in record.KEY
        )
        self.execute(
            f"INSERT INTO {record.TABLE} ({', '.join(columns)})"
            f" VALUES ({', '.join('?' * len(columns))})"
            f" ON CONFLICT ({', '.join(record.KEY)}) DO UPDATE SET {updates}",
            record.to_row(),
        )

    def delete(self, kind: type[Record], *key: str) -> int:
        """Remove the records whose key begins with `key`; say how many there were."""
        where = " AND ".join(f"{column} = ?" for column in kind.KEY[: len(key)])
        return self.execute(f"DELETE FROM {kind.TABLE} WHERE {where}", key).rowcount

    def list_records(
        self,
        kind: type[R],
        *scope: str,
        prefix: str = "",
        after: str = "",
        limit: int = -1,
        where: dict[str, object] | None = None,
    ) -> list[R]:
        """List records whose key begins with `scope`, by the next key column.

        Args:
            prefix: only those whose next key column begins with this.
            after: only those whose next key column is greater.
            limit: how many at most; -1 for all.
            where: further columns and the values that they must have.
        """
        conditions, values = _conditions(kind, scope, prefix, after, where)
        sql = (
            f"SELECT {', '.join(kind.COLUMNS)} FROM {kind.TABLE}{conditions}"
            f" ORDER BY {', '.join(kind.KEY[len(scope) :])} LIMIT ?"
        )
        rows = self.execute(sql, (*values, limit)).fetchall()
        return [self._read(kind, row) for row in rows]

    def _read(self, kind: type[R], row: tuple[Any, ...]) -> R:
        try:
            return kind.from_row(row)
        except (ValueError, TypeError, OverflowError) as error:
            key = "/".join(map(str, row[: len(kind.KEY)]))
            what = f"{key} of {kind.TABLE} cannot be read"
            raise DamagedStoreError(self.path, what) from error

    def list_names(
        self,
        kind: type[Record],
        *scope: str,
        prefix: str = "",
        after: str = "",
        limit: int = -1,
        where: dict[str, object] | None = None,
    ) -> list[str]:
        """List just the next key column, each value once; arguments as `list_records`.

        What completion at a TAB can afford.
        """
        conditions, values = _conditions(kind, scope, prefix, after, where)
        column = kind.KEY[len(scope)]
        sql = (
            f"SELECT DISTINCT {column} FROM {kind.TABLE}{conditions}"
            f" ORDER BY {column} LIMIT ?"
        )
        return [row[0] for row in self.execute(sql, (*values, limit))]

    def count(
        self, kind: type[Record], *scope: str, where: dict[str, object] | None = None
    ) -> int:
        """Count the records whose key begins with `scope`."""
        conditions, values = _conditions(kind, scope, "", "", where)
        sql = f"SELECT COUNT(*) FROM {kind.TABLE}{conditions}"
        count: int = self.execute(sql, values).fetchone()[0]
        return count


def _conditions(
    kind: type[Record],
    scope: tuple[str, ...],
    prefix: str,
    after: str,
    where: dict[str, object] | None,
) -> tuple[str, tuple[object, ...]]:
    conditions = [f"{column} = ?" for column in kind.KEY[: len(scope)]]
    values: list[object] = list(scope)
    # One lower bound only: with two, SQLite may begin each page at the lesser one.
    if after and after >= prefix:
        conditions.append(f"{kind.KEY[len(scope)]} > ?")
        values.append(after)
    elif prefix:
        conditions.append(f"{kind.KEY[len(scope)]} >= ?")
        values.append(prefix)
    if prefix:
        # Names are ASCII, so the greatest code point ends every prefix's range.
        conditions.append(f"{kind.KEY[len(scope)]} < ?")
        values.append(prefix + "\U0010ffff")
    for column, value in (where or {}).items():
        conditions.append(f"{column} = ?")
        values.append(value)
    text = " AND ".join(conditions)
    return (f" WHERE {text}" if text else ""), tuple(values)


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether others kept a statement from being run at all."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def open_store(path: str, warn: Callable[[str], object] | None = None) -> Store:
    """Open the state directory at `path`, making or upgrading it as needed.

    Args:
        warn: told in one line for whom this process has to wait.

    Raises:
        ConfigurationError: it cannot be used, or a newer evcli wrote it.
        StoreError: it is damaged, or others kept it busy.
    """
    file = os.path.join(path, "state.db")
    try:
        if not has_state_file(path, file):
            from evcli.store.opening import make_state_file

            make_state_file(path, file, _make_queue(path, warn))
        store = _open(path, file, warn)
    except OSError as error:
        raise ConfigurationError(
            f"The state directory {path} cannot be used: {file}: {error.strerror}."
        ) from error
    except sqlite3.Error as error:
        raise _describe_failure(path, error) from error
    try:
        version = store.execute("PRAGMA user_version").fetchone()[0]
        if version != len(migrations.MIGRATIONS):
            from evcli.store.opening import upgrade

            upgrade(store, version, _make_queue(path, warn))
    except BaseException:
        store.close()
        raise
    return store


def _open(path: str, file: str, warn: Callable[[str], object] | None) -> Store:
    """Open the file, for reading alone if it has to be. Raises: sqlite3.Error."""
    timeout = min(QUIET_SECONDS, LOCK_TIMEOUT_SECONDS)
    database = sqlite3.connect(file, timeout=timeout, isolation_level=None)
    try:
        # Deleted rows are overwritten, because connections keep secrets in theirs. Many
        # builds of SQLite do it unasked, others do not.
        database.execute("PRAGMA secure_delete = ON")
        # The first statement that reads the file, and finds out what can be done.
        database.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        database.close()
        if error.sqlite_errorcode & 0xFF not in CANNOT_WRITE:
            raise
        from evcli.store.opening import open_read_only

        database = open_read_only(path, file)
        return Store(path, database, warn=warn, is_read_only=True)
    return Store(path, database, warn=warn)


def _make_queue(path: str, warn: Callable[[str], object] | None) -> Queue:
    from evcli.store.opening import Queue

    return Queue(path, warn, QUIET_SECONDS, LOCK_TIMEOUT_SECONDS)


def _describe_failure(path: str, error: sqlite3.Error) -> EvcliError:
    from evcli.store.failures import describe_failure

    return describe_failure(path, error)
