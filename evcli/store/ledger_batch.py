"""Many events, deliveries and archived events in one transaction, in a few statements.

Row by row, a statement costs more than what it writes. So a batch takes what would be
added to the ledger and to archives: keys are handed out at once, counted on from where
the tables stand, and the rows follow together at the end.

What is taken is an `Event` or a `Delivery`, or many of the usual kind as tuples, which
another process may have made; see `bulk/preparing.py`.
"""

from __future__ import annotations

from itertools import chain, islice

from evcli.store.archived_events import ArchivedEvents
from evcli.store.database import format_insert
from evcli.store.deliveries import (
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    PENDING,
    EpochColumns,
    delivery_row,
    event_row,
)
from evcli.store.ledger_keys import get_bus_key, get_key, get_route_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import Any

    from evcli.store.archived_events import Row
    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery, Event

    # An event as it is accepted: its id; account, region and name of the event bus; the
    # envelope; `undelivered`; each but the event bus as in its column.
    EventValues = tuple[bytes, tuple[str, str, str], str, int | None]
    # A rule and its target: rule ARN, target id, target ARN, definition as in the column.
    Route = tuple[str, str, str, str]
    # A delivery as it is accepted: the key of its event, its route, the payload where it
    # is not the envelope, how long the file of its sink is.
    DeliveryValues = tuple[int, Route, str | None, int]

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
        "_delivery_keys",
        "_delivery_rows",
        "_event_keys",
        "_event_rows",
        "_times",
    )

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> LedgerBatch:
        self._event_keys = self._database.draw_keys("events")
        self._delivery_keys = self._database.draw_keys("deliveries")
        self._event_rows: list[tuple[Any, ...]] = []
        self._delivery_rows: list[tuple[Any, ...]] = []
        self._archived_rows: list[Row] = []
        self._times = EpochColumns()
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
        return [row[0] for row in self._event_rows]

    def add_event(self, event: Event) -> None:
        """Take an event and give it its key."""
        key = event.event_key = next(self._event_keys)
        bus_key = get_bus_key(self._database, event)
        self._event_rows.append(event_row(event, key, bus_key, self._times))

    def add_delivery(self, delivery: Delivery) -> None:
        """Take a delivery whose event has its key, and give it its own."""
        key = delivery.delivery_key = next(self._delivery_keys)
        route_key = get_route_key(self._database, delivery)
        row = delivery_row(delivery, key, route_key, self._times)
        self._delivery_rows.append(row)

    def add_archived_event(self, row: Row) -> None:
        """Take an event that an archive keeps, as `ArchivedEvents.add`."""
        self._archived_rows.append(row)

    def add_events(self, events: Sequence[EventValues], accepted_at: datetime) -> range:
        """Take events that arrive together and directly; give their keys."""
        at, keys = self._times[accepted_at], _take(self._event_keys, len(events))
        buses = Keys(self._database, "ledger_buses")
        # In `EVENT_COLUMNS`, which say what each is.
        self._event_rows += [
            (key, event_id, buses[event_bus], at, 0, envelope, None, undelivered)
            for key, (event_id, event_bus, envelope, undelivered) in zip(
                keys, events, strict=True
            )
        ]
        return keys

    def add_deliveries(
        self, deliveries: Sequence[DeliveryValues], accepted_at: datetime, owner: int
    ) -> range:
        """Take first attempts of events that have their keys; give theirs."""
        at, keys = self._times[accepted_at], _take(self._delivery_keys, len(deliveries))
        routes = Keys(self._database, "ledger_routes")
        # In `DELIVERY_COLUMNS`, likewise.
        self._delivery_rows += [
            (
                *(key, event_key, None, routes[route], payload, PENDING, 0, at),
                *(None, None, None, owner, length_bytes),
            )
            for key, (event_key, route, payload, length_bytes) in zip(
                keys, deliveries, strict=True
            )
        ]
        return keys

    def _write(self) -> None:
        insert_many(self._database, "events", EVENT_COLUMNS, self._event_rows)
        insert_many(self._database, "deliveries", DELIVERY_COLUMNS, self._delivery_rows)
        if self._archived_rows:
            ArchivedEvents(self._database).add_all(self._archived_rows)


def _take(keys: Iterator[int], count: int) -> range:
    """Take the next numbers, which are neighbours where nobody else draws."""
    taken = [*islice(keys, count)]
    return range(taken[0], taken[-1] + 1) if taken else range(0)


class Keys(dict[tuple[str, ...], int]):
    """The numbers of a table of `store/ledger.py`, looked up once each."""

    def __init__(self, database: Database, table: str) -> None:
        super().__init__()
        self._database = database
        self._table = table

    def __missing__(self, values: tuple[str, ...]) -> int:
        key = self[values] = get_key(self._database, self._table, values)
        return key


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
