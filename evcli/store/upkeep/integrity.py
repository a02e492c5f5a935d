"""Whether the store holds together: pages, tables, rows, counters.

All questions are asked of one snapshot, on a connection of its own that reads alone and
takes text that is none. What is mended is mended on the store itself.
"""

from __future__ import annotations

import _sqlite3 as sqlite3
import json
import os
import re
from contextlib import closing, contextmanager
from functools import partial

from evcli.errors import DamagedStoreError
from evcli.store.database import Database
from evcli.store.deliveries import (
    DELIVERED,
    FAILED,
    PENDING,
    RETRYING,
    unpack_envelope,
    unpack_id,
)
from evcli.store.records import RECORDS
from evcli.store.sqlite import migrations
from evcli.store.sqlite.failures import describe_failure
from evcli.store.sqlite.read_only import connect_read_only
from evcli.store.upkeep import Finding
from evcli.store.upkeep.copying import build_schema, list_tables, read_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.store.records import Record

DATABASE = "database"
ROWS = "rows"
ARCHIVES = "archives"
LEDGER = "ledger"

# So many lines of SQLite about torn pages say enough.
MOST_PAGE_PROBLEMS = 100
# What SQLite says of an index that does not agree with its table.
INDEX_PROBLEM = re.compile(
    r"(?:row \d+ missing from|wrong # of entries in|non-unique entry in) index (\w+)"
)
# Rows of the ledger and of archives: table, its number, id of an event, its document.
DOCUMENTS = (
    ("events", "event_key", "event_id", "envelope"),
    ("ledger_routes", "route_key", "''", "NULLIF(definition, '')"),
    ("archived_events", "sequence", "''", "envelope"),
)
INSTANTS = (
    ("events", "event_key", "accepted_at"),
    ("deliveries", "delivery_key", "next_attempt_at"),
    ("deliveries", "delivery_key", "finished_at"),
    ("archived_events", "sequence", "ingested_at"),
)
# From year 1 to 9999, in epoch milliseconds.
FIRST_INSTANT, LAST_INSTANT = -62_135_596_800_000, 253_402_300_799_999

COUNT_ARCHIVES = """
    SELECT account_id, region, name, archives.archive_id, event_count, size_bytes,
        COALESCE(events, 0), COALESCE(bytes, 0)
    FROM archives LEFT JOIN archive_keys USING (archive_id) LEFT JOIN (
        SELECT archive_key, COUNT(*) AS events, SUM(size_bytes) AS bytes
        FROM archived_events GROUP BY archive_key
    ) AS held ON held.archive_key = archive_keys.archive_key
    WHERE (event_count, size_bytes) <> (COALESCE(events, 0), COALESCE(bytes, 0))
    ORDER BY account_id, region, name
"""
RECOUNT_ARCHIVE = """
    UPDATE archives SET (event_count, size_bytes) = (
        SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM archived_events
        WHERE archive_key = (
            SELECT archive_key FROM archive_keys
            WHERE archive_keys.archive_id = archives.archive_id
        )
    ) WHERE archive_id = ?
"""


@contextmanager
def open_snapshot(store: Database) -> Iterator[Database]:
    """Open the store once more, as it is at one instant, and only to look at it.

    Raises: StoreError: it cannot be read, or not any further, inside the block.
    """
    connection = connect_read_only(
        os.path.join(store.path, "state.db"), is_immutable=store.is_read_only
    )
    # Text that is none is to be found, and not to end the search.
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    snapshot = Database(store.path, connection, is_read_only=True)
    with closing(snapshot):
        # Never committed, which damage could prevent; closing ends it. Only the first
        # reading fixes the instant.
        snapshot.execute("BEGIN")
        snapshot.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
        try:
            yield snapshot
        except sqlite3.Error as error:
            raise describe_failure(store.path, error) from error


def check_store(store: Database, snapshot: Database) -> Iterator[Finding]:
    """Look for what does not hold together.

    Args:
        store: where things are mended.
        snapshot: what is looked at.

    Raises: StoreError: pages are so torn that nothing can be said.
    """
    is_readable = True
    for finding in (*_check_pages(store, snapshot), *_check_schema(store, snapshot)):
        is_readable = is_readable and finding.mend is not None
        yield finding
    if not is_readable:
        return
    yield from _check_references(snapshot)
    for kind in RECORDS:
        yield from _check_records(snapshot, kind)
    yield from _check_settings(snapshot)
    yield from _check_documents(snapshot)
    yield from _check_instants(snapshot)
    yield from _check_states(snapshot)
    yield from _check_numbers(store, snapshot)
    yield from _check_archives(store, snapshot)
    yield from _note_unfinished(store, snapshot)


def check_shared_store(store: Database) -> list[Finding]:
    """Look for what does not hold together in a store that has no file of its own.

    Pages, types and references are the server's to keep. Call outside of transactions.
    """
    with store.snapshot():
        return [
            *(each for kind in RECORDS for each in _check_records(store, kind)),
            *_check_settings(store),
            *_check_states(store),
            *_check_archives(store, store),
            *_note_unfinished(store, store),
        ]


def _check_pages(store: Database, snapshot: Database) -> Iterator[Finding]:
    try:
        lines = snapshot.execute(
            f"PRAGMA integrity_check({MOST_PAGE_PROBLEMS})"
        ).fetchall()
    except (sqlite3.Error, DamagedStoreError):
        yield from _check_tables(snapshot)
        return
    indexes = set()
    for (line,) in lines:
        problem = INDEX_PROBLEM.fullmatch(line)
        if problem is not None:
            indexes.add(problem[1])
        elif line != "ok":
            yield Finding(DATABASE, " ".join(line.split()))
    for name in sorted(indexes):
        yield Finding(
            DATABASE,
            f"Index {name} does not agree with its table.",
            mend=partial(_build_index, store, name, f"REINDEX {name}"),
        )


def _check_tables(snapshot: Database) -> Iterator[Finding]:
    """Say which tables cannot be read to their end."""
    for table in list_tables(snapshot.connection, "main"):
        count = 0
        try:
            for _ in snapshot.execute(f"SELECT * FROM {table} NOT INDEXED"):
                count += 1
        except (sqlite3.Error, DamagedStoreError):
            text = f"Table {table} cannot be read; {count} rows of it can."
            yield Finding(DATABASE, text)


def _check_schema(store: Database, snapshot: Database) -> Iterator[Finding]:
    found = read_schema(snapshot.connection)
    expected = build_schema(len(migrations.MIGRATIONS))
    names = {(kind, name) for kind, name, _ in found}
    for kind, name, sql in sorted(expected - found, key=str):
        if (kind, name) in names:
            yield Finding(DATABASE, f"{kind.capitalize()} {name} is another one.")
            continue
        mend = partial(_build_index, store, name, str(sql)) if kind == "index" else None
        yield Finding(DATABASE, f"{kind.capitalize()} {name} is missing.", mend=mend)
    ours = {(kind, name) for kind, name, _ in expected}
    for kind, name in sorted(names - ours):
        yield Finding(DATABASE, f"{kind.capitalize()} {name} is none of evcli's.")


def _build_index(store: Database, name: str, sql: str) -> str:
    store.execute(sql)
    return f"Index {name} was built anew."


def _check_references(snapshot: Database) -> Iterator[Finding]:
    counts: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in snapshot.execute("PRAGMA foreign_key_check"):
        counts[table, parent] = counts.get((table, parent), 0) + 1
    for (table, parent), count in counts.items():
        yield Finding(ROWS, f"{count} of {table} belong to {parent} that are missing.")


def _check_records(snapshot: Database, kind: type[Record]) -> Iterator[Finding]:
    columns = ", ".join(kind.COLUMNS)
    for row in snapshot.execute(f"SELECT {columns} FROM {kind.TABLE}"):
        try:
            kind.from_row(row)
            for cell in row:
                _require_unicode(cell)
        except (ValueError, TypeError, OverflowError) as error:
            key = "/".join(str(cell) for cell in row[: len(kind.KEY)])
            yield Finding(
                ROWS, f"{_quote(key)} of {kind.TABLE} cannot be read: {error}."
            )


def _require_unicode(cell: object) -> None:
    """Refuse what is no Unicode. Raises: ValueError."""
    if isinstance(cell, str) and not cell.isascii():
        cell.encode()


def _quote(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _check_settings(snapshot: Database) -> Iterator[Finding]:
    for name, value in snapshot.execute("SELECT name, value FROM settings"):
        try:
            json.loads(value)
        except ValueError as error:
            yield Finding(ROWS, f"{_quote(name)} of settings cannot be read: {error}.")


def _check_documents(snapshot: Database) -> Iterator[Finding]:
    for table, key, event_id, column in DOCUMENTS:
        rows = snapshot.execute(
            f"SELECT {key}, {event_id}, {column} FROM {table} WHERE {column} IS NOT NULL"
        )
        for number, packed, text in rows:
            problem = _describe_problem(unpack_envelope(unpack_id(packed), text))
            if problem:
                yield Finding(ROWS, f"{number} of {table} cannot be read: {problem}.")


def _describe_problem(text: object) -> str:
    """Say why a text is no JSON object; "" if it is one."""
    try:
        _require_unicode(text)
        value = json.loads(text)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        return str(error)
    except RecursionError:
        return ""  # as deep as events may be
    return "" if isinstance(value, dict) else "it is no JSON object"


def _check_instants(snapshot: Database) -> Iterator[Finding]:
    for table, key, column in INSTANTS:
        rows = snapshot.execute(
            f"SELECT {key} FROM {table} WHERE {column} IS NOT NULL"
            f" AND (typeof({column}) <> 'integer' OR {column} NOT BETWEEN ? AND ?)",
            (FIRST_INSTANT, LAST_INSTANT),
        )
        for (number,) in rows:
            yield Finding(ROWS, f"{number} of {table} cannot be read: its {column}.")


def _check_states(snapshot: Database) -> Iterator[Finding]:
    states = (PENDING, RETRYING, DELIVERED, FAILED)
    rows = snapshot.execute(
        f"SELECT delivery_key, state FROM deliveries WHERE state NOT IN {states}"
        " OR (next_attempt_at IS NULL) = (state IN ('PENDING', 'RETRYING'))"
    )
    for number, state in rows:
        yield Finding(
            LEDGER, f"{number} of deliveries is neither finished nor due: {state}."
        )


def _check_numbers(store: Database, snapshot: Database) -> Iterator[Finding]:
    """Look for numbers that would be given out again."""
    for table, key in (("events", "event_key"), ("deliveries", "delivery_key")):
        (highest,) = snapshot.execute(f"SELECT MAX({key}) FROM {table}").fetchone()
        row = snapshot.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
        ).fetchone()
        if highest is not None and (row is None or row[0] < highest):
            yield Finding(
                LEDGER,
                f"The next one of {table} would get a number that is taken.",
                mend=partial(_count_on, store, table, key),
            )


def _count_on(store: Database, table: str, key: str) -> str:
    with store.transaction():
        store.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        store.execute(
            "INSERT INTO sqlite_sequence (name, seq)"
            f" SELECT ?, COALESCE(MAX({key}), 0) FROM {table}",
            (table,),
        )
    return f"The numbers of {table} go on behind the highest one."


def _check_archives(store: Database, snapshot: Database) -> Iterator[Finding]:
    for row in snapshot.execute(COUNT_ARCHIVES):
        account_id, region, name, archive_id, events, size, held, held_size = row
        yield Finding(
            ARCHIVES,
            f"{account_id}/{region}/{name} says {events} events, {size} bytes, and holds"
            f" {held} events, {held_size} bytes.",
            mend=partial(_recount, store, archive_id, f"{account_id}/{region}/{name}"),
        )


def _recount(store: Database, archive_id: str, name: str) -> str:
    with store.transaction():
        store.execute(RECOUNT_ARCHIVE, (archive_id,))
    return f"{name} was counted anew."


def _note_unfinished(store: Database, snapshot: Database) -> Iterator[Finding]:
    """Note what a killed process left; the next one sees to it."""
    rows = snapshot.execute(
        "SELECT owner, COUNT(*) FROM deliveries WHERE next_attempt_at IS NOT NULL"
        " AND owner IS NOT NULL GROUP BY owner"
    )
    left = sum(count for owner, count in rows if not _is_alive(store, owner))
    if left:
        yield Finding(
            LEDGER,
            f"{left} deliveries were left by a process that ended; the next command"
            " that delivers makes them.",
            is_note=True,
        )
    rows = snapshot.execute("SELECT name, owner FROM replays WHERE owner IS NOT NULL")
    for name, owner in rows:
        if not _is_alive(store, owner):
            yield Finding(
                LEDGER,
                f"Replay {name} was left by a process that ended; `evcli local tick`"
                " goes on with it.",
                is_note=True,
            )


def _is_alive(store: Database, owner: object) -> bool:
    """Say whether an owner lives; nobody can tell where no lock can be taken."""
    if store.is_read_only or not isinstance(owner, int):
        return True
    return store.owner.is_alive(owner)
