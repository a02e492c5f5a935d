"""Bulk input: events per second, relative to a bare SQLite insert of the same bytes.

    python tests/benchmarks/bench_bulk.py [--events 200000] [--rounds 3] [--no-moto]

`evcli local send` as a whole command, with a hundred mixed rules (few deliveries) and
with one more that sends every event to a file sink; with and without orjson; then
`evcli local match`, and `moto_server` with requests of ten entries over one connection.
All in turn; medians; counts are checked in every round. Nothing is asserted on time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from evcli.ids import derive_uuid
from tests.benchmarks.bench_server import Contestant, send
from tests.benchmarks.bulk_input import (
    EVERYTHING,
    build_envelopes,
    build_state,
    count_matches,
    make_entries,
    make_mixed_rules,
)
from tests.benchmarks.measure import evcli_environ, format_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent
# Rows of one transaction of the bare insert; more make it no faster.
BATCH = 1_000
MOTO_EVENTS = 1_000
PROGRAM = "from evcli import main; main()"
WITHOUT_ORJSON = f"import sys; sys.modules['orjson'] = None; {PROGRAM}"


class Bench:
    """The input, and what is measured over it."""

    def __init__(self, directory: Path, events: int) -> None:
        self.directory = directory
        entries = make_entries(events)
        self.events = events
        self.few = entries[:MOTO_EVENTS]
        self.envelopes = build_envelopes(entries, NOW)
        self.input = directory / "events.jsonl"
        with self.input.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(entry) + "\n" for entry in entries)
        self.whole_events = directory / "whole-events.jsonl"
        with self.whole_events.open("w", encoding="utf-8") as stream:
            # Each with an id of its own, as captured ones have.
            stream.writelines(
                text.replace("0" * 36, derive_uuid(str(number)), 1) + "\n"
                for number, text in enumerate(self.envelopes)
            )
        mixed = make_mixed_rules(100)
        self.rules = {"mixed": mixed, "all": [*mixed, EVERYTHING]}
        self.expected = {
            name: count_matches(rules, self.envelopes)
            for name, rules in self.rules.items()
        }
        for name, rules in self.rules.items():
            build_state(directory / name, rules)
        # Bytes of state directory for each event, by what was measured last.
        self.sizes: dict[str, int] = {}

    def insert(self) -> float:
        """Insert the envelopes into a table of nothing else; the seconds."""
        path = self.directory / "bare.db"
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE events (envelope TEXT NOT NULL)")
        rows = [(text,) for text in self.envelopes]
        begin = time.perf_counter()
        for first in range(0, len(rows), BATCH):
            database.execute("BEGIN IMMEDIATE")
            chunk = rows[first : first + BATCH]
            database.executemany("INSERT INTO events VALUES (?)", chunk)
            database.execute("COMMIT")
        seconds = time.perf_counter() - begin
        database.close()
        path.unlink()
        return seconds

    def send_all(
        self,
        name: str,
        program: str = PROGRAM,
        source: Path | None = None,
        jobs: int | None = None,
    ) -> float:
        """Send everything in a new state directory; the seconds of the command."""
        state = self.directory / "state"
        shutil.copytree(self.directory / name, state)
        words = () if jobs is None else ("--jobs", str(jobs))
        seconds, answer = self.run(state, program, "send", *words, source=source)
        counts = (answer["AcceptedCount"], answer["DeliveryCount"])
        if counts != (self.events, self.expected[name]):
            raise SystemExit(f"{counts}, not {self.events}, {self.expected[name]}")
        files = [path for path in state.rglob("*") if path.is_file()]
        self.sizes[name] = sum(path.stat().st_size for path in files) // self.events
        shutil.rmtree(state)
        return seconds

    def match(self, jobs: int) -> float:
        """Backtest everything; the seconds of the command."""
        words = ("match", "--jobs", str(jobs))
        seconds, answer = self.run(self.directory / "mixed", PROGRAM, *words)
        count = sum(rule["MatchCount"] for rule in answer["Rules"])
        if count != self.expected["mixed"]:
            raise SystemExit(f"{count} matches, not {self.expected['mixed']}")
        return seconds

    def run(
        self, state: Path, program: str, *words: str, source: Path | None = None
    ) -> tuple[float, Any]:
        """Run a local command over the input, or another one."""
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program, "local", *words, str(source or self.input)],
            env={**evcli_environ(state), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        seconds = time.perf_counter() - begin
        if done.returncode != 0:
            raise SystemExit(done.stderr.decode())
        return seconds, json.loads(done.stdout)

    def send_to(self, server: Contestant) -> float:
        """Send some entries to a server, ten in a request; the seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        begin = time.perf_counter()
        for first in range(0, len(self.few), 10):
            send(connection, ("PutEvents", {"Entries": self.few[first : first + 10]}))
        seconds = time.perf_counter() - begin
        connection.close()
        return seconds

    def start_moto(self) -> Contestant:
        """Start `moto_server` with the mixed rules."""
        program = str(Path(sys.executable).parent / "moto_server")
        server = Contestant("moto", lambda port: [program, "-p", str(port)], {})
        server.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for number, pattern in enumerate(self.rules["mixed"]):
            request = {"Name": f"rule-{number}", "EventPattern": pattern}
            send(connection, ("PutRule", request))
        connection.close()
        return server


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-moto", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), options.events)
        server = None if options.no_moto else bench.start_moto()
        try:
            measure(bench, server, options.rounds)
        finally:
            if server is not None:
                server.stop()


def measure(bench: Bench, server: Contestant | None, rounds: int) -> None:
    """Measure everything in turn and print the table."""
    runs: dict[str, tuple[int, Callable[[], float]]] = {
        "bare SQLite insert": (bench.events, bench.insert),
        "send, 100 mixed rules": (bench.events, lambda: bench.send_all("mixed")),
        "send, the same as whole events": (
            bench.events,
            lambda: bench.send_all("mixed", source=bench.whole_events),
        ),
        "send, one process": (
            bench.events,
            lambda: bench.send_all("mixed", jobs=1),
        ),
        "send, and every event to a file": (
            bench.events,
            lambda: bench.send_all("all"),
        ),
        "the same, one process": (
            bench.events,
            lambda: bench.send_all("all", jobs=1),
        ),
        "the same without orjson": (
            bench.events,
            lambda: bench.send_all("all", WITHOUT_ORJSON),
        ),
        "match, 100 mixed rules": (bench.events, lambda: bench.match(1)),
        "match, two processes": (bench.events, lambda: bench.match(2)),
    }
    if server is not None:
        runs["moto_server, 100 mixed rules"] = (
            len(bench.few),
            lambda: bench.send_to(server),
        )
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (_, run) in runs.items():
            seconds[name].append(run())
    rates = {
        name: count / statistics.median(seconds[name])
        for name, (count, _) in runs.items()
    }
    floor = rates["bare SQLite insert"]
    rows = [
        (name, f"{rate:,.0f}", f"{rate / floor:.3f}", BUDGETS.get(name, ""))
        for name, rate in rates.items()
    ]
    header = ("what", "events/s", "÷ bare insert", "must be at least")
    print(format_table(header, rows))  # noqa: T201
    sent = len("".join(bench.envelopes).encode()) // bench.events
    for name, size in bench.sizes.items():
        deliveries = bench.expected[name] / bench.events
        print(  # noqa: T201
            f"\nState directory with {deliveries:.2f} deliveries for an event of {sent}"
            f" bytes: {size} bytes for an event."
        )


BUDGETS = {
    "send, 100 mixed rules": "0.24",
    "send, and every event to a file": "0.15",
}

if __name__ == "__main__":
    main()
