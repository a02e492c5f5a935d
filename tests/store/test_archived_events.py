"""Archived events: counted as they come and go, found by minute and by age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from evcli.store.archived_events import OF_ARCHIVE, ArchivedEvents, Window, archived_row
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import Archive

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Keep = Callable[..., None]

NOON = datetime(2024, 5, 14, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def events(ctx: Context) -> ArchivedEvents:
    """The events of two archives, `a` and `b`."""
    for name in "ab":
        ctx.store.put(
            Archive(
                account_id=ctx.account_id,
                region=ctx.region,
                name=name,
                archive_id=name,
                event_bus_name="default",
                event_source_arn="arn",
                retention_days=0,
                state="ENABLED",
                event_count=0,
                size_bytes=0,
                created_at=NOON,
            )
        )
    return ctx.store.archived_events


@pytest.fixture
def keep(events: ArchivedEvents) -> Keep:
    """Keep an event: its time in seconds after noon, its arrival likewise, its size."""

    def run(
        event: float,
        ingested: float = 0,
        size: int = 1,
        archive: str = "a",
        batch: LedgerBatch | None = None,
    ) -> None:
        add = events.add if batch is None else batch.add_archived_event
        row = archived_row(
            archive,
            event_at=NOON + event * SECOND,
            ingested_at=NOON + ingested * SECOND,
            size_bytes=size,
            envelope=f"{event}",
        )
        add(row)

    return run


def counters(ctx: Context, name: str = "a") -> tuple[int, int]:
    archive = ctx.store.get(Archive, ctx.account_id, ctx.region, name)
    assert archive is not None
    return archive.event_count, archive.size_bytes


def read(
    events: ArchivedEvents,
    place: list[int] | None = None,
    start: datetime = NOON,
    end: datetime = NOON + HOUR,
    cutoff: datetime | None = None,
    limit: int = 100,
) -> Window | None:
    return events.read_window("a", place, start, end, cutoff=cutoff, limit=limit)


def read_all(
    events: ArchivedEvents,
    start: datetime = NOON,
    end: datetime = NOON + HOUR,
    limit: int = 100,
) -> list[list[str]]:
    windows = []
    window = read(events, None, start, end, limit=limit)
    while window is not None:
        windows.append([event.envelope for event in window.events])
        window = read(events, window.next_cursor, start, end, limit=limit)
    return windows


def test_events_are_counted_as_they_come(ctx: Context, keep: Keep) -> None:
    keep(0, size=10)
    keep(0, size=5)
    keep(0, size=7, archive="b")

    assert (counters(ctx), counters(ctx, "b")) == ((2, 15), (1, 7))


def test_in_a_batch_events_are_kept_and_counted_at_its_end(
    ctx: Context, events: ArchivedEvents, keep: Keep
) -> None:
    with ctx.store.transaction(), LedgerBatch(ctx.store.database) as batch:
        keep(0, size=5, batch=batch)
        keep(61, size=6, archive="b", batch=batch)
        keep(62, size=7, batch=batch)
        inside = counters(ctx)

    assert inside == (0, 0)
    assert (counters(ctx), counters(ctx, "b")) == ((2, 12), (1, 6))
    assert read_all(events) == [["0"], ["62"]]


def test_a_batch_that_fails_keeps_nothing(ctx: Context, keep: Keep) -> None:
    def fail() -> None:
        with LedgerBatch(ctx.store.database) as batch:
            keep(0, batch=batch)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), ctx.store.transaction():
        fail()

    assert counters(ctx) == (0, 0)


def test_dropping_takes_the_oldest_first_and_counts_them_out(
    ctx: Context, events: ArchivedEvents, keep: Keep
) -> None:
    for ingested, size in ((3, 1), (1, 10), (2, 100), (9, 1000)):
        keep(0, ingested, size)

    dropped = events.drop_expired("a", NOON + 3 * SECOND, 2)

    assert dropped == 2
    assert counters(ctx) == (2, 1001)
    assert events.drop_expired("a", NOON + 3 * SECOND, 2) == 1
    assert events.drop_expired("a", NOON + 3 * SECOND, 2) == 0
    assert counters(ctx) == (1, 1000)


def test_measuring_counts_what_is_past_the_cutoff_and_nothing_else(
    events: ArchivedEvents, keep: Keep
) -> None:
    for ingested, size in ((1, 1), (2, 10), (3, 100)):
        keep(0, ingested, size)
    keep(0, 1, 1000, archive="b")

    assert events.measure_expired("a", NOON) == (0, 0)
    assert events.measure_expired("a", NOON + 2 * SECOND) == (2, 11)


@pytest.mark.sqlite_only
def test_measuring_reads_the_index_alone(ctx: Context) -> None:
    plan = ctx.store.database.execute(
        "EXPLAIN QUERY PLAN SELECT COUNT(*), COALESCE(SUM(size_bytes), 0)"
        f" FROM archived_events WHERE {OF_ARCHIVE} AND ingested_at <= ?",
        ("a", 0),
    ).fetchall()

    assert [row[3] for row in plan] == [
        "SEARCH archived_events USING COVERING INDEX archived_events_by_age"
        " (archive_key=? AND ingested_at<?)",
        "SCALAR SUBQUERY 1",
        "SEARCH archive_keys USING COVERING INDEX sqlite_autoindex_archive_keys_1"
        " (archive_id=?)",
    ]


def test_the_oldest_event_is_the_one_that_arrived_first(
    events: ArchivedEvents, keep: Keep
) -> None:
    assert events.get_oldest("a") is None
    keep(0, ingested=5)
    keep(9, ingested=2)
    keep(0, ingested=1, archive="b")

    assert events.get_oldest("a") == NOON + 2 * SECOND


def test_windows_are_minutes_and_empty_ones_are_skipped(
    events: ArchivedEvents, keep: Keep
) -> None:
    for second in (3000, 59, 60, 0, 119):
        keep(second)

    assert read_all(events) == [["59", "0"], ["60", "119"], ["3000"]]


def test_a_crowded_minute_takes_several_windows(
    events: ArchivedEvents, keep: Keep
) -> None:
    for second in (5, 4, 3, 2, 61):
        keep(second)

    assert read_all(events, limit=2) == [["5", "4"], ["3", "2"], ["61"]]


def test_a_span_begins_and_ends_inside_of_minutes(
    events: ArchivedEvents, keep: Keep
) -> None:
    for second in (0, 30, 59, 60, 90):
        keep(second)

    found = read_all(events, NOON + 30 * SECOND, NOON + 90 * SECOND)

    assert found == [["30", "59"], ["60"]]


def test_events_past_the_cutoff_are_not_read(
    events: ArchivedEvents, keep: Keep
) -> None:
    keep(1, ingested=1)
    keep(2, ingested=2)

    window = read(events, cutoff=NOON + SECOND)

    assert window is not None
    assert [event.envelope for event in window.events] == ["2"]
    assert [event.event_at for event in window.events] == [NOON + 2 * SECOND]


def test_a_window_without_events_still_leads_on(
    events: ArchivedEvents, keep: Keep
) -> None:
    keep(1, ingested=1)
    keep(60, ingested=9)

    window = read(events, cutoff=NOON + SECOND)

    assert window is not None
    assert window.events == []
    following = read(events, window.next_cursor, cutoff=NOON + SECOND)
    assert following is not None
    assert [event.envelope for event in following.events] == ["60"]


def test_an_event_that_comes_late_to_the_minute_at_hand_is_read(
    events: ArchivedEvents, keep: Keep
) -> None:
    keep(1)
    keep(2)
    window = read(events, limit=2)
    assert window is not None

    keep(3)

    following = read(events, window.next_cursor, limit=2)
    assert following is not None
    assert [event.envelope for event in following.events] == ["3"]


@pytest.mark.parametrize(("place", "count"), [(None, 3), ("first", 2), ("second", 0)])
def test_counting_ahead_leaves_out_what_is_behind(
    events: ArchivedEvents, keep: Keep, place: str | None, count: int
) -> None:
    for second in (1, 60, 61, 3600):
        keep(second)
    first = read(events)
    assert first is not None
    second_window = read(events, first.next_cursor)
    assert second_window is not None
    places = {
        None: None,
        "first": first.next_cursor,
        "second": second_window.next_cursor,
    }

    counted = events.count_ahead("a", places[place], NOON, NOON + HOUR)

    assert counted == count


def test_events_of_deleted_archives_are_dropped_in_steps(
    ctx: Context, events: ArchivedEvents, keep: Keep
) -> None:
    for archive in "aba":
        keep(0, archive=archive)
    assert not events.has_abandoned()
    ctx.store.delete(Archive, ctx.account_id, ctx.region, "a")

    assert events.has_abandoned()
    assert [events.drop_abandoned(1) for _ in range(3)] == [1, 1, 0]
    assert not events.has_abandoned()
    assert counters(ctx, "b") == (1, 1)


@pytest.mark.sqlite_only
def test_looking_for_abandoned_events_does_not_read_them_all(ctx: Context) -> None:
    from evcli.store.archived_events import FIND_ABANDONED

    plan = ctx.store.database.execute(f"EXPLAIN QUERY PLAN {FIND_ABANDONED}").fetchall()

    assert not any(row[3].startswith("SCAN archived_events") for row in plan), plan
