"""Making files and directories that only their owner may read, whatever the umask says.

And that outlast a loss of power: a file that was synced is lost all the same when the
directory that names it was not.
"""

from __future__ import annotations

import errno
import os


def make_private_file(path: str, flags: int, *, sync: bool) -> int:
    """Make a missing file, and its directories; returns it open.

    Args:
        flags: as `os.open` takes them, without those that make a file.
        sync: whether the directories that are made are to outlast a loss of power.

    Raises: OSError: it cannot be made.
    """
    make_private_directories(os.path.dirname(path), sync=sync)
    try:
        return create_private_file(path, flags)
    except FileExistsError:
        # Somebody was faster, or a link leads to where there is nothing yet.
        return os.open(path, flags | os.O_CREAT, 0o600)


def create_private_file(path: str, flags: int) -> int:
    """Make a file where there is nothing, not even a link; returns it open.

    Raises: OSError: it cannot be made; `FileExistsError` when there is something.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    if hasattr(os, "fchmod"):
        # The umask may have kept the owner out.
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_atomically(path: str, text: str) -> None:
    """Write a file, whole or not at all, also across a loss of power.

    What was there before is replaced, a link too: nothing is written through it. The
    draft has a name that nobody could have put a link under.

    Raises: OSError: it cannot be written; what was there before still is.
    """
    draft = f"{path}.{os.urandom(6).hex()}"
    descriptor = create_private_file(draft, os.O_WRONLY)
    try:
        with open(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException as error:
        try:
            os.unlink(draft)
        except OSError:
            raise error from None  # the first one says what is wrong
        raise
    sync_directory(os.path.dirname(path) or ".")


def make_private_directories(path: str, *, sync: bool = False) -> None:
    """Make a directory, and those above it, where they are missing.

    Not `os.makedirs`, which gives its mode to the last one alone.

    Args:
        sync: whether they are to outlast a loss of power.

    Raises: OSError: one cannot be made; `FileExistsError` when there is something else.
    """
    if not path or os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if not os.path.exists(parent):
        make_private_directories(parent, sync=sync)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
        return
    # The umask may have kept the owner out.
    os.chmod(path, 0o700)
    if sync:
        sync_directory(parent or ".")


def sync_directory(path: str) -> None:
    """Have a directory outlast a loss of power. Raises: OSError: it does not.

    Where directories cannot be synced there is nothing to be done.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        _close(descriptor)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return  # it was for reading: nothing is lost
