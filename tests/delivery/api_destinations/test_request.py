"""The requests of API destinations: who has a say in which part."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.delivery.api_destinations.client import HttpRequest
from evcli.delivery.api_destinations.request import (
    build_http_request,
    describe_request,
    fill_path,
    hide_secrets,
    merge_body,
    merge_query,
)
from evcli.delivery.api_destinations.urls import complete_url
from evcli.delivery.targets.http_headers import DEFAULT_HEADERS, REMOVED_HEADERS
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.store.deliveries import Delivery, Event
from evcli.store.records import ApiDestination

ARN = "arn:aws:events:us-east-1:000000000000:api-destination/d/1"
BASIC = ("Authorization", "Basic dXNlcjpwYXNz")


def make_delivery(
    http_parameters: dict[str, Any] | None = None,
    payload: str = "{}",
    detail: dict[str, Any] | None = None,
) -> Delivery:
    envelope = {"source": "shop", "time": "T", "detail": detail or {}}
    target: dict[str, Any] = {"Id": "1", "Arn": ARN}
    if http_parameters is not None:
        target["HttpParameters"] = http_parameters
    event = Event(
        event_id="e",
        account_id="000000000000",
        region="us-east-1",
        event_bus_name="default",
        accepted_at=datetime(2024, 5, 14, tzinfo=UTC),
        envelope=json.dumps(envelope),
    )
    return Delivery(event=event, rule_arn="r", target=target, payload=payload)


def make_parameters(**lists: dict[str, str]) -> dict[str, Any]:
    """`HeaderParameters={"a": "1"}` in wire spelling."""
    return {
        member: [{"Key": key, "Value": value} for key, value in pairs.items()]
        for member, pairs in lists.items()
    }


def build(
    delivery: Delivery,
    parameters: dict[str, Any] | None = None,
    *,
    endpoint: str = "https://api.example.test/hook",
    method: str = "POST",
    authorization: tuple[str, str] = BASIC,
) -> HttpRequest:
    destination = ApiDestination(invocation_endpoint=endpoint, http_method=method)
    request = build_http_request(delivery, destination, parameters or {}, authorization)
    assert isinstance(request, HttpRequest)
    return request


def read_headers(request: HttpRequest) -> dict[str, str]:
    headers = dict(request.headers)
    assert len(headers) == len(request.headers)
    return headers


# -- headers


def test_a_plain_call_has_the_documented_headers_in_order() -> None:
    request = build(make_delivery(payload='{"a":1}'))

    assert (request.method, request.url) == ("POST", "https://api.example.test/hook")
    assert request.headers == [
        ("Host", "api.example.test"),
        ("User-Agent", "Amazon/EventBridge/ApiDestinations"),
        ("Content-Type", "application/json; charset=utf-8"),
        ("Range", "bytes=0-1048575"),
        ("Accept-Encoding", "gzip,deflate"),
        ("Connection", "close"),
        ("Authorization", "Basic dXNlcjpwYXNz"),
        ("Content-Length", "7"),
    ]
    assert request.body == b'{"a":1}'


def test_the_connections_header_wins_over_the_targets_whatever_its_case() -> None:
    target = {"HeaderParameters": {"X-Env": "target", "X-Trace": "t"}}
    parameters = make_parameters(HeaderParameters={"x-env": "connection"})

    headers = build(make_delivery(target), parameters).headers

    assert headers[6:-2] == [("x-env", "connection"), ("X-Trace", "t")]


def test_the_authorisation_wins_over_every_header() -> None:
    target = {"HeaderParameters": {"x-api-key": "target"}}
    parameters = make_parameters(HeaderParameters={"X-API-KEY": "connection"})

    request = build(
        make_delivery(target), parameters, authorization=("X-Api-Key", "abc")
    )

    assert request.headers[6:-1] == [("X-Api-Key", "abc")]


def test_a_connection_with_a_key_may_set_the_authorization_header() -> None:
    parameters = make_parameters(HeaderParameters={"Authorization": "Custom x"})

    request = build(make_delivery(), parameters, authorization=("X-Api-Key", "abc"))

    assert read_headers(request)["Authorization"] == "Custom x"


@pytest.mark.parametrize("by", ["target", "connection"])
def test_the_content_type_may_be_set(by: str) -> None:
    given = {"content-type": "text/plain"}
    target = {"HeaderParameters": given} if by == "target" else None
    parameters = make_parameters(HeaderParameters=given) if by != "target" else {}

    headers = build(make_delivery(target), parameters).headers

    assert headers[2] == ("content-type", "text/plain")
    assert "Content-Type" not in dict(headers)


@pytest.mark.parametrize("name", sorted(REMOVED_HEADERS))
def test_a_reserved_header_is_nobodys_to_set(name: str) -> None:
    plain = build(make_delivery()).headers
    given = {name.title(): "x"}

    by_target = build(make_delivery({"HeaderParameters": given}))
    by_connection = build(make_delivery(), make_parameters(HeaderParameters=given))
    by_key = build(make_delivery(), authorization=(name.upper(), "x"))

    assert by_target.headers == by_connection.headers == plain
    assert by_key.headers == [pair for pair in plain if pair != BASIC]


def test_the_fixed_headers_are_among_the_reserved_but_for_the_content_type() -> None:
    fixed = {name.lower() for name in DEFAULT_HEADERS} - {"content-type"}

    assert fixed <= REMOVED_HEADERS
    assert "content-type" not in REMOVED_HEADERS


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0", "\x7f"])
def test_a_value_from_the_event_cannot_smuggle_in_a_header(value: str) -> None:
    delivery = make_delivery(
        {"HeaderParameters": {"X-A": "$.detail.v"}}, detail={"v": value}
    )
    destination = ApiDestination(
        invocation_endpoint="https://api.example.test", http_method="POST"
    )

    request = build_http_request(delivery, destination, {}, BASIC)

    assert isinstance(request, InvalidRequest)
    assert (request.error_code, request.message) == (
        "INVALID_PARAMETER",
        "The header 'X-A' has characters that HTTP does not allow.",
    )


def test_an_api_key_whose_name_is_no_header_is_refused_without_its_value() -> None:
    destination = ApiDestination(
        invocation_endpoint="https://api.example.test", http_method="POST"
    )

    request = build_http_request(make_delivery(), destination, {}, ("My Key", "s3cret"))

    assert isinstance(request, InvalidRequest)
    assert "s3cret" not in request.message


# -- values from the event


def test_header_and_query_values_that_are_paths_come_from_the_event() -> None:
    delivery = make_delivery(
        {
            "HeaderParameters": {
                "X-Tenant": "$.detail.tenant",
                "X-Count": "$.detail.n",
                "X-None": "$.detail.none",
                "X-Text": "is $.detail.tenant",
                "$.detail.tenant": "name",
            },
            "QueryStringParameters": {
                "$.detail.tenant": "$.source",
                "list": "$.detail.list",
                "none": "$.detail.none",
                "$.detail.none": "x",
            },
        },
        # The payload is what a transformer made; paths do not see it.
        payload='{"detail":{"tenant":"payload"}}',
        detail={"tenant": "acme", "n": 7, "list": ["a", 1]},
    )

    request = build(delivery)

    assert request.headers[6:-2] == [
        ("X-Tenant", "acme"),
        ("X-Count", "7"),
        # A path that finds nothing sends its header all the same.
        ("X-None", ""),
        ("X-Text", "is $.detail.tenant"),
        # Names are never paths.
        ("$.detail.tenant", "name"),
    ]
    assert request.url.partition("?")[2] == "acme=shop&list=%5B%22a%22%2C1%5D&none="


def test_the_connections_values_are_never_paths() -> None:
    parameters = make_parameters(
        HeaderParameters={"X-A": "$.source"},
        QueryStringParameters={"q": "$.source"},
        BodyParameters={"b": "$.source"},
    )

    request = build(make_delivery({}), parameters)

    assert read_headers(request)["X-A"] == "$.source"
    assert request.url.endswith("?q=%24.source")
    assert request.body == b'{"b":"$.source"}'


# -- path


def read_literally(text: str) -> str | None:
    return None if text == "$.none" else text


@pytest.mark.parametrize(
    ("path", "values", "filled"),
    [
        ("/v1/*/items", ["acme"], "/v1/acme/items"),
        ("/*/*", ["a", "b"], "/a/b"),
        ("/*/*", ["a"], "/a/*"),
        ("/*", ["a", "b"], "/a"),
        ("/*", ["a", "$.none"], "/a"),
        ("/x", ["$.none"], "/x"),
        ("/*", ["$.none"], None),
        ("/*", ["a/b c?d#e%*ü"], "/a%2Fb%20c%3Fd%23e%25%2A%C3%BC"),
        ("/pre*post", ["-"], "/pre-post"),
        ("/%2A/*", ["x"], "/%2A/x"),
    ],
)
def test_each_star_of_the_path_takes_the_next_value_as_one_segment(
    path: str, values: list[str], filled: str | None
) -> None:
    assert fill_path(path, [*map(read_literally, values)]) == filled


def test_a_path_value_that_is_missing_fails_the_delivery() -> None:
    delivery = make_delivery({"PathParameterValues": ["$.detail.none"]})
    destination = ApiDestination(
        invocation_endpoint="https://api.example.test/*", http_method="POST"
    )

    request = build_http_request(delivery, destination, {}, BASIC)

    assert isinstance(request, InvalidRequest)
    assert request.error_code == "INVALID_PARAMETER"


def test_a_star_in_the_query_of_the_endpoint_stays() -> None:
    delivery = make_delivery({"PathParameterValues": ["a", "b"]})

    request = build(delivery, endpoint="https://api.example.test/*?q=*")

    assert request.url == "https://api.example.test/a?q=*"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.test/x", "https://a.test/x"),
        ("http://localhost/x", "http://localhost/x"),
        ("a.test/x", "https://a.test/x"),
        ("a.test/x?to=http://b", "https://a.test/x?to=http://b"),
        ("a.test:8443/x", "https://a.test:8443/x"),
    ],
)
def test_an_endpoint_without_scheme_is_https(text: str, url: str) -> None:
    assert complete_url(text) == url
    assert build(make_delivery(), endpoint=text).url == url


def test_host_has_the_port_and_no_user() -> None:
    request = build(make_delivery(), endpoint="https://me:pw@a.test:8443")

    assert read_headers(request)["Host"] == "a.test:8443"
    assert request.url == "https://a.test:8443/"


# -- query


@pytest.mark.parametrize(
    ("own", "target", "connection", "merged"),
    [
        ("", [], [], ""),
        ("src=eb", [("page", "1")], [("env", "prod")], "src=eb&page=1&env=prod"),
        # The connection replaces all others.
        ("a=0&b=0", [("a", "1"), ("c", "1")], [("a", "2")], "b=0&c=1&a=2"),
        # The endpoint wins over the target. [peer]
        ("a=0", [("a", "1"), ("b", "1")], [], "a=0&b=1"),
        # Names have case.
        ("a=0", [("A", "1")], [("ä", "2")], "a=0&A=1&%C3%A4=2"),
        # What the endpoint has stays as it was written.
        ("a=%7e&a=+&b", [], [], "a=%7e&a=+&b"),
        ("%61=0", [("a", "1")], [], "%61=0"),
        ("", [("a b", "c&d=e/f")], [], "a%20b=c%26d%3De%2Ff"),
    ],
)
def test_queries_are_merged_by_name_and_rank(
    own: str,
    target: list[tuple[str, str]],
    connection: list[tuple[str, str]],
    merged: str,
) -> None:
    assert merge_query(own, target, connection) == merged


# -- body


@pytest.mark.parametrize(
    ("payload", "merged"),
    [
        ('{"order":7}', '{"order":7,"k":"v"}'),
        ('{ "k": 1, "b": 1.10 }', '{"k":"v","b":1.10}'),
        ("{}", '{"k":"v"}'),
        ("[1, 2]", "[1, 2]"),
        ('"text"', '"text"'),
        ("no json", "no json"),
        ("", ""),
    ],
)
def test_body_parameters_are_laid_over_an_object_only(
    payload: str, merged: str
) -> None:
    assert merge_body(payload, [("k", "v")]) == merged


def test_without_body_parameters_the_payload_stays_to_the_last_blank() -> None:
    payload = '{ "a" : 1.0 ,\n "ü": "\\u00fc" } '

    request = build(make_delivery(payload=payload))

    assert request.body == payload.encode()
    assert read_headers(request)["Content-Length"] == str(len(payload) + 1)


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
)
def test_every_method_sends_the_body(method: str) -> None:
    request = build(make_delivery(payload="x"), method=method)

    assert (request.method, request.body) == (method, b"x")
    assert read_headers(request)["Content-Length"] == "1"


# -- for people


def test_hidden_parameters_hide_what_is_secret_alone() -> None:
    items = [
        {"Key": "a", "Value": "1", "IsValueSecret": True},
        {"Key": "b", "Value": "2", "IsValueSecret": False},
        {"Key": "c", "Value": "3"},
    ]
    parameters = {"HeaderParameters": items, "BodyParameters": items}

    hidden = hide_secrets(parameters)

    expected = [{**items[0], "Value": "***"}, *items[1:]]
    assert hidden == {"HeaderParameters": expected, "BodyParameters": expected}
    assert items[0]["Value"] == "1"


def test_a_description_leaves_out_what_only_the_transport_needs() -> None:
    parameters = make_parameters(QueryStringParameters={"k": "***"})

    shown = describe_request(build(make_delivery(payload='"ü"'), parameters))

    assert shown == {
        "method": "POST",
        "url": "https://api.example.test/hook?k=***",
        "headers": {**DEFAULT_HEADERS, "Authorization": "Basic dXNlcjpwYXNz"},
        "body": '"ü"',
    }


@given(
    values=st.lists(st.text(max_size=8), max_size=3),
    pairs=st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=3),
    payload=st.text(max_size=20),
)
def test_whatever_the_event_brings_the_request_has_one_line_a_header(
    values: list[str], pairs: dict[str, str], payload: str
) -> None:
    delivery = make_delivery(
        {
            "PathParameterValues": values,
            "QueryStringParameters": pairs,
            "HeaderParameters": pairs,
        },
        payload=payload,
    )
    destination = ApiDestination(
        invocation_endpoint="https://api.example.test/*/*", http_method="POST"
    )

    request = build_http_request(delivery, destination, {}, BASIC)

    if isinstance(request, HttpRequest):
        assert request.url.isascii()
        assert request.url.isprintable()
        assert " " not in request.url
        assert not any(
            character in name + value
            for name, value in request.headers
            for character in "\r\n\0"
        )
