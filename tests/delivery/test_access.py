"""PutEvents to event buses of other accounts. Source: the delivery reference §7.1, §7.3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import AccessDeniedException
from evcli.operations import call as call_operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]

HERE, THERE = "000000000000", "222222222222"
EAST, WEST = "us-east-1", "us-west-2"


def bus_arn(account_id: str, region: str, name: str = "default") -> str:
    return f"arn:aws:events:{region}:{account_id}:event-bus/{name}"


@pytest.fixture(params=[EAST, WEST])
def friend(ctx: Context, request: pytest.FixtureRequest) -> Context:
    """Another account with a rule for everything, in this region or another one."""
    other = ctx.act_as(THERE, request.param)
    pattern = '{"source":[{"prefix":""}]}'
    call_operation(other, "PutRule", {"Name": "r", "EventPattern": pattern})
    target = {"Id": "1", "Arn": f"arn:aws:sqs:{request.param}:{THERE}:inbox"}
    call_operation(other, "PutTargets", {"Rule": "r", "Targets": [target]})
    return other


def let_in(ctx: Context, **changes: Any) -> None:
    """Let everybody put events on the default event bus, or whom the changes say."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": bus_arn(ctx.account_id, ctx.region),
        **changes,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    call_operation(ctx, "PutPermission", {"Policy": json.dumps(policy)})


def make_entry(event_bus: str, **changes: Any) -> dict[str, Any]:
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    return {**entry, "EventBusName": event_bus, **changes}


def refuse(call: Call, *entries: dict[str, Any]) -> str:
    with pytest.raises(AccessDeniedException) as caught:
        call("PutEvents", Entries=list(entries))
    return caught.value.message


def count_events(ctx: Context) -> int:
    count: int = ctx.store.database.execute("SELECT COUNT(*) FROM events").fetchone()[0]
    return count


def test_an_event_for_another_account_is_the_callers_from_the_region_of_the_bus(
    call: Call, friend: Context, memory_sink: MemorySink
) -> None:
    let_in(friend)

    answer = call("PutEvents", Entries=[make_entry(bus_arn(THERE, friend.region))])

    (event,) = map(json.loads, memory_sink.payloads)
    assert answer == {"FailedEntryCount": 0, "Entries": [{"EventId": event["id"]}]}
    assert (event["account"], event["region"]) == (HERE, friend.region)
    assert memory_sink.deliveries[0].rule_arn == (
        f"arn:aws:events:{friend.region}:{THERE}:rule/r"
    )


def test_without_a_permission_the_request_is_denied_and_nothing_accepted(
    ctx: Context, call: Call, friend: Context, memory_sink: MemorySink
) -> None:  # [guess]
    arn = bus_arn(THERE, friend.region)

    message = refuse(call, make_entry(bus_arn(HERE, EAST)), make_entry(arn))

    assert message == (
        f"User: arn:aws:iam::{HERE}:root is not authorized to perform:"
        f" events:PutEvents on resource: {arn} because no resource-based policy allows"
        " the events:PutEvents action"
    )
    assert count_events(ctx) == 0
    assert memory_sink.payloads == []


def test_a_deny_is_worded_as_one(call: Call, friend: Context) -> None:
    let_in(friend, Effect="Deny")
    arn = bus_arn(THERE, friend.region)

    assert refuse(call, make_entry(arn)) == (
        f"User: arn:aws:iam::{HERE}:root is not authorized to perform:"
        f" events:PutEvents on resource: {arn} with an explicit deny in a"
        " resource-based policy"
    )


def test_an_event_bus_of_another_account_that_does_not_exist_denies(
    call: Call, friend: Context
) -> None:
    let_in(friend)

    message = refuse(call, make_entry(bus_arn(THERE, friend.region, "nope")))

    assert "no resource-based policy allows" in message


@pytest.mark.parametrize(
    ("condition", "lets_in"),
    [
        ({"StringEquals": {"events:source": "shop"}}, True),
        ({"StringEquals": {"events:source": "other"}}, False),
        ({"StringEquals": {"events:detail-type": ["x", "order"]}}, True),
        ({"BoolIfExists": {"events:eventBusInvocation": "true"}}, False),
        ({"Bool": {"events:eventBusInvocation": "false"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": HERE}}, True),
        # There is no rule in a direct call.
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": HERE}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-2"}}, False),
    ],
)
def test_conditions_see_the_entry_and_the_caller(
    ctx: Context,
    call: Call,
    friend: Context,
    memory_sink: MemorySink,
    condition: dict[str, Any],
    lets_in: bool,
) -> None:
    ctx.organization_id = "o-1"
    let_in(friend, Condition=condition)
    entry = make_entry(bus_arn(THERE, friend.region))

    if lets_in:
        call("PutEvents", Entries=[entry])
    else:
        refuse(call, entry)

    assert len(memory_sink.payloads) == lets_in


def test_an_entry_that_is_refused_anyway_asks_for_no_permission(
    call: Call, friend: Context
) -> None:
    arn = bus_arn(THERE, friend.region)

    answer = call("PutEvents", Entries=[make_entry(arn, Detail="{")])

    assert answer["Entries"][0]["ErrorCode"] == "MalformedDetail"


def test_the_own_event_bus_takes_everything_that_nothing_denies(
    ctx: Context, call: Call
) -> None:
    own = make_entry(bus_arn(HERE, EAST))

    let_in(ctx, Principal={"AWS": THERE})
    call("PutEvents", Entries=[own])
    let_in(ctx, Effect="Deny", Condition={"StringEquals": {"events:source": "shop"}})
    call("PutEvents", Entries=[{**own, "Source": "other"}])

    assert "with an explicit deny" in refuse(call, own)
    assert count_events(ctx) == 2


def test_an_event_that_was_put_across_accounts_may_still_be_forwarded(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    # Putting is no hop: it did not come from another event bus.
    friend = ctx.act_as(THERE, EAST)
    let_in(friend)
    pattern = '{"source":["shop"]}'
    call_operation(friend, "CreateEventBus", {"Name": "b"})
    for bus, arn in (
        ("default", bus_arn(THERE, EAST, "b")),
        ("b", f"arn:aws:sqs:{EAST}:{THERE}:inbox"),
    ):
        rule = {"Name": "r", "EventPattern": pattern, "EventBusName": bus}
        call_operation(friend, "PutRule", rule)
        targets = [{"Id": "1", "Arn": arn}]
        call_operation(
            friend,
            "PutTargets",
            {"Rule": "r", "EventBusName": bus, "Targets": targets},
        )

    call("PutEvents", Entries=[make_entry(bus_arn(THERE, EAST))])

    (event,) = map(json.loads, memory_sink.payloads)
    assert event["account"] == HERE


def test_an_endpoint_opens_no_event_bus_that_denies_its_callers(
    ctx: Context, call: Call
) -> None:
    call(
        "CreateEndpoint",
        Name="global",
        RoutingConfig={
            "FailoverConfig": {
                "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/h"},
                "Secondary": {"Route": WEST},
            }
        },
        ReplicationConfig={"State": "DISABLED"},
        EventBuses=[{"EventBusArn": bus_arn(HERE, region)} for region in (EAST, WEST)],
    )
    endpoint_id = call("DescribeEndpoint", Name="global")["EndpointId"]
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}

    call("PutEvents", EndpointId=endpoint_id, Entries=[entry])
    let_in(ctx, Effect="Deny")

    with pytest.raises(AccessDeniedException):
        call("PutEvents", EndpointId=endpoint_id, Entries=[entry])
    assert count_events(ctx) == 1
