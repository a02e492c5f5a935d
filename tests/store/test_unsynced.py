"""Lines that are synced after they were answered for."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from evcli.store.directory.locks import lock_file
from evcli.store.threads import unsynced
from evcli.store.threads.unsynced import sync_lines, write_again

LINES = b'{"a":1}\n{"b":2}\n{"c":3}\n'


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file with lines."""
    file = tmp_path / "q.jsonl"
    file.write_bytes(LINES)
    return str(file)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is written anywhere from now on."""
    seen: list[bytes] = []
    write = os.write

    def note(descriptor: int, data: bytes) -> int:
        seen.append(data)
        return write(descriptor, data)

    monkeypatch.setattr(unsynced.os, "write", note)
    return seen


def test_a_new_file_is_synced_and_its_name_too(path: str, synced: list[str]) -> None:
    sync_lines(path, 0)
    sync_lines(path, 8)

    assert synced == ["q.jsonl", Path(path).parent.name, "q.jsonl"]


@pytest.fixture
def broken_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every sync fail."""

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)


@pytest.mark.usefixtures("broken_disk")
def test_what_cannot_be_synced_is_written_again_where_it_stands(
    path: str, written: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsynced, "CHUNK_BYTES", 10)

    with pytest.raises(OSError, match="Input/output error"):
        sync_lines(path, 8)

    assert written == [LINES[8:18], LINES[18:]]
    assert Path(path).read_bytes() == LINES


def test_else_nothing_is_written(path: str, written: list[bytes]) -> None:
    sync_lines(path, 0)

    assert written == []


def test_nothing_is_written_beside_whoever_appends(
    path: str, written: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsynced, "LOCK_SECONDS", 0.01)
    with Path(path).open("ab") as file:
        assert lock_file(file.fileno(), 1)
        write_again(path, 0)
        locked = [*written]
    write_again(path, 0)

    assert (locked, written) == ([], [LINES])


def test_what_is_gone_needs_neither(tmp_path: Path) -> None:
    sync_lines(str(tmp_path / "moved.jsonl"), 5)
    write_again(str(tmp_path / "moved.jsonl"), 5)
