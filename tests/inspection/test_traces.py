"""Traces: the story of an event as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import InspectionError
from evcli.inspection.traces import trace_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def test_a_rule_that_does_not_match_says_why(
    ctx: Context, call: Callable[..., Any]
) -> None:
    patterns = {"a": '{"source":["shop"]}', "b": '{"detail":{"x":["y"]}}'}
    for name, pattern in patterns.items():
        call("PutRule", Name=name, EventPattern=pattern)
    call("PutTargets", Rule="a", Targets=[{"Id": "1", "Arn": QUEUE}])
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    event_id = call("PutEvents", Entries=[entry])["Entries"][0]["EventId"]

    (arrival,) = trace_event(ctx, event_id)["Arrivals"]

    assert arrival["Rules"] == [
        {"Name": "a", "Matched": True},
        {
            "Name": "b",
            "Matched": False,
            "Reason": 'detail.x: (absent) is not ["y"] (detail is an empty object)',
        },
    ]
    assert [each["TargetArn"] for each in arrival["Deliveries"]] == [QUEUE]


def test_an_event_that_is_not_in_the_ledger_is_an_error(ctx: Context) -> None:
    with pytest.raises(InspectionError) as caught:
        trace_event(ctx, "nope")

    assert caught.value.message == "There is no event nope in the ledger."
