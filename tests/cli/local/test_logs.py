"""`evcli local logs`: lines for people, records for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome
from evcli.delivery.sinks.memory import MemorySink

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome as Done

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ENTRY = {
    "Source": "shop",
    "DetailType": "order\x1b[31m",
    "Detail": "{}",
    "EventBusName": "orders",
}


@pytest.fixture(autouse=True)
def records(ctx: Context, call: Callable[..., Any]) -> None:
    """An event bus that logs, and an event that its target refuses."""
    ctx.sinks[QUEUE] = MemorySink()
    ctx.sinks[QUEUE].outcome = Outcome("NO_PERMISSIONS", "denied\x1b[31m")
    call("CreateEventBus", Name="orders", LogConfig={"Level": "TRACE"})
    where = {"EventBusName": "orders"}
    call("PutRule", Name="big", EventPattern='{"source":["shop"]}', **where)
    call("PutTargets", Rule="big", Targets=[{"Id": "1", "Arn": QUEUE}], **where)
    call("PutEvents", Entries=[ENTRY])


def test_a_terminal_gets_a_line_a_record_without_control_characters(
    run_on_terminal: Callable[..., list[str]],
) -> None:
    lines = run_on_terminal("local", "logs", "orders")

    assert [line.split()[-3:] for line in lines[1:4]] == [
        ["EVENT_RECEIPT", "shop", '"order␛[31m"'],
        ["EVENT_INGEST_SUCCESS", "shop", '"order␛[31m"'],
        ["RULE_MATCH_START", "shop", '"order␛[31m"'],
    ]
    assert lines[-1] == "  denied␛[31m"
    assert "\x1b" not in "".join(lines)


def test_the_event_bus_is_said_where_it_may_be_any(
    run_on_terminal: Callable[..., list[str]],
) -> None:
    all_of_them = run_on_terminal("local", "logs", columns=120)
    of_one = run_on_terminal("local", "logs", "orders", columns=120)

    assert all_of_them[0].split() == ["TIME", "LEVEL", "BUS", "EVENT", "STEP"]
    assert of_one[0].split() == ["TIME", "LEVEL", "EVENT", "STEP"]


def test_elsewhere_records_are_json_as_aws_has_them(
    evcli_command: Callable[..., Done],
) -> None:
    done = evcli_command("local", "logs", "--level", "error")

    assert [each["message_type"] for each in json.loads(done.stdout)] == [
        "INVOCATION_ATTEMPT_PERMANENT_FAILURE",
        "INVOCATION_FAILURE",
    ]
    assert done.stderr == ""


def test_a_limit_leaves_the_newest(evcli_command: Callable[..., Done]) -> None:
    query = "[].message_type"

    done = evcli_command("local", "logs", "--limit", "1", "--query", query)

    assert json.loads(done.stdout) == ["INVOCATION_FAILURE"]


def test_where_logging_is_off_it_is_said_how_to_switch_it_on(
    evcli_command: Callable[..., Done],
) -> None:
    done = evcli_command("local", "logs", "default")

    assert json.loads(done.stdout) == []
    assert done.stderr == (
        "evcli: Logging is off. `evcli update-event-bus --name default --log-config"
        " Level=TRACE,IncludeDetail=FULL` switches it on.\n"
    )


def test_an_event_bus_that_is_not_there_is_an_error_of_one_line(
    evcli_command: Callable[..., Done],
) -> None:
    done = evcli_command("local", "logs", "ordres")

    assert (done.code, done.stdout) == (255, "")
    assert done.stderr == "\nevcli: [ERROR]: Event bus ordres does not exist.\n"
