"""Measure things side by side: in turn, many times, medians.

A benchmark is a module with `list_rows(quick)`, which gives the rows of the report that it
is for; what a row must reach stands in `goals.py`, by its name.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
# evcli of these sources, whatever is installed.
PROGRAM = (sys.executable, "-c", "from evcli import main; main()")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ROUNDS = 9  # of what is measured in turn, in a full report


class Row(NamedTuple):
    """A row of the report.

    `value` is ours by the yardstick's, or a figure in the unit that the name ends in;
    `figures` are what it comes from, and `rounds` how many of each they are medians of.
    """

    name: str
    value: float
    figures: str
    given: str
    rounds: int


class Command:
    """A command to time: a name for the report, its words, its environment.

    `expects` must be in what it prints.
    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        environ: Mapping[str, str] | None = None,
        expects: bytes = b"",
    ) -> None:
        self.name = name
        self.words = list(words)
        self.environ = {**os.environ, **(environ or {})}
        self.expects = expects

    def run(self) -> float:
        """Run once and return the seconds; a failing command ends the benchmark."""
        start = time.perf_counter()
        done = subprocess.run(
            self.words,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise SystemExit(f"{self.words}: {done.stderr.decode()}")
        if self.expects not in done.stdout:
            raise SystemExit(f"{self.words}: {done.stdout.decode()}")
        return seconds


def measure(commands: Sequence[Command], rounds: int) -> dict[str, float]:
    """Median seconds by name, from rounds in which every command runs once."""
    for command in commands:
        command.run()
    return measure_in_turn({command.name: command.run for command in commands}, rounds)


def measure_in_turn(
    runs: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, float]:
    """Median by name of what runs give, from rounds in which every one runs once."""
    values: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            values[name].append(run())
    return {name: statistics.median(each) for name, each in values.items()}


def time_work(work: Callable[[], object]) -> float:
    """Do something; the seconds that it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def show_ms(seconds: float) -> str:
    """Write seconds as milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def format_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def evcli_environ(state_directory: Path) -> dict[str, str]:
    """The environment of a benchmarked evcli: its own state directory and home."""
    return {
        "EVCLI_STATE_DIR": str(state_directory),
        "HOME": str(state_directory),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
    }


def measure_size(directory: Path) -> int:
    """The bytes of all files below a directory."""
    return sum(each.stat().st_size for each in directory.rglob("*") if each.is_file())
