"""Backtests by processes and on Dask: equal answers, and what sharing out costs.

`evcli local match` of one file of lines and a hundred mixed rules: by one process, by two,
by two that Dask runs, and by three separate workers of which one is killed amid the work.
Processor time is that of all processes together, less what the same command takes over
a single line: what it costs to start Dask is in the wall time alone.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.benchmarks.bulk_input import make_entries, make_mixed_rules
from tests.benchmarks.measure import PROGRAM, ROUNDS, Row, evcli_environ
from tests.dask_workers import start_workers

if TYPE_CHECKING:
    from collections.abc import Callable

    # Seconds of the processors and of the clock.
    Cost = tuple[float, float]

PARTS = ("16MB", "2MB")
# As `evcli help inputs` has workers started.
QUIET_WORKERS = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
}


class Bench:
    """The input, and the answer that all have to give."""

    def __init__(self, directory: Path, events: int) -> None:
        self.environ = evcli_environ(directory)
        self.input = directory / "events.jsonl"
        with self.input.open("w", encoding="utf-8") as stream:
            for entry in make_entries(events):
                stream.write(json.dumps(entry) + "\n")
        self.line = directory / "line.jsonl"
        self.line.write_text(json.dumps(make_entries(1)[0]) + "\n")
        self.rules = directory / "rules.json"
        patterns = enumerate(make_mixed_rules(100))
        self.rules.write_text(json.dumps({f"r{n}": json.loads(p) for n, p in patterns}))
        self.answer: bytes | None = None

    def match(self, *options: str) -> Cost:
        """Match everything; what it costs beyond a single line."""
        base, _ = self.run(self.line, options)
        cpu, wall = self.run(self.input, options)
        return cpu - base, wall

    def run(self, path: Path, options: tuple[str, ...]) -> Cost:
        """Run the command, and wait for all that it started."""
        before, begin = os.times(), time.perf_counter()
        words = ("local", "match", str(path), "--rules", str(self.rules), *options)
        done = subprocess.run(
            [*PROGRAM, *words],
            env=self.environ,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(done.stderr.decode())
        if path == self.input:
            self.answer = self.answer or done.stdout
            if done.stdout != self.answer:
                raise SystemExit(f"{options}: another answer")
        after, wall = os.times(), time.perf_counter() - begin
        cpu = after.children_user + after.children_system
        return cpu - before.children_user - before.children_system, wall

    def match_by_workers(self, part: str, seconds_to_live: float | None) -> Cost:
        """Match by three workers; kill one of them after a while."""
        with start_workers(3, {**self.environ, **QUIET_WORKERS}, 120) as started:
            address, workers = started.address, started.workers
            watched = [psutil.Process(worker.pid) for worker in workers]
            options = ("--cluster", address, "--part-size", part)
            base, _ = self.run(self.line, options)
            before = sum(map(measure, watched))
            lost: list[float] = []

            def kill() -> None:
                lost.append(measure(watched[0]))
                workers[0].kill()

            timer = threading.Timer(seconds_to_live or 0, kill)
            if seconds_to_live is not None:
                timer.start()
            cpu, wall = self.run(self.input, options)
            if seconds_to_live is not None:
                timer.join()
                del watched[0]
            after = sum(lost) + sum(map(measure, watched))
        return after - before + cpu - base, wall


def measure(process: psutil.Process) -> float:
    """The seconds that a process has had of the processors."""
    times = process.cpu_times()
    return float(times.user + times.system)


def list_rows(quick: bool) -> list[Row]:
    """Measure everything in turn, a worker killed in the last of the ways."""
    events, rounds = (2_000, 1) if quick else (200_000, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), events)
        given = f"{events:,} events, {bench.input.stat().st_size / 1e6:,.0f} MB"
        costs = measure_in_turn(bench, rounds)
    usual = {name: take_median(each) for name, each in costs.items()}
    floor, _ = usual.pop("--jobs 2")
    return [
        Row(
            f"local match, {name} ÷ --jobs 2, processor",
            cpu / floor,
            f"{cpu:.1f} s ÷ {floor:.1f} s; {wall:.1f} s in all",
            given,
            rounds,
        )
        for name, (cpu, wall) in usual.items()
    ]


def take_median(costs: list[Cost]) -> Cost:
    """Take the medians of both."""
    cpu, wall = map(statistics.median, zip(*costs, strict=True))
    return cpu, wall


def measure_in_turn(bench: Bench, rounds: int) -> dict[str, list[Cost]]:
    """What each way of matching costs, a round after the other."""
    runs: dict[str, Callable[[], Cost]] = {
        "--jobs 1": bench.match,
        "--jobs 2": lambda: bench.match("--jobs", "2"),
    }
    for part in PARTS:
        words = ("--cluster", "local:2", "--part-size", part)
        runs[f"local:2, parts of {part}"] = lambda words=words: bench.match(*words)
        runs[f"three workers, parts of {part}"] = lambda part=part: (
            bench.match_by_workers(part, None)
        )
    whole = f"three workers, parts of {PARTS[0]}"
    killed = f"{whole}, one killed"
    costs: dict[str, list[Cost]] = {name: [] for name in (*runs, killed)}
    for _ in range(rounds):
        for name, run in runs.items():
            costs[name].append(run())
        # Somewhere amid the work, as measured.
        _, wall = costs[whole][-1]
        costs[killed].append(bench.match_by_workers(PARTS[0], wall / 2))
    return costs
