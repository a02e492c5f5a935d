"""Transforms: the payload and the request of a delivery that nobody makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from evcli.errors import InspectionError
from evcli.inspection.transforms import (
    accept_target,
    find_rule_arn,
    read_event,
    rehearse,
)

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
EVENT = {
    "id": "1",
    "detail-type": "t",
    "source": "shop",
    "account": "0" * 12,
    "time": "2024-06-11T08:33:13Z",
    "region": "us-east-1",
    "detail": {"n": 1},
}


def rehearse_target(**settings: Any) -> Any:
    event = read_event(json.dumps(EVENT))
    arn = find_rule_arn(None, "r", event)
    target = accept_target({"Arn": QUEUE, **settings}, arn)
    return rehearse(target, event, arn, datetime(2024, 6, 11, tzinfo=UTC))


def test_a_rehearsal_has_the_payload_and_the_request() -> None:
    rehearsal = rehearse_target(InputPath="$.detail")

    assert (rehearsal.payload, rehearsal.reason) == ('{"n":1}', None)
    assert rehearsal.request["action"] == "sqs:SendMessage"


def test_a_rehearsal_says_why_nothing_would_be_delivered() -> None:
    rehearsal = rehearse_target(InputPath="$.none")

    assert rehearsal.reason == "INVALID_PARAMETER: InputPath $.none matches nothing."


@pytest.mark.parametrize(
    ("rule_arn", "rule_name", "argument"),
    [
        ("r", None, "rule_arn"),
        (QUEUE, None, "rule_arn"),
        (f"arn:aws:events:us-east-1:{'0' * 12}:rule/b/r", "b", "rule_name"),
    ],
)
def test_an_error_names_the_argument_that_is_at_fault(
    rule_arn: str, rule_name: str | None, argument: str
) -> None:
    with pytest.raises(InspectionError) as caught:
        find_rule_arn(rule_arn, rule_name, EVENT)

    assert caught.value.argument == argument
