"""The state directory: where it is, how it is made, who may read it.

    state.db        every resource, archived events, the delivery ledger
    config.toml     what people edit
    sinks/          default file sinks
    locks/          empty files that processes lock while they live

The directory is 0700 and its files 0600, because connections keep secrets in it.
"""

from __future__ import annotations

import os
import stat
import sys

from evcli.errors import ConfigurationError, DamagedStoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT_DIRECTORY = ".evcli"
# One page of the smallest size, in bytes. Source: [doc] SQLite's file format.
SMALLEST_DATABASE = 512
# A name of its own, so that type checkers read the code of every platform.
PLATFORM: str = sys.platform


class ForeignFileError(ConfigurationError):
    """The file that should hold the state is something else's."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{os.path.join(path, 'state.db')} is not a state file of evcli; name"
            " another directory with --state-dir. Nothing was changed."
        )


def find_state_directory(
    option: str | None, environ: Mapping[str, str], working_directory: str
) -> str:
    """Find the state directory; it need not exist yet.

    In this order: `--state-dir`, `EVCLI_STATE_DIR`, the nearest `.evcli/` from the
    working directory upwards, the user's state directory.
    """
    chosen = name_state_directory(option, environ)
    if chosen:
        return os.path.join(working_directory, chosen)
    directory = working_directory
    while True:
        candidate = os.path.join(directory, PROJECT_DIRECTORY)
        if os.path.isdir(candidate):
            return candidate
        parent = os.path.dirname(directory)
        if parent == directory:
            return find_user_state_directory(environ)
        directory = parent


def name_state_directory(option: str | None, environ: Mapping[str, str]) -> str | None:
    """Say which directory was asked for, relative or not; `None`: any that is found."""
    chosen = option or environ.get("EVCLI_STATE_DIR")
    return os.path.expanduser(chosen) if chosen else None


def find_user_state_directory(environ: Mapping[str, str]) -> str:
    """Where platformdirs puts a user's state.

    On Linux this is spelled out, because importing platformdirs would cost every
    command more than opening the database; a test holds both together.

    Raises: ConfigurationError: nothing says where the user's home is.
    """
    if PLATFORM == "linux":
        base = environ.get("XDG_STATE_HOME", "")
        # The XDG specification has relative paths ignored.
        if not os.path.isabs(base):
            base = os.path.join(_find_home(environ), ".local", "state")
        return os.path.join(base, "evcli")
    import platformdirs

    return platformdirs.user_state_dir("evcli", appauthor=False)


def _find_home(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        return home
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        # Containers may run under a number that no user has.
        raise ConfigurationError(
            "Nothing says where the user's home is; name a state directory with"
            " --state-dir or EVCLI_STATE_DIR."
        ) from None


def prepare_state_directory(path: str) -> None:
    """Make the directory if it is missing, for its owner only.

    Raises: ConfigurationError: it cannot be made, or it is not a directory.
    """
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except FileExistsError:
        raise ConfigurationError(
            f"The state directory {path} is not a directory; name another one with"
            " --state-dir or EVCLI_STATE_DIR."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The state directory {path} cannot be made: {error.strerror}; name another"
            " one with --state-dir or EVCLI_STATE_DIR."
        ) from error


def open_private(path: str, flags: int) -> int:
    """Open a file that only its owner may read, making it if need be."""
    return os.open(path, flags | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)


def has_state_file(path: str, file: str) -> bool:
    """Say whether the file of the store is there, as one that can hold a state.

    It is not opened: closing it again would cancel the locks that other threads of this
    process hold on it, as POSIX has it, and the next process to leave would take the
    log away under them. Source: [doc] SQLite, "How to corrupt".

    Raises:
        ConfigurationError, OSError: it cannot be read, or is somebody else's.
        DamagedStoreError: what it held is lost.
    """
    try:
        found = os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISREG(found.st_mode) or 0 < found.st_size < SMALLEST_DATABASE:
        # SQLite would take what is too short for an empty file and write over it.
        raise ForeignFileError(path)
    if found.st_size == 0:
        raise DamagedStoreError(path, "it is empty, as evcli never leaves it")
    if not os.access(file, os.R_OK):
        raise ConfigurationError(
            f"The state directory {path} cannot be used: {file}: Permission denied."
        )
    return True
