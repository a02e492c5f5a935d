"""Turns: so many in a second, the others in the next one that has room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from evcli.store.deliveries import Delivery, Event
from evcli.store.rate_slots import reserve_slot

if TYPE_CHECKING:
    from evcli.store.store import Store

NOW = datetime(2024, 5, 14, 11, 23, 22, 900_000, tzinfo=UTC)
SECOND = NOW.replace(microsecond=0)


def make_delivery(key: int, attempts: int = 0, arn: str = "a") -> Delivery:
    event = Event(
        event_id="e",
        account_id="0",
        region="r",
        event_bus_name="default",
        accepted_at=NOW,
        envelope="{}",
    )
    target = {"Id": "1", "Arn": arn}
    return Delivery(
        event=event,
        rule_arn="r",
        target=target,
        payload="{}",
        attempts=attempts,
        delivery_key=key,
    )


def claim(
    store: Store,
    key: int,
    *,
    at: datetime = NOW,
    rate: int = 2,
    attempts: int = 0,
    arn: str = "a",
) -> int:
    """In how many seconds the slot is."""
    with store.transaction():
        slot = reserve_slot(store.database, make_delivery(key, attempts, arn), at, rate)
    return (
        0 if slot is None else round((slot - at.replace(microsecond=0)).total_seconds())
    )


def count_rows(store: Store) -> int:
    count: int = store.database.execute("SELECT COUNT(*) FROM rate_slots").fetchone()[0]
    return count


def test_what_finds_a_second_full_gets_a_place_in_the_next(store: Store) -> None:
    assert [claim(store, key) for key in range(1, 8)] == [0, 0, 1, 1, 2, 2, 3]


def test_a_turn_that_was_given_is_kept_whoever_else_comes(store: Store) -> None:
    for key in range(1, 6):
        claim(store, key)
    then = SECOND + timedelta(seconds=1)

    newcomer = claim(store, 9, at=then)

    assert newcomer == 1
    assert [claim(store, key, at=then) for key in (3, 4)] == [0, 0]


def test_each_attempt_has_a_turn_of_its_own(store: Store) -> None:
    assert [claim(store, 1, attempts=number) for number in range(3)] == [0, 0, 1]


def test_each_target_has_turns_of_its_own(store: Store) -> None:
    assert [claim(store, 1, arn=arn, rate=1) for arn in ("a", "b", "c")] == [0, 0, 0]


def test_who_misses_the_turn_asks_again(store: Store) -> None:
    for key in range(1, 5):
        claim(store, key)
    late = SECOND + timedelta(seconds=5)

    assert [claim(store, key, at=late) for key in (3, 4, 5)] == [0, 0, 1]


def test_past_seconds_are_forgotten(store: Store) -> None:
    for key in range(1, 5):
        claim(store, key)

    claim(store, 9, at=SECOND + timedelta(seconds=5))

    assert count_rows(store) == 1


def test_a_clock_that_is_put_back_finds_the_present_free(store: Store) -> None:
    for key in range(1, 5):
        claim(store, key, at=NOW + timedelta(days=1))

    assert [claim(store, key) for key in range(5, 8)] == [0, 0, 1]


def test_a_rate_that_was_lowered_lets_the_fuller_seconds_pass(store: Store) -> None:
    for key in range(1, 5):
        claim(store, key)

    assert [claim(store, key, rate=1) for key in (5, 6)] == [2, 3]


def test_thousands_that_wait_fill_the_seconds_in_order(store: Store) -> None:
    with store.transaction():
        slots = [
            reserve_slot(store.database, make_delivery(key), NOW, 300)
            for key in range(3000)
        ]

    seconds = [SECOND + timedelta(seconds=number // 300) for number in range(3000)]
    assert slots == [None] * 300 + seconds[300:]
