"""Connections. Each test marks its source."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError
from evcli.store.records import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "ApiKey", "ApiKeyValue": "secret"}}
OAUTH = {
    "OAuthParameters": {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s3cret"},
        "AuthorizationEndpoint": "https://auth.example.test/token",
        "HttpMethod": "POST",
    }
}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CONNECTION_ARN = re.compile(
    rf"arn:aws:events:us-east-1:000000000000:connection/hooks/({UUID})"
)
SECRET_ARN = re.compile(
    r"arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection/hooks/"
    rf"({UUID})-[A-Za-z0-9]{{6}}"
)
MISSING = (
    "ResourceNotFoundException: Failed to {} the connection(s). Connection 'nope'"
    " does not exist."
)


@pytest.fixture
def create(call: Call) -> Call:
    """Make a connection: `create("BASIC", BASIC, Description="d")`."""

    def run(
        authorization_type: str = "API_KEY",
        parameters: dict[str, Any] = API_KEY,
        *,
        name: str = "hooks",
        **settings: Any,
    ) -> dict[str, Any]:
        return call(
            "CreateConnection",
            Name=name,
            AuthorizationType=authorization_type,
            AuthParameters=parameters,
            **settings,
        )

    return run


def describe(call: Call) -> dict[str, Any]:
    return call("DescribeConnection", Name="hooks")


# -- CreateConnection


@pytest.mark.parametrize(
    ("authorization_type", "parameters", "state"),
    [  # [aws]
        ("BASIC", BASIC, "AUTHORIZED"),
        ("API_KEY", API_KEY, "AUTHORIZED"),
        ("OAUTH_CLIENT_CREDENTIALS", OAUTH, "AUTHORIZING"),
    ],
)
def test_create_answers_arn_state_and_two_times(
    create: Call,
    now: datetime,
    authorization_type: str,
    parameters: dict[str, Any],
    state: str,
) -> None:
    response = create(authorization_type, parameters)

    assert CONNECTION_ARN.fullmatch(response.pop("ConnectionArn"))  # [aws]
    assert response == {
        "ConnectionState": state,
        "CreationTime": now,
        "LastModifiedTime": now,
    }


def test_describe_shows_what_was_given_and_the_last_authorized_time_at_once(
    call: Call, create: Call, now: datetime
) -> None:
    arn = create()["ConnectionArn"]

    response = describe(call)

    assert SECRET_ARN.fullmatch(response.pop("SecretArn"))
    assert response == {  # [aws] no Description, StateReason, KmsKeyIdentifier
        "ConnectionArn": arn,
        "Name": "hooks",
        "ConnectionState": "AUTHORIZED",
        "AuthorizationType": "API_KEY",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "ApiKey"}},
        "CreationTime": now,
        "LastModifiedTime": now,
        "LastAuthorizedTime": now,
    }


def test_describe_shows_optional_settings_when_given(call: Call, create: Call) -> None:
    arn = "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-"
    connectivity = {"ResourceParameters": {"ResourceConfigurationArn": arn + "0" * 17}}
    create(
        Description="d",
        KmsKeyIdentifier="alias/key",
        InvocationConnectivityParameters=connectivity,
    )

    response = describe(call)

    assert list(response) == [  # [doc] the order
        "ConnectionArn",
        "Name",
        "Description",
        "InvocationConnectivityParameters",
        "ConnectionState",
        "AuthorizationType",
        "SecretArn",
        "KmsKeyIdentifier",
        "AuthParameters",
        "CreationTime",
        "LastModifiedTime",
        "LastAuthorizedTime",
    ]
    assert (
        response["Description"],
        response["InvocationConnectivityParameters"],
        response["KmsKeyIdentifier"],
    ) == ("d", connectivity, "alias/key")


def test_the_secret_has_another_id_than_the_connection(
    call: Call, create: Call
) -> None:
    arn = create()["ConnectionArn"]

    secret_arn = describe(call)["SecretArn"]

    connection_id = CONNECTION_ARN.fullmatch(arn)
    secret_id = SECRET_ARN.fullmatch(secret_arn)
    assert connection_id
    assert secret_id
    assert connection_id[1] != secret_id[1]  # [aws]


def test_create_takes_a_lower_case_method_and_an_endpoint_without_scheme(
    call: Call, create: Call
) -> None:
    oauth = {
        **OAUTH["OAuthParameters"],
        "AuthorizationEndpoint": "replace_this",
        "HttpMethod": "put",
    }

    create("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth})

    assert describe(call)["AuthParameters"] == {  # [aws]
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id"},
            "AuthorizationEndpoint": "replace_this",
            "HttpMethod": "put",
        }
    }


def test_create_refuses_a_name_that_is_taken_and_keeps_the_old_one(
    call: Call, create: Call, refused: Refused
) -> None:
    create("BASIC", BASIC)

    refusal = refused(
        "CreateConnection",
        Name="hooks",
        AuthorizationType="API_KEY",
        AuthParameters=API_KEY,
    )

    assert refusal == (  # [peer]
        "ResourceAlreadyExistsException: Connection 'hooks' already exists."
    )
    assert describe(call)["AuthorizationType"] == "BASIC"


def test_names_are_case_sensitive(call: Call, create: Call) -> None:
    create(name="hooks")
    create(name="Hooks")

    names = [each["Name"] for each in call("ListConnections")["Connections"]]

    assert names == ["Hooks", "hooks"]


def test_connections_belong_to_an_account_and_a_region(
    create: Call, call_as: Call
) -> None:
    create()

    elsewhere = [
        call_as("0" * 12, "eu-west-1", "ListConnections"),
        call_as("1" * 12, "us-east-1", "ListConnections"),
    ]

    assert elsewhere == [{"Connections": []}, {"Connections": []}]


@pytest.mark.parametrize(
    ("authorization_type", "parameters", "message"),
    [  # [peer] texts
        ("BASIC", {}, "Exactly one authentication parameter type is required."),
        (
            "BASIC",
            {"InvocationHttpParameters": {}},
            "Exactly one authentication parameter type is required.",
        ),
        (
            "BASIC",
            {**BASIC, **API_KEY},
            "Exactly one authentication parameter type is required.",
        ),
        ("BASIC", API_KEY, "AuthorizationType does not match AuthParameters."),
        ("API_KEY", OAUTH, "AuthorizationType does not match AuthParameters."),
        (
            "OAUTH_CLIENT_CREDENTIALS",
            BASIC,
            "AuthorizationType does not match AuthParameters.",
        ),
    ],
)
def test_create_wants_the_parameters_of_its_type(
    refused: Refused,
    authorization_type: str,
    parameters: dict[str, Any],
    message: str,
) -> None:
    refusal = refused(
        "CreateConnection",
        Name="hooks",
        AuthorizationType=authorization_type,
        AuthParameters=parameters,
    )

    assert refusal == f"ValidationException: {message}"


def test_parameters_are_checked_before_the_name(create: Call, refused: Refused) -> None:
    create()

    refusal = refused(
        "CreateConnection", Name="hooks", AuthorizationType="BASIC", AuthParameters={}
    )

    assert refusal == (
        "ValidationException: Exactly one authentication parameter type is required."
    )


def test_create_refuses_a_name_with_blanks(refused: Refused) -> None:
    refusal = refused(
        "CreateConnection",
        Name="Invalid Name With Spaces!",
        AuthorizationType="BASIC",
        AuthParameters=BASIC,
    )

    assert refusal == (  # [aws]
        "ValidationException: 1 validation error detected: Value 'Invalid Name With"
        " Spaces!' at 'name' failed to satisfy constraint: Member must satisfy regular"
        r" expression pattern: [\.\-_A-Za-z0-9]+"
    )


def test_create_collects_violations_in_model_order(refused: Refused) -> None:
    name = "a b" + "c" * 62

    refusal = refused(
        "CreateConnection",
        Name=name,
        AuthorizationType="MAGIC",
        AuthParameters=BASIC,
    )

    assert refusal == (  # [aws] pattern before length, the enum's order
        f"ValidationException: 3 validation errors detected: Value '{name}' at 'name'"
        " failed to satisfy constraint: Member must satisfy regular expression pattern:"
        rf" [\.\-_A-Za-z0-9]+; Value '{name}' at 'name' failed to satisfy constraint:"
        " Member must have length less than or equal to 64; Value 'MAGIC' at"
        " 'authorizationType' failed to satisfy constraint: Member must satisfy enum"
        " value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"
    )


def test_members_of_the_credentials_are_required_by_the_client(call: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call(
            "CreateConnection",
            Name="hooks",
            AuthorizationType="BASIC",
            AuthParameters={"BasicAuthParameters": {"Username": "user"}},
        )

    assert caught.value.problems == [  # [aws] [doc]
        'Missing required parameter in AuthParameters.BasicAuthParameters: "Password"'
    ]


@pytest.mark.parametrize("value", ["a:b", "a\tb\nc", "x" * 513])
def test_user_names_are_printed_as_they_break_the_rules(
    refused: Refused, value: str
) -> None:
    refusal = refused(
        "CreateConnection",
        Name="hooks",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": value, "Password": "p"}},
    )

    assert refusal.startswith(
        f"ValidationException: 1 validation error detected: Value '{value}' at"
        " 'authParameters.basicAuthParameters.username' failed to satisfy constraint: "
    )


def test_create_refuses_connections_over_the_quota(
    ctx: Context, create: Call, refused: Refused
) -> None:
    ctx.quotas["connections"] = 1
    create(name="one")

    refusal = refused(
        "CreateConnection", Name="two", AuthorizationType="BASIC", AuthParameters=BASIC
    )

    assert refusal == (  # [doc] the rule, [guess] the text
        "LimitExceededException: The requested resource exceeds the maximum number"
        " allowed."
    )


def test_the_quota_is_three_thousand(ctx: Context) -> None:
    assert ctx.quotas["connections"] == 3000  # [doc]


# -- AUTHORIZING


def test_an_oauth_connection_is_authorizing_right_after_creation(
    call: Call, create: Call
) -> None:
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH)

    response = describe(call)

    assert response["ConnectionState"] == "AUTHORIZING"  # [aws]
    assert response["LastAuthorizedTime"] == response["CreationTime"]  # [aws]


@pytest.mark.parametrize(
    ("milliseconds", "state"), [(999, "AUTHORIZING"), (1000, "AUTHORIZED")]
)
def test_authorizing_lasts_a_second_of_the_clock_from_any_fraction(
    call: Call, create: Call, clock: VirtualClock, milliseconds: int, state: str
) -> None:
    clock.advance(0.75)
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH)

    clock.set(clock.now() + timedelta(milliseconds=milliseconds))

    listed = call("ListConnections")["Connections"]
    assert describe(call)["ConnectionState"] == state  # [guess] the time
    assert [each["ConnectionState"] for each in listed] == [state]


def test_times_have_no_fraction(call: Call, create: Call, clock: VirtualClock) -> None:
    clock.advance(0.75)
    response = create()

    times = [describe(call)[name] for name in ("CreationTime", "LastAuthorizedTime")]

    assert times == [response["CreationTime"]] * 2
    assert response["CreationTime"].microsecond == 0


# -- DescribeConnection: what shows


@pytest.mark.parametrize(
    ("authorization_type", "parameters", "shown"),
    [  # [aws]
        ("BASIC", BASIC, {"BasicAuthParameters": {"Username": "user"}}),
        ("API_KEY", API_KEY, {"ApiKeyAuthParameters": {"ApiKeyName": "ApiKey"}}),
        (
            "OAUTH_CLIENT_CREDENTIALS",
            OAUTH,
            {
                "OAuthParameters": {
                    "ClientParameters": {"ClientID": "id"},
                    "AuthorizationEndpoint": "https://auth.example.test/token",
                    "HttpMethod": "POST",
                }
            },
        ),
    ],
)
def test_describe_leaves_out_secrets_with_their_keys(
    call: Call,
    create: Call,
    authorization_type: str,
    parameters: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    create(authorization_type, parameters)

    assert describe(call)["AuthParameters"] == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"InvocationHttpParameters": {}}, {"InvocationHttpParameters": {}}),  # [aws]
        ({}, {}),  # [aws]
        (
            {"InvocationHttpParameters": {"HeaderParameters": []}},
            {"InvocationHttpParameters": {"HeaderParameters": []}},
        ),
    ],
)
def test_describe_echoes_invocation_parameters_only_when_given(
    call: Call, create: Call, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    create("API_KEY", {**API_KEY, **given})

    assert describe(call)["AuthParameters"] == {
        "ApiKeyAuthParameters": {"ApiKeyName": "ApiKey"},
        **shown,
    }


PARAMETERS = {
    "HeaderParameters": [
        {"Key": "h1", "Value": "open", "IsValueSecret": False},
        {"Key": "h2", "Value": "hidden", "IsValueSecret": True},
    ],
    "QueryStringParameters": [{"Key": "q", "Value": "open"}],
    "BodyParameters": [{"Key": "b", "Value": "hidden", "IsValueSecret": True}],
}
SHOWN_PARAMETERS = {  # [peer]
    "HeaderParameters": [
        {"Key": "h1", "Value": "open", "IsValueSecret": False},
        {"Key": "h2", "IsValueSecret": True},
    ],
    "QueryStringParameters": [{"Key": "q", "Value": "open", "IsValueSecret": False}],
    "BodyParameters": [{"Key": "b", "IsValueSecret": True}],
}


def test_describe_hides_the_values_of_secret_parameters(
    call: Call, create: Call
) -> None:
    oauth = {**OAUTH["OAuthParameters"], "OAuthHttpParameters": PARAMETERS}
    create(
        "OAUTH_CLIENT_CREDENTIALS",
        {"OAuthParameters": oauth, "InvocationHttpParameters": PARAMETERS},
    )

    shown = describe(call)["AuthParameters"]

    assert shown["OAuthParameters"]["OAuthHttpParameters"] == SHOWN_PARAMETERS
    assert shown["InvocationHttpParameters"] == SHOWN_PARAMETERS


def test_describe_shows_the_parts_in_model_order(call: Call, create: Call) -> None:
    arn = "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-"
    connectivity = {"ResourceParameters": {"ResourceConfigurationArn": arn + "0" * 17}}
    create(
        "BASIC",
        {
            "ConnectivityParameters": connectivity,
            "InvocationHttpParameters": {},
            **BASIC,
        },
    )

    shown = describe(call)["AuthParameters"]

    assert list(shown.items()) == [  # [doc]
        ("BasicAuthParameters", {"Username": "user"}),
        ("InvocationHttpParameters", {}),
        ("ConnectivityParameters", connectivity),
    ]


# -- an unknown name


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("DescribeConnection", {}),  # [aws]
        ("UpdateConnection", {"Description": "d"}),  # [peer]
        ("DeauthorizeConnection", {}),  # [peer]
        ("DeleteConnection", {}),  # [peer]
    ],
)
def test_an_unknown_name_is_refused_in_the_words_of_the_operation(
    refused: Refused, operation: str, request_: dict[str, Any]
) -> None:
    verb = operation.removesuffix("Connection").lower()

    assert refused(operation, Name="nope", **request_) == MISSING.format(verb)


# -- UpdateConnection


def test_update_answers_arn_state_and_three_times(
    call: Call, create: Call, clock: VirtualClock, now: datetime
) -> None:
    arn = create("BASIC", BASIC)["ConnectionArn"]
    clock.advance(60)

    response = call(
        "UpdateConnection",
        Name="hooks",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "u2", "Password": "p2"}},
    )

    assert response == {  # [aws]
        "ConnectionArn": arn,
        "ConnectionState": "AUTHORIZED",
        "CreationTime": now,
        "LastModifiedTime": now + timedelta(seconds=60),
        "LastAuthorizedTime": now + timedelta(seconds=60),
    }


def test_update_keeps_the_secrets_arn(call: Call, create: Call) -> None:
    create("BASIC", BASIC)
    secret_arn = describe(call)["SecretArn"]

    call("UpdateConnection", Name="hooks", AuthParameters=BASIC)

    assert describe(call)["SecretArn"] == secret_arn  # [aws]


def test_update_of_the_description_leaves_state_and_authorisation(
    call: Call, create: Call, clock: VirtualClock, now: datetime
) -> None:
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH)
    clock.advance(0.5)

    response = call("UpdateConnection", Name="hooks", Description="d")

    assert response["ConnectionState"] == "AUTHORIZING"  # [peer] unchanged
    assert response["LastAuthorizedTime"] == now
    assert describe(call)["Description"] == "d"


def test_update_with_oauth_credentials_is_authorizing_again(
    call: Call, create: Call, clock: VirtualClock
) -> None:
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH)
    clock.advance(60)

    response = call(
        "UpdateConnection",
        Name="hooks",
        AuthParameters={
            "OAuthParameters": {"ClientParameters": {"ClientSecret": "new"}}
        },
    )

    assert response["ConnectionState"] == "AUTHORIZING"  # [peer]
    clock.advance(1)
    assert describe(call)["ConnectionState"] == "AUTHORIZED"


def read_parameters(ctx: Context) -> dict[str, Any]:
    connection = ctx.store.get(Connection, ctx.account_id, ctx.region, "hooks")
    assert connection is not None
    return connection.auth_parameters


def test_update_keeps_members_that_are_not_given(
    ctx: Context, call: Call, create: Call
) -> None:
    create(
        "OAUTH_CLIENT_CREDENTIALS", {**OAUTH, "InvocationHttpParameters": PARAMETERS}
    )

    call(
        "UpdateConnection",
        Name="hooks",
        AuthParameters={
            "OAuthParameters": {
                "ClientParameters": {"ClientSecret": "new"},
                "HttpMethod": "GET",
            }
        },
    )

    assert read_parameters(ctx) == {  # [peer]
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": "new"},
            "AuthorizationEndpoint": "https://auth.example.test/token",
            "HttpMethod": "GET",
        },
        "InvocationHttpParameters": PARAMETERS,
    }


def test_update_replaces_a_parameter_list_as_a_whole(
    ctx: Context, call: Call, create: Call
) -> None:
    create("API_KEY", {**API_KEY, "InvocationHttpParameters": PARAMETERS})
    new = [
        {"Key": "h2", "IsValueSecret": True},
        {"Key": "h3", "Value": "v3"},
        {"Key": "h4"},
    ]

    call(
        "UpdateConnection",
        Name="hooks",
        AuthParameters={"InvocationHttpParameters": {"HeaderParameters": new}},
    )

    assert read_parameters(ctx)["InvocationHttpParameters"] == {  # [peer]
        **PARAMETERS,
        "HeaderParameters": [
            {"Key": "h2", "Value": "hidden", "IsValueSecret": True},
            {"Key": "h3", "Value": "v3"},
            {"Key": "h4"},
        ],
    }


@pytest.mark.parametrize("item", [{"Key": "h2"}, {"Key": "h2", "IsValueSecret": False}])
def test_update_cannot_make_a_kept_secret_show(
    call: Call, create: Call, item: dict[str, Any]
) -> None:
    create("API_KEY", {**API_KEY, "InvocationHttpParameters": PARAMETERS})

    call(
        "UpdateConnection",
        Name="hooks",
        AuthParameters={"InvocationHttpParameters": {"HeaderParameters": [item]}},
    )

    shown = describe(call)["AuthParameters"]["InvocationHttpParameters"]
    assert shown["HeaderParameters"] == [{"Key": "h2", "IsValueSecret": True}]


def test_another_type_drops_the_old_credentials(
    ctx: Context, call: Call, create: Call
) -> None:
    create("BASIC", {**BASIC, "InvocationHttpParameters": PARAMETERS})

    call(
        "UpdateConnection",
        Name="hooks",
        AuthorizationType="API_KEY",
        AuthParameters=API_KEY,
    )

    assert read_parameters(ctx) == {  # [guess]
        "InvocationHttpParameters": PARAMETERS,
        **API_KEY,
    }
    assert describe(call)["AuthorizationType"] == "API_KEY"


def test_update_drops_a_cached_token(ctx: Context, call: Call, create: Call) -> None:
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH)
    key = (ctx.account_id, ctx.region, "hooks")
    connection = ctx.store.get(Connection, *key)
    assert connection is not None
    with ctx.store.transaction():
        ctx.store.put(connection.replace(token={"access_token": "AT1"}))

    call("UpdateConnection", Name="hooks", Description="d")

    after = ctx.store.get(Connection, *key)
    assert after is not None
    assert after.token is None


NOTHING = (
    "Failed to update the connection(s). At least one of the following is required:"
    " Description, KmsKeyIdentifier, AuthorizationType with BasicAuthParameters,"
    " ApiKeyAuthParameters, or OAuthParameters."
)
ONE_TYPE = "Exactly one authentication parameter type is required."
MISMATCH = "AuthorizationType does not match AuthParameters."


@pytest.mark.parametrize(
    ("request_", "message"),
    [  # [peer]
        ({}, NOTHING),
        ({"AuthorizationType": "API_KEY"}, NOTHING),
        ({"AuthParameters": {}}, NOTHING),
        ({"AuthParameters": {**BASIC, **API_KEY}}, ONE_TYPE),
        ({"AuthorizationType": "API_KEY", "Description": "d"}, ONE_TYPE),
        ({"AuthParameters": API_KEY}, MISMATCH),
        ({"AuthorizationType": "API_KEY", "AuthParameters": BASIC}, MISMATCH),
        (
            {
                "AuthorizationType": "API_KEY",
                "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "n"}},
            },
            "1 validation error detected: Value null at"
            " 'authParameters.apiKeyAuthParameters.apiKeyValue' failed to satisfy"
            " constraint: Member must not be null",  # [guess]
        ),
    ],
)
def test_update_refuses_what_makes_no_connection(
    call: Call, create: Call, refused: Refused, request_: dict[str, Any], message: str
) -> None:
    create("BASIC", BASIC)
    before = describe(call)

    refusal = refused("UpdateConnection", Name="hooks", **request_)

    assert refusal == f"ValidationException: {message}"
    assert describe(call) == before


def test_nothing_to_change_is_refused_before_the_name(refused: Refused) -> None:
    assert refused("UpdateConnection", Name="nope") == f"ValidationException: {NOTHING}"


# -- DeauthorizeConnection


def test_deauthorize_answers_on_the_way_and_is_done_at_the_next_look(
    call: Call, create: Call, clock: VirtualClock, now: datetime
) -> None:
    arn = create(parameters={**API_KEY, "InvocationHttpParameters": PARAMETERS})[
        "ConnectionArn"
    ]
    clock.advance(60)

    response = call("DeauthorizeConnection", Name="hooks")

    assert response == {  # [doc]
        "ConnectionArn": arn,
        "ConnectionState": "DEAUTHORIZING",
        "CreationTime": now,
        "LastModifiedTime": now + timedelta(seconds=60),
        "LastAuthorizedTime": now,
    }
    assert describe(call) == {  # [peer] no SecretArn, empty AuthParameters
        "ConnectionArn": arn,
        "Name": "hooks",
        "ConnectionState": "DEAUTHORIZED",
        "StateReason": (
            "The authorization parameters were removed from this connection by a"
            " DeauthorizeConnection operation."
        ),
        "AuthorizationType": "API_KEY",
        "AuthParameters": {},
        "CreationTime": now,
        "LastModifiedTime": now + timedelta(seconds=60),
        "LastAuthorizedTime": now,
    }


def test_a_second_deauthorize_changes_nothing(
    call: Call, create: Call, clock: VirtualClock
) -> None:
    create()
    call("DeauthorizeConnection", Name="hooks")
    before = describe(call)
    clock.advance(60)

    response = call("DeauthorizeConnection", Name="hooks")

    assert response["ConnectionState"] == "DEAUTHORIZED"  # [peer]
    assert describe(call) == before


def test_deauthorize_removes_secrets_that_a_refused_call_left(
    ctx: Context, call: Call, create: Call
) -> None:
    create()
    connection = ctx.store.get(Connection, ctx.account_id, ctx.region, "hooks")
    assert connection is not None
    with ctx.store.transaction():
        ctx.store.put(connection.replace(state="DEAUTHORIZED", state_reason="401"))

    call("DeauthorizeConnection", Name="hooks")

    assert read_parameters(ctx) == {}


def test_new_parameters_authorise_again_with_a_new_secret(
    call: Call, create: Call
) -> None:
    create()
    secret_arn = describe(call)["SecretArn"]
    call("DeauthorizeConnection", Name="hooks")

    response = call("UpdateConnection", Name="hooks", AuthParameters=API_KEY)

    after = describe(call)
    assert response["ConnectionState"] == "AUTHORIZED"  # [doc]
    assert SECRET_ARN.fullmatch(after["SecretArn"])
    assert after["SecretArn"] != secret_arn
    assert "StateReason" not in after


def test_a_deauthorised_connection_needs_whole_parameters(
    call: Call, create: Call, refused: Refused
) -> None:
    create("BASIC", BASIC)
    call("DeauthorizeConnection", Name="hooks")

    refusal = refused(
        "UpdateConnection",
        Name="hooks",
        AuthParameters={"BasicAuthParameters": {"Password": "p"}},
    )

    assert refusal == (  # [guess]
        "ValidationException: 1 validation error detected: Value null at"
        " 'authParameters.basicAuthParameters.username' failed to satisfy constraint:"
        " Member must not be null"
    )


# -- DeleteConnection


def test_delete_answers_deleting_and_the_record_is_gone(
    call: Call, create: Call, refused: Refused, now: datetime
) -> None:
    arn = create()["ConnectionArn"]

    response = call("DeleteConnection", Name="hooks")

    assert response == {  # [aws]
        "ConnectionArn": arn,
        "ConnectionState": "DELETING",
        "CreationTime": now,
        "LastModifiedTime": now,
        "LastAuthorizedTime": now,
    }
    assert refused("DescribeConnection", Name="hooks") == MISSING.format(
        "describe"
    ).replace("nope", "hooks")


def test_a_name_used_again_gets_a_new_arn(call: Call, create: Call) -> None:
    first = create()["ConnectionArn"]
    call("DeleteConnection", Name="hooks")

    second = create()["ConnectionArn"]

    assert first != second  # [guess] from the format


# -- ListConnections


def test_list_shows_neither_secret_arn_nor_parameters_nor_description(
    call: Call, create: Call, now: datetime
) -> None:
    arn = create(Description="d")["ConnectionArn"]

    response = call("ListConnections")

    assert response == {  # [aws]
        "Connections": [
            {
                "ConnectionArn": arn,
                "Name": "hooks",
                "ConnectionState": "AUTHORIZED",
                "AuthorizationType": "API_KEY",
                "CreationTime": now,
                "LastModifiedTime": now,
                "LastAuthorizedTime": now,
            }
        ]
    }


def list_names(call: Call, **request: Any) -> list[str]:
    response = call("ListConnections", **request)
    return [each["Name"] for each in response["Connections"]]


def test_list_filters_by_prefix_and_by_the_state_of_the_moment(
    call: Call, create: Call, clock: VirtualClock
) -> None:
    create(name="a-key")
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH, name="a-oauth")
    create("OAUTH_CLIENT_CREDENTIALS", OAUTH, name="b-oauth")
    create(name="b-gone")
    call("DeauthorizeConnection", Name="b-gone")

    early = list_names(call, ConnectionState="AUTHORIZED")
    waiting = list_names(call, ConnectionState="AUTHORIZING", NamePrefix="a-")
    clock.advance(1)
    late = list_names(call, ConnectionState="AUTHORIZED")

    assert early == ["a-key"]
    assert waiting == ["a-oauth"]  # [peer] both filters
    assert late == ["a-key", "a-oauth", "b-oauth"]
    assert list_names(call, ConnectionState="DEAUTHORIZED") == ["b-gone"]
    assert list_names(call, NamePrefix="b-") == ["b-gone", "b-oauth"]


def test_list_pages_are_full_also_where_most_are_left_out(
    call: Call, create: Call
) -> None:
    for number in range(12):
        create(name=f"c{number:02}")
        if number % 4:
            call("DeauthorizeConnection", Name=f"c{number:02}")

    first = call("ListConnections", ConnectionState="AUTHORIZED", Limit=2)
    second = call(
        "ListConnections",
        ConnectionState="AUTHORIZED",
        Limit=2,
        NextToken=first["NextToken"],
    )

    assert [each["Name"] for each in first["Connections"]] == ["c00", "c04"]
    assert [each["Name"] for each in second["Connections"]] == ["c08"]
    assert "NextToken" not in second


def test_list_has_no_token_when_nothing_is_left(call: Call, create: Call) -> None:
    for name in ("a", "b"):
        create(name=name)

    response = call("ListConnections", Limit=2)

    assert [each["Name"] for each in response["Connections"]] == ["a", "b"]
    assert "NextToken" not in response  # [aws]


def test_list_refuses_a_token_of_another_list(
    call: Call, create: Call, refused: Refused
) -> None:
    for name in ("a", "b"):
        call("CreateEventBus", Name=name)
    token = call("ListEventBuses", Limit=1)["NextToken"]

    assert refused("ListConnections", NextToken=token) == (  # [doc]
        "InvalidToken: Invalid NextToken."
    )


def test_list_refuses_a_state_that_there_is_not(refused: Refused) -> None:
    assert refused("ListConnections", ConnectionState="NONE") == (  # [guess] the place
        "ValidationException: 1 validation error detected: Value 'NONE' at"
        " 'connectionState' failed to satisfy constraint: Member must satisfy enum"
        " value set: [CREATING, UPDATING, DELETING, AUTHORIZED, DEAUTHORIZED,"
        " AUTHORIZING, DEAUTHORIZING, ACTIVE, FAILED_CONNECTIVITY]"
    )
