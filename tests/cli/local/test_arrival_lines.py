"""Lines of a few events, as a terminal of 80 columns shows them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from evcli.cli.local.send_and_see.arrival_lines import (
    shorten_arn,
    shorten_id,
    write_arrival,
    write_refusal,
)
from evcli.cli.session import Session

ARRIVAL = {
    "EventId": "5f0c1a2b-9d3e-4c5b-8a77-1f2e3d4c5b6a",
    "EventBusName": "default",
    "Source": "aws.s3",
    "DetailType": "Object Created",
}


def delivery(**changes: str) -> dict[str, str]:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:thumb"
    return {"RuleName": "thumbs", "TargetArn": arn, "State": "DELIVERED", **changes}


def make_session(monkeypatch: pytest.MonkeyPatch) -> tuple[Session, io.StringIO]:
    monkeypatch.setenv("COLUMNS", "80")
    stdout = io.StringIO()
    return Session(io.StringIO(), stdout, io.StringIO(), {}), stdout


@pytest.mark.parametrize(
    ("outcome", "lines"),
    [
        (
            {"Deliveries": [delivery()]},
            [
                '✔ aws.s3 "Object Created" 5f0c1a2b-9d3e…  → thumbs → lambda:thumb'
                " DELIVERED"
            ],
        ),
        (
            {
                "Deliveries": [
                    delivery(),
                    delivery(State="FAILED", ErrorCode="C", ErrorMessage="no\x1b[2J"),
                ]
            },
            [
                '✘ aws.s3 "Object Created" 5f0c1a2b-9d3e…  → thumbs → lambda:thumb'
                " DELIVERED",
                "    → thumbs → lambda:thumb FAILED C  no␛[2J",
            ],
        ),
        (
            {"Deliveries": [delivery(State="RETRYING", ErrorCode="TIMEOUT")]},
            [
                '… aws.s3 "Object Created" 5f0c1a2b-9d3e…  → thumbs → lambda:thumb'
                " RETRYING",
                "  TIMEOUT",
            ],
        ),
        (
            {"Deliveries": [], "Reason": "archived only"},
            ['○ aws.s3 "Object Created" 5f0c1a2b-9d3e…  archived only'],
        ),
    ],
)
def test_an_event_is_a_line_and_each_further_delivery_one_more(
    monkeypatch: pytest.MonkeyPatch, outcome: dict[str, Any], lines: list[str]
) -> None:
    session, stdout = make_session(monkeypatch)

    write_arrival(session, {**ARRIVAL, **outcome})

    assert [line.rstrip() for line in stdout.getvalue().splitlines()] == lines


def test_a_refused_line_says_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    session, stdout = make_session(monkeypatch)

    write_refusal(session, 3, "MalformedDetail", "Detail is malformed.")

    assert stdout.getvalue().rstrip() == (
        "✘ line 3  MalformedDetail: Detail is malformed."
    )


@pytest.mark.parametrize(
    ("arn", "short"),
    [
        ("arn:aws:sqs:us-east-1:000000000000:q", "sqs:q"),
        ("arn:aws:states:us-east-1:000000000000:stateMachine:m", "states:m"),
        ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/a", "logs:/aws/a"),
        ("arn:aws:events:us-east-1:000000000000:event-bus/o", "events:o"),
        ("no ARN", "no ARN"),
    ],
)
def test_of_an_arn_the_service_and_the_name_are_left(arn: str, short: str) -> None:
    assert shorten_arn(arn) == short


def test_a_short_id_stays_whole() -> None:
    assert [shorten_id("x" * 14), shorten_id("x" * 15)] == ["x" * 14, "x" * 13 + "…"]
