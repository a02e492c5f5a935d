"""Lines of a few events, as a terminal of 80 columns shows them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from evcli.cli.local.send_and_see.arrival_lines import (
    write_arrival,
    write_refusal,
)
from evcli.cli.session import Session

RULE = "arn:aws:events:us-east-1:000000000000:rule/thumbs"
ARRIVAL = {
    "EventId": "5f0c1a2b-9d3e-4c5b-8a77-1f2e3d4c5b6a",
    "ShortId": "5f0c1a2b-9d3e",
    "EventBusName": "default",
    "Source": "aws.s3",
    "DetailType": "Object Created",
}


def delivery(**changes: str) -> dict[str, str]:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:thumb"
    return {"RuleArn": RULE, "TargetArn": arn, "State": "DELIVERED", **changes}


ALL = "arn:aws:events:us-east-1:000000000000:rule/audit/all"
FORWARD = delivery(
    RuleArn="arn:aws:events:us-east-1:000000000000:rule/fwd",
    TargetArn="arn:aws:events:us-east-1:000000000000:event-bus/audit",
)


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
        (
            {
                "Deliveries": [
                    {
                        **FORWARD,
                        "Arrival": {
                            "EventBusName": "audit",
                            "Deliveries": [
                                delivery(RuleArn=ALL, State="FAILED", ErrorCode="C"),
                                delivery(RuleArn=ALL),
                            ],
                        },
                    },
                    {
                        **FORWARD,
                        "Arrival": {
                            "EventBusName": "audit",
                            "Deliveries": [],
                            "Reason": "none",
                        },
                    },
                    {**FORWARD, "State": "FAILED", "ErrorCode": "NO_RESOURCE"},
                ]
            },
            [
                '✘ aws.s3 "Object Created" 5f0c1a2b-9d3e…  → fwd → bus audit → all →'
                " lambda:thumb",
                "  FAILED C",
                "    → fwd → bus audit → all → lambda:thumb DELIVERED",
                "    → fwd → bus audit  none",
                "    → fwd → bus audit FAILED NO_RESOURCE",
            ],
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
