"""The server beside its peers: requests per second, start to an open port, memory.

All run as processes of their own and get the same requests in turn, from client processes
that keep their connections. evcli writes to disk and delivers; the peers keep everything
in memory. MiniStack is one if EVCLI_BENCH_MINISTACK names its program, which is of an
environment of its own: it wants another botocore.
"""

from __future__ import annotations

import http.client
import os
import tempfile
import time
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.measure import (
    PROGRAM,
    ROUNDS,
    Row,
    evcli_environ,
    measure_in_turn,
)
from tests.benchmarks.servers import (
    Contestant,
    make_ministack,
    make_moto,
    send,
    send_all,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.pool import Pool
    from typing import Any

    Load = tuple[str, dict[str, Any]]

ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"total": 250}'}
OTHER = {**ENTRY, "Detail": '{"total": 5}'}
PATTERN = '{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}'
RULE = {"Name": "r", "EventPattern": PATTERN}
SCENE: list[Load] = [
    ("PutRule", RULE),
    *(("PutRule", {**RULE, "Name": f"other-{i:02}", "EventPattern": '{"source":["x"]}'})
      for i in range(20)),
]  # fmt: skip
LOADS: dict[str, Load] = {
    "10 entries, 1 delivery": ("PutEvents", {"Entries": [ENTRY, *[OTHER] * 9]}),
    "10 entries, 10 deliveries": ("PutEvents", {"Entries": [ENTRY] * 10}),
    "10 entries": ("PutEvents", {"Entries": [OTHER] * 10}),
    "1 entry, 1 delivery": ("PutEvents", {"Entries": [ENTRY]}),
    "put-rule": ("PutRule", RULE),
    "list-rules": ("ListRules", {}),
}
CLIENTS = (1, 4)
# Starting a server takes long: this many rounds, unless quick.
STARTS = 3


def list_rows(quick: bool) -> list[Row]:
    """Compare evcli's server with every peer."""
    rounds, seconds = (1, 0.2) if quick else (ROUNDS, 0.5)
    with tempfile.TemporaryDirectory() as name:
        evcli = Contestant(
            "evcli",
            lambda port: [*PROGRAM, "local", "serve", "--port", str(port)],
            evcli_environ(Path(name)),
        )
        contestants = [evcli, *list_peers()]
        starts = {each.name: partial(restart, each) for each in contestants}
        try:
            begun = measure_in_turn(starts, 1 if quick else STARTS)
            for each in contestants:
                prepare(each)
            rows = compare_rates(contestants, seconds, rounds)
            memory = {each.name: each.measure_memory() for each in contestants}
            for each in contestants[1:]:
                require_messages(each)
        finally:
            for each in contestants:
                each.stop()
    for what, unit, values in (
        ("start to open port", "s", begun),
        ("resident memory", "MB", memory),
    ):
        for peer in contestants[1:]:
            figures = f"{values['evcli']:.2f} {unit} ÷ {values[peer.name]:.2f} {unit}"
            ratio = values["evcli"] / values[peer.name]
            row = f"serve, {what} ÷ {peer.name}"
            rows.append(Row(row, ratio, figures, "after the loads above", STARTS))
    return rows


def list_peers() -> list[Contestant]:
    """List what evcli is compared with."""
    ministack = os.environ.get("EVCLI_BENCH_MINISTACK")
    return [make_moto(), *([make_ministack(ministack)] if ministack else [])]


def prepare(contestant: Contestant) -> None:
    """Make the rules and the target, and the queue where there are queues."""
    if contestant.name != "evcli":
        send_all(contestant.port, [("CreateQueue", {"QueueName": "q"})], "sqs")
    arn = f"arn:aws:sqs:us-east-1:{contestant.account_id}:q"
    target = {"Id": "q", "Arn": arn}
    put_targets = ("PutTargets", {"Rule": "r", "Targets": [target]})
    send_all(contestant.port, [*SCENE, put_targets])


def require_messages(contestant: Contestant) -> None:
    """End the benchmark if nothing was delivered: deliveries are what it compares."""
    url = f"http://127.0.0.1:{contestant.port}/{contestant.account_id}/q"
    asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
    (answer,) = send_all(contestant.port, [("GetQueueAttributes", asked)], "sqs")
    if not int(answer["Attributes"]["ApproximateNumberOfMessages"]):
        raise SystemExit(f"{contestant.name} delivered nothing")


def restart(contestant: Contestant) -> float:
    """Start a server, again if it runs; the seconds until its port is open."""
    contestant.stop()
    return contestant.start()


def compare_rates(
    contestants: list[Contestant], seconds: float, rounds: int
) -> list[Row]:
    """Requests per second for every load and number of clients, by those of peers."""
    rows = []
    for clients in CLIENTS:
        with get_context("spawn").Pool(clients) as pool:
            for what, load in LOADS.items():
                rates = measure_in_turn(
                    {
                        each.name: partial(
                            measure_rate, pool, clients, each.port, load, seconds
                        )
                        for each in contestants
                    },
                    rounds,
                )
                rows += [
                    Row(
                        f"serve, {what} ÷ {peer.name},"
                        f" {clients} client{'s' * (clients > 1)}",
                        rates["evcli"] / rates[peer.name],
                        f"{rates['evcli']:,.0f}/s ÷ {rates[peer.name]:,.0f}/s",
                        "21 rules, kept connections",
                        rounds,
                    )
                    for peer in contestants[1:]
                ]
    return rows


def measure_rate(
    pool: Pool, clients: int, port: int, load: Load, seconds: float
) -> float:
    """Requests per second of some clients at once."""
    counts = pool.starmap(run_client, [(port, load, seconds)] * clients)
    return sum(counts) / seconds


def run_client(port: int, load: Load, seconds: float) -> int:
    """Make requests for a time; say how many."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    count = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        send(connection, load)
        count += 1
    connection.close()
    return count
