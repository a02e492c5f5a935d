"""The plugin for pytest: fixture `eventbridge`, marker `eventbridge`, a section in reports.

pytest imports this module in every run, so it imports nothing but pytest itself; all else
comes with the first test that uses it.
"""

from __future__ import annotations

import os

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from evcli.testing.event_bridge import EventBridge
    from evcli.testing.local_server import LocalServer

MARKER = "eventbridge"
MARKER_HELP = (
    f"{MARKER}(*templates, clock=None, account_id=None, region=None, config=None,"
    " parameters=None): run the test with the fixture eventbridge, made like this; files are found beside the test's"
    " file, else in the root directory"
)
# What runs for a test, while it does.
KEY: pytest.StashKey[EventBridge] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER_HELP)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test that has the marker the fixture, before all others that it asks for."""
    names = getattr(item, "fixturenames", None)
    if names is None or item.get_closest_marker(MARKER) is None:
        return
    if MARKER not in names:
        names.insert(0, MARKER)


@pytest.fixture(scope="session")
def _eventbridge_server() -> Iterator[LocalServer]:
    """One server for all tests of this process, so that its address stays the same.

    What a module has opened once, such as a client of boto3, works in every test.
    """
    from evcli.testing.local_server import LocalServer

    with LocalServer() as server:
        yield server


@pytest.fixture
def eventbridge(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    _eventbridge_server: LocalServer,
) -> Iterator[EventBridge]:
    """An EventBridge of this test's own; boto3 finds it by the environment."""
    from evcli.testing.event_bridge import EventBridge
    from evcli.testing.host import CHANGED_VARIABLES

    # A test that changes one of them by monkeypatch has that taken back after this
    # fixture has ended; it must come out as it was before.
    for name in CHANGED_VARIABLES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    marker = request.node.get_closest_marker(MARKER)
    templates, options = read_marker(request, marker)
    with EventBridge(*templates, **options, server=_eventbridge_server) as running:
        request.node.stash[KEY] = running
        try:
            yield running
        finally:
            del request.node.stash[KEY]


def read_marker(
    request: pytest.FixtureRequest, marker: pytest.Mark | None
) -> tuple[list[str], dict[str, Any]]:
    """Read the arguments of `EventBridge` off a marker, its files found."""
    if marker is None:
        return [], {}
    options = dict(marker.kwargs)
    if isinstance(options.get("config"), str | os.PathLike):
        options["config"] = find_file(request, options["config"])
    return [find_file(request, each) for each in marker.args], options


def find_file(request: pytest.FixtureRequest, name: str | os.PathLike[str]) -> str:
    """Find a file beside the test's, else below the root directory; give its path."""
    beside = request.path.parent / name
    return str(beside if beside.exists() else request.config.rootpath / name)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, Any, None]:
    """Add the story of its events to the report of a test that failed."""
    outcome = yield
    running = item.stash.get(KEY, None)
    if running is None:
        return
    report: pytest.TestReport = outcome.get_result()
    if report.failed:
        report.sections.append(("EventBridge", describe(running)))


def describe(running: EventBridge) -> str:
    """Tell the story; what goes wrong in telling it must not hide the test's failure."""
    try:
        return running.describe()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
