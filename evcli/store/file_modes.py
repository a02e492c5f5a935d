"""Files of the state directory that others may read or write, and what lies around in it."""

from __future__ import annotations

import os
import re
import stat
from functools import partial

from evcli.store.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = "files"
# What people edit and commit, so that others read it as well.
SHARED = ("config.toml", ".gitignore")
# What a process lays down before it gives it its name; the process's id at the end.
DRAFT = re.compile(r"(?:state\.db|config\.toml)\.(?:restored-)?(\d+)")
SET_ASIDE = re.compile(r"state\.db\.damaged-\d+")


def check_files(path: str) -> Iterator[Finding]:
    """Look for files that are somebody else's, or open to others."""
    for each in _walk(path):
        found = os.lstat(each)
        if stat.S_ISLNK(found.st_mode):
            yield Finding(FILES, f"{each} leads elsewhere: {os.readlink(each)}.")
            continue
        if found.st_uid != os.geteuid():
            yield Finding(FILES, f"{each} belongs to user {found.st_uid}.")
        forbidden = 0o022 if os.path.basename(each) in SHARED else 0o077
        mode = stat.S_IMODE(found.st_mode)
        if mode & forbidden:
            yield Finding(
                FILES,
                f"{each} is open to others: its mode is {mode:04o}.",
                mend=partial(_close_to_others, each, mode & ~forbidden),
            )
    yield from _note_leftovers(path)


def _walk(path: str) -> Iterator[str]:
    yield path
    for directory, directories, files in os.walk(path):
        directories.sort()
        for name in sorted([*directories, *files]):
            yield os.path.join(directory, name)


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
