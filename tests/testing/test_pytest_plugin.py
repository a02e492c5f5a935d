"""The plugin in runs of pytest of its own: a whole project, and each promise by itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.patience import PATIENCE_SECONDS, wait_for

PROJECT = Path(__file__).parent / "project"


class Run(NamedTuple):
    """A run of pytest: its exit code and what it printed."""

    code: int
    text: str

    @property
    def summary(self) -> str:
        """How many tests passed and failed, without the time."""
        return self.text.rstrip().rpartition("\n")[2].partition(" in ")[0]


def run(directory: Path, *options: str) -> Run:
    """Run pytest in a directory, as somebody at a prompt would."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=directory,
        env={name: each for name, each in os.environ.items() if name[:6] != "PYTEST"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return Run(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project."""
    return Path(shutil.copytree(PROJECT, tmp_path / "project"))


def write_tests(directory: Path, text: str) -> Path:
    """Write a file of tests into a new directory; the directory."""
    directory.mkdir()
    (directory / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    (directory / "test_it.py").write_text(f"import os\nimport pytest\n{text}")
    return directory


def test_a_project_passes_in_two_workers(project: Path, temporary: Path) -> None:
    result = run(project, "-n", "2")

    assert (result.code, result.summary) == (0, "9 passed"), result.text
    assert list(temporary.glob("evcli-*")) == []


def test_a_bug_in_the_project_is_seen_in_the_report(
    project: Path, temporary: Path
) -> None:
    code = project / "shop" / "orders.py"
    code.write_text(code.read_text().replace('"OrderPlaced"', '"Order Placed"'))

    result = run(project, "-n", "2", "-k", "large_order")

    assert (result.code, result.summary) == (1, "2 failed"), result.text
    stories = re.findall(STORY, result.text)
    assert sorted(stories) == ["100", "250"], result.text
    assert list(temporary.glob("evcli-*")) == []


# What the report of a test shows of an event that no rule matched.
STORY = (
    r"-+ EventBridge -+\n"
    r"shop\.orders: Order Placed  [0-9a-f-]{36}\n"
    r'    \{"id": "o-17", "total": (\d+)\}\n'
    r"    orders  000000000000 us-east-1  2026-01-01T00:00:00Z\n"
    r"        ○ nothing matched\n"
    r'        ✘ large-orders  detail-type: "Order Placed" is not \["OrderPlaced"\]'
)

FRESH = """
import boto3
client = None
seen = set()

@pytest.mark.parametrize("number", range(4))
def test_fresh(eventbridge, number, monkeypatch):
    global client
    client = client or boto3.client("events")
    assert client.list_rules()["Rules"] == []
    client.put_rule(Name="r", ScheduleExpression="rate(1 day)")
    seen.add(eventbridge.url)
    assert len(seen) == 1
    # Taken back after the fixture has ended.
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

def test_without():
    assert os.environ.get("AWS_REGION") == "outside"
    assert "EVCLI_STATE_DIR" not in os.environ
"""


def test_each_test_is_fresh_and_the_environment_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVCLI_STATE_DIR")
    monkeypatch.setenv("AWS_REGION", "outside")

    result = run(write_tests(tmp_path / "fresh", FRESH))

    assert result.summary == "5 passed", result.text


MARKED = """
import unittest

RULE = {"template": "here.toml", "root": "there.toml"}

@pytest.mark.eventbridge(clock="2026-01-01T00:00:00Z", region="eu-west-1", config="config.toml")
def test_options(eventbridge):
    assert eventbridge.clock.now().isoformat() == "2026-01-01T00:00:00+00:00"
    assert (eventbridge.region, eventbridge.account_id) == ("eu-west-1", "111122223333")

@pytest.mark.eventbridge
def test_the_marker_alone_is_enough():
    assert os.environ["AWS_ENDPOINT_URL_EVENTBRIDGE"].startswith("http://127.0.0.1:")

@pytest.fixture
def rule():
    import boto3
    return boto3.client("events").put_rule(Name="r", ScheduleExpression="rate(1 day)")

@pytest.mark.eventbridge
def test_it_comes_before_other_fixtures(rule):
    assert rule["RuleArn"].endswith(":000000000000:rule/r")

@pytest.mark.eventbridge("own.json", "../root.json")
class TestUnittest(unittest.TestCase):
    def test_files_are_found(self):
        import boto3
        names = [each["Name"] for each in boto3.client("events").list_rules()["Rules"]]
        self.assertEqual(names, ["own", "root"])
"""


def test_a_marker_makes_it_as_it_says(tmp_path: Path) -> None:
    directory = write_tests(tmp_path / "marked", "")
    for path in (directory / "deep", directory / "deep" / "deeper"):
        path.mkdir()
    (directory / "deep" / "test_it.py").write_text(
        f"import os\nimport pytest\n{MARKED}"
    )
    (directory / "config.toml").write_text('account = "111122223333"\n')
    for path in (directory / "deep" / "own.json", directory / "root.json"):
        rule = {
            "Type": "AWS::Events::Rule",
            "Properties": {"Name": path.stem, "ScheduleExpression": "rate(1 day)"},
        }
        path.write_text(json.dumps({"Resources": {"Rule": rule}}))

    result = run(directory, "deep")

    assert result.summary == "4 passed", result.text


def test_the_marker_is_listed(tmp_path: Path) -> None:
    result = run(write_tests(tmp_path / "listed", ""), "--markers")

    assert "@pytest.mark.eventbridge(*templates, clock=None" in result.text


WAITING = """
def test_waits(eventbridge):
    eventbridge.call("PutRule", Name="r", EventPattern='{"source": ["shop"]}')
    with pytest.raises(KeyError):
        eventbridge.call("NoSuchThing")
    eventbridge.wait_for_delivery(target="q", timeout=0)

@pytest.fixture
def broken(eventbridge):
    eventbridge.send({"Source": "s", "DetailType": "d", "Detail": {}})
    raise ZeroDivisionError

def test_set_up(broken):
    pass

def test_passes(eventbridge):
    eventbridge.send({"Source": "passed", "DetailType": "d", "Detail": {}})
"""


def test_a_report_is_of_the_test_and_not_of_evcli(tmp_path: Path) -> None:
    result = run(write_tests(tmp_path / "waiting", WAITING))

    assert result.summary == "1 failed, 1 passed, 1 error", result.text
    assert "event_bridge.py" not in result.text
    assert (
        "No delivery came within 0 s with target q, state DELIVERED; no event has arrived."
    ) in result.text
    assert "\ns: d  " in result.text
    assert "passed: d" not in result.text


def test_a_killed_run_leaves_nothing_to_the_next_one(
    tmp_path: Path, temporary: Path
) -> None:
    ready = tmp_path / "ready"
    directory = write_tests(
        tmp_path / "killed",
        "import time, pathlib\n"
        "def test_it(eventbridge):\n"
        f"    pathlib.Path({str(ready)!r}).write_text(eventbridge.url)\n"
        f"    time.sleep({PATIENCE_SECONDS})\n",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=directory,
        stdout=subprocess.DEVNULL,
    )
    wait_for(lambda: ready.exists() and ready.read_text())
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
    assert len(list(temporary.iterdir())) == 1

    (directory / "test_it.py").write_text("def test_it(eventbridge): pass\n")
    result = run(directory)

    assert result.summary == "1 passed", result.text
    assert list(temporary.iterdir()) == []


PROBE = (
    "import sys, pytest\n"
    "before = set(sys.modules)\n"
    "import evcli.testing.pytest_plugin\n"
    "print(*sorted(set(sys.modules) - before))\n"
)


def test_a_run_that_does_not_use_it_loads_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    own = ["evcli", "evcli.testing", "evcli.testing.pytest_plugin"]

    result = run(
        write_tests(
            tmp_path / "unused",
            "import sys\n"
            "def test_it():\n"
            f"    assert [n for n in sorted(sys.modules) if n[:5] == 'evcli'] == {own}\n",
        )
    )

    assert done.stdout.split() == own
    assert result.summary == "1 passed", result.text
