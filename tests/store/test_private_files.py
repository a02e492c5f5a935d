"""Files written in one step: whole, private, and on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evcli.store.directory.private_files import write_atomically


@pytest.mark.parametrize("umask", [0, 0o022, 0o777], ids=oct)
def test_what_is_written_is_whole_and_private(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    path.chmod(0o666)

    before = os.umask(umask)
    write_atomically(str(path), "Grüße")
    os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8") == "Grüße"
    assert list(tmp_path.glob("file*")) == [path]


def test_the_file_is_on_the_disk_before_its_name_and_its_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        steps.append("file synced" if is_file else "directory synced")
        fsync(descriptor)

    def note_replace(source: str, target: str) -> None:
        steps.append("renamed")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    monkeypatch.chdir(tmp_path)

    for path in ("relative", str(tmp_path / "absolute")):
        write_atomically(path, "text")

    assert steps == ["file synced", "renamed", "directory synced"] * 2


def test_what_fails_leaves_the_file_before_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(OSError, match="No space"):
        write_atomically(str(path), "after")

    assert path.read_text() == "before"
    assert list(tmp_path.glob("file*")) == [path]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    path = tmp_path / "file"
    path.symlink_to(mine)
    # Where the drafts of a process could be foreseen, these would lead them elsewhere.
    (tmp_path / f"file.{os.getpid()}").symlink_to(mine)

    write_atomically(str(path), "text")

    assert (mine.read_text(), path.read_text()) == ("mine", "text")
