"""What a failure of SQLite means for the state directory, in one line."""

from __future__ import annotations

import _sqlite3 as sqlite3
import os

from evcli.errors import (
    CommitUnknownError,
    ConfigurationError,
    DamagedStoreError,
    ForeignFileError,
    StoreError,
)
from evcli.store.directory.locks import get_lock_holder, is_stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.errors import EvcliError

# The byte of the log's index that whoever writes locks. Source: [doc] SQLite's WAL-mode
# file format, "WAL Locks": WAL_WRITE_LOCK.
WRITE_LOCK_BYTE = 120


def get_failure(path: str, error: Exception) -> EvcliError | None:
    """Say what an error is that came up while rows were read; `None`: none of SQLite's.

    A statement that could be run may still meet a damaged page with its next row.
    """
    return describe_failure(path, error) if isinstance(error, sqlite3.Error) else None


def describe_failure(
    path: str, error: sqlite3.Error, *, is_commit: bool = False
) -> EvcliError:
    """Say in one line what a failure of SQLite means for the state directory.

    A commit that meets an I/O error may stand in the log, where the next one to open the
    state directory finds it, unless this process can still take it out.
    """
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_NOTADB"):
        return _describe_other_file(path)
    if name.startswith("SQLITE_CORRUPT") or str(error).startswith("no such "):
        return DamagedStoreError(path)
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
        return ConfigurationError(f"The state directory {path} cannot be written.")
    if name.startswith("SQLITE_FULL"):
        return StoreError(
            f"The disk that holds the state directory {path} is full; nothing was changed."
        )
    if is_commit and name.startswith("SQLITE_IOERR"):
        return CommitUnknownError(
            f"The state directory {path} failed while it committed: {error}. Whether"
            " anything was changed is unknown."
        )
    return StoreError(f"The state directory {path} failed: {error}.")


def _describe_other_file(path: str) -> EvcliError:
    """Tell evcli's own file whose beginning is gone from a file of somebody else.

    Nothing is changed in either case; only evcli has locks beside its file.
    """
    if os.path.isdir(os.path.join(path, "locks")):
        return DamagedStoreError(path)
    return ForeignFileError(path)


def describe_wait(path: str, seconds: float) -> str:
    """Say for whom one waits, and how long at most, while one does."""
    return (
        f"Waiting for the state directory {path}:"
        f" {_describe_holder(path) or 'another process'} is in the middle of writing to"
        f" it. This command gives up in {seconds:.0f} seconds."
    )


def describe_busy(path: str, seconds: float) -> str:
    """Say for whom one waited in vain."""
    holder = _describe_holder(path)
    last = f", in the end {holder}" if holder else ""
    return (
        f"Other processes kept the state directory {path} busy for {seconds:.0f}"
        f" seconds{last}; nothing was changed."
    )


def _describe_holder(path: str) -> str:
    """Name the process that holds the write lock; "" when the system does not tell."""
    file = os.path.join(path, "state.db-shm")
    process_id = get_lock_holder(file, WRITE_LOCK_BYTE)
    if process_id is None:
        return ""
    if is_stopped(process_id):
        return (
            f"process {process_id}, which is stopped and goes on after `kill -CONT"
            f" {process_id}`,"
        )
    return f"process {process_id}"
