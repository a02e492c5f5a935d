"""OAuth tokens: their request, their response, how long they are used."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.delivery.api_destinations.authorization import (
    build_token_request,
    format_authorization,
    is_fresh,
    read_token,
)
from evcli.delivery.api_destinations.client import HttpResponse
from evcli.store.epoch import to_epoch_ms

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)


def make_parameters(method: str = "POST", **changes: Any) -> dict[str, Any]:
    return {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s3cret"},
        "AuthorizationEndpoint": "https://auth.example.test/token",
        "HttpMethod": method,
        **changes,
    }


def make_extras(**lists: dict[str, str]) -> dict[str, Any]:
    return {
        "OAuthHttpParameters": {
            member: [{"Key": key, "Value": value} for key, value in pairs.items()]
            for member, pairs in lists.items()
        }
    }


EXTRAS = make_extras(
    HeaderParameters={"X-Realm": "r1"},
    QueryStringParameters={"audience": "eb"},
    BodyParameters={"scope": "write"},
)
FORM = "grant_type=client_credentials&client_id=id&client_secret=s3cret&scope=write"


# -- the request


@pytest.mark.parametrize("method", ["POST", "PUT", "post", "put"])
def test_the_worked_example_is_a_form(method: str) -> None:
    request = build_token_request(make_parameters(method, **EXTRAS))

    assert request.method == method.upper()
    assert request.url == "https://auth.example.test/token?audience=eb"
    assert request.headers == [
        ("Host", "auth.example.test"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Realm", "r1"),
        ("Content-Length", str(len(FORM))),
    ]
    assert request.body == FORM.encode()


@pytest.mark.parametrize("method", ["GET", "get"])
def test_the_worked_example_with_get_is_all_query(method: str) -> None:
    request = build_token_request(make_parameters(method, **EXTRAS))

    assert request.method == "GET"
    assert request.url == f"https://auth.example.test/token?audience=eb&{FORM}"
    assert request.headers == [("Host", "auth.example.test"), ("X-Realm", "r1")]
    assert request.body is None


def test_an_endpoint_keeps_its_own_query_and_may_lack_its_scheme() -> None:
    parameters = make_parameters(AuthorizationEndpoint="a.test:8443/t?x=1", **EXTRAS)

    request = build_token_request(parameters)

    assert request.url == "https://a.test:8443/t?x=1&audience=eb"
    assert request.headers[0] == ("Host", "a.test:8443")


def test_a_body_parameter_replaces_the_field_of_its_name_where_it_stands() -> None:
    extras = make_extras(
        BodyParameters={"client_id": "other", "grant_type": "password", "z": "a b&c"}
    )

    request = build_token_request(make_parameters(**extras))

    assert request.body == (
        b"grant_type=password&client_id=other&client_secret=s3cret&z=a%20b%26c"
    )


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "a/b+json"]
)
def test_a_json_type_makes_the_fields_one_json_object(content_type: str) -> None:
    extras = make_extras(HeaderParameters={"content-type": content_type})

    request = build_token_request(make_parameters(**extras))

    body = (
        '{"grant_type":"client_credentials","client_id":"id","client_secret":"s3cret"}'
    )
    assert request.headers == [
        ("Host", "auth.example.test"),
        ("content-type", content_type),
        ("Content-Length", str(len(body))),
    ]
    assert request.body == body.encode()


def test_another_type_leaves_it_a_form() -> None:
    extras = make_extras(HeaderParameters={"Content-Type": "text/plain"})

    request = build_token_request(make_parameters(**extras))

    assert request.headers[1] == ("Content-Type", "text/plain")
    assert str(request.body).startswith("b'grant_type=")


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "CONNECTION"]
)
def test_headers_of_the_transport_are_nobodys_to_set(name: str) -> None:
    extras = make_extras(HeaderParameters={name: "x"})

    plain = build_token_request(make_parameters()).headers

    assert build_token_request(make_parameters(**extras)).headers == plain


# -- the answer


def read(body: Any, status: int = 200) -> dict[str, Any] | None:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_token(HttpResponse(status, text), NOW)


def test_the_worked_answer_is_a_bearer_token_for_an_hour() -> None:
    token = read({"access_token": "AT1", "token_type": "bearer", "expires_in": 3600})

    assert token == {
        "access_token": "AT1",
        "token_type": "Bearer",
        "expires_at": to_epoch_ms(NOW + timedelta(hours=1)),
    }


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (None, "Bearer AT1"),
        ("BEARER", "Bearer AT1"),
        ("mac", "mac AT1"),
        (1, "Bearer AT1"),
        ("a\r\nb", "Bearer AT1"),
    ],
)
def test_the_type_of_a_token_is_bearer_unless_it_says_otherwise(
    kind: Any, written: str
) -> None:
    token = read({"access_token": "AT1", "token_type": kind})

    assert token is not None
    assert format_authorization(token) == written


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3600, 3600),
        ("3600", 3600),
        (3600.7, 3600),
        (0, 0),
        (None, None),
        (True, None),
        ("soon", None),
        ([1], None),
        (float("inf"), None),
    ],
)
def test_a_token_lasts_as_long_as_it_says(expires_in: Any, seconds: int | None) -> None:
    token = read({"access_token": "AT1", "expires_in": expires_in})

    assert token is not None
    assert token["expires_at"] == (
        None if seconds is None else to_epoch_ms(NOW) + seconds * 1000
    )


@pytest.mark.parametrize("status", [200, 201, 299])
def test_every_success_brings_a_token(status: int) -> None:
    assert read({"access_token": "AT1"}, status) is not None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"access_token": "AT1"}, 302),
        ({"access_token": "AT1"}, 400),
        ({"access_token": "AT1"}, 500),
        ({"access_token": "AT1"}, 199),
        ({"access_token": ""}, 200),
        ({"access_token": 1}, 200),
        ({"access_token": "a\r\nX: 1"}, 200),
        ({"token": "AT1"}, 200),
        (["access_token"], 200),
        ("AT1", 200),
        (b"", 200),
        (b"<html>", 200),
        (b"\xff", 200),
        (b"[" * 100_000, 200),
    ],
)
def test_everything_else_brings_none(body: Any, status: int) -> None:
    assert read(body, status) is None


@given(body=st.binary(max_size=30) | st.text(max_size=30).map(str.encode))
def test_any_answer_can_be_read(body: bytes) -> None:
    assert read_token(HttpResponse(200, body), NOW) is None


@pytest.mark.parametrize(
    ("left", "fresh"), [(3600, True), (61, True), (60, False), (0, False), (-5, False)]
)
def test_a_token_with_a_minute_left_is_not_used_any_more(
    left: int, fresh: bool
) -> None:
    token = read({"access_token": "AT1", "expires_in": left})

    assert token is not None
    assert is_fresh(token, NOW) == fresh


def test_a_token_without_end_is_used_until_it_is_refused() -> None:
    token = read({"access_token": "AT1"})

    assert token is not None
    assert is_fresh(token, NOW + timedelta(days=10_000))
