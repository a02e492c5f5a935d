"""Backups: all that a store holds at one instant, in a file of SQLite."""

from __future__ import annotations

import os

from evcli.errors import ConfigurationError
from evcli.store.sqlite.opening import put_in_place, remove_draft
from evcli.store.upkeep.copying import copy_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Database


def write_backup(database: Database, file: str, *, without_secrets: bool) -> None:
    """Write all that the store holds at one instant to a file, whole or not at all.

    Others write meanwhile.

    Args:
        without_secrets: put stars in place of what the model of connections marks as
            sensitive, and leave their tokens out.

    Raises: EvcliError: the store cannot be read, or the file not be written.
    """
    source = os.path.join(database.path, "state.db")
    is_there = os.path.exists(file) and os.path.exists(source)
    if is_there and os.path.samefile(file, source):
        raise ConfigurationError(f"{file} is the state itself; name another file.")
    draft = f"{file}.{os.getpid()}"
    try:
        _copy(database, source, draft, without_secrets=without_secrets)
        put_in_place(draft, file)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}.") from (
            error
        )
    finally:
        remove_draft(draft)


def _copy(
    database: Database, source: str, draft: str, *, without_secrets: bool
) -> None:
    version = database.read_schema_version()
    if database.is_shared:
        from evcli.store.postgresql.copying import copy_to_file

        copy_to_file(database, draft, version, without_secrets=without_secrets)  # type: ignore[arg-type]
        return
    copy_store(
        source,
        draft,
        version,
        path=database.path,
        without_secrets=without_secrets,
        is_immutable=database.is_read_only,
    )
