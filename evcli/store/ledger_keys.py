"""Numbers for what rows of the ledger and of archives repeat.

Where events arrived, which rule sent a delivery to which target, to which archive an
event belongs: each is written once, in a small table of its own. A number is looked up
or given inside of a transaction, and known until that ends.
"""

from __future__ import annotations

from evcli.store.database import format_insert
from evcli.store.deliveries import format_definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery, Event

# Table → the column with the number, the others.
_TABLES = {
    "ledger_buses": ("bus_key", ("account_id", "region", "event_bus_name")),
    "ledger_routes": (
        "route_key",
        ("rule_arn", "target_id", "target_arn", "definition"),
    ),
    "archive_keys": ("archive_key", ("archive_id",)),
}


def get_bus_key(database: Database, event: Event) -> int:
    """Get the number of the event bus that accepted an event."""
    values = (event.account_id, event.region, event.event_bus_name)
    return get_key(database, "ledger_buses", values)


def get_route_key(database: Database, delivery: Delivery) -> int:
    """Get the number of a delivery's rule, and of its target as it stands."""
    values = (
        delivery.rule_arn,
        delivery.target_id,
        delivery.target_arn,
        format_definition(delivery.target),
    )
    return get_key(database, "ledger_routes", values)


def get_archive_key(database: Database, archive_id: str) -> int:
    """Get the number of an archive."""
    return get_key(database, "archive_keys", (archive_id,))


def get_key(database: Database, table: str, values: tuple[str, ...]) -> int:
    """Get the number of a row of one of these tables, by its other columns."""
    known = database.known_keys
    key = known.get((table, values))
    if key is not None:
        return key
    try:
        key = _recall_key(database, table, values)
    except LookupError:
        _, columns = _TABLES[table]
        # Somebody else may be doing the same.
        insert = f"{format_insert(table, columns)} ON CONFLICT DO NOTHING"
        database.execute(insert, values)
        key = _read_key(database, table, values)
    if database.in_transaction:
        known[table, values] = key
    return key


def _recall_key(database: Database, table: str, values: tuple[str, ...]) -> int:
    """Get a number that was given out. Raises: LookupError: none was."""
    memory = database.memory
    if memory is None:
        return _read_key(database, table, values)
    key: int = memory.recall(
        (table, values), lambda: _read_key(database, table, values)
    )
    return key


def _read_key(database: Database, table: str, values: tuple[str, ...]) -> int:
    """Read a number that was given out. Raises: LookupError: none was."""
    number, columns = _TABLES[table]
    where = " AND ".join(f"{column} = ?" for column in columns)
    sql = f"SELECT {number} FROM {table} WHERE {where}"
    row = database.execute(sql, values).fetchone()
    if row is None:
        raise LookupError(values)
    return int(row[0])
