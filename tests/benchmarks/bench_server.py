"""The server beside moto's: requests per second, start to an open port, memory.

    python tests/benchmarks/bench_server.py [--seconds N] [--clients N]

Both run as processes of their own, on free ports of the loopback, and get the same
requests in turns, from client processes that keep their connections, so that neither
the client's interpreter nor signing is what is measured. Prints a Markdown table;
nothing is asserted. evcli writes to disk and delivers; moto keeps everything in memory.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measure import evcli_environ, format_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ROUNDS = 3
START_SECONDS = 30

ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"total": 250}'}
RULE = {"Name": "r", "EventPattern": '{"source":["shop"]}'}
SCENE: list[tuple[str, dict[str, Any]]] = [
    ("PutRule", RULE),
    *(("PutRule", {**RULE, "Name": f"other-{i:02}", "EventPattern": '{"source":["x"]}'})
      for i in range(20)),
]  # fmt: skip
LOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "put-events, 10 entries": ("PutEvents", {"Entries": [ENTRY] * 10}),
    "put-rule": ("PutRule", RULE),
    "list-rules, 21 rules": ("ListRules", {}),
}
SCOPE = "test/20240514/us-east-1/events/aws4_request"
SIGNATURE = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0"


class Contestant:
    """A server under test: a name for the report, its words, its environment."""

    def __init__(
        self, name: str, words: Callable[[int], list[str]], environ: dict[str, str]
    ) -> None:
        self.name = name
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
        assert self.process is not None
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


def send(connection: http.client.HTTPConnection, load: tuple[str, Any]) -> None:
    """Make one request; any answer but success ends the benchmark."""
    headers = {
        "Authorization": SIGNATURE,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSEvents.{load[0]}",
    }
    connection.request("POST", "/", json.dumps(load[1]), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{load[0]}: {answer.status} {body.decode()}")


def run_client(port: int, load: tuple[str, Any], seconds: float) -> int:
    """Make requests for a time; say how many."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    count = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        send(connection, load)
        count += 1
    connection.close()
    return count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=4)
    arguments = parser.parse_args()
    bin_directory = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as name:
        evcli = Contestant(
            "evcli",
            lambda port: [str(bin_directory / "evcli"), "local", "serve", "--port", str(port)],
            evcli_environ(Path(name)),
        )  # fmt: skip
        moto = Contestant(
            "moto",
            lambda port: [str(bin_directory / "moto_server"), "-p", str(port)],
            {},
        )
        compare(evcli, moto, arguments.clients, arguments.seconds)


def compare(evcli: Contestant, moto: Contestant, clients: int, seconds: float) -> None:
    """Let both do the same in turns; print the medians and their ratio."""
    contestants = (evcli, moto)
    starts: dict[str, list[float]] = {each.name: [] for each in contestants}
    for round_number in range(ROUNDS):
        for contestant in contestants:
            starts[contestant.name].append(contestant.start())
            if round_number < ROUNDS - 1:
                contestant.stop()
    rows: list[list[object]] = []
    try:
        for contestant in contestants:
            connection = http.client.HTTPConnection("127.0.0.1", contestant.port)
            for load in SCENE:
                send(connection, load)
            connection.close()
        for load_name, load in LOADS.items():
            rates = measure_rates(contestants, load, clients, seconds)
            ratio = rates[evcli.name] / rates[moto.name]
            rows.append(
                [f"{load_name}, 1/s", *(f"{rates[each.name]:.0f}" for each in contestants), f"{ratio:.1f}"]
            )  # fmt: skip
        begun = {name: statistics.median(each) for name, each in starts.items()}
        memory = {each.name: each.measure_memory() for each in contestants}
    finally:
        for contestant in contestants:
            contestant.stop()
    for label, values, digits in (
        ("start to open port, s", begun, 2),
        ("resident memory, MB", memory, 0),
    ):
        ratio = values[evcli.name] / values[moto.name]
        shown = [f"{values[each.name]:.{digits}f}" for each in contestants]
        rows.append([label, *shown, f"{ratio:.2f}"])
    table = format_table(("", "evcli", "moto_server", "evcli ÷ moto_server"), rows)
    print(table)  # noqa: T201


def measure_rates(
    contestants: tuple[Contestant, ...],
    load: tuple[str, Any],
    clients: int,
    seconds: float,
) -> dict[str, float]:
    """Requests per second by name: the median of some rounds, each server in turn."""
    rates: dict[str, list[float]] = {each.name: [] for each in contestants}
    with get_context("spawn").Pool(clients) as pool:
        for _ in range(ROUNDS):
            for contestant in contestants:
                work = [(contestant.port, load, seconds)] * clients
                counts = pool.starmap(run_client, work)
                rates[contestant.name].append(sum(counts) / seconds)
    return {name: statistics.median(values) for name, values in rates.items()}


if __name__ == "__main__":
    main()
