"""Damaged rows and files: what is committed is answered, and nobody else is concerned.

Somebody edits the store, or a disk goes bad. What cannot be read fails for itself, with
a notice; all other deliveries are made, by this command and by later ones.
"""

from __future__ import annotations

import io
import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.main import run
from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery.redelivery import redeliver_failed
from evcli.delivery.scheduled.scheduler import tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.worker import run_due
from evcli.store.deliveries import DELIVERED, FAILED, PENDING, RETRYING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.sqlite_only

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
OTHER = "arn:aws:sqs:us-east-1:000000000000:other"
BUS = "arn:aws:events:us-east-1:000000000000:event-bus/b"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
DIED = 77


@pytest.fixture(autouse=True)
def _rule(call: Call) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    targets = [{"Id": "1", "Arn": QUEUE, "InputPath": "$.detail"}]
    call("PutTargets", Rule="r", Targets=[*targets, {"Id": "2", "Arn": OTHER}])


def tell(ctx: Context) -> list[tuple[int, str, str, str | None]]:
    return [
        (each.delivery_key, each.target_id, each.state, each.error_code)
        for each in ctx.store.ledger.list_deliveries()
    ]


def orphan(ctx: Context) -> None:
    """Let all deliveries be first attempts whose owner died."""
    ctx.store.database.execute(
        "UPDATE deliveries SET state = ?, owner = ?, attempts = 0, finished_at = NULL,"
        " next_attempt_at = 0",
        (PENDING, DIED),
    )


def damage(
    ctx: Context, assignment: str, where: str = "1", of: str = "deliveries"
) -> None:
    """Write something else into a row."""
    ctx.store.database.execute(f"UPDATE {of} SET {assignment} WHERE {where}")


# Table → its key, the deliveries that its first row is part of; new ones are part of none.
BROKEN = {
    "events": ("event_key", [1, 2]),
    "deliveries": ("delivery_key", [1]),
    "ledger_routes": ("route_key", [1, 3]),
}


@pytest.mark.parametrize(
    ("assignment", "of", "problem"),
    [
        (
            "definition = '{'",
            "ledger_routes",
            "JSONDecodeError: Expecting property name",
        ),
        (
            "definition = '[]'",
            "ledger_routes",
            "ValueError: the target is not the one of",
        ),
        (
            "definition = '{}'",
            "ledger_routes",
            "ValueError: the target is not the one of",
        ),
        (
            "definition = CAST(x'ff' AS TEXT)",
            "ledger_routes",
            "definition is no UTF-8.",
        ),
        ("payload = CAST(x'ff' AS TEXT)", "deliveries", "payload is no UTF-8."),
        ("payload = x'ff'", "deliveries", "TypeError: the payload is no text"),
        ("rule_arn = CAST(x'ff' AS TEXT)", "ledger_routes", "rule_arn is no UTF-8."),
        ("route_key = 99", "deliveries", "ValueError: its rule and its target are"),
        ("bus_key = 99", "events", "TypeError: where it arrived is missing."),
        ("attempts = 'x'", "deliveries", "TypeError: the payload is no text, or"),
        ("next_attempt_at = 'x'", "deliveries", "TypeError: unsupported type"),
        ("envelope = CAST(x'ff' AS TEXT)", "events", "envelope is no UTF-8."),
        ("accepted_at = 'x'", "events", "TypeError: unsupported type"),
    ],
)
def test_a_damaged_row_fails_for_itself(
    ctx: Context, call: Call, assignment: str, of: str, problem: str
) -> None:
    call("PutEvents", Entries=[ENTRY])
    call("PutEvents", Entries=[ENTRY])
    orphan(ctx)
    key, broken = BROKEN[of]
    damage(ctx, assignment, f"{key} = 1", of)

    response = call("PutEvents", Entries=[ENTRY])
    notices = [*ctx.notices]
    ctx.notices.clear()
    call("PutEvents", Entries=[ENTRY])

    assert list(response["Entries"][0]) == ["EventId"]
    assert len(notices) == len(broken)
    assert (
        f"INTERNAL_ERROR: The row of this delivery is damaged: {problem}" in notices[0]
    )
    assert ctx.notices == []
    states = {key: (state, code) for key, _, state, code in tell(ctx)}
    assert states == {
        key: (FAILED, "INTERNAL_ERROR") if key in broken else (DELIVERED, None)
        for key in range(1, 9)
    }


@pytest.mark.parametrize("length", ["'x'", "-5", "x'ff'", f"{1 << 62}"])
def test_a_length_that_cannot_be_one_is_not_known(
    ctx: Context, call: Call, state_directory: Path, length: str
) -> None:
    call("PutEvents", Entries=[ENTRY])
    orphan(ctx)
    damage(ctx, f"sink_length_bytes = {length}")

    call("PutEvents", Entries=[ENTRY])

    lines = [
        line
        for path in (state_directory / "sinks").rglob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert {state for _, _, state, _ in tell(ctx)} == {DELIVERED}
    assert len(lines) == 4


@pytest.mark.parametrize("owner", ["'x'", "-5", f"{1 << 62}", "x'ff'"])
def test_an_owner_that_cannot_be_one_is_dead(
    ctx: Context, call: Call, owner: str
) -> None:
    call("PutEvents", Entries=[ENTRY])
    orphan(ctx)
    damage(ctx, f"owner = {owner}")

    call("PutEvents", Entries=[ENTRY])

    assert {state for _, _, state, _ in tell(ctx)} == {DELIVERED}
    assert ctx.notices == []


def test_a_damaged_delivery_stays_failed_when_it_is_delivered_again(
    ctx: Context, call: Call
) -> None:
    call("PutEvents", Entries=[ENTRY])
    orphan(ctx)
    damage(ctx, "definition = '{'", "route_key = 1", "ledger_routes")
    run_due(ctx, ctx.clock.now())

    made = [(each.delivery_key, each.state) for each in redeliver_failed(ctx)]

    assert made == [(1, FAILED)]


def test_text_that_is_no_utf_8_in_a_file_is_passed_over(
    ctx: Context, call: Call, state_directory: Path
) -> None:
    call("PutEvents", Entries=[ENTRY])
    orphan(ctx)
    files = sorted((state_directory / "sinks").rglob("*.jsonl"))
    for path in files:
        path.write_bytes(b'{"deliveryId":"\xff\xfe"}\n' + path.read_bytes())

    stdout, stderr = io.StringIO(), io.StringIO()
    argv = ["put-events", "--entries", json.dumps([ENTRY])]
    code = run(argv, io.StringIO(), stdout, stderr, os.environ)

    assert (code, stderr.getvalue()) == (0, "")
    assert json.loads(stdout.getvalue())["FailedEntryCount"] == 0
    assert {state for _, _, state, _ in tell(ctx)} == {DELIVERED}
    assert [path.read_bytes().count(b"\n") for path in files] == [3, 3]


@pytest.mark.parametrize(
    "definition", ["'{'", "'[]'", "'{}'", "CAST(x'ff' AS TEXT)", "x'ff'"]
)
def test_a_damaged_target_fails_its_deliveries_and_no_others(
    ctx: Context, call: Call, definition: str
) -> None:
    damage(ctx, f"definition = {definition}", "target_id = '1'", "targets")

    response = call("PutEvents", Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    assert tell(ctx) == [
        (1, "1", FAILED, "INTERNAL_ERROR"),
        (2, "2", DELIVERED, None),
    ]
    assert len(ctx.notices) == 1
    assert "INTERNAL_ERROR: The row of the target is damaged: " in ctx.notices[0]


def test_a_damaged_target_of_a_schedule_fails_for_itself(
    ctx: Context, call: Call, clock: VirtualClock
) -> None:
    call("PutRule", Name="s", ScheduleExpression="rate(1 minute)")
    call("PutTargets", Rule="s", Targets=[{"Id": "1", "Arn": QUEUE, "Input": "{}"}])
    damage(ctx, "definition = '{'", "rule_name = 's'", "targets")

    tick(ctx, clock.now() + timedelta(minutes=2))
    call("PutEvents", Entries=[ENTRY])

    assert [state for _, _, state, _ in tell(ctx)] == [
        FAILED,
        FAILED,
        DELIVERED,
        DELIVERED,
    ]


def test_an_error_at_the_receiving_event_bus_is_that_of_one_forward(
    ctx: Context, call: Call
) -> None:
    call("CreateEventBus", Name="b")
    rule = {"Rule": "r", "EventBusName": "b"}
    call("PutRule", Name="r", EventBusName="b", EventPattern='{"source":["shop"]}')
    call("PutTargets", **rule, Targets=[{"Id": "1", "Arn": QUEUE}])
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": BUS}])
    # Two events, of which the second meets a rule that nobody can read.
    call(
        "PutRule",
        Name="s",
        EventBusName="b",
        EventPattern='{"source":["shop"],"detail-type":["broken"]}',
    )
    damage(ctx, "event_pattern = '{'", "name = 's'", "rules")

    entries = [ENTRY, {**ENTRY, "DetailType": "broken"}]
    response = call("PutEvents", Entries=entries)

    assert response["FailedEntryCount"] == 0
    assert sorted(tell(ctx)) == [
        (1, "1", DELIVERED, None),
        (2, "2", DELIVERED, None),
        (3, "1", RETRYING, "INTERNAL_ERROR"),
        (4, "2", DELIVERED, None),
        (5, "1", DELIVERED, None),
    ]
    assert len(ctx.notices) == 1


def test_what_evcli_never_expected_after_a_commit_is_a_notice(
    ctx: Context, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evcli.operations import entries

    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(entries, "deliver_accepted", fail)
        response = call("PutEvents", Entries=[ENTRY])

    assert list(response["Entries"][0]) == ["EventId"]
    assert ctx.notices == [
        "PutEvents was carried out, but not what follows from it: RuntimeError: boom."
        " `evcli local tick` goes on with deliveries."
    ]


def test_a_sink_that_raises_is_a_failure_to_retry(ctx: Context, call: Call) -> None:
    class Raising(MemorySink):
        is_buffered = False
        is_exactly_once = False

        def deliver(self, delivery: Any, request: dict[str, Any]) -> Outcome:
            raise LookupError(delivery.target_id)

    ctx.sinks[QUEUE] = Raising()

    call("PutEvents", Entries=[ENTRY])

    assert tell(ctx) == [
        (1, "1", RETRYING, "INTERNAL_ERROR"),
        (2, "2", DELIVERED, None),
    ]
