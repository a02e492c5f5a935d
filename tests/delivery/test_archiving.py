"""Retention: what a worker is asked, what writers drop on their way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.arns import format_archive_hook, is_archive_hook
from evcli.delivery import archives as archiving
from evcli.delivery.archives import measure_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]

BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/default"
DAY = 86_400


@pytest.fixture
def archive(call: Call) -> str:
    """An archive of everything that keeps events for two days."""
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=2)
    return "a"


def send(call: Call, count: int = 1) -> None:
    for _ in range(count):
        call(
            "PutEvents",
            Entries=[{"Source": "shop", "DetailType": "sold", "Detail": "{}"}],
        )


def count_rows(ctx: Context) -> int:
    row = ctx.store.database.execute("SELECT COUNT(*) FROM archived_events").fetchone()
    rows: int = row[0]
    return rows


def test_the_next_expiry_is_that_of_the_oldest_event(
    ctx: Context, call: Call, archive: str, clock: VirtualClock
) -> None:
    begin = clock.now()
    send(call)
    clock.advance(100)
    send(call)

    assert archiving.next_due(ctx) == begin + timedelta(days=2)


@pytest.mark.parametrize("days", [0, 2_147_483_647])
def test_nothing_is_due_where_nothing_expires(
    ctx: Context, call: Call, days: int
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=days)
    send(call)

    assert archiving.next_due(ctx) is None


def test_an_empty_archive_has_nothing_due(ctx: Context, archive: str) -> None:
    assert archiving.next_due(ctx) is None


def test_at_the_due_instant_work_drops_the_event_and_not_before(
    ctx: Context, call: Call, archive: str
) -> None:
    send(call)
    due = archiving.next_due(ctx)
    assert due is not None

    archiving.run_due(ctx, due - timedelta(milliseconds=1))
    before = count_rows(ctx)
    archiving.run_due(ctx, due)

    assert (before, count_rows(ctx)) == (1, 0)
    assert archiving.next_due(ctx) is None


def test_work_covers_every_account_and_region(
    ctx: Context, call: Call, clock: VirtualClock
) -> None:
    from evcli.operations import call as call_operation

    other = ctx.act_as("1" * 12, "eu-west-1")
    arn = other.event_bus_arn("default")
    request = {"ArchiveName": "a", "EventSourceArn": arn, "RetentionDays": 1}
    call_operation(other, "CreateArchive", request)
    entry = {"Source": "s", "DetailType": "t", "Detail": "{}"}
    call_operation(other, "PutEvents", {"Entries": [entry]})
    assert count_rows(ctx) == 1

    archiving.run_due(ctx, clock.now() + timedelta(days=1))

    assert count_rows(ctx) == 0


def test_work_finishes_what_a_killed_deletion_left(
    ctx: Context, call: Call, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evcli.operations.archives.drop_abandoned", lambda ctx: None)
    send(call, 3)
    call("DeleteArchive", ArchiveName=archive)
    now = ctx.clock.now()
    assert (count_rows(ctx), archiving.next_due(ctx)) == (3, now)

    archiving.run_due(ctx, now)

    assert (count_rows(ctx), archiving.next_due(ctx)) == (0, None)


def test_work_drops_more_than_one_batch(
    ctx: Context, call: Call, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "BATCH_EVENTS", 2)
    send(call, 5)

    archiving.run_due(ctx, ctx.clock.now() + timedelta(days=2))

    described = call("DescribeArchive", ArchiveName=archive)
    assert (count_rows(ctx), described["EventCount"], described["SizeBytes"]) == (
        0,
        0,
        0,
    )


def test_a_request_drops_no_more_than_a_step_on_its_way(
    ctx: Context,
    call: Call,
    archive: str,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archiving, "STEP_EVENTS", 2)
    send(call, 5)
    clock.advance(2 * DAY)

    send(call)

    assert count_rows(ctx) == 5 + 1 - 2
    assert call("DescribeArchive", ArchiveName=archive)["EventCount"] == 1


def test_a_clock_that_was_put_back_brings_nothing_back_that_was_dropped(
    ctx: Context, call: Call, archive: str, clock: VirtualClock, now: datetime
) -> None:
    send(call)
    clock.advance(2 * DAY)
    assert call("DescribeArchive", ArchiveName=archive)["EventCount"] == 0
    clock.set(now)
    assert call("DescribeArchive", ArchiveName=archive)["EventCount"] == 1

    archiving.run_due(ctx, now + timedelta(days=2))

    assert call("DescribeArchive", ArchiveName=archive)["EventCount"] == 0


@pytest.fixture
def now(clock: VirtualClock) -> datetime:
    """Where the clock stands at first."""
    return clock.now()


@pytest.mark.parametrize(
    ("arn", "is_hook"),
    [
        (format_archive_hook("us-east-1"), True),
        (format_archive_hook("cn-north-1"), True),
        (BUS_ARN, False),
        ("arn:aws:sqs:us-east-1:::", False),
        (":::", False),
        ("", False),
    ],
)
def test_the_hook_is_told_from_other_targets(arn: str, is_hook: bool) -> None:
    assert is_archive_hook(arn) is is_hook


def test_a_detail_counts_as_sent_and_else_as_it_stands_in_the_event() -> None:
    envelope = {"source": "é", "detail-type": "ab", "detail": {"a": 1}}

    assert measure_event(envelope, '{ "a": 1 }') == 2 + 2 + 10 + 20  # [aws] the sum


@pytest.mark.sqlite_only
@pytest.mark.parametrize("how", ["expired", "abandoned"])
def test_dropping_gives_the_room_back(
    ctx: Context, call: Call, archive: str, clock: VirtualClock, how: str
) -> None:
    entry = {
        "Source": "shop",
        "DetailType": "sold",
        "Detail": f'{{"x":"{"x" * 100_000}"}}',
    }
    count = ctx.store.database.execute
    for _ in range(20):
        call("PutEvents", Entries=[entry] * 5)
    (full,) = count("PRAGMA page_count").fetchone()

    if how == "expired":
        clock.advance(3 * DAY)
        archiving.run_due(ctx, clock.now())
    else:
        call("DeleteArchive", ArchiveName=archive)

    (left,) = count("PRAGMA page_count").fetchone()
    # Half of it is the ledger's.
    assert left < full * 0.6
    assert count("PRAGMA freelist_count").fetchone() == (0,)
