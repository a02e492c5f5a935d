"""Dead letters: the original event, why it was not delivered, and no letter for letters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome
from evcli.delivery.sinks.memory import MemorySink
from evcli.store.deliveries import DELIVERED, FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
LETTERS = "arn:aws:sqs:us-east-1:000000000000:dlq"
RULE = "arn:aws:events:us-east-1:000000000000:rule/r"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"n":1}'}


@pytest.fixture
def sinks(ctx: Context) -> tuple[MemorySink, MemorySink]:
    """The target, and the queue of its dead letters."""
    target, letters = MemorySink(), MemorySink()
    ctx.sinks.update({QUEUE: target, LETTERS: letters})
    return target, letters


@pytest.fixture
def put(call: Callable[..., Any]) -> Callable[..., None]:
    """Put a rule whose target has a dead-letter queue, and an event for it."""

    def put_target_and_event(**settings: Any) -> None:
        call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
        letters = {"DeadLetterConfig": {"Arn": LETTERS}}
        target = {"Id": "t", "Arn": QUEUE, **letters, **settings}
        call("PutTargets", Rule="r", Targets=[target])
        answer = call("PutEvents", Entries=[ENTRY])
        assert answer["FailedEntryCount"] == 0

    return put_target_and_event


def attributes(request: dict[str, Any]) -> dict[str, str]:
    """The message attributes, all of them strings."""
    values = request["request"]["MessageAttributes"]
    assert {each["DataType"] for each in values.values()} == {"String"}
    return {name: each["StringValue"] for name, each in values.items()}


def test_a_failure_that_no_retry_mends_sends_the_original_event(
    ctx: Context, sinks: tuple[MemorySink, MemorySink], put: Callable[..., None]
) -> None:
    target, letters = sinks
    target.outcome = Outcome("NO_PERMISSIONS", "denied")

    put(Input='{"transformed":true}')

    assert target.payloads == ['{"transformed":true}']
    (request,) = letters.requests
    envelope = letters.deliveries[0].event.envelope
    assert json.loads(envelope)["detail"] == {"n": 1}
    assert request["action"] == "sqs:SendMessage"
    assert list(request["request"]) == ["QueueUrl", "MessageBody", "MessageAttributes"]
    assert request["request"]["QueueUrl"] == (
        "https://sqs.us-east-1.amazonaws.com/000000000000/dlq"
    )
    assert request["request"]["MessageBody"] == envelope
    assert attributes(request) == {
        "RULE_ARN": RULE,
        "TARGET_ARN": QUEUE,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "denied",
        "RETRY_ATTEMPTS": "0",
    }
    rows = [
        (each.delivery_key, each.target_arn, each.state, each.dead_letter_of)
        for each in ctx.store.ledger.list_deliveries()
    ]
    assert rows == [(1, QUEUE, FAILED, None), (2, LETTERS, DELIVERED, 1)]


def test_a_used_up_retry_policy_names_the_limit(
    sinks: tuple[MemorySink, MemorySink], put: Callable[..., None]
) -> None:
    target, letters = sinks
    target.outcome = Outcome("THROTTLING", "slow down", retry=True)

    put(RetryPolicy={"MaximumRetryAttempts": 0})

    assert attributes(letters.requests[0]) == {
        "RULE_ARN": RULE,
        "TARGET_ARN": QUEUE,
        "ERROR_CODE": "THROTTLING",
        "ERROR_MESSAGE": "slow down",
        "RETRY_ATTEMPTS": "0",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    }


def test_a_dead_letter_that_fails_has_no_letter_and_no_retry(
    ctx: Context, sinks: tuple[MemorySink, MemorySink], put: Callable[..., None]
) -> None:
    target, letters = sinks
    target.outcome = Outcome("NO_PERMISSIONS", "denied")
    letters.outcome = Outcome("INTERNAL_ERROR", "down", retry=True)

    put()

    rows = [
        (each.target_arn, each.state, each.attempts, each.dead_letter_of)
        for each in ctx.store.ledger.list_deliveries()
    ]
    assert rows == [(QUEUE, FAILED, 1, None), (LETTERS, FAILED, 1, 1)]
    assert len(ctx.notices) == 2


def test_a_template_that_yields_invalid_json_delivers_nothing_and_says_so(
    ctx: Context, sinks: tuple[MemorySink, MemorySink], put: Callable[..., None]
) -> None:
    target, letters = sinks

    put(
        InputTransformer={
            "InputPathsMap": {"detail": "$.detail"},
            "InputTemplate": '{"text": "the detail is <detail>"}',
        }
    )

    failed, letter = ctx.store.ledger.list_deliveries()
    assert target.deliveries == []
    assert (failed.state, failed.attempts, failed.error_code) == (
        FAILED,
        0,
        "INVALID_JSON",
    )
    assert failed.error_message
    assert letter.dead_letter_of == failed.delivery_key
    assert attributes(letters.requests[0])["ERROR_CODE"] == "INVALID_JSON"
    assert ctx.notices == [
        f"delivery {failed.delivery_id} to {QUEUE} failed:"
        f" INVALID_JSON: {failed.error_message}"
    ]


def test_without_a_queue_a_failed_delivery_is_only_in_the_ledger(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    memory_sink.outcome = Outcome("NO_RESOURCE", "gone")
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}])

    call("PutEvents", Entries=[ENTRY])

    (failed,) = ctx.store.ledger.list_deliveries()
    assert (failed.state, failed.error_code) == (FAILED, "NO_RESOURCE")
