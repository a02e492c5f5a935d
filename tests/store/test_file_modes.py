"""What of a state directory others may read or change, named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.store.store import open_store
from evcli.store.upkeep.file_modes import check_files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def list_texts(directory: Path) -> list[str]:
    return [
        finding.text.removeprefix(str(directory))
        for finding in check_files(str(directory))
    ]


def test_what_evcli_made_is_not_exposed(state_directory: Path) -> None:
    open_store(str(state_directory)).close()
    (state_directory / "config.toml").write_text("")
    (state_directory / "config.toml").chmod(0o664)

    assert list_texts(state_directory) == []


def test_what_is_wider_than_evcli_made_it_is_named_with_its_mode(
    state_directory: Path,
) -> None:
    open_store(str(state_directory)).close()
    (state_directory / "sinks" / "sqs").mkdir(parents=True)
    (state_directory / "sinks" / "sqs" / "q.jsonl").write_text("")
    (state_directory / "sinks" / "elsewhere").symlink_to("/")
    (state_directory / "config.toml").write_text("")
    (state_directory / "elsewhere").symlink_to("/")
    (state_directory / "mine.txt").write_text("")
    modes = {
        "": 0o755,
        "config.toml": 0o666,
        "locks": 0o700,
        "mine.txt": 0o666,
        "sinks": 0o700,
        "sinks/sqs": 0o777,
        "sinks/sqs/q.jsonl": 0o640,
        "state.db": 0o600,
    }
    for name, mode in modes.items():
        (state_directory / name).chmod(mode)

    assert list_texts(state_directory) == [
        " is open to others: its mode is 0755.",
        "/config.toml is open to others: its mode is 0666.",
        "/sinks/elsewhere leads elsewhere: /.",
        "/sinks/sqs is open to others: its mode is 0777.",
        "/sinks/sqs/q.jsonl is open to others: its mode is 0640.",
    ]


def test_mending_takes_from_others_what_they_should_not_have(
    state_directory: Path,
) -> None:
    open_store(str(state_directory)).close()
    (state_directory / "config.toml").write_text("")
    (state_directory / "config.toml").chmod(0o666)
    state_directory.chmod(0o755)

    done = [
        finding.mend()
        for finding in check_files(str(state_directory))
        if finding.mend is not None
    ]

    assert done == [
        f"{state_directory} has mode 0700.",
        f"{state_directory}/config.toml has mode 0664.",
    ]
    assert list_texts(state_directory) == []


def test_what_belongs_to_another_user_is_named(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "state.db").write_text("")
    owner = state_directory.stat().st_uid
    (state_directory / "state.db").chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    assert list_texts(state_directory) == [
        f" belongs to user {owner}.",
        f"/state.db belongs to user {owner}.",
    ]
