"""Stores in memory: for trying things, gone with the process.

They behave like those of a state directory and need one for the locks of owners alone.
"""

from __future__ import annotations

import _sqlite3 as sqlite3

from evcli.store.database import Database
from evcli.store.sqlite import migrations
from evcli.store.sqlite.opening import take_steps
from evcli.store.store import Store


def open_memory_store(path: str) -> Store:
    """Make an empty store.

    Args:
        path: a directory of one's own, where locks may be made.
    """
    connection = _connect()
    connection.execute("BEGIN")
    take_steps(connection, 0, len(migrations.MIGRATIONS))
    connection.execute("COMMIT")
    return Store(Database(path, connection))


def copy_memory_store(store: Store) -> Store:
    """Make another store that has all that one has; what happens in either stays there."""
    connection = _connect()
    store.database.connection.backup(connection)
    return Store(Database(store.path, connection))


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)
