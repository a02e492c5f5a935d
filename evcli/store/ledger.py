"""The ledger: every event that an event bus accepted, every delivery it led to.

Events alone are read in `store/accepted_events.py`.
What they are, and how they live, is in `store/deliveries.py`.
"""

from __future__ import annotations

from evcli.store.database import NO_LIMIT
from evcli.store.deliveries import (
    DELIVERED,
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    PENDING,
    RETRYING,
    Attempt,
    EpochColumns,
    delivery_row,
    event_row,
)
from evcli.store.epoch import from_epoch_ms, to_epoch_ms
from evcli.store.ledger_keys import get_bus_key, get_route_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery, Event

# What a worker holds of payloads at most.
CLAIMED_CHARACTERS = 8_000_000

_UNFINISHED = "WHERE state = ? AND next_attempt_at IS NOT NULL"
_IN_ORDER = "ORDER BY next_attempt_at, owner, delivery_key"


class Ledger:
    """Events, deliveries and attempts."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- writing

    def add_event(self, event: Event) -> None:
        """Write an accepted event and give it its key."""
        bus_key = get_bus_key(self._database, event)
        values = event_row(event, None, bus_key, EpochColumns())[1:]
        event.event_key = self._database.insert("events", EVENT_COLUMNS[1:], values)

    def add_delivery(self, delivery: Delivery) -> None:
        """Write a delivery whose event is written, and give it its key."""
        route_key = get_route_key(self._database, delivery)
        values = delivery_row(delivery, None, route_key, EpochColumns())[1:]
        columns = DELIVERY_COLUMNS[1:]
        delivery.delivery_key = self._database.insert("deliveries", columns, values)

    def update_delivery(self, delivery: Delivery, attempt: Attempt | None) -> None:
        """Write where a delivery stands, and the attempt that brought it there.

        A first attempt that succeeds without output leaves no row of its own: the
        delivery says it all.
        """
        times = EpochColumns()
        self._database.execute(
            "UPDATE deliveries SET state = ?, attempts = ?, next_attempt_at = ?,"
            " finished_at = ?, error_code = ?, error_message = ?, owner = ?"
            " WHERE delivery_key = ?",
            (
                delivery.state,
                delivery.attempts,
                times[delivery.next_attempt_at],
                times[delivery.finished_at],
                delivery.error_code,
                delivery.error_message,
                delivery.owner,
                delivery.delivery_key,
            ),
        )
        if attempt is not None and not _is_plain_success(attempt):
            self._database.execute(
                "INSERT INTO attempts (delivery_key, number, attempted_at, error_code,"
                " error_message, output) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (delivery_key, number) DO UPDATE SET"
                " attempted_at = excluded.attempted_at,"
                " error_code = excluded.error_code,"
                " error_message = excluded.error_message, output = excluded.output",
                (
                    delivery.delivery_key,
                    attempt.number,
                    to_epoch_ms(attempt.attempted_at),
                    attempt.error_code,
                    attempt.error_message,
                    attempt.output,
                ),
            )

    def finish_all(
        self,
        deliveries: Sequence[Delivery],
        runs: Iterable[tuple[range, datetime]] = (),
    ) -> None:
        """Write deliveries that were made, and of which nothing more is to be said.

        Neighbours that stand alike share a statement.

        Args:
            runs: further ones, made by their first attempts: the keys of neighbours, and
                when they were attempted.
        """
        times = EpochColumns()
        rows: list[list[Any]] = [
            [DELIVERED, 1, times[at], keys[0], keys[-1]] for keys, at in runs
        ]
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
                at, key = times[delivery.finished_at], delivery.delivery_key
                rows.append([delivery.state, delivery.attempts, at, key, key])
            last = delivery
        self._database.execute_many(
            "UPDATE deliveries SET state = ?, attempts = ?, finished_at = ?,"
            " next_attempt_at = NULL, error_code = NULL, error_message = NULL,"
            " owner = NULL WHERE delivery_key BETWEEN ? AND ?",
            [tuple(row) for row in rows],
        )

    # -- reading

    def get_delivery(
        self, delivery_key: int, *, claims: bool = False
    ) -> Delivery | None:
        """Fetch one delivery with its event.

        Args:
            claims: to give it another owner in this transaction; one that somebody else
                is just claiming is none.
        """
        end = self._database.word_claim(1) if claims else ""
        rows = self._select(f"WHERE delivery_key = ?{end}", (delivery_key,))
        return next(rows, None)

    def list_deliveries(
        self,
        *,
        event_id: str | None = None,
        event_key: int | None = None,
        rule_name: str | None = None,
        target_arn: str | None = None,
        state: str | None = None,
        since: datetime | None = None,
        after: int = 0,
        limit: int = NO_LIMIT,
    ) -> Iterator[Delivery]:
        """List deliveries, oldest first.

        Args:
            event_key: one arrival, where `event_id` may have several.
            rule_name: a rule's name or its ARN.
            since: only of events accepted then or later.
            after: only those with a greater delivery key.
            limit: how many at most.
        """
        from evcli.store.ledger_reading import build_conditions

        where, values = build_conditions(event_id, rule_name, target_arn, state, since)
        if event_key is not None:
            where, values = f"{where} AND event_key = ?", (*values, event_key)
        return self._select(
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
        since: datetime | None = None,
    ) -> int:
        """Find the delivery key after which `count` deliveries come, or all of them.

        Takes the conditions of `list_deliveries`.
        """
        from evcli.store.ledger_reading import build_conditions

        where, values = build_conditions(event_id, rule_name, target_arn, state, since)
        row = self._database.execute(
            "SELECT delivery_key FROM deliveries JOIN events USING (event_key)"
            f" WHERE delivery_key > 0{where} ORDER BY delivery_key DESC LIMIT 1 OFFSET ?",
            (*values, count),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def list_attempts(self, delivery_key: int) -> list[Attempt]:
        """List the attempts that left something to say, in order."""
        rows = self._database.execute(
            "SELECT number, attempted_at, error_code, error_message, output"
            " FROM attempts WHERE delivery_key = ? ORDER BY number",
            (delivery_key,),
        )
        return [
            Attempt(number, from_epoch_ms(at), code, message, output)
            for number, at, code, message, output in rows
        ]

    def _select(self, tail: str, values: tuple[object, ...]) -> Iterator[Delivery]:
        """Read deliveries with their events, one at a time."""
        from evcli.store.ledger_reading import read_deliveries

        return read_deliveries(self._database, tail, values)

    # -- what is due: a delivery is claimed by writing its new owner in a transaction,
    # before it is attempted

    def take_due(self, now: datetime, limit: int) -> list[Delivery]:
        """Claim unfinished deliveries that are due and that no living process owns.

        First attempts before retries, each oldest first; `limit` at most, and fewer when
        they are large. Call inside a transaction.
        """
        due = (
            delivery
            for state in (PENDING, RETRYING)
            for delivery in self._select_unclaimed(
                f"{_UNFINISHED} AND next_attempt_at <= ?",
                (state, to_epoch_ms(now)),
                limit,
            )
        )
        return self._claim(due, limit)

    def take_orphans(self, limit: int) -> list[Delivery]:
        """Claim first attempts that no living process owns; otherwise as `take_due`.

        They are due whatever the clock says, even one that was put back.
        """
        rows = self._select_unclaimed(_UNFINISHED, (PENDING,), limit)
        return self._claim(rows, limit)

    def has_orphans(self) -> bool:
        """Say whether first attempts wait that no living process owns.

        Every command that delivers asks this, so the answer comes from the index alone.
        """
        unclaimed = self._database.word_unclaimed()
        rows = self._database.execute(
            f"SELECT DISTINCT owner FROM deliveries {_UNFINISHED}{unclaimed}",
            (PENDING,),
        )
        return any(map(self._make_owner_test(), (owner for (owner,) in rows)))

    def get_next_due(self) -> datetime | None:
        """When the next delivery is due that no living process owns, if there is one."""
        is_unclaimed = self._make_owner_test()
        unclaimed = self._database.word_unclaimed()
        end = " LIMIT 1" if unclaimed else ""  # where SQL can tell, the first row is it
        instants = []
        for state in (PENDING, RETRYING):
            rows = self._database.execute(
                f"SELECT next_attempt_at, owner FROM deliveries {_UNFINISHED}"
                f"{unclaimed} ORDER BY next_attempt_at{end}",
                (state,),
            )
            first = next((at for at, owner in rows if is_unclaimed(owner)), None)
            if first is not None:
                instants.append(first)
        return from_epoch_ms(min(instants)) if instants else None

    def bring_retries_forward(self, milliseconds: int) -> None:
        """Let every retry be due that much earlier; call inside a transaction."""
        self._database.execute(
            f"UPDATE deliveries SET next_attempt_at = next_attempt_at - ? {_UNFINISHED}",
            (milliseconds, RETRYING),
        )

    def forget_sink_lengths(self, delivery_keys: Sequence[int]) -> None:
        """Let deliveries be looked for in the whole file; call inside a transaction."""
        self._database.execute_many(
            "UPDATE deliveries SET sink_length_bytes = 0 WHERE delivery_key = ?",
            [(delivery_key,) for delivery_key in delivery_keys],
        )

    def keep_owned(self, deliveries: Sequence[Delivery]) -> Collection[int]:
        """List the keys of those that their owner still has; call inside a transaction."""
        by_owner: dict[int, list[int]] = {}
        for delivery in deliveries:
            by_owner.setdefault(delivery.owner or 0, []).append(delivery.delivery_key)
        keep, owners = self._database.keep_owned, by_owner.items()
        return [key for owner, keys in owners for key in keep(owner, keys)]

    def _select_unclaimed(
        self, where: str, values: tuple[object, ...], limit: int
    ) -> Iterator[Delivery]:
        """Read deliveries in the order in which they are due, as far as SQL can tell."""
        unclaimed, end = (
            self._database.word_unclaimed(),
            self._database.word_claim(limit),
        )
        return self._select(f"{where}{unclaimed} {_IN_ORDER}{end}", values)

    def _claim(self, due: Iterable[Delivery], limit: int) -> list[Delivery]:
        is_unclaimed = self._make_owner_test()
        claimed: list[Delivery] = []
        size = 0
        for delivery in due:
            if is_unclaimed(delivery.owner):
                delivery.resumed = delivery.owner is not None
                claimed.append(delivery)
                size += len(delivery.payload)
                if len(claimed) == limit or size > CLAIMED_CHARACTERS:
                    break
        if claimed:
            number = self._database.owner.claim()
            self._database.execute_many(
                "UPDATE deliveries SET owner = ? WHERE delivery_key = ?",
                [(number, delivery.delivery_key) for delivery in claimed],
            )
            for delivery in claimed:
                delivery.owner = number
        return claimed

    def _make_owner_test(self) -> Callable[[int | None], bool]:
        """Make a test whether an owner, or none, leaves its deliveries to others."""
        alive: dict[int | None, bool] = {None: False}

        def is_unclaimed(owner: int | None) -> bool:
            if owner not in alive:
                alive[owner] = self._database.owner.is_alive(owner)
            return not alive[owner]

        return is_unclaimed


def _is_plain_success(attempt: Attempt) -> bool:
    return attempt.number == 1 and attempt.error_code is None and not attempt.output
