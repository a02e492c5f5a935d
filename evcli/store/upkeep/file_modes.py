"""Files of the state directory that others may read or write, and what lies around in it."""

from __future__ import annotations

import os
import re
import stat
from functools import partial

from evcli.store.directory.state_directory import OTHERS, OWN_NAMES
from evcli.store.upkeep import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = "files"
# What people edit and commit, so that others read it, and their group writes it.
SHARED = ("config.toml", ".gitignore")
# What a process lays down before it gives it its name; the process's id at the end.
DRAFT = re.compile(r"(?:state\.db|config\.toml)\.(?:restored-)?(\d+)")
SET_ASIDE = re.compile(r"state\.db\.damaged-\d+")


def check_files(path: str) -> Iterator[Finding]:
    """Look for files that are somebody else's, or open to others.

    What is no part of the state is nobody's business here. What evcli makes private by
    itself, at each opening, is in `state_directory`; the rest is for people to decide.
    """
    if hasattr(os, "geteuid"):  # elsewhere there are neither owners nor modes
        yield from _check_file(path, OTHERS)
        for name in sorted(os.listdir(path)):
            if name.startswith(OWN_NAMES):
                forbidden = stat.S_IWOTH if name in SHARED else OTHERS
                yield from _check_tree(os.path.join(path, name), forbidden)
    yield from _note_leftovers(path)


def _check_tree(path: str, forbidden: int) -> Iterator[Finding]:
    """Look at a file, or a directory and all below it."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return  # others work here meanwhile
    if stat.S_ISLNK(found.st_mode):
        yield Finding(FILES, f"{path} leads elsewhere: {os.readlink(path)}.")
        return
    yield from _check_file(path, forbidden)
    if stat.S_ISDIR(found.st_mode):
        for name in sorted(os.listdir(path)):
            yield from _check_tree(os.path.join(path, name), forbidden)


def _check_file(path: str, forbidden: int) -> Iterator[Finding]:
    found = os.stat(path)
    if found.st_uid != os.geteuid():
        yield Finding(FILES, f"{path} belongs to user {found.st_uid}.")
    mode = stat.S_IMODE(found.st_mode)
    if mode & forbidden:
        yield Finding(
            FILES,
            f"{path} is open to others: its mode is {mode:04o}.",
            mend=partial(_close_to_others, path, mode & ~forbidden),
        )


def _close_to_others(path: str, mode: int) -> str:
    os.chmod(path, mode)
    return f"{path} has mode {mode:04o}."


def _note_leftovers(path: str) -> Iterator[Finding]:
    for name in sorted(os.listdir(path)):
        file = os.path.join(path, name)
        draft = DRAFT.fullmatch(name)
        if draft is not None and not _is_running(int(draft[1])):
            yield Finding(
                FILES,
                f"{file} was left by a process that ended.",
                is_note=True,
                mend=partial(_remove, file),
            )
        if SET_ASIDE.fullmatch(name):
            yield Finding(
                FILES, f"{file} is a state that could not be read.", is_note=True
            )


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _remove(file: str) -> str:
    os.unlink(file)
    return f"{file} was removed."
