"""All that there is, in short: what a rule has besides, and counts since a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from evcli.delivery.scheduled.rules import fire_now
from evcli.inspection.page import overview
from evcli.inspection.page.overview import describe_overview
from evcli.operations.rules import find_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ENTRY = {"Source": "shop", "DetailType": "d", "Detail": "{}"}


def test_a_rule_has_its_pattern_its_schedule_and_counts_since_a_time(
    ctx: Context, call: Call, clock: VirtualClock, memory_sink: MemorySink
) -> None:
    call(
        "PutRule",
        Name="r",
        EventPattern='{"source":["shop"]}',
        ScheduleExpression="rate(1 hour)",
    )
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    call("PutEvents", Entries=[ENTRY])
    clock.advance(7200)
    call("PutEvents", Entries=[ENTRY, ENTRY])

    found = describe_overview(ctx, clock.now() - timedelta(hours=1))

    assert found == {
        "Now": "2024-05-14T13:23:22Z",
        "Since": "2024-05-14T12:23:22Z",
        "Regions": [
            {
                "Account": "000000000000",
                "Region": "us-east-1",
                "EventBuses": [
                    {
                        "Name": "default",
                        "Rules": [
                            {
                                "Name": "r",
                                "Arn": "arn:aws:events:us-east-1:000000000000:rule/r",
                                "State": "ENABLED",
                                "Targets": [
                                    {
                                        "Id": "1",
                                        "Arn": QUEUE,
                                        "Delivered": 2,
                                        "Failed": 0,
                                        "Waiting": 0,
                                    }
                                ],
                                "EventPattern": '{"source":["shop"]}',
                                "Schedule": "rate(1 hour)",
                                "Instants": [
                                    "2024-05-14T14:23:22Z",
                                    "2024-05-14T15:23:22Z",
                                    "2024-05-14T16:23:22Z",
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
        "Archives": [],
        "Replays": [],
        "ApiDestinations": [],
    }


def test_rules_beyond_a_number_are_counted(
    ctx: Context, call: Call, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "MOST_RULES", 2)
    for name in "abc":
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}')

    (bus,) = describe_overview(ctx, clock.now())["Regions"][0]["EventBuses"]

    assert [rule["Name"] for rule in bus["Rules"]] == ["a", "b"]
    assert bus["MoreRules"] == 1


def test_firing_now_leaves_the_plan_as_it_is(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    before = find_rule(ctx, None, "r")

    fire_now(ctx, before)

    assert find_rule(ctx, None, "r") == before
    (delivery,) = memory_sink.deliveries
    assert '"time":"2024-05-14T11:23:22Z"' in delivery.payload
    assert '"detail-type":"Scheduled Event"' in delivery.payload
