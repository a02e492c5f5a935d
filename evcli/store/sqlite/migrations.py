"""The schema, as an append-only list of steps.

`PRAGMA user_version` counts the steps that a state directory has taken. A step is never
changed once it was released: a later one alters what it made. Columns that records have
since a version are added by a step that nobody has to write.
"""

from __future__ import annotations

from functools import partial

from evcli.store.records import RECORDS, SCHEMA_VERSION
from evcli.store.sqlite.first_tables import FIRST_TABLES
from evcli.store.sqlite.small_rows import take_small_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    Step = Callable[[sqlite3.Connection], None]


def m001_everything_at_first(database: sqlite3.Connection) -> None:
    """Make the tables of the first release.

    Resource tables are keyed the way they are listed: account, region, name. The
    ledger's rows are numbered as they come; the unfinished ones have an index of their
    own, so that workers never read past history.
    """
    for statement in FIRST_TABLES:
        database.execute(statement)


def m002_ingests(database: sqlite3.Connection) -> None:
    """Remember how far bulk inputs were read; see `SendMark`."""
    database.execute(
        """CREATE TABLE ingests (
            account_id TEXT NOT NULL,
            region TEXT NOT NULL,
            path TEXT NOT NULL,
            position_bytes INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            tail_bytes INTEGER NOT NULL,
            tail_digest TEXT NOT NULL,
            accepted INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            deliveries INTEGER NOT NULL,
            rejects_bytes INTEGER NOT NULL,
            failures TEXT NOT NULL,
            PRIMARY KEY (account_id, region, path)
        ) WITHOUT ROWID"""
    )


def m003_sink_lengths(database: sqlite3.Connection) -> None:
    """Let deliveries remember how long their sink's file was when they were accepted.

    Rows of before have NULL: they are looked for in the whole file.
    """
    database.execute("ALTER TABLE deliveries ADD COLUMN sink_length_bytes INTEGER")


def m004_trace_headers(database: sqlite3.Connection) -> None:
    """Remember the trace header that came with an event; most have none."""
    database.execute("ALTER TABLE events ADD COLUMN trace_header TEXT")


def m005_rate_slots(database: sqlite3.Connection) -> None:
    """Call the table of `store/rate_slots.py` by its name; it was `turns`."""
    database.execute("ALTER TABLE turns RENAME TO rate_slots")


def m006_deliveries_unlike_others(database: sqlite3.Connection) -> None:
    """Index the few deliveries that `store/ledger_counts.py` has to look at."""
    database.execute(
        """CREATE INDEX deliveries_unlike_others ON deliveries
            (state, dead_letter_of, attempts)
            WHERE (state = 'FAILED' OR attempts > 1 OR dead_letter_of IS NOT NULL)"""
    )


def m007_undelivered_events(database: sqlite3.Connection) -> None:
    """Say of an event why no delivery came of it, with an index of these alone.

    Of those that are here already only that is known: they count as matched by no rule.
    """
    database.execute("ALTER TABLE events ADD COLUMN undelivered TEXT")
    database.execute(
        "UPDATE events SET undelivered = 'NO_RULE' WHERE NOT EXISTS ("
        "SELECT 1 FROM deliveries WHERE deliveries.event_key = events.event_key)"
    )
    database.execute(
        """CREATE INDEX events_undelivered ON events (event_key)
        WHERE undelivered IS NOT NULL"""
    )


def m008_send_marks(database: sqlite3.Connection) -> None:
    """Call the table of `SendMark` by its name; it was `ingests`."""
    database.execute("ALTER TABLE ingests RENAME TO send_marks")


# Kind → its table, and the SQL of what it is called in the table of owners.
_OWNED = (
    ("event_bus", "event_buses", "OLD.name"),
    ("connection", "connections", "OLD.name"),
    ("api_destination", "api_destinations", "OLD.name"),
    ("endpoint", "endpoints", "OLD.name"),
    ("archive", "archives", "OLD.name"),
    ("rule", "rules", "OLD.event_bus_name || '/' || OLD.name"),
    (
        "target",
        "targets",
        "OLD.event_bus_name || '/' || OLD.rule_name || '/' || OLD.target_id",
    ),
)


def m009_owners(database: sqlite3.Connection) -> None:
    """Remember which file made what; see `OwnerMark`.

    Triggers forget it with the resource, whoever deletes that: what is made anew by hand
    is no file's. Statements of a policy have no row of their own; they go with their
    event bus.
    """
    database.execute(
        """CREATE TABLE owners (
            account_id TEXT NOT NULL,
            region TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            stack TEXT NOT NULL,
            logical_id TEXT NOT NULL,
            is_retained INTEGER NOT NULL,
            PRIMARY KEY (account_id, region, kind, name)
        ) WITHOUT ROWID"""
    )
    database.execute("CREATE INDEX owners_by_path ON owners (path, stack)")
    for kind, table, name in _OWNED:
        database.execute(
            f"""CREATE TRIGGER forget_owner_of_{kind} AFTER DELETE ON {table} BEGIN
                DELETE FROM owners WHERE account_id = OLD.account_id
                    AND region = OLD.region AND kind = '{kind}' AND name = {name};
            END"""
        )
    database.execute(
        """CREATE TRIGGER forget_owners_of_policies AFTER DELETE ON event_buses BEGIN
            DELETE FROM owners WHERE account_id = OLD.account_id AND region = OLD.region
                AND kind IN ('policy', 'permission')
                AND (name = OLD.name OR substr(name, 1, length(OLD.name) + 1)
                    = OLD.name || '/');
        END"""
    )


def m010_small_rows(database: sqlite3.Connection) -> None:
    """Write ids of events in 16 bytes, and what rows repeat as a number.

    What the tables are since then, `store/deliveries.py` and `store/ledger.py` say.
    Everything is kept, down to what is damaged.
    """
    take_small_rows(database)


def m011_compact_file(database: sqlite3.Connection) -> None:
    """Stand for a file without the room that the rows of before took.

    Nothing that a transaction could do: `compact` of `store/sqlite/opening.py` did it.
    """


def m012_table_lines(database: sqlite3.Connection) -> None:
    """Make the table of sinks of kind `table`: what they were given, in its order."""
    database.execute(
        """CREATE TABLE table_lines (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery_key INTEGER NOT NULL,
            target_arn TEXT NOT NULL,
            line TEXT NOT NULL
        )"""
    )
    database.execute(
        "CREATE INDEX table_lines_by_delivery ON table_lines (delivery_key)"
    )


# Version -> what leads to it; to all others lead columns of records.
STEPS: dict[int, Step] = {
    1: m001_everything_at_first,
    2: m002_ingests,
    3: m003_sink_lengths,
    4: m004_trace_headers,
    5: m005_rate_slots,
    6: m006_deliveries_unlike_others,
    7: m007_undelivered_events,
    8: m008_send_marks,
    9: m009_owners,
    10: m010_small_rows,
    11: m011_compact_file,
    12: m012_table_lines,
}
# The step before which the file is written anew, see there.
COMPACT_FILE = 11


def add_columns(version: int, database: sqlite3.Connection) -> None:
    """Add the columns of records that a version has and the tables lack.

    Rows of before have NULL there.
    """
    for kind in RECORDS:
        rows = database.execute(f"PRAGMA table_info({kind.TABLE})").fetchall()
        present = {name for _, name, *_ in rows}
        for column, since in kind.ADDED.items():
            if since <= version and column not in present:
                value = kind.__annotations__[column]
                assert value.endswith("| None"), f"{kind.TABLE}.{column} is not there"
                is_number = value.startswith(("int", "datetime"))
                database.execute(
                    f"ALTER TABLE {kind.TABLE} ADD COLUMN {column}"
                    f" {'INTEGER' if is_number else 'TEXT'}"
                )


def list_steps(version: int) -> tuple[Step, ...]:
    """List the steps that lead from nothing to a version."""
    return tuple(
        STEPS.get(number) or partial(add_columns, number)
        for number in range(1, version + 1)
    )


MIGRATIONS = list_steps(SCHEMA_VERSION)
