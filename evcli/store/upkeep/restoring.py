"""Restoring: a backup becomes the state, at once or not at all.

The file is copied into a draft, and upgraded there if an older evcli wrote it. Over a
state that can be used the draft is laid in one transaction: other processes, which have
it open, see the old state and then the new one. One that cannot be used is set aside.
"""

from __future__ import annotations

import _sqlite3 as sqlite3
import os
from contextlib import closing

from evcli.errors import ConfigurationError, DamagedStoreError, StoreError
from evcli.store.directory.locks import PROCESS_BITS, FileLock
from evcli.store.directory.shared_store import open_shared_database
from evcli.store.directory.state_directory import prepare_state_directory
from evcli.store.sqlite import migrations
from evcli.store.sqlite.failures import describe_failure
from evcli.store.sqlite.opening import put_in_place, remove_draft, take_steps
from evcli.store.store import open_store
from evcli.store.upkeep.copying import (
    build_schema,
    copy_rows,
    copy_store,
    list_tables,
    read_backup_version,
    read_schema,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Database, Warn

# Who owns what is under way.
OWNERS = """
    SELECT owner FROM deliveries WHERE next_attempt_at IS NOT NULL AND owner IS NOT NULL
    UNION SELECT owner FROM replays WHERE owner IS NOT NULL
"""


def restore_backup(
    path: str, file: str, *, force: bool, warn: Warn | None = None
) -> str | None:
    """Put a backup in the place of the state; killed anywhere, it leaves one of both.

    Args:
        path: the state directory; made if it is missing.
        force: whether what it holds may go.
        warn: told in one line for whom this process has to wait.

    Returns:
        The new name of the old state, where that could not be read.

    Raises:
        ConfigurationError: the file is no backup, or the state would be lost.
        StoreError: others are at the state, or it cannot be written.
    """
    version, is_immutable = read_backup_version(file)
    prepare_state_directory(path)
    state = os.path.join(path, "state.db")
    draft = f"{state}.restored-{os.getpid()}"
    worker = FileLock(path, "worker")
    if not worker.acquire():
        raise StoreError(
            f"A worker is running on the state directory {path}: stop `evcli local run`,"
            " `serve` or `tick` first. Nothing was changed."
        )
    try:
        remove_draft(draft)
        copy_store(file, draft, version, path=path, is_immutable=is_immutable)
        _finish(path, draft, version)
        shared = open_shared_database(path, warn, os.environ)
        if shared is not None:
            from evcli.store.postgresql.copying import restore_from_file

            with closing(shared):
                restore_from_file(shared, draft, force=force)
            return None
        return _replace(path, state, draft, force=force, warn=warn)
    except OSError as error:
        raise ConfigurationError(
            f"The state directory {path} cannot be written: {error.strerror}."
        ) from error
    finally:
        remove_draft(draft)
        worker.release()


def _finish(path: str, draft: str, version: int) -> None:
    """Bring the copy to this evcli's version, in the form that a state has."""
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            if version != len(migrations.MIGRATIONS):
                connection.execute("BEGIN")
                take_steps(connection, version, len(migrations.MIGRATIONS))
                connection.execute("COMMIT")
                connection.execute("PRAGMA incremental_vacuum").fetchall()
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise describe_failure(path, error) from error


def _replace(
    path: str, state: str, draft: str, *, force: bool, warn: Warn | None
) -> str | None:
    try:
        with closing(open_store(path, warn)) as store:
            _lay_over(store.database, draft, force=force)
    except DamagedStoreError:
        if not force:
            raise
        aside = _set_aside(state)
        put_in_place(draft, state)
        return aside
    return None


def _lay_over(database: Database, draft: str, *, force: bool) -> None:
    """Replace all that a store holds, in one transaction."""
    if read_schema(database.connection) != build_schema(len(migrations.MIGRATIONS)):
        raise DamagedStoreError(database.path, "its tables are not those of evcli")
    database.execute("ATTACH ? AS source", (draft,))
    try:
        with database.transaction():
            if not force and _holds_something(database):
                raise ConfigurationError(
                    f"The state directory {database.path} holds a state already; --force"
                    " has the backup take its place, and `evcli local backup FILE` keeps"
                    " it. Nothing was changed."
                )
            _require_nobody_at_it(database)
            copy_rows(database.connection, "source", "main")
    except sqlite3.Error as error:
        raise describe_failure(database.path, error) from error
    # What was there may have had secrets.
    database.empty_log()


def _holds_something(database: Database) -> bool:
    return any(
        database.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
        for table in list_tables(database.connection, "main")
        if table != "settings"
    )


def _require_nobody_at_it(database: Database) -> None:
    """Refuse while a process has yet to record what came of its deliveries.

    It would record that of others, which have the same numbers in the backup.
    """
    for (owner,) in database.execute(OWNERS).fetchall():
        if database.owner.is_alive(owner):
            raise StoreError(
                f"Process {owner & PROCESS_BITS} is at deliveries or replays of the"
                f" state directory {database.path}; try again once it is through. Nothing"
                " was changed."
            )


def _set_aside(state: str) -> str:
    """Keep a state that cannot be read under another name. Raises: OSError.

    Its log goes first, so that it is never taken for that of the new state; the file
    itself stays where it is until another one replaces it.
    """
    number = 1
    while os.path.exists(f"{state}.damaged-{number}"):
        number += 1
    aside = f"{state}.damaged-{number}"
    for ending in ("-wal", "-shm"):
        if os.path.exists(state + ending):
            os.rename(state + ending, aside + ending)
    os.link(state, aside)
    return aside
