"""The graph of event buses, rules and targets, and what of it is of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome
from evcli.delivery.sinks.memory import MemorySink
from evcli.inspection.graph import describe_graph, list_unused

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "arn:aws:sqs:us-east-1:000000000000"
RULES = "arn:aws:events:us-east-1:000000000000:rule"
WHERE = {"Account": "000000000000", "Region": "us-east-1", "EventBusName": "default"}


def put(call: Callable[..., Any], rule: str, source: str, *targets: str) -> None:
    call("PutRule", Name=rule, EventPattern=f'{{"source":["{source}"]}}')
    if targets:
        each = [{"Id": name, "Arn": f"{PREFIX}:{name}"} for name in targets]
        call("PutTargets", Rule=rule, Targets=each)


@pytest.fixture
def sent(ctx: Context, call: Callable[..., Any]) -> None:
    """Five rules, one of which gets two events; one of its targets comes later."""
    put(call, "both", "shop", "good", "bad")
    put(call, "bare", "shop")
    put(call, "other", "nobody", "x")
    put(call, "off", "shop", "y")
    call("DisableRule", Name="off")
    put(call, "off-and-bare", "shop")
    call("DisableRule", Name="off-and-bare")
    arn = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    call("CreateArchive", ArchiveName="all", EventSourceArn=arn)
    ctx.sinks[f"{PREFIX}:bad"] = failing = MemorySink()
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    for outcome in (
        Outcome("NO_RESOURCE", "x"),
        Outcome("THROTTLING", "x", retry=True),
    ):
        failing.outcome = outcome
        call("PutEvents", Entries=[entry])
    put(call, "both", "shop", "late")


def target(name: str, *counts: int, unused: str | None = None) -> dict[str, Any]:
    value: dict[str, Any] = {"Id": name, "Arn": f"{PREFIX}:{name}"}
    value |= dict(zip(("Delivered", "Failed", "Waiting"), counts, strict=True))
    return value if unused is None else {**value, "Unused": unused}


def rule(
    name: str, *targets: Any, state: str = "ENABLED", unused: str | None = None
) -> Any:
    value = {"Name": name, "Arn": f"{RULES}/{name}", "State": state}
    value |= {} if unused is None else {"Unused": unused}
    return {**value, "Targets": [*targets]}


@pytest.mark.usefixtures("sent")
def test_rules_and_targets_say_what_came_of_them(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="empty")

    [place] = describe_graph(ctx)

    assert (place["Account"], place["Region"]) == ("000000000000", "us-east-1")
    default, empty = place["EventBuses"]
    assert empty == {"Name": "empty", "Rules": []}
    archive, *rules = sorted(default["Rules"], key=lambda each: each["Name"])
    assert archive["Targets"] == []
    assert "Unused" not in archive
    assert (default["Name"], rules) == (
        "default",
        [
            rule("bare", unused="no targets"),
            rule(
                "both",
                target("bad", 0, 1, 1),
                target("good", 2, 0, 0),
                target("late", 0, 0, 0, unused="never reached"),
            ),
            rule("off", target("y", 0, 0, 0), state="DISABLED", unused="disabled"),
            rule("off-and-bare", state="DISABLED", unused="no targets, disabled"),
            rule("other", target("x", 0, 0, 0), unused="never matched"),
        ],
    )


@pytest.mark.usefixtures("sent")
def test_unused_are_rules_and_targets_with_the_reason(ctx: Context) -> None:
    unused = sorted(list_unused(describe_graph(ctx)), key=lambda each: each["RuleName"])

    assert unused == [
        {**WHERE, "RuleName": "bare", "Reason": "no targets"},
        {
            **WHERE,
            "RuleName": "both",
            "TargetId": "late",
            "TargetArn": f"{PREFIX}:late",
            "Reason": "never reached",
        },
        {**WHERE, "RuleName": "off", "Reason": "disabled"},
        {**WHERE, "RuleName": "off-and-bare", "Reason": "no targets, disabled"},
        {**WHERE, "RuleName": "other", "Reason": "never matched"},
    ]


def test_other_accounts_and_regions_stand_beside_one_s_own(
    ctx: Context, call: Callable[..., Any]
) -> None:
    from evcli.operations import call as call_operation

    partner = ctx.act_as("111122223333", "eu-west-1")
    call_operation(partner, "CreateEventBus", {"Name": "theirs"})

    assert describe_graph(ctx) == [
        {
            "Account": "000000000000",
            "Region": "us-east-1",
            "EventBuses": [{"Name": "default", "Rules": []}],
        },
        {
            "Account": "111122223333",
            "Region": "eu-west-1",
            "EventBuses": [{"Name": "theirs", "Rules": []}],
        },
    ]
