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


# Accepted at, in epoch milliseconds, and the event's key.
Place = tuple[int, int]
START: Place = (-(1 << 62), 0)


def prune(
    store: Store, before: datetime, after: Place | None, limit: int
) -> tuple[int, Place | None]:
    """Remove finished events accepted before an instant; call inside a transaction.

    Goes by age over an index, so that what is younger costs nothing.

    Args:
        after: the place of the last event that an earlier call looked at; `None` at
            first.
        limit: how many events to look at, at most.

    Returns:
        How many were removed, and the place to go on after; `None` when there are no
        more.
    """
    places: list[Place] = store.execute(
        "SELECT accepted_at, event_key FROM events WHERE accepted_at < ?"
        " AND (accepted_at, event_key) > (?, ?) ORDER BY accepted_at, event_key LIMIT ?",
        (to_moment(before), *(after or START), limit),
    ).fetchall()
    keys = [(event_key,) for _, event_key in places]
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
    return len(finished), places[-1] if len(places) == limit else None
