"""Copies of the store: all rows of one instant, in a new file.

Rows are copied one by one into an empty store of the same version, and not pages. So a
copy has no remains of what was deleted, secrets are replaced before they reach the file,
and a file that somebody else made brings nothing along but rows of known tables.
"""

from __future__ import annotations

import _sqlite3 as sqlite3
import json
import os
from contextlib import closing

from evcli.errors import ConfigurationError
from evcli.store.sqlite import migrations
from evcli.store.sqlite.failures import describe_failure
from evcli.store.sqlite.opening import make_database
from evcli.store.sqlite.read_only import READ_ONLY, connect_read_only, format_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # Kind, name, and the SQL that made it; all but the tables of SQLite itself.
    Schema = set[tuple[str, str, str | None]]

# What is said in the store of a file beside it, and holds for that file only.
CACHED_SETTING = "configuration"
# Columns that hold secrets, with the function that takes them out.
SECRET_COLUMNS = {
    ("connections", "auth_parameters"): "hide_parameters",
    ("connections", "token"): "forget",
}


def copy_store(
    source: str,
    draft: str,
    version: int,
    *,
    path: str,
    without_secrets: bool = False,
    is_immutable: bool = False,
) -> None:
    """Copy the rows of one file, as they are at one instant, to a new one.

    Args:
        version: of the source, and then of the copy.
        path: the state directory, for messages.
        is_immutable: as `connect_read_only`.

    Raises: EvcliError, OSError: one cannot be read, or the other not be written.
    """
    with closing(make_database(path, draft, version)) as connection:
        for name, function in SECRET_FUNCTIONS.items():
            connection.create_function(name, 1, function)
        try:
            uri = format_uri(source, READ_ONLY[is_immutable])
            connection.execute("ATTACH ? AS source", (uri,))
            connection.execute("BEGIN")
            copy_rows(connection, "source", "main", hides=without_secrets)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise describe_failure(path, error) from error


def copy_rows(
    connection: sqlite3.Connection, source: str, to: str, *, hides: bool = False
) -> None:
    """Put the rows of one schema of a connection in place of those of another.

    Call inside a transaction; both have the same tables.
    """
    for table in list_tables(connection, to):
        columns = [
            row[1] for row in connection.execute(f"PRAGMA {to}.table_info({table})")
        ]
        values = [
            f"{SECRET_COLUMNS[table, column]}({column})"
            if hides and (table, column) in SECRET_COLUMNS
            else column
            for column in columns
        ]
        connection.execute(f"DELETE FROM {to}.{table}")
        connection.execute(
            f"INSERT INTO {to}.{table} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM {source}.{table}"
        )
    connection.execute(f"DELETE FROM {to}.settings WHERE name = ?", (CACHED_SETTING,))
    # Numbers of deliveries are never given out again.
    connection.execute(f"DELETE FROM {to}.sqlite_sequence")
    connection.execute(
        f"INSERT INTO {to}.sqlite_sequence (name, seq)"
        f" SELECT name, seq FROM {source}.sqlite_sequence"
    )


def list_tables(connection: sqlite3.Connection, schema: str) -> list[str]:
    """Name the tables of evcli."""
    rows = connection.execute(
        f"SELECT name FROM {schema}.sqlite_schema"
        " WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [name for (name,) in rows]


def _forget(_: str) -> None:
    return None


def _hide_parameters(text: str) -> str:
    from evcli.model.connections import CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS
    from evcli.model.secrets import hide_secrets

    try:
        parameters: Any = json.loads(text)
    except ValueError:
        return "{}"
    hidden = hide_secrets(CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS, parameters)
    return json.dumps(hidden, ensure_ascii=False, separators=(",", ":"))


SECRET_FUNCTIONS: dict[str, Callable[[str], str | None]] = {
    "hide_parameters": _hide_parameters,
    "forget": _forget,
}


def read_backup_version(file: str) -> tuple[int, bool]:
    """Say which version a file has that is to be restored, and whether it is immutable.

    Its schema has to be, to the letter, what that version of evcli makes: no trigger or
    view of somebody else comes along.

    Raises: ConfigurationError: it is no backup of evcli, damaged, or a newer evcli's.
    """
    if not os.path.isfile(file):
        problem = "it is no file" if os.path.exists(file) else "there is no such file"
        raise _no_backup(file, problem)
    # A copy of `state.db` may have its log beside it.
    is_immutable = not os.path.exists(f"{file}-wal")
    try:
        connection = connect_read_only(file, is_immutable=is_immutable)
        with closing(connection):
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            newest = len(migrations.MIGRATIONS)
            if version > newest:
                raise _no_backup(
                    file,
                    f"a newer evcli wrote it (schema {version}, this one knows"
                    f" {newest}); upgrade evcli",
                )
            if version < 1 or read_schema(connection) != build_schema(version):
                raise _no_backup(file, "it is no backup of evcli")
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        is_other = name.startswith("SQLITE_NOTADB")
        raise _no_backup(
            file, "it is no backup of evcli" if is_other else f"{error}"
        ) from error
    if verdict != "ok":
        raise _no_backup(file, "it is damaged")
    return version, is_immutable


def _no_backup(file: str, problem: str) -> ConfigurationError:
    """Word the refusal of a file: it is something else, or damaged."""
    return ConfigurationError(
        f"{file} cannot be restored: {problem}. Nothing was changed."
    )


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Read what a database is made of."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema"
        " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return set(rows.fetchall())


def build_schema(version: int) -> Schema:
    """Say what a store of a version is made of."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migration in migrations.MIGRATIONS[:version]:
            migration(connection)
        return read_schema(connection)
