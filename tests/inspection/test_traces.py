"""Traces: the story of an event as a value."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.scheduled.scheduler import tick
from evcli.errors import InspectionError
from evcli.inspection.traces import trace_event, trace_last_events
from evcli.operations.whole_events import send_whole_events
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

WHEN = "2024-05-14T11:00:00Z"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def put(call: Callable[..., Any], count: int, **more: str) -> list[str]:
    """Put events one after the other; gives their ids."""
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}", **more}
    answers = [call("PutEvents", Entries=[entry]) for _ in range(count)]
    return [answer["Entries"][0]["EventId"] for answer in answers]


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
    assert "Payload" not in arrival["Deliveries"][0]
    assert "Reason" not in arrival


@pytest.mark.parametrize(
    ("state", "pattern", "expected"),
    [
        (
            "ENABLED",
            '{"source":["shop"]}',
            {"Matched": True, "Reason": "The rule has no targets."},
        ),
        (
            "DISABLED",
            '{"source":["shop"]}',
            {"Matched": False, "Reason": "The rule is disabled, else it would match."},
        ),
        (
            "DISABLED",
            '{"source":["bank"]}',
            {"Matched": False, "Reason": "The rule is disabled."},
        ),
    ],
)
def test_a_rule_that_led_to_nothing_says_why(
    ctx: Context, call: Callable[..., Any], state: str, pattern: str, expected: object
) -> None:
    call("PutRule", Name="r", EventPattern=pattern, State=state)
    (event_id,) = put(call, 1)

    (arrival,) = trace_event(ctx, event_id)["Arrivals"]

    assert arrival["Rules"] == [{"Name": "r"} | expected]


def test_an_arrival_without_deliveries_says_why(
    ctx: Context, call: Callable[..., Any]
) -> None:
    (event_id,) = put(call, 1, EventBusName="orders")

    (arrival,) = trace_event(ctx, event_id)["Arrivals"]

    assert arrival == {
        "EventBusName": "orders",
        "Account": "000000000000",
        "Region": "us-east-1",
        "AcceptedAt": "2024-05-14T11:23:22Z",
        "Undelivered": "NO_EVENT_BUS",
        "Reason": "event bus orders does not exist: dropped",
        "Rules": [],
        "Deliveries": [],
    }


def test_a_payload_is_shown_where_it_differs_from_the_event(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    targets = [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": QUEUE, "Input": '"x"'}]
    call("PutTargets", Rule="r", Targets=targets)
    (event_id,) = put(call, 1)

    (arrival,) = trace_event(ctx, event_id)["Arrivals"]

    payloads = [each.get("Payload") for each in arrival["Deliveries"]]
    assert payloads == [None, '"x"']


def test_a_scheduled_event_is_said_to_go_to_its_own_rule_alone(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("PutRule", Name="all", EventPattern='{"source":["aws.events"]}')
    call("PutRule", Name="tick", ScheduleExpression="rate(1 minute)")
    for name in ("all", "tick"):
        call("PutTargets", Rule=name, Targets=[{"Id": "1", "Arn": QUEUE}])
    tick(ctx, NOW + timedelta(seconds=60))
    (scheduled,) = trace_last_events(ctx, 1)
    send_whole_events(ctx, [{**scheduled["Event"], "id": "sent"}])
    (sent,) = trace_last_events(ctx, 1)

    (arrival,) = scheduled["Arrivals"]
    assert arrival["Rules"] == [
        {
            "Name": "all",
            "Matched": False,
            "Reason": "A scheduled event goes to its own rule alone.",
        },
        {"Name": "tick", "Matched": True},
    ]
    assert {"Name": "all", "Matched": True} in sent["Arrivals"][0]["Rules"]


def test_arrivals_of_one_id_that_differ_have_each_their_own_event(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    sent = {"id": "e", "source": "shop", "detail-type": "d", "time": WHEN}
    for detail in ({"n": 1}, {"n": 1}, {"n": 2}):
        send_whole_events(ctx, [{**sent, "detail": detail}])

    story = trace_event(ctx, "e")

    assert story["Event"]["detail"] == {"n": 1}
    assert [each.get("Event") for each in story["Arrivals"]] == [
        None,
        None,
        {**story["Event"], "detail": {"n": 2}},
    ]
    deliveries = [
        each for arrival in story["Arrivals"] for each in arrival["Deliveries"]
    ]
    assert len(deliveries) == 3
    assert all("Payload" not in each for each in deliveries)


def test_the_last_events_are_traced_each_once_the_last_at_the_end(
    ctx: Context, call: Callable[..., Any]
) -> None:
    ids = put(call, 3)
    send_whole_events(ctx, [{"id": ids[0], "source": "s", "detail-type": "d"}])

    def trace(count: int) -> list[str]:
        return [story["EventId"] for story in trace_last_events(ctx, count)]

    assert trace(1) == [ids[0]]
    assert trace(2) == [ids[2], ids[0]]
    assert trace(9) == [ids[1], ids[2], ids[0]]


def test_a_trace_by_the_beginning_of_an_id_names_it_whole(
    ctx: Context, call: Callable[..., Any]
) -> None:
    (event_id,) = put(call, 1)

    story = trace_event(ctx, event_id[:6])

    assert (story["EventId"], story["Event"]["id"]) == (event_id, event_id)


def test_an_event_that_is_not_in_the_ledger_is_an_error(ctx: Context) -> None:
    with pytest.raises(InspectionError) as caught:
        trace_event(ctx, "nope")

    assert caught.value.message == "There is no event nope in the ledger."


def test_rules_beyond_a_number_are_counted_and_not_judged(
    ctx: Context, call: Callable[..., Any]
) -> None:
    for name in "abc":
        call("PutRule", Name=name, EventPattern='{"source":["else"]}')
    (event_id,) = put(call, 1)

    (whole,) = trace_event(ctx, event_id)["Arrivals"]
    (cut,) = trace_event(ctx, event_id, 2)["Arrivals"]

    assert [rule["Name"] for rule in whole["Rules"]] == ["a", "b", "c"]
    assert [rule["Name"] for rule in cut["Rules"]] == ["a", "b"]
    assert ("MoreRules" in whole, cut["MoreRules"]) == (False, 1)
