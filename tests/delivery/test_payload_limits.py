"""Payload limits: at each one a call passes, a byte or a character more fails for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.targets import build_request
from evcli.delivery.targets.target_kinds import TARGET_KINDS, InvalidRequest
from evcli.store.deliveries import DELIVERED, FAILED, Delivery, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

HERE = "us-east-1:000000000000"
QUEUE = f"arn:aws:sqs:{HERE}:q"
TOPIC = f"arn:aws:sns:{HERE}:t"
LETTERS = f"arn:aws:sqs:{HERE}:dlq"
EVENT_ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
KEY = {"KinesisParameters": {"PartitionKeyPath": "$.source"}}
SETTINGS = {"InputTransformer": {}}
JOB = {"BatchParameters": {"JobDefinition": "d", "JobName": "n"}}

# The kind, its target, payload without its filling, and what one call may have.
KINDS: dict[str, tuple[dict[str, Any], str, int, str]] = {
    "lambda": (
        {"Arn": f"arn:aws:lambda:{HERE}:function:f"},
        '"{}"',
        1_048_576,
        "lambda:Invoke takes at most 1,048,576 bytes, and this has 1,048,577.",
    ),
    "sqs": (
        {"Arn": QUEUE},
        "{}",
        1_048_576,
        "sqs:SendMessage takes at most 1,048,576 bytes, and this has 1,048,577.",
    ),
    "sqs-fifo": (
        {"Arn": f"{QUEUE}.fifo", "SqsParameters": {"MessageGroupId": "g"}},
        "{}",
        1_048_576,
        "sqs:SendMessage takes at most 1,048,576 bytes, and this has 1,048,577.",
    ),
    "sns": (
        {"Arn": TOPIC},
        "{}",
        262_144,
        "sns:Publish takes at most 262,144 bytes, and this has 262,145.",
    ),
    "logs": (
        {"Arn": f"arn:aws:logs:{HERE}:log-group:g"},
        "{}",
        1_048_576 - 26,
        "logs:PutLogEvents takes at most 1,048,576 bytes, and this has 1,048,577.",
    ),
    "kinesis": (
        {"Arn": f"arn:aws:kinesis:{HERE}:stream/s", **KEY},
        "{}",
        1_048_576 - len("shop"),
        "kinesis:PutRecord takes at most 1,048,576 bytes, and this has 1,048,577.",
    ),
    "firehose": (
        {"Arn": f"arn:aws:firehose:{HERE}:deliverystream/d"},
        "{}",
        1_024_000,
        "firehose:PutRecord takes at most 1,024,000 bytes, and this has 1,024,001.",
    ),
    "states": (
        {"Arn": f"arn:aws:states:{HERE}:stateMachine:m"},
        '"{}"',
        262_144,
        "states:StartExecution takes at most 262,144 bytes, and this has 262,145.",
    ),
    "ecs": (
        {"Arn": f"arn:aws:ecs:{HERE}:cluster/c", **SETTINGS},
        '{"cpu":"{}"}',
        8192,
        "ecs:RunTask takes at most 8,192 characters, and this has 8,193.",
    ),
    "batch": (
        {"Arn": f"arn:aws:batch:{HERE}:job-queue/q", **JOB},
        '{"Parameters":{"k":"{}"}}',
        # The rest of the request as JSON, but for the braces and quotes of both.
        30 * 1024
        - len('{"jobName":"n","jobQueue":"","jobDefinition":"d","parameters":}')
        - len(f"arn:aws:batch:{HERE}:job-queue/q")
        + len('{"Parameters":}'),
        "batch:SubmitJob takes at most 30,720 bytes, and this has 30,721.",
    ),
    "ssm-incidents": (
        {"Arn": "arn:aws:ssm-incidents::000000000000:response-plan/p"},
        "{}",
        10_000,
        "ssm-incidents:StartIncident takes at most 10,000 characters, and this has"
        " 10,001.",
    ),
}


def make_delivery(target: dict[str, Any], payload: str) -> Delivery:
    envelope = {"source": "shop", "time": "2024-06-11T08:33:13Z"}
    event = Event(
        event_id=EVENT_ID,
        account_id="000000000000",
        region="us-east-1",
        event_bus_name="default",
        accepted_at=datetime(2024, 6, 11, 8, 33, 14, tzinfo=UTC),
        envelope=json.dumps(envelope),
    )
    rule_arn = f"arn:aws:events:{HERE}:rule/r"
    target = {"Id": "t", **target}
    return Delivery(event=event, rule_arn=rule_arn, target=target, payload=payload)


def fill(frame: str, size: int, filling: str = "x") -> str:
    """Fill a frame until it has that many bytes."""
    room, width = size - len(frame) + 2, len(filling.encode())
    return frame.replace("{}", "x" * (room % width) + filling * (room // width))


def test_every_kind_with_a_limit_has_a_case_and_the_others_have_none() -> None:
    limited = {name for name, kind in TARGET_KINDS.items() if kind.limit is not None}

    assert limited == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_payload_at_the_limit_passes_and_a_little_more_does_not(kind: str) -> None:
    target, frame, limit, message = KINDS[kind]

    passes = build_request(make_delivery(target, fill(frame, limit)))
    fails = build_request(make_delivery(target, fill(frame, limit + 1)))

    assert not isinstance(passes, InvalidRequest)
    assert isinstance(fails, InvalidRequest)
    assert (fails.error_code, fails.message) == ("INVALID_PARAMETER", message)


@pytest.mark.parametrize("kind", ["lambda", "sqs", "sns", "states", "firehose"])
def test_bytes_are_those_of_utf_8(kind: str) -> None:
    target, frame, limit, _ = KINDS[kind]

    passes = build_request(make_delivery(target, fill(frame, limit, "€")))
    fails = build_request(make_delivery(target, fill(frame, limit + 1, "€")))

    assert not isinstance(passes, InvalidRequest)
    assert isinstance(fails, InvalidRequest)


@pytest.mark.parametrize("kind", ["ecs", "ssm-incidents"])
def test_characters_are_characters_whatever_their_bytes(kind: str) -> None:
    target, frame, limit, _ = KINDS[kind]
    room = limit - len(frame) + 2

    passes = build_request(make_delivery(target, frame.replace("{}", "€" * room)))

    assert not isinstance(passes, InvalidRequest)


def test_what_a_service_does_not_get_of_a_payload_does_not_count() -> None:
    payload = fill('{"other":"{}"}', 2_000_000)
    ignoring = {
        "ecs": {"Arn": f"arn:aws:ecs:{HERE}:cluster/c"},
        "batch": KINDS["batch"][0],
        "codebuild": {"Arn": f"arn:aws:codebuild:{HERE}:project/p"},
        "glue": {"Arn": f"arn:aws:glue:{HERE}:workflow/w"},
        "api-gateway": {"Arn": f"arn:aws:execute-api:{HERE}:api/stage/POST/pets"},
    }

    for target in ignoring.values():
        call = build_request(make_delivery(target, payload))
        assert not isinstance(call, InvalidRequest)


@pytest.fixture
def sinks(ctx: Context) -> dict[str, MemorySink]:
    """The target and the queue of its dead letters."""
    made = {TOPIC: MemorySink(), LETTERS: MemorySink()}
    ctx.sinks.update(made)
    return made


@pytest.fixture
def put(call: Callable[..., Any]) -> Callable[..., None]:
    """Put a rule for the topic, and an event whose entry has so many bytes."""

    def put_target_and_event(size: int, **settings: Any) -> None:
        call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
        letters = {"DeadLetterConfig": {"Arn": LETTERS}}
        target = {"Id": "t", "Arn": TOPIC, **letters, **settings}
        call("PutTargets", Rule="r", Targets=[target])
        detail = fill('{"a":"{}"}', size - len("shop") - len("order"))
        entry = {"Source": "shop", "DetailType": "order", "Detail": detail}
        assert call("PutEvents", Entries=[entry])["FailedEntryCount"] == 0

    return put_target_and_event


def list_ends(ctx: Context) -> list[tuple[str, str, int, str | None]]:
    return [
        (each.target_arn, each.state, each.attempts, each.error_code)
        for each in ctx.store.ledger.list_deliveries()
    ]


def test_an_event_that_a_topic_cannot_take_goes_to_the_dead_letter_queue(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put(1_000_000)

    (letter,) = sinks[LETTERS].requests
    attributes = letter["request"]["MessageAttributes"]
    assert list_ends(ctx) == [
        (TOPIC, FAILED, 1, "INVALID_PARAMETER"),
        (LETTERS, DELIVERED, 1, None),
    ]
    assert sinks[TOPIC].requests == []
    assert attributes["ERROR_CODE"]["StringValue"] == "INVALID_PARAMETER"
    assert attributes["ERROR_MESSAGE"]["StringValue"].startswith(
        "sns:Publish takes at most 262,144 bytes, and this has 1,000,"
    )


def test_a_dead_letter_that_its_queue_cannot_take_is_lost(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put(1_048_576)

    assert list_ends(ctx) == [
        (TOPIC, FAILED, 1, "INVALID_PARAMETER"),
        (LETTERS, FAILED, 1, "INVALID_PARAMETER"),
    ]
    assert sinks[LETTERS].requests == []


def test_the_attributes_of_a_dead_letter_count(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put(1_048_576 - 300)

    *_, letter = ctx.store.ledger.list_deliveries()
    assert len(letter.payload) < 1_048_576
    assert (letter.state, letter.error_code) == (FAILED, "INVALID_PARAMETER")


def test_a_short_template_on_a_long_event_fails_before_the_text_is_built(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    template = '{"all":[' + ",".join(["<d>"] * 1600) + "]}"

    put(
        250_000,
        InputTransformer={
            "InputPathsMap": {"d": "$.detail"},
            "InputTemplate": template,
        },
    )

    failed, letter = ctx.store.ledger.list_deliveries()
    assert list_ends(ctx) == [
        (TOPIC, FAILED, 0, "INVALID_PARAMETER"),
        (LETTERS, DELIVERED, 1, None),
    ]
    assert (failed.payload, failed.error_message) == (
        "",
        "The input template would make more than 8,388,608 bytes.",
    )
    assert sinks[LETTERS].payloads == [letter.event.envelope]
