"""How a state directory stands: counts, what waits, the counts behind metrics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery.redelivery import redeliver_failed
from evcli.delivery.scheduled.scheduler import WorkerLock, tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.inspection.status import describe_status, measure_directory
from evcli.store.ledger_counts import count_by_target, count_deliveries, count_events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PREFIX = "arn:aws:sqs:us-east-1:000000000000"
RULES = "arn:aws:events:us-east-1:000000000000:rule"


def put_targets(call: Callable[..., Any], rule: str, **targets: dict[str, Any]) -> None:
    call("PutRule", Name=rule, EventPattern='{"source":["shop"]}')
    each = [
        {"Id": name, "Arn": f"{PREFIX}:{name}", **targets[name]} for name in targets
    ]
    call("PutTargets", Rule=rule, Targets=each)


@pytest.fixture
def worked(ctx: Context, call: Callable[..., Any], clock: VirtualClock) -> None:
    """One event for three targets, one of which fails twice and has a queue."""
    broken = {
        "RetryPolicy": {"MaximumRetryAttempts": 1},
        "DeadLetterConfig": {"Arn": f"{PREFIX}:dead"},
    }
    put_targets(call, "R1", a={}, b=broken)
    put_targets(call, "R2", c={})
    ctx.sinks[f"{PREFIX}:b"] = failing = MemorySink()
    failing.outcome = Outcome("THROTTLING", "busy", retry=True)
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    call("PutEvents", Entries=[entry])
    clock.advance(3600)
    tick(ctx, clock.now())


@pytest.mark.usefixtures("worked")
def test_metrics_count_as_the_reference_counts_its_example(ctx: Context) -> None:
    assert describe_status(ctx)["Metrics"] == {
        "InvocationsCreated": 3,
        "InvocationAttempts": 4,
        "SuccessfulInvocationAttempts": 2,
        "RetryInvocationAttempts": 1,
        "Invocations": 3,
        "FailedInvocations": 1,
        "InvocationsSentToDlq": 1,
        "InvocationsFailedToBeSentToDlq": 0,
    }


@pytest.mark.usefixtures("worked")
def test_deliveries_are_counted_as_if_each_had_been_read(
    ctx: Context, call: Callable[..., Any], clock: VirtualClock
) -> None:
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    call("PutEvents", Entries=[entry] * 3)
    ctx.sinks[f"{PREFIX}:b"] = MemorySink()
    list(redeliver_failed(ctx))
    clock.advance(1)

    read = Counter(
        (each.state, each.dead_letter_of is not None, each.attempts)
        for each in ctx.store.ledger.list_deliveries()
    )

    assert count_deliveries(ctx.store.database) == read
    assert count_events(ctx.store.database) == 4
    # A retry that waits, one that was made later, a dead letter: all are there.
    assert {
        ("RETRYING", False, 1),
        ("DELIVERED", True, 1),
        ("DELIVERED", False, 3),
    } <= {*read}


def test_an_empty_ledger_counts_nothing(ctx: Context) -> None:
    assert count_deliveries(ctx.store.database) == Counter()
    assert count_by_target(ctx.store.database) == {}


@pytest.mark.usefixtures("worked")
def test_targets_are_counted_without_dead_letters(ctx: Context) -> None:
    assert count_by_target(ctx.store.database) == {
        (f"{RULES}/R1", "a", f"{PREFIX}:a"): {"DELIVERED": 1},
        (f"{RULES}/R1", "b", f"{PREFIX}:b"): {"FAILED": 1},
        (f"{RULES}/R2", "c", f"{PREFIX}:c"): {"DELIVERED": 1},
    }


def test_a_new_state_directory_is_told_whole(
    ctx: Context, state_directory: Path
) -> None:
    status = describe_status(ctx)

    assert status.pop("SizeBytes") == sum(
        each.stat().st_size for each in state_directory.rglob("*") if each.is_file()
    )
    assert status == {
        "StateDirectory": str(state_directory),
        "Account": "000000000000",
        "Region": "us-east-1",
        "Clock": {"Now": "2024-05-14T11:23:22Z", "Kind": "virtual"},
        "Resources": {
            "EventBuses": 1,
            "Rules": 0,
            "Targets": 0,
            "Archives": 0,
            "Replays": 0,
            "Connections": 0,
            "ApiDestinations": 0,
            "Endpoints": 0,
        },
        "Events": 0,
        "Deliveries": {"PENDING": 0, "RETRYING": 0, "DELIVERED": 0, "FAILED": 0},
        "Queue": {"Waiting": 0, "NextDue": {}},
        "WorkerIsRunning": False,
        "Sinks": [],
        "Metrics": dict.fromkeys(status["Metrics"], 0),
    }


def test_what_waits_is_told_with_when_it_is_due(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    memory_sink.outcome = Outcome("THROTTLING", "busy", retry=True)
    put_targets(call, "R", a={})
    call("PutRule", Name="S", ScheduleExpression="rate(1 hour)")
    call("PutEvents", Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])

    queue = describe_status(ctx)["Queue"]

    assert (queue["Waiting"], list(queue["NextDue"])) == (
        1,
        ["deliveries", "schedules"],
    )
    assert queue["NextDue"]["schedules"] == "2024-05-14T12:23:22Z"


def test_a_worker_is_seen_and_not_disturbed(ctx: Context) -> None:
    with WorkerLock(ctx.store):
        assert describe_status(ctx)["WorkerIsRunning"] is True
    assert describe_status(ctx)["WorkerIsRunning"] is False


def test_a_directory_of_too_many_files_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "d" / "e"
    directory.mkdir(parents=True)
    for number in range(3):
        (directory / str(number)).write_text("xx")

    assert measure_directory(str(tmp_path / "d")) == 6
    monkeypatch.setattr("evcli.inspection.status.MEASURED_FILES", 2)
    assert measure_directory(str(tmp_path / "d")) is None
    assert measure_directory(str(tmp_path / "gone")) is None
