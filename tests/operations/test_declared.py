"""What HTTP operations and partners' ones answer and refuse is what they declare.

A table of requests for each operation reaches every error that can happen offline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ServiceError
from evcli.model import INDEX, get_operation
from evcli.model.check import check_response
from evcli.operations import call as call_operation
from evcli.operations import load_handlers

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

FAMILIES = ("connections", "api_destinations", "endpoints", "event_sources")

# Declared, but there is nobody offline who could cause them. Source: §0.1.
NEVER = {
    "AccessDeniedException",
    "ConcurrentModificationException",
    "InternalException",
    "OperationDisabledException",
    "ThrottlingException",
}
# Any operation may answer these, so the model declares them nowhere.
ALWAYS = {"InvalidToken", "SerializationException", "ValidationException"}
# Declared for what evcli never looks up or never counts: customer keys, private
# networks, and event sources that one partner offers.
UNREACHED = {
    "CreateConnection": {"ResourceNotFoundException"},
    "UpdateConnection": {"LimitExceededException"},
    "CreatePartnerEventSource": {"LimitExceededException"},
}

BASIC = {"BasicAuthParameters": {"Username": "u", "Password": "p"}}
ROUTING = {
    "FailoverConfig": {
        "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/0a"},
        "Secondary": {"Route": "us-west-2"},
    }
}
BUSES = [
    {"EventBusArn": f"arn:aws:events:{region}:000000000000:event-bus/b"}
    for region in ("us-east-1", "us-west-2")
]
ENDPOINT = {
    "RoutingConfig": ROUTING,
    "EventBuses": BUSES,
    "ReplicationConfig": {"State": "DISABLED"},
}
NO_ARN = (
    "arn:aws:events:us-east-1:000000000000:connection/nope/"
    "00000000-0000-4000-8000-000000000000"
)
SOURCE = "aws.partner/example.com/shop/"
ACCOUNT = {"Account": "0" * 12}


def make_destination(arn: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "ConnectionArn": arn,
        "InvocationEndpoint": "https://hooks.example.test/",
        "HttpMethod": "POST",
        **changes,
    }


def make_connection(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "AuthorizationType": "BASIC",
        "AuthParameters": BASIC,
        **changes,
    }


def list_requests(arn: str) -> dict[str, list[dict[str, Any]]]:
    """Requests in the world of `connection_arn`, by operation."""
    named = [{"Name": "one"}, {"Name": "nope"}]
    paged: list[dict[str, Any]] = [{}, {"Limit": 1}, {"NextToken": "bad"}]
    prefix = {"NamePrefix": SOURCE}
    return {
        "CreateConnection": [
            make_connection("two"),
            make_connection("one"),
            make_connection("three"),
            make_connection("two", AuthParameters={}),
        ],
        "UpdateConnection": [
            {"Name": "one", "AuthParameters": BASIC},
            {"Name": "nope", "Description": "d"},
            {"Name": "one"},
        ],
        "DescribeConnection": named,
        "DeauthorizeConnection": named,
        "DeleteConnection": named,
        "ListConnections": paged,
        "CreateApiDestination": [
            make_destination(arn, "two"),
            make_destination(arn, "one"),
            make_destination(NO_ARN, "three"),
            make_destination(arn, "three"),
            make_destination(arn, "three", InvocationEndpoint="ftp://x/"),
        ],
        "UpdateApiDestination": [
            {"Name": "one", "HttpMethod": "GET"},
            {"Name": "nope"},
            {"Name": "one", "ConnectionArn": NO_ARN},
            {"Name": "one", "InvocationRateLimitPerSecond": 301},
        ],
        "DescribeApiDestination": named,
        "DeleteApiDestination": named,
        "ListApiDestinations": [*paged, {"NamePrefix": "o", "ConnectionArn": arn}],
        "CreateEndpoint": [
            {"Name": "two", **ENDPOINT},
            {"Name": "one", **ENDPOINT},
            {"Name": "three", **ENDPOINT},
            {"Name": "two", **ENDPOINT, "ReplicationConfig": {}},
        ],
        "UpdateEndpoint": [*named, {"Name": "one", "ReplicationConfig": {}}],
        "DescribeEndpoint": named,
        "DeleteEndpoint": named,
        "ListEndpoints": [{}, {"MaxResults": 1}, {"NextToken": "bad"}],
        "CreatePartnerEventSource": [
            {"Name": f"{SOURCE}new", **ACCOUNT},
            {"Name": f"{SOURCE}waits", **ACCOUNT},
        ],
        "DeletePartnerEventSource": [
            {"Name": f"{SOURCE}active", **ACCOUNT},
            {"Name": f"{SOURCE}nope", **ACCOUNT},
        ],
        "DescribePartnerEventSource": [
            {"Name": f"{SOURCE}active"},
            {"Name": f"{SOURCE}nope"},
        ],
        "ListPartnerEventSources": [
            prefix,
            {**prefix, "Limit": 1},
            {**prefix, "NextToken": "bad"},
        ],
        "ListPartnerEventSourceAccounts": [
            {"EventSourceName": f"{SOURCE}gone"},
            {"EventSourceName": f"{SOURCE}nope"},
        ],
        "DescribeEventSource": [
            {"Name": f"{SOURCE}waits"},
            {"Name": f"{SOURCE}nope"},
        ],
        "ListEventSources": paged,
        "ActivateEventSource": [
            {"Name": f"{SOURCE}active"},
            {"Name": f"{SOURCE}waits"},
            {"Name": f"{SOURCE}gone"},
        ],
        "DeactivateEventSource": [
            {"Name": f"{SOURCE}active"},
            {"Name": f"{SOURCE}waits"},
            {"Name": f"{SOURCE}gone"},
        ],
    }


OPERATIONS = list(list_requests(""))


@pytest.fixture
def connection_arn(ctx: Context, call: Callable[..., dict[str, Any]]) -> str:
    """One of everything, room for one more, and sources in three states."""
    for quota in ("connections", "api_destinations", "endpoints"):
        ctx.quotas[quota] = 2
    arn = str(call("CreateConnection", **make_connection("one"))["ConnectionArn"])
    call("CreateApiDestination", **make_destination(arn, "one"))
    call("CreateEndpoint", Name="one", **ENDPOINT)
    for name in ("waits", "active", "gone"):
        call("CreatePartnerEventSource", Name=f"{SOURCE}{name}", **ACCOUNT)
    for name in ("active", "gone"):
        full_name = f"{SOURCE}{name}"
        call("CreateEventBus", Name=full_name, EventSourceName=full_name)
    call("DeletePartnerEventSource", Name=f"{SOURCE}gone", **ACCOUNT)
    return arn


def run(ctx: Context, name: str, request: dict[str, Any]) -> str:
    """Run one request; say with which code it was refused, "" for an answer.

    An answer that the operation does not declare fails the test.
    """
    operation = get_operation(name)
    assert operation is not None
    try:
        response = call_operation(ctx, name, request)
    except ServiceError as error:
        return error.code
    assert check_response(operation, response) == []
    return ""


def test_there_are_requests_for_every_operation() -> None:
    indexed = [name for name, (family, _) in INDEX.items() if family in FAMILIES]

    handled = [name for family in FAMILIES for name in load_handlers(family)]
    assert sorted(OPERATIONS) == sorted(indexed) == sorted(handled)


@pytest.mark.parametrize("name", OPERATIONS)
def test_errors_are_the_declared_ones_and_all_of_them(
    ctx: Context, connection_arn: str, name: str
) -> None:
    operation = get_operation(name)
    assert operation is not None

    codes = {run(ctx, name, each) for each in list_requests(connection_arn)[name]}

    assert "" in codes, "no request was answered"
    expected = set(operation.errors) - NEVER - UNREACHED.get(name, set())
    assert codes - {""} - ALWAYS == expected


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_refused_request_changes_nothing(
    ctx: Context, connection_arn: str, name: str
) -> None:
    for request in list_requests(connection_arn)[name]:
        before = list(ctx.store.database.connection.iterdump())
        if run(ctx, name, request):
            assert list(ctx.store.database.connection.iterdump()) == before


@pytest.mark.parametrize(
    "name", [name for name in OPERATIONS if name.startswith(("Describe", "List"))]
)
def test_an_operation_that_reads_only_writes_nothing(
    ctx: Context, connection_arn: str, name: str
) -> None:
    operation = get_operation(name)
    assert operation is not None
    before = list(ctx.store.database.connection.iterdump())

    for request in list_requests(connection_arn)[name]:
        run(ctx, name, request)

    assert operation.reads_only
    assert list(ctx.store.database.connection.iterdump()) == before
