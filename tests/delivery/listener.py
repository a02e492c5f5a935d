"""An HTTP server on loopback that keeps requests to the byte and answers as told."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

from tests.patience import LOOK_EVERY_SECONDS, PATIENCE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

# Stands for an answer that never comes.
HANG = b"HANG"


def make_answer(status: str = "200 OK", body: str = "", **headers: str) -> bytes:
    """Write an answer; `retry_after="1"` is the header `retry-after`."""
    data = body.encode()
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(data)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + data


class Listener:
    """Answers each request with the next of `answers`, and with 200 when there is none.

    Instead of an answer `answers` may hold `HANG`: no answer, until the caller goes or
    the listener closes. `requests` are the requests in the order of their coming, raw.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its address."""
        scheme = "http" if self._context is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        """The requests as text."""
        return [request.decode() for request in self.requests]

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(PATIENCE_SECONDS)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):
                line.settimeout(PATIENCE_SECONDS)
                if self._context is None:
                    self._answer(line)
                else:
                    with self._context.wrap_socket(line, server_side=True) as inner:
                        self._answer(inner)

    def _answer(self, line: socket.socket) -> None:
        request = read_request(line)
        if not request:
            return
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else make_answer()
        if answer is HANG:
            self._hang(line)
        else:
            line.sendall(answer)

    def _hang(self, line: socket.socket) -> None:
        """Wait until the caller is gone."""
        line.settimeout(LOOK_EVERY_SECONDS)
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                if not line.recv(1):
                    return


def read_request(line: socket.socket) -> bytes:
    """Read one request, whose length its headers tell."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for header in head.split(b"\r\n")[1:]:
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body
