"""Opening a store on PostgreSQL: connecting, making the schema, upgrading it."""

from __future__ import annotations

import time
from functools import partial
from zlib import crc32

import psycopg

from evcli.errors import ConfigurationError
from evcli.store.epoch import UTC, datetime, to_epoch_ms
from evcli.store.postgresql import driver
from evcli.store.postgresql.address import Address, parse_address
from evcli.store.postgresql.database import Database
from evcli.store.postgresql.failures import describe_no_connection, is_passing
from evcli.store.postgresql.migrations import FIRST_VERSION, take_steps
from evcli.store.postgresql.sessions import name_session
from evcli.store.records import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Warn
    from evcli.store.postgresql.driver import Connection

# How long a connection may take, and how long it is asked for again from a server that
# is starting or has no room, in seconds.
CONNECT_SECONDS = 10
RETRY_SECONDS = 0.2
# How long others may keep a lock, and how much longer an answer may take.
LOCK_SECONDS = 60
DEADLINE_SECONDS = 75.0
# How long the network may be silent, in milliseconds and seconds.
SILENCE_SECONDS = 20
# Whoever makes or upgrades a schema holds this lock and that of its name.
UPGRADE = crc32(b"evcli upgrade") % 2**31


def open_database(path: str, url: str, warn: Warn | None) -> Database:
    """Connect to a store, making or upgrading its schema as needed.

    Args:
        path: the state directory.
        warn: told in one line when this process has to wait.

    Raises: ConfigurationError, StoreError: it cannot be used.
    """
    address = parse_address(url)
    database = Database(path, address, partial(_connect, address), warn=warn)
    try:
        _require_unicode(database)
        version = _read_version(database)
        if version != SCHEMA_VERSION:
            _upgrade(database, address)
        database.load_namespaces()
    except BaseException:
        database.close()
        raise
    return database


def _connect(address: Address) -> Connection:
    ends_at = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            connection = driver.connect(
                address.conninfo,
                application_name=name_session(address.schema),
                client_encoding="UTF8",
                connect_timeout=CONNECT_SECONDS,
                keepalives_idle=SILENCE_SECONDS,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=SILENCE_SECONDS * 1000,
                options=(
                    f"-c search_path={address.schema}"
                    f" -c lock_timeout={LOCK_SECONDS}s"
                    " -c standard_conforming_strings=on"
                ),
            )
        except psycopg.Error as error:
            if not is_passing(error) or time.monotonic() > ends_at:
                raise describe_no_connection(address.name, error) from error
            time.sleep(RETRY_SECONDS)
            continue
        connection.deadline_seconds = DEADLINE_SECONDS
        return connection


def _require_unicode(database: Database) -> None:
    encoding = database.connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ConfigurationError(
            f"The store {database.name} cannot be used: its database has the encoding"
            f" {encoding}, and UTF8 is needed."
        )


def _read_version(database: Database) -> int:
    """Read a schema's version; 0: there is none yet."""
    row = database.execute(
        "SELECT to_regclass(quote_ident(?) || '.store') IS NOT NULL",
        (database.schema,),
    ).fetchone()
    return database.read_schema_version() if row[0] else 0


def _upgrade(database: Database, address: Address) -> None:
    """Take a schema to this evcli's version, one process at a time.

    Raises: ConfigurationError: it is newer, or may not be made.
    """
    with database.plain_transaction():
        database.execute(
            "SELECT pg_advisory_xact_lock(?::int, ?::int)",
            (UPGRADE, crc32(address.schema.encode()) % 2**31),
        )
        version = _read_version(database)
        if version > SCHEMA_VERSION:
            raise ConfigurationError(
                f"The store {address.name} was written by a newer evcli (schema"
                f" {version}, this one knows {SCHEMA_VERSION}); upgrade evcli or name"
                " another schema. Nothing was changed."
            )
        if version == SCHEMA_VERSION:
            return
        if version == 0:
            _make_schema(database, address)
        take_steps(database, version or FIRST_VERSION - 1, SCHEMA_VERSION)
        if version == 0:
            database.execute(
                "INSERT INTO settings (name, value) VALUES ('created_at', ?)",
                (str(to_epoch_ms(datetime.now(UTC))),),
            )


def _make_schema(database: Database, address: Address) -> None:
    """Make the schema, unless somebody did who may.

    Raises: ConfigurationError: other tables are in it.
    """
    found = database.execute(
        "SELECT 1 FROM pg_namespace WHERE nspname = ?", (address.schema,)
    ).fetchone()
    if found is None:
        database.execute(f"CREATE SCHEMA {address.schema}")
        return
    row = database.execute(
        "SELECT COUNT(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v')"
        " AND relnamespace = quote_ident(?)::regnamespace",
        (address.schema,),
    ).fetchone()
    if row[0]:
        raise ConfigurationError(
            f"The schema of the store {address.name} has tables that are not evcli's;"
            " name another schema. Nothing was changed."
        )
