"""The worker: outcomes in the ledger, slow and broken sinks, many deliveries."""

from __future__ import annotations

import errno
import os
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery import forwarding, worker
from evcli.delivery.api_destinations import calls
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.worker import run_due
from evcli.store.database import Transaction
from evcli.store.deliveries import DELIVERED, FAILED, PENDING, RETRYING, Delivery, Event
from evcli.store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
OTHER = "arn:aws:sqs:us-east-1:000000000000:other"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": "{}"}


@pytest.fixture
def rule(call: Callable[..., Any]) -> None:
    """A rule with two targets."""
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    targets = [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": OTHER}]
    call("PutTargets", Rule="r", Targets=targets)


def tell(ctx: Context) -> list[tuple[str, str, int, str | None]]:
    """What the ledger says: target id, state, attempts, error code."""
    return [
        (each.target_id, each.state, each.attempts, each.error_code)
        for each in ctx.store.ledger.list_deliveries()
    ]


def put(call: Callable[..., Any], count: int = 1) -> None:
    answer = call("PutEvents", Entries=[ENTRY] * count)
    assert answer["FailedEntryCount"] == 0


class Hanging(MemorySink):
    """Runs into its time limit every time; notes what others had by then."""

    is_buffered = False
    is_exactly_once = False

    def __init__(self, others: MemorySink, log: list[str]) -> None:
        super().__init__()
        self.others = others
        self.log = log

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        super().deliver(delivery, request)
        self.log.append("hangs")
        return Outcome("TIMEOUT", "too long", retry=True)


class Slow(MemorySink):
    """Slow, but comes to an end."""

    is_buffered = False
    is_exactly_once = False

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        self.log.append("slow")
        return super().deliver(delivery, request)


@pytest.mark.usefixtures("rule")
def test_a_failing_target_changes_neither_the_answer_nor_the_other_target(
    ctx: Context, call: Callable[..., Any]
) -> None:
    ctx.sinks[QUEUE] = broken = MemorySink()
    ctx.sinks[OTHER] = MemorySink()
    broken.outcome = Outcome("NO_PERMISSIONS", "denied")

    answer = call("PutEvents", Entries=[ENTRY])

    assert answer["FailedEntryCount"] == 0
    assert list(answer["Entries"][0]) == ["EventId"]
    assert tell(ctx) == [("1", FAILED, 1, "NO_PERMISSIONS"), ("2", DELIVERED, 1, None)]
    event_id = answer["Entries"][0]["EventId"]
    assert ctx.notices == [
        f"delivery {event_id}-1 to {QUEUE} failed: NO_PERMISSIONS: denied"
    ]


@pytest.mark.usefixtures("rule")
def test_a_failure_that_may_be_retried_waits_for_the_worker(
    ctx: Context, call: Callable[..., Any], clock: VirtualClock
) -> None:
    ctx.sinks[QUEUE] = broken = MemorySink()
    broken.outcome = Outcome("THROTTLING", "slow down", retry=True, output="429")
    put(call)
    clock.advance(3600)
    put(call)
    before = tell(ctx)

    broken.outcome = Outcome(output="ok")
    run_due(ctx, ctx.clock.now() + timedelta(seconds=2))

    assert before == [
        ("1", RETRYING, 1, "THROTTLING"),
        ("2", DELIVERED, 1, None),
        ("1", RETRYING, 1, "THROTTLING"),
        ("2", DELIVERED, 1, None),
    ]
    assert {each[1:] for each in tell(ctx)} == {
        (DELIVERED, 2, None),
        (DELIVERED, 1, None),
    }
    log = ctx.store.ledger.list_attempts(1)
    assert [(each.number, each.error_code, each.output) for each in log] == [
        (1, "THROTTLING", "429"),
        (2, None, "ok"),
    ]


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(
    ("sinks", "expected"),
    [
        ([], [True, False]),
        ([{"kind": "file", "fail_first": 1}], [True, True]),
        ([{"kind": "file", "path": "/dev/null"}], [True, True]),
        ([{"kind": "null"}], [True, True]),
        # One settlement for the file of the other target, none in the first.
        ([{"kind": "exec", "command": "true"}], [True, False, True]),
    ],
)
def test_only_lines_in_files_are_settled_without_waiting_for_the_disk(
    ctx: Context,
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    sinks: list[dict[str, Any]],
    expected: list[bool],
) -> None:
    ctx.configuration = {"sinks": [{"arn": QUEUE, **sink} for sink in sinks]}
    seen = []
    transaction = Store.transaction

    def note(store: Store, *, durable: bool = True, **options: Any) -> Transaction:
        seen.append(durable)
        return transaction(store, durable=durable, **options)

    monkeypatch.setattr(Store, "transaction", note)

    put(call)

    assert seen == expected


@pytest.mark.usefixtures("rule")
def test_a_full_disk_under_a_file_sink_is_a_failure_to_retry(
    ctx: Context, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx.configuration = {"sinks": [{"arn": QUEUE, "kind": "file", "path": "f"}]}
    full = Path(ctx.store.path, "f")
    write = os.write

    def write_elsewhere(descriptor: int, data: bytes) -> int:
        if full.exists() and os.path.samestat(os.fstat(descriptor), full.stat()):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", write_elsewhere)
    put(call)

    first, second = ctx.store.ledger.list_deliveries()
    assert (first.state, first.error_code, first.error_message) == (
        RETRYING,
        "INTERNAL_ERROR",
        "[Errno 28] No space left on device",
    )
    assert second.state == DELIVERED


@pytest.mark.usefixtures("rule")
def test_a_sink_that_cannot_be_flushed_fails_only_what_reached_it(
    ctx: Context, call: Callable[..., Any], tmp_path: Path
) -> None:
    # AppSync takes objects alone, so one of two events never gets to the sink.
    api = "arn:aws:appsync:us-east-1:000000000000:endpoints/graphql-api/abc"
    role = "arn:aws:iam::000000000000:role/r"
    parameters = {"GraphQLOperation": "mutation M($x: String) { m(x: $x) { x } }"}
    target = {"Id": "1", "Arn": api, "RoleArn": role, "InputPath": "$.detail.x"}
    target["AppSyncParameters"] = parameters
    call("RemoveTargets", Rule="r", Ids=["2"])
    call("PutTargets", Rule="r", Targets=[target])
    sink = {"arn": api, "kind": "file", "path": str(tmp_path)}
    ctx.configuration = {"sinks": [sink]}

    details = ('{"x":"text"}', '{"x":{"y":1}}')
    call("PutEvents", Entries=[{**ENTRY, "Detail": detail} for detail in details])

    assert tell(ctx) == [
        ("1", FAILED, 1, "INVALID_JSON"),
        ("1", RETRYING, 1, "INTERNAL_ERROR"),
    ]


@pytest.mark.usefixtures("rule")
def test_an_error_of_one_delivery_is_that_of_no_other(
    ctx: Context, call: Callable[..., Any]
) -> None:
    class Broken(MemorySink):
        def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
            raise RuntimeError("boom")

    class Unflushable(MemorySink):
        def flush(self) -> None:
            raise RuntimeError("bang")

    ctx.sinks[QUEUE] = Broken()
    ctx.sinks[OTHER] = Unflushable()
    put(call)
    ctx.sinks[OTHER] = MemorySink()
    put(call)

    seen = [
        (each.target_id, each.state, each.error_message)
        for each in ctx.store.ledger.list_deliveries()
    ]
    assert seen == [
        ("1", RETRYING, "RuntimeError: boom"),
        ("2", RETRYING, "RuntimeError: bang"),
        ("1", RETRYING, "RuntimeError: boom"),
        ("2", DELIVERED, None),
    ]


@pytest.mark.usefixtures("rule")
def test_a_hanging_sink_keeps_others_waiting_for_one_limit_only(
    ctx: Context, call: Callable[..., Any], clock: VirtualClock
) -> None:
    log: list[str] = []
    quick = MemorySink()
    ctx.sinks[QUEUE] = Hanging(quick, log)
    ctx.sinks[OTHER] = Slow(log)

    put(call, 3)
    first, before = [*log], [*tell(ctx)]
    clock.advance(2)
    run_due(ctx, clock.now())

    assert first == ["hangs", "slow", "slow", "slow"]
    assert before == [
        ("1", RETRYING, 1, "TIMEOUT"),
        ("2", DELIVERED, 1, None),
        ("1", RETRYING, 0, "TIMEOUT"),
        ("2", DELIVERED, 1, None),
        ("1", RETRYING, 0, "TIMEOUT"),
        ("2", DELIVERED, 1, None),
    ]
    assert log[4:] == ["hangs"]
    assert ctx.notices[1].endswith(
        f"to {QUEUE} waits for `evcli local run` or `tick`: TIMEOUT: The attempt before"
        " this one ran into the time limit; this one comes later."
    )


def test_dead_letters_for_a_place_that_hangs_are_attempted_all_the_same(
    ctx: Context, call: Callable[..., Any]
) -> None:
    log: list[str] = []
    ctx.sinks[QUEUE] = broken = MemorySink()
    ctx.sinks[OTHER] = Hanging(broken, log)
    broken.outcome = Outcome("NO_PERMISSIONS", "denied")
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    target = {"Id": "1", "Arn": QUEUE, "DeadLetterConfig": {"Arn": OTHER}}
    call("PutTargets", Rule="r", Targets=[target])

    put(call, 2)

    assert log == ["hangs", "hangs"]
    assert tell(ctx)[2:] == [("1", FAILED, 1, "TIMEOUT")] * 2


def test_an_api_destination_that_hangs_does_not_stand_in_the_way_of_another(
    ctx: Context,
) -> None:
    arns = [f"arn:aws:events:us-east-1:0:api-destination/{name}/1" for name in "ab"]
    event = Event(
        event_id="e",
        account_id="0",
        region="us-east-1",
        event_bus_name="default",
        accepted_at=ctx.clock.now(),
        envelope="{}",
    )

    deliveries = [
        Delivery(event=event, rule_arn="r", target={"Id": "1", "Arn": arn}, payload="")
        for arn in arns
    ]
    keys = [worker.Carrier(ctx, each).endpoint_key for each in deliveries]

    assert keys == arns


@pytest.mark.usefixtures("rule")
def test_quick_sinks_are_flushed_and_recorded_before_slow_ones_begin(
    ctx: Context, call: Callable[..., Any]
) -> None:
    seen: list[list[str]] = []

    class Looking(MemorySink):
        is_buffered = False
        is_exactly_once = False

        def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
            path = Path(ctx.store.path, "sinks/sqs/000000000000/us-east-1/other.jsonl")
            assert len(path.read_text().splitlines()) == 1
            seen.append([state for _, state, _, _ in tell(ctx)])
            return Outcome()

    ctx.sinks[QUEUE] = Looking()
    put(call)

    assert seen == [[PENDING, DELIVERED]]


@pytest.mark.usefixtures("rule")
def test_deliveries_that_a_living_process_owns_are_left_alone(
    ctx: Context,
    call: Callable[..., Any],
    state_directory: Path,
    memory_sink: MemorySink,
) -> None:
    other = Context(store=open_store(str(state_directory)), clock=ctx.clock)
    event = make_event(other)
    delivery = add_delivery(other, event, "{}", owner=other.store.owner.claim())

    call("PutEvents", Entries=[{**ENTRY, "Source": "x"}])
    run_due(ctx, ctx.clock.now() + timedelta(days=1))
    alive = list(memory_sink.payloads)
    other.close()
    call("PutEvents", Entries=[{**ENTRY, "Source": "x"}])

    assert alive == []
    assert memory_sink.payloads == ["{}"]
    assert memory_sink.deliveries[0].delivery_key == delivery.delivery_key
    assert memory_sink.deliveries[0].resumed


def make_event(ctx: Context) -> Event:
    event = Event(
        event_id=ctx.new_id(),
        account_id=ctx.account_id,
        region=ctx.region,
        event_bus_name="default",
        accepted_at=ctx.clock.now(),
        envelope='{"version":"0"}',
    )
    with ctx.store.transaction():
        ctx.store.ledger.add_event(event)
    return event


def add_delivery(
    ctx: Context, event: Event, payload: str, owner: int | None = None
) -> Delivery:
    delivery = Delivery(
        event=event,
        rule_arn=ctx.rule_arn("default", "r"),
        target={"Id": "1", "Arn": QUEUE},
        payload=payload,
        next_attempt_at=ctx.clock.now(),
        owner=owner,
    )
    ctx.store.ledger.add_delivery(delivery)
    return delivery


def test_ten_thousand_pending_deliveries_drain_in_bounded_memory(
    ctx: Context,
) -> None:
    event = make_event(ctx)
    with ctx.store.transaction():
        for number in range(10_000):
            add_delivery(ctx, event, f'"{number}{"x" * 10_000}"')
    tracemalloc.start()

    run_due(ctx, ctx.clock.now())

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    path = Path(ctx.store.path, "sinks/sqs/000000000000/us-east-1/q.jsonl")
    assert path.read_bytes().count(b"\n") == 10_000
    assert {(state, attempts) for _, state, attempts, _ in tell(ctx)} == {
        (DELIVERED, 1)
    }
    # The lines are 200 MB in all; a batch of them, a few times over, is what it takes.
    assert peak < 60_000_000


def test_large_payloads_are_taken_in_smaller_batches(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(ctx)
    with ctx.store.transaction():
        for _ in range(20):
            add_delivery(ctx, event, "x" * 1_000_000)
    sizes = []

    def note(_: Context, deliveries: list[Delivery]) -> None:
        sizes.append(len(deliveries))
        for each in deliveries:
            each.state, each.next_attempt_at = DELIVERED, None
            ctx.store.ledger.update_delivery(each, None)

    monkeypatch.setattr(worker, "deliver", note)
    run_due(ctx, ctx.clock.now())

    assert sizes == [9, 9, 2]


@pytest.mark.usefixtures("rule")
def test_calls_and_forwards_are_not_left_to_a_sink(
    ctx: Context, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def carry_out(_: Context, delivery: Delivery) -> tuple[Outcome, list[Delivery]]:
        seen.append(("forward", delivery.target_arn, ctx.store.database.in_transaction))
        return Outcome(), []

    def make_call(_: Context, delivery: Delivery) -> Outcome:
        seen.append(("call", delivery.target_arn, ctx.store.database.in_transaction))
        return Outcome("THROTTLING", "no", retry=True)

    monkeypatch.setattr(forwarding, "forward", carry_out)
    monkeypatch.setattr(calls, "call", make_call)
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/b"
    api = "arn:aws:events:us-east-1:000000000000:api-destination/a/1"
    role = "arn:aws:iam::000000000000:role/r"
    targets = [{"Id": "1", "Arn": api, "RoleArn": role}, {"Id": "2", "Arn": bus}]
    call("PutTargets", Rule="r", Targets=targets)

    put(call)

    assert seen == [("forward", bus, True), ("call", api, False)]
    assert tell(ctx) == [("1", RETRYING, 1, "THROTTLING"), ("2", DELIVERED, 1, None)]
