"""Arrivals: where events went, or why nothing came of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.inspection.arrivals import describe_arrival, has_matches
from evcli.operations.whole_events import send_whole_events

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
RULE = "arn:aws:events:us-east-1:000000000000:rule/r"
EVENT = {"id": "e", "source": "aws.s3", "detail-type": "made", "detail": {"n": 1}}
SHORT = {
    "EventId": "e",
    "ShortId": "e",
    "EventBusName": "default",
    "Source": "aws.s3",
    "DetailType": "made",
}


def send(ctx: Context, event_bus_name: str = "default") -> dict[str, Any]:
    (event,) = send_whole_events(ctx, [EVENT], event_bus_name)
    return describe_arrival(ctx, event.event_key)


def put_rule(call: Call, name: str, pattern: dict[str, Any], **settings: str) -> None:
    call("PutRule", Name=name, EventPattern=json.dumps(pattern), **settings)


def test_deliveries_of_one_arrival_are_named_by_rule_and_target(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    put_rule(call, "r", {"source": ["aws.s3"]})
    call("PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}])
    delivered = {"RuleArn": RULE, "TargetArn": QUEUE, "State": "DELIVERED"}
    failed = {
        **delivered,
        "State": "FAILED",
        "ErrorCode": "NO_PERMISSIONS",
        "ErrorMessage": "denied",
    }

    first = send(ctx)
    memory_sink.outcome = Outcome("NO_PERMISSIONS", "denied")
    second = send(ctx)

    assert first == {**SHORT, "Deliveries": [delivered]}
    assert second == {**SHORT, "Deliveries": [failed]}


def test_an_event_bus_that_is_not_there_is_named(ctx: Context) -> None:
    reason = send(ctx, "orders")["Reason"]

    assert reason == "event bus orders does not exist: dropped"


def test_an_event_bus_without_rules_is_named(ctx: Context) -> None:
    reason = send(ctx)["Reason"]

    assert reason == "event bus default has no rule with an event pattern"


def test_a_rule_that_matches_without_targets_is_named(ctx: Context, call: Call) -> None:
    put_rule(call, "r", {"source": ["aws.s3"]})

    assert send(ctx)["Reason"] == "rule r matches and has no targets"


def test_an_archive_alone_is_said(ctx: Context, call: Call) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=ctx.event_bus_arn("default"))

    assert send(ctx)["Reason"] == "archived only"


def test_a_disabled_rule_that_matches_is_named(ctx: Context, call: Call) -> None:
    put_rule(call, "a", {"source": ["aws.s3"], "detail": {"n": [2]}})
    put_rule(call, "b", {"source": ["aws.s3"]}, State="DISABLED")

    assert send(ctx)["Reason"] == "rule b matches and is disabled"


def test_an_archive_hides_no_disabled_rule(ctx: Context, call: Call) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=ctx.event_bus_arn("default"))
    put_rule(call, "b", {"source": ["aws.s3"]}, State="DISABLED")

    reason = send(ctx)["Reason"]

    assert reason == "archived only; rule b matches and is disabled"


def test_what_was_so_when_the_event_came_is_said_after_rules_have_changed(
    ctx: Context, call: Call
) -> None:
    (early,) = send_whole_events(ctx, [EVENT])
    put_rule(call, "r", {"source": ["aws.s3"]})
    (bare,) = send_whole_events(ctx, [EVENT])
    (lost,) = send_whole_events(ctx, [EVENT], "orders")
    call("PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}])
    call("CreateEventBus", Name="orders")

    reasons = [
        describe_arrival(ctx, event.event_key)["Reason"]
        for event in (early, bare, lost)
    ]

    assert reasons == [
        "nothing matched when it came; rule r does now",
        "the rule that matched had no targets",
        "event bus orders does not exist: dropped",
    ]


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [
        (
            {
                "far": {"source": ["aws.s3"], "detail": {"n": [2], "m": [3]}},
                "near": {"source": ["aws.s3"], "detail": {"n": [2]}},
            },
            "nothing matched; nearest rule near: detail.n: 1 is not [2]",
        ),
        (
            {"other": {"source": ["aws.ec2"]}},
            'nothing matched; nearest rule other: source: "aws.s3" is not ["aws.ec2"]',
        ),
        # Of the alternatives of a rule, the nearest one.
        (
            {"either": {"detail": {"$or": [{"m": [3], "n": [4]}, {"n": [2]}]}}},
            "nothing matched; nearest rule either: none of 2 in $or is met; nearest:"
            " detail.n: 1 is not [2]",
        ),
    ],
)
def test_the_nearest_rule_says_what_keeps_it(
    ctx: Context, call: Call, patterns: dict[str, Any], reason: str
) -> None:
    for name, pattern in patterns.items():
        put_rule(call, name, pattern)

    assert send(ctx)["Reason"].partition(" (")[0] == reason


def test_a_rule_without_targets_has_matched_and_an_archive_has_not(
    ctx: Context, call: Call
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=ctx.event_bus_arn("default"))
    archived, dropped = (
        send_whole_events(ctx, [EVENT], name)[0].event_key for name in ("default", "x")
    )
    put_rule(call, "r", {"source": ["aws.s3"]})
    (bare,) = send_whole_events(ctx, [EVENT])

    assert has_matches(ctx, [archived, dropped]) is False
    assert has_matches(ctx, [archived, bare.event_key]) is True
