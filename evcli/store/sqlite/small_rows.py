"""The step that made the rows of the ledger and of archives small: never to be changed.

Tables are copied into new ones, row by row in SQL, so that memory does not grow with
them. Indexes follow once all rows are there.
"""

from __future__ import annotations

from evcli.store.deliveries import pack_id, pack_other_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

NUMBERED = (
    """CREATE TABLE ledger_buses (
        bus_key INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        event_bus_name TEXT NOT NULL,
        UNIQUE (account_id, region, event_bus_name)
    )""",
    """INSERT INTO ledger_buses (account_id, region, event_bus_name)
        SELECT DISTINCT account_id, region, event_bus_name FROM events""",
    # A rule, and one of its targets as it stood; `definition` is empty where that says
    # no more than id and ARN. It is in no index, for it may be long.
    """CREATE TABLE ledger_routes (
        route_key INTEGER PRIMARY KEY,
        rule_arn TEXT NOT NULL,
        target_id TEXT NOT NULL,
        target_arn TEXT NOT NULL,
        definition TEXT NOT NULL
    )""",
    """CREATE INDEX ledger_routes_by_rule ON ledger_routes (rule_arn, target_id)""",
    """INSERT INTO ledger_routes (rule_arn, target_id, target_arn, definition)
        SELECT DISTINCT rule_arn, target_id, target_arn, COALESCE(target, '')
        FROM deliveries""",
    """CREATE TABLE archive_keys (
        archive_key INTEGER PRIMARY KEY,
        archive_id TEXT NOT NULL UNIQUE
    )""",
    """INSERT INTO archive_keys (archive_id)
        SELECT archive_id FROM archives UNION SELECT archive_id FROM archived_events""",
)
# Table → what makes the new one, what fills it, its indexes.
TABLES = {
    # `undelivered` is a number, see `UNDELIVERED` of `store/deliveries.py`. `envelope` may
    # go without its beginning, see `store/deliveries.py`.
    "events": (
        """CREATE TABLE {name} (
            event_key INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id BLOB NOT NULL,
            bus_key INTEGER NOT NULL REFERENCES ledger_buses,
            accepted_at INTEGER NOT NULL,
            hops INTEGER NOT NULL,
            envelope TEXT NOT NULL,
            trace_header TEXT,
            undelivered INTEGER
        )""",
        # Damaged text is no text to Python, so bytes go through `pack_id`.
        """INSERT INTO new_events
            SELECT event_key, packed, bus_key, accepted_at, hops,
                CASE WHEN length(packed) = 16 AND substr(envelope, 1, 59)
                    = '{"version":"0","id":"' || event_id || '",'
                THEN substr(envelope, 59) ELSE envelope END,
                trace_header,
                CASE undelivered WHEN 'NO_RULE' THEN 0 WHEN 'NO_TARGET' THEN 1
                    WHEN 'ARCHIVED' THEN 2 WHEN 'NO_EVENT_BUS' THEN 3 END
            FROM (SELECT *, pack_id(CAST(event_id AS BLOB)) AS packed FROM events)
            JOIN ledger_buses USING (account_id, region, event_bus_name)
            ORDER BY event_key""",
        (
            "CREATE INDEX events_by_id ON events (event_id)",
            "CREATE INDEX events_by_age ON events (accepted_at)",
            """CREATE INDEX events_undelivered ON events (event_key)
                WHERE undelivered IS NOT NULL""",
        ),
    ),
    "deliveries": (
        """CREATE TABLE {name} (
            delivery_key INTEGER PRIMARY KEY AUTOINCREMENT,
            event_key INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
            dead_letter_of INTEGER,
            route_key INTEGER NOT NULL REFERENCES ledger_routes,
            payload TEXT,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_attempt_at INTEGER,
            finished_at INTEGER,
            error_code TEXT,
            error_message TEXT,
            owner INTEGER,
            sink_length_bytes INTEGER
        )""",
        """INSERT INTO new_deliveries
            SELECT delivery_key, event_key, dead_letter_of, route_key, payload, state,
                attempts, next_attempt_at, finished_at, error_code, error_message, owner,
                sink_length_bytes
            FROM deliveries JOIN ledger_routes ON
                ledger_routes.rule_arn = deliveries.rule_arn
                AND ledger_routes.target_id = deliveries.target_id
                AND ledger_routes.target_arn = deliveries.target_arn
                AND ledger_routes.definition = COALESCE(deliveries.target, '')
            ORDER BY delivery_key""",
        (
            "CREATE INDEX deliveries_by_event ON deliveries (event_key)",
            """CREATE INDEX deliveries_due ON deliveries
                (state, next_attempt_at, owner) WHERE next_attempt_at IS NOT NULL""",
            """CREATE INDEX deliveries_failed ON deliveries (delivery_key)
                WHERE state = 'FAILED'""",
            """CREATE INDEX deliveries_unlike_others ON deliveries
                (state, dead_letter_of, attempts)
                WHERE (state = 'FAILED' OR attempts > 1
                    OR dead_letter_of IS NOT NULL)""",
        ),
    ),
    "archived_events": (
        """CREATE TABLE {name} (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            archive_key INTEGER NOT NULL REFERENCES archive_keys,
            minute INTEGER NOT NULL,
            event_at INTEGER NOT NULL,
            ingested_at INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            envelope TEXT NOT NULL
        )""",
        """INSERT INTO new_archived_events
            SELECT sequence, archive_key, minute, event_at, ingested_at, size_bytes,
                envelope
            FROM archived_events JOIN archive_keys USING (archive_id)
            ORDER BY sequence""",
        (
            """CREATE INDEX archived_events_by_minute ON archived_events
                (archive_key, minute, sequence, event_at)""",
            """CREATE INDEX archived_events_by_age ON archived_events
                (archive_key, ingested_at, size_bytes)""",
        ),
    ),
}


def take_small_rows(database: sqlite3.Connection) -> None:
    """Take the step; call inside a transaction."""
    # The file is written anew when it is through; nothing has to be overwritten first.
    database.execute("PRAGMA secure_delete = OFF")
    database.create_function("pack_id", 1, _pack_bytes, deterministic=True)
    for statement in NUMBERED:
        database.execute(statement)
    for table, (create, fill, indexes) in TABLES.items():
        numbers = "SELECT 1 FROM sqlite_sequence WHERE name = ?"
        if database.execute(numbers, (table,)).fetchone() is None:
            # Nothing was ever in it, as in each new store: that has to be quick.
            database.execute(f"DROP TABLE {table}")
            database.execute(create.format(name=f'"{table}"'))
        else:
            _refill(database, table, create, fill)
        for index in indexes:
            database.execute(index)
    database.create_function("pack_id", 1, None)
    database.execute("PRAGMA secure_delete = ON")


def _refill(database: sqlite3.Connection, table: str, create: str, fill: str) -> None:
    new = f"new_{table}"
    database.execute(create.format(name=new))
    database.execute(fill)
    # Numbers of rows that are gone are never given out again.
    database.execute("DELETE FROM sqlite_sequence WHERE name = ?", (new,))
    database.execute("UPDATE sqlite_sequence SET name = ? WHERE name = ?", (new, table))
    database.execute(f"DROP TABLE {table}")
    database.execute(f"ALTER TABLE {new} RENAME TO {table}")


def _pack_bytes(event_id: bytes) -> bytes:
    try:
        return pack_id(event_id.decode())
    except UnicodeDecodeError:
        return pack_other_id(event_id)
