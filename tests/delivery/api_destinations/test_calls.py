"""API destinations as targets, called for real over loopback."""

from __future__ import annotations

import base64
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.api_destinations.calls import call as call_api_destination
from evcli.delivery.api_destinations.connections import get_by_arn
from evcli.delivery.scheduled.scheduler import tick
from evcli.delivery.sinks import find_sink_file
from evcli.delivery.worker import run_due
from evcli.operations import call as call_operation
from evcli.store.deliveries import DELIVERED, FAILED, RETRYING
from evcli.store.records import Connection
from tests.delivery.listener import HANG, make_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink
    from evcli.store.deliveries import Delivery
    from tests.delivery.listener import Listener

    Call = Callable[..., dict[str, Any]]

HERE = "000000000000"
ROLE = f"arn:aws:iam::{HERE}:role/r"
QUEUE = f"arn:aws:sqs:us-east-1:{HERE}:dead"
NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "abc"}}
TYPES = {
    "BasicAuthParameters": "BASIC",
    "ApiKeyAuthParameters": "API_KEY",
    "OAuthParameters": "OAUTH_CLIENT_CREDENTIALS",
}


def oauth(listener: Listener, **changes: Any) -> dict[str, Any]:
    return {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": "s3cret"},
            "AuthorizationEndpoint": f"{listener.url}/token",
            "HttpMethod": "POST",
            **changes,
        }
    }


def make_token(text: str = "AT1", **more: Any) -> bytes:
    token = {"access_token": text, "token_type": "bearer", **more}
    return make_answer(body=json.dumps(token))


def connect(ctx: Context, parameters: dict[str, Any], name: str = "c") -> str:
    """Make a connection; gives its ARN."""
    request = {
        "Name": name,
        "AuthorizationType": next(TYPES[key] for key in parameters if key in TYPES),
        "AuthParameters": parameters,
    }
    answer = call_operation(ctx, "CreateConnection", request)
    arn: str = answer["ConnectionArn"]
    return arn


def make_destination(
    ctx: Context, endpoint: str, connection_arn: str, name: str = "d", **more: Any
) -> str:
    """Make an API destination; gives its ARN."""
    request = {
        "Name": name,
        "ConnectionArn": connection_arn,
        "InvocationEndpoint": endpoint,
        "HttpMethod": "POST",
        **more,
    }
    answer = call_operation(ctx, "CreateApiDestination", request)
    arn: str = answer["ApiDestinationArn"]
    return arn


def aim(ctx: Context, arn: str, **target: Any) -> None:
    """Let a rule that matches everything send to a target."""
    pattern = '{"source":[{"prefix":""}]}'
    call_operation(ctx, "PutRule", {"Name": "r", "EventPattern": pattern})
    targets = [{"Id": "1", "Arn": arn, "RoleArn": ROLE, **target}]
    call_operation(ctx, "PutTargets", {"Rule": "r", "Targets": targets})


def set_up(
    ctx: Context,
    listener: Listener,
    parameters: dict[str, Any] | None = None,
    *,
    target: dict[str, Any] | None = None,
    **destination: Any,
) -> None:
    """A rule, its target, the API destination on the listener, its connection."""
    connection_arn = connect(ctx, parameters or BASIC)
    endpoint = f"{listener.url}/hook"
    arn = make_destination(ctx, endpoint, connection_arn, **destination)
    aim(ctx, arn, **(target or {}))


def put(ctx: Context, count: int = 1, detail: str = "{}") -> None:
    entry = {"Source": "shop", "DetailType": "order", "Detail": detail}
    call_operation(ctx, "PutEvents", {"Entries": [entry] * count})


def only(ctx: Context) -> Delivery:
    """The one delivery that is no dead letter."""
    (delivery,) = [
        each
        for each in ctx.store.ledger.list_deliveries()
        if each.dead_letter_of is None
    ]
    return delivery


def tell(ctx: Context) -> tuple[str, int, str | None, str | None]:
    delivery = only(ctx)
    return (
        delivery.state,
        delivery.attempts,
        delivery.error_code,
        delivery.error_message,
    )


def get_connection(ctx: Context) -> Connection:
    arn = call_operation(ctx, "DescribeConnection", {"Name": "c"})["ConnectionArn"]
    connection = get_by_arn(ctx, Connection, arn)
    assert connection is not None
    return connection


def describe(ctx: Context) -> tuple[str, str | None]:
    answer = call_operation(ctx, "DescribeConnection", {"Name": "c"})
    return answer["ConnectionState"], answer.get("StateReason")


def wait(ctx: Context, seconds: float) -> None:
    """Let time pass, and do what is due."""
    tick(ctx, ctx.clock.now() + timedelta(seconds=seconds))


def read_headers(request: str) -> dict[str, str]:
    lines = request.partition("\r\n\r\n")[0].split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


# -- the worked example, byte for byte

EXAMPLE_TARGET = {
    "HttpParameters": {
        "PathParameterValues": ["$.detail.tenant"],
        "HeaderParameters": {"X-Trace": "t-1", "X-Env": "from-target"},
        "QueryStringParameters": {"page": "1", "env": "from-target"},
    },
    "InputTransformer": {
        "InputPathsMap": {"n": "$.detail.n"},
        "InputTemplate": '{"order":<n>}',
    },
}
EXAMPLE_PARAMETERS = {
    "InvocationHttpParameters": {
        "HeaderParameters": [{"Key": "x-env", "Value": "prod", "IsValueSecret": False}],
        "QueryStringParameters": [
            {"Key": "env", "Value": "prod", "IsValueSecret": False}
        ],
        "BodyParameters": [
            {"Key": "tenant_key", "Value": "k-9", "IsValueSecret": True}
        ],
    }
}
EXAMPLE = (
    "POST /v1/acme/items?src=eb&page=1&env=prod HTTP/1.1\r\n"
    "Host: hooks.example.test\r\n"
    "User-Agent: Amazon/EventBridge/ApiDestinations\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Range: bytes=0-1048575\r\n"
    "Accept-Encoding: gzip,deflate\r\n"
    "Connection: close\r\n"
    "X-Trace: t-1\r\n"
    "x-env: prod\r\n"
    "{authorization}\r\n"
    "Content-Length: 30\r\n"
    "\r\n"
    '{{"order":7,"tenant_key":"k-9"}}'
)
TOKEN_EXAMPLE = (
    "POST /token?audience=eb HTTP/1.1\r\n"
    "Host: auth.example.test\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "X-Realm: r1\r\n"
    "Content-Length: 75\r\n"
    "\r\n"
    "grant_type=client_credentials&client_id=id&client_secret=s3cret&scope=write"
)
OAUTH_EXAMPLE = {
    "OAuthParameters": {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s3cret"},
        "AuthorizationEndpoint": "https://auth.example.test/token",
        "HttpMethod": "POST",
        "OAuthHttpParameters": {
            "HeaderParameters": [{"Key": "X-Realm", "Value": "r1"}],
            "QueryStringParameters": [{"Key": "audience", "Value": "eb"}],
            "BodyParameters": [{"Key": "scope", "Value": "write"}],
        },
    }
}


@pytest.mark.parametrize(
    ("credentials", "authorization", "token_requests"),
    [
        (BASIC, "Authorization: Basic dXNlcjpwYXNz", []),
        (API_KEY, "X-Api-Key: abc", []),
        (OAUTH_EXAMPLE, "Authorization: Bearer AT1", [TOKEN_EXAMPLE]),
    ],
)
def test_the_worked_example_goes_out_byte_for_byte(
    ctx: Context,
    listener: Listener,
    credentials: dict[str, Any],
    authorization: str,
    token_requests: list[str],
) -> None:
    ctx.configuration = {
        "hosts": {"hooks.example.test": listener.url, "auth.example.test": listener.url}
    }
    connection_arn = connect(ctx, {**credentials, **EXAMPLE_PARAMETERS})
    endpoint = "https://hooks.example.test/v1/*/items?src=eb"
    aim(ctx, make_destination(ctx, endpoint, connection_arn), **EXAMPLE_TARGET)
    if token_requests:
        listener.answers = [make_token(expires_in=3600)]

    put(ctx, detail='{"tenant":"acme","n":7}')

    expected = [*token_requests, EXAMPLE.format(authorization=authorization)]
    assert listener.texts == expected
    assert tell(ctx) == (DELIVERED, 1, None, None)


def test_the_whole_event_is_the_body_where_no_input_settings_are(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener, HttpMethod="PUT")

    put(ctx, detail='{"price":1.10}')

    (request,) = listener.texts
    assert request.startswith("PUT /hook HTTP/1.1\r\n")
    assert request.partition("\r\n\r\n")[2] == only(ctx).event.envelope


def test_a_password_may_have_letters_of_any_language(
    ctx: Context, listener: Listener
) -> None:
    given = {"Username": "Zoë", "Password": "pässwörd"}
    set_up(ctx, listener, {"BasicAuthParameters": given})

    put(ctx)

    value = read_headers(listener.texts[0])["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(value).decode() == "Zoë:pässwörd"


# -- what an answer means


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_success_is_a_delivery(
    ctx: Context, listener: Listener, status: int
) -> None:
    listener.answers = [make_answer(f"{status} x")]
    set_up(ctx, listener)

    put(ctx)

    assert tell(ctx) == (DELIVERED, 1, None, None)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, "SDK_CLIENT_ERROR", "401 Unauthorized"),
        (407, "SDK_CLIENT_ERROR", "407 Proxy Authentication Required"),
        (409, "SDK_CLIENT_ERROR", "409 Conflict"),
        (429, "THROTTLING", "429 Too Many Requests"),
        (500, "ERROR_FROM_TARGET", "500 Internal Server Error"),
        (503, "ERROR_FROM_TARGET", "503 Service Unavailable"),
        (599, "ERROR_FROM_TARGET", "599"),
    ],
)
def test_some_statuses_are_tried_again(
    ctx: Context, listener: Listener, status: int, code: str, said: str
) -> None:  # [doc]
    # The words of the server stay out of the ledger.
    listener.answers = [make_answer(f"{status} pass", body="pass")]
    set_up(ctx, listener)

    put(ctx)

    assert tell(ctx) == (RETRYING, 1, code, f"The answer was {said}.")
    assert only(ctx).next_attempt_at == NOW + timedelta(seconds=2)


@pytest.mark.parametrize("status", [101, 300, 301, 302, 304, 400, 403, 404, 410, 418])
def test_all_other_statuses_end_the_delivery_with_a_dead_letter(
    ctx: Context, listener: Listener, memory_sink: MemorySink, status: int
) -> None:  # [doc]
    listener.answers = [make_answer(f"{status} x", location="/other")]
    set_up(ctx, listener, target={"DeadLetterConfig": {"Arn": QUEUE}})

    put(ctx)

    state, attempts, code, message = tell(ctx)
    assert (state, attempts, code) == (FAILED, 1, "SDK_CLIENT_ERROR")
    assert str(message).startswith(f"The answer was {status} ")
    assert len(listener.requests) == 1
    (letter,) = memory_sink.requests
    attributes = letter["request"]["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "SDK_CLIENT_ERROR"
    assert attributes["RETRY_ATTEMPTS"]["StringValue"] == "0"
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes


def test_a_failed_call_is_repeated_until_it_succeeds(
    ctx: Context, listener: Listener
) -> None:
    listener.answers = [make_answer("503 x"), make_answer("500 x"), make_answer()]
    set_up(ctx, listener)

    put(ctx)
    wait(ctx, 60)

    assert tell(ctx) == (DELIVERED, 3, None, None)
    assert listener.requests[0] == listener.requests[1] == listener.requests[2]


def test_a_server_that_takes_too_long_is_tried_again(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener)
    put(ctx)
    delivery = only(ctx)
    listener.answers = [HANG]

    outcome = call_api_destination(ctx, delivery, limit_seconds=0.1)

    assert (outcome.error_code, outcome.retry) == ("TIMEOUT", True)
    assert outcome.message == "No complete answer within 0.1 s."


def test_nobody_listening_is_tried_again(ctx: Context) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    arn = make_destination(ctx, f"http://127.0.0.1:{port}", connect(ctx, BASIC))
    aim(ctx, arn)

    put(ctx)

    state, _, code, _ = tell(ctx)
    assert (state, code) == (RETRYING, "CONNECTION_FAILURE")


# -- Retry-After


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        # The longer of both counts.
        ("1", 2),
        ("0", 2),
        ("Tue, 14 May 2024 11:25:22 GMT", 120),
        ("nonsense", 2),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_lengthens_the_wait(
    ctx: Context, listener: Listener, status: int, retry_after: str, seconds: int
) -> None:
    listener.answers = [make_answer(f"{status} x", Retry_After=retry_after)]
    set_up(ctx, listener)

    put(ctx)

    assert only(ctx).next_attempt_at == NOW + timedelta(seconds=seconds)


def test_a_negative_retry_after_ends_the_delivery(
    ctx: Context, listener: Listener
) -> None:  # [doc]
    listener.answers = [make_answer("503 x", Retry_After="-1")]
    set_up(ctx, listener)

    put(ctx)

    assert tell(ctx) == (
        FAILED,
        1,
        "ERROR_FROM_TARGET",
        "The answer was 503 Service Unavailable. It asks not to be called again.",
    )


def test_a_retry_after_beyond_the_age_of_the_event_ends_it(
    ctx: Context, listener: Listener, memory_sink: MemorySink
) -> None:
    listener.answers = [make_answer("503 x", Retry_After="61")]
    policy = {"MaximumEventAgeInSeconds": 60}
    dead = {"Arn": QUEUE}
    set_up(ctx, listener, target={"RetryPolicy": policy, "DeadLetterConfig": dead})

    put(ctx)

    assert tell(ctx)[:3] == (FAILED, 1, "ERROR_FROM_TARGET")
    attributes = memory_sink.requests[0]["request"]["MessageAttributes"]
    assert attributes["EXHAUSTED_RETRY_CONDITION"]["StringValue"] == (
        "MaximumEventAgeInSeconds"
    )


# -- what is missing


def test_an_api_destination_that_is_gone_is_no_resource(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener)
    call_operation(ctx, "DeleteApiDestination", {"Name": "d"})

    put(ctx)

    assert tell(ctx)[:3] == (FAILED, 1, "NO_RESOURCE")
    assert listener.requests == []


def test_an_api_destination_of_the_same_name_is_another_one(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener)
    call_operation(ctx, "DeleteApiDestination", {"Name": "d"})
    make_destination(ctx, listener.url, get_connection(ctx).arn)

    put(ctx)

    assert tell(ctx)[:3] == (FAILED, 1, "NO_RESOURCE")
    assert listener.requests == []


def test_a_connection_that_is_gone_is_no_resource(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener)
    arn = get_connection(ctx).arn
    call_operation(ctx, "DeleteConnection", {"Name": "c"})

    put(ctx)

    assert tell(ctx) == (
        FAILED,
        1,
        "NO_RESOURCE",
        f"Connection {arn} does not exist.",
    )
    assert listener.requests == []


def test_an_inactive_api_destination_is_not_called_until_it_is_active(
    ctx: Context, listener: Listener
) -> None:  # [peer]
    set_up(ctx, listener)
    call_operation(ctx, "DeauthorizeConnection", {"Name": "c"})

    put(ctx)
    before = tell(ctx)
    request = {"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": BASIC}
    call_operation(ctx, "UpdateConnection", request)
    wait(ctx, 10)

    assert before == (
        RETRYING,
        1,
        "CONNECTION_FAILURE",
        "Connection c is DEAUTHORIZED: no call is made.",
    )
    assert tell(ctx) == (DELIVERED, 2, None, None)
    assert len(listener.requests) == 1


def test_a_path_value_that_is_missing_ends_the_delivery(
    ctx: Context, listener: Listener
) -> None:
    connection_arn = connect(ctx, BASIC)
    arn = make_destination(ctx, f"{listener.url}/*", connection_arn)
    aim(ctx, arn, HttpParameters={"PathParameterValues": ["$.detail.none"]})

    put(ctx)

    assert tell(ctx)[:3] == (FAILED, 1, "INVALID_PARAMETER")
    assert listener.requests == []


# -- 401, 407 and the connection


@pytest.mark.parametrize("status", ["401 Unauthorized", "407 x"])
@pytest.mark.parametrize("credentials", [BASIC, API_KEY])
def test_a_refusal_deauthorises_a_connection_with_a_password_or_key(
    ctx: Context, listener: Listener, status: str, credentials: dict[str, Any]
) -> None:  # [doc]
    listener.answers = [make_answer(status)]
    set_up(ctx, listener, credentials)

    put(ctx)
    wait(ctx, 10)

    state, reason = describe(ctx)
    assert state == "DEAUTHORIZED"
    assert str(reason).startswith(f"An API destination answered {status[:3]} ")
    assert len(listener.requests) == 1
    assert tell(ctx)[2] == "CONNECTION_FAILURE"


@pytest.mark.parametrize("status", ["403 x", "409 x", "429 x", "500 x"])
def test_other_failures_leave_the_connection_alone(
    ctx: Context, listener: Listener, status: str
) -> None:
    listener.answers = [make_answer(status)]
    set_up(ctx, listener)

    put(ctx)

    assert describe(ctx) == ("AUTHORIZED", None)


def test_a_refusal_of_an_old_password_leaves_the_new_one_authorised(
    ctx: Context, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evcli.delivery.api_destinations import calls

    set_up(ctx, listener)

    def send(*given: Any) -> Any:
        parameters = {"BasicAuthParameters": {"Username": "u", "Password": "new"}}
        request = {
            "Name": "c",
            "AuthorizationType": "BASIC",
            "AuthParameters": parameters,
        }
        call_operation(ctx.act_as(HERE, "us-east-1"), "UpdateConnection", request)
        return sending(*given)

    sending = calls.send
    monkeypatch.setattr(calls, "send", send)
    listener.answers = [make_answer("401 x")]

    put(ctx)

    assert describe(ctx) == ("AUTHORIZED", None)


# -- tokens


def count_tokens(listener: Listener) -> int:
    return sum(text.startswith("POST /token") for text in listener.texts)


def test_one_token_serves_until_a_minute_before_its_end(
    ctx: Context, clock: VirtualClock, listener: Listener
) -> None:  # [doc]
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token("AT1", expires_in=3600)]

    put(ctx)
    put(ctx)
    clock.advance(3539)
    put(ctx)
    before = count_tokens(listener)
    clock.advance(1)
    listener.answers = [make_token("AT2", expires_in=3600)]
    put(ctx)

    assert (before, count_tokens(listener)) == (1, 2)
    used = [
        read_headers(text)["Authorization"]
        for text in listener.texts
        if text.startswith("POST /hook")
    ]
    assert used == ["Bearer AT1"] * 3 + ["Bearer AT2"]


def test_a_token_without_end_serves_on_and_on(
    ctx: Context, clock: VirtualClock, listener: Listener
) -> None:
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token()]

    put(ctx)
    clock.advance(10**7)
    put(ctx)

    assert count_tokens(listener) == 1


def test_a_token_authorises_a_connection_that_waits_for_it(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token()]
    before = describe(ctx)

    put(ctx)

    assert before == ("AUTHORIZING", None)
    assert describe(ctx) == ("AUTHORIZED", None)
    assert tell(ctx) == (DELIVERED, 1, None, None)


@pytest.mark.parametrize("status", ["401 x", "407 x"])
def test_a_refused_token_is_fetched_anew_with_the_retry(
    ctx: Context, listener: Listener, status: str
) -> None:  # [doc]
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token("AT1"), make_answer(status), make_token("AT2")]

    put(ctx)
    after_refusal = count_tokens(listener)
    wait(ctx, 10)

    assert (after_refusal, count_tokens(listener)) == (1, 2)
    assert read_headers(listener.texts[-1])["Authorization"] == "Bearer AT2"
    assert tell(ctx) == (DELIVERED, 2, None, None)
    assert describe(ctx) == ("AUTHORIZED", None)


def test_without_retries_a_refused_token_sends_nothing_again(
    ctx: Context, listener: Listener
) -> None:  # [doc]
    policy = {"MaximumRetryAttempts": 0}
    set_up(ctx, listener, oauth(listener), target={"RetryPolicy": policy})
    listener.answers = [make_token(), make_answer("401 x")]

    put(ctx)
    wait(ctx, 100)

    assert tell(ctx)[:3] == (FAILED, 1, "SDK_CLIENT_ERROR")
    assert len(listener.requests) == 2


def test_another_refusal_keeps_the_token(ctx: Context, listener: Listener) -> None:
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token(), make_answer("403 x")]

    put(ctx)
    put(ctx)

    assert count_tokens(listener) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (make_answer("400 x"), "The answer, 400 Bad Request, has no access token."),
        (make_answer("500 x"), "The answer, 500 Internal Server Error, has no access"),
        (make_answer(body="s3cret"), "The answer, 200 OK, has no access token."),
        (b"", "The call to http://127.0.0.1:"),
    ],
)
def test_without_a_token_the_connection_is_deauthorised_and_no_call_made(
    ctx: Context, listener: Listener, answer: bytes, reason: str
) -> None:  # [doc]
    set_up(ctx, listener, oauth(listener))
    listener.answers = [answer]

    put(ctx)

    state, attempts, code, message = tell(ctx)
    assert (state, attempts, code) == (RETRYING, 1, "CONNECTION_FAILURE")
    assert str(message).startswith(
        f"The authorization endpoint gave no token: {reason}"
    )
    assert describe(ctx) == ("DEAUTHORIZED", message)
    assert [text[:11] for text in listener.texts] == ["POST /token"]


def test_a_token_endpoint_that_hangs_is_left_after_the_limit(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token(), make_answer("503 x")]
    put(ctx)
    delivery, connection = only(ctx), get_connection(ctx)
    with ctx.store.transaction():
        ctx.store.put(connection.replace(token=None))
    listener.answers = [HANG]

    outcome = call_api_destination(ctx, delivery, limit_seconds=0.1)

    assert (outcome.error_code, outcome.retry) == ("CONNECTION_FAILURE", True)
    assert describe(ctx)[0] == "DEAUTHORIZED"


def test_a_token_endpoint_out_of_reach_says_so_and_deauthorises_nothing(
    ctx: Context, listener: Listener
) -> None:
    endpoint = "https://auth.example.test/token"
    set_up(ctx, listener, oauth(listener, AuthorizationEndpoint=endpoint))

    put(ctx)
    before = tell(ctx)
    ctx.configuration = {"hosts": {"auth.example.test": listener.url}}
    listener.answers = [make_token()]
    wait(ctx, 10)

    assert before == (
        RETRYING,
        1,
        "CONNECTION_FAILURE",
        "There is no token, since evcli does not call auth.example.test; to let it,"
        " give the host an address in [hosts] of config.toml.",
    )
    assert tell(ctx) == (DELIVERED, 2, None, None)


def test_a_token_goes_with_new_parameters(ctx: Context, listener: Listener) -> None:
    set_up(ctx, listener, oauth(listener))
    listener.answers = [make_token("AT1")]
    put(ctx)

    call_operation(ctx, "UpdateConnection", {"Name": "c", "Description": "x"})
    listener.answers = [make_token("AT2")]
    put(ctx)

    assert count_tokens(listener) == 2
    assert read_headers(listener.texts[-1])["Authorization"] == "Bearer AT2"


def test_each_connection_has_a_token_of_its_own(
    ctx: Context, listener: Listener
) -> None:
    targets = []
    for name in ("c", "d"):
        arn = connect(ctx, oauth(listener), name)
        endpoint = f"{listener.url}/hook"
        targets.append(make_destination(ctx, endpoint, arn, name))
    listener.answers = [make_token("AT1"), make_answer(), make_token("AT2")]

    for arn in targets:
        aim(ctx, arn)
        put(ctx)

    used = [read_headers(text).get("Authorization") for text in listener.texts]
    assert used == [None, "Bearer AT1", None, "Bearer AT2"]


# -- the rate


def list_calls(ctx: Context) -> list[tuple[str, int]]:
    """The second in which each delivery was made, counted from the first event's."""
    return [
        (each.state, round((each.finished_at - NOW).total_seconds()))
        for each in ctx.store.ledger.list_deliveries()
        if each.finished_at is not None
    ]


def test_what_exceeds_the_rate_is_made_in_the_following_seconds(
    ctx: Context, listener: Listener
) -> None:  # [doc]
    set_up(ctx, listener, InvocationRateLimitPerSecond=2)

    put(ctx, 7)
    at_once = len(listener.requests)
    waiting = [
        (each.state, each.attempts, each.next_attempt_at)
        for each in ctx.store.ledger.list_deliveries(state=RETRYING)
    ]
    wait(ctx, 10)

    assert at_once == 2
    assert waiting == [
        (RETRYING, 0, NOW + timedelta(seconds=second)) for second in (1, 1, 2, 2, 3)
    ]
    assert list_calls(ctx) == [(DELIVERED, second) for second in (0, 0, 1, 1, 2, 2, 3)]
    assert {each.attempts for each in ctx.store.ledger.list_deliveries()} == {1}


def test_later_events_queue_up_behind_those_that_wait(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener, InvocationRateLimitPerSecond=1)

    put(ctx, 2)
    put(ctx, 2)
    wait(ctx, 10)

    assert list_calls(ctx) == [(DELIVERED, second) for second in range(4)]


def test_retries_take_turns_like_everybody(ctx: Context, listener: Listener) -> None:
    set_up(ctx, listener, InvocationRateLimitPerSecond=1)
    # Fails in second 0; the retry after 2 seconds finds second 2 taken by the third.
    listener.answers = [make_answer("503 x")]

    put(ctx, 3)
    wait(ctx, 10)

    assert sorted(list_calls(ctx)) == [(DELIVERED, 1), (DELIVERED, 2), (DELIVERED, 3)]


def test_each_api_destination_has_a_rate_of_its_own(
    ctx: Context, listener: Listener
) -> None:
    arn = connect(ctx, BASIC)
    limit = {"InvocationRateLimitPerSecond": 1}
    for name in ("d", "e"):
        aim(ctx, make_destination(ctx, listener.url, arn, name, **limit))
        put(ctx)

    assert len(listener.requests) == 2


def test_a_turn_beyond_the_age_of_the_event_ends_it(
    ctx: Context, listener: Listener, memory_sink: MemorySink
) -> None:  # [doc] that the age counts on
    policy = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    dead = {"Arn": QUEUE}
    set_up(
        ctx,
        listener,
        target={"RetryPolicy": policy, "DeadLetterConfig": dead},
        InvocationRateLimitPerSecond=1,
    )

    for _ in range(6):
        put(ctx, 10)
    put(ctx, 2)

    (letter,) = memory_sink.requests
    attributes = letter["request"]["MessageAttributes"]
    values = {name: each["StringValue"] for name, each in attributes.items()}
    assert values["ERROR_CODE"] == "THROTTLING"
    assert values["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"


def test_a_worker_that_comes_late_still_keeps_the_rate(
    ctx: Context, clock: VirtualClock, listener: Listener
) -> None:
    set_up(ctx, listener, InvocationRateLimitPerSecond=1)

    put(ctx, 4)
    clock.advance(100)
    run_due(ctx, clock.now())
    wait(ctx, 10)

    assert list_calls(ctx) == [(DELIVERED, second) for second in (0, 100, 101, 102)]


def test_a_clock_that_is_put_back_finds_the_present_free(
    ctx: Context, clock: VirtualClock, listener: Listener
) -> None:
    set_up(ctx, listener, InvocationRateLimitPerSecond=1)
    clock.advance(10**6)
    put(ctx)

    clock.set(NOW)
    put(ctx, 2)
    wait(ctx, 1)

    assert len(listener.requests) == 3


def test_who_waits_for_a_turn_is_told_once_and_nothing_is_lost(
    ctx: Context, listener: Listener
) -> None:
    set_up(ctx, listener, InvocationRateLimitPerSecond=1)

    put(ctx, 2)

    (delivery,) = ctx.store.ledger.list_deliveries(state=RETRYING)
    assert ctx.notices == [
        f"delivery {delivery.delivery_id} to {delivery.target_arn} waits for `evcli"
        " local run` or `tick`: THROTTLING: The rate of the API destination is 1 a second."
    ]
    assert ctx.store.ledger.list_attempts(delivery.delivery_key) == []


# -- hosts that are not called


def test_a_host_out_of_reach_is_not_called_and_its_request_kept(
    ctx: Context, state_directory: Path
) -> None:
    connection_arn = connect(ctx, {**BASIC, **EXAMPLE_PARAMETERS})
    endpoint = "https://hooks.example.test/v1/*/items?src=eb"
    arn = make_destination(ctx, endpoint, connection_arn)
    aim(ctx, arn, **EXAMPLE_TARGET)

    put(ctx, detail='{"tenant":"acme","n":7}')

    path = Path(find_sink_file(str(state_directory), arn))
    (line,) = map(json.loads, path.read_text().splitlines())
    delivery = only(ctx)
    assert line == {
        "deliveryId": delivery.delivery_id,
        "eventId": delivery.event.event_id,
        "time": "2024-05-14T11:23:22Z",
        "ruleArn": f"arn:aws:events:us-east-1:{HERE}:rule/r",
        "targetId": "1",
        "targetArn": arn,
        "action": "events:InvokeApiDestination",
        "request": {
            "method": "POST",
            "url": "https://hooks.example.test/v1/acme/items?src=eb&page=1&env=prod",
            "headers": {
                "User-Agent": "Amazon/EventBridge/ApiDestinations",
                "Content-Type": "application/json; charset=utf-8",
                "Range": "bytes=0-1048575",
                "Accept-Encoding": "gzip,deflate",
                "Connection": "close",
                "X-Trace": "t-1",
                "x-env": "prod",
                "Authorization": "Basic ***",
            },
            "body": '{"order":7,"tenant_key":"***"}',
        },
        "payload": '{"order":7}',
    }
    assert (delivery.state, delivery.attempts) == (DELIVERED, 1)


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (BASIC, ("Authorization", "Basic ***")),
        (API_KEY, ("X-Api-Key", "***")),
        (OAUTH_EXAMPLE, ("Authorization", "Bearer ***")),
    ],
)
def test_the_request_that_is_kept_hides_what_authorises_it(
    ctx: Context,
    memory_sink: MemorySink,
    credentials: dict[str, Any],
    header: tuple[str, str],
) -> None:
    connection_arn = connect(ctx, credentials)
    aim(ctx, make_destination(ctx, "https://hooks.example.test", connection_arn))

    put(ctx)

    (request,) = memory_sink.requests
    assert list(request["request"]["headers"].items())[5:] == [header]


def test_a_rate_is_not_kept_where_nobody_is_called(
    ctx: Context, memory_sink: MemorySink
) -> None:  # [guess]
    limit = {"InvocationRateLimitPerSecond": 1}
    connection_arn = connect(ctx, BASIC)
    aim(ctx, make_destination(ctx, "https://a.test", connection_arn, **limit))

    put(ctx, 5)

    assert len(memory_sink.requests) == 5


def test_a_sink_that_cannot_be_written_is_tried_again(
    ctx: Context, state_directory: Path
) -> None:
    aim(ctx, make_destination(ctx, "https://a.test", connect(ctx, BASIC)))
    (state_directory / "sinks").write_text("in the way")

    put(ctx)
    (state_directory / "sinks").unlink()
    before = tell(ctx)
    wait(ctx, 10)

    assert (before[0], before[2]) == (RETRYING, "INTERNAL_ERROR")
    assert tell(ctx) == (DELIVERED, 2, None, None)


def test_a_request_that_cannot_be_built_is_not_kept_either(
    ctx: Context, memory_sink: MemorySink
) -> None:
    arn = make_destination(ctx, "https://a.test/*", connect(ctx, BASIC))
    aim(ctx, arn, HttpParameters={"PathParameterValues": ["$.detail.none"]})

    put(ctx)

    assert memory_sink.requests == []
    assert tell(ctx)[:3] == (FAILED, 1, "INVALID_PARAMETER")


# -- secrets

SECRETS = [
    b"Pa55-basic",
    b"K3y-value",
    b"Cl13nt-secret",
    b"T0ken-text",
    b"H3ader-value",
    b"Qu3ry-value",
    b"B0dy-value",
    b"OAuth-b0dy",
    base64.b64encode(b"user:Pa55-basic"),
]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("reach", ["called", "kept", "failing", "refused"])
def test_secrets_are_on_the_wire_and_in_the_store_and_nowhere_else(
    ctx: Context, listener: Listener, state_directory: Path, reach: str
) -> None:
    def secret(key: str, value: str) -> list[dict[str, Any]]:
        return [{"Key": key, "Value": value, "IsValueSecret": True}]

    extras = {
        "InvocationHttpParameters": {
            "HeaderParameters": secret("X-H", "H3ader-value"),
            "QueryStringParameters": secret("q", "Qu3ry-value"),
            "BodyParameters": secret("b", "B0dy-value"),
        }
    }
    every = [
        {"BasicAuthParameters": {"Username": "user", "Password": "Pa55-basic"}},
        {"ApiKeyAuthParameters": {"ApiKeyName": "X-K", "ApiKeyValue": "K3y-value"}},
        oauth(
            listener,
            ClientParameters={"ClientID": "id", "ClientSecret": "Cl13nt-secret"},
            OAuthHttpParameters={"BodyParameters": secret("x", "OAuth-b0dy")},
        ),
    ]
    endpoint = "https://hooks.example.test" if reach == "kept" else listener.url
    status = {"failing": "503 x", "refused": "401 x"}.get(reach, "200 OK")
    echo = make_answer(status, b" ".join(SECRETS).decode())
    for number, credentials in enumerate(every):
        arn = connect(ctx, {**credentials, **extras}, f"c{number}")
        aim(ctx, make_destination(ctx, endpoint, arn, f"d{number}"))
        is_oauth = "OAuthParameters" in credentials
        listener.answers = [*([make_token("T0ken-text")] if is_oauth else []), echo]
        put(ctx)

    told = "\n".join(ctx.notices).encode()
    rows = [
        str(row).encode()
        for table in ("events", "deliveries", "attempts", "rate_slots", "settings")
        for row in ctx.store.database.execute(f"SELECT * FROM {table}")
    ]
    files = [
        path.read_bytes()
        for path in state_directory.rglob("*")
        if path.is_file() and not path.name.startswith("state.db")
    ]
    answers = [
        str(call_operation(ctx, "DescribeConnection", {"Name": f"c{number}"})).encode()
        for number in range(3)
    ]
    for text in (told, *rows, *files, *answers):
        assert [secret for secret in SECRETS if secret in text] == []
    wire = b"".join(listener.requests)
    on_wire = {secret for secret in SECRETS[1:] if secret in wire}
    assert on_wire == (set() if reach == "kept" else set(SECRETS[1:]))
    assert any(files) == (reach == "kept")
