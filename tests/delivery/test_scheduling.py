"""Schedules: the event, its targets, and what becomes of missed instants."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, VirtualClock
from evcli.delivery.scheduled.rules import find_latest, run_due
from evcli.delivery.scheduled.scheduler import tick
from evcli.schedules import parse_schedule
from evcli.store.records import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.delivery.sinks.memory import MemorySink

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
START = datetime(2024, 5, 1, 9, 58, tzinfo=UTC)


class StandingClock:
    """Not a virtual clock: stands for the machine's, at a known instant."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def put(call: Callable[..., Any], expression: str, **settings: Any) -> None:
    rule = {"Name": "my-rule", "ScheduleExpression": expression}
    call("PutRule", **rule)
    call("PutTargets", Rule="my-rule", Targets=[{"Id": "1", "Arn": QUEUE, **settings}])


def find_rule(ctx: Context) -> Rule:
    rule = ctx.store.get(Rule, "000000000000", "us-east-1", "default", "my-rule")
    assert rule is not None
    return rule


def times(sink: MemorySink) -> list[str]:
    return [json.loads(payload)["time"] for payload in sink.payloads]


def test_the_event_is_as_recorded_and_goes_to_the_targets_of_its_rule_alone(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "cron(0 10 * * ? *)")
    call("PutRule", Name="all", EventPattern='{"source":[{"prefix":""}]}')
    call("PutTargets", Rule="all", Targets=[{"Id": "1", "Arn": f"{QUEUE}2"}])

    tick(ctx, START + timedelta(minutes=5))

    (delivery,) = memory_sink.deliveries
    assert delivery.target_arn == QUEUE
    assert delivery.payload == (
        '{"version":"0","id":"' + delivery.event.event_id + '"'
        ',"detail-type":"Scheduled Event","source":"aws.events"'
        ',"account":"000000000000","time":"2024-05-01T10:00:00Z","region":"us-east-1"'
        ',"resources":["arn:aws:events:us-east-1:000000000000:rule/my-rule"]'
        ',"detail":{}}'
    )


def test_each_firing_has_an_id_of_its_own(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "rate(1 minute)")

    tick(ctx, START + timedelta(minutes=3))

    assert len({each.event.event_id for each in memory_sink.deliveries}) == 3


def test_input_settings_apply_to_scheduled_events(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "rate(1 minute)", Input='{"go":1}')

    tick(ctx, START + timedelta(minutes=1))

    assert memory_sink.payloads == ['{"go":1}']


def test_a_rate_counts_from_when_the_rule_was_made(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "rate(5 minutes)")

    tick(ctx, START + timedelta(minutes=16))

    assert times(memory_sink) == [
        "2024-05-01T10:03:00Z",
        "2024-05-01T10:08:00Z",
        "2024-05-01T10:13:00Z",
    ]


def test_a_disabled_rule_neither_fires_nor_catches_up(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "rate(5 minutes)")
    call("DisableRule", Name="my-rule")
    tick(ctx, START + timedelta(minutes=12))
    call("EnableRule", Name="my-rule")

    tick(ctx, START + timedelta(minutes=20))

    assert times(memory_sink) == ["2024-05-01T10:15:00Z"]


def test_a_schedule_that_has_ended_is_due_no_more(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "cron(0 10 1 5 ? 2024)")

    tick(ctx, START + timedelta(days=800))

    assert times(memory_sink) == ["2024-05-01T10:00:00Z"]
    assert find_rule(ctx).next_fire_at is None


def test_a_rule_without_targets_fires_into_the_void(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    call("PutRule", Name="my-rule", ScheduleExpression="rate(5 minutes)")

    tick(ctx, START + timedelta(minutes=5))

    assert memory_sink.deliveries == []
    assert find_rule(ctx).next_fire_at == START + timedelta(minutes=10)


def test_after_a_pause_the_machines_clock_fires_the_latest_missed_instant_once(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    put(call, "cron(0/15 * * * ? *)")
    now = START + timedelta(days=3, minutes=1)
    ctx.clock = StandingClock(now)

    run_due(ctx, now)
    run_due(ctx, now)

    assert times(memory_sink) == ["2024-05-04T09:45:00Z"]
    assert find_rule(ctx).next_fire_at == datetime(2024, 5, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "now", "latest"),
    [
        ("rate(5 minutes)", "2024-05-01T10:03:00", "2024-05-01T10:03:00"),
        ("rate(5 minutes)", "2024-05-01T10:07:59", "2024-05-01T10:03:00"),
        ("rate(5 minutes)", "2025-05-01T10:07:59", "2025-05-01T10:03:00"),
        ("cron(* * * * ? *)", "2124-05-01T10:07:59", "2124-05-01T10:07:00"),
        ("cron(0 0 29 2 ? *)", "2031-12-31T00:00:00", "2028-02-29T00:00:00"),
        ("cron(0 0 1 1 ? 2025)", "2031-12-31T00:00:00", "2025-01-01T00:00:00"),
    ],
)
def test_the_latest_missed_instant_is_found_however_long_the_pause(
    expression: str, now: str, latest: str
) -> None:
    schedule = parse_schedule(expression)
    from evcli.schedules import next_instant

    first = next_instant(schedule, START, START)
    assert first is not None

    found = find_latest(
        schedule, first, datetime.fromisoformat(now).replace(tzinfo=UTC), START
    )

    assert found == datetime.fromisoformat(latest).replace(tzinfo=UTC)
