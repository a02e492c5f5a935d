"""The ledger: every event that an event bus accepted, every delivery it led to.

A delivery is a row from the moment its event is accepted, in the same transaction, so
nothing accepted can be lost. Its life:

    PENDING ──► DELIVERED
       │  ▲
       ▼  │            a failed attempt that may be repeated, until the retry policy ends
    RETRYING ──► FAILED

`owner` is the process that is at it; see `store/directory/locks.py` for how the next worker knows
that an owner died. Rows keep what cannot be derived: a payload equal to the event's
envelope and a target that is only id and ARN are not written again.
"""

from __future__ import annotations

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
    from datetime import datetime
    from typing import Any

    from evcli.store.ledger_batches import LedgerBatch
    from evcli.store.store import Store

PENDING = "PENDING"
RETRYING = "RETRYING"
DELIVERED = "DELIVERED"
FAILED = "FAILED"


class Event:
    """An event as one event bus accepted it.

    `account_id`, `region` and `event_bus_name` say where it arrived, which need not be
    where it came from; `envelope` is the text that targets receive. `hops` counts the
    forwards from bus to bus. `trace_header` goes with the calls of targets.
    """

    __slots__ = (
        "accepted_at",
        "account_id",
        "envelope",
        "event_bus_name",
        "event_id",
        "event_key",
        "hops",
        "region",
        "trace_header",
    )

    def __init__(
        self,
        *,
        event_id: str,
        account_id: str,
        region: str,
        event_bus_name: str,
        accepted_at: datetime,
        envelope: str,
        hops: int = 0,
        trace_header: str | None = None,
        event_key: int = 0,
    ) -> None:
        self.event_id = event_id
        self.account_id = account_id
        self.region = region
        self.event_bus_name = event_bus_name
        self.accepted_at = accepted_at
        self.envelope = envelope
        self.hops = hops
        self.trace_header = trace_header
        self.event_key = event_key


class Delivery:
    """One event on its way to one target.

    `target` is the target as it stood when the event was accepted, in wire spelling;
    `payload` the exact text that the code behind the target sees. `attempts` counts the
    attempts made. `dead_letter_of` is the key of the delivery whose failure this one
    reports to a dead-letter queue. `resumed` says that an owner died over it; only
    `store/due_deliveries.py` knows. `sink_length_bytes` is how long the file that stands
    for the target was before anybody could write to it for this delivery; `None` when
    nobody knows. `damage` says why it cannot be attempted: its row is not as evcli wrote
    it.
    """

    __slots__ = (
        "attempts",
        "damage",
        "dead_letter_of",
        "delivery_key",
        "error_code",
        "error_message",
        "event",
        "finished_at",
        "next_attempt_at",
        "owner",
        "payload",
        "resumed",
        "rule_arn",
        "sink_length_bytes",
        "state",
        "target",
        "target_arn",
        "target_id",
    )

    def __init__(
        self,
        *,
        event: Event,
        rule_arn: str,
        target: dict[str, Any],
        payload: str,
        state: str = PENDING,
        attempts: int = 0,
        next_attempt_at: datetime | None = None,
        finished_at: datetime | None = None,
        error_code: str | None = None,
        error_message: str | None = None,
        owner: int | None = None,
        dead_letter_of: int | None = None,
        sink_length_bytes: int | None = None,
        delivery_key: int = 0,
    ) -> None:
        self.event = event
        self.rule_arn = rule_arn
        self.target = target
        self.target_id: str = target["Id"]
        self.target_arn: str = target["Arn"]
        self.payload = payload
        self.state = state
        self.attempts = attempts
        self.next_attempt_at = next_attempt_at
        self.finished_at = finished_at
        self.error_code = error_code
        self.error_message = error_message
        self.owner = owner
        self.dead_letter_of = dead_letter_of
        self.sink_length_bytes = sink_length_bytes
        self.delivery_key = delivery_key
        self.resumed = False
        self.damage: str | None = None

    @property
    def delivery_id(self) -> str:
        """Name the delivery for people and sinks: unique across state directories."""
        return f"{self.event.event_id}-{self.delivery_key}"

    @property
    def is_repeated(self) -> bool:
        """Whether it may have been made already, by an attempt before this one."""
        return self.resumed or self.attempts > 0


def parse_delivery_id(delivery_id: str) -> int | None:
    """The delivery's key in the store; `None` for text that is not a delivery id."""
    key = delivery_id.rpartition("-")[2]
    return int(key) if key.isdecimal() else None


class Attempt:
    """What one attempt came to; `error_code` is `None` when it succeeded."""

    __slots__ = ("attempted_at", "error_code", "error_message", "number", "output")

    def __init__(
        self,
        number: int,
        attempted_at: datetime,
        error_code: str | None,
        error_message: str | None,
        output: str | None,
    ) -> None:
        self.number = number
        self.attempted_at = attempted_at
        self.error_code = error_code
        self.error_message = error_message
        self.output = output


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
