"""Global endpoints, and put-events through them.

Each test marks its source.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError, ResourceNotFoundException
from evcli.operations.endpoints import fail_over

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

ARN = "arn:aws:events:us-east-1:000000000000:endpoint/global"
EAST = "arn:aws:events:us-east-1:000000000000:event-bus/orders"
WEST = "arn:aws:events:us-west-2:000000000000:event-bus/orders"
ROLE = "arn:aws:iam::000000000000:role/replication"
HEALTH_CHECK = "arn:aws:route53:::healthcheck/0a1b2c"


def route_to(region: str) -> dict[str, Any]:
    return {
        "FailoverConfig": {
            "Primary": {"HealthCheck": HEALTH_CHECK},
            "Secondary": {"Route": region},
        }
    }


def list_buses(*arns: str) -> list[dict[str, str]]:
    return [{"EventBusArn": arn} for arn in arns]


def make_request(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "global",
        "RoutingConfig": route_to("us-west-2"),
        "ReplicationConfig": {"State": "DISABLED"},
        "EventBuses": list_buses(EAST, WEST),
        **changes,
    }


# -- CreateEndpoint


def test_create_answers_the_settings_and_creating(call: Call) -> None:
    response = call("CreateEndpoint", **make_request(RoleArn=ROLE, Description="d"))

    assert response == {  # [doc] no EndpointId, EndpointUrl or times
        "Name": "global",
        "Arn": ARN,
        "RoutingConfig": route_to("us-west-2"),
        "ReplicationConfig": {"State": "DISABLED"},
        "EventBuses": list_buses(EAST, WEST),
        "RoleArn": ROLE,
        "State": "CREATING",
    }
    assert list(response) == [
        "Name",
        "Arn",
        "RoutingConfig",
        "ReplicationConfig",
        "EventBuses",
        "RoleArn",
        "State",
    ]


def test_describe_shows_the_endpoint_active_with_id_and_url(
    call: Call, now: datetime
) -> None:
    call("CreateEndpoint", **make_request(Description="d"))

    response = call("DescribeEndpoint", Name="global")

    endpoint_id = response.pop("EndpointId")
    assert re.fullmatch(r"[a-z]{5}\.[a-z]{3}", endpoint_id)  # [doc] [aws] its looks
    assert response == {
        "Name": "global",
        "Description": "d",
        "Arn": ARN,
        "RoutingConfig": route_to("us-west-2"),
        "ReplicationConfig": {"State": "DISABLED"},
        "EventBuses": list_buses(EAST, WEST),
        "EndpointUrl": f"https://{endpoint_id}.endpoint.events.amazonaws.com",
        "State": "ACTIVE",
        "CreationTime": now,
        "LastModifiedTime": now,
    }


@pytest.mark.parametrize("given", [{}, {"ReplicationConfig": {}}])
def test_replication_is_on_unless_switched_off(
    call: Call, given: dict[str, Any]
) -> None:
    request = make_request(RoleArn=ROLE)
    del request["ReplicationConfig"]

    response = call("CreateEndpoint", **request, **given)

    assert response["ReplicationConfig"] == {"State": "ENABLED"}  # [doc]


@pytest.mark.parametrize(
    ("changes", "message"),
    [  # [doc] the first three rules, [guess] the fourth and the texts
        (
            {"ReplicationConfig": {"State": "ENABLED"}},
            "RoleArn is required when replication is enabled.",
        ),
        (
            {"EventBuses": list_buses(EAST, WEST.replace("orders", "other"))},
            "The event buses of an endpoint must have one name.",
        ),
        (
            {"EventBuses": list_buses(EAST, EAST)},
            "The event buses of an endpoint must be in different Regions.",
        ),
        (
            {"RoutingConfig": route_to("eu-west-1")},
            "The secondary Region eu-west-1 has none of the endpoint's event buses.",
        ),
    ],
)
@pytest.mark.parametrize("operation", ["CreateEndpoint", "UpdateEndpoint"])
def test_parts_that_do_not_fit_are_refused(
    call: Call,
    refused: Refused,
    operation: str,
    changes: dict[str, Any],
    message: str,
) -> None:
    if operation == "UpdateEndpoint":
        call("CreateEndpoint", **make_request())

    refusal = refused(operation, **make_request(**changes))

    assert refusal == f"ValidationException: {message}"


def test_one_event_bus_is_refused_by_the_client(call: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call("CreateEndpoint", **make_request(EventBuses=list_buses(EAST)))

    assert caught.value.problems == [  # [aws]
        "Invalid length for parameter EventBuses, value: 1, valid min length: 2"
    ]


def test_a_partner_event_bus_is_refused(refused: Refused) -> None:
    arn = "arn:aws:events:us-east-1:000000000000:event-bus/aws.partner/p/n/x"

    refusal = refused(
        "CreateEndpoint", **make_request(EventBuses=list_buses(arn, WEST))
    )

    assert refusal == (  # [doc] + [aws] format
        f"ValidationException: 1 validation error detected: Value '{arn}' at"
        " 'eventBuses.1.member.eventBusArn' failed to satisfy constraint: Member must"
        " satisfy regular expression pattern: ^arn:aws[a-z-]*:events:[a-z]+-[a-z-]+-\\d+:"
        "\\d{12}:event-bus/[\\w.-]+$"
    )


def test_create_refuses_a_name_that_is_taken(call: Call, refused: Refused) -> None:
    call("CreateEndpoint", **make_request())

    assert refused("CreateEndpoint", **make_request()) == (  # [peer]
        "ResourceAlreadyExistsException: Endpoint global already exists."
    )


def test_create_refuses_endpoints_over_the_quota(
    ctx: Context, call: Call, refused: Refused
) -> None:
    assert ctx.quotas["endpoints"] == 100  # [doc]
    ctx.quotas["endpoints"] = 1
    call("CreateEndpoint", **make_request())

    assert refused("CreateEndpoint", **make_request(Name="two")) == (  # [guess] text
        "LimitExceededException: The requested resource exceeds the maximum number"
        " allowed."
    )


# -- UpdateEndpoint


def test_update_keeps_what_is_not_given_and_answers_updating(
    call: Call, clock: VirtualClock, now: datetime
) -> None:
    call("CreateEndpoint", **make_request())
    before = call("DescribeEndpoint", Name="global")
    clock.advance(60)

    response = call("UpdateEndpoint", Name="global", Description="d", RoleArn=ROLE)

    assert list(response.items()) == [  # [doc] no times
        ("Name", "global"),
        ("Arn", ARN),
        ("RoutingConfig", route_to("us-west-2")),
        ("ReplicationConfig", {"State": "DISABLED"}),
        ("EventBuses", list_buses(EAST, WEST)),
        ("RoleArn", ROLE),
        ("EndpointId", before["EndpointId"]),
        ("EndpointUrl", before["EndpointUrl"]),
        ("State", "UPDATING"),
    ]
    assert call("DescribeEndpoint", Name="global") == {
        **before,
        "Description": "d",
        "RoleArn": ROLE,
        "LastModifiedTime": now + timedelta(seconds=60),
    }


# -- an unknown name


@pytest.mark.parametrize(
    "operation", ["DescribeEndpoint", "UpdateEndpoint", "DeleteEndpoint"]
)
def test_an_unknown_name_is_refused(refused: Refused, operation: str) -> None:
    assert refused(operation, Name="nope") == (  # [guess] the text
        "ResourceNotFoundException: Endpoint nope does not exist."
    )


def test_describe_finds_nothing_in_another_home_region(
    call: Call, refused: Refused
) -> None:
    call("CreateEndpoint", **make_request())

    same = call("DescribeEndpoint", Name="global", HomeRegion="us-east-1")

    assert same["Name"] == "global"
    assert refused("DescribeEndpoint", Name="global", HomeRegion="us-west-2") == (
        "ResourceNotFoundException: Endpoint global does not exist."  # [guess]
    )


# -- DeleteEndpoint


def test_delete_answers_nothing_and_leaves_the_event_buses(
    call: Call, refused: Refused
) -> None:
    call("CreateEventBus", Name="orders")
    call("CreateEndpoint", **make_request())

    response = call("DeleteEndpoint", Name="global")

    assert response == {}  # [doc]
    assert call("DescribeEventBus", Name="orders")["Arn"] == EAST
    assert call("ListEndpoints") == {"Endpoints": []}


# -- ListEndpoints


def test_list_shows_what_describe_shows(call: Call) -> None:
    call("CreateEndpoint", **make_request(Description="d", RoleArn=ROLE))

    response = call("ListEndpoints")

    assert response == {"Endpoints": [call("DescribeEndpoint", Name="global")]}
    assert list(response["Endpoints"][0]) == [  # [doc]
        "Name",
        "Description",
        "Arn",
        "RoutingConfig",
        "ReplicationConfig",
        "EventBuses",
        "RoleArn",
        "EndpointId",
        "EndpointUrl",
        "State",
        "CreationTime",
        "LastModifiedTime",
    ]


def list_names(call: Call, **request: Any) -> list[str]:
    return [each["Name"] for each in call("ListEndpoints", **request)["Endpoints"]]


def test_list_filters_by_prefix_and_by_the_region_of_the_primary_bus(
    call: Call,
) -> None:
    call("CreateEndpoint", **make_request(Name="a-east"))
    call("CreateEndpoint", **make_request(Name="b-east"))
    call(
        "CreateEndpoint",
        **make_request(Name="a-west", RoutingConfig=route_to("us-east-1")),
    )

    assert list_names(call) == ["a-east", "a-west", "b-east"]
    assert list_names(call, NamePrefix="a-") == ["a-east", "a-west"]
    assert list_names(call, HomeRegion="us-west-2") == ["a-west"]  # [doc]
    assert list_names(call, HomeRegion="us-east-1", NamePrefix="a-") == ["a-east"]


def test_list_pages_are_full_also_where_a_filter_leaves_out_most(call: Call) -> None:
    for number in range(7):
        route = "us-west-2" if number % 3 == 0 else "us-east-1"
        call(
            "CreateEndpoint",
            **make_request(Name=f"e{number}", RoutingConfig=route_to(route)),
        )

    first = call("ListEndpoints", HomeRegion="us-east-1", MaxResults=2)
    second = call("ListEndpoints", HomeRegion="us-east-1", NextToken=first["NextToken"])

    assert [each["Name"] for each in first["Endpoints"]] == ["e0", "e3"]
    assert [each["Name"] for each in second["Endpoints"]] == ["e6"]
    assert "NextToken" not in second


# -- put-events through an endpoint

ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"total":1}'}


@pytest.fixture
def buses(call: Call, call_as: Call) -> None:
    """Both event buses, each with a rule that sends everything to its region's queue."""
    for region in ("us-east-1", "us-west-2"):
        call_as("0" * 12, region, "CreateEventBus", Name="orders")
        call_as(
            "0" * 12,
            region,
            "PutRule",
            Name="all",
            EventBusName="orders",
            EventPattern='{"source":["shop"]}',
        )
        arn = f"arn:aws:sqs:{region}:000000000000:q"
        call_as(
            "0" * 12,
            region,
            "PutTargets",
            Rule="all",
            EventBusName="orders",
            Targets=[{"Id": "q", "Arn": arn}],
        )


def make_endpoint(call: Call, **changes: Any) -> str:
    call("CreateEndpoint", **make_request(**changes))
    return str(call("DescribeEndpoint", Name="global")["EndpointId"])


def read_arrivals(memory_sink: MemorySink) -> list[tuple[str, dict[str, Any]]]:
    """The region of each target that got something, and the event."""
    return [
        (delivery.target_arn.split(":")[3], json.loads(delivery.payload))
        for delivery in memory_sink.deliveries
    ]


@pytest.mark.usefixtures("buses")
@pytest.mark.parametrize(
    ("failed_over", "region"), [(False, "us-east-1"), (True, "us-west-2")]
)
def test_entries_reach_the_event_bus_that_serves_and_no_other(
    ctx: Context,
    call: Call,
    memory_sink: MemorySink,
    failed_over: bool,
    region: str,
) -> None:
    endpoint_id = make_endpoint(call)
    fail_over(ctx, "global", to_secondary=failed_over)

    response = call("PutEvents", EndpointId=endpoint_id, Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    assert read_arrivals(memory_sink) == [  # [doc]
        (
            region,
            {
                "version": "0",
                "id": response["Entries"][0]["EventId"],
                "detail-type": "order",
                "source": "shop",
                "account": "000000000000",
                "time": "2024-05-14T11:23:22Z",
                "region": region,
                "resources": [],
                "detail": {"total": 1},
            },
        )
    ]


@pytest.mark.usefixtures("buses")
@pytest.mark.parametrize(
    ("failed_over", "serving", "other"),
    [(False, "us-east-1", "us-west-2"), (True, "us-west-2", "us-east-1")],
)
def test_a_copy_names_the_endpoint_and_the_region_that_it_came_from(
    ctx: Context,
    call: Call,
    memory_sink: MemorySink,
    failed_over: bool,
    serving: str,
    other: str,
) -> None:
    endpoint_id = make_endpoint(
        call, ReplicationConfig={"State": "ENABLED"}, RoleArn=ROLE
    )
    fail_over(ctx, "global", to_secondary=failed_over)

    call("PutEvents", EndpointId=endpoint_id, Entries=[{**ENTRY, "Resources": ["x"]}])

    (place, event), (copy_place, copy) = read_arrivals(memory_sink)
    assert (place, copy_place) == (serving, other)
    assert copy == {  # [doc]; [guess] the id
        **event,
        "id": copy["id"],
        "region": serving,
        "resources": ["x", ARN],
    }
    assert copy["id"] != event["id"]
    assert event["resources"] == ["x"]


@pytest.mark.usefixtures("buses")
def test_an_endpoint_can_fail_back(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    endpoint_id = make_endpoint(call)
    fail_over(ctx, "global", to_secondary=True)

    serving = fail_over(ctx, "global", to_secondary=False)

    call("PutEvents", EndpointId=endpoint_id, Entries=[ENTRY])
    assert str(serving) == EAST
    assert [place for place, _ in read_arrivals(memory_sink)] == ["us-east-1"]


@pytest.mark.usefixtures("buses")
def test_update_does_not_fail_an_endpoint_back(
    ctx: Context, call: Call, memory_sink: MemorySink
) -> None:
    endpoint_id = make_endpoint(call)
    fail_over(ctx, "global", to_secondary=True)
    call("UpdateEndpoint", Name="global", Description="d")

    call("PutEvents", EndpointId=endpoint_id, Entries=[ENTRY])

    assert [place for place, _ in read_arrivals(memory_sink)] == ["us-west-2"]


@pytest.mark.usefixtures("buses")
def test_the_endpoint_serves_callers_in_every_region(
    call: Call, call_as: Call, memory_sink: MemorySink
) -> None:
    endpoint_id = make_endpoint(call)

    call_as("0" * 12, "eu-west-1", "PutEvents", EndpointId=endpoint_id, Entries=[ENTRY])

    assert [place for place, _ in read_arrivals(memory_sink)] == ["us-east-1"]


@pytest.mark.usefixtures("buses")
def test_bad_entries_fail_by_themselves_as_without_an_endpoint(
    call: Call, memory_sink: MemorySink
) -> None:
    endpoint_id = make_endpoint(call)
    bad = {**ENTRY, "Detail": "[]"}

    response = call("PutEvents", EndpointId=endpoint_id, Entries=[bad, ENTRY])

    assert response["Entries"][0] == {
        "ErrorCode": "MalformedDetail",
        "ErrorMessage": "Detail is malformed.",
    }
    assert response["FailedEntryCount"] == 1
    assert len(memory_sink.deliveries) == 1


@pytest.mark.usefixtures("buses")
def test_events_for_missing_event_buses_are_taken_and_dropped(
    call: Call, memory_sink: MemorySink
) -> None:
    endpoint_id = make_endpoint(
        call,
        EventBuses=list_buses(
            EAST.replace("orders", "gone"), WEST.replace("orders", "gone")
        ),
    )

    response = call("PutEvents", EndpointId=endpoint_id, Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    assert memory_sink.deliveries == []


def test_an_unknown_endpoint_id_fails_the_request(call: Call, refused: Refused) -> None:
    make_endpoint(call)

    refusal = refused("PutEvents", EndpointId="abcde.veo", Entries=[ENTRY])

    assert refusal == (  # [guess]
        "ValidationException: Parameter EndpointId is not valid. Reason: Endpoint"
        " abcde.veo does not exist."
    )


def test_an_endpoint_of_another_account_is_unknown(
    call: Call, refused: Refused, call_as: Call
) -> None:
    call_as("1" * 12, "us-east-1", "CreateEndpoint", **make_request())
    listed = call_as("1" * 12, "us-east-1", "ListEndpoints")["Endpoints"]
    endpoint_id = listed[0]["EndpointId"]

    refusal = refused("PutEvents", EndpointId=endpoint_id, Entries=[ENTRY])

    assert refusal == (
        "ValidationException: Parameter EndpointId is not valid. Reason: Endpoint"
        f" {endpoint_id} does not exist."
    )


def test_an_endpoint_id_of_another_form_is_refused(refused: Refused) -> None:
    refusal = refused("PutEvents", EndpointId="no-dot", Entries=[ENTRY])

    assert refusal == (  # [doc] + [aws] format
        "ValidationException: 1 validation error detected: Value 'no-dot' at"
        " 'endpointId' failed to satisfy constraint: Member must satisfy regular"
        r" expression pattern: ^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$"
    )


def test_fail_over_of_an_unknown_endpoint_is_refused(ctx: Context) -> None:
    with pytest.raises(ResourceNotFoundException) as caught:
        fail_over(ctx, "nope", to_secondary=True)

    assert caught.value.message == "Endpoint nope does not exist."
