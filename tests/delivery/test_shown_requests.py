"""`evcli local transform --request` shows what is sent, for every kind of target."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.arns import find_arn
from evcli.cli.main import run
from evcli.delivery.targets.target_kinds import TARGET_KINDS, get_target_kind
from evcli.operations import call as call_operation
from tests.delivery.conftest import EVENT_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.store.deliveries import Event

TABLE = json.loads(
    Path(__file__).with_name("cases").joinpath("requests.json").read_text()
)
EVENT = TABLE["event"]
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793"
RULE_ARN = "arn:aws:events:us-east-1:111111111111:rule/my-rule"
ROLE_ARN = "arn:aws:iam::111111111111:role/r"
OTHER_BUS = "arn:aws:events:us-east-1:111111111111:event-bus/other"
PARAMETERS = {
    "PathParameterValues": ["$.detail.command", "a/b"],
    "QueryStringParameters": {"q": "x y"},
    "HeaderParameters": {"X-Time": "$.time"},
}


def make_target(target: dict[str, Any]) -> dict[str, Any]:
    return {"Id": "t1", "RoleArn": ROLE_ARN, **target}


def list_targets() -> list[tuple[str, dict[str, Any]]]:
    """List targets that a sink gets, with the name of their kind."""
    names = {id(kind): name for name, kind in TARGET_KINDS.items()}
    return [
        (names[id(get_target_kind(find_arn(case["target"]["Arn"])))], case["target"])
        for case in TABLE["cases"]
        if "request" in case
    ]


def make_api_destination(account: Context) -> str:
    """Make one whose host is not called, so that a sink gets what would be sent."""
    basic = {"Username": "user", "Password": "secret"}
    connection = call_operation(
        account,
        "CreateConnection",
        {
            "Name": "c",
            "AuthorizationType": "BASIC",
            "AuthParameters": {"BasicAuthParameters": basic},
        },
    )
    destination = call_operation(
        account,
        "CreateApiDestination",
        {
            "Name": "d",
            "ConnectionArn": connection["ConnectionArn"],
            "InvocationEndpoint": "https://example.com/orders/*/*",
            "HttpMethod": "PUT",
        },
    )
    arn: str = destination["ApiDestinationArn"]
    return arn


def send(account: Context, header: str | None) -> list[Event]:
    """Put the event; gives it as each event bus accepted it."""
    entry = {
        "Source": EVENT["source"],
        "DetailType": EVENT["detail-type"],
        "Detail": json.dumps(EVENT["detail"]),
        "Resources": EVENT["resources"],
        "Time": EVENT["time"],
        **({} if header is None else {"TraceHeader": header}),
    }
    answer = call_operation(account, "PutEvents", {"Entries": [entry]})
    assert answer == {"FailedEntryCount": 0, "Entries": [{"EventId": EVENT_ID}]}
    return [each.event for each in account.store.ledger.list_deliveries()]


def show(target: dict[str, Any], event: Event, header: str | None) -> str:
    """What the command prints."""
    argv = ["local", "transform", "--request", "--rule-arn", RULE_ARN]
    argv += ["--target", json.dumps(target), "--event", event.envelope]
    argv += ["--ingestion-time", event.accepted_at.isoformat()]
    argv += [] if header is None else ["--trace-header", header]
    stdout, stderr = io.StringIO(), io.StringIO()
    code = run(argv, io.StringIO(), stdout, stderr, {**os.environ})
    assert code == 0, stderr.getvalue()
    return stdout.getvalue()


def read_sent(state_directory: Path) -> dict[str, Any]:
    """Read the one line that sinks have."""
    (path,) = (state_directory / "sinks").rglob("*.jsonl")
    (text,) = path.read_text("utf-8").splitlines()
    line = json.loads(text)
    return {
        name: line[name] for name in ("action", "request", "headers") if name in line
    }


def write(call: dict[str, Any]) -> str:
    return json.dumps(call, ensure_ascii=False, indent=4) + "\n"


def test_every_kind_of_target_is_in_this_file() -> None:
    tried = {name for name, _ in list_targets()} | {"event-bus", "api-destination"}

    assert tried == TARGET_KINDS.keys()


@pytest.mark.parametrize("header", [None, TRACE], ids=["", "traced"])
@pytest.mark.parametrize(
    "target", [target for _, target in list_targets()], ids=lambda target: target["Arn"]
)
def test_a_sink_gets_the_request_that_is_shown(
    account: Context,
    put_rule: Callable[..., None],
    state_directory: Path,
    target: dict[str, Any],
    header: str | None,
) -> None:
    put_rule(make_target(target))

    (event,) = send(account, header)

    shown = show(make_target(target), event, header)
    assert shown == write(read_sent(state_directory))


@pytest.mark.parametrize("header", [None, TRACE], ids=["", "traced"])
def test_an_api_destination_gets_the_request_that_is_shown(
    account: Context,
    put_rule: Callable[..., None],
    state_directory: Path,
    header: str | None,
) -> None:
    arn = make_api_destination(account)
    target = make_target({"Arn": arn, "HttpParameters": PARAMETERS})
    put_rule(target)

    (event,) = send(account, header)

    shown = show(target, event, header)
    assert shown == write(read_sent(state_directory))


@pytest.mark.parametrize("header", [None, TRACE], ids=["", "traced"])
def test_an_event_bus_gets_the_event_that_is_shown(
    account: Context, put_rule: Callable[..., None], header: str | None
) -> None:
    put_rule(make_target({"Arn": OTHER_BUS}))
    call_operation(account, "CreateEventBus", {"Name": "other"})
    queue = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:111111111111:q"}
    put = {
        "EventBusName": "other",
        "Name": "r",
        "EventPattern": '{"source":[{"prefix":""}]}',
    }
    call_operation(account, "PutRule", put)
    aim = {"EventBusName": "other", "Rule": "r", "Targets": [queue]}
    call_operation(account, "PutTargets", aim)

    sent, received = send(account, header)

    envelope = json.loads(received.envelope)
    entry = {
        "EventBusName": OTHER_BUS,
        "Source": envelope["source"],
        "DetailType": envelope["detail-type"],
        "Detail": json.dumps(
            envelope["detail"], ensure_ascii=False, separators=(",", ":")
        ),
        "Resources": envelope["resources"],
        "Time": envelope["time"],
        **({} if received.trace_header is None else {"TraceHeader": header}),
    }
    expected = {
        "action": "events:PutEvents",
        "request": {"Entries": [entry]},
        "envelope": {name: envelope[name] for name in ("id", "account", "region")},
    }
    shown = show(make_target({"Arn": OTHER_BUS}), sent, header)
    assert shown == write(expected)
