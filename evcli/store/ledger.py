"""The ledger: every event that an event bus accepted, every delivery it led to.

What they are, and how they live, is in `store/deliveries.py`.
"""

from __future__ import annotations

from evcli.store.deliveries import Attempt
from evcli.store.delivery_conditions import build_conditions
from evcli.store.epoch import from_epoch_ms, to_epoch_ms
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
    from collections.abc import Iterator, Sequence
    from typing import Any

    from evcli.store.deliveries import Delivery, Event
    from evcli.store.ledger_batches import LedgerBatch
    from evcli.store.store import Store


class Ledger:
    """Events, deliveries and attempts.

    `batch` takes what is added, while one is open.
    """

    __slots__ = ("_store", "batch")

    def __init__(self, store: Store) -> None:
        self._store = store
        self.batch: LedgerBatch | None = None

    # -- writing

    def add_event(self, event: Event) -> None:
        """Write an accepted event and give it its key."""
        if self.batch is None:
            sql = write_insert("events", EVENT_COLUMNS)
            row = event_row(event, None, Moments())
            event.event_key = self._store.insert(sql, row)
        else:
            self.batch.add_event(event)

    def add_delivery(self, delivery: Delivery) -> None:
        """Write a delivery whose event is written, and give it its key."""
        if self.batch is None:
            sql = write_insert("deliveries", DELIVERY_COLUMNS)
            row = delivery_row(delivery, None, Moments())
            delivery.delivery_key = self._store.insert(sql, row)
        else:
            self.batch.add_delivery(delivery)

    def update_delivery(self, delivery: Delivery, attempt: Attempt | None) -> None:
        """Write where a delivery stands, and the attempt that brought it there.

        A first attempt that succeeds without output leaves no row of its own: the
        delivery says it all.
        """
        moments = Moments()
        self._store.execute(
            "UPDATE deliveries SET state = ?, attempts = ?, next_attempt_at = ?,"
            " finished_at = ?, error_code = ?, error_message = ?, owner = ?"
            " WHERE delivery_key = ?",
            (
                delivery.state,
                delivery.attempts,
                moments[delivery.next_attempt_at],
                moments[delivery.finished_at],
                delivery.error_code,
                delivery.error_message,
                delivery.owner,
                delivery.delivery_key,
            ),
        )
        if attempt is not None and not _is_plain_success(attempt):
            self._store.execute(
                "INSERT OR REPLACE INTO attempts (delivery_key, number, attempted_at,"
                " error_code, error_message, output) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    delivery.delivery_key,
                    attempt.number,
                    to_epoch_ms(attempt.attempted_at),
                    attempt.error_code,
                    attempt.error_message,
                    attempt.output,
                ),
            )

    def finish_all(self, deliveries: Sequence[Delivery]) -> None:
        """Write deliveries that were made, and of which nothing more is to be said.

        Neighbours that stand alike share a statement.
        """
        moments = Moments()
        rows: list[list[Any]] = []
        last = None
        for delivery in deliveries:
            if (
                last is not None
                and delivery.delivery_key == last.delivery_key + 1
                and delivery.finished_at is last.finished_at
                and delivery.attempts == last.attempts
                and delivery.state is last.state
            ):
                rows[-1][4] = delivery.delivery_key
            else:
                at, key = moments[delivery.finished_at], delivery.delivery_key
                rows.append([delivery.state, delivery.attempts, at, key, key])
            last = delivery
        self._store.execute_many(
            "UPDATE deliveries SET state = ?, attempts = ?, finished_at = ?,"
            " next_attempt_at = NULL, error_code = NULL, error_message = NULL,"
            " owner = NULL WHERE delivery_key BETWEEN ? AND ?",
            [tuple(row) for row in rows],
        )

    # -- reading

    def get_delivery(self, delivery_key: int) -> Delivery | None:
        """Fetch one delivery with its event."""
        rows = self.select("WHERE delivery_key = ?", (delivery_key,))
        return next(rows, None)

    def list_deliveries(
        self,
        *,
        event_id: str | None = None,
        rule_name: str | None = None,
        target_arn: str | None = None,
        state: str | None = None,
        after: int = 0,
        limit: int = -1,
    ) -> Iterator[Delivery]:
        """List deliveries, oldest first.

        Args:
            rule_name: a rule's name or its ARN.
            after: only those with a greater delivery key.
            limit: how many at most; -1 for all.
        """
        where, values = build_conditions(event_id, rule_name, target_arn, state)
        return self.select(
            f"WHERE delivery_key > ?{where} ORDER BY delivery_key LIMIT ?",
            (after, *values, limit),
        )

    def find_newest(
        self,
        count: int,
        *,
        event_id: str | None = None,
        rule_name: str | None = None,
        target_arn: str | None = None,
        state: str | None = None,
    ) -> int:
        """Find the delivery key after which `count` deliveries come, or all of them.

        Takes the conditions of `list_deliveries`.
        """
        where, values = build_conditions(event_id, rule_name, target_arn, state)
        row = self._store.execute(
            "SELECT delivery_key FROM deliveries JOIN events USING (event_key)"
            f" WHERE delivery_key > 0{where} ORDER BY delivery_key DESC LIMIT 1 OFFSET ?",
            (*values, count),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def list_attempts(self, delivery_key: int) -> list[Attempt]:
        """List the attempts that left something to say, in order."""
        rows = self._store.execute(
            "SELECT number, attempted_at, error_code, error_message, output"
            " FROM attempts WHERE delivery_key = ? ORDER BY number",
            (delivery_key,),
        )
        return [
            Attempt(number, from_epoch_ms(moment), code, message, output)
            for number, moment, code, message, output in rows
        ]

    def list_events(self, event_id: str) -> list[Event]:
        """List the arrivals of an event, one for each event bus that accepted it."""
        from evcli.store.ledger_reading import to_event

        rows = self._store.execute(
            "SELECT event_id, account_id, region, event_bus_name, accepted_at, hops,"
            " envelope, trace_header, event_key FROM events WHERE event_id = ?"
            " ORDER BY event_key",
            (event_id,),
        )
        return [to_event(row) for row in rows]

    def select(self, tail: str, values: tuple[object, ...]) -> Iterator[Delivery]:
        """Read deliveries with their events, one at a time; for the store's own use."""
        from evcli.store.ledger_reading import read_deliveries

        return read_deliveries(self._store, tail, values)


def _is_plain_success(attempt: Attempt) -> bool:
    return attempt.number == 1 and attempt.error_code is None and not attempt.output
