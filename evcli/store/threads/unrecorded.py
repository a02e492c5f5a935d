"""Deliveries of owners that record a little later what they have made.

Those owners have numbers of their own, see `store/directory/locks.py`; so that a reader
finds out by a look into an index whether there are any.
"""

from __future__ import annotations

import _sqlite3 as sqlite3

from evcli.store.database import is_busy
from evcli.store.deliveries import DELIVERED, PENDING, EpochColumns
from evcli.store.directory.locks import OWNERS
from evcli.store.ledger_reading import read_deliveries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery

    # A delivery that was made: its key, the owner that it had then, when it was.
    Made = tuple[int, int, datetime]

_UNRECORDED = "WHERE state = ? AND next_attempt_at IS NOT NULL AND owner >= ?"


def record_made(database: Database, made: Iterable[Made]) -> None:
    """Write that first attempts were made, unless their rows have moved on since.

    Call inside a transaction. Neighbours that stand alike share a statement.
    """
    times = EpochColumns()
    rows: list[list[int | None]] = []
    last = 0
    for key, owner, made_at in made:
        at = times[made_at]
        if rows and key == last + 1 and rows[-1][0::3] == [at, owner]:
            rows[-1][2] = key
        else:
            rows.append([at, key, key, owner])
        last = key
    database.execute_many(
        f"UPDATE deliveries SET state = '{DELIVERED}', attempts = 1, finished_at = ?,"
        " next_attempt_at = NULL, owner = NULL WHERE delivery_key BETWEEN ? AND ?"
        f" AND owner = ? AND state = '{PENDING}'",
        [tuple(row) for row in rows],
    )


def has_unrecorded(database: Database) -> bool:
    """Say whether there are deliveries that `list_unrecorded` would list."""
    row = database.execute(
        f"SELECT 1 FROM deliveries {_UNRECORDED} LIMIT 1", (PENDING, OWNERS)
    ).fetchone()
    return row is not None


def list_unrecorded(database: Database) -> list[Delivery]:
    """List the deliveries of such owners that are not recorded, made or not."""
    return [*read_deliveries(database, _UNRECORDED, (PENDING, OWNERS))]


def is_kept_waiting(database: Database, seconds: float) -> bool:
    """Say whether another process keeps this one from writing for so long."""
    if database.is_shared:
        return False  # no process there keeps all others from writing
    database.set_patience(seconds)
    try:
        database.connection.execute("BEGIN IMMEDIATE")
        database.connection.execute("ROLLBACK")
        return False
    except sqlite3.OperationalError as error:
        return is_busy(error)
    finally:
        database.set_patience()
