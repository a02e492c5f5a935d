"""The http sink: what is posted, what each answer means, limits, allowed hosts."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from evcli.context import Outcome
from evcli.delivery.api_destinations.urls import is_loopback
from evcli.delivery.sinks.conformance import make_delivery, make_request
from evcli.delivery.sinks.http import HttpSink
from evcli.errors import ConfigurationError
from tests.patience import PATIENCE_SECONDS


def post(url: str, limit_seconds: float = PATIENCE_SECONDS) -> Outcome:
    delivery = make_delivery('{"a":1}')
    return HttpSink(url, limit_seconds).deliver(delivery, make_request(delivery))


def tell(outcome: Outcome) -> tuple[str | None, str | None, bool, str | None]:
    return outcome.error_code, outcome.message, outcome.retry, outcome.output


def test_the_payload_is_posted_with_headers_that_name_the_delivery(place: Any) -> None:
    outcome = post(place.url)

    assert tell(outcome) == (None, None, False, None)
    method, path, headers, body = place.requests[0]
    assert (method, path, body) == ("POST", "/in?x=1", '{"a":1}')
    del headers["Host"], headers["Accept-Encoding"]
    assert headers == {
        "Content-Length": "7",
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",
        "X-Evcli-Action": "sqs:SendMessage",
        "X-Evcli-Attempt": "1",
        "X-Evcli-Event-Id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "X-Evcli-Rule-Arn": "arn:aws:events:us-east-1:111111111111:rule/my-rule",
        "X-Evcli-Target-Arn": "arn:aws:sqs:us-east-1:111111111111:q",
        "X-Evcli-Target-Id": "t1",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, (None, None, False, "said")),
        (204, (None, None, False, None)),
        (301, ("SDK_CLIENT_ERROR", "The answer was 301 Moved Permanently.", False)),
        (400, ("SDK_CLIENT_ERROR", "The answer was 400 Bad Request.", False)),
        # API destinations are called again after these two; sinks are not.
        (401, ("SDK_CLIENT_ERROR", "The answer was 401 Unauthorized.", False)),
        (409, ("SDK_CLIENT_ERROR", "The answer was 409 Conflict.", False)),
        (404, ("SDK_CLIENT_ERROR", "The answer was 404 Not Found.", False)),
        (429, ("THROTTLING", "The answer was 429 Too Many Requests.", True)),
        (500, ("ERROR_FROM_TARGET", "The answer was 500 Internal Server Error.", True)),
        (503, ("ERROR_FROM_TARGET", "The answer was 503 Service Unavailable.", True)),
    ],
)
def test_the_status_is_the_outcome(
    place: Any, status: int, outcome: tuple[Any, ...]
) -> None:
    place.status, place.answer = status, b"said"

    assert tell(post(place.url)) == (*outcome, "said")[:4]


def test_nobody_listening_is_a_failure_to_retry() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"

        outcome = post(url)

    assert (outcome.error_code, outcome.retry) == ("CONNECTION_FAILURE", True)


def test_garbage_for_an_answer_is_a_failure_to_retry(place: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        import threading

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(b"\0garbage\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        outcome = post(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()

    assert (outcome.error_code, outcome.retry) == ("CONNECTION_FAILURE", True)


@pytest.mark.parametrize("drips", [False, True])
def test_a_place_that_hangs_or_drips_is_left_at_the_time_limit(
    place: Any, drips: bool
) -> None:
    place.release.clear()
    place.drips = drips

    # The place goes on until it is released.
    outcome = post(place.url, limit_seconds=0.4)

    assert (outcome.error_code, outcome.retry) == ("TIMEOUT", True)
    assert not place.release.is_set()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (
            "http://example.com/",
            "evcli does not call example.com; to let it, add the host to allowed_hosts"
            " in config.toml",
        ),
        ("ftp://localhost/", "ftp://localhost/ is not an http:// or https:// URL"),
        (
            "http://localhost:x/",
            "http://localhost:x/ is not a URL: Port could not be cast to integer value"
            " as 'x'",
        ),
    ],
)
def test_other_hosts_and_other_schemes_are_refused(url: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpSink(url)

    assert caught.value.message == problem


def test_an_allowed_host_may_be_called() -> None:
    assert not HttpSink(
        "http://example.com/", allowed_hosts=["example.com"]
    ).is_buffered


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_only_names_that_can_be_nothing_else_are_loopback(
    host: str, expected: bool
) -> None:
    assert is_loopback(host) is expected
