"""The tables of the first release, as its first step made them: never to be changed.

What they have become since, the later steps of `store/sqlite/migrations.py` say.
"""

FIRST_TABLES = (
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
