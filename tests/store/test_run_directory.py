"""Directories of one run: removed by the run, or by the next one if it was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from evcli.store.directory.run_directory import (
    DRAFT_PREFIX,
    DRAFT_SECONDS,
    PREFIX,
    RunDirectory,
    remove_abandoned,
)
from tests.patience import PATIENCE_SECONDS

# Says where its directory is, and lives until its standard input ends.
RUN = (
    "import sys\n"
    "from evcli.store.directory.run_directory import RunDirectory\n"
    "with RunDirectory() as path:\n"
    "    print(path, flush=True)\n"
    "    sys.stdin.read()\n"
)


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return directory


def start() -> tuple[subprocess.Popen[str], Path]:
    """Start a run in another process; it and its directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().rstrip("\n"))


def test_a_run_has_a_directory_of_its_own_until_its_end(parent: Path) -> None:
    with RunDirectory() as first, RunDirectory() as second:
        (Path(first) / "file").touch()

        assert sorted(parent.iterdir()) == sorted([Path(first), Path(second)])
        assert Path(first).stat().st_mode & 0o777 == 0o700
    assert list(parent.iterdir()) == []


def test_it_is_removed_after_an_error(parent: Path) -> None:
    with pytest.raises(ZeroDivisionError), RunDirectory():
        raise ZeroDivisionError

    assert list(parent.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left(parent: Path) -> None:
    process, path = start()
    (path / "file").touch()
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert path.is_dir()

    with RunDirectory() as own:
        assert list(parent.iterdir()) == [Path(own)]


def test_a_living_run_keeps_its_directory(parent: Path) -> None:
    process, path = start()

    with RunDirectory() as own:
        assert sorted(parent.iterdir()) == sorted([path, Path(own)])

    process.communicate("", timeout=PATIENCE_SECONDS)
    assert list(parent.iterdir()) == []


def test_only_directories_of_runs_are_removed(parent: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (parent / f"{PREFIX}1-link").symlink_to(elsewhere)
    (parent / f"{PREFIX}1-file").touch()
    (parent / "evcli-notes").mkdir()
    (parent / f"{PREFIX}1-abandoned").mkdir()

    remove_abandoned(str(parent))

    left = sorted(entry.name for entry in parent.iterdir())
    assert left == ["evcli-notes", f"{PREFIX}1-file", f"{PREFIX}1-link"]
    assert elsewhere.is_dir()


def test_a_directory_that_is_being_made_is_left_for_an_hour(parent: Path) -> None:
    young, old = parent / f"{DRAFT_PREFIX}1-young", parent / f"{DRAFT_PREFIX}1-old"
    young.mkdir()
    old.mkdir()
    then = old.stat().st_mtime - DRAFT_SECONDS - 60
    os.utime(old, (then, then))

    remove_abandoned(str(parent))

    assert list(parent.iterdir()) == [young]
