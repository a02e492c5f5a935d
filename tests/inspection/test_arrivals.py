"""Arrivals: where events went, or why nothing came of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.inspection.arrivals import describe_arrivals, has_matches
from evcli.operations.whole_events import send_whole_events

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.delivery.sinks.memory import MemorySink
    from evcli.store.deliveries import Event

    Call = Callable[..., dict[str, Any]]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ROLE = "arn:aws:iam::000000000000:role/r"
RULE = "arn:aws:events:us-east-1:000000000000:rule/r"
EVENT = {"id": "e", "source": "aws.s3", "detail-type": "made", "detail": {"n": 1}}
SHORT = {
    "EventId": "e",
    "ShortId": "e",
    "EventBusName": "default",
    "Source": "aws.s3",
    "DetailType": "made",
}


def describe(ctx: Context, event: Event) -> dict[str, Any]:
    (value,) = describe_arrivals(ctx, [event.event_key])
    return value


def send(ctx: Context, event_bus_name: str = "default") -> dict[str, Any]:
    (event,) = send_whole_events(ctx, [EVENT], event_bus_name)
    return describe(ctx, event)


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

    reasons = [describe(ctx, event)["Reason"] for event in (early, bare, lost)]

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


def test_an_archive_hides_no_nearest_rule(ctx: Context, call: Call) -> None:
    of_such = json.dumps({"source": ["aws.s3"], "detail": {"n": [9]}})
    bus = ctx.event_bus_arn("default")
    call("CreateArchive", ArchiveName="a", EventSourceArn=bus, EventPattern=of_such)
    put_rule(call, "other", {"source": ["aws.ec2"]})

    assert send(ctx)["Reason"].startswith("nothing matched; nearest rule other: source")


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


# -- forwards


def forward(call: Call, ctx: Context, arn: str) -> None:
    """Make a rule `fwd` that sends what arrives to another event bus."""
    put_rule(call, "fwd", {"source": ["aws.s3"]})
    target = {"Id": "bus", "Arn": arn, "RoleArn": ROLE}
    call("PutTargets", Rule="fwd", Targets=[target])


def test_what_another_event_bus_delivers_stands_below_the_forward(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    audit = ctx.event_bus_arn("audit")
    forward(call, ctx, audit)
    call("CreateEventBus", Name="audit")
    dropped = send(ctx)
    put_rule(call, "all", {"source": ["aws.s3"]}, EventBusName="audit")
    target = {"Id": "t", "Arn": QUEUE}
    call("PutTargets", Rule="all", EventBusName="audit", Targets=[target])
    memory_sink.outcome = Outcome("NO_PERMISSIONS", "denied")
    failed = send(ctx)

    forwarded = {
        "RuleArn": RULE.replace("/r", "/fwd"),
        "TargetArn": audit,
        "State": "DELIVERED",
    }
    there = {**SHORT, "EventBusName": "audit"}
    reason = "event bus audit has no rule with an event pattern"
    arrival = {**there, "Deliveries": [], "Reason": reason}
    assert dropped == {**SHORT, "Deliveries": [{**forwarded, "Arrival": arrival}]}
    denied = {
        "RuleArn": RULE.replace("/r", "/audit/all"),
        "TargetArn": QUEUE,
        "State": "FAILED",
        "ErrorCode": "NO_PERMISSIONS",
        "ErrorMessage": "denied",
    }
    arrival = {**there, "Deliveries": [denied]}
    assert failed == {**SHORT, "Deliveries": [{**forwarded, "Arrival": arrival}]}


def test_arrivals_of_one_id_lead_each_to_their_own(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    forward(call, ctx, ctx.event_bus_arn("audit"))
    call("CreateEventBus", Name="audit")
    pattern = {"detail": {"n": [{"numeric": [">", 1]}]}}
    put_rule(call, "big", pattern, EventBusName="audit")
    target = {"Id": "t", "Arn": QUEUE}
    call("PutTargets", Rule="big", EventBusName="audit", Targets=[target])
    # Nobody forwarded this one.
    send_whole_events(ctx, [EVENT], "audit")
    numbers = (1, 2, 1, 3)
    events = send_whole_events(ctx, [{**EVENT, "detail": {"n": n}} for n in numbers])

    arrivals = describe_arrivals(ctx, [event.event_key for event in events])

    found = [len(each["Deliveries"][0]["Arrival"]["Deliveries"]) for each in arrivals]
    assert found == [0, 1, 0, 1]


def test_an_event_that_got_a_new_id_in_another_region_is_found(
    ctx: Context, call: Call
) -> None:
    forward(call, ctx, ctx.event_bus_arn("default").replace("us-east-1", "eu-west-1"))

    (delivery,) = send(ctx)["Deliveries"]

    arrival = delivery["Arrival"]
    assert arrival["EventId"] != "e"
    assert arrival["Reason"] == "event bus default has no rule with an event pattern"
