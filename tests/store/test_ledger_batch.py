"""Many rows at once: the same rows as one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.store.deliveries import DELIVERED, FAILED, Delivery, Event
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import SendMark
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evcli.store.ledger import Ledger
    from evcli.store.store import Store

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
TARGET = {"Id": "t", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """A second state directory."""
    store = open_store(str(tmp_path / "other"))
    yield store
    store.close()


def make_event(number: int) -> Event:
    return Event(
        event_id=f"e{number}",
        account_id="0" * 12,
        region="us-east-1",
        event_bus_name="default",
        accepted_at=NOW + timedelta(seconds=number),
        envelope=f'{{"n":{number}}}',
        hops=number,
    )


def make_deliveries(event: Event) -> list[Delivery]:
    """One with everything as usual, one with all that can differ."""
    return [
        Delivery(
            event=event,
            rule_arn="rule",
            target=TARGET,
            payload=event.envelope,
            next_attempt_at=NOW,
            owner=7,
        ),
        Delivery(
            event=event,
            rule_arn="rule",
            target={**TARGET, "Input": "é"},
            payload="é",
            state=FAILED,
            attempts=3,
            finished_at=NOW,
            error_code="SDK_CLIENT_ERROR",
            error_message="no",
            dead_letter_of=1,
        ),
    ]


def add(ledger: Ledger | LedgerBatch, numbers: range) -> list[int]:
    """Add events with two deliveries each; give the keys of the deliveries."""
    keys = []
    for number in numbers:
        event = make_event(number)
        ledger.add_event(event)
        for delivery in make_deliveries(event):
            ledger.add_delivery(delivery)
            keys.append(delivery.delivery_key)
    return keys


def read_rows(store: Store) -> list[Any]:
    return [
        store.database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in ("events", "deliveries", "sqlite_sequence")
    ]


@pytest.mark.sqlite_only
def test_a_batch_leaves_the_rows_and_keys_of_one_by_one(
    store: Store, other: Store
) -> None:
    with other.transaction():
        expected = add(other.ledger, range(5))
    rows = read_rows(other)

    with store.transaction():
        keys = add(store.ledger, range(1))
        with LedgerBatch(store.database) as batch:
            keys += add(batch, range(1, 4))
        keys += add(store.ledger, range(4, 5))

    assert keys == expected
    assert read_rows(store) == rows


def test_keys_of_removed_rows_are_not_given_out_again(store: Store) -> None:
    with store.transaction():
        add(store.ledger, range(3))
        store.database.execute("DELETE FROM deliveries")
        store.database.execute("DELETE FROM events")

    with store.transaction(), LedgerBatch(store.database) as batch:
        keys = add(batch, range(1))

    assert keys == [7, 8]
    assert store.database.execute("SELECT event_key FROM events").fetchall() == [(4,)]


def test_a_batch_that_fails_writes_nothing_and_is_over(store: Store) -> None:
    def fail() -> None:
        with store.transaction(), LedgerBatch(store.database) as batch:
            add(batch, range(2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert store.database.execute("SELECT COUNT(*) FROM events").fetchone() == (0,)
    with store.transaction():
        keys = add(store.ledger, range(1))
    # Numbers that were drawn in vain are not drawn again where several draw.
    assert keys == [1, 2] or store.database.is_shared


def finish(delivery: Delivery, at: datetime) -> None:
    delivery.state = DELIVERED
    delivery.attempts += 1
    delivery.finished_at = at
    delivery.next_attempt_at = delivery.owner = None
    delivery.error_code = delivery.error_message = None


@pytest.mark.sqlite_only
def test_finishing_many_is_finishing_each(store: Store, other: Store) -> None:
    late = NOW + timedelta(seconds=9)
    # Neighbours, one apart, one that finished later, one that was tried before.
    chosen = {1: NOW, 3: NOW, 5: late, 6: late, 7: late, 11: late, 12: late}

    for ledger_of in (store, other):
        with ledger_of.transaction(), LedgerBatch(ledger_of.database) as batch:
            add(batch, range(8))
        deliveries = [
            each
            for each in ledger_of.ledger.list_deliveries()
            if each.delivery_key in chosen
        ]
        for delivery in deliveries:
            finish(delivery, chosen[delivery.delivery_key])
        with ledger_of.transaction():
            if ledger_of is store:
                ledger_of.ledger.finish_all(deliveries)
            else:
                for delivery in deliveries:
                    ledger_of.ledger.update_delivery(delivery, None)

    assert read_rows(store) == read_rows(other)


def test_a_mark_is_kept_as_it_was(store: Store) -> None:
    mark = SendMark(
        account_id="0" * 12,
        region="us-east-1",
        path="/a/b",
        position_bytes=1 << 40,
        lines=3,
        tail_bytes=2,
        tail_digest="d",
        accepted=1,
        failed=2,
        deliveries=4,
        rejects_bytes=5,
        failures=[[1, "Code", "é"]],
    )

    with store.transaction():
        store.put(mark.replace(lines=1))
        store.put(mark)

    assert store.get(SendMark, "0" * 12, "us-east-1", "/a/b") == mark
    assert store.get(SendMark, "0" * 12, "eu-west-1", "/a/b") is None
