"""Working replays off: who may, what a death leaves behind, in which order."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery.envelopes import build_envelope
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import Router
from evcli.delivery.scheduled import replays as replaying
from evcli.delivery.scheduled.replays import run_replay
from evcli.operations import call as call_operation
from evcli.operations.rules import store_rule
from evcli.store.records import Replay, Rule
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]

ARN = "arn:aws:events:us-east-1:000000000000:"
BUS_ARN = f"{ARN}event-bus/default"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:"
FROM = datetime(2024, 5, 14, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def replay(call: Call) -> str:
    """A replay of an hour in which three events wait, each in a minute of its own."""
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)
    for minute in range(3):
        entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}"}
        call("PutEvents", Entries=[{**entry, "Time": FROM + minute * MINUTE}])
    put_rule(call, "r")
    start(call)
    return "p"


def put_rule(call: Call, name: str) -> None:
    call("PutRule", Name=name, EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule=name, Targets=[{"Id": name, "Arn": QUEUE_ARN + name}])


def start(call: Call, name: str = "p", minutes: int = 60) -> None:
    call(
        "StartReplay",
        ReplayName=name,
        EventSourceArn=f"{ARN}archive/a",
        EventStartTime=FROM,
        EventEndTime=FROM + minutes * MINUTE,
        Destination={"Arn": BUS_ARN},
    )


def get_state(call: Call, name: str = "p") -> str:
    state: str = call("DescribeReplay", ReplayName=name)["State"]
    return state


@pytest.fixture
def other(
    ctx: Context, state_directory: Path, clock: VirtualClock
) -> Iterator[Context]:
    """Another process on the same state directory, as far as locks can tell."""
    context = Context(store=open_store(str(state_directory)), clock=clock)
    context.sinks = ctx.sinks
    yield context
    context.close()


def test_progress_counts_events_up_to_all_of_them(
    ctx: Context, replay: str, memory_sink: MemorySink
) -> None:
    seen = []

    run_replay(ctx, replay, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert len(memory_sink.deliveries) == 3


def test_progress_never_passes_the_total_when_events_keep_coming(
    ctx: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    seen = []

    def watch(done: int, total: int) -> None:
        if not seen:
            entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}"}
            call("PutEvents", Entries=[{**entry, "Time": FROM + 30 * MINUTE}])
        seen.append((done, total))

    run_replay(ctx, replay, watch)

    assert seen == [(1, 3), (2, 3), (3, 3), (4, 4)]


def test_while_it_runs_it_says_so(
    ctx: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    seen: list[str] = []

    run_replay(ctx, replay, lambda done, total: seen.append(get_state(call)))

    assert seen == ["RUNNING"] * 3
    assert get_state(call) == "COMPLETED"


def test_only_one_process_works_a_replay_off(
    ctx: Context, other: Context, replay: str, memory_sink: MemorySink
) -> None:
    seen: list[int] = []

    def meddle(done: int, total: int) -> None:
        run_replay(other, replay)
        assert replaying.next_due(other) is None
        seen.append(len(memory_sink.deliveries))

    run_replay(ctx, replay, meddle)

    assert seen == [1, 2, 3]


def test_another_process_cancels_it_at_the_next_window(
    ctx: Context, other: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    from evcli.operations import call as call_operation

    def cancel(done: int, total: int) -> None:
        if done == 2:
            call_operation(other, "CancelReplay", {"ReplayName": replay})
            assert get_state(call) == "CANCELLING"

    run_replay(ctx, replay, cancel)

    assert get_state(call) == "CANCELLED"
    assert len(memory_sink.deliveries) == 2


def test_an_interrupted_replay_is_free_for_the_next_worker(
    ctx: Context, other: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_replay(ctx, replay, interrupt)
    state = get_state(call)

    replaying.run_due(other, other.clock.now())

    assert (state, get_state(call)) == ("RUNNING", "COMPLETED")
    ids = [delivery.event.event_id for delivery in memory_sink.deliveries]
    assert (len(ids), len(set(ids))) == (3, 3)


def test_what_an_interrupted_worker_committed_is_delivered_before_the_rest(
    ctx: Context, other: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    put_rule(call, "s")
    deliver = memory_sink.deliver

    def die(*arguments: Any) -> Outcome:
        raise KeyboardInterrupt

    memory_sink.deliver = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run_replay(ctx, replay)
    memory_sink.deliver = deliver  # type: ignore[method-assign]
    ctx.store.owner.release()
    other.sinks["*"] = memory_sink

    run_replay(other, replay)

    times = [json.loads(payload)["time"] for payload in memory_sink.payloads]
    expected = [f"2024-05-14T10:{minute:02}:00Z" for minute in (0, 0, 1, 1, 2, 2)]
    assert times == expected


def test_a_target_that_is_down_does_not_fail_the_replay(
    ctx: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    memory_sink.outcome = Outcome("SDK_CLIENT_ERROR", "no such queue")

    run_replay(ctx, replay)

    assert get_state(call) == "COMPLETED"  # [guess]
    states = [delivery.state for delivery in ctx.store.ledger.list_deliveries()]
    assert states == ["FAILED"] * 3


def test_a_crowded_minute_is_sent_in_bounded_steps(
    ctx: Context,
    replay: str,
    call: Call,
    memory_sink: MemorySink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replaying, "STEP_EVENTS", 2)
    memory_sink.deliveries.clear()
    entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}", "Time": FROM}
    call("PutEvents", Entries=[entry] * 4)
    memory_sink.deliveries.clear()
    seen = []

    run_replay(ctx, replay, lambda done, total: seen.append((done, total)))

    assert seen == [(2, 7), (4, 7), (5, 7), (6, 7), (7, 7)]
    ids = [delivery.event.event_id for delivery in memory_sink.deliveries]
    assert (len(ids), len(set(ids))) == (7, 7)


@pytest.mark.parametrize("worth_an_index", [0, 3], ids=["indexed", "fetched"])
def test_rules_that_others_change_count_from_the_next_window_on(
    ctx: Context,
    other: Context,
    replay: str,
    memory_sink: MemorySink,
    monkeypatch: pytest.MonkeyPatch,
    worth_an_index: int,
) -> None:
    monkeypatch.setattr(replaying, "INDEX_EVENTS", worth_an_index)

    def meddle(done: int, total: int) -> None:
        put_rule(lambda name, **request: call_operation(other, name, request), "new")
        if done == 2:
            call_operation(other, "DisableRule", {"Name": "r"})

    run_replay(ctx, replay, meddle)

    received = [
        (delivery.target["Id"], json.loads(delivery.payload)["time"][14:16])
        for delivery in memory_sink.deliveries
    ]
    assert received == [("r", "00"), ("new", "01"), ("r", "01"), ("new", "02")]


@pytest.mark.parametrize("worth_an_index", [0, 3], ids=["indexed", "fetched"])
def test_what_was_written_is_matched_transformed_and_sent_to_the_letter(
    ctx: Context,
    call: Call,
    memory_sink: MemorySink,
    monkeypatch: pytest.MonkeyPatch,
    worth_an_index: int,
) -> None:
    monkeypatch.setattr(replaying, "INDEX_EVENTS", worth_an_index)
    detail = '{"n":1.10,"big":12345678901234567890.5,"s":"é","l":[1,2e3]}'
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)
    entry = {"Source": "shop", "DetailType": "sold", "Detail": detail, "Time": FROM}
    call("PutEvents", Entries=[entry])
    put_rule(call, "whole")
    pattern = '{"detail":{"big":[12345678901234567890.5]}}'
    call("PutRule", Name="part", EventPattern=pattern)
    target = {"Id": "part", "Arn": QUEUE_ARN + "part", "InputPath": "$.detail"}
    call("PutTargets", Rule="part", Targets=[target])
    start(call)

    run_replay(ctx, "p")

    part, whole = memory_sink.payloads
    assert part == detail
    assert whole.endswith(f',"replay-name":"p","resources":[],"detail":{detail}}}')


def test_an_archive_whose_rule_lost_its_clause_by_force_keeps_replayed_events(
    ctx: Context, call: Call, replay: str
) -> None:
    rule = ctx.store.get(
        Rule, ctx.account_id, ctx.region, "default", "Events-Archive-a"
    )
    assert rule is not None
    store_rule(ctx, rule.replace(event_pattern='{"source":["shop"]}'))
    before = call("DescribeArchive", ArchiveName="a")

    run_replay(ctx, replay)

    after = call("DescribeArchive", ArchiveName="a")
    assert (before["EventCount"], after["EventCount"]) == (3, 6)
    assert after["SizeBytes"] == 2 * before["SizeBytes"]


def test_a_replay_of_a_bus_that_is_gone_fails(ctx: Context, call: Call) -> None:
    call("CreateEventBus", Name="b")
    arn = f"{ARN}event-bus/b"
    call("CreateArchive", ArchiveName="a", EventSourceArn=arn)
    call(
        "StartReplay",
        ReplayName="p",
        EventSourceArn=f"{ARN}archive/a",
        EventStartTime=FROM,
        EventEndTime=FROM + MINUTE,
        Destination={"Arn": arn},
    )
    rule = "Events-Archive-a"
    call("RemoveTargets", EventBusName="b", Rule=rule, Ids=[rule], Force=True)
    call("DeleteRule", EventBusName="b", Name=rule, Force=True)
    call("DeleteEventBus", Name="b")

    run_replay(ctx, "p")

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "FAILED"
    assert described["StateReason"] == "Event bus b does not exist."  # [guess]


def test_an_archive_of_the_same_name_is_not_the_one_that_was_replayed(
    ctx: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    # As after a deletion by a version of evcli that knows no replays.
    stored = ctx.store.get(Replay, ctx.account_id, ctx.region, replay)
    assert stored is not None
    ctx.store.put(stored.replace(archive_id="another"))

    run_replay(ctx, replay)

    described = call("DescribeReplay", ReplayName=replay)
    assert described["State"] == "FAILED"
    assert described["StateReason"] == "Archive a does not exist."


@pytest.mark.parametrize("name", ["p", "nope"])
def test_there_is_nothing_to_do_for_a_replay_that_has_ended_or_never_was(
    ctx: Context, replay: str, call: Call, memory_sink: MemorySink, name: str
) -> None:
    run_replay(ctx, replay)
    before = call("DescribeReplay", ReplayName=replay)

    run_replay(ctx, name)

    assert call("DescribeReplay", ReplayName=replay) == before
    assert len(memory_sink.deliveries) == 3


# -- what a worker asks


def test_a_replay_is_due_from_its_start_until_its_end(
    ctx: Context, replay: str, clock: VirtualClock, memory_sink: MemorySink
) -> None:
    begin = clock.now()
    clock.advance(100)
    before = replaying.next_due(ctx)

    replaying.run_due(ctx, clock.now())

    assert (before, replaying.next_due(ctx)) == (begin, None)
    assert len(memory_sink.deliveries) == 3


def test_a_replay_that_began_on_a_clock_since_put_back_is_due_now(
    ctx: Context, replay: str, clock: VirtualClock
) -> None:
    clock.advance(-86_400)

    assert replaying.next_due(ctx) == clock.now()


def test_work_covers_every_account_and_region(ctx: Context, call: Call) -> None:
    from evcli.operations import call as call_operation

    other = ctx.act_as("1" * 12, "eu-west-1")
    bus = other.event_bus_arn("default")
    call_operation(other, "CreateArchive", {"ArchiveName": "a", "EventSourceArn": bus})
    request = {
        "ReplayName": "p",
        "EventSourceArn": bus.replace("event-bus/default", "archive/a"),
        "EventStartTime": FROM,
        "EventEndTime": FROM + MINUTE,
        "Destination": {"Arn": bus},
    }
    call_operation(other, "StartReplay", request)

    replaying.run_due(ctx, ctx.clock.now())

    described = call_operation(other, "DescribeReplay", {"ReplayName": "p"})
    assert described["State"] == "COMPLETED"


def test_work_settles_a_cancellation_that_nobody_heard(
    ctx: Context, replay: str, call: Call, memory_sink: MemorySink
) -> None:
    call("CancelReplay", ReplayName=replay)

    replaying.run_due(ctx, ctx.clock.now())

    assert get_state(call) == "CANCELLED"
    assert memory_sink.deliveries == []


# -- killed at any moment

# Counts the lines of evcli that its second window takes, and kills itself before one of
# the third, or of a later one when that has fewer.
WORKER = """
import os, signal, sys
from evcli.context import open_context
from evcli.delivery.scheduled.replays import run_replay
from tests.delivery.crash_driver import trace_lines

windows, lines = [], 0

def act():
    global lines
    lines += 1
    if len(windows) > 1:
        begin, end = windows[:2]
        if lines == end + int((end - begin) * float(sys.argv[2])) + 1:
            os.kill(os.getpid(), signal.SIGKILL)

trace_lines(act)
run_replay(open_context(sys.argv[1]), "p", lambda done, total: windows.append(lines))
"""
ROOT = Path(__file__).parents[2]
EVENTS_PER_MINUTE = 1_000


def fill(ctx: Context, events: int) -> None:
    """Let events arrive by the way of put-events, many in one transaction.

    Their order is not that of their times: neighbours are a minute apart.
    """
    minutes = events // EVENTS_PER_MINUTE
    for first in range(0, events, 5_000):
        with ctx.store.transaction():
            router = Router(ctx)
            for number in range(first, first + 5_000):
                envelope = build_envelope(
                    event_id=f"{number}",
                    detail_type="sold",
                    source="shop",
                    account_id=ctx.account_id,
                    time=FROM + (number % minutes) * MINUTE,
                    region=ctx.region,
                    resources=(),
                    detail={},
                )
                event_bus = (ctx.account_id, ctx.region, "default")
                event = AcceptedEvent(envelope, event_bus, ctx.clock.now())
                router.accept(event)


def run_and_kill(state_directory: Path, part: float) -> None:
    """Work the replay off in a process that is killed in the middle of a window.

    Args:
        part: how much of its third window the process lives to see.
    """
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(state_directory), str(part)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_replay_killed_several_times_delivers_every_event_once_and_in_order(
    ctx: Context, call: Call, state_directory: Path
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)
    fill(ctx, 100_000)
    assert call("DescribeArchive", ArchiveName="a")["EventCount"] == 100_000
    for name in ("one", "two"):
        put_rule(call, name)
    start(call, minutes=20)
    dice = random.Random(7)

    for _ in range(5):
        run_and_kill(state_directory, dice.random())
        assert get_state(call) == "RUNNING"
    replaying.run_due(ctx, datetime.now(UTC))

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "COMPLETED"
    assert described["EventLastReplayedTime"] == FROM + 19 * MINUTE
    wanted = Counter(str(number) for number in range(100_000) if number % 100 < 20)
    for name in ("one", "two"):
        path = state_directory / f"sinks/sqs/000000000000/us-east-1/{name}.jsonl"
        with path.open(encoding="utf-8") as lines:
            events = [json.loads(json.loads(line)["payload"]) for line in lines]
        assert Counter(event["id"] for event in events) == wanted
        times = [event["time"] for event in events]
        assert times == sorted(times)
