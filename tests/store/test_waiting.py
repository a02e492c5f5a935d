"""Whoever waits for the store says for whom, and not for ever."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from evcli.errors import StoreError
from evcli.store import database as database_module
from evcli.store.directory.locks import FileLock
from evcli.store.sqlite.opening import Queue
from evcli.store.store import open_store

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evcli.store.store import Store

    StartPython = Callable[[str], subprocess.Popen[str]]

pytestmark = pytest.mark.sqlite_only

HOLD = """
import sys
from evcli.store.store import open_store
store = open_store(sys.argv[1])
with store.transaction():
    store.meta.put("holder", 1)
    print("holding", flush=True)
    sys.stdin.readline()
print("done", flush=True)
"""


@pytest.fixture
def holder(store: Store, start_python: StartPython) -> subprocess.Popen[str]:
    """A process in the middle of writing, until it gets a line."""
    process = start_python(HOLD)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


@pytest.fixture
def said(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Store, list[str]]]:
    """A store whose patience is over at once, and what it says."""
    monkeypatch.setattr(database_module, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 1.01)
    lines: list[str] = []
    store = open_store(str(state_directory), lines.append)
    yield store, lines
    store.close()


def test_who_waits_names_the_process_that_writes_and_gives_up(
    holder: subprocess.Popen[str], said: tuple[Store, list[str]], state_directory: Path
) -> None:
    store, lines = said

    with pytest.raises(StoreError) as caught:
        store.transaction().__enter__()

    assert lines == [
        f"Waiting for the state directory {state_directory}: process {holder.pid} is in"
        " the middle of writing to it. This command gives up in 1 seconds."
    ]
    assert caught.value.message == (
        f"Other processes kept the state directory {state_directory} busy for 1"
        f" seconds, in the end process {holder.pid}; nothing was changed."
    )


def test_who_waits_for_a_stopped_process_says_that_it_is_stopped(
    holder: subprocess.Popen[str], said: tuple[Store, list[str]], state_directory: Path
) -> None:
    store, lines = said
    holder.send_signal(signal.SIGSTOP)
    os.waitpid(holder.pid, os.WUNTRACED)

    with pytest.raises(StoreError):
        store.transaction().__enter__()

    assert lines == [
        f"Waiting for the state directory {state_directory}: process {holder.pid},"
        f" which is stopped and goes on after `kill -CONT {holder.pid}`, is in the"
        " middle of writing to it. This command gives up in 1 seconds."
    ]


def test_who_waited_long_goes_on_once_the_other_has_written(
    holder: subprocess.Popen[str],
    said: tuple[Store, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 60.0)
    store, lines = said

    def let_go(line: str) -> None:
        lines.append(line)
        assert holder.stdin is not None
        holder.stdin.write("go\n")
        holder.stdin.flush()

    store.database.warn = let_go
    with store.transaction():
        store.meta.put("waiter", 2)

    assert len(lines) == 1
    assert store.meta.all().keys() == {"created_at", "holder", "waiter"}


def test_to_name_the_holder_gives_no_lock_of_this_process_away(
    holder: subprocess.Popen[str],
    said: tuple[Store, list[str]],
    open_again: Callable[[], Store],
    start_python: StartPython,
) -> None:
    store, _ = said
    reader = open_again()
    with pytest.raises(StoreError):
        store.transaction().__enter__()

    holder.communicate("go\n", timeout=60)
    with reader.transaction():
        # Had the locks of this process gone, another one could write beside it.
        other = start_python(
            "import sys, evcli.store.database as d, evcli.store.store as s\n"
            "d.LOCK_TIMEOUT_SECONDS = 0.01\n"
            "s.open_store(sys.argv[1]).transaction().__enter__()\n"
        ).communicate(timeout=60)

    assert "evcli.errors.StoreError: Other processes kept" in other[1]


def test_who_waits_to_make_the_store_says_so_and_gives_up(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 1.02)
    lines: list[str] = []
    lock = FileLock(str(state_directory), "upgrade")
    lock.acquire()

    with (
        pytest.raises(StoreError) as caught,
        Queue(str(state_directory), lines.append),
    ):
        raise AssertionError("two are making it")
    lock.release()

    assert lines == [
        f"Waiting for the state directory {state_directory}: another process is in the"
        " middle of writing to it. This command gives up in 1 seconds."
    ]
    assert caught.value.message == (
        f"Other processes kept the state directory {state_directory} busy for 1"
        " seconds; nothing was changed."
    )
