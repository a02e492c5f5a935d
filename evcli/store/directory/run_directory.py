"""Directories of one run, removed at its end: by the run itself, or by the next one.

A process that is killed can remove nothing, so each run removes what killed ones have
left. Its sign of life is a lock in the directory, which the system gives back when the
process dies, however it dies. A directory gets its name once the lock is held: what has
the name and no lock is nobody's.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time

from evcli.errors import EvcliError
from evcli.store.directory.locks import FileLock

PREFIX = "evcli-run-"
# Before the lock is held; nobody needs so long for that, in seconds.
DRAFT_PREFIX = "evcli-new-"
DRAFT_SECONDS = 3600.0
LOCK = "run"


class RunDirectory:
    """A `with` block around a temporary directory of this process; gives its path.

    Raises: ConfigurationError, OSError: it cannot be made or locked.
    """

    def __init__(self) -> None:
        self._lock: FileLock | None = None
        self._path = ""

    def __enter__(self) -> str:
        parent = tempfile.gettempdir()
        remove_abandoned(parent)
        # Where a process does not see its own locks, its number tells.
        draft = tempfile.mkdtemp(prefix=f"{DRAFT_PREFIX}{os.getpid()}-", dir=parent)
        self._path = os.path.join(
            parent, PREFIX + os.path.basename(draft).removeprefix(DRAFT_PREFIX)
        )
        self._lock = FileLock(draft, LOCK)
        try:
            self._lock.acquire()
            os.rename(draft, self._path)
        except BaseException:
            self._lock.release()
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return self._path

    def __exit__(self, *_: object) -> None:
        # Others may still be writing, so a part may stay; the next run removes it.
        shutil.rmtree(self._path, ignore_errors=True)
        if self._lock is not None:
            self._lock.release()


def remove_abandoned(parent: str) -> None:
    """Remove what killed runs of this user have left in a directory, as far as it goes."""
    own = PREFIX + f"{os.getpid()}-"
    try:
        with os.scandir(parent) as entries:
            found = [
                entry.path
                for entry in entries
                if entry.name.startswith((PREFIX, DRAFT_PREFIX))
                and not entry.name.startswith(own)
                and _is_own_directory(entry)
            ]
    except OSError:
        return
    for path in found:
        if os.path.basename(path).startswith(DRAFT_PREFIX):
            _remove_old_draft(path)
        else:
            _remove_unlocked(path)


def _is_own_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False) and (
            not hasattr(os, "geteuid")
            or entry.stat(follow_symlinks=False).st_uid == os.geteuid()
        )
    except OSError:  # somebody else has just removed it
        return False


def _remove_old_draft(path: str) -> None:
    try:
        age_seconds = time.time() - os.stat(path).st_mtime
    except OSError:
        return
    if age_seconds > DRAFT_SECONDS:
        shutil.rmtree(path, ignore_errors=True)


def _remove_unlocked(path: str) -> None:
    """Remove a directory whose lock can be had; it is held meanwhile."""
    lock = FileLock(path, LOCK)
    try:
        if lock.acquire():
            shutil.rmtree(path, ignore_errors=True)
    except (EvcliError, OSError):
        return
    finally:
        lock.release()
