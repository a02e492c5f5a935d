"""Advisory locks: who is alone in what, and how far the numbers of rows are final.

A lock is two numbers: that of a relation of the schema, so that each schema has its own,
and another one. `owners.py` has those of owners.
"""

from __future__ import annotations

from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Execute = Callable[..., Any]

# Table → its column of numbers.
KEY_COLUMNS = {
    "events": "event_key",
    "deliveries": "delivery_key",
    "archived_events": "sequence",
    "table_lines": "position",
    "tags": "position",
}
# Tables that others follow, by their numbers.
FOLLOWED = ("events", "deliveries")
# What the second number of a lock is smaller than.
MODULUS = 2**31


def get_sequence(table: str) -> str:
    """Name the sequence that the numbers of a table come from."""
    return f"{table}_{KEY_COLUMNS[table]}_seq"


def load_namespaces(execute: Execute) -> dict[str, int]:
    """Read the numbers of the relations that locks are named by."""
    rows = execute(
        "SELECT relname, oid::int FROM pg_class"
        " WHERE relnamespace = current_schema()::regnamespace"
    )
    numbers = dict(rows.fetchall())
    return {
        "owners": numbers["owner_numbers"],
        "scopes": numbers["store"],
        **{table: numbers[get_sequence(table)] for table in FOLLOWED},
    }


def word_begin(
    namespaces: Mapping[str, int], *, durable: bool, alone_in: tuple[str, ...] | None
) -> str:
    """Word the beginning of a write transaction: first who is alone, then its position."""
    statements = ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"]
    if not durable:
        statements.append("SET LOCAL synchronous_commit = off")
    scopes = namespaces["scopes"]
    if alone_in == ():
        statements.append(f"SELECT pg_advisory_xact_lock({scopes}, -1)")
    elif alone_in is not None:
        part = crc32("\0".join(alone_in).encode()) % MODULUS
        statements.append(f"SELECT pg_advisory_xact_lock_shared({scopes}, -1)")
        statements.append(f"SELECT pg_advisory_xact_lock({scopes}, {part})")
    for table in FOLLOWED:
        statements.append(
            f"SELECT pg_advisory_xact_lock_shared({namespaces[table]}, (CASE WHEN"
            f" is_called THEN last_value % {MODULUS} ELSE 0 END)::int)"
            f" FROM {get_sequence(table)}"
        )
    return "; ".join(statements)


def read_last_final_key(
    execute: Execute, namespaces: Mapping[str, int], table: str
) -> int:
    """Read the number up to which no row of a table will be committed any more."""
    last: int = execute(
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END"
        f" FROM {get_sequence(table)}"
    ).fetchone()[0]
    # Only now: who takes the lock later draws numbers behind that one.
    rows = execute(
        "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory'"
        " AND classid = ?::int::oid AND objsubid = 2"
        " AND database = (SELECT oid FROM pg_database"
        " WHERE datname = current_database()) AND pid <> pg_backend_pid()",
        (namespaces[table],),
    )
    begun = ((last - position) % MODULUS for (position,) in rows.fetchall())
    return last - max(begun, default=0)
