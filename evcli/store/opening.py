"""What opening the store comes to when its file is missing, old, or not to be written.

A new file is made beside its place and put there complete. So an empty one is never
evcli's doing: what it held is lost, and nobody is to take it for a fresh state.
"""

from __future__ import annotations

import _sqlite3 as sqlite3
import os
from contextlib import closing, suppress
from datetime import UTC, datetime

from evcli.errors import ConfigurationError, DamagedStoreError, StoreError
from evcli.store import migrations
from evcli.store.directory.locks import FileLock
from evcli.store.directory.private_files import create_private_file, sync_directory
from evcli.store.directory.state_directory import (
    ForeignFileError,
    prepare_state_directory,
)
from evcli.store.epoch import to_epoch_ms
from evcli.store.failures import describe_busy, describe_failure, describe_wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.store import Store

    Warn = Callable[[str], object]


class Queue:
    """A `with` block for those who make or upgrade the store, one process at a time.

    Switching to WAL fails at once when others do the same, whatever the time-out.

    Args:
        quiet_seconds: how long to wait before `warn` is told.
        limit_seconds: how long to wait at all.

    Raises: StoreError: others took longer.
    """

    def __init__(
        self, path: str, warn: Warn | None, quiet_seconds: float, limit_seconds: float
    ) -> None:
        self._path = path
        self._warn = warn
        self._quiet_seconds = min(quiet_seconds, limit_seconds)
        self._limit_seconds = limit_seconds
        self._lock = FileLock(path, "upgrade")

    def __enter__(self) -> None:
        if self._lock.acquire(limit_seconds=self._quiet_seconds):
            return
        rest = self._limit_seconds - self._quiet_seconds
        if self._warn is not None and rest > 0:
            self._warn(describe_wait(self._path, rest))
        if not self._lock.acquire(limit_seconds=rest):
            raise StoreError(describe_busy(self._path, self._limit_seconds))

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def make_state_file(path: str, file: str, queue: Queue) -> None:
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
    with queue:
        if os.path.exists(file):
            return
        draft = f"{file}.{os.getpid()}"
        remove_draft(draft)
        try:
            database = make_database(path, draft, len(migrations.MIGRATIONS))
            with closing(database):
                database.execute("PRAGMA journal_mode = WAL")
            # SQLite would play the log of a removed database into the new one.
            for ending in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    os.unlink(f"{file}{ending}")
            put_in_place(draft, file)
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
        database = sqlite3.connect(uri, uri=True, isolation_level=None)
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("BEGIN")
        take_steps(database, 0, version)
        database.execute("COMMIT")
    except sqlite3.Error as error:
        raise describe_failure(path, error) from error
    return database


def take_steps(database: sqlite3.Connection, start: int, end: int) -> None:
    """Take the store from one version to another; call inside a transaction."""
    for migration in migrations.MIGRATIONS[start:end]:
        migration(database)
    if start == 0:
        database.execute(
            "INSERT INTO settings (name, value) VALUES ('created_at', ?)",
            (str(to_epoch_ms(datetime.now(UTC))),),
        )
    database.execute(f"PRAGMA user_version = {end}")


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


def upgrade(store: Store, version: int, queue: Queue) -> None:
    """Take a store of another version to this evcli's.

    Raises: ConfigurationError: it is newer, no store of evcli, or cannot be written.
    """
    check_version(store.path, version)
    newest = len(migrations.MIGRATIONS)
    if store.is_read_only:
        raise ConfigurationError(
            f"The state directory {store.path} was written by an older evcli (schema"
            f" {version}, this one has {newest}) and cannot be written now; whoever may"
            " write it has to run a command first."
        )
    with queue:
        _check_owner(store)
        store.execute("PRAGMA journal_mode = WAL")
        with store.transaction():
            version = store.execute("PRAGMA user_version").fetchone()[0]
            check_version(store.path, version)
            take_steps(store.database, version, newest)


def _check_owner(store: Store) -> None:
    """Tell another program's database: evcli makes tables and a version at once."""
    with store.snapshot():
        version = store.execute("PRAGMA user_version").fetchone()[0]
        tables = store.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and tables:
        raise ForeignFileError(store.path)


def check_version(path: str, version: int) -> None:
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


def open_read_only(path: str, file: str) -> sqlite3.Connection:
    """Open a store that cannot be written, as on a disk that is mounted so.

    Raises: ConfigurationError: its last changes cannot be read without writing.
    """
    # Where nobody has it open there is no log, and nothing that SQLite had to share
    # with others in files of its own, which it could not make.
    log = f"{file}-wal"
    has_log = os.path.exists(log) and os.path.getsize(log) > 0
    if has_log and not os.path.exists(f"{file}-shm"):
        raise ConfigurationError(
            f"The state directory {path} cannot be written, and its last changes, in"
            f" {log}, cannot be read without that; read a copy of the directory."
        )
    return connect_read_only(file, is_immutable=not has_log)


def connect_read_only(file: str, *, is_immutable: bool = False) -> sqlite3.Connection:
    """Open any database for reading alone. Raises: sqlite3.Error.

    Args:
        is_immutable: nobody writes it meanwhile, and nothing can be written beside it.
    """
    uri = format_read_only_uri(file, is_immutable=is_immutable)
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def format_read_only_uri(file: str, *, is_immutable: bool) -> str:
    """Name a database for SQLite as `connect_read_only` opens it."""
    return format_uri(file, "mode=ro&immutable=1" if is_immutable else "mode=ro")


def format_uri(file: str, options: str) -> str:
    """Name a database for SQLite, with options.

    By hand, because `urllib` costs more than to make a state directory.
    """
    for character in "%?#":  # the sign of the escapes first
        file = file.replace(character, f"%{ord(character):02X}")
    return f"file:{file}?{options}"
