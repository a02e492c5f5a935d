"""Replays that are held at each window: limits and cancellations can be rehearsed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.scheduled import replays as replaying
from evcli.delivery.scheduled.replays import run_replay
from evcli.delivery.scheduled.scheduler import tick
from evcli.errors import (
    ConfigurationError,
    IllegalStatusException,
    LimitExceededException,
)
from evcli.store.directory.configuration_file import read_configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]

ARN = "arn:aws:events:us-east-1:000000000000:"
BUS_ARN = f"{ARN}event-bus/default"
FROM = datetime(2024, 5, 14, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def archive(ctx: Context, call: Call) -> None:
    """Three events, each in a minute of its own, in an archive; replays take 2 s each."""
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)
    for minute in range(3):
        entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}"}
        time = FROM + minute * timedelta(minutes=1)
        call("PutEvents", Entries=[{**entry, "Time": time}])
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}
    call("PutTargets", Rule="r", Targets=[target])
    ctx.configuration["replays"] = {"windows_per_second": 0.5}


def start(call: Call, name: str = "p") -> None:
    """Start a replay of all three."""
    call(
        "StartReplay",
        ReplayName=name,
        EventSourceArn=f"{ARN}archive/a",
        EventStartTime=FROM,
        EventEndTime=FROM + timedelta(hours=1),
        Destination={"Arn": BUS_ARN},
    )


def get_state(call: Call, name: str = "p") -> str:
    """The state that the service shows."""
    state: str = call("DescribeReplay", ReplayName=name)["State"]
    return state


@pytest.mark.usefixtures("archive")
def test_a_held_replay_sends_a_window_at_a_time(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    begin = ctx.clock.now()
    start(call)

    seen = []
    for seconds in range(10):
        tick(ctx, begin + seconds * SECOND)
        seen.append((get_state(call), len(memory_sink.deliveries)))

    assert seen == [
        *[("STARTING", 0)] * 2,
        *[("RUNNING", 1)] * 2,
        *[("RUNNING", 2)] * 2,
        *[("RUNNING", 3)] * 2,
        *[("COMPLETED", 3)] * 2,
    ]


@pytest.mark.usefixtures("archive", "memory_sink")
def test_held_replays_go_on_beside_each_other(ctx: Context, call: Call) -> None:
    begin = ctx.clock.now()
    for name in ("p", "q"):
        start(call, name)

    tick(ctx, begin + 2 * SECOND)
    running = [get_state(call, name) for name in ("p", "q")]
    tick(ctx, begin + 8 * SECOND)

    assert running == ["RUNNING", "RUNNING"]
    assert [get_state(call, name) for name in ("p", "q")] == ["COMPLETED", "COMPLETED"]


@pytest.mark.usefixtures("archive")
def test_a_held_replay_is_cancelled_on_its_way(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    begin = ctx.clock.now()
    start(call)
    tick(ctx, begin + 3 * SECOND)

    call("CancelReplay", ReplayName="p")
    tick(ctx, begin + 3 * SECOND)
    cancelling = get_state(call)
    tick(ctx, begin + 4 * SECOND)

    assert (cancelling, get_state(call)) == ("CANCELLING", "CANCELLED")
    assert len(memory_sink.deliveries) == 1


@pytest.mark.usefixtures("archive", "memory_sink")
def test_ten_held_replays_are_the_limit_until_one_has_ended(
    ctx: Context, call: Call
) -> None:
    begin = ctx.clock.now()
    for number in range(10):
        start(call, f"p{number}")
    tick(ctx, begin + 3 * SECOND)

    with pytest.raises(LimitExceededException):
        start(call, "p10")
    tick(ctx, begin + 8 * SECOND)
    start(call, "p10")

    assert get_state(call, "p10") == "STARTING"


@pytest.mark.usefixtures("archive")
def test_a_hold_that_is_taken_away_holds_no_longer(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    start(call)
    tick(ctx, ctx.clock.now() + 2 * SECOND)

    del ctx.configuration["replays"]
    tick(ctx, ctx.clock.now())

    assert (get_state(call), len(memory_sink.deliveries)) == ("COMPLETED", 3)


@pytest.mark.usefixtures("archive")
def test_the_command_line_does_not_wait_for_its_own_replay(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    start(call)

    run_replay(ctx, "p")

    assert (get_state(call), len(memory_sink.deliveries)) == ("COMPLETED", 3)


@pytest.mark.usefixtures("archive", "memory_sink")
def test_a_clock_that_was_put_back_holds_no_longer_than_before(
    ctx: Context, call: Call
) -> None:
    start(call)
    tick(ctx, ctx.clock.now() + 2 * SECOND)

    ctx.clock.set(FROM - timedelta(days=400))  # type: ignore[attr-defined]

    assert replaying.next_due(ctx) == ctx.clock.now() + 2 * SECOND


@pytest.mark.usefixtures("archive", "memory_sink")
def test_a_replay_that_has_ended_says_how_to_have_one_to_cancel(
    ctx: Context, call: Call
) -> None:
    start(call)
    run_replay(ctx, "p")

    with pytest.raises(IllegalStatusException) as caught:
        call("CancelReplay", ReplayName="p")

    assert caught.value.message == (
        "Replay p is not in a valid state for this operation."
    )
    assert ctx.notices == [
        "The replay p has ended: evcli works replays off at once. To have one to cancel,"
        " start it with --no-wait, or have workers hold replays with windows_per_second"
        " under [replays] of config.toml."
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0", "0 is less than 0.0001"),
        ("-1", "-1 is less than 0.0001"),
        ("inf", "inf is more than 1000"),
        ('"slow"', "'slow' is not of type number"),
    ],
)
def test_a_pace_that_is_none_is_refused(
    tmp_path: Path, value: str, message: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[replays]\nwindows_per_second = {value}\n")

    with pytest.raises(ConfigurationError) as caught:
        read_configuration(str(path))

    assert caught.value.message == f"{path}: replays.windows_per_second: {message}."
