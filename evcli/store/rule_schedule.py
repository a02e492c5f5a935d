"""Which rules fire next, of all accounts, regions and event buses."""

from __future__ import annotations

from evcli.store.epoch import from_epoch_ms, to_epoch_ms
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.store.store import Store


def find_next_fire(store: Store) -> datetime | None:
    """When the next schedule fires, if any does."""
    row = store.execute(
        "SELECT MIN(next_fire_at) FROM rules WHERE next_fire_at IS NOT NULL"
    ).fetchone()
    return None if row[0] is None else from_epoch_ms(row[0])


def list_scheduled_rules(store: Store) -> list[Rule]:
    """List the rules that have a schedule and are not disabled."""
    rules = store.list_records(Rule)
    return [rule for rule in rules if rule.schedule_anchor_at is not None]


def list_due_rules(store: Store, now: datetime, limit: int) -> list[Rule]:
    """List rules whose schedule fires at `now` or before, the earliest first."""
    keys = store.execute(
        f"SELECT {', '.join(Rule.KEY)} FROM rules WHERE next_fire_at <= ?"
        f" ORDER BY next_fire_at, {', '.join(Rule.KEY)} LIMIT ?",
        (to_epoch_ms(now), limit),
    ).fetchall()
    rules = [store.get(Rule, *key) for key in keys]
    return [rule for rule in rules if rule is not None]
