"""Measure commands side by side: in turn, many times, medians and ratios."""

from __future__ import annotations

import os
import statistics
import subprocess
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class Command:
    """A command to time: a name for the report, its words, its environment.

    `prepare` runs before every run, untimed; `expects` must be in what it prints.
    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        environ: Mapping[str, str] | None = None,
        prepare: Callable[[], object] | None = None,
        expects: bytes = b"",
    ) -> None:
        self.name = name
        self.words = list(words)
        self.environ = {**os.environ, **(environ or {})}
        self.prepare = prepare
        self.expects = expects

    def run(self) -> float:
        """Run once and return the seconds; a failing command ends the benchmark."""
        if self.prepare is not None:
            self.prepare()
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


def measure(commands: Sequence[Command], runs: int) -> dict[str, float]:
    """Median seconds by name, from `runs` rounds in which every command takes a turn."""
    for command in commands:
        command.run()
    seconds: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(runs):
        for command in commands:
            seconds[command.name].append(command.run())
    return {name: statistics.median(values) for name, values in seconds.items()}


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
    }
