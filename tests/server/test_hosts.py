"""Who is answered: nobody who called another name, and no page but the server's own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from evcli.server.application import Application
from evcli.server.hosts import read_host, read_own_host, refuse_foreign_origin
from evcli.server.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.conftest import Answer, Running

    Post = Callable[..., Answer]

OWN = ("evcli", "192.0.2.7", "fd00::7")


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:4010", "localhost.", "localhost.:80", "my-bucket.localhost:1",
        "127.0.0.1", "127.0.0.1:4010", "127.9.9.9:1", "[::1]", "[::1]:4010",
        "evcli", "EVCLI:4010", "192.0.2.7:4010", "[fd00::7]:4010",
    ],
)  # fmt: skip
def test_a_name_that_leads_here_is_answered(host: str) -> None:
    assert refuse_foreign_origin({"host": host}, OWN) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:4010", "localhost.evil.example", "127.0.0.1.nip.io",
        "localhost@evil.example", "evil.example/localhost", "192.0.2.8", "0.0.0.0", "[::]",
        "[::1", "::1", "", " ", "*", "localhost, evil.example", "localhost:80:80",
        "localhost:x", "notlocalhost", "evcli.evil.example", "\x00",
    ],
)  # fmt: skip
def test_every_other_name_is_refused(host: str) -> None:
    reply = refuse_foreign_origin({"host": host}, OWN)

    assert reply is not None
    assert reply.status == "403 Forbidden"


def test_a_request_without_a_host_is_no_browsers() -> None:
    assert refuse_foreign_origin({}, OWN) is None


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:4010", "http://localhost:4010"),
        ("127.0.0.1:4010", "http://127.0.0.1:4010"),
        ("[::1]:4010", "http://[::1]:4010"),
        ("LocalHost", "http://localhost"),
    ],
)
def test_the_servers_own_pages_are_answered(host: str, origin: str) -> None:
    assert refuse_foreign_origin({"host": host, "origin": origin}, OWN) is None


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:4010", "http://localhost:3000"),
        ("localhost:4010", "http://localhost"),
        ("localhost:4010", "https://localhost:4010"),
        ("localhost:4010", "http://evil.example"),
        ("localhost:4010", "http://evil.example:4010"),
        ("localhost:4010", "null"),
        ("localhost:4010", ""),
        ("localhost:4010", "http://localhost:4010, http://evil.example"),
        (None, "http://localhost:4010"),
    ],
)
def test_pages_of_every_other_origin_are_refused(host: str | None, origin: str) -> None:
    headers = {"origin": origin} if host is None else {"host": host, "origin": origin}

    reply = refuse_foreign_origin(headers, OWN)

    assert reply is not None
    assert reply.status == "403 Forbidden"


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "OPTIONS", "PUT"])
def test_a_page_that_let_its_name_lead_here_reaches_nothing(
    post: Post, method: str
) -> None:
    answer = post(
        "PutRule",
        {"Name": "r", "EventPattern": '{"source":["x"]}'},
        {"Host": "evil.example:4010"},
        method=method,
    )
    rules = post("ListRules").document

    assert (answer.status, answer.headers["content-type"]) == (
        403,
        "application/x-amz-json-1.1",
    )
    if method != "HEAD":
        assert answer.document == {
            "__type": "AccessDeniedException",
            "message": "The host 'evil.example:4010' is none that this server is known by;"
            " if it leads here, name it to `evcli local serve` with --allowed-host"
            " evil.example.",
        }
    assert rules == {"Rules": []}


def test_a_page_of_another_port_here_reaches_nothing(post: Post) -> None:
    answer = post("ListRules", {}, {"Origin": "http://localhost:3000"})

    assert (answer.status, answer.document) == (
        403,
        {
            "__type": "AccessDeniedException",
            "message": "Pages of 'http://localhost:3000' may not call this server.",
        },
    )


def test_a_page_of_the_server_itself_is_answered(post: Post, running: Running) -> None:
    assert post("ListRules", {}, {"Origin": running.url}).status == 200


@pytest.fixture
def known_as_evcli(state_directory: Path) -> Iterator[str]:
    """The URL of a server that may be called `evcli`."""
    application = Application(str(state_directory), own_hosts=["evcli"])
    server = Server(application, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.url
    server.stop()
    thread.join()


@pytest.mark.parametrize(("name", "code"), [("evcli", None), ("evil.example", 403)])
def test_boto3_reaches_a_server_by_the_names_that_it_is_known_by(
    known_as_evcli: str, name: str, code: int | None
) -> None:
    client = boto3.Session().client(
        "events",
        endpoint_url=known_as_evcli,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(retries={"max_attempts": 0}),
    )

    def call_by_name(request: Any, **_: Any) -> None:
        request.headers["Host"] = f"{name}:4010"

    client.meta.events.register("before-send.events.ListRules", call_by_name)
    try:
        answer = client.list_rules()
    except client.exceptions.ClientError as error:
        answer = error.response
    client.close()

    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    assert status == (code or 200)
    if code is not None:
        assert answer["Error"]["Code"] == "AccessDeniedException"
        assert "--allowed-host evil.example" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("text", "host"),
    [("evcli", "evcli"), ("Evcli.Local.", "evcli.local"), ("192.0.2.7", "192.0.2.7"),
     ("::1", "::1"), ("[fd00::7]", "fd00::7"), ("*", None), ("*.example", None), ("", None),
     ("evcli:4010", None), ("http://evcli", None), (".example", None), ("a b", None)],
)  # fmt: skip
def test_a_name_that_is_allowed_is_one_name(text: str, host: str | None) -> None:
    assert read_own_host(text) == host


def test_a_host_is_read_without_its_port() -> None:
    assert [read_host(text) for text in ("A.b:1", "[::1]:2", "c", "d:", "[x]")] == [
        "a.b",
        "::1",
        "c",
        None,
        None,
    ]
