"""Forgetting: events whose deliveries are all finished leave the ledger.

File sinks keep their lines. Numbers of deliveries are never given out again, so a
delivery id means the same one for ever.
"""

from __future__ import annotations

from evcli.store.moments import to_moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.store.store import Store

_DELIVERIES = "SELECT delivery_key FROM deliveries WHERE event_key IN"


def prune(store: Store, before: datetime, after: int, limit: int) -> tuple[int, int]:
    """Remove finished events accepted before an instant; call inside a transaction.

    Args:
        after: the key of the last event that an earlier call looked at; 0 at first.
        limit: how many events to look at, at most.

    Returns:
        How many were removed, and the key to go on after; 0 when there are no more.
    """
    keys = store.execute(
        "SELECT event_key FROM events WHERE accepted_at < ? AND event_key > ?"
        " ORDER BY event_key LIMIT ?",
        (to_moment(before), after, limit),
    ).fetchall()
    finished = [
        key
        for key in keys
        if store.execute(
            "SELECT 1 FROM deliveries WHERE event_key = ?"
            " AND next_attempt_at IS NOT NULL LIMIT 1",
            key,
        ).fetchone()
        is None
    ]
    store.execute_many(
        f"DELETE FROM attempts WHERE delivery_key IN ({_DELIVERIES} (?))", finished
    )
    store.execute_many("DELETE FROM deliveries WHERE event_key = ?", finished)
    store.execute_many("DELETE FROM events WHERE event_key = ?", finished)
    return len(finished), keys[-1][0] if len(keys) == limit else 0
