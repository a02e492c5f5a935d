"""Run every benchmark and write one report in Markdown.

    python tests/benchmarks/run_all.py [--quick] [--only start_up …] > report.md
    python tests/benchmarks/run_all.py --readme report.md

Each runs as a process of its own, one after the other, with the interpreter that runs
this. `--quick` makes them small: it shows that they run, and its figures are no measure.
`--readme` prints the lines of the README's table from a report. How far the report has come
goes to standard error. The soak test is not among them, see `soak_send.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.goals import GOALS, Goal, is_met
from tests.benchmarks.measure import ROOT, Row, format_table

# The modules `bench_…`; each has `list_rows(quick)`.
BENCHMARKS = {
    "startup": "Start-up",
    "clients": "The official client",
    "server": "The server",
    "index": "Matching",
    "bulk": "Bulk input",
    "match_cluster": "A cluster",
    "scale": "Growth",
    "store_engines": "SQLite and PostgreSQL",
    "archives": "Archives",
    "cases": "Test files",
    "testing": "Test suites",
}
HEADER = ("what", "value", "must", "aim", "met", "from", "input", "rounds")


def main() -> None:
    """Run what is asked for; the exit code says whether each came to its end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME")
    parser.add_argument("--readme", type=Path, metavar="REPORT")
    parser.add_argument("--rows", choices=BENCHMARKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rows:
        module = import_module(f"tests.benchmarks.bench_{options.rows}")
        print(json.dumps(module.list_rows(options.quick)))  # noqa: T201
    elif options.readme:
        print(list_readme_lines(options.readme.read_text(encoding="utf-8")))  # noqa: T201
    else:
        write_report(options.only or list(BENCHMARKS), options.quick)


def write_report(names: list[str], quick: bool) -> None:
    """Run benchmarks and print the report as it grows."""
    print(describe_machine(quick), flush=True)  # noqa: T201
    rows: list[Row] = []
    failed = []
    for name in names:
        begin = time.perf_counter()
        found, fault = run(name, quick)
        seconds = time.perf_counter() - begin
        print(f"{name}: {seconds:.0f} s", file=sys.stderr)  # noqa: T201
        print(f"\n## {BENCHMARKS[name]}\n\n{fault or format_rows(found)}", flush=True)  # noqa: T201
        rows += found
        if fault:
            failed.append(name)
    missed = [row.name for row in rows if judge(row) == "no"]
    print(f"\nMissed: {', '.join(missed) or 'no must'}.")  # noqa: T201
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def describe_machine(quick: bool) -> str:
    """Say where this ran."""
    profile = "Quick profile: not a measure. " if quick else ""
    return (
        f"# Benchmarks\n\n{profile}Python {platform.python_version()},"
        f" {platform.system()} {platform.machine()}, {os.cpu_count()} processors,"
        f" load {os.getloadavg()[0]:.1f} at the start. Figures are medians of rounds in"
        " which everything compared ran once."
    )


def run(name: str, quick: bool) -> tuple[list[Row], str]:
    """Run one benchmark; its rows, and what it said if it failed."""
    script = [sys.executable, __file__, "--rows", name]
    done = subprocess.run(
        [*script, "--quick"] if quick else script,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return [], f"Failed:\n\n```\n{done.stderr.strip()}\n```"
    return [Row(*each) for each in json.loads(done.stdout)], ""


def format_rows(rows: list[Row]) -> str:
    """Lay rows out as a table."""
    lines = []
    for row in rows:
        goal = GOALS.get(row.name, Goal())
        limits = [format_limit(limit, goal) for limit in (goal.must, goal.aim)]
        lines.append(
            (row.name, format_value(row.value), *limits, judge(row), *row[2:4], row[4])
        )
    return format_table(HEADER, lines)


def judge(row: Row) -> str:
    """Say whether a row reaches its goal: aim, must, no, or nothing to reach."""
    goal = GOALS.get(row.name, Goal())
    for limit, verdict in ((goal.aim, "aim"), (goal.must, "must")):
        if limit is not None and is_met(row.value, limit, is_most=goal.is_most):
            return verdict
    return "" if goal.must is None else "no"


def format_limit(limit: float | None, goal: Goal) -> str:
    """Write a must or an aim."""
    if limit is None:
        return ""
    return f"{'≤' if goal.is_most else '≥'} {format_value(limit)}"


def format_value(value: float) -> str:
    """Write a value with three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def list_readme_lines(report: str) -> str:
    """Take the README's table from a report: its rows that have words for it there."""
    cells = [line.split(" | ") for line in report.splitlines() if line[:2] == "| "]
    found = {each[0][2:]: (each[1], each[6]) for each in cells if len(each) > 6}
    lines = [
        (goal.readme, *found[name])
        for name, goal in GOALS.items()
        if goal.readme and name in found
    ]
    table = format_table(("what", "ratio", "input"), lines)
    return table.replace("| --- | --- | --- |", "|---|---|---|")


if __name__ == "__main__":
    main()
