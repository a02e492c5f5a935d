"""The server on the wire: what it answers to whom, and how it ends."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ConfigurationError, EvcliError
from evcli.model import INDEX
from evcli.operations import call as call_operation
from evcli.server import server as server_module
from evcli.server.application import Application, find_profile
from evcli.server.protocol import MAX_BODY_BYTES, parse_authorization
from evcli.server.server import (
    Server,
    format_url,
    leads_to_loopback,
    open_listener,
)
from evcli.server.stores import Stores
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from tests.server.conftest import Answer, Running

    Post = Callable[..., Answer]

UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RULE = {"Name": "r", "EventPattern": '{"source":["shop"]}'}


def signature(access_key: str, region: str) -> dict[str, str]:
    """The header that says who calls and where."""
    scope = f"{access_key}/20240514/{region}/events/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host,"
        " Signature=0"
    }


# -- answers


def test_an_operation_answers_json_with_a_request_id(post: Post) -> None:
    answer = post("PutRule", RULE)

    headers = {name: answer.headers[name] for name in answer.headers if name != "date"}
    request_id = headers.pop("x-amzn-requestid")
    arn = "arn:aws:events:us-east-1:000000000000:rule/r"
    assert (answer.status, answer.document) == (200, {"RuleArn": arn})
    assert headers == {
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(answer.body)),
    }
    assert UUID.fullmatch(request_id)
    assert post("PutRule", RULE).headers["x-amzn-requestid"] != request_id


def test_the_trace_header_of_a_request_goes_with_its_events(
    post: Post, state_directory: Path
) -> None:  # [doc]
    header = {"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"}
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    post("PutRule", RULE)
    post("PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": function}]})

    post("PutEvents", {"Entries": [entry]}, header)
    post("PutEvents", {"Entries": [entry]})

    (path,) = (state_directory / "sinks").rglob("*.jsonl")
    lines = map(json.loads, path.read_text().splitlines())
    assert [line.get("headers") for line in lines] == [header, None]


def test_an_operation_without_output_answers_nothing(post: Post) -> None:
    post("PutRule", RULE)

    answer = post("DisableRule", {"Name": "r"})

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "0"


def test_times_are_epoch_seconds(post: Post) -> None:
    before = int(time.time())

    created = post("DescribeEventBus", {}).document["CreationTime"]

    assert before <= created <= time.time()


def test_an_empty_body_is_an_empty_request(post: Post) -> None:
    answer = post("ListRules", b"")

    assert (answer.status, answer.document) == (200, {"Rules": []})


def test_the_other_version_of_the_protocol_and_parameters_of_the_type_pass(
    post: Post,
) -> None:
    for kind in ("application/x-amz-json-1.0", "application/json; charset=utf-8"):
        assert post("ListRules", {}, {"Content-Type": kind}).status == 200


def test_a_refusal_has_its_code_and_aws_s_words(post: Post) -> None:
    answer = post("DescribeRule", {"Name": "nope"})

    assert (answer.status, answer.document) == (
        400,
        {
            "__type": "ResourceNotFoundException",
            "message": "Rule nope does not exist on EventBus default.",
        },
    )


def test_what_clients_would_refuse_the_service_refuses(post: Post) -> None:
    answer = post("PutRule", {"EventPattern": "{}"})

    assert (answer.status, answer.document) == (
        400,
        {
            "__type": "ValidationException",
            "message": "1 validation error detected: Value null at 'name' failed to"
            " satisfy constraint: Member must not be null",
        },
    )


UNKNOWN = "UnknownOperationException"
BROKEN = "SerializationException"


@pytest.mark.parametrize(
    ("request_", "status", "code", "message"),
    [
        ({"operation": "MakeCoffee"}, 400, UNKNOWN, "Unknown operation: AWSEvents.MakeCoffee."),
        ({"operation": None}, 400, UNKNOWN, "Unknown operation: there is no X-Amz-Target header."),
        (
            {"operation": None, "headers": {"X-Amz-Target": "ListRules"}},
            400, UNKNOWN, "Unknown operation: ListRules.",
        ),
        ({"body": b'{"Name": '}, 400, BROKEN, "The request body is not valid JSON."),
        ({"body": b'{"Limit": NaN}'}, 400, BROKEN, "The request body is not valid JSON."),
        ({"body": b'{"NamePrefix": "\xff"}'}, 400, BROKEN, "The request body is not valid JSON."),
        ({"body": "{}".encode("utf-16")}, 400, BROKEN, "The request body is not valid JSON."),
        ({"body": b"[" * 100_000}, 400, BROKEN, "The request body is not valid JSON."),
        ({"body": b"[]"}, 400, BROKEN, "The request body is not a JSON object."),
        (
            {"headers": {"Content-Type": "text/plain"}},
            415, UNKNOWN, "The content type must be application/x-amz-json-1.1, not text/plain.",
        ),
        (
            {"headers": {"Content-Type": ""}},
            415, UNKNOWN, "The content type must be application/x-amz-json-1.1, not absent.",
        ),
        (
            {"body": b" " * (MAX_BODY_BYTES + 1)},
            413, "RequestEntityTooLargeException", "The request body is longer than 16777216 bytes.",
        ),
        ({"method": "PUT"}, 405, UNKNOWN, "PUT is not supported; use POST."),
        ({"method": "OPTIONS"}, 405, UNKNOWN, "OPTIONS is not supported; use POST."),
        ({"method": "GET", "path": "/x"}, 404, UNKNOWN, "Not found."),
        (
            {"headers": signature("k", "../../etc")},
            400, None, None,
        ),
        (
            {"headers": signature("k", "US East")},
            400, "IncompleteSignatureException", "'US East' in the credential scope is not a region.",
        ),
    ],
)  # fmt: skip
def test_a_request_that_reaches_no_operation_is_told_why(
    post: Post,
    request_: dict[str, Any],
    status: int,
    code: str | None,
    message: str | None,
) -> None:
    answer = post(**request_)

    if code is None:  # the scope has other parts than it should: nothing is said by it
        assert answer.status == 200
        return
    assert (answer.status, answer.document) == (
        status,
        {"__type": code, "message": message},
    )
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])


def send_raw(running: Running, data: bytes) -> bytes:
    """Send bytes on a connection of their own; all that comes back."""
    host, _, port = running.url.removeprefix("http://").partition(":")
    with socket.create_connection(
        (host, int(port)), timeout=PATIENCE_SECONDS
    ) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as file:
            return file.read()


def test_what_is_no_http_is_refused_in_the_form_of_all_answers(
    running: Running,
) -> None:
    answer = send_raw(running, b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Type: application/x-amz-json-1.1" in head
    assert json.loads(body) == {
        "__type": "SerializationException",
        "message": "Bad Request: Content-Length is invalid.",
    }


def test_a_body_that_nobody_would_read_to_its_end_is_refused_at_its_head(
    running: Running,
) -> None:
    length = server_module.MAX_READ_BYTES + 1

    answer = send_raw(
        running, f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode()
    )

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body) == {
        "__type": "RequestEntityTooLargeException",
        "message": "The request body is longer than 16777216 bytes.",
    }


def test_a_body_in_chunks_is_read(running: Running) -> None:
    head = (
        b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-amz-json-1.1\r\n"
        b"X-Amz-Target: AWSEvents.DescribeRule\r\n\r\n"
    )

    answer = send_raw(running, head + b'8\r\n{"Name":\r\n4\r\n"r"}\r\n0\r\n\r\n')

    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {
        "__type": "ResourceNotFoundException",
        "message": "Rule r does not exist on EventBus default.",
    }


def test_health_says_what_runs_here(post: Post) -> None:
    answer = post(None, b"", method="GET")

    version = answer.document.pop("version")
    document = answer.document
    assert isinstance(version, str)
    assert (answer.status, {**document, "version": ""}) == (
        200,
        {
            "service": "events",
            "status": "running",
            "version": "",
            "operations": len(INDEX),
        },
    )


def test_a_head_request_gets_the_head_only(post: Post) -> None:
    whole = post(None, b"", method="GET")

    answer = post(None, b"", method="HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == whole.headers["content-length"]


# -- who calls, and where


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, (None, None)),
        ({"authorization": "Bearer x"}, (None, None)),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=K/20240514/eu-west-1/events/aws4_request, SignedHeaders=host, Signature=0"},
            ("K", "eu-west-1"),
        ),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=/20240514/eu-west-1/events/aws4_request"},
            (None, "eu-west-1"),
        ),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=K/20240514/eu-west-1"}, (None, None)),
        (
            {"authorization": "AWS4-ECDSA-P256-SHA256 Credential=K/20240514/events/aws4_request, Signature=0", "x-amz-region-set": "*"},
            ("K", None),
        ),
        (
            {"authorization": "AWS4-ECDSA-P256-SHA256 Credential=K/20240514/events/aws4_request, Signature=0", "x-amz-region-set": "eu-west-1"},
            ("K", "eu-west-1"),
        ),
    ],
)  # fmt: skip
def test_a_signature_says_who_and_where(
    headers: dict[str, str], found: tuple[str | None, str | None]
) -> None:
    assert parse_authorization(headers) == found


CONFIGURATION = {
    "profiles": {
        "partner": {"account": "111122223333", "access_key_id": "PARTNER"},
        "nobody": {"region": "eu-west-1"},
    }
}


@pytest.mark.parametrize(
    ("access_key", "profile"),
    [
        (None, {}),
        ("OTHER", {}),
        ("PARTNER", CONFIGURATION["profiles"]["partner"]),
        ("444455556666", {"account": "444455556666"}),
        ("44445555666", {}),
        ("٤٤٤٤٥٥٥٥٦٦٦٦", {}),
    ],
)
def test_an_access_key_belongs_to_a_profile_or_is_an_account(
    access_key: str | None, profile: dict[str, str]
) -> None:
    assert find_profile(CONFIGURATION, access_key) == profile


def test_a_request_acts_as_the_account_and_in_the_region_of_its_signature(
    state_directory: Path, post: Post
) -> None:
    post("PutRule", RULE)
    (state_directory / "config.toml").write_text(
        'account = "999999999999"\n[profiles.partner]\naccount = "111122223333"\n'
        'access_key_id = "PARTNER"\n'
    )

    arns = [
        post("PutRule", RULE, headers).document["RuleArn"]
        for headers in (signature("PARTNER", "eu-west-1"), signature("x", "cn-north-1"), {})
    ]  # fmt: skip

    assert arns == [
        "arn:aws:events:eu-west-1:111122223333:rule/r",
        "arn:aws-cn:events:cn-north-1:999999999999:rule/r",
        "arn:aws:events:us-east-1:999999999999:rule/r",
    ]


def test_what_the_server_was_started_with_comes_before_the_configuration(
    state_directory: Path,
) -> None:
    application = Application(
        str(state_directory), account_id="222233334444", region="eu-west-1"
    )
    server = Server(application, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    kind = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSEvents.PutRule",
    }

    connection.request("POST", "/", json.dumps(RULE), kind)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    server.stop()
    thread.join()

    assert answer == {"RuleArn": "arn:aws:events:eu-west-1:222233334444:rule/r"}


# -- the state behind it


def test_a_clock_that_others_move_counts_from_the_next_request_on(
    ctx: Context, post: Post
) -> None:
    post("ListRules")
    ctx.store.meta.put("clock", 1_700_000_000_000)

    post("CreateEventBus", {"Name": "b"})
    created = post("DescribeEventBus", {"Name": "b"}).document["CreationTime"]

    assert created == 1_700_000_000


def test_an_unusable_configuration_is_the_server_s_fault(
    state_directory: Path, post: Post
) -> None:
    post("ListRules")
    path = state_directory / "config.toml"
    path.write_text("account = 1\n")

    broken = post("ListRules")
    path.unlink()
    mended = post("ListRules")

    assert (broken.status, broken.document) == (
        500,
        {
            "__type": "InternalException",
            "message": f"{path}: account: 1 is not of type string.",
        },
    )
    assert (mended.status, mended.document) == (200, {"Rules": []})


def test_a_bug_is_told_and_answered_and_the_server_goes_on(
    running: Running, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    with monkeypatch.context() as patch:
        patch.setattr("evcli.server.protocol.call", fail)
        broken = post("ListRules")
    after = post("ListRules")

    assert (broken.status, broken.document) == (
        500,
        {
            "__type": "InternalException",
            "message": "This is a bug in evcli (ZeroDivisionError: by zero).",
        },
    )
    assert [line.splitlines()[-1] for line in running.told] == [
        "ZeroDivisionError: by zero"
    ]
    assert after.status == 200


def test_a_failed_delivery_is_told_to_whoever_runs_the_server(
    state_directory: Path, running: Running, post: Post
) -> None:
    post("PutRule", RULE)
    (state_directory / "config.toml").write_text(
        '[[sinks]]\narn = "*"\nkind = "exec"\ncommand = "exit 3"\n'
    )
    target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}
    post("PutTargets", {"Rule": "r", "Targets": [target]})

    answer = post(
        "PutEvents",
        {"Entries": [{"Source": "shop", "DetailType": "d", "Detail": "{}"}]},
    )

    assert (answer.status, answer.document["FailedEntryCount"]) == (200, 0)
    (line,) = running.told
    assert re.fullmatch(
        r"delivery \S+ to arn:aws:sqs:us-east-1:000000000000:q failed .*", line
    )


def test_the_state_directory_is_the_one_that_commands_use(
    ctx: Context, post: Post
) -> None:
    call_operation(ctx, "PutRule", RULE)

    names = [rule["Name"] for rule in post("ListRules").document["Rules"]]

    assert names == ["r"]


# -- ports


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(EvcliError) as caught:
            open_listener("127.0.0.1", port)

    assert (
        caught.value.message
        == f"Port {port} of 127.0.0.1 cannot be opened: Address already in use."
    )


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:{}"),
        ("localhost", "http://127.0.0.1:{}"),
        ("0.0.0.0", "http://127.0.0.1:{}"),
    ],
)
def test_the_url_is_one_that_clients_here_can_use(host: str, url: str) -> None:
    with open_listener(host, 0) as listener:
        assert format_url(listener) == url.format(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "is_it"),
    [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False), ("::1", True)],
)
def test_loopback_is_known(host: str, is_it: bool) -> None:
    assert leads_to_loopback(host) is is_it


# -- the end


def slow_sink(state_directory: Path, seconds: float) -> None:
    """Let every delivery take its time."""
    (state_directory / "config.toml").write_text(
        f'[[sinks]]\narn = "*"\nkind = "exec"\ncommand = "sleep {seconds}"\n'
    )


@pytest.mark.slow
def test_a_stop_finishes_the_requests_under_way(
    state_directory: Path, running: Running, post: Post
) -> None:
    post("PutRule", RULE)
    slow_sink(state_directory, 1)
    target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}
    post("PutTargets", {"Rule": "r", "Targets": [target]})
    # A thread may still be at that request after its response has come.
    while any(
        each.requests for each in [*running.server._waitress.active_channels.values()]
    ):
        time.sleep(0.001)
    answers = []
    entry = {"Source": "shop", "DetailType": "d", "Detail": "{}"}
    sender = threading.Thread(
        target=lambda: answers.append(post("PutEvents", {"Entries": [entry]}))
    )

    sender.start()
    wait_until_busy(running.server)
    running.server.stop()
    sender.join()

    assert [answer.status for answer in answers] == [200]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])))


def wait_until_busy(server: Server) -> None:
    """Wait until a thread of the server is at a request."""
    channels = server._waitress.active_channels
    wait_for(lambda: any(channel.requests for channel in list(channels.values())))


@pytest.mark.slow
def test_a_stop_does_not_wait_for_those_who_never_end(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "GRACE_SECONDS", 0.2)
    server = Server(Application(str(state_directory)), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
        channels = server._waitress.active_channels
        wait_for(lambda: any(channel.request for channel in list(channels.values())))

        server.stop()
        thread.join(PATIENCE_SECONDS)

        assert not thread.is_alive()


def test_a_stop_before_the_start_is_a_stop(state_directory: Path) -> None:
    server = Server(Application(str(state_directory)), "127.0.0.1", 0)

    server.stop()
    server.run()

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))


def test_a_server_that_ends_closes_its_stores(
    state_directory: Path, running: Running, post: Post
) -> None:
    post("PutRule", RULE)
    log = state_directory / "state.db-wal"
    was_open = log.exists()

    running.server.stop()

    # Whoever closes last removes the log.
    assert was_open
    assert wait_for(lambda: not log.exists())


def test_a_directory_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    stores = Stores(str(path), warn=lambda line: None)

    with pytest.raises(ConfigurationError), stores.lend():
        pass
