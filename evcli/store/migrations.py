"""The schema, as an append-only list of steps.

`PRAGMA user_version` counts the steps that a state directory has taken. A step is never
changed once it was released: a later one alters what it made. Columns that records have
since a version are added by a step that nobody has to write.
"""

from __future__ import annotations

from functools import partial

from evcli.store.records import RECORDS, SCHEMA_VERSION

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
    for statement in _FIRST_TABLES:
        database.execute(statement)


_FIRST_TABLES = (
    """CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE event_buses (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        kms_key_identifier TEXT,
        dead_letter_config TEXT,
        log_config TEXT,
        policy TEXT,
        event_source_name TEXT,
        created_at INTEGER NOT NULL,
        last_modified_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE rules (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        event_bus_name TEXT NOT NULL,
        name TEXT NOT NULL,
        event_pattern TEXT,
        schedule_expression TEXT,
        state TEXT NOT NULL,
        description TEXT,
        role_arn TEXT,
        managed_by TEXT,
        created_by TEXT NOT NULL,
        schedule_anchor_at INTEGER,
        next_fire_at INTEGER,
        PRIMARY KEY (account_id, region, event_bus_name, name)
    ) WITHOUT ROWID""",
    """CREATE INDEX rules_due ON rules (next_fire_at)
        WHERE next_fire_at IS NOT NULL""",
    # Which (source, detail-type) pairs can reach a rule; '' stands for any. Only rules
    # that take part in matching have rows here.
    """CREATE TABLE rule_keys (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        event_bus_name TEXT NOT NULL,
        source TEXT NOT NULL,
        detail_type TEXT NOT NULL,
        rule_name TEXT NOT NULL,
        PRIMARY KEY (
            account_id, region, event_bus_name, source, detail_type, rule_name
        )
    ) WITHOUT ROWID""",
    """CREATE INDEX rule_keys_by_rule ON rule_keys
        (account_id, region, event_bus_name, rule_name)""",
    """CREATE TABLE targets (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        event_bus_name TEXT NOT NULL,
        rule_name TEXT NOT NULL,
        target_id TEXT NOT NULL,
        arn TEXT NOT NULL,
        definition TEXT NOT NULL,
        PRIMARY KEY (account_id, region, event_bus_name, rule_name, target_id)
    ) WITHOUT ROWID""",
    """CREATE INDEX targets_by_arn ON targets
        (account_id, region, event_bus_name, arn, rule_name)""",
    # The row number keeps the order in which tags were first put.
    """CREATE TABLE tags (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        resource_arn TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        UNIQUE (resource_arn, key)
    )""",
    """CREATE TABLE archives (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        archive_id TEXT NOT NULL UNIQUE,
        event_bus_name TEXT NOT NULL,
        event_source_arn TEXT NOT NULL,
        description TEXT,
        event_pattern TEXT,
        retention_days INTEGER NOT NULL,
        kms_key_identifier TEXT,
        state TEXT NOT NULL,
        state_reason TEXT,
        event_count INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID""",
    """CREATE INDEX archives_by_event_bus ON archives
        (account_id, region, event_bus_name, name)""",
    # `minute` is the event's time in whole minutes since 1970: replays go by it, and
    # inside of it by arrival. Retention goes by `ingested_at`, and counts sizes there.
    """CREATE TABLE archived_events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        archive_id TEXT NOT NULL,
        minute INTEGER NOT NULL,
        event_at INTEGER NOT NULL,
        ingested_at INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        envelope TEXT NOT NULL
    )""",
    """CREATE INDEX archived_events_by_minute ON archived_events
        (archive_id, minute, sequence, event_at)""",
    """CREATE INDEX archived_events_by_age ON archived_events
        (archive_id, ingested_at, size_bytes)""",
    """CREATE TABLE replays (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        archive_id TEXT NOT NULL,
        description TEXT,
        event_source_arn TEXT NOT NULL,
        destination TEXT NOT NULL,
        state TEXT NOT NULL,
        state_reason TEXT,
        event_start_at INTEGER NOT NULL,
        event_end_at INTEGER NOT NULL,
        event_last_replayed_at INTEGER,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        replayed_to TEXT,
        owner INTEGER,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE connections (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        connection_id TEXT NOT NULL,
        description TEXT,
        authorization_type TEXT NOT NULL,
        auth_parameters TEXT NOT NULL,
        invocation_connectivity_parameters TEXT,
        kms_key_identifier TEXT,
        secret_arn TEXT,
        state TEXT NOT NULL,
        state_reason TEXT,
        token TEXT,
        created_at INTEGER NOT NULL,
        last_modified_at INTEGER NOT NULL,
        last_authorized_at INTEGER,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE api_destinations (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        api_destination_id TEXT NOT NULL,
        description TEXT,
        connection_arn TEXT NOT NULL,
        invocation_endpoint TEXT NOT NULL,
        http_method TEXT NOT NULL,
        invocation_rate_limit_per_second INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        last_modified_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE endpoints (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        endpoint_id TEXT NOT NULL UNIQUE,
        description TEXT,
        routing_config TEXT NOT NULL,
        replication_config TEXT NOT NULL,
        event_buses TEXT NOT NULL,
        role_arn TEXT,
        state TEXT NOT NULL,
        state_reason TEXT,
        failed_over INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        last_modified_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE event_sources (
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        account_id TEXT NOT NULL,
        partner_account_id TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        PRIMARY KEY (region, name, account_id)
    ) WITHOUT ROWID""",
    # An event as one event bus accepted it. `hops` counts the forwards from bus to bus.
    """CREATE TABLE events (
        event_key INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        event_bus_name TEXT NOT NULL,
        accepted_at INTEGER NOT NULL,
        hops INTEGER NOT NULL,
        envelope TEXT NOT NULL
    )""",
    """CREATE INDEX events_by_id ON events (event_id)""",
    """CREATE INDEX events_by_age ON events (accepted_at)""",
    # One event on its way to one target. `payload` is NULL where it equals the event's
    # envelope, `target` where the definition says no more than id and ARN.
    """CREATE TABLE deliveries (
        delivery_key INTEGER PRIMARY KEY AUTOINCREMENT,
        event_key INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
        dead_letter_of INTEGER,
        rule_arn TEXT NOT NULL,
        target_id TEXT NOT NULL,
        target_arn TEXT NOT NULL,
        target TEXT,
        payload TEXT,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER,
        finished_at INTEGER,
        error_code TEXT,
        error_message TEXT,
        owner INTEGER
    )""",
    """CREATE INDEX deliveries_by_event ON deliveries (event_key)""",
    # By state first, so that first attempts which a killed process left are found without
    # reading past those that wait for a retry; the owner makes the index cover that.
    """CREATE INDEX deliveries_due ON deliveries (state, next_attempt_at, owner)
        WHERE next_attempt_at IS NOT NULL""",
    """CREATE INDEX deliveries_failed ON deliveries (delivery_key)
        WHERE state = 'FAILED'""",
    # Which attempts may call an API destination in which second, since 1970.
    """CREATE TABLE turns (
        target_arn TEXT NOT NULL,
        second INTEGER NOT NULL,
        delivery_key INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        PRIMARY KEY (target_arn, second, delivery_key, attempt)
    ) WITHOUT ROWID""",
    """CREATE TABLE attempts (
        delivery_key INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
        number INTEGER NOT NULL,
        attempted_at INTEGER NOT NULL,
        error_code TEXT,
        error_message TEXT,
        output TEXT,
        PRIMARY KEY (delivery_key, number)
    ) WITHOUT ROWID""",
)


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
}


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
