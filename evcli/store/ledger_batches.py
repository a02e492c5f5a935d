"""Many events, deliveries and archived events in one transaction, in a few statements.

Row by row, a statement costs more than what it writes. So a batch stands in for the
ledger's own insertions: keys are handed out at once, counted on from where the tables
stand, and the rows follow together at the end.
"""

from __future__ import annotations

from itertools import chain

from evcli.store.ledger_rows import (
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    Moments,
    delivery_row,
    event_row,
    write_insert,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Any

    from evcli.store.archived_events import Row
    from evcli.store.deliveries import Delivery, Event
    from evcli.store.store import Store

# Rows of one statement. Most of what there is to gain, and far from SQLite's limit of
# parameters, which was 999 before 3.32: 16 columns fit 62 times.
STATEMENT_ROWS = 60


class LedgerBatch:
    """A `with` block inside a transaction; what it adds can be read only behind it.

    Nobody else adds rows meanwhile, for the transaction holds the write lock.
    """

    __slots__ = (
        "_archived_rows",
        "_deliveries",
        "_delivery_key",
        "_event_key",
        "_events",
        "_store",
    )

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: list[Event] = []
        self._deliveries: list[Delivery] = []
        self._archived_rows: list[Row] = []

    def __enter__(self) -> LedgerBatch:
        counters: dict[str, int] = dict(
            self._store.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        )
        self._event_key = counters.get("events", 0)
        self._delivery_key = counters.get("deliveries", 0)
        self._store.ledger.batch = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.ledger.batch = None
        if error is None:
            self._write()

    def add_event(self, event: Event) -> None:
        """Take an event and give it its key."""
        self._event_key += 1
        event.event_key = self._event_key
        self._events.append(event)

    def add_delivery(self, delivery: Delivery) -> None:
        """Take a delivery whose event has its key, and give it its own."""
        self._delivery_key += 1
        delivery.delivery_key = self._delivery_key
        self._deliveries.append(delivery)

    def add_archived_event(self, row: Row) -> None:
        """Take the row of an event that an archive keeps."""
        self._archived_rows.append(row)

    def _write(self) -> None:
        moments = Moments()
        insert_many(
            self._store,
            "events",
            EVENT_COLUMNS,
            [event_row(each, each.event_key, moments) for each in self._events],
        )
        insert_many(
            self._store,
            "deliveries",
            DELIVERY_COLUMNS,
            [
                delivery_row(each, each.delivery_key, moments)
                for each in self._deliveries
            ],
        )
        if self._archived_rows:
            self._store.archived_events.write_all(self._archived_rows)


def insert_many(
    store: Store, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]
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
        many = write_insert(table, names, STATEMENT_ROWS)
        for first in range(0, len(rows) - rest, STATEMENT_ROWS):
            chunk = rows[first : first + STATEMENT_ROWS]
            store.execute(many, tuple(chain.from_iterable(chunk)))
    store.execute_many(write_insert(table, names), rows[len(rows) - rest :])
