"""A server in this process, and what talks to it."""

from __future__ import annotations

import http.client
import json
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.config import Config

from evcli.server.application import Application
from evcli.server.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Running(NamedTuple):
    """A server that answers in a thread, and the lines that it told."""

    url: str
    told: list[str]
    server: Server
    application: Application
    thread: threading.Thread


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@pytest.fixture
def running(state_directory: Path) -> Iterator[Running]:
    """A server on the test's state directory, at a free port."""
    told: list[str] = []
    application = Application(str(state_directory), warn=told.append)
    server = Server(application, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield Running(server.url, told, server, application, thread)
    server.stop()
    thread.join()


@pytest.fixture
def make_client(running: Running) -> Iterator[Callable[..., Any]]:
    """Make `make_client(access_key="…", region="…")`, a boto3 client of the server."""
    clients = []

    def make(access_key: str = "test", region: str = "us-east-1") -> Any:
        client = boto3.Session().client(
            "events",
            endpoint_url=running.url,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, max_pool_connections=40),
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    """A boto3 client of the server."""
    return make_client()


@pytest.fixture
def post(running: Running) -> Iterator[Callable[..., Answer]]:
    """Send one request: `post("ListRules", {}, headers)`; bytes are sent as they are."""
    connection = http.client.HTTPConnection(running.url.removeprefix("http://"))

    def send(
        operation: str | None = "ListRules",
        body: Any = b"{}",
        headers: dict[str, str] | None = None,
        method: str = "POST",
        path: str = "/",
    ) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/x-amz-json-1.1"}
        if operation is not None:
            sent["X-Amz-Target"] = f"AWSEvents.{operation}"
        connection.request(method, path, data, {**sent, **(headers or {})})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())

    yield send
    connection.close()
