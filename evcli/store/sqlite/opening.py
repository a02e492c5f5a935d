"""What opening the store comes to when its file is missing, old, or not to be written.

A new file is made under another name, and gets its own once it is complete. So an empty
one is never evcli's doing: what it held is lost, and must not pass for a fresh state.
"""

from __future__ import annotations

import _sqlite3 as sqlite3
import os
from contextlib import closing, suppress

from evcli.errors import (
    ConfigurationError,
    DamagedStoreError,
    ForeignFileError,
    StoreError,
)
from evcli.store import database
from evcli.store.directory.locks import FileLock
from evcli.store.directory.private_files import create_private_file, sync_directory
from evcli.store.directory.state_directory import prepare_state_directory
from evcli.store.epoch import UTC, datetime, to_epoch_ms
from evcli.store.sqlite import migrations
from evcli.store.sqlite.failures import describe_busy, describe_failure, describe_wait
from evcli.store.sqlite.read_only import format_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Database, Warn

# Who has this much waits long enough for an upgrade to wonder.
LARGE_BYTES = 64 << 20


class Queue:
    """A `with` block for those who make or upgrade the store, one process at a time.

    Switching to WAL fails at once when others do the same, whatever the time-out.

    Raises: StoreError: others took too long.
    """

    def __init__(self, path: str, warn: Warn | None) -> None:
        self._path = path
        self._warn = warn
        self._lock = FileLock(path, "upgrade")

    def __enter__(self) -> None:
        limit = database.LOCK_TIMEOUT_SECONDS
        quiet = min(database.QUIET_SECONDS, limit)
        if self._lock.acquire(limit_seconds=quiet):
            return
        if self._warn is not None and limit > quiet:
            self._warn(describe_wait(self._path, limit - quiet))
        if not self._lock.acquire(limit_seconds=limit - quiet):
            raise StoreError(describe_busy(self._path, limit))

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def make_state_file(path: str, file: str, warn: Warn | None) -> None:
    """Make the state directory and the store's file in it, if they are still missing.

    Raises:
        ConfigurationError, StoreError: they cannot be made.
        OSError: likewise.
    """
    prepare_state_directory(path)
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"The state directory {path} cannot be used: {file}: Permission denied."
        )
    with Queue(path, warn):
        if os.path.exists(file):
            return
        draft = f"{file}.{os.getpid()}"
        remove_draft(draft)
        try:
            connection = make_database(path, draft, len(migrations.MIGRATIONS))
            with closing(connection):
                connection.execute("PRAGMA journal_mode = WAL")
            # SQLite would play the log of a removed database into the new one.
            for ending in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    os.unlink(f"{file}{ending}")
            put_in_place(draft, file)
        except sqlite3.Error as error:
            remove_draft(draft)
            raise describe_failure(path, error) from error
        except BaseException:
            remove_draft(draft)
            raise


def make_database(path: str, file: str, version: int) -> sqlite3.Connection:
    """Make an empty store of a version, for its owner only; give its open database.

    Args:
        path: the state directory, for messages.

    Raises: EvcliError, OSError: it cannot be made.
    """
    # Not made by SQLite, for the sake of its mode.
    os.close(create_private_file(file, os.O_RDWR))
    try:
        # As a URI, so that another one can be attached for reading alone.
        uri = format_uri(file, "mode=rw")
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        choose_layout(connection)
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN")
        take_steps(connection, 0, version)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise describe_failure(path, error) from error
    return connection


def choose_layout(connection: sqlite3.Connection) -> None:
    """Choose how a file is laid out that is new, or that `VACUUM` is to write anew."""
    connection.execute(f"PRAGMA page_size = {database.PAGE_BYTES}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")


def take_steps(connection: sqlite3.Connection, start: int, end: int) -> None:
    """Take the store from one version to another; call inside a transaction."""
    for migration in migrations.MIGRATIONS[start:end]:
        migration(connection)
    if start == 0:
        connection.execute(
            "INSERT INTO settings (name, value) VALUES ('created_at', ?)",
            (str(to_epoch_ms(datetime.now(UTC))),),
        )
    connection.execute(f"PRAGMA user_version = {end}")


def remove_draft(draft: str) -> None:
    """Remove an unfinished database, if there is one, with what SQLite lays beside it."""
    for name in (draft, f"{draft}-journal", f"{draft}-wal", f"{draft}-shm"):
        try:
            os.unlink(name)
        except FileNotFoundError:
            continue


def put_in_place(draft: str, file: str) -> None:
    """Give a finished file its name, for good. Raises: OSError."""
    os.replace(draft, file)
    # So that the name outlasts a loss of power as well.
    sync_directory(os.path.dirname(file) or ".")


def upgrade(store: Database, version: int) -> None:
    """Take a store of another version, as it was at first sight, to this evcli's.

    Raises: ConfigurationError: it is newer, no store of evcli, or cannot be written.
    """
    require_known_version(store.path, version)
    newest = len(migrations.MIGRATIONS)
    if store.is_read_only:
        raise ConfigurationError(
            f"The state directory {store.path} was written by an older evcli (schema"
            f" {version}, this one has {newest}) and cannot be written now; whoever may"
            " write it has to run a command first."
        )
    with Queue(store.path, store.warn):
        _require_own_tables(store)
        store.execute("PRAGMA journal_mode = WAL")
        # Others may have been faster, and newer.
        version = store.read_schema_version()
        if version < migrations.COMPACT_FILE <= newest:
            _warn_of_work(store)
            _take_steps_to(store, migrations.COMPACT_FILE - 1)
            _compact(store)
        _take_steps_to(store, newest)


def _take_steps_to(store: Database, end: int) -> None:
    """Take what is missing up to a version, in one transaction."""
    with store.transaction():
        version = store.read_schema_version()
        require_known_version(store.path, version)
        if version < end:
            take_steps(store.connection, version, end)


def _warn_of_work(store: Database) -> None:
    size = os.path.getsize(os.path.join(store.path, "state.db"))
    if store.warn is not None and size > LARGE_BYTES:
        store.warn(
            f"Upgrading the state directory {store.path}: its {size >> 20} MiB are"
            " written anew, once. Where that is broken off, the next command goes on."
        )


def _compact(store: Database) -> None:
    """Write the file anew, without what is free in it, in today's layout.

    Broken off, it leaves the file as it was. Where that has no room or no end, because
    the disk is full or others are at work, the file stays as it is for good: all that it
    lacks is that it does not shrink.
    """
    try:
        # The size of pages can change outside of WAL only, and who opens it alone.
        with suppress(sqlite3.OperationalError):
            store.connection.execute("PRAGMA journal_mode = DELETE")
        choose_layout(store.connection)
        # Its draft belongs on the same disk, and not where memory may serve as one.
        folder = store.path.replace("'", "''")
        store.execute(f"PRAGMA temp_store_directory = '{folder}'").fetchall()
        store.execute("VACUUM")
    except StoreError as error:
        if store.warn is not None:
            store.warn(
                f"The state directory {store.path} stays as large as it is: {error}"
            )
    finally:
        store.execute("PRAGMA temp_store_directory = ''").fetchall()
        store.execute("PRAGMA journal_mode = WAL").fetchall()


def _require_own_tables(store: Database) -> None:
    """Refuse another program's database: evcli makes tables and a version at once.

    Raises: ForeignFileError.
    """
    with store.snapshot():
        tables = store.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        if store.read_schema_version() == 0 and tables:
            raise ForeignFileError(store.path)


def require_known_version(path: str, version: int) -> None:
    """Refuse a version that this evcli does not know.

    Raises: ConfigurationError, DamagedStoreError.
    """
    newest = len(migrations.MIGRATIONS)
    if version > newest:
        raise ConfigurationError(
            f"The state directory {path} was written by a newer evcli (schema"
            f" {version}, this one knows {newest}); upgrade evcli or name"
            " another directory with --state-dir. Nothing was changed."
        )
    if version < 0:
        raise DamagedStoreError(path, f"it has schema {version}, which no evcli wrote")
