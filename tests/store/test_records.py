"""Records go in and come out the same, and are found by their keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from evcli.store.records import RECORDS, EventBus, Record, Rule, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.store import Store

INSTANT = datetime(2024, 5, 14, 11, 23, 22, 512_000, tzinfo=UTC)
# A value for each column type, by the annotation without its `| None`.
VALUES: dict[str, Any] = {
    "str": "naïve ☃ 'quoted' \x00 text",
    "int": -(2**62),
    "datetime": INSTANT,
    "dict[str, Any]": {"z": 1, "a": [None, True, "ü"], "nested": {"e": {}}},
    "list[dict[str, Any]]": [{"b": 1}, {"a": 2}],
    "list[int]": [1, 2],
    "list[list[Any]]": [[1, "a"], [None]],
}


def make_record(kind: type[Record], *, with_optional: bool, **changes: Any) -> Record:
    """Make a record with a telling value in every column."""
    values = {}
    for column, annotation in kind.__annotations__.items():
        type_name = annotation.removesuffix(" | None")
        if with_optional or type_name == annotation:
            values[column] = VALUES[type_name]
    return kind(**{**values, **changes})


def make_event_bus(name: str, region: str = "us-east-1", **changes: Any) -> EventBus:
    values = {"created_at": INSTANT, "last_modified_at": INSTANT, **changes}
    return EventBus(account_id="1" * 12, region=region, name=name, **values)


def put_all(store: Store, *records: Record) -> None:
    with store.transaction():
        for record in records:
            store.put(record)


@pytest.mark.parametrize("with_optional", [True, False])
@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_comes_back_as_it_was_put(
    open_again: Callable[[], Store], kind: type[Record], with_optional: bool
) -> None:
    record = make_record(kind, with_optional=with_optional)
    key = [getattr(record, column) for column in kind.KEY]

    put_all(open_again(), record)

    again = open_again()
    assert again.get(kind, *key) == record
    assert again.list_records(kind) == [record]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_has_the_columns_and_the_key_of_its_table(
    store: Store, kind: type[Record]
) -> None:
    rows = store.database.execute(f"PRAGMA table_info({kind.TABLE})").fetchall()

    columns = [row[1] for row in rows]
    key = [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]]
    assert tuple(columns) == kind.COLUMNS
    assert tuple(key) == kind.KEY
    required = {row[1] for row in rows if row[3]}
    assert required == {
        column
        for column, annotation in kind.__annotations__.items()
        if not annotation.endswith(" | None")
    }


@pytest.mark.parametrize("kind", RECORDS)
def test_a_put_takes_the_place_of_the_record_with_its_key(
    store: Store, kind: type[Record]
) -> None:
    first = make_record(kind, with_optional=True)
    second = make_record(kind, with_optional=False)

    put_all(store, first, second)

    assert store.list_records(kind) == [second]


def test_documents_keep_the_order_of_their_keys(store: Store) -> None:
    put_all(store, make_event_bus("b", log_config={"z": 1, "a": 2}))

    (event_bus,) = store.list_records(EventBus)

    assert event_bus.log_config is not None
    assert list(event_bus.log_config) == ["z", "a"]


def test_instants_keep_whole_milliseconds(store: Store) -> None:
    microsecond = INSTANT.replace(microsecond=512_999)

    put_all(store, make_event_bus("b", created_at=microsecond))

    (event_bus,) = store.list_records(EventBus)
    assert event_bus.created_at == INSTANT


def test_a_missing_record_is_none(store: Store) -> None:
    assert store.get(EventBus, "1" * 12, "us-east-1", "nope") is None


def test_records_do_not_change() -> None:
    event_bus = make_event_bus("b")

    with pytest.raises(AttributeError, match=r"use replace\(\)"):
        event_bus.name = "c"

    assert event_bus == make_event_bus("b")


def test_replace_copies() -> None:
    event_bus = make_event_bus("b")

    changed = event_bus.replace(description="new")

    assert changed == make_event_bus("b", description="new")
    assert event_bus.description is None


def test_a_record_refuses_columns_that_it_does_not_have() -> None:
    with pytest.raises(TypeError, match="EventBus has no colour"):
        make_event_bus("b", colour="red")


def test_records_of_two_kinds_are_never_equal() -> None:
    assert Rule() != Target()


def test_a_record_shows_its_key() -> None:
    assert repr(make_event_bus("b")) == (
        "EventBus(account_id='111111111111', region='us-east-1', name='b')"
    )


# -- lists


@pytest.fixture
def names(store: Store) -> Store:
    """Event buses of two regions, put in no order."""
    put_all(
        store,
        *(make_event_bus(name) for name in ("b", "a.1", "B", "a", "ab", "a-1")),
        make_event_bus("elsewhere", "eu-west-1"),
    )
    return store


SCOPE = ("1" * 12, "us-east-1")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["B", "a", "a-1", "a.1", "ab", "b"]),
        ({"limit": 2}, ["B", "a"]),
        ({"limit": 0}, []),
        ({"prefix": "a"}, ["a", "a-1", "a.1", "ab"]),
        ({"prefix": "a."}, ["a.1"]),
        ({"prefix": "z"}, []),
        ({"after": "a-1"}, ["a.1", "ab", "b"]),
        ({"prefix": "a", "after": "a-1"}, ["a.1", "ab"]),
        ({"prefix": "a", "after": "B"}, ["a", "a-1", "a.1", "ab"]),
        ({"prefix": "a", "after": "a", "limit": 1}, ["a-1"]),
        ({"prefix": "B", "after": "b"}, []),
        ({"where": {"name": "ab"}}, ["ab"]),
        ({"where": {"name": "ab"}, "prefix": "b"}, []),
    ],
)
def test_lists_are_cut_by_prefix_place_limit_and_value(
    names: Store, arguments: dict[str, Any], expected: list[str]
) -> None:
    records = names.list_records(EventBus, *SCOPE, **arguments)

    assert [record.name for record in records] == expected
    assert names.list_names(EventBus, *SCOPE, **arguments) == expected


def test_a_list_of_everything_is_in_the_order_of_the_key(names: Store) -> None:
    records = names.list_records(EventBus)

    assert [record.name for record in records][:2] == ["elsewhere", "B"]


def test_names_are_listed_once(store: Store) -> None:
    for target_id in ("1", "2"):
        put_all(
            store,
            Target(
                account_id="1",
                region="r",
                event_bus_name="b",
                rule_name="rule",
                target_id=target_id,
                arn="arn",
                definition={},
            ),
        )

    assert store.list_names(Target, "1", "r", "b") == ["rule"]


def test_count_and_delete_take_the_beginning_of_a_key(names: Store) -> None:
    before = (names.count(EventBus), names.count(EventBus, *SCOPE))

    with names.transaction():
        deleted = names.delete(EventBus, *SCOPE)

    assert before == (7, 6)
    assert deleted == 6
    assert names.list_names(EventBus, "1" * 12, "eu-west-1") == ["elsewhere"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("arguments", [{"after": "n5"}, {"prefix": "n", "after": "n5"}])
def test_a_page_begins_at_its_place_and_not_at_the_beginning(
    store: Store, arguments: dict[str, Any]
) -> None:
    from evcli.store.store import _conditions

    text, values = _conditions(
        EventBus, SCOPE, **{"prefix": "", **arguments}, where=None
    )
    sql = f"EXPLAIN QUERY PLAN SELECT name FROM event_buses{text} ORDER BY name"

    (plan,) = store.database.execute(sql, values).fetchall()

    assert plan[3].startswith("SEARCH event_buses USING PRIMARY KEY")
    assert "name>?" in plan[3]
    assert text.count("name >") == 1
