"""Event buses. Each test marks its source.

Long, because five operations and the partner event sources behind them are one story.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError
from evcli.store.records import EventBus, EventSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/"
SOURCE = "aws.partner/shop.example/orders/eu"
QUEUE = {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"}
LOG = {"IncludeDetail": "FULL", "Level": "ERROR"}
NAME_REGEX = r"[/\.\-_A-Za-z0-9]+"


# -- CreateEventBus


def test_create_answers_the_arn_alone_when_only_a_name_is_given(call: Call) -> None:
    response = call("CreateEventBus", Name="orders")

    assert response == {"EventBusArn": f"{BUS_ARN}orders"}  # [aws]


def test_create_echoes_the_settings_but_never_the_tags(call: Call) -> None:
    settings = {
        "Description": "all orders",
        "KmsKeyIdentifier": "alias/key",
        "DeadLetterConfig": QUEUE,
        "LogConfig": LOG,
    }

    response = call(
        "CreateEventBus", Name="orders", Tags=[{"Key": "a", "Value": "b"}], **settings
    )

    assert response == {"EventBusArn": f"{BUS_ARN}orders", **settings}  # [aws] [doc]
    assert list(response) == ["EventBusArn", *settings]


def test_create_stores_the_tags(call: Call) -> None:
    call("CreateEventBus", Name="orders", Tags=[{"Key": "a", "Value": "b"}])

    tags = call("ListTagsForResource", ResourceARN=f"{BUS_ARN}orders")

    assert tags == {"Tags": [{"Key": "a", "Value": "b"}]}  # [aws]


def test_create_sets_both_times_to_the_whole_second(
    call: Call, clock: VirtualClock, now: datetime
) -> None:
    clock.set(now + timedelta(milliseconds=512))

    call("CreateEventBus", Name="orders")

    assert call("DescribeEventBus", Name="orders") == {
        "Name": "orders",
        "Arn": f"{BUS_ARN}orders",
        "CreationTime": now,
        "LastModifiedTime": now,
    }


@pytest.mark.parametrize("name", ["orders", "default"])  # [aws], [peer]
def test_create_refuses_a_name_that_is_taken(
    call: Call, refused: Refused, name: str
) -> None:
    call("CreateEventBus", Name="orders")

    refusal = refused("CreateEventBus", Name=name)

    assert refusal == (
        f"ResourceAlreadyExistsException: Event bus {name} already exists."
    )


def test_create_refuses_default_also_once_it_is_stored(
    call: Call, refused: Refused
) -> None:
    call("UpdateEventBus", Description="mine")

    refusal = refused("CreateEventBus", Name="default")

    assert refusal == (
        "ResourceAlreadyExistsException: Event bus default already exists."
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        # [aws]
        ({"Name": "aws.x"}, "EventBus name starting with 'aws.' is not valid."),
        ({"Name": SOURCE}, "EventBus name starting with 'aws.' is not valid."),
        # [peer]
        ({"Name": "a/b"}, "Event bus name must not contain '/'."),
        # [doc] rule, [guess] text
        (
            {"Name": "orders", "EventSourceName": SOURCE},
            "Event bus name must match the event source name.",
        ),
        # [doc] + [aws] format
        (
            {"Name": f"{BUS_ARN}b"},
            f"1 validation error detected: Value '{BUS_ARN}b' at 'name' failed to"
            " satisfy constraint: Member must satisfy regular expression pattern:"
            f" {NAME_REGEX}",
        ),
        (
            {"Name": "n", "EventSourceName": "aws.partner/one"},
            "1 validation error detected: Value 'aws.partner/one' at"
            " 'eventSourceName' failed to satisfy constraint: Member must satisfy"
            r" regular expression pattern: aws\.partner(/[\.\-_A-Za-z0-9]+){2,}",
        ),
    ],
)
def test_create_refuses_names_that_will_not_do(
    refused: Refused, request_: dict[str, Any], message: str
) -> None:
    assert refused("CreateEventBus", **request_) == f"ValidationException: {message}"


def test_create_reports_every_violation_at_once(refused: Refused) -> None:
    refusal = refused("CreateEventBus", Name="a b" + "c" * 254, Description="d" * 513)

    assert refusal == (  # [aws] pattern before length, model order, "; "
        f"ValidationException: 3 validation errors detected: Value 'a b{'c' * 254}' at"
        " 'name' failed to satisfy constraint: Member must satisfy regular expression"
        f" pattern: {NAME_REGEX}; Value 'a b{'c' * 254}' at 'name' failed to satisfy"
        " constraint: Member must have length less than or equal to 256; Value"
        f" '{'d' * 513}' at 'description' failed to satisfy constraint: Member must"
        " have length less than or equal to 512"
    )


def test_create_counts_the_default_event_bus_against_the_quota(
    ctx: Context, call: Call, refused: Refused
) -> None:
    ctx.quotas["event_buses"] = 3
    call("CreateEventBus", Name="second")
    call("CreateEventBus", Name="third")

    refusal = refused("CreateEventBus", Name="fourth")

    assert refusal == (  # [doc] count, [guess] text
        "LimitExceededException: The requested resource exceeds the maximum number"
        " allowed."
    )


def test_create_counts_a_stored_default_event_bus_once(
    ctx: Context, call: Call
) -> None:
    ctx.quotas["event_buses"] = 2
    call("UpdateEventBus", Name="default", Description="mine")

    response = call("CreateEventBus", Name="second")

    assert response == {"EventBusArn": f"{BUS_ARN}second"}


def test_the_quota_is_100_event_buses(ctx: Context) -> None:
    assert ctx.quotas["event_buses"] == 100  # [doc]


def test_one_name_in_three_regions_is_three_event_buses(
    call: Call, call_as: Call
) -> None:
    regions = ["us-east-1", "eu-west-1", "cn-north-1"]

    for region in regions:
        call_as("0" * 12, region, "CreateEventBus", Name="b", Description=region)

    assert [  # [aws]
        call_as("0" * 12, region, "DescribeEventBus", Name="b")["Description"]
        for region in regions
    ] == regions


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
def test_the_arn_has_the_partition_of_its_region(
    call_as: Call, region: str, partition: str
) -> None:
    response = call_as("1" * 12, region, "CreateEventBus", Name="b")

    assert response == {
        "EventBusArn": f"arn:{partition}:events:{region}:111111111111:event-bus/b"
    }


def test_a_recreated_event_bus_has_no_tags_and_no_policy(call: Call) -> None:
    call("CreateEventBus", Name="b", Tags=[{"Key": "a", "Value": "b"}])
    call("PutPermission", EventBusName="b", Policy='{"Statement":[]}')
    call("DeleteEventBus", Name="b")

    call("CreateEventBus", Name="b")

    assert call("ListTagsForResource", ResourceARN=f"{BUS_ARN}b") == {"Tags": []}
    assert "Policy" not in call("DescribeEventBus", Name="b")


# -- partner event buses


def put_event_source(ctx: Context, now: datetime, **changes: Any) -> EventSource:
    source = EventSource(
        region="us-east-1",
        name=SOURCE,
        account_id=ctx.account_id,
        partner_account_id="9" * 12,
        state="PENDING",
        created_at=now,
        expires_at=now + timedelta(days=14),
    ).replace(**changes)
    with ctx.store.transaction():
        ctx.store.put(source)
    return source


def get_event_source(ctx: Context) -> EventSource | None:
    return ctx.store.get(EventSource, "us-east-1", SOURCE, ctx.account_id)


def test_creating_the_event_bus_of_an_event_source_activates_it(
    ctx: Context, call: Call, now: datetime
) -> None:
    source = put_event_source(ctx, now)

    response = call("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert response == {"EventBusArn": BUS_ARN + SOURCE}
    assert get_event_source(ctx) == source.replace(state="ACTIVE", expires_at=None)


def test_creating_a_partner_event_bus_needs_its_event_source(refused: Refused) -> None:
    refusal = refused("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert refusal == (  # [peer]
        f"ResourceNotFoundException: Event source {SOURCE} does not exist."
    )


def test_an_event_source_offered_to_another_account_is_unknown(
    ctx: Context, refused: Refused, now: datetime
) -> None:
    put_event_source(ctx, now, account_id="2" * 12)

    refusal = refused("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert refusal == (
        f"ResourceNotFoundException: Event source {SOURCE} does not exist."
    )


def test_an_event_source_that_waited_14_days_is_gone(
    ctx: Context, refused: Refused, clock: VirtualClock, now: datetime
) -> None:
    put_event_source(ctx, now)
    clock.advance(14 * 86_400)

    refusal = refused("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert refusal == (
        f"ResourceNotFoundException: Event source {SOURCE} does not exist."
    )


def test_a_withdrawn_event_source_gets_no_event_bus(
    ctx: Context, refused: Refused, now: datetime
) -> None:
    put_event_source(ctx, now, state="DELETED", expires_at=None)

    refusal = refused("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert refusal == (
        f"InvalidStateException: Event source {SOURCE} is not in a valid state for"
        " this operation."
    )


def test_a_refused_partner_event_bus_leaves_its_event_source_pending(
    ctx: Context, refused: Refused, now: datetime
) -> None:
    source = put_event_source(ctx, now)
    ctx.quotas["event_buses"] = 1

    refused("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert get_event_source(ctx) == source
    assert ctx.store.list_records(EventBus) == []


def test_deleting_a_partner_event_bus_lets_its_event_source_wait_again(
    ctx: Context, call: Call, clock: VirtualClock, now: datetime
) -> None:
    source = put_event_source(ctx, now)
    call("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)
    clock.advance(86_400)

    call("DeleteEventBus", Name=SOURCE)

    assert get_event_source(ctx) == source.replace(
        state="PENDING", expires_at=now + timedelta(days=15)
    )


def test_deleting_the_event_bus_of_a_withdrawn_event_source_ends_it(
    ctx: Context, call: Call, now: datetime
) -> None:
    put_event_source(ctx, now)
    call("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)
    put_event_source(ctx, now, state="DELETED", expires_at=None)

    call("DeleteEventBus", Name=SOURCE)

    assert get_event_source(ctx) is None


def test_a_partner_event_bus_can_be_updated(
    ctx: Context, call: Call, now: datetime
) -> None:
    put_event_source(ctx, now)
    call("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    response = call("UpdateEventBus", Name=SOURCE, LogConfig=LOG)

    assert response == {  # [aws]
        "Arn": BUS_ARN + SOURCE,
        "Name": SOURCE,
        "LogConfig": LOG,
    }


def test_a_partner_event_bus_is_found_by_its_arn(
    ctx: Context, call: Call, now: datetime
) -> None:
    put_event_source(ctx, now)
    call("CreateEventBus", Name=SOURCE, EventSourceName=SOURCE)

    assert call("DescribeEventBus", Name=BUS_ARN + SOURCE)["Name"] == SOURCE  # [aws]


# -- UpdateEventBus


def test_update_answers_the_event_bus_after_the_change(call: Call) -> None:
    call("CreateEventBus", Name="b", Description="old", DeadLetterConfig=QUEUE)

    response = call("UpdateEventBus", Name="b", Description="new", KmsKeyIdentifier="k")

    assert response == {
        "Arn": f"{BUS_ARN}b",
        "Name": "b",
        "KmsKeyIdentifier": "k",
        "Description": "new",
        "DeadLetterConfig": QUEUE,
    }
    assert list(response)[2:4] == ["KmsKeyIdentifier", "Description"]


def test_update_keeps_the_creation_time(
    call: Call, clock: VirtualClock, now: datetime
) -> None:
    call("CreateEventBus", Name="b")
    clock.advance(60)

    call("UpdateEventBus", Name="b", Description="new")

    assert call("DescribeEventBus", Name="b") == {
        "Name": "b",
        "Arn": f"{BUS_ARN}b",
        "Description": "new",
        "CreationTime": now,
        "LastModifiedTime": now + timedelta(seconds=60),
    }


def test_update_clears_with_an_empty_string(call: Call) -> None:
    call("CreateEventBus", Name="b", Description="d", KmsKeyIdentifier="k")

    response = call("UpdateEventBus", Name="b", Description="", KmsKeyIdentifier="")

    assert response == {"Arn": f"{BUS_ARN}b", "Name": "b"}


def test_update_without_a_name_changes_the_default_event_bus(
    call: Call, clock: VirtualClock, now: datetime
) -> None:
    clock.advance(1)

    call("UpdateEventBus", Description="mine")

    assert call("DescribeEventBus") == {
        "Name": "default",
        "Arn": f"{BUS_ARN}default",
        "Description": "mine",
        "CreationTime": now,
        "LastModifiedTime": now + timedelta(seconds=1),
    }


def test_update_refuses_an_unknown_event_bus(refused: Refused) -> None:
    assert refused("UpdateEventBus", Name="nope") == (
        "ResourceNotFoundException: Event bus nope does not exist."
    )


# -- DeleteEventBus


def test_delete_of_an_unknown_event_bus_succeeds(call: Call) -> None:
    assert call("DeleteEventBus", Name="nope") == {}  # [aws]


def test_delete_removes_the_event_bus(call: Call, refused: Refused) -> None:
    call("CreateEventBus", Name="b")

    assert call("DeleteEventBus", Name="b") == {}

    assert refused("DescribeEventBus", Name="b") == (
        "ResourceNotFoundException: Event bus b does not exist."
    )


def test_delete_refuses_the_default_event_bus_before_anything_else(
    call: Call, refused: Refused
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")

    assert refused("DeleteEventBus", Name="default") == (  # [aws]
        "ValidationException: Cannot delete event bus default."
    )


def test_delete_refuses_an_event_bus_with_rules_and_deletes_nothing(
    call: Call, refused: Refused
) -> None:
    call("CreateEventBus", Name="b", Tags=[{"Key": "a", "Value": "b"}])
    call("PutRule", Name="r", EventBusName="b", EventPattern='{"source":["s"]}')

    refusal = refused("DeleteEventBus", Name="b")

    assert refusal == (  # [aws]; both peers delete
        "ValidationException: EventBus can't be deleted since it has rules."
    )
    assert len(call("ListRules", EventBusName="b")["Rules"]) == 1
    assert len(call("ListTagsForResource", ResourceARN=f"{BUS_ARN}b")["Tags"]) == 1


def test_delete_refuses_an_arn(refused: Refused) -> None:
    assert refused("DeleteEventBus", Name=f"{BUS_ARN}b") == (
        f"ValidationException: 1 validation error detected: Value '{BUS_ARN}b' at"
        " 'name' failed to satisfy constraint: Member must satisfy regular expression"
        f" pattern: {NAME_REGEX}"
    )


# -- DescribeEventBus


def test_every_account_and_region_has_a_default_event_bus(
    call_as: Call, now: datetime
) -> None:
    response = call_as("2" * 12, "eu-west-1", "DescribeEventBus")

    assert response == {  # [aws]
        "Name": "default",
        "Arn": "arn:aws:events:eu-west-1:222222222222:event-bus/default",
        "CreationTime": now,
        "LastModifiedTime": now,
    }


def test_describe_answers_every_member_in_model_order(call: Call) -> None:
    call(
        "CreateEventBus",
        Name="b",
        LogConfig=LOG,
        DeadLetterConfig=QUEUE,
        KmsKeyIdentifier="k",
        Description="d",
    )
    call("PutPermission", EventBusName="b", Policy="{}")

    response = call("DescribeEventBus", Name="b")

    assert list(response) == [
        "Name",
        "Arn",
        "Description",
        "KmsKeyIdentifier",
        "DeadLetterConfig",
        "Policy",
        "LogConfig",
        "CreationTime",
        "LastModifiedTime",
    ]


def test_describe_by_arn_looks_in_the_account_and_region_of_the_arn(
    call: Call, call_as: Call
) -> None:
    call_as("2" * 12, "eu-west-1", "CreateEventBus", Name="b", Description="theirs")
    arn = "arn:aws:events:eu-west-1:222222222222:event-bus/b"

    response = call("DescribeEventBus", Name=arn)

    assert (response["Arn"], response["Description"]) == (arn, "theirs")


@pytest.mark.parametrize(
    "name_or_arn",
    ["nope", f"{BUS_ARN}nope", "arn:aws:events:eu-west-1:222222222222:event-bus/nope"],
)
def test_describe_names_the_bare_name_of_an_unknown_event_bus(
    refused: Refused, name_or_arn: str
) -> None:
    assert refused("DescribeEventBus", Name=name_or_arn) == (  # [aws]
        "ResourceNotFoundException: Event bus nope does not exist."
    )


# -- ListEventBuses


def list_names(response: dict[str, Any]) -> list[str]:
    return [each["Name"] for each in response["EventBuses"]]


def test_list_has_the_default_event_bus_from_the_start(
    call: Call, now: datetime
) -> None:
    assert call("ListEventBuses") == {
        "EventBuses": [
            {
                "Name": "default",
                "Arn": f"{BUS_ARN}default",
                "CreationTime": now,
                "LastModifiedTime": now,
            }
        ]
    }


def test_list_items_have_description_and_policy_but_no_other_settings(
    call: Call, now: datetime
) -> None:
    call(
        "CreateEventBus",
        Name="b",
        Description="d",
        KmsKeyIdentifier="k",
        DeadLetterConfig=QUEUE,
        LogConfig=LOG,
    )
    call("PutPermission", EventBusName="b", Policy="{}")

    assert call("ListEventBuses", NamePrefix="b") == {  # [aws] [doc]
        "EventBuses": [
            {
                "Name": "b",
                "Arn": f"{BUS_ARN}b",
                "Description": "d",
                "Policy": "{}",
                "CreationTime": now,
                "LastModifiedTime": now,
            }
        ]
    }


def test_list_without_a_match_is_an_empty_list(call: Call) -> None:
    assert call("ListEventBuses", NamePrefix="zzz") == {"EventBuses": []}  # [aws]


def test_list_prefix_is_case_sensitive_and_from_the_start(call: Call) -> None:
    for name in ("orders", "Orders", "my-orders", "orders-eu"):
        call("CreateEventBus", Name=name)

    names = list_names(call("ListEventBuses", NamePrefix="orders"))

    assert names == ["orders", "orders-eu"]  # [aws]


@pytest.mark.parametrize("is_default_stored", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 100])
def test_list_pages_hold_each_event_bus_once_in_order(
    call: Call, limit: int, is_default_stored: bool
) -> None:
    for name in ("zulu", "alpha", "default-2", "Beta"):
        call("CreateEventBus", Name=name)
    if is_default_stored:
        call("UpdateEventBus", Description="stored")

    pages = [call("ListEventBuses", Limit=limit)]
    while "NextToken" in pages[-1] and len(pages) < 9:
        token = pages[-1]["NextToken"]
        pages.append(call("ListEventBuses", Limit=limit, NextToken=token))

    names = [list_names(page) for page in pages]
    everything = [name for page in names for name in page]
    assert everything == ["Beta", "alpha", "default", "default-2", "zulu"]
    assert [len(page) for page in names[:-1]] == [limit] * (len(names) - 1)
    assert names[-1]


def test_list_page_holds_100_when_no_limit_is_given(ctx: Context, call: Call) -> None:
    ctx.quotas["event_buses"] = 200
    for i in range(100):
        call("CreateEventBus", Name=f"bus-{i:03}")

    first = call("ListEventBuses")
    rest = call("ListEventBuses", NextToken=first["NextToken"])

    assert len(first["EventBuses"]) == 100  # [doc]
    assert list_names(rest) == ["default"]
    assert "NextToken" not in rest


@pytest.mark.parametrize("limit", [0, -1])
def test_list_limit_below_1_never_leaves_the_client(call: Call, limit: int) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call("ListEventBuses", Limit=limit)

    assert caught.value.problems == [
        f"Invalid value for parameter Limit, value: {limit}, valid min value: 1"
    ]


def test_list_limit_above_100_is_refused_by_the_service(refused: Refused) -> None:
    assert refused("ListEventBuses", Limit=101) == (
        "ValidationException: 1 validation error detected: Value '101' at 'limit'"
        " failed to satisfy constraint: Member must have value less than or equal to"
        " 100"
    )
