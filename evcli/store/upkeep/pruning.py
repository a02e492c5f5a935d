"""Forgetting: events whose deliveries are all finished leave the ledger.

File sinks keep their lines. Numbers of deliveries are never given out again, so a
delivery id means the same one for ever.
"""

from __future__ import annotations

from contextlib import suppress

from evcli.errors import ConflictError
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.store.database import Database

    # Accepted at, in epoch milliseconds, and the event's key.
    Cursor = tuple[int, int]

# So many pages are given back in one step: 8 MiB.
SHRINK_PAGES = 512
_START = (-(1 << 62), 0)
_DELIVERIES = "SELECT delivery_key FROM deliveries WHERE event_key IN"


class Pruned:
    """How much went: finished events and their deliveries; and how many events that
    are old enough stayed, because deliveries of theirs are still under way."""

    __slots__ = ("deliveries", "events", "waiting_events")

    def __init__(self) -> None:
        self.events = 0
        self.deliveries = 0
        self.waiting_events = 0

    def add(self, other: Pruned) -> None:
        """Add what went in a later batch."""
        self.events += other.events
        self.deliveries += other.deliveries
        self.waiting_events += other.waiting_events


def prune(
    database: Database,
    before: datetime,
    after: Cursor | None,
    limit: int,
    *,
    dry_run: bool = False,
) -> tuple[Pruned, Cursor | None]:
    """Remove finished events accepted before an instant; call inside a transaction.

    Goes by age over an index, so that what is younger costs nothing.

    Args:
        after: where an earlier call ended; `None` at first.
        limit: how many events to look at, at most.
        dry_run: count what would go, and remove nothing.

    Returns:
        What went, and where to go on; `None` when there are no more.
    """
    cursors: list[Cursor] = database.execute(
        "SELECT accepted_at, event_key FROM events WHERE accepted_at < ?"
        " AND (accepted_at, event_key) > (?, ?) ORDER BY accepted_at, event_key LIMIT ?",
        (to_epoch_ms(before), *(after or _START), limit),
    ).fetchall()
    pruned = Pruned()
    finished = []
    for _, event_key in cursors:
        deliveries, waiting = database.execute(
            "SELECT COUNT(*), COUNT(next_attempt_at) FROM deliveries WHERE event_key = ?",
            (event_key,),
        ).fetchone()
        if waiting:
            pruned.waiting_events += 1
            continue
        pruned.events += 1
        pruned.deliveries += deliveries
        finished.append((event_key,))
    if not dry_run:
        _remove(database, finished)
    return pruned, cursors[-1] if len(cursors) == limit else None


def tidy_up(database: Database) -> None:
    """Give back the room of all that was pruned; call outside of transactions."""
    # Targets may say what nobody wants to keep.
    # Somebody may be about to refer to one of them again; the next call sees to that.
    with suppress(ConflictError):
        database.execute(
            "DELETE FROM ledger_routes WHERE route_key NOT IN"
            " (SELECT route_key FROM deliveries)"
        )
    shrink(database)
    database.empty_log()


def _remove(database: Database, keys: list[tuple[int]]) -> None:
    database.execute_many(
        f"DELETE FROM attempts WHERE delivery_key IN ({_DELIVERIES} (?))", keys
    )
    database.execute_many(
        f"DELETE FROM table_lines WHERE delivery_key IN ({_DELIVERIES} (?))", keys
    )
    database.execute_many("DELETE FROM deliveries WHERE event_key = ?", keys)
    database.execute_many("DELETE FROM events WHERE event_key = ?", keys)


def shrink(database: Database) -> None:
    """Give the room of what was deleted back to the file system, in short steps.

    Others write in between. Call outside of transactions. The file gets smaller with the
    next checkpoint; one whose pages cannot be moved stays as it is.
    """
    if database.is_shared:
        return  # its server sees to that
    free, before = 0, -1
    while free != before:
        before = free
        database.execute(f"PRAGMA incremental_vacuum({SHRINK_PAGES})").fetchall()
        free = database.execute("PRAGMA freelist_count").fetchone()[0]
