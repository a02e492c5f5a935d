"""Many events, deliveries and archived events in one transaction, in a few statements.

Row by row, a statement costs more than what it writes. So a batch takes what would be
added to the ledger and to archives: keys are handed out at once, counted on from where
the tables stand, and the rows follow together at the end.
"""

from __future__ import annotations

from itertools import chain

from evcli.store.archived_events import ArchivedEvents
from evcli.store.database import format_insert
from evcli.store.deliveries import (
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    EpochColumns,
    delivery_row,
    event_row,
)
from evcli.store.ledger import get_bus_key, get_route_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Any

    from evcli.store.archived_events import Row
    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery, Event

# Rows of one statement. Most of what there is to gain, and far from SQLite's limit of
# parameters, which was 999 before 3.32: 13 columns fit 76 times.
STATEMENT_ROWS = 60


class LedgerBatch:
    """Takes events, deliveries and archived events, in place of their parts of the store.

    For `with` blocks inside of transactions, one after the other; what one adds can be
    read only behind it.
    """

    __slots__ = (
        "_archived_rows",
        "_database",
        "_deliveries",
        "_delivery_keys",
        "_event_keys",
        "_events",
    )

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> LedgerBatch:
        self._event_keys = self._database.draw_keys("events")
        self._delivery_keys = self._database.draw_keys("deliveries")
        self._events: list[Event] = []
        self._deliveries: list[Delivery] = []
        self._archived_rows: list[Row] = []
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._write()

    @property
    def event_keys(self) -> list[int]:
        """The keys of the events that the last block took, in their order."""
        return [event.event_key for event in self._events]

    def add_event(self, event: Event) -> None:
        """Take an event and give it its key."""
        event.event_key = next(self._event_keys)
        self._events.append(event)

    def add_delivery(self, delivery: Delivery) -> None:
        """Take a delivery whose event has its key, and give it its own."""
        delivery.delivery_key = next(self._delivery_keys)
        self._deliveries.append(delivery)

    def add_archived_event(self, row: Row) -> None:
        """Take an event that an archive keeps, as `ArchivedEvents.add`."""
        self._archived_rows.append(row)

    def _write(self) -> None:
        database, times = self._database, EpochColumns()
        insert_many(
            database,
            "events",
            EVENT_COLUMNS,
            [
                event_row(each, each.event_key, get_bus_key(database, each), times)
                for each in self._events
            ],
        )
        insert_many(
            database,
            "deliveries",
            DELIVERY_COLUMNS,
            [
                delivery_row(
                    each, each.delivery_key, get_route_key(database, each), times
                )
                for each in self._deliveries
            ],
        )
        if self._archived_rows:
            ArchivedEvents(database).add_all(self._archived_rows)


def insert_many(
    database: Database, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    """Insert many rows, a number of them in each statement.

    Columns that are empty in all rows are left out: to bind them would cost more than
    all that is in the others. None of them may have a default.
    """
    if not rows:
        return
    kept = [
        (name, values)
        for name, values in zip(columns, zip(*rows, strict=True), strict=True)
        if not all(value is None for value in values)
    ]
    names = [name for name, _ in kept]
    rows = [*zip(*(values for _, values in kept), strict=True)]
    rest = len(rows) % STATEMENT_ROWS
    if rest < len(rows):
        many = format_insert(table, names, STATEMENT_ROWS)
        for first in range(0, len(rows) - rest, STATEMENT_ROWS):
            chunk = rows[first : first + STATEMENT_ROWS]
            database.execute(many, tuple(chain.from_iterable(chunk)))
    database.execute_many(format_insert(table, names), rows[len(rows) - rest :])
