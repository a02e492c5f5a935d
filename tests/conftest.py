"""Fixtures for every test: an empty state directory, a clock moved by hand, no AWS_*."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from evcli.context import Context, VirtualClock
from evcli.delivery.sinks.memory import MemorySink
from evcli.operations import call as call_operation
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
# Set where every test can run: one that is skipped there says nothing, and so fails.
MUST_RUN = os.environ.get("EVCLI_TESTS_MUST_RUN") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whole profiles run where the ordinary tests draw a sample."""
    parser.addoption(
        "--full",
        action="store_true",
        help="every injected fault, 1,000 kills: about an hour instead of minutes",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have Hypothesis judge answers and never the machine's speed.

    The ordinary run draws the same examples every time, so it fails for a change and not
    by chance; `--full` draws new ones.
    """
    settings.register_profile(
        "evcli",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=not config.getoption("full"),
    )
    settings.load_profile("evcli")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count the tests that try hundreds of drawn examples among the slow ones."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Make a failure of a skipped test where all must run."""
    report = yield
    if MUST_RUN and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"must run here, but was skipped: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def state_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point evcli to an empty state directory and hide the machine's AWS settings."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "EVCLI_")):
            monkeypatch.delenv(name)
    directory = tmp_path / "state"
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("EVCLI_STATE_DIR", str(directory))
    monkeypatch.setenv("TZ", "UTC")
    return directory


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at `NOW` until the test moves it."""
    return VirtualClock(NOW)


@pytest.fixture
def ctx(state_directory: Path, clock: VirtualClock) -> Iterator[Context]:
    """A context on the test's state directory and clock."""
    context = Context(store=open_store(str(state_directory)), clock=clock)
    yield context
    context.close()


@pytest.fixture
def memory_sink(ctx: Context) -> MemorySink:
    """A sink that stands for every target of `ctx`."""
    sink = MemorySink()
    ctx.sinks["*"] = sink
    return sink


@pytest.fixture
def call(ctx: Context) -> Callable[..., dict[str, Any]]:
    """Run an operation: `call("PutRule", Name="r")`."""

    def run(name: str, **request: Any) -> dict[str, Any]:
        return call_operation(ctx, name, request)

    return run
