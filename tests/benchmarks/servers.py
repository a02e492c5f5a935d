"""Servers under test: started on free ports of the loopback, and asked over HTTP.

Requests keep their connection and are not signed for real, so that neither a client's
interpreter nor signing is what is measured.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from pathlib import Path

from tests.benchmarks.measure import BIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

START_SECONDS = 30
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=test/20240514/us-east-1/{}/aws4_request,"
    " SignedHeaders=host, Signature=0"
)
PREFIXES = {"events": "AWSEvents", "sqs": "AmazonSQS"}


class Contestant:
    """A server under test: a name for the report, its words, its environment.

    `account_id` is whose queues it has.
    """

    def __init__(
        self,
        name: str,
        words: Callable[[int], list[str]],
        environ: dict[str, str],
        account_id: str = "000000000000",
    ) -> None:
        self.name = name
        self.account_id = account_id
        self.words = words
        self.environ = {**os.environ, **environ}
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; the seconds until its port is open."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            self.words(self.port),
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return time.perf_counter() - begin
            except OSError:
                if time.perf_counter() - begin > START_SECONDS:
                    raise SystemExit(f"{self.name} does not start") from None
                time.sleep(0.002)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(START_SECONDS)

    def measure_memory(self) -> float:
        """Resident memory, in megabytes; Linux only, elsewhere none."""
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/status")
        if not path.exists():
            return float("nan")
        (line,) = [each for each in path.read_text().splitlines() if "VmRSS" in each]
        return int(line.split()[1]) / 1024


def make_moto() -> Contestant:
    """Make moto's server, which keeps everything in memory."""
    program = str(BIN / "moto_server")
    words = [program, "-p"]
    return Contestant("moto", lambda port: [*words, str(port)], {}, "123456789012")


def make_ministack(program: str) -> Contestant:
    """Make MiniStack, which keeps everything in memory; it listens on the loopback."""
    local = "127.0.0.1"
    return Contestant(
        "MiniStack",
        # It takes its port from the environment alone.
        lambda port: ["env", f"GATEWAY_PORT={port}", program],
        {"BIND_HOST": local, "MINISTACK_HOST": local, "LOG_LEVEL": "ERROR"},
    )


def start_moto() -> Contestant:
    """Start moto's server."""
    moto = make_moto()
    moto.start()
    return moto


def send(
    connection: http.client.HTTPConnection,
    load: tuple[str, Any],
    service: str = "events",
) -> Any:
    """Make one request; its answer. Any but success ends the benchmark."""
    headers = {
        "Authorization": SIGNATURE.format(service),
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{PREFIXES[service]}.{load[0]}",
    }
    connection.request("POST", "/", json.dumps(load[1]), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        # A process of a pool that exits would never be missed.
        raise RuntimeError(f"{load[0]}: {answer.status} {body.decode()}")
    return json.loads(body or b"{}")


def send_all(
    port: int, loads: list[tuple[str, Any]], service: str = "events"
) -> list[Any]:
    """Make some requests over one connection; their answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    answers = [send(connection, load, service) for load in loads]
    connection.close()
    return answers
