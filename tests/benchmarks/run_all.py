"""Run every benchmark and write one report in Markdown.

    python tests/benchmarks/run_all.py [--quick] [--output REPORT.md]

Each runs as a process of its own, one after the other, with the interpreter that runs
this; `--quick` makes them small, to see that they run. The soak test is not among them,
see `soak_send.py`. The report also goes to standard output as it grows.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# Title, module, options, options with --quick.
BENCHMARKS: tuple[tuple[str, str, str, str], ...] = (
    ("Start-up", "bench_startup", "", "--runs 3"),
    ("The official client", "bench_clients", "", "--runs 2"),
    ("The server", "bench_server", "", "--seconds 0.3"),
    ("Test suites", "bench_testing", "", "--tests 5 --runs 2"),
    ("Matching", "bench_index", "--peers", "--events 1000 --rounds 1"),
    ("Bulk input", "bench_bulk", "", "--events 5000 --rounds 1"),
    ("A cluster", "bench_match_cluster", "", "--events 2000 --rounds 1"),
    ("Test files", "bench_cases", "", "--cases 50 --rules 5 --runs 1"),
    ("Archives", "bench_archives", "", "--events 2000 --large 5000 --runs 5"),
    (
        "Scale",
        "bench_scale",
        "",
        "--rules 1000 --bus 500 --deliveries 20000 --runs 2",
    ),
)


def main() -> None:
    """Run them all; the exit code says whether each of them came to its end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    report = [describe_machine()]
    failed = []
    print(report[0], flush=True)  # noqa: T201
    for title, module, usual, quick in BENCHMARKS:
        begin = time.perf_counter()
        text, is_done = run(module, quick if options.quick else usual)
        seconds = time.perf_counter() - begin
        section = f"\n## {title}\n\n{text}\n\n({module}, {seconds:.0f} s)"
        print(section, flush=True)  # noqa: T201
        report.append(section)
        if not is_done:
            failed.append(module)
    if options.output is not None:
        options.output.write_text("\n".join(report) + "\n", encoding="utf-8")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def describe_machine() -> str:
    """Say where this ran."""
    return (
        "# Benchmarks\n\n"
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()},"
        f" {os.cpu_count()} processors. Times are this machine's; ratios travel better."
    )


def run(module: str, options: str) -> tuple[str, bool]:
    """Run one benchmark; what it printed, and whether it came to its end."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *options.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return f"Failed:\n\n```\n{done.stderr.strip()}\n```", False
    return done.stdout.strip(), True


if __name__ == "__main__":
    main()
