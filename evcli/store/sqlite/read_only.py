"""Files of SQLite that are opened for reading alone, and how SQLite wants files named."""

from __future__ import annotations

import _sqlite3 as sqlite3
import os

from evcli.errors import ConfigurationError

# Options of a database that is only read, and of one that nobody writes meanwhile.
READ_ONLY = ("mode=ro", "mode=ro&immutable=1")


def connect_unwritable(path: str, file: str) -> sqlite3.Connection:
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
    uri = format_uri(file, READ_ONLY[is_immutable])
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def format_uri(file: str, options: str) -> str:
    """Name a database for SQLite, with options.

    By hand, because `urllib` costs more than to make a state directory.
    """
    for character in "%?#":  # the sign of the escapes first
        file = file.replace(character, f"%{ord(character):02X}")
    return f"file:{file}?{options}"
