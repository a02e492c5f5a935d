"""Places for sinks: a server that answers as told, deliveries to hand over."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator


class Place(ThreadingHTTPServer):
    """A local HTTP server: keeps what it got, answers `status` after `release` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.answer = b""
        self.drips = False
        self.release = threading.Event()
        self.release.set()
        self.requests: list[tuple[str, str, dict[str, str], str]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/in?x=1"

    @property
    def payloads(self) -> list[str]:
        """The bodies so far, in order."""
        return [body for _, _, _, body in self.requests]


class Handler(BaseHTTPRequestHandler):
    """Does what its place says."""

    server: Place

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length).decode()
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        try:
            while self.server.drips and not self.server.release.wait(0.05):
                self.wfile.write(b"H")
                self.wfile.flush()
            self.server.release.wait(PATIENCE_SECONDS)
            self.send_response(self.server.status)
            self.end_headers()
            self.wfile.write(self.server.answer)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def place() -> Iterator[Place]:
    """A running server."""
    server = Place()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()
