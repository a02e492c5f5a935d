"""Copies between a store on PostgreSQL and files of SQLite: backups, and restoring them.

A backup is the same file whatever the store is on, so it moves between them.
"""

from __future__ import annotations

import _sqlite3 as sqlite3
from contextlib import closing

import psycopg

from evcli.errors import ConfigurationError, StoreError
from evcli.store.postgresql.failures import describe_failure as describe
from evcli.store.postgresql.locks import KEY_COLUMNS, get_sequence
from evcli.store.sqlite.failures import describe_failure
from evcli.store.sqlite.opening import make_database
from evcli.store.upkeep.copying import (
    CACHED_SETTING,
    SECRET_COLUMNS,
    SECRET_FUNCTIONS,
    list_tables,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.store.postgresql.database import Database

# Rows that are in memory at a time.
BATCH = 1_000
# Who owns what is under way.
OWNERS = """
    SELECT owner FROM deliveries WHERE next_attempt_at IS NOT NULL AND owner IS NOT NULL
    UNION SELECT owner FROM replays WHERE owner IS NOT NULL
"""


def copy_to_file(
    database: Database, draft: str, version: int, *, without_secrets: bool
) -> None:
    """Copy all rows of one instant to a new file of SQLite.

    Raises: EvcliError, OSError: one cannot be read, or the other not be written.
    """
    try:
        with (
            closing(make_database(database.path, draft, version)) as file,
            database.snapshot(),
        ):
            file.execute("BEGIN")
            for table in list_tables(file, "main"):
                columns = _list_columns(file, table)
                file.execute(f"DELETE FROM {table}")
                file.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)})"
                    f" VALUES ({', '.join('?' * len(columns))})",
                    _read_rows(database, table, columns, hides=without_secrets),
                )
            file.execute("DELETE FROM settings WHERE name = ?", (CACHED_SETTING,))
            _write_numbers(database, file)
            file.execute("COMMIT")
    except sqlite3.Error as error:
        raise describe_failure(database.path, error) from error


def _list_columns(file: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in file.execute(f"PRAGMA table_info({table})")]


def _read_rows(
    database: Database, table: str, columns: list[str], *, hides: bool
) -> Iterator[tuple[Any, ...]]:
    hidden = [
        SECRET_FUNCTIONS[SECRET_COLUMNS[table, column]]
        if hides and (table, column) in SECRET_COLUMNS
        else None
        for column in columns
    ]
    try:
        with database.connection.cursor("copied") as cursor:
            cursor.itersize = BATCH
            cursor.execute(f"SELECT {', '.join(columns)} FROM {table}".encode())
            for row in cursor:
                yield tuple(
                    value if hide is None or value is None else hide(value)
                    for value, hide in zip(row, hidden, strict=True)
                )
    except psycopg.Error as error:
        raise describe(database.name, error) from error


def _write_numbers(database: Database, file: sqlite3.Connection) -> None:
    """Keep where the numbers of rows go on."""
    file.execute("DELETE FROM sqlite_sequence")
    for table in KEY_COLUMNS:
        last, is_called = database.execute(
            f"SELECT last_value, is_called FROM {get_sequence(table)}"
        ).fetchone()
        if is_called:
            file.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last)
            )


def restore_from_file(database: Database, draft: str, *, force: bool) -> None:
    """Replace all that a store holds by the rows of a file of this version, at once.

    Raises:
        ConfigurationError: the store holds something, which may not go.
        StoreError: others are at it.
    """
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as file:
            tables = list_tables(file, "main")
            with database.transaction():
                # Nobody writes or reads from here on.
                database.execute(f"LOCK TABLE {', '.join(tables)}")
                if not force and _holds_something(database, tables):
                    raise ConfigurationError(
                        f"The store {database.name} holds a state already; --force has"
                        " the backup take its place, and `evcli local backup FILE` keeps"
                        " it. Nothing was changed."
                    )
                _require_nobody_at_it(database)
                database.execute(f"TRUNCATE {', '.join(tables)}")
                # Tables that others refer to come first.
                for table in sorted(tables, key=_is_referring):
                    _copy_table(database, file, table)
                _set_numbers(database, file)
    except sqlite3.Error as error:
        raise describe_failure(database.path, error) from error
    except psycopg.Error as error:
        raise describe(database.name, error) from error


def _is_referring(table: str) -> bool:
    return table in ("events", "deliveries", "archived_events")


def _holds_something(database: Database, tables: list[str]) -> bool:
    return any(
        database.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
        for table in tables
        if table != "settings"
    )


def _require_nobody_at_it(database: Database) -> None:
    for (owner,) in database.execute(OWNERS).fetchall():
        if database.owner.is_alive(owner):
            raise StoreError(
                f"A process is at deliveries or replays of the store {database.name}; try"
                " again once it is through. Nothing was changed."
            )


def _copy_table(database: Database, file: sqlite3.Connection, table: str) -> None:
    columns = ", ".join(_list_columns(file, table))
    with (
        database.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy,
    ):
        for row in file.execute(f"SELECT {columns} FROM {table}"):
            copy.write_row(row)


def _set_numbers(database: Database, file: sqlite3.Connection) -> None:
    known = dict(file.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for table in KEY_COLUMNS:
        last = known.get(table, 0)
        database.execute(
            "SELECT setval(?, ?, ?)", (get_sequence(table), last or 1, last > 0)
        )
    for table, column in (
        ("ledger_buses", "bus_key"),
        ("ledger_routes", "route_key"),
        ("archive_keys", "archive_key"),
    ):
        database.execute(
            f"SELECT setval('{table}_{column}_seq',"
            f" GREATEST((SELECT MAX({column}) FROM {table}), 1))"
        )
