"""Fixtures for the store: open stores, and processes that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evcli.store.store import open_store
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evcli.store.store import Store


@pytest.fixture
def open_again(state_directory: Path) -> Iterator[Callable[[], Store]]:
    """Open the test's state directory as often as wanted."""
    stores: list[Store] = []

    def run() -> Store:
        stores.append(open_store(str(state_directory)))
        return stores[-1]

    yield run
    for store in stores:
        store.close()


@pytest.fixture
def store(open_again: Callable[[], Store]) -> Store:
    """The test's state directory, opened once."""
    return open_again()


@pytest.fixture
def start_python(
    state_directory: Path,
) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start Python on a script that finds the state directory in `sys.argv[1]`."""
    processes: list[subprocess.Popen[str]] = []

    def run(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(state_directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
