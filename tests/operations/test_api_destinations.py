"""API destinations. Each test marks its source."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

URL = "https://hooks.example.test/v1/*/items?src=eb"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
DESTINATION_ARN = re.compile(
    rf"arn:aws:events:us-east-1:000000000000:api-destination/hook/{UUID}"
)
NO_CONNECTION = (
    "arn:aws:events:us-east-1:000000000000:connection/nope/"
    "00000000-0000-4000-8000-000000000000"
)


@pytest.fixture
def connection_arn(call: Call) -> str:
    """The ARN of an authorised connection."""
    response = call(
        "CreateConnection",
        Name="hooks",
        AuthorizationType="API_KEY",
        AuthParameters={
            "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}
        },
    )
    return str(response["ConnectionArn"])


def create_oauth_connection(call: Call) -> str:
    response = call(
        "CreateConnection",
        Name="oauth",
        AuthorizationType="OAUTH_CLIENT_CREDENTIALS",
        AuthParameters={
            "OAuthParameters": {
                "ClientParameters": {"ClientID": "id", "ClientSecret": "s"},
                "AuthorizationEndpoint": "https://auth.example.test/token",
                "HttpMethod": "POST",
            }
        },
    )
    return str(response["ConnectionArn"])


def make_request(connection_arn: str, **changes: Any) -> dict[str, Any]:
    return {
        "Name": "hook",
        "ConnectionArn": connection_arn,
        "InvocationEndpoint": URL,
        "HttpMethod": "POST",
        **changes,
    }


# -- CreateApiDestination


def test_create_answers_arn_state_and_times(
    call: Call, connection_arn: str, now: datetime
) -> None:
    response = call("CreateApiDestination", **make_request(connection_arn))

    assert DESTINATION_ARN.fullmatch(response.pop("ApiDestinationArn"))  # [doc] [peer]
    assert response == {  # [aws]
        "ApiDestinationState": "ACTIVE",
        "CreationTime": now,
        "LastModifiedTime": now,
    }


def test_describe_shows_the_default_rate_and_no_description(
    call: Call, connection_arn: str, now: datetime
) -> None:
    arn = call("CreateApiDestination", **make_request(connection_arn))

    response = call("DescribeApiDestination", Name="hook")

    assert response == {
        "ApiDestinationArn": arn["ApiDestinationArn"],
        "Name": "hook",
        "ApiDestinationState": "ACTIVE",
        "ConnectionArn": connection_arn,
        "InvocationEndpoint": URL,
        "HttpMethod": "POST",
        "InvocationRateLimitPerSecond": 300,  # [aws]
        "CreationTime": now,
        "LastModifiedTime": now,
    }


def test_describe_shows_the_description_behind_the_name(
    call: Call, connection_arn: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn, Description="d"))

    response = call("DescribeApiDestination", Name="hook")

    assert list(response)[:4] == [  # [doc] the order
        "ApiDestinationArn",
        "Name",
        "Description",
        "ApiDestinationState",
    ]
    assert response["Description"] == "d"


def test_create_refuses_a_bad_arn_and_a_bad_method_in_one_message(
    refused: Refused,
) -> None:
    refusal = refused(
        "CreateApiDestination",
        Name="hook",
        ConnectionArn="invalid-connection-arn",
        InvocationEndpoint="invalid-endpoint",
        HttpMethod="INVALID_METHOD",
    )

    assert refusal == (  # [aws] nothing about the endpoint, the enum's order
        "ValidationException: 2 validation errors detected: Value"
        " 'invalid-connection-arn' at 'connectionArn' failed to satisfy constraint:"
        " Member must satisfy regular expression pattern:"
        r" ^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:"
        r"connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$; Value 'INVALID_METHOD' at"
        " 'httpMethod' failed to satisfy constraint: Member must satisfy enum value"
        " set: [HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS]"
    )


@pytest.mark.parametrize("character", ["{", "}", "#", "<", " ", '"'])
def test_create_refuses_characters_that_urls_do_not_have(
    refused: Refused, connection_arn: str, character: str
) -> None:
    url = f"https://hooks.example.test/{character}"

    refusal = refused(
        "CreateApiDestination", **make_request(connection_arn, InvocationEndpoint=url)
    )

    assert refusal == (  # [doc] + [aws] format
        f"ValidationException: 1 validation error detected: Value '{url}' at"
        " 'invocationEndpoint' failed to satisfy constraint: Member must satisfy"
        r" regular expression pattern: ^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,"
        r"A-Za-z0-9])+)([).!';/?:,])?$"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.test",
        "https://hooks.example.test:8443/a/*/b?c=*",  # [doc] * in the path
        "https://hooks/",
        "HTTPS://hooks.example.test/",
        "hooks.example.test/path",  # [peer] without a scheme
        "hooks.example.test:8443/path",
        "hooks.example.test/to?url=https://other.example.test",
        "http://localhost:8000/hook",  # ours
        "http://127.0.0.1/hook",
        "localhost:8000/hook",
    ],
)
def test_create_takes_https_urls_and_plain_ones_of_this_machine(
    call: Call, connection_arn: str, url: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn, InvocationEndpoint=url))

    response = call("DescribeApiDestination", Name="hook")

    assert response["InvocationEndpoint"] == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.test/hook",
        "ftp://hooks.example.test/hook",
        "https://",
        "https:///path",
        "https://*.example.test/",
        "https://hooks.example.test:99999/",
        "https://hooks.example.test:port/",
        "http://localhost.example.test/",
        "http://127.0.0.1.example.test/",
        "http://user@hooks.example.test/localhost",
        "invalid-endpoint",
        "/path/only",
        "?query=only",
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_other_urls_are_refused(
    call: Call, refused: Refused, connection_arn: str, verb: str, url: str
) -> None:
    request = make_request(connection_arn)
    if verb == "update":
        call("CreateApiDestination", **request)

    refusal = refused(
        f"{verb.title()}ApiDestination", **{**request, "InvocationEndpoint": url}
    )

    assert refusal == (  # [aws]
        f"ValidationException: Failed to {verb} the api-destination(s). Parameter"
        f" InvocationEndpoint is not valid. Reason: Endpoint '{url}' is invalid, please"
        " provide a valid HTTPS endpoint URL."
    )


@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_rate_above_three_hundred_is_refused(
    call: Call, refused: Refused, connection_arn: str, verb: str
) -> None:
    request = make_request(connection_arn)
    if verb == "update":
        call("CreateApiDestination", **request)

    refusal = refused(
        f"{verb.title()}ApiDestination",
        **{**request, "InvocationRateLimitPerSecond": 301},
    )

    assert refusal == (  # [peer]
        f"LimitExceededException: Failed to {verb} the api-destination(s). Invalid"
        " Invocation Rate Limit: Rate specified '301' for 'hook' exceeds maximum allowed"
        " of '300'."
    )


def test_a_rate_of_three_hundred_is_taken(call: Call, connection_arn: str) -> None:
    call(
        "CreateApiDestination",
        **make_request(connection_arn, InvocationRateLimitPerSecond=300),
    )

    response = call("DescribeApiDestination", Name="hook")

    assert response["InvocationRateLimitPerSecond"] == 300


def test_create_refuses_a_name_that_is_taken(
    call: Call, refused: Refused, connection_arn: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))

    refusal = refused(
        "CreateApiDestination", **make_request(connection_arn, HttpMethod="GET")
    )

    assert refusal == (  # [peer]
        "ResourceAlreadyExistsException: Failed to create the api-destination(s). An"
        " api-destination with name 'hook' already exists."
    )
    assert call("DescribeApiDestination", Name="hook")["HttpMethod"] == "POST"


@pytest.mark.parametrize(
    "change",
    [
        lambda arn: NO_CONNECTION,
        lambda arn: arn[:-1] + ("0" if arn[-1] != "0" else "1"),
        lambda arn: arn.replace("us-east-1", "eu-west-1"),
        lambda arn: arn.replace("000000000000:", "111111111111:"),
    ],
    ids=["name", "id", "region", "account"],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_an_unknown_connection_is_refused(
    call: Call,
    refused: Refused,
    connection_arn: str,
    verb: str,
    change: Callable[[str], str],
) -> None:
    if verb == "update":
        call("CreateApiDestination", **make_request(connection_arn))
    arn = change(connection_arn)

    refusal = refused(f"{verb.title()}ApiDestination", **make_request(arn))

    assert refusal == (  # [peer]
        f"ResourceNotFoundException: Failed to {verb} the api-destination(s). Connection"
        f" '{arn}' does not exist."
    )


def test_a_connection_of_another_account_is_unknown(
    refused: Refused, call_as: Call
) -> None:
    arn = call_as(
        "1" * 12,
        "us-east-1",
        "CreateConnection",
        Name="theirs",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"}},
    )["ConnectionArn"]

    refusal = refused("CreateApiDestination", **make_request(arn))

    assert refusal == (  # [guess]
        "ResourceNotFoundException: Failed to create the api-destination(s). Connection"
        f" '{arn}' does not exist."
    )


def test_create_checks_in_the_order_endpoint_rate_name_connection(
    call: Call, refused: Refused, connection_arn: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))
    wrong = {
        "InvocationEndpoint": "http://hooks.example.test",
        "InvocationRateLimitPerSecond": 301,
        "Name": "hook",
        "ConnectionArn": NO_CONNECTION,
    }
    fine = make_request(connection_arn, Name="new", InvocationRateLimitPerSecond=1)
    codes = []

    for member in [*wrong]:
        codes.append(refused("CreateApiDestination", **{**fine, **wrong}).split(":")[0])
        del wrong[member]

    assert codes == [  # [peer]
        "ValidationException",
        "LimitExceededException",
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
    ]


def test_create_refuses_api_destinations_over_the_quota(
    ctx: Context, call: Call, refused: Refused, connection_arn: str
) -> None:
    assert ctx.quotas["api_destinations"] == 3000  # [doc]
    ctx.quotas["api_destinations"] = 1
    call("CreateApiDestination", **make_request(connection_arn))

    refusal = refused(
        "CreateApiDestination", **make_request(connection_arn, Name="two")
    )

    assert refusal == (  # [guess] the text
        "LimitExceededException: The requested resource exceeds the maximum number"
        " allowed."
    )


# -- the state follows the connection


def test_a_destination_is_inactive_while_its_connection_is_authorizing(
    call: Call, clock: VirtualClock
) -> None:
    arn = create_oauth_connection(call)

    created = call("CreateApiDestination", **make_request(arn))
    early = call("DescribeApiDestination", Name="hook")
    clock.advance(1)
    late = call("DescribeApiDestination", Name="hook")

    states = [each["ApiDestinationState"] for each in (created, early, late)]
    assert states == ["INACTIVE", "INACTIVE", "ACTIVE"]  # [aws] the first


@pytest.mark.parametrize("operation", ["DeauthorizeConnection", "DeleteConnection"])
def test_a_destination_outlives_its_connection_inactive(
    call: Call, connection_arn: str, operation: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))

    call(operation, Name="hooks")

    listed = call("ListApiDestinations")["ApiDestinations"]
    described = call("DescribeApiDestination", Name="hook")
    updated = call("UpdateApiDestination", Name="hook", Description="d")
    states = [each["ApiDestinationState"] for each in (*listed, described, updated)]
    assert states == ["INACTIVE"] * 3  # [peer]


def test_a_new_connection_under_the_old_name_does_not_revive_a_destination(
    call: Call, connection_arn: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))
    call("DeleteConnection", Name="hooks")

    call(
        "CreateConnection",
        Name="hooks",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"}},
    )

    response = call("DescribeApiDestination", Name="hook")
    assert response["ApiDestinationState"] == "INACTIVE"  # [guess] from the ARN's form


# -- UpdateApiDestination


def test_update_keeps_what_is_not_given(
    call: Call, connection_arn: str, clock: VirtualClock, now: datetime
) -> None:
    arn = call("CreateApiDestination", **make_request(connection_arn))[
        "ApiDestinationArn"
    ]
    clock.advance(60)

    response = call("UpdateApiDestination", Name="hook", HttpMethod="PUT")

    later = now + timedelta(seconds=60)
    assert response == {  # [aws]
        "ApiDestinationArn": arn,
        "ApiDestinationState": "ACTIVE",
        "CreationTime": now,
        "LastModifiedTime": later,
    }
    assert call("DescribeApiDestination", Name="hook") == {
        "ApiDestinationArn": arn,
        "Name": "hook",
        "ApiDestinationState": "ACTIVE",
        "ConnectionArn": connection_arn,
        "InvocationEndpoint": URL,
        "HttpMethod": "PUT",
        "InvocationRateLimitPerSecond": 300,  # [aws]
        "CreationTime": now,
        "LastModifiedTime": later,
    }


def test_update_without_changes_is_no_error(
    call: Call, connection_arn: str, clock: VirtualClock, now: datetime
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))
    clock.advance(60)

    response = call("UpdateApiDestination", Name="hook")

    assert response["LastModifiedTime"] == now + timedelta(seconds=60)  # [guess]


def test_update_moves_a_destination_to_another_connection(
    call: Call, connection_arn: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))
    arn = create_oauth_connection(call)

    response = call("UpdateApiDestination", Name="hook", ConnectionArn=arn)

    assert response["ApiDestinationState"] == "INACTIVE"
    assert call("DescribeApiDestination", Name="hook")["ConnectionArn"] == arn


# -- an unknown name


@pytest.mark.parametrize("verb", ["describe", "update", "delete"])  # [aws] the first
def test_an_unknown_name_is_refused_in_words_of_the_operation(
    refused: Refused, verb: str
) -> None:
    assert refused(f"{verb.title()}ApiDestination", Name="nope") == (
        f"ResourceNotFoundException: Failed to {verb} the api-destination(s). An"
        " api-destination 'nope' does not exist."
    )


# -- DeleteApiDestination


def test_delete_answers_nothing_and_the_record_is_gone(
    call: Call, refused: Refused, connection_arn: str
) -> None:
    call("CreateApiDestination", **make_request(connection_arn))

    response = call("DeleteApiDestination", Name="hook")

    assert response == {}  # [aws]
    assert refused("DescribeApiDestination", Name="hook").startswith(
        "ResourceNotFoundException"
    )


def test_delete_leaves_the_target_of_a_rule(call: Call, connection_arn: str) -> None:
    arn = call("CreateApiDestination", **make_request(connection_arn))[
        "ApiDestinationArn"
    ]
    target = {"Id": "1", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r"}
    call("PutRule", Name="r", EventPattern='{"source":["s"]}')
    call("PutTargets", Rule="r", Targets=[target])

    call("DeleteApiDestination", Name="hook")

    assert call("ListTargetsByRule", Rule="r")["Targets"] == [target]  # [doc]


def test_a_name_used_again_gets_a_new_arn(call: Call, connection_arn: str) -> None:
    first = call("CreateApiDestination", **make_request(connection_arn))
    call("DeleteApiDestination", Name="hook")

    second = call("CreateApiDestination", **make_request(connection_arn))

    assert first["ApiDestinationArn"] != second["ApiDestinationArn"]  # [guess]


# -- ListApiDestinations


def test_list_shows_all_but_the_description(
    call: Call, connection_arn: str, now: datetime
) -> None:
    arn = call("CreateApiDestination", **make_request(connection_arn, Description="d"))

    response = call("ListApiDestinations")

    assert response == {  # [aws]
        "ApiDestinations": [
            {
                "ApiDestinationArn": arn["ApiDestinationArn"],
                "Name": "hook",
                "ApiDestinationState": "ACTIVE",
                "ConnectionArn": connection_arn,
                "InvocationEndpoint": URL,
                "HttpMethod": "POST",
                "InvocationRateLimitPerSecond": 300,
                "CreationTime": now,
                "LastModifiedTime": now,
            }
        ]
    }


def list_names(call: Call, **request: Any) -> list[str]:
    response = call("ListApiDestinations", **request)
    return [each["Name"] for each in response["ApiDestinations"]]


def test_list_filters_by_prefix_or_by_connection(
    call: Call, connection_arn: str
) -> None:
    other_arn = create_oauth_connection(call)
    for name, arn in (("a1", connection_arn), ("a2", other_arn), ("b", other_arn)):
        call("CreateApiDestination", **make_request(arn, Name=name))

    assert list_names(call) == ["a1", "a2", "b"]
    assert list_names(call, NamePrefix="a") == ["a1", "a2"]
    assert list_names(call, ConnectionArn=other_arn) == ["a2", "b"]
    assert list_names(call, ConnectionArn=NO_CONNECTION) == []


def test_list_refuses_both_filters(refused: Refused, connection_arn: str) -> None:
    refusal = refused(
        "ListApiDestinations", NamePrefix="a", ConnectionArn=connection_arn
    )

    assert refusal == (  # [peer]
        "ValidationException: Failed to list the api-destination(s). Request failed"
        " because only one filter is supported per request, either ConnectionArn or"
        " NamePrefix."
    )


def test_list_pages_go_on_where_the_last_one_ended(
    call: Call, connection_arn: str
) -> None:
    for number in range(6):
        call("CreateApiDestination", **make_request(connection_arn, Name=f"d{number}"))

    first = call("ListApiDestinations", Limit=3)
    second = call("ListApiDestinations", Limit=5, NextToken=first["NextToken"])

    assert [each["Name"] for each in first["ApiDestinations"]] == ["d0", "d1", "d2"]
    assert [each["Name"] for each in second["ApiDestinations"]] == ["d3", "d4", "d5"]
    assert "NextToken" not in second  # [aws]
