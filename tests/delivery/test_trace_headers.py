"""Trace headers: which are taken, where they go with each call, and where they do not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.arns import find_arn
from evcli.context import Outcome
from evcli.delivery.envelopes import format_json, parse_detail
from evcli.delivery.scheduled.scheduler import tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.targets.target_kinds import TARGET_KINDS, get_target_kind
from evcli.delivery.trace_headers import is_trace_header
from evcli.delivery.worker import run_due
from evcli.operations import call as call_operation
from evcli.store.deliveries import FAILED, RETRYING

if TYPE_CHECKING:
    from evcli.context import Context, VirtualClock
    from tests.delivery.listener import Listener

ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793"
TRACE = f"{ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
AS_HEADER = {"X-Amzn-Trace-Id": TRACE}
IN_MESSAGE = {"AWSTraceHeader": {"DataType": "String", "StringValue": TRACE}}

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
LETTERS = "arn:aws:sqs:us-east-1:000000000000:dlq"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"n":1}'}
CASES = Path(__file__).parent / "cases" / "requests.json"
TABLE: dict[str, Any] = parse_detail(CASES.read_text("utf-8")) or {}


@pytest.mark.parametrize(
    "text",
    [
        ROOT,
        TRACE,
        f"{ROOT};Sampled=0",
        f"{ROOT};Sampled=?",
        f"Sampled=1;{ROOT}",
        f"{TRACE};Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2",
        f"Self=1-67891234-12456789abcdef012345678;{ROOT}",
        f"{TRACE};",
        ROOT.upper().replace("ROOT", "Root"),
    ],
)
def test_headers_of_the_documented_form_are_taken(text: str) -> None:
    assert is_trace_header(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "Root=1",
        "Parent=53995c3f42cd8ad8;Sampled=1",
        ROOT[:-1],
        f"{ROOT}0",
        ROOT.replace("Root=1-", "Root=2-"),
        ROOT.replace("=", ":"),
        ROOT.replace("b", "g"),
        f"{ROOT};Parent=53995c3f42cd8ad",
        f"{ROOT};Sampled=2",
        f"{ROOT};x",
        f"{ROOT};=1",
        f"{ROOT}; Sampled=1",
        f"{ROOT};a=b\r\nX-Evil: 1",
        f"{ROOT};a=\u00e9",
        f"{ROOT};a=" + "x" * 500,
    ],
)
def test_malformed_headers_are_dropped(text: str) -> None:
    assert not is_trace_header(text)


# -- by kind


def put_rule(ctx: Context, *targets: dict[str, Any], bus: str = "default") -> None:
    rule = {"Name": "r", "EventPattern": '{"source":[{"prefix":""}]}'}
    call_operation(ctx, "PutRule", {**rule, "EventBusName": bus})
    request = {"Rule": "r", "EventBusName": bus, "Targets": list(targets)}
    call_operation(ctx, "PutTargets", request)


def put_event(ctx: Context, **members: Any) -> None:
    answer = call_operation(ctx, "PutEvents", {"Entries": [{**ENTRY, **members}]})
    assert answer["FailedEntryCount"] == 0


def expect(call: dict[str, Any]) -> dict[str, Any]:
    """Say what becomes of a call that had no trace header."""
    action, request = call["action"], call["request"]
    if action == "sqs:SendMessage":
        added = {**request, "MessageSystemAttributes": IN_MESSAGE}
        return {**call, "request": added}
    if action == "states:StartExecution":
        return {**call, "request": {**request, "traceHeader": TRACE}}
    if action == "events:PutEvents":
        (entry,) = request["Entries"]
        return {**call, "request": {"Entries": [{**entry, "TraceHeader": TRACE}]}}
    if action in ("execute-api:Invoke", "appsync:GraphQL"):
        headers = {**request.get("headers", {}), **AS_HEADER}
        return {**call, "request": {**request, "headers": headers}}
    return {**call, "headers": AS_HEADER}


def list_targets() -> list[dict[str, Any]]:
    """List a target of each kind that is handed to a sink."""
    found: dict[int, dict[str, Any]] = {}
    for case in TABLE["cases"]:
        kind = get_target_kind(find_arn(case["target"]["Arn"]))
        if "request" in case and id(kind) not in found:
            found[id(kind)] = case["target"]
    assert len(found) == len(TARGET_KINDS) - 2
    return list(found.values())


@pytest.mark.parametrize("target", list_targets(), ids=lambda target: target["Arn"])
def test_each_kind_gets_the_trace_header_where_its_service_takes_it(
    ctx: Context, memory_sink: MemorySink, target: dict[str, Any]
) -> None:
    role = {"RoleArn": "arn:aws:iam::000000000000:role/r"}
    ctx.new_id = lambda: "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
    put_rule(ctx, {"Id": "t", **role, **target})

    detail = format_json(TABLE["event"]["detail"])
    put_event(ctx, Detail=detail)
    put_event(ctx, Detail=detail, TraceHeader=TRACE)

    plain, traced = memory_sink.requests
    assert traced == expect(plain)
    assert memory_sink.payloads[0] == memory_sink.payloads[1]


def test_a_line_has_the_headers_between_request_and_payload(ctx: Context) -> None:
    put_rule(ctx, {"Id": "1", "Arn": FUNCTION}, {"Id": "2", "Arn": QUEUE})

    put_event(ctx, TraceHeader=TRACE)

    sinks = Path(ctx.store.path) / "sinks"
    (of_function,) = (sinks / "lambda").rglob("*.jsonl")
    (of_queue,) = (sinks / "sqs").rglob("*.jsonl")
    line = json.loads(of_function.read_text())
    assert list(line) == [
        "deliveryId", "eventId", "time", "ruleArn", "targetId", "targetArn", "action",
        "request", "headers", "payload",
    ]  # fmt: skip
    assert line["headers"] == AS_HEADER
    assert list(line["request"]) == ["FunctionName", "InvocationType", "Payload"]
    line = json.loads(of_queue.read_text())
    assert list(line)[-2:] == ["request", "payload"]
    assert line["request"]["MessageSystemAttributes"] == IN_MESSAGE


def test_an_http_sink_gets_it_as_a_header(ctx: Context, listener: Listener) -> None:
    sink = {"arn": "*", "kind": "http", "url": f"{listener.url}/"}
    ctx.configuration["sinks"] = [sink]
    put_rule(ctx, {"Id": "t", "Arn": QUEUE})

    put_event(ctx, TraceHeader=TRACE)
    put_event(ctx)

    traced, plain = listener.texts
    assert f"\r\nX-Amzn-Trace-Id: {TRACE}\r\n" in traced
    assert "X-Amzn" not in plain


@pytest.mark.parametrize("is_called", [True, False])
def test_an_api_destination_gets_it_as_a_header(
    ctx: Context, listener: Listener, is_called: bool
) -> None:
    sink = ctx.sinks["*"] = MemorySink()
    made = call_operation(
        ctx,
        "CreateConnection",
        {
            "Name": "c",
            "AuthorizationType": "API_KEY",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}
            },
        },
    )
    host = f"127.0.0.1:{listener.port}" if is_called else "api.example.test"
    scheme = "http" if is_called else "https"
    destination = call_operation(
        ctx,
        "CreateApiDestination",
        {
            "Name": "d",
            "ConnectionArn": made["ConnectionArn"],
            "InvocationEndpoint": f"{scheme}://{host}/",
            "HttpMethod": "POST",
        },
    )
    role = {"RoleArn": "arn:aws:iam::000000000000:role/r"}
    put_rule(ctx, {"Id": "t", "Arn": destination["ApiDestinationArn"], **role})

    put_event(ctx, TraceHeader=TRACE)

    if is_called:
        (text,) = listener.texts
        assert f"\r\nX-Amzn-Trace-Id: {TRACE}\r\n" in text
    else:
        (call,) = sink.requests
        assert list(call) == ["action", "request"]
        assert call["request"]["headers"]["X-Amzn-Trace-Id"] == TRACE


# -- from where, and how far


@pytest.mark.parametrize(
    ("of_request", "of_entry", "expected"),
    [
        (None, None, None),
        (TRACE, None, TRACE),
        (None, TRACE, TRACE),
        (f"{ROOT};Sampled=0", TRACE, TRACE),  # [doc]
        ("Root=1", None, None),  # [doc]
        (None, "Root=1", None),  # [doc]
        (TRACE, "Root=1", None),  # [guess]
    ],
)
def test_the_entrys_own_wins_over_the_http_header(
    ctx: Context,
    memory_sink: MemorySink,
    of_request: str | None,
    of_entry: str | None,
    expected: str | None,
) -> None:
    put_rule(ctx, {"Id": "t", "Arn": FUNCTION})
    ctx.trace_header = of_request

    put_event(ctx, **({} if of_entry is None else {"TraceHeader": of_entry}))

    (call,) = memory_sink.requests
    headers = None if expected is None else {"X-Amzn-Trace-Id": expected}
    assert call.get("headers") == headers


def test_it_outlasts_a_failed_attempt_and_goes_along_with_the_dead_letter(
    ctx: Context, clock: VirtualClock
) -> None:
    target, letters = MemorySink(), MemorySink()
    ctx.sinks.update({FUNCTION: target, LETTERS: letters})
    target.outcome = Outcome("ERROR_FROM_TARGET", retry=True)
    policy = {"RetryPolicy": {"MaximumRetryAttempts": 1}}
    letter_config = {"DeadLetterConfig": {"Arn": LETTERS}}
    put_rule(ctx, {"Id": "t", "Arn": FUNCTION, **policy, **letter_config})

    put_event(ctx, TraceHeader=TRACE)
    (waiting,) = ctx.store.ledger.list_deliveries(state=RETRYING)
    clock.advance(3600)
    run_due(ctx, clock.now())

    assert waiting.event.trace_header == TRACE
    assert [call["headers"] for call in target.requests] == [AS_HEADER, AS_HEADER]
    assert len(list(ctx.store.ledger.list_deliveries(state=FAILED))) == 1
    (letter,) = letters.requests
    assert list(letter["request"]) == [
        "QueueUrl", "MessageBody", "MessageAttributes", "MessageSystemAttributes",
    ]  # fmt: skip
    assert letter["request"]["MessageSystemAttributes"] == IN_MESSAGE


def test_it_goes_from_bus_to_bus(ctx: Context, memory_sink: MemorySink) -> None:
    call_operation(ctx, "CreateEventBus", {"Name": "b"})
    put_rule(ctx, {"Id": "t", "Arn": FUNCTION}, bus="b")
    put_rule(ctx, {"Id": "b", "Arn": ctx.event_bus_arn("b")})

    put_event(ctx, TraceHeader=TRACE)

    assert [call["headers"] for call in memory_sink.requests] == [AS_HEADER]


def test_an_archive_does_not_keep_it_and_a_replay_has_none(
    ctx: Context, clock: VirtualClock, memory_sink: MemorySink
) -> None:  # [doc]
    arn = ctx.event_bus_arn("default")
    call_operation(ctx, "CreateArchive", {"ArchiveName": "a", "EventSourceArn": arn})
    put_rule(ctx, {"Id": "t", "Arn": FUNCTION})
    put_event(ctx, TraceHeader=TRACE)
    clock.advance(3600)

    call_operation(
        ctx,
        "StartReplay",
        {
            "ReplayName": "p",
            "EventSourceArn": arn.replace("event-bus/default", "archive/a"),
            "EventStartTime": clock.now() - timedelta(hours=2),
            "EventEndTime": clock.now(),
            "Destination": {"Arn": arn},
        },
    )
    tick(ctx, clock.now())

    sent, replayed = memory_sink.requests
    assert (sent["headers"], "headers" in replayed) == (AS_HEADER, False)


def test_a_partners_event_has_none(ctx: Context) -> None:  # [doc]
    name = "aws.partner/example.test/shop"
    partner = ctx.act_as("222222222222", "us-east-1")
    call_operation(
        partner, "CreatePartnerEventSource", {"Name": name, "Account": ctx.account_id}
    )
    call_operation(ctx, "CreateEventBus", {"Name": name, "EventSourceName": name})
    sink = ctx.sinks["*"] = MemorySink()
    partner.sinks["*"] = sink
    put_rule(ctx, {"Id": "t", "Arn": FUNCTION}, bus=name)
    partner.trace_header = TRACE

    entry = {"Source": name, "DetailType": "order", "Detail": "{}"}
    call_operation(partner, "PutPartnerEvents", {"Entries": [entry]})

    (call,) = sink.requests
    assert "headers" not in call
