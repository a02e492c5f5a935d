"""The store: records in, records out, one SQLite file, one transaction per operation.

Nothing outside this station knows that it is SQLite. Writers take the write lock first
(`BEGIN IMMEDIATE`) and wait for it; readers see a snapshot and never wait. A process
that dies at any instruction leaves what was last committed.
"""

from __future__ import annotations

# The accelerator module alone: the package around it imports modules for adapters that
# evcli does not use, at a fifth of a bare interpreter's start.
import _sqlite3 as sqlite3
import json
import os
from datetime import UTC, datetime

from evcli.errors import ConfigurationError, EvcliError
from evcli.store.ledger import Ledger
from evcli.store.locks import FileLock, Owner
from evcli.store.migrations import MIGRATIONS
from evcli.store.moments import from_moment, to_moment
from evcli.store.rule_keys import RuleKeys
from evcli.store.settings import Settings
from evcli.store.state_directory import ForeignFileError, prepare_state_file
from evcli.store.tags import Tags
from evcli.store.transactions import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from evcli.store.archived_events import ArchivedEvents
    from evcli.store.records import Record

    R = TypeVar("R", bound=Record)

# How long a command waits for others to finish writing, in seconds.
LOCK_TIMEOUT_SECONDS = 60.0
# How long it waits for readers to let go of the log; that is for tidiness only.
LOG_TIMEOUT_SECONDS = 0.5
# For bulk input: 8 MiB of cache; 32 MiB of log between two checkpoints.
BULK_CACHE_KIB = 8_192
BULK_LOG_PAGES = 8_192


class StoreError(EvcliError):
    """The store failed at work: the disk is full, a lock never came, a file is torn."""


class Store:
    """An open state directory.

    `settings`, `tags`, `rule_keys`, `ledger` and `archived_events` are the parts that are
    more than records; `owner` is this process's sign of life.
    """

    __slots__ = (
        "_synchronous",
        "database",
        "ledger",
        "owner",
        "path",
        "rule_keys",
        "settings",
        "tags",
    )

    def __init__(self, path: str, database: sqlite3.Connection) -> None:
        self.path = path
        self.database = database
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
        self.execute(f"PRAGMA busy_timeout = {LOG_TIMEOUT_SECONDS * 1000:.0f}")
        is_busy = self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        self.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT_SECONDS * 1000:.0f}")
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

        Raises: StoreError: see `describe_failure`.
        """
        try:
            return self.database.execute(sql, values)
        except sqlite3.Error as error:
            raise describe_failure(self.path, error) from error

    def insert(self, sql: str, values: tuple[Any, ...]) -> int:
        """Run an INSERT and hand out the new row's number. Raises: StoreError."""
        return self.execute(sql, values).lastrowid or 0

    def execute_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows. Raises: StoreError, as `execute`."""
        try:
            self.database.executemany(sql, rows)
        except sqlite3.Error as error:
            raise describe_failure(self.path, error) from error

    # -- records

    def get(self, kind: type[R], *key: str) -> R | None:
        """Fetch the record with this key, in the order of `KEY`; `None` if missing."""
        where = " AND ".join(f"{column} = ?" for column in kind.KEY)
        sql = f"SELECT {', '.join(kind.COLUMNS)} FROM {kind.TABLE} WHERE {where}"
        row = self.execute(sql, key).fetchone()
        return None if row is None else _to_record(kind, row)

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
            tuple(_to_column(record, column) for column in columns),
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
        return [_to_record(kind, row) for row in rows]

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


def _to_record(kind: type[R], row: tuple[Any, ...]) -> R:
    values: dict[str, Any] = {}
    for column, value in zip(kind.COLUMNS, row, strict=True):
        if value is not None:
            if column in kind.DOCUMENTS:
                value = json.loads(value)
            elif column.endswith("_at"):
                value = from_moment(value)
        values[column] = value
    return kind(**values)


def _to_column(record: Record, column: str) -> object:
    value = getattr(record, column)
    if value is None:
        return None
    if column in record.DOCUMENTS:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if column.endswith("_at"):
        return to_moment(value)
    return value


def open_store(path: str) -> Store:
    """Open the state directory at `path`, making or upgrading it as needed.

    Raises: ConfigurationError: it cannot be used, or a newer evcli wrote it.
    """
    file = os.path.join(path, "state.db")
    try:
        prepare_state_file(path, file)
        database = sqlite3.connect(
            file, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None
        )
    except OSError as error:
        raise ConfigurationError(
            f"The state directory {path} cannot be used: {file}: {error.strerror}."
        ) from error
    except sqlite3.Error as error:
        raise describe_failure(path, error) from error
    store = Store(path, database)
    try:
        # Deleted rows are overwritten, because connections keep secrets in theirs. Many
        # builds of SQLite do it unasked, others do not.
        store.execute("PRAGMA secure_delete = ON")
        version = store.execute("PRAGMA user_version").fetchone()[0]
        if version != len(MIGRATIONS):
            _upgrade(store, version)
    except BaseException:
        store.close()
        raise
    return store


def _upgrade(store: Store, version: int) -> None:
    _check_version(store, version)
    # Switching to WAL fails at once when others do the same, whatever the time-out, so
    # newcomers queue here.
    lock = FileLock(store.path, "upgrade")
    lock.acquire(wait=True)
    try:
        _check_owner(store)
        store.execute("PRAGMA journal_mode = WAL")
        with store.transaction():
            version = store.execute("PRAGMA user_version").fetchone()[0]
            _check_version(store, version)
            for migration in MIGRATIONS[version:]:
                migration(store.database)
            if version == 0:
                store.settings.put("created_at", to_moment(datetime.now(UTC)))
            store.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    finally:
        lock.release()


def _check_owner(store: Store) -> None:
    """Tell another program's database: evcli makes tables and a version at once."""
    with store.snapshot():
        version = store.execute("PRAGMA user_version").fetchone()[0]
        tables = store.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and tables:
        raise ForeignFileError(store.path)


def _check_version(store: Store, version: int) -> None:
    if version > len(MIGRATIONS):
        raise ConfigurationError(
            f"The state directory {store.path} was written by a newer evcli (schema"
            f" {version}, this one knows {len(MIGRATIONS)}); upgrade evcli or name"
            " another directory with --state-dir. Nothing was changed."
        )


def describe_failure(path: str, error: sqlite3.Error) -> EvcliError:
    """Say in one line what a failure of SQLite means for the state directory."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_NOTADB"):
        return ForeignFileError(path)
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
        return ConfigurationError(f"The state directory {path} cannot be written.")
    if name.startswith("SQLITE_FULL"):
        return StoreError(
            f"The disk that holds the state directory {path} is full; nothing was changed."
        )
    if name.startswith("SQLITE_BUSY"):
        return StoreError(
            f"Other processes kept the state directory {path} busy for"
            f" {LOCK_TIMEOUT_SECONDS:.0f} seconds; nothing was changed."
        )
    return StoreError(f"The state directory {path} failed: {error}.")
