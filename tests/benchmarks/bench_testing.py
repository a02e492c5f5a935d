"""A test suite: what the plugin costs a run that does not use it, and each test that does.

    python tests/benchmarks/bench_testing.py [--tests N] [--runs N]

Prints medians, and what a run left behind: processes, ports, directories.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measure import Command, format_table, measure

# Phases and their seconds go to a file, a line for each, by the conftest.
CONFTEST = """
import json, os
def pytest_runtest_logreport(report):
    with open(os.environ["PHASES"], "a") as file:
        row = [os.getpid(), report.when, report.duration, report.outcome]
        file.write(json.dumps(row) + "\\n")
"""
TESTS = """
import os, pytest
@pytest.mark.parametrize("number", range({count}))
def test_it(eventbridge, number):
    assert eventbridge.events() == []
    eventbridge.call("PutRule", Name="r", EventPattern='{{"source": ["shop"]}}')
    target = {{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}}
    eventbridge.call("PutTargets", Rule="r", Targets=[target])
    eventbridge.send({{"Source": "shop", "DetailType": "d", "Detail": {{}}}})
    assert len(eventbridge.deliveries(target="q")) == 1
    with open(os.environ["URL"], "w") as file:
        file.write(eventbridge.url)
"""
EMPTY = "def test_it(): pass\n"
# The plugin's own import, in a process that has pytest.
IMPORT = (
    "import time, pytest\n"
    "start = time.perf_counter()\n"
    "import evcli.testing.pytest_plugin\n"
    "print((time.perf_counter() - start) * 1000)\n"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        rows = [*measure_unused(directory, options.runs)]
        rows += measure_used(directory, options.tests)
    sys.stdout.write(format_table(("what", "median ms"), rows) + "\n")


def measure_unused(directory: Path, runs: int) -> list[tuple[str, str]]:
    """What a run pays that has the plugin and does not use it."""
    unused = directory / "unused"
    unused.mkdir()
    (unused / "test_it.py").write_text(EMPTY)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(unused),
    ]
    medians = measure(
        [
            Command("pytest without the plugin", [*words, "-p", "no:evcli"]),
            Command("pytest with the plugin, unused", words),
        ],
        runs,
    )
    imports = [
        float(subprocess.check_output([sys.executable, "-c", IMPORT]))
        for _ in range(runs)
    ]
    rows = [(what, f"{seconds * 1000:.0f}") for what, seconds in medians.items()]
    return [*rows, ("import of the plugin", f"{statistics.median(imports):.2f}")]


def measure_used(directory: Path, count: int) -> list[tuple[str, str]]:
    """What each of many tests pays, and what they leave."""
    used, temporary = directory / "used", directory / "temporary"
    for each in (used, temporary):
        each.mkdir()
    (used / "conftest.py").write_text(CONFTEST)
    (used / "test_it.py").write_text(TESTS.format(count=count))
    environ = {
        **os.environ,
        "TMPDIR": str(temporary),
        "PHASES": str(directory / "phases"),
        "URL": str(directory / "url"),
    }
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(used)],
        env=environ,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    lines = (directory / "phases").read_text().splitlines()
    phases: dict[str, list[float]] = {"setup": [], "teardown": [], "call": []}
    for line in lines:
        process, phase, seconds, _ = json.loads(line)
        phases[phase].append(seconds * 1000)
    require_nothing_left(process, (directory / "url").read_text(), temporary)
    return [
        ("set-up of the first test", f"{phases['setup'][0]:.0f}"),
        *(
            (f"{what}, {count} tests", f"{statistics.median(phases[phase][1:]):.2f}")
            for what, phase in (("set-up", "setup"), ("tear-down", "teardown"))
        ),
        ("greatest set-up after the first", f"{max(phases['setup'][1:]):.0f}"),
        ("processes, ports, directories left", "0"),
    ]


def require_nothing_left(process: int, url: str, temporary: Path) -> None:
    """End the benchmark where a run has left something."""
    left = [str(each) for each in temporary.glob("evcli-*")]
    address = urlsplit(url)
    with socket.socket() as probe:
        if probe.connect_ex((str(address.hostname), int(address.port or 0))) == 0:
            left.append(url)
    if Path(f"/proc/{process}").exists():
        left.append(f"process {process}")
    if left:
        raise SystemExit(f"left behind: {', '.join(left)}")


if __name__ == "__main__":
    main()
