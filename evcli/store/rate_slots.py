"""Rate slots: which attempt may call an API destination in which second.

A full second gives the attempt a slot in the first one that is not, so however many
wait, each looks for its slot once. Who is late for it asks again. Past seconds are
forgotten as others ask; a clock that is put back finds the present free.
"""

from __future__ import annotations

from evcli.store.epoch import from_epoch_ms, to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery

# The seconds that may have room: this one, and each that follows one that is taken.
_FIRST_WITH_ROOM = """
    SELECT MIN(second) FROM (
        SELECT ? AS second
        UNION ALL
        SELECT second + 1 FROM rate_slots WHERE target_arn = ? AND second >= ?
        GROUP BY second
    ) AS candidates
    WHERE ? > (
        SELECT COUNT(*) FROM rate_slots
        WHERE target_arn = ? AND rate_slots.second = candidates.second
    )
"""


def reserve_slot(
    database: Database, delivery: Delivery, now: datetime, per_second: int
) -> datetime | None:
    """Reserve the slot of a delivery's next attempt; call inside a transaction.

    Args:
        per_second: how many attempts a second of the clock has room for.

    Returns:
        `None` when it is now; otherwise the instant to come back at.
    """
    arn, second = delivery.target_arn, to_epoch_ms(now) // 1000
    own = (delivery.delivery_key, delivery.attempts + 1)
    database.execute(
        "DELETE FROM rate_slots WHERE target_arn = ? AND second < ?", (arn, second)
    )
    reserved = database.execute(
        "SELECT 1 FROM rate_slots WHERE target_arn = ? AND second = ?"
        " AND delivery_key = ? AND attempt = ?",
        (arn, second, *own),
    )
    if reserved.fetchone() is not None:
        return None
    values = (second, arn, second, per_second, arn)
    slot: int = database.execute(_FIRST_WITH_ROOM, values).fetchone()[0]
    database.execute(
        "INSERT INTO rate_slots (target_arn, second, delivery_key, attempt)"
        " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (arn, slot, *own),
    )
    return None if slot == second else from_epoch_ms(slot * 1000)
