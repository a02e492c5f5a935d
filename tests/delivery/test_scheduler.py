"""The scheduler: all that is due, in the order of time, by one worker at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, SystemClock, VirtualClock
from evcli.delivery.scheduled import scheduler
from evcli.delivery.scheduled.scheduler import (
    JOBS,
    WorkerLock,
    find_next_due,
    read_clock,
    set_clock,
    tick,
)
from evcli.delivery.sinks.memory import MemorySink
from evcli.errors import WorkerBusyError
from evcli.store.deliveries import FAILED, RETRYING

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.deliveries import Delivery

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
LETTERS = "arn:aws:sqs:us-east-1:000000000000:dlq"
START = datetime(2024, 5, 1, tzinfo=UTC)


class Diary(MemorySink):
    """Notes when each delivery was attempted."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.clock = clock
        self.log: list[tuple[str, int]] = []

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        now = self.clock.now()
        seconds = int((now - START).total_seconds())
        self.log.append((f"{now - delivery.event.accepted_at}", seconds))
        return super().deliver(delivery, request)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def diary(ctx: Context, clock: VirtualClock) -> Diary:
    sink = Diary(clock)
    ctx.sinks[QUEUE] = sink
    return sink


def put_schedule(call: Callable[..., Any], expression: str, **settings: Any) -> None:
    call("PutRule", Name="s", ScheduleExpression=expression)
    call("PutTargets", Rule="s", Targets=[{"Id": "1", "Arn": QUEUE, **settings}])


def test_retries_happen_between_the_firings_that_they_fall_between(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    diary.outcome = Outcome("INTERNAL_ERROR", "no", retry=True)
    put_schedule(call, "rate(1 minute)")

    tick(ctx, START + timedelta(seconds=125))

    assert [seconds for _, seconds in diary.log] == [
        60,
        62,
        66,
        74,
        90,
        120,
        122,
        122,
    ]
    assert ctx.clock.now() == START + timedelta(seconds=125)


@pytest.mark.slow
def test_a_tick_may_do_retries_only(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    diary.outcome = Outcome("INTERNAL_ERROR", "no", retry=True)
    put_schedule(call, "rate(1 minute)")
    tick(ctx, START + timedelta(seconds=60))

    tick(ctx, START + timedelta(seconds=125), only=("deliveries",))

    assert [seconds for _, seconds in diary.log] == [60, 62, 66, 74, 90, 122]
    assert ctx.clock.now() == START + timedelta(seconds=125)


def test_a_rule_every_five_minutes_failing_for_a_day_counts_as_documented(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    diary.outcome = Outcome("INTERNAL_ERROR", "no", retry=True)
    ctx.sinks[LETTERS] = letters = MemorySink()
    ctx.store.database.relax_durability()
    hours_26 = 26 * 3600
    # What one event goes through, in seconds after it was accepted: an attempt at once,
    # the k-th retry min(2^k, 600) seconds after the attempt before, none past a day.
    offsets = [0]
    while (after := offsets[-1] + min(2 ** len(offsets), 600)) <= 86_400:
        offsets.append(after)
    assert len(offsets) <= 186
    firings = range(300, hours_26 + 1, 300)
    attempts = sum(at + offset <= hours_26 for at in firings for offset in offsets)
    given_up = [at for at in firings if at + offsets[-1] <= hours_26]
    put_schedule(call, "rate(5 minutes)", DeadLetterConfig={"Arn": LETTERS})

    tick(ctx, START + timedelta(seconds=hours_26))

    assert (len(firings), len(offsets), len(given_up)) == (312, 152, 24)
    assert len(diary.log) == attempts
    rows = [
        (each.state, each.attempts)
        for each in ctx.store.ledger.list_deliveries(target_arn=QUEUE)
    ]
    still = [at for at in firings if at not in given_up]
    counts = [sum(at + offset <= hours_26 for offset in offsets) for at in still]
    assert rows == [
        *((FAILED, len(offsets)) for _ in given_up),
        *((RETRYING, count) for count in counts),
    ]
    times = [delivery.event.accepted_at for delivery in letters.deliveries]
    assert times == [START + timedelta(seconds=at) for at in given_up]
    assert {
        each["request"]["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"]
        for each in letters.requests
    } == {"MaximumEventAgeInSeconds"}
    assert {
        each["request"]["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"]
        for each in letters.requests
    } == {"151"}


def test_a_clock_that_was_moved_ahead_is_caught_up_with_in_order(
    ctx: Context, call: Callable[..., Any], clock: VirtualClock, diary: Diary
) -> None:
    put_schedule(call, "rate(5 minutes)")
    clock.advance(1000)

    tick(ctx, ctx.clock.now())

    assert [seconds for _, seconds in diary.log] == [300, 600, 900]
    assert ctx.clock.now() == START + timedelta(seconds=1000)


def test_a_source_that_gets_nowhere_does_not_keep_the_others_from_it(
    ctx: Context,
    call: Callable[..., Any],
    diary: Diary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    class Stuck:
        """Wants the same instant for ever."""

        def next_due(self, _: Context) -> datetime:
            return START

        def run_due(self, _: Context, now: datetime) -> None:
            calls.append(now)

    monkeypatch.setitem(JOBS, "stuck", Stuck())
    put_schedule(call, "rate(5 minutes)")

    tick(ctx, START + timedelta(minutes=10))

    assert calls == [START]
    assert [seconds for _, seconds in diary.log] == [300, 600]


def test_the_next_due_instant_is_the_earliest_of_all_sources(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    nothing = find_next_due(ctx)
    put_schedule(call, "rate(5 minutes)")
    scheduled = find_next_due(ctx)
    diary.outcome = Outcome("INTERNAL_ERROR", "no", retry=True)
    tick(ctx, START + timedelta(minutes=5))

    assert (nothing, scheduled, find_next_due(ctx)) == (
        None,
        START + timedelta(minutes=5),
        START + timedelta(minutes=5, seconds=2),
    )


def test_there_is_one_worker_for_a_state_directory(ctx: Context) -> None:
    held = WorkerLock(ctx.store)
    with held, pytest.raises(WorkerBusyError) as caught, WorkerLock(ctx.store):
        pass

    assert caught.value.message == (
        f"Another worker is running on the state directory {ctx.store.path}; there can"
        " be one `evcli local run` or `tick` at a time."
    )
    with WorkerLock(ctx.store):
        pass


def test_other_processes_see_the_clock_move_forward_only(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    with ctx.store.transaction():
        set_clock(ctx, START + timedelta(minutes=7))
    put_schedule(call, "rate(5 minutes)")
    ctx.clock = VirtualClock(START)
    seen = []

    def look() -> None:
        seen.append(ctx.store.meta.all()["clock"])

    tick(ctx, START + timedelta(minutes=20), look)

    def moment(minutes: int) -> int:
        return round((START + timedelta(minutes=minutes)).timestamp() * 1000)

    assert seen == [moment(12), moment(17)]
    assert ctx.store.meta.all()["clock"] == moment(20)


def test_a_worker_follows_the_clock_of_the_state_directory(ctx: Context) -> None:
    set_clock(ctx, START + timedelta(hours=1))
    put = ctx.clock.now()
    ctx.store.meta.put("clock", round(START.timestamp() * 1000))
    read_clock(ctx)
    moved = ctx.clock.now()
    set_clock(ctx, None)

    assert (put, moved) == (START + timedelta(hours=1), START)
    assert isinstance(ctx.clock, SystemClock)
    assert "clock" not in ctx.store.meta.all()


def test_what_was_planned_happens_as_soon_on_a_clock_that_was_put_back(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    diary.outcome = Outcome("INTERNAL_ERROR", "no", retry=True)
    put_schedule(call, "rate(5 minutes)", RetryPolicy={"MaximumRetryAttempts": 1})
    call("PutRule", Name="daily", ScheduleExpression="cron(0 10 * * ? *)")
    call("PutTargets", Rule="daily", Targets=[{"Id": "1", "Arn": QUEUE}])
    tick(ctx, START + timedelta(minutes=5))

    with ctx.store.transaction():
        set_clock(ctx, START - timedelta(days=400))
    diary.log.clear()
    tick(ctx, ctx.clock.now() + timedelta(minutes=5, seconds=1))
    rate = [seconds + 400 * 86_400 for _, seconds in diary.log]
    diary.log.clear()
    diary.outcome = Outcome()
    call("DisableRule", Name="s")
    tick(ctx, START - timedelta(days=398, seconds=1))

    assert rate == [2, 300]
    assert [seconds / 3600 + 9600 for _, seconds in diary.log][-2:] == [10, 34]


def test_a_clock_that_is_put_ahead_changes_no_plans(
    ctx: Context, call: Callable[..., Any], diary: Diary
) -> None:
    put_schedule(call, "rate(5 minutes)")

    with ctx.store.transaction():
        set_clock(ctx, START + timedelta(minutes=7))
    tick(ctx, ctx.clock.now())

    assert [seconds for _, seconds in diary.log] == [300]
    assert find_next_due(ctx) == START + timedelta(minutes=10)


def test_a_tick_over_centuries_stops_and_the_next_one_goes_on(
    ctx: Context,
    call: Callable[..., Any],
    diary: Diary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "FIRINGS", 3)
    put_schedule(call, "rate(5 minutes)")
    call("PutRule", Name="other", ScheduleExpression="rate(10 minutes)")
    call("PutTargets", Rule="other", Targets=[{"Id": "1", "Arn": QUEUE}])
    until = START + timedelta(minutes=19)

    ends = []
    for _ in range(3):
        is_all = tick(ctx, until)
        ends.append((is_all, (ctx.clock.now() - START).total_seconds() / 60))

    # What is due at one instant is done together; nothing is done twice, or left out.
    assert ends == [(False, 10), (True, 19), (True, 19)]
    assert [seconds // 60 for _, seconds in diary.log] == [5, 10, 10, 15]


def test_a_tick_that_ends_with_the_last_firing_it_may_make_is_whole(
    ctx: Context,
    call: Callable[..., Any],
    diary: Diary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "FIRINGS", 2)
    put_schedule(call, "rate(5 minutes)")

    assert tick(ctx, START + timedelta(minutes=14))
    assert ctx.clock.now() == START + timedelta(minutes=14)


def test_ten_thousand_firings_are_the_limit() -> None:
    assert scheduler.FIRINGS == 10_000
