"""Work that must not grow with what the store holds, counted in steps of SQLite."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from evcli.store.accepted_events import EventConditions
from evcli.store.deliveries import FAILED, NO_RULE, Delivery, Event
from evcli.store.ledger_counts import count_deliveries, count_events
from evcli.store.upkeep.pruning import prune

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.store import Store

pytestmark = pytest.mark.sqlite_only

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
FEW = 30
LATER = datetime(2024, 5, 14, 12, tzinfo=UTC)
TARGET = {"Id": "t", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}


def count_steps(store: Store, work: Callable[[], object]) -> int:
    """How many instructions SQLite runs for some work."""
    steps: list[int] = []
    work()
    store.database.connection.set_progress_handler(lambda: steps.append(1), 1)
    work()
    store.database.connection.set_progress_handler(None, 1)
    return len(steps)


def add(store: Store, number: int, state: str) -> None:
    """Add an event, accepted late, with a finished delivery; one that failed is later.

    It also says that it has none, which no ledger does: so the index of those is tried.
    """
    event = Event(
        event_id=f"e{number}",
        account_id="0" * 12,
        region="us-east-1",
        event_bus_name="default",
        accepted_at=LATER if state == FAILED else NOW,
        envelope="{}",
        undelivered=NO_RULE if state == FAILED else None,
    )
    store.ledger.add_event(event)
    delivery = Delivery(
        event=event, rule_arn="r", target=TARGET, payload="", state=state
    )
    store.ledger.add_delivery(delivery)


WORK: dict[str, Callable[[Store], object]] = {
    "prune what is older than everything": lambda store: prune(
        store.database, NOW, None, 100
    ),
    "look for orphans": lambda store: store.ledger.has_orphans(),
    "look what is due next": lambda store: store.ledger.get_next_due(),
    "count events": lambda store: count_events(store.database),
    "count deliveries": lambda store: count_deliveries(store.database),
    "list failures": lambda store: list(store.ledger.list_deliveries(state=FAILED)),
    "find the newest failures": lambda store: store.ledger.find_newest(5, state=FAILED),
    "list the newest": lambda store: list(
        store.ledger.list_deliveries(after=store.ledger.find_newest(1))
    ),
    "list an event's": lambda store: list(store.ledger.list_deliveries(event_id="e0")),
    "find an event": lambda store: store.accepted_events.list_arrivals("e0"),
    "find ids by their beginning": lambda store: store.accepted_events.list_ids(
        "e0", 2
    ),
    "find ids of both kinds": lambda store: store.accepted_events.list_ids("0", 2),
    "list the newest events": lambda store: list(
        islice(store.accepted_events.list_newest(EventConditions()), 2)
    ),
    "list the events that led to nothing": lambda store: list(
        store.accepted_events.list_after(EventConditions(undelivered=True), 0)
    ),
    "list the newest of them": lambda store: list(
        store.accepted_events.list_newest(EventConditions(undelivered=True))
    ),
    "find where a time begins": lambda store: store.accepted_events.find_key_before(
        LATER
    ),
}


@pytest.mark.parametrize("what", WORK)
def test_the_work_is_the_same_in_a_long_ledger(store: Store, what: str) -> None:
    with store.transaction():
        for number in range(FEW):
            add(store, number, FAILED)

    few = count_steps(store, lambda: WORK[what](store))
    with store.transaction():
        for number in range(FEW, 3000):
            add(store, number, "DELIVERED")
    many = count_steps(store, lambda: WORK[what](store))

    # Not the same number, because b-trees grow deeper and lists have another end.
    assert few > 0
    assert many <= few * 1.3
