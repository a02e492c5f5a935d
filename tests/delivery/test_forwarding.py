"""Event buses as targets. Source: the delivery reference §4.17, §5, §7."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.delivery.scheduled.scheduler import set_clock, tick
from evcli.operations import call as call_operation
from evcli.operations.rules import find_rule
from evcli.operations.targets import store_target
from evcli.store.accepted_events import EventConditions
from evcli.store.deliveries import DELIVERED, FAILED
from tests.delivery.crash_driver import crash

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]


HERE, THERE, ELSEWHERE = "000000000000", "222222222222", "333333333333"
EAST, WEST = "us-east-1", "us-west-2"
ROLE = f"arn:aws:iam::{HERE}:role/r"
QUEUE = f"arn:aws:sqs:{EAST}:{HERE}:dead"
DETAIL = '{"price":1.10,"name":"Zoë","big":12345678901234567890.0}'


def bus_arn(account_id: str, region: str, name: str = "default") -> str:
    return f"arn:aws:events:{region}:{account_id}:event-bus/{name}"


def run(ctx: Context, name: str, **request: Any) -> dict[str, Any]:
    return call_operation(ctx, name, request)


def make_rule(
    ctx: Context, *targets: dict[str, Any], bus: str = "default", **rule: Any
) -> None:
    """Put a rule, `r`, that matches everything, and its targets."""
    if bus != "default" and not any(
        each["Name"] == bus for each in run(ctx, "ListEventBuses")["EventBuses"]
    ):
        run(ctx, "CreateEventBus", Name=bus)
    rule = rule or {"EventPattern": '{"source":[{"prefix":""}]}'}
    run(ctx, "PutRule", Name="r", EventBusName=bus, **rule)
    run(ctx, "PutTargets", Rule="r", EventBusName=bus, Targets=list(targets))


def inbox(ctx: Context) -> dict[str, Any]:
    """A target that stands at the end of the way."""
    return {"Id": "1", "Arn": f"arn:aws:sqs:{ctx.region}:{ctx.account_id}:inbox"}


def to_bus(account_id: str, region: str, name: str, **more: Any) -> dict[str, Any]:
    role = {} if (account_id, region) == (HERE, EAST) else {"RoleArn": ROLE}
    return {"Id": "b", "Arn": bus_arn(account_id, region, name), **role, **more}


def let_in(ctx: Context, name: str = "default", **changes: Any) -> None:
    """Let everybody put events on an event bus, or whom the changes say."""
    statement = {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": bus_arn(ctx.account_id, ctx.region, name),
        **changes,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    run(ctx, "PutPermission", EventBusName=name, Policy=json.dumps(policy))


def put(ctx: Context, **changes: Any) -> str:
    entry = {"Source": "shop", "DetailType": "order", "Detail": DETAIL, **changes}
    answer = run(ctx, "PutEvents", Entries=[entry])
    assert answer["FailedEntryCount"] == 0
    event_id: str = answer["Entries"][0]["EventId"]
    return event_id


def tell(ctx: Context) -> list[tuple[Any, ...]]:
    """Every delivery: target, state, attempts, error."""
    return [
        (each.target_arn, each.state, each.attempts, each.error_code)
        for each in ctx.store.ledger.list_deliveries()
    ]


def tell_failure(ctx: Context) -> tuple[str | None, str | None]:
    (failed,) = ctx.store.ledger.list_deliveries(state=FAILED)
    assert failed.attempts == 1
    return failed.error_code, failed.error_message


# -- what arrives


@pytest.mark.parametrize(
    ("account_id", "region", "keeps_id"),
    [
        (HERE, EAST, True),  # [guess]
        (THERE, EAST, True),  # [aws]
        (HERE, WEST, False),  # [aws]
        (THERE, WEST, False),  # [aws]
    ],
)
def test_only_another_region_changes_the_event_and_only_its_id(
    ctx: Context, memory_sink: MemorySink, account_id: str, region: str, keeps_id: bool
) -> None:
    receiver = ctx.act_as(account_id, region)
    make_rule(receiver, inbox(receiver), bus="b")
    let_in(receiver, "b")
    make_rule(ctx, inbox(ctx), to_bus(account_id, region, "b"))

    event_id = put(ctx, Resources=["arn:aws:x:r0"], Time="2024-01-02T03:04:05Z")

    sent, received = memory_sink.payloads
    arrived_id = json.loads(received)["id"]
    assert (arrived_id == event_id) is keeps_id
    assert received.replace(arrived_id, event_id) == sent
    assert json.loads(sent)["account"] == HERE
    assert json.loads(sent)["region"] == EAST
    assert memory_sink.deliveries[1].rule_arn == (
        f"arn:aws:events:{region}:{account_id}:rule/b/r"
    )


def test_the_event_is_sent_as_it_is_to_the_last_character(
    ctx: Context, memory_sink: MemorySink
) -> None:
    receiver = ctx.act_as(HERE, WEST)
    make_rule(receiver, inbox(receiver))
    make_rule(ctx, to_bus(HERE, WEST, "default"))

    put(ctx)

    (received,) = memory_sink.payloads
    assert received.endswith(f',"resources":[],"detail":{DETAIL}}}')


def test_an_event_of_the_greatest_depth_crosses_regions(
    ctx: Context, memory_sink: MemorySink
) -> None:
    detail = '{"a":' + "[" * 999 + "]" * 999 + "}"
    receiver = ctx.act_as(HERE, WEST)
    make_rule(receiver, inbox(receiver))
    make_rule(ctx, to_bus(HERE, WEST, "default"))

    put(ctx, Detail=detail)

    (received,) = memory_sink.payloads
    assert received.endswith(f',"detail":{detail}}}')


@pytest.mark.parametrize(
    ("sender", "receiver"), [("default", "b"), ("a", "b"), ("a", "default")]
)
def test_default_and_custom_event_buses_forward_to_each_other(
    ctx: Context, memory_sink: MemorySink, sender: str, receiver: str
) -> None:  # [aws]
    make_rule(ctx, inbox(ctx), bus=receiver)
    make_rule(ctx, to_bus(HERE, EAST, receiver), bus=sender)

    event_id = put(ctx, EventBusName=sender)

    assert [json.loads(each)["id"] for each in memory_sink.payloads] == [event_id]
    assert [each.event.event_bus_name for each in memory_sink.deliveries] == [receiver]


def test_events_of_aws_are_forwarded_though_nobody_could_put_them(
    ctx: Context, clock: VirtualClock, memory_sink: MemorySink
) -> None:  # [aws]
    make_rule(ctx, inbox(ctx), bus="b")
    make_rule(ctx, to_bus(HERE, EAST, "b"), ScheduleExpression="rate(1 hour)")

    tick(ctx, clock.now() + timedelta(minutes=61))

    (received,) = map(json.loads, memory_sink.payloads)
    assert received["source"] == "aws.events"
    assert received["detail-type"] == "Scheduled Event"


def test_a_receiver_that_wants_its_own_events_leaves_a_forwarded_one(
    ctx: Context, memory_sink: MemorySink
) -> None:
    receiver = ctx.act_as(THERE, EAST)
    make_rule(receiver, inbox(receiver), EventPattern=f'{{"account":["{THERE}"]}}')
    let_in(receiver)
    make_rule(ctx, to_bus(THERE, EAST, "default"))

    put(ctx)
    put(receiver)

    assert [json.loads(each)["account"] for each in memory_sink.payloads] == [THERE]


def test_archives_of_the_receiver_keep_the_event(
    ctx: Context, memory_sink: MemorySink
) -> None:
    run(ctx, "CreateEventBus", Name="b")
    arn = bus_arn(HERE, EAST, "b")
    run(ctx, "CreateArchive", ArchiveName="a", EventSourceArn=arn)
    make_rule(ctx, to_bus(HERE, EAST, "b"))

    put(ctx)

    assert run(ctx, "DescribeArchive", ArchiveName="a")["EventCount"] == 1
    assert memory_sink.payloads == []


def test_a_replayed_event_is_forwarded_again(
    ctx: Context, clock: VirtualClock, memory_sink: MemorySink
) -> None:
    make_rule(ctx, inbox(ctx), bus="b")
    make_rule(ctx, to_bus(HERE, EAST, "b"))
    arn = bus_arn(HERE, EAST)
    run(ctx, "CreateArchive", ArchiveName="a", EventSourceArn=arn)
    event_id = put(ctx)

    clock.advance(3600)
    run(
        ctx,
        "StartReplay",
        ReplayName="p",
        EventSourceArn=f"arn:aws:events:{EAST}:{HERE}:archive/a",
        EventStartTime=clock.now() - timedelta(hours=2),
        EventEndTime=clock.now(),
        Destination={"Arn": arn},
    )
    tick(ctx, clock.now())

    first, second = map(json.loads, memory_sink.payloads)
    assert "replay-name" not in first
    assert (second["id"], second["replay-name"]) == (event_id, "p")


def test_the_ledger_leads_from_the_old_id_to_the_new_one(
    ctx: Context, memory_sink: MemorySink
) -> None:
    receiver = ctx.act_as(HERE, WEST)
    make_rule(receiver, inbox(receiver))
    make_rule(ctx, to_bus(HERE, WEST, "default"))

    event_id = put(ctx)

    (sent,) = ctx.store.ledger.list_deliveries(event_id=event_id)
    (attempt,) = ctx.store.ledger.list_attempts(sent.delivery_key)
    (received,) = memory_sink.deliveries
    assert attempt.output == f"Event {received.event.event_id}"


def test_an_event_may_go_to_several_event_buses_at_once(
    ctx: Context, memory_sink: MemorySink
) -> None:
    for name in ("b", "c"):
        make_rule(ctx, inbox(ctx), bus=name)
    targets = [{**to_bus(HERE, EAST, name), "Id": name} for name in ("b", "c")]
    make_rule(ctx, *targets)

    put(ctx)

    buses = [each.event.event_bus_name for each in memory_sink.deliveries]
    assert sorted(buses) == ["b", "c"]


# -- one hop


@pytest.mark.parametrize(
    ("account_id", "region", "code"),
    [
        (HERE, EAST, "THIRD_ACCOUNT_HOP_DETECTED"),
        (ELSEWHERE, EAST, "THIRD_ACCOUNT_HOP_DETECTED"),
        (ELSEWHERE, WEST, "THIRD_ACCOUNT_HOP_DETECTED"),
        (HERE, WEST, "THIRD_REGION_HOP_DETECTED"),
    ],
)
def test_an_event_from_another_event_bus_is_not_sent_on(
    ctx: Context, memory_sink: MemorySink, account_id: str, region: str, code: str
) -> None:
    third = ctx.act_as(account_id, region)
    make_rule(third, inbox(third), bus="c")
    let_in(third, "c")
    make_rule(ctx, to_bus(account_id, region, "c"), bus="b")
    make_rule(ctx, to_bus(HERE, EAST, "b"))

    put(ctx)

    assert tell(ctx) == [
        (bus_arn(HERE, EAST, "b"), DELIVERED, 1, None),
        (bus_arn(account_id, region, "c"), FAILED, 1, code),
    ]
    assert memory_sink.payloads == []


def test_two_event_buses_that_forward_to_each_other_stop_at_once(
    ctx: Context, memory_sink: MemorySink
) -> None:
    make_rule(ctx, to_bus(HERE, EAST, "default"), inbox(ctx), bus="b")
    make_rule(ctx, to_bus(HERE, EAST, "b"))

    put(ctx)

    assert tell(ctx) == [
        (bus_arn(HERE, EAST, "b"), DELIVERED, 1, None),
        (inbox(ctx)["Arn"], DELIVERED, 1, None),
        (bus_arn(HERE, EAST), FAILED, 1, "THIRD_ACCOUNT_HOP_DETECTED"),
    ]
    assert len(memory_sink.payloads) == 1


def test_an_event_bus_that_forwards_to_itself_does_so_once(
    ctx: Context, memory_sink: MemorySink
) -> None:
    make_rule(ctx, to_bus(HERE, EAST, "default"), inbox(ctx))

    put(ctx)

    assert len(memory_sink.payloads) == 2
    assert tell_failure(ctx) == (
        "THIRD_ACCOUNT_HOP_DETECTED",
        "The event came from another event bus and is not sent on to a third one.",
    )


def test_a_hop_too_many_is_dead_lettered_without_a_retry(
    ctx: Context, memory_sink: MemorySink
) -> None:
    make_rule(
        ctx, to_bus(HERE, EAST, "default", DeadLetterConfig={"Arn": QUEUE}), bus="b"
    )
    make_rule(ctx, to_bus(HERE, EAST, "b"))

    put(ctx)

    (request,) = memory_sink.requests
    attributes = request["request"]["MessageAttributes"]
    values = {name: each["StringValue"] for name, each in attributes.items()}
    assert request["action"] == "sqs:SendMessage"
    assert values == {
        "RULE_ARN": f"arn:aws:events:{EAST}:{HERE}:rule/b/r",
        "TARGET_ARN": bus_arn(HERE, EAST),
        "ERROR_CODE": "THIRD_ACCOUNT_HOP_DETECTED",
        "ERROR_MESSAGE": "The event came from another event bus and is not sent on to"
        " a third one.",
        "RETRY_ATTEMPTS": "0",
    }


# -- whether it exists


@pytest.mark.parametrize(
    ("account_id", "region", "name"),
    [(HERE, EAST, "nope"), (THERE, EAST, "nope"), (HERE, WEST, "nope")],
)
def test_an_event_bus_that_does_not_exist_is_no_resource(
    ctx: Context, account_id: str, region: str, name: str
) -> None:
    make_rule(ctx, to_bus(account_id, region, name))

    put(ctx)

    arn = bus_arn(account_id, region, name)
    assert tell_failure(ctx) == ("NO_RESOURCE", f"Event bus {arn} does not exist.")


def test_a_bus_arn_of_another_partition_is_no_resource(ctx: Context) -> None:
    arn = f"arn:aws-cn:events:{EAST}:{HERE}:event-bus/default"
    make_rule(ctx, {"Id": "1", "Arn": arn})

    put(ctx)

    assert tell_failure(ctx) == ("NO_RESOURCE", f"Event bus {arn} does not exist.")


# -- permission


def test_another_account_that_has_no_policy_lets_nothing_in(
    ctx: Context, memory_sink: MemorySink
) -> None:
    receiver = ctx.act_as(THERE, EAST)
    make_rule(receiver, inbox(receiver))
    make_rule(ctx, to_bus(THERE, EAST, "default", DeadLetterConfig={"Arn": QUEUE}))

    put(ctx)

    message = (
        f"The policy of {bus_arn(THERE, EAST)} has no statement that allows"
        f" events:PutEvents to account {HERE}."
    )
    assert tell_failure(ctx) == ("NO_PERMISSIONS", message)
    (letter,) = memory_sink.requests
    attributes = letter["request"]["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert attributes["ERROR_MESSAGE"]["StringValue"] == message
    assert len(ctx.notices) == 1


def test_a_permission_for_the_sending_account_lets_its_events_in(
    ctx: Context, memory_sink: MemorySink
) -> None:
    receiver = ctx.act_as(THERE, EAST)
    make_rule(receiver, inbox(receiver))
    run(
        receiver,
        "PutPermission",
        Action="events:PutEvents",
        Principal=HERE,
        StatementId="friend",
    )
    make_rule(ctx, to_bus(THERE, EAST, "default"))

    put(ctx)

    assert len(memory_sink.payloads) == 1


def test_a_denial_names_its_statement(ctx: Context) -> None:
    receiver = ctx.act_as(THERE, EAST)
    let_in(receiver, Sid="no", Effect="Deny")
    make_rule(ctx, to_bus(THERE, EAST, "default"))

    put(ctx)

    assert tell_failure(ctx) == (
        "NO_PERMISSIONS",
        f"Statement 'no' of the policy of {bus_arn(THERE, EAST)} denies"
        f" events:PutEvents to account {HERE}.",
    )


def test_the_own_account_needs_no_permission_but_can_be_denied(
    ctx: Context, memory_sink: MemorySink
) -> None:  # [guess]
    make_rule(ctx, inbox(ctx), bus="b")
    make_rule(ctx, to_bus(HERE, EAST, "b"))

    let_in(ctx, "b", Principal={"AWS": ELSEWHERE})
    put(ctx)
    let_in(ctx, "b", Effect="Deny")
    put(ctx)

    assert len(memory_sink.payloads) == 1
    assert tell_failure(ctx)[0] == "NO_PERMISSIONS"


RULE = f"arn:aws:events:{EAST}:{HERE}:rule/r"


@pytest.mark.parametrize(
    ("condition", "lets_in"),
    [
        ({"ArnEquals": {"aws:SourceArn": RULE}}, True),
        ({"ArnEquals": {"aws:SourceArn": RULE + "x"}}, False),
        ({"StringEquals": {"aws:SourceAccount": HERE}}, True),
        ({"StringEquals": {"aws:SourceAccount": THERE}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": HERE}}, True),
        ({"StringEquals": {"events:source": "shop"}}, True),
        ({"StringEquals": {"events:source": "other"}}, False),
        ({"StringEquals": {"events:detail-type": "order"}}, True),
        ({"Bool": {"events:eventBusInvocation": "true"}}, True),
        ({"Bool": {"events:eventBusInvocation": "false"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2024-05-15T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2024-05-14T00:00:00Z"}}, False),
    ],
)
def test_conditions_see_the_event_the_rule_and_its_account(
    ctx: Context, memory_sink: MemorySink, condition: dict[str, Any], lets_in: bool
) -> None:
    receiver = ctx.act_as(THERE, EAST)
    make_rule(receiver, inbox(receiver))
    let_in(receiver, Condition=condition)
    make_rule(ctx, to_bus(THERE, EAST, "default"))

    put(ctx)

    assert len(memory_sink.payloads) == lets_in


@pytest.mark.parametrize(
    ("organization", "has_role", "lets_in"),
    [
        ("o-1", True, True),
        # As earlier versions of evcli took it; AWS asks for a role.
        ("o-1", False, False),
        ("o-2", True, False),
        (None, True, False),
    ],
)
def test_a_grant_to_an_organization_asks_for_it_and_for_a_role(
    ctx: Context,
    memory_sink: MemorySink,
    organization: str | None,
    has_role: bool,
    lets_in: bool,
) -> None:
    receiver = ctx.act_as(THERE, EAST)
    make_rule(receiver, inbox(receiver))
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}
    run(
        receiver,
        "PutPermission",
        Action="events:PutEvents",
        Principal="*",
        StatementId="org",
        Condition=condition,
    )
    ctx.organization_id = organization
    target = to_bus(THERE, EAST, "default")
    make_rule(ctx, target)
    if not has_role:
        del target["RoleArn"]
        with ctx.store.transaction():
            store_target(ctx, find_rule(ctx, "default", "r"), target)

    put(ctx)

    assert len(memory_sink.payloads) == lets_in
    if not lets_in:
        assert tell_failure(ctx) == (
            "NO_PERMISSIONS",
            f"The policy of {bus_arn(THERE, EAST)} has no statement that allows"
            f" events:PutEvents to account {HERE}; statement 'org' would but for"
            " StringEquals aws:PrincipalOrgID.",
        )


def test_a_worker_knows_the_organization_of_every_account_from_its_profile(
    ctx: Context, memory_sink: MemorySink
) -> None:
    receiver, sender = ctx.act_as(THERE, EAST), ctx.act_as(ELSEWHERE, EAST)
    make_rule(receiver, inbox(receiver))
    let_in(receiver, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    make_rule(sender, to_bus(THERE, EAST, "default", RoleArn=ROLE))
    profiles = {"p": {"account": ELSEWHERE, "organization": "o-1"}, "q": {}}

    put(sender)
    sender.configuration = {"organization": "o-2", "profiles": profiles}
    put(sender)

    assert len(memory_sink.payloads) == 1


# -- once, whatever happens


@pytest.mark.parametrize("how", ["lines", "moments"])
def test_forwards_killed_anywhere_arrive_once(
    ctx: Context, state_directory: Path, how: str, kills: int
) -> None:
    make_rule(ctx, inbox(ctx), bus="b")
    make_rule(ctx, to_bus(HERE, EAST, "b"))

    killed, _ = crash(state_directory, how, "put", kills, seed=2)
    set_clock(ctx, ctx.clock.now())
    worker = open_context(str(state_directory))
    tick(worker, worker.clock.now())
    worker.close()

    assert killed == kills
    events = ctx.store.accepted_events.list_after(EventConditions(), 0)
    arrivals = Counter((each.event_id, each.event_bus_name) for each in events)
    assert set(arrivals.values()) == {1}
    sent = {event_id for event_id, bus in arrivals if bus == "default"}
    assert {event_id for event_id, bus in arrivals if bus == "b"} == sent
    assert {each.state for each in ctx.store.ledger.list_deliveries()} == {DELIVERED}
    (file,) = (state_directory / "sinks").rglob("*.jsonl")
    lines = Counter(
        json.loads(line)["eventId"] for line in file.read_text().splitlines()
    )
    assert lines == dict.fromkeys(sent, 1)
