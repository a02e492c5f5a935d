"""`evcli local ui`: which server shows the page, and where its address goes."""

from __future__ import annotations

import signal
import threading
import webbrowser
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.local.serve.ui import open_browser
from evcli.cli.session import Session
from evcli.server.announcement import announcing, find_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from tests.cli.conftest import Outcome

    Evcli = Callable[..., Outcome]

URL = "http://127.0.0.1:4017"


class Browser:
    """Stands for a browser of the desktop; the addresses that it opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        return True


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Have a browser that opens nothing."""
    browser = Browser()
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    return browser


def test_the_page_of_a_server_that_runs_is_opened(
    evcli_command: Evcli, ctx: Context, desktop: Browser
) -> None:
    with announcing(ctx.store.path, URL):
        outcome = evcli_command("local", "ui")

    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "", "")
    assert desktop.opened == [f"{URL}/"]


def test_no_open_prints_the_address(
    evcli_command: Evcli, ctx: Context, desktop: Browser
) -> None:
    with announcing(ctx.store.path, URL):
        outcome = evcli_command("local", "ui", "--no-open")

    assert (outcome.code, outcome.stdout) == (0, f"{URL}/\n")
    assert desktop.opened == []


def test_a_server_is_announced_while_it_runs_and_one_at_a_time(
    ctx: Context, tmp_path: Path
) -> None:
    path = ctx.store.path

    assert find_server(path) is None
    with announcing(path, URL):
        with announcing(path, "http://127.0.0.1:1"):
            assert find_server(path) == URL
        assert find_server(path) == URL
    assert find_server(path) is None
    assert find_server(str(tmp_path / "nowhere")) is None


def test_the_address_of_a_server_that_died_is_nobody_s(ctx: Context) -> None:
    from pathlib import Path

    # Left behind, and no lock with it.
    (Path(ctx.store.path) / "locks" / "server.url").write_text(f"{URL}\n")

    assert find_server(ctx.store.path) is None


@pytest.mark.parametrize("is_named", [True, False])
def test_a_browser_for_terminals_is_opened_only_if_it_is_named(
    monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    opened = []
    lynx = webbrowser.GenericBrowser("lynx")
    monkeypatch.setattr(lynx, "open", lambda url: opened.append(url) or True)
    monkeypatch.setattr(webbrowser, "get", lambda: lynx)
    session: Any = Session.__new__(Session)
    session.environ = {"BROWSER": "lynx"} if is_named else {}

    assert open_browser(session, URL) is is_named
    assert opened == [f"{URL}/"] * is_named


def test_without_a_server_one_is_started_and_its_page_opened(
    evcli_command: Evcli, desktop: Browser, state_directory: Path
) -> None:
    def stop_when_opened() -> None:
        wait_for(lambda: desktop.opened and find_server(str(state_directory)))
        signal.raise_signal(signal.SIGINT)

    from tests.patience import wait_for

    thread = threading.Thread(target=stop_when_opened)
    thread.start()
    outcome = evcli_command("local", "ui", "--port", "0")
    thread.join()

    (url,) = desktop.opened
    assert outcome.code == 0
    assert f"evcli answers at {url.rstrip('/')};" in outcome.stderr
    assert find_server(str(state_directory)) is None
