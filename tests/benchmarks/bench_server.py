"""The server beside moto's and MiniStack: requests per second, start, memory.

    python tests/benchmarks/bench_server.py [--seconds N] [--rounds N]
        [--ministack BIN]    the program, of an environment of its own, as its pins of
                             botocore are others; or EVCLI_BENCH_MINISTACK

All run as processes of their own, on free ports of the loopback, and get the same
requests by turns, from 1 and from 4 client processes that keep their connections, so
that neither the client's interpreter nor signing is what is measured. Each has 21 rules,
of which one matches, and its target is an SQS queue. Prints a Markdown table; nothing is
asserted but that MiniStack's queue got its messages. evcli writes to disk and delivers to
a file; the others keep everything in memory.
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

STARTS = 3
START_SECONDS = 30
CLIENTS = (1, 4)

ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"total": 250}'}
OTHER = {**ENTRY, "Detail": '{"total": 5}'}
PATTERN = '{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}'
RULE = {"Name": "r", "EventPattern": PATTERN}
QUEUE = "arn:aws:sqs:us-east-1:{account}:q"
SCENE: list[tuple[str, dict[str, Any]]] = [
    ("PutRule", RULE),
    *(("PutRule", {**RULE, "Name": f"other-{i:02}", "EventPattern": '{"source":["x"]}'})
      for i in range(20)),
]  # fmt: skip
LOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "put-events, 10 entries, 1 delivery": (
        "PutEvents",
        {"Entries": [ENTRY] + [OTHER] * 9},
    ),
    "put-events, 10 entries, 10 deliveries": ("PutEvents", {"Entries": [ENTRY] * 10}),
    "put-events, 10 entries, no delivery": ("PutEvents", {"Entries": [OTHER] * 10}),
    "put-events, 1 entry, 1 delivery": ("PutEvents", {"Entries": [ENTRY]}),
    "put-rule": ("PutRule", RULE),
    "list-rules, 21 rules": ("ListRules", {}),
}
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=test/20240514/us-east-1/{service}/aws4_request,"
    " SignedHeaders=host, Signature=0"
)


class Contestant:
    """A server under test.

    Args:
        name: for the report.
        words: what starts it on a port.
        environ: what its environment has besides.
        account: whose queue is the target.
    """

    def __init__(
        self,
        name: str,
        words: Callable[[int], list[str]],
        environ: dict[str, str],
        account: str = "000000000000",
    ) -> None:
        self.name = name
        self.words = words
        self.environ = {**os.environ, **environ}
        self.queue = QUEUE.format(account=account)
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


def send(
    connection: http.client.HTTPConnection,
    load: tuple[str, Any],
    service: str = "AWSEvents",
) -> dict[str, Any]:
    """Make one request; any answer but success ends the benchmark."""
    version = "1.1" if service == "AWSEvents" else "1.0"
    name = "events" if service == "AWSEvents" else "sqs"
    headers = {
        "Authorization": SIGNATURE.format(service=name),
        "Content-Type": f"application/x-amz-json-{version}",
        "X-Amz-Target": f"{service}.{load[0]}",
    }
    connection.request("POST", "/", json.dumps(load[1]), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{load[0]}: {answer.status} {body.decode()}")
    document: dict[str, Any] = json.loads(body or b"{}")
    return document


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
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ministack", default=os.environ.get("EVCLI_BENCH_MINISTACK"))
    arguments = parser.parse_args()
    bin_directory = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as name:
        contestants = [
            Contestant(
                "evcli",
                lambda port: [
                    str(bin_directory / "evcli"),
                    *("local", "serve", "--quiet", "--port", str(port)),
                ],
                evcli_environ(Path(name)),
            ),
            Contestant(
                "moto_server",
                lambda port: [str(bin_directory / "moto_server"), "-p", str(port)],
                {},
                account="123456789012",
            ),
        ]
        if arguments.ministack:
            contestants.append(
                Contestant(
                    "MiniStack",
                    # It takes its port from the environment alone.
                    lambda port: [
                        *("env", f"GATEWAY_PORT={port}", arguments.ministack)
                    ],
                    {
                        "BIND_HOST": "127.0.0.1",
                        "LOG_LEVEL": "ERROR",
                        "MINISTACK_HOST": "127.0.0.1",
                    },
                )
            )
        compare(contestants, arguments.rounds, arguments.seconds)
        if not arguments.ministack:
            print("\nMiniStack is left out: --ministack names its program.")  # noqa: T201


def compare(contestants: list[Contestant], rounds: int, seconds: float) -> None:
    """Let all do the same by turns; print the medians and what is evcli's share."""
    starts: dict[str, list[float]] = {each.name: [] for each in contestants}
    for round_number in range(STARTS):
        for contestant in contestants:
            starts[contestant.name].append(contestant.start())
            if round_number < STARTS - 1:
                contestant.stop()
    rows: list[list[object]] = []
    try:
        for contestant in contestants:
            prepare(contestant)
        for load_name, load in LOADS.items():
            for clients in CLIENTS:
                rates = measure_rates(contestants, load, clients, rounds, seconds)
                label = f"{load_name}, 1/s, clients: {clients}"
                rows.append(lay_out(label, rates, 0))
        rows.append(
            lay_out(
                "start to open port, s",
                {name: statistics.median(each) for name, each in starts.items()},
                2,
            )
        )
        memory = {each.name: each.measure_memory() for each in contestants}
        rows.append(lay_out("resident memory, MB", memory, 0))
        for contestant in contestants[2:]:
            require_messages(contestant)
    finally:
        for contestant in contestants:
            contestant.stop()
    names = [each.name for each in contestants]
    shares = [f"evcli ÷ {name}" for name in names[1:]]
    print(format_table(("", *names, *shares), rows))  # noqa: T201


def lay_out(label: str, values: dict[str, float], digits: int) -> list[object]:
    """Lay out a row: what was measured of each, and evcli's divided by the others'."""
    own, *others = values.values()
    shown = [f"{value:.{digits}f}" for value in values.values()]
    return [label, *shown, *(f"{own / other:.2f}" for other in others)]


def prepare(contestant: Contestant) -> None:
    """Make the queue, where there are queues, the rules, and the target."""
    connection = http.client.HTTPConnection("127.0.0.1", contestant.port)
    if contestant.name != "evcli":
        send(connection, ("CreateQueue", {"QueueName": "q"}), "AmazonSQS")
    for load in SCENE:
        send(connection, load)
    target = {"Id": "q", "Arn": contestant.queue}
    send(connection, ("PutTargets", {"Rule": "r", "Targets": [target]}))
    connection.close()


def require_messages(contestant: Contestant) -> None:
    """End the benchmark if what was sent did not arrive: it compares deliveries."""
    connection = http.client.HTTPConnection("127.0.0.1", contestant.port)
    url = f"http://127.0.0.1:{contestant.port}/000000000000/q"
    asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
    found = send(connection, ("GetQueueAttributes", asked), "AmazonSQS")
    connection.close()
    if not int(found["Attributes"]["ApproximateNumberOfMessages"]):
        raise SystemExit(f"{contestant.name} delivered nothing")


def measure_rates(
    contestants: list[Contestant],
    load: tuple[str, Any],
    clients: int,
    rounds: int,
    seconds: float,
) -> dict[str, float]:
    """Requests per second by name: the median of some rounds, each server by turns."""
    rates: dict[str, list[float]] = {each.name: [] for each in contestants}
    with get_context("spawn").Pool(clients) as pool:
        for _ in range(rounds):
            for contestant in contestants:
                work = [(contestant.port, load, seconds)] * clients
                counts = pool.starmap(run_client, work)
                rates[contestant.name].append(sum(counts) / seconds)
    return {name: statistics.median(values) for name, values in rates.items()}


if __name__ == "__main__":
    main()
