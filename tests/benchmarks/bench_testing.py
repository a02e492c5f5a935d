"""A test suite: what the plugin costs a run that does not use it, and each test that does.

A run that leaves something behind, a process, a port or a directory, ends the benchmark.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.measure import ROUNDS, Command, Row, measure, show_ms

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


def list_rows(quick: bool) -> list[Row]:
    """Measure runs with the plugin, unused and used."""
    tests, rounds = (5, 2) if quick else (200, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        return [
            *measure_unused(directory, rounds),
            *measure_used(directory, tests),
        ]


def measure_unused(directory: Path, rounds: int) -> list[Row]:
    """What a run pays that has the plugin and does not use it."""
    unused = directory / "unused"
    unused.mkdir()
    (unused / "test_it.py").write_text(EMPTY)
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    words = [*pytest, str(unused)]
    medians = measure(
        [Command("without", [*words, "-p", "no:evcli"]), Command("with", words)], rounds
    )
    imports = [
        float(subprocess.check_output([sys.executable, "-c", IMPORT]))
        for _ in range(rounds)
    ]
    ratio = medians["with"] / medians["without"]
    figures = f"{show_ms(medians['with'])} ÷ {show_ms(medians['without'])}"
    return [
        Row("pytest, plugin unused ÷ without it", ratio, figures, "1 test", rounds),
        Row("import of the plugin, ms", statistics.median(imports), "", "", rounds),
    ]


def measure_used(directory: Path, count: int) -> list[Row]:
    """What each of many tests pays."""
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
    setups, teardowns = phases["setup"], phases["teardown"]
    return [
        Row(f"fixture, {what}, ms", value, "", f"{count} tests", 1)
        for what, value in (
            ("set-up of the first test", setups[0]),
            ("set-up", statistics.median(setups[1:])),
            ("greatest set-up after the first", max(setups[1:])),
            ("tear-down", statistics.median(teardowns)),
        )
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
