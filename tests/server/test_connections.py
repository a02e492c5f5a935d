"""Connections that take their time, or too many of them: nobody else waits for them."""

from __future__ import annotations

import json
import select
import socket
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from evcli.server import connections
from evcli.server import server as server_module
from evcli.server.application import Application
from evcli.server.connections import find_connection_limit
from evcli.server.server import Server
from tests.patience import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[..., Server]

HEAD = (
    b"POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"X-Amz-Target: AWSEvents.ListRules\r\n"
)
REQUEST = HEAD + b"Content-Length: 2\r\n\r\n{}"


@pytest.fixture
def start(state_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server with limits of its own: `start(HEADER_SECONDS=0.1)`."""
    with ExitStack() as stack:

        def run(**limits: float) -> Server:
            for name, value in limits.items():
                monkeypatch.setattr(connections, name, value)
            server = Server(Application(str(state_directory)), "127.0.0.1", 0)
            thread = threading.Thread(target=server.run)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.stop)
            return server

        yield run


def connect(server: Server) -> socket.socket:
    """Open a connection."""
    port = int(server.url.rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def read_all(connection: socket.socket) -> bytes:
    """Read to the end, which the server makes."""
    received = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def read_answer(connection: socket.socket) -> bytes:
    """Read one answer; its body, and nothing where the server closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body


@pytest.mark.parametrize(
    ("sent", "part", "limits"),
    [
        (b"P", "header", {"HEADER_SECONDS": 0.1}),
        (HEAD, "header", {"HEADER_SECONDS": 0.1}),
        (HEAD + b"Content-Length: 9\r\n\r\n{", "body", {"BODY_SECONDS": 0.1}),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{", "body", {"BODY_SECONDS": 0.1}),
    ],
)  # fmt: skip
def test_a_request_that_does_not_come_to_its_end_is_told_so(
    start: Start, sent: bytes, part: str, limits: dict[str, float]
) -> None:
    with connect(start(**limits)) as connection:
        connection.sendall(sent)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.0 408 " if part == "header" else b"HTTP/1.1 408 ")
    assert json.loads(body) == {
        "__type": "SerializationException",
        "message": f"Request Timeout: The {part} of the request took longer than 0.1"
        " seconds.",
    }


@pytest.mark.parametrize(
    ("begin", "limits"),
    [
        (HEAD, {"HEADER_SECONDS": 0.3}),
        (HEAD + b"Content-Length: 100000\r\n\r\n", {"BODY_SECONDS": 0.3}),
    ],
)
def test_a_byte_now_and_then_gains_no_time(
    start: Start, begin: bytes, limits: dict[str, float]
) -> None:
    over = threading.Event()
    with connect(start(**limits)) as connection:
        connection.sendall(begin)

        def dribble() -> None:
            with suppress(OSError):
                while not over.wait(0.02):
                    connection.sendall(b"x")

        sender = threading.Thread(target=dribble)
        sender.start()
        received = read_all(connection)
        over.set()
        sender.join()

    # The end came, though bytes did; whether its reason arrives is up to the network.
    assert received == b"" or b" 408 Request Timeout" in received


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"\r\n\r\n\r\n\r\n"])
def test_a_connection_that_asks_nothing_is_closed(start: Start, sent: bytes) -> None:
    with connect(start(HEADER_SECONDS=0.1)) as connection:
        connection.sendall(sent)

        assert b" 200 " not in read_all(connection)


def test_a_connection_that_was_answered_may_be_idle(start: Start) -> None:
    server = start(HEADER_SECONDS=0.1, BODY_SECONDS=0.1)
    with connect(server) as pooled, connect(server) as silent:
        pooled.sendall(REQUEST)
        first = read_answer(pooled)
        # Long enough for the other one to be closed.
        read_all(silent)
        pooled.sendall(REQUEST)
        second = read_answer(pooled)

    assert (first, second) == (b'{"Rules": []}', b'{"Rules": []}')


def test_a_request_behind_a_slow_one_has_its_time_from_when_it_is_read(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(HEADER_SECONDS=0.1)
    answer, may_end = Application.__call__, threading.Event()

    def answer_late(self: Application, *request: Any) -> Any:
        may_end.wait(60)
        return answer(self, *request)

    monkeypatch.setattr(Application, "__call__", answer_late)
    with connect(server) as connection, connect(server) as silent:
        connection.sendall(REQUEST + REQUEST[:40])
        read_all(silent)  # the time is over, for it and for the second request
        may_end.set()
        first = read_answer(connection)
        connection.sendall(REQUEST[40:])
        second = read_answer(connection)

    assert (first, second) == (b'{"Rules": []}', b'{"Rules": []}')


def is_closed(connection: socket.socket) -> bool:
    """Say whether the server has closed its end; without waiting for it."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except ConnectionResetError:
        return True


def test_those_who_come_take_the_room_of_those_who_say_nothing(start: Start) -> None:
    server = start(CONNECTIONS=8)
    client: Any = boto3.Session().client(
        "events",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(retries={"max_attempts": 0}),
    )
    with ExitStack() as stack:
        client.list_rules()
        silent = []
        for sent in [b"", b"P", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{"] * 10:
            silent.append(stack.enter_context(connect(server)))
            silent[-1].sendall(sent)
        # Eight have room; who comes while a request is on its way may yet cut it short.
        wait_for(lambda: sum(map(is_closed, silent)) == len(silent) - 7)

        # On the connection that was there before them all.
        rules = client.list_rules()["Rules"]
    client.close()

    assert rules == []


def test_more_than_a_thousand_half_open_connections_keep_nobody_waiting(
    start: Start,
) -> None:
    server = start(HEADER_SECONDS=3600.0, BODY_SECONDS=3600.0)
    with ExitStack() as stack:
        for _ in range(1005):
            with suppress(OSError):
                stack.enter_context(connect(server)).sendall(b"POST / HT")
        newcomer = stack.enter_context(connect(server))
        newcomer.sendall(REQUEST)

        assert read_answer(newcomer) == b'{"Rules": []}'


def test_room_is_made_by_the_idle_one_of_the_answered_ones(start: Start) -> None:
    server = start(CONNECTIONS=4)
    with ExitStack() as stack:
        pooled = []
        for _ in range(6):
            connection = stack.enter_context(connect(server))
            connection.sendall(REQUEST)
            read_answer(connection)
            pooled.append(connection)

        pooled[-1].sendall(REQUEST)
        latest = read_answer(pooled[-1])
        first = read_all(pooled[0])

    assert (latest, first) == (b'{"Rules": []}', b"")


def test_requests_under_way_leave_for_nobody(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(CONNECTIONS=3)
    answer, busy, may_end = (
        Application.__call__,
        threading.Semaphore(0),
        threading.Event(),
    )

    def answer_late(self: Application, *request: Any) -> Any:
        busy.release()
        may_end.wait(60)
        return answer(self, *request)

    monkeypatch.setattr(Application, "__call__", answer_late)
    with ExitStack() as stack:
        at_work = [stack.enter_context(connect(server)) for _ in range(3)]
        for connection in at_work:
            connection.sendall(REQUEST)
            assert busy.acquire(timeout=60)
        waiting = stack.enter_context(connect(server))
        waiting.sendall(REQUEST)
        may_end.set()

        answers = [read_answer(each) for each in [*at_work, waiting]]

    # The one that waited came in when one of the others was idle, and took its room.
    assert answers == [b'{"Rules": []}'] * 4


@pytest.mark.parametrize(
    ("head", "status", "message"),
    [
        (
            b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000,
            413, "The request body is longer than 16777216 bytes.",
        ),
        (
            b"POST / HTTP/1.1\r\nContent-Length: " + b"0" * 5000 + b"2",
            413, "The request body is longer than 16777216 bytes.",
        ),
        (b"POST http://[ HTTP/1.1", 400, "Bad Request: The first line is invalid."),
    ],
)  # fmt: skip
def test_what_python_cannot_read_is_answered(
    start: Start, head: bytes, status: int, message: str
) -> None:
    with connect(start()) as connection:
        connection.sendall(head + b"\r\n\r\n")
        line, _, body = read_all(connection).partition(b"\r\n\r\n")

    assert int(line.split()[1]) == status
    assert json.loads(body)["message"] == message


@pytest.mark.parametrize(
    ("files", "limit"), [(20_000, 500), (1024, 500), (256, 128), (1, 1), (-1, 500)]
)
def test_connections_take_half_of_the_files_at_most(
    monkeypatch: pytest.MonkeyPatch, files: int, limit: int
) -> None:
    assert connections.resource is not None
    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: (files, files))

    assert find_connection_limit() == limit


def test_the_deadlines_are_ten_seconds_each() -> None:
    assert (connections.HEADER_SECONDS, connections.BODY_SECONDS) == (10.0, 10.0)
    assert server_module.CLEANUP_SECONDS == 1
