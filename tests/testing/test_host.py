"""The process around an EventBridge: what it was before, it is again."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

import boto3
import pytest

from evcli.errors import ConfigurationError
from evcli.testing import EventBridge
from evcli.testing.host import Host
from tests.patience import PATIENCE_SECONDS, wait_for

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)


def look() -> dict[str, Any]:
    """Everything of this process that others could miss."""
    return {
        "environment": dict(os.environ),
        "recursion limit": sys.getrecursionlimit(),
        "collector": (gc.isenabled(), gc.get_threshold()),
        "signals": [signal.getsignal(each) for each in SIGNALS],
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook),
        "working directory": Path.cwd(),
        "umask": (mask := os.umask(0), os.umask(mask))[0],
        "session": boto3.DEFAULT_SESSION,
        "path": list(sys.path),
    }


@pytest.fixture
def low_limit() -> Any:
    """The limit of recursion as Python has it, whatever ran before."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("error", [None, ZeroDivisionError, KeyboardInterrupt])
def test_the_process_is_as_before(
    error: type[BaseException] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    before = look()

    try:
        with EventBridge() as eb:
            boto3.client("events").put_rule(Name="r", ScheduleExpression="rate(1 day)")
            eb.client.put_events(
                Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}]
            )
            eb.fail("arn:aws:sqs:us-east-1:000000000000:q")
            eb.clock.advance(hours=1)
            inside = look()
            if error is not None:
                raise error
    except (ZeroDivisionError, KeyboardInterrupt):
        pass

    assert look() == before
    # What is taken back was there.
    assert inside["environment"]["AWS_REGION"] == "us-east-1"
    assert "AWS_PROFILE" not in inside["environment"]
    assert inside["session"] is not None
    assert inside["recursion limit"] == 10_000
    for same in ("collector", "signals", "hooks", "working directory", "umask", "path"):
        assert inside[same] == before[same]


@pytest.mark.usefixtures("low_limit")
def test_nothing_is_left_when_it_cannot_start(temporary: Path) -> None:
    before, threads = look(), threading.active_count()

    with (
        pytest.raises(ConfigurationError),
        EventBridge(config="missing.toml"),
    ):
        pass  # pragma: no cover

    assert look() == before
    assert list(temporary.iterdir()) == []
    wait_for(lambda: threading.active_count() <= threads)


def test_blocks_may_end_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "r0")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    host = Host()
    first = host.changed({"AWS_REGION": "r1"})
    second = host.changed({"AWS_REGION": "r2", "AWS_PROFILE": "p2"})

    def read() -> tuple[str | None, str | None]:
        return os.environ.get("AWS_REGION"), os.environ.get("AWS_PROFILE")

    found = []
    first.__enter__()
    second.__enter__()
    found.append(read())
    first.__exit__(None, None, None)
    found.append(read())
    second.__exit__(None, None, None)
    found.append(read())

    assert found == [("r2", "p2"), ("r2", "p2"), ("r0", None)]


def test_a_limit_that_others_set_meanwhile_stays() -> None:
    before = sys.getrecursionlimit()
    try:
        with EventBridge():
            sys.setrecursionlimit(12_345)
        assert sys.getrecursionlimit() == 12_345
    finally:
        sys.setrecursionlimit(before)


def test_boto3s_session_is_that_of_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    outer = boto3.session.Session(region_name="eu-central-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", outer)

    def list_regions() -> list[str]:
        regions = []
        for region in ("us-west-2", "eu-west-1", "us-west-2"):
            with EventBridge(region=region):
                regions.append(boto3.client("events").meta.region_name)
        return regions

    assert list_regions() == ["us-west-2", "eu-west-1", "us-west-2"]
    assert boto3.DEFAULT_SESSION is outer


def test_a_killed_process_leaves_nothing_behind(temporary: Path) -> None:
    script = (
        "import sys\n"
        "from evcli.testing import EventBridge\n"
        "with EventBridge() as eb:\n"
        "    print(eb.state_directory, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(str(temporary))
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)

    with EventBridge() as eb:
        assert [str(each / "state") for each in temporary.iterdir()] == [
            eb.state_directory
        ]
    assert list(temporary.iterdir()) == []


class OrdersTest(unittest.TestCase):
    """As the documentation has it for unittest."""

    def setUp(self) -> None:
        self.eb = self.enterContext(EventBridge())

    def test_it_runs_in_unittest(self) -> None:
        self.eb.send({"Source": "shop", "DetailType": "d", "Detail": {}})

        self.assertEqual([each.source for each in self.eb.events()], ["shop"])  # noqa: PT009

    def test_it_is_fresh_in_each_test(self) -> None:
        self.assertEqual(self.eb.events(), [])  # noqa: PT009
