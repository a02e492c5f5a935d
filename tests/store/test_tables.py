"""The parts of the store that are more than records: tags, rule keys, settings, ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.store.deliveries import (
    DELIVERED,
    FAILED,
    Attempt,
    Delivery,
    Event,
    parse_delivery_id,
)
from evcli.store.epoch import from_epoch_ms, to_epoch_ms, to_whole_second
from evcli.store.records import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.store import Store

pytestmark = pytest.mark.sqlite_only

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
BUS = ("1" * 12, "us-east-1", "default")


# -- tags


def test_tags_keep_the_order_in_which_they_were_first_put(store: Store) -> None:
    with store.transaction():
        for key, value in (("z", "1"), ("a", "2"), ("z", "3")):
            store.tags.put("arn", key, value)
        store.tags.put("other", "z", "4")

    assert store.tags.list("arn") == [("z", "3"), ("a", "2")]


def test_tags_are_taken_off_one_by_one_or_all(store: Store) -> None:
    with store.transaction():
        for key in "abc":
            store.tags.put("arn", key, "")
        store.tags.put("other", "a", "")
        store.tags.delete("arn", "b")
        after_one = store.tags.list("arn")
        store.tags.delete_all("arn")

    assert after_one == [("a", ""), ("c", "")]
    assert store.tags.list("arn") == []
    assert store.tags.list("other") == [("a", "")]


# -- rule keys


def put_rule(store: Store, name: str, *keys: tuple[str | None, str | None]) -> None:
    account_id, region, event_bus_name = BUS
    with store.transaction():
        store.put(
            Rule(
                account_id=account_id,
                region=region,
                event_bus_name=event_bus_name,
                name=name,
                event_pattern=f"pattern of {name}",
                state="ENABLED",
                created_by=account_id,
            )
        )
        store.rules.put_keys((*BUS, name), keys)


def test_an_event_meets_its_own_keys_and_those_that_pin_less(store: Store) -> None:
    put_rule(store, "both", ("s", "d"))
    put_rule(store, "source", ("s", None))
    put_rule(store, "kind", (None, "d"))
    put_rule(store, "any", (None, None))
    put_rule(store, "other source", ("t", "d"))
    put_rule(store, "other kind", ("s", "e"))
    put_rule(store, "out")

    names = [name for name, _ in store.rules.list_candidates(BUS, "s", "d")]

    assert names == ["any", "both", "kind", "source"]


def test_a_rule_under_several_keys_is_met_once_with_its_pattern(store: Store) -> None:
    put_rule(store, "r", ("s", "d"), ("s", None), ("t", "d"))

    candidates = store.rules.list_candidates(BUS, "s", "d")

    assert candidates == [("r", "pattern of r")]


def test_new_keys_of_a_rule_replace_the_old_ones(store: Store) -> None:
    put_rule(store, "r", ("s", "d"))

    put_rule(store, "r", ("t", "d"))

    assert store.rules.list_candidates(BUS, "s", "d") == []


def test_rules_of_other_event_buses_are_not_met(store: Store) -> None:
    put_rule(store, "r", (None, None))

    assert store.rules.list_candidates((*BUS[:2], "other"), "s", "d") == []


# -- settings


@pytest.mark.parametrize("value", [None, 0, "ü", [1, {"a": None}], {"b": 1, "a": 2}])
def test_settings_are_json_values(open_again: Callable[[], Store], value: Any) -> None:
    open_again().meta.put("name", value)

    assert open_again().meta.all()["name"] == value


def test_a_setting_can_be_changed_and_forgotten(store: Store) -> None:
    store.meta.put("name", 1)
    store.meta.put("name", 2)
    changed = store.meta.all()["name"]

    store.meta.delete("name")

    assert changed == 2
    assert "name" not in store.meta.all()


# -- moments


@pytest.mark.parametrize(
    ("instant", "moment"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC), 1000),
        (datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC), -1),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 253_402_300_799_999),
    ],
)
def test_moments_are_whole_milliseconds_rounded_down(
    instant: datetime, moment: int
) -> None:
    assert to_epoch_ms(instant) == moment
    assert to_epoch_ms(from_epoch_ms(moment)) == moment


def test_a_whole_second_has_no_fraction() -> None:
    assert to_whole_second(NOW + timedelta(microseconds=999_999)) == NOW


# -- ledger


TARGETS: list[dict[str, Any]] = [
    {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:1:q"},
    {"Id": "2", "Arn": "arn:aws:sqs:us-east-1:1:q", "Input": '"ü"'},
]


def add_deliveries(store: Store, *payloads: str) -> list[Delivery]:
    event = Event(
        event_id="e-1",
        account_id=BUS[0],
        region=BUS[1],
        event_bus_name=BUS[2],
        accepted_at=NOW,
        envelope='{"id":"e-1"}',
        hops=1,
    )
    deliveries = [
        Delivery(
            event=event,
            rule_arn="arn:aws:events:us-east-1:1:rule/r",
            target=target,
            payload=payload,
            next_attempt_at=NOW,
        )
        for target, payload in zip(TARGETS, payloads, strict=False)
    ]
    with store.transaction():
        store.ledger.add_event(event)
        for delivery in deliveries:
            store.ledger.add_delivery(delivery)
    return deliveries


def facts(value: Event | Delivery | Attempt) -> dict[str, Any]:
    return {
        name: facts(inner) if isinstance(inner, Event) else inner
        for name in value.__slots__
        if (inner := getattr(value, name)) is not None
    }


def test_a_delivery_comes_back_with_its_event(open_again: Callable[[], Store]) -> None:
    deliveries = add_deliveries(open_again(), '{"id":"e-1"}', "own payload")

    ledger = open_again().ledger

    assert [delivery.delivery_key for delivery in deliveries] == [1, 2]
    for delivery in deliveries:
        found = ledger.get_delivery(delivery.delivery_key)
        assert found is not None
        assert facts(found) == facts(delivery)


def test_a_delivery_that_is_not_there_is_none(store: Store) -> None:
    assert store.ledger.get_delivery(1) is None


def test_outcomes_and_attempts_are_recorded(store: Store) -> None:
    (delivery,) = add_deliveries(store, "payload")
    delivery.attempts, delivery.state, delivery.finished_at = 2, FAILED, NOW
    delivery.next_attempt_at, delivery.error_code = None, "TIMEOUT"
    first = Attempt(1, NOW, "TIMEOUT", "too slow", "said this")
    second = Attempt(2, NOW, "TIMEOUT", "too slow", None)

    with store.transaction():
        for attempt in (first, second):
            store.ledger.update_delivery(delivery, attempt)

    found = store.ledger.get_delivery(delivery.delivery_key)
    assert found is not None
    assert facts(found) == facts(delivery)
    attempts = store.ledger.list_attempts(delivery.delivery_key)
    assert [facts(each) for each in attempts] == [facts(first), facts(second)]


def test_a_first_attempt_that_succeeds_leaves_no_row_of_its_own(store: Store) -> None:
    (delivery,) = add_deliveries(store, "payload")
    delivery.attempts, delivery.state = 1, DELIVERED

    with store.transaction():
        store.ledger.update_delivery(delivery, Attempt(1, NOW, None, None, None))

    assert store.ledger.list_attempts(delivery.delivery_key) == []


@pytest.mark.parametrize(
    ("delivery_id", "key"),
    [
        ("0c1d2e3f-aaaa-4bbb-8ccc-0123456789ab-17", 17),
        ("17", 17),
        ("0c1d2e3f-aaaa-4bbb-8ccc-0123456789ab", None),
        ("", None),
    ],
)
def test_a_delivery_id_ends_in_the_key(delivery_id: str, key: int | None) -> None:
    assert parse_delivery_id(delivery_id) == key
