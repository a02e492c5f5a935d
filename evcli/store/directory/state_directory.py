"""The state directory: where it is, how it is made, who may read it.

    state.db        every resource, archived events, the delivery ledger
    config.toml     what people edit
    sinks/          default file sinks
    locks/          empty files that processes lock while they live

The directory is 0700 and its files 0600, whatever the umask, because connections keep
secrets in it. One that was found, and not named, must be this user's own.
"""

from __future__ import annotations

import os
import stat
import sys

from evcli.errors import ConfigurationError, DamagedStoreError, ForeignFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT_DIRECTORY = ".evcli"
# Variable and default of the XDG specification.
USER_DIRECTORIES = {
    "state": ("XDG_STATE_HOME", ".local/state"),
    "config": ("XDG_CONFIG_HOME", ".config"),
}
# Folders of it that people fill: sample events, and schemas of events.
EVENTS, SCHEMAS = "events", "schemas"
# What the group and everybody else may do; nothing of it with the state.
OTHERS = 0o077
# Entries of a state directory, or how their names begin.
OWN_NAMES = (
    ".gitignore", "config.toml", "configuration.json", "locks", "sinks", "state.db",
)  # fmt: skip
CLOSED_ON_EXEC: int = getattr(os, "O_CLOEXEC", 0)
# For files that people name: a FIFO or a terminal is to be refused, not waited for, and
# bytes are bytes. Not all of it on every system.
NAMED_FILE: int = (
    CLOSED_ON_EXEC
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
# One page of the smallest size, in bytes. Source: [doc] SQLite's file format.
SMALLEST_DATABASE = 512
# A name of its own, so that type checkers read the code of every platform.
PLATFORM: str = sys.platform


def find_state_directory(
    option: str | None, environ: Mapping[str, str], working_directory: str
) -> str:
    """Find the state directory; it need not exist yet.

    In this order: `--state-dir`, `EVCLI_STATE_DIR`, the nearest `.evcli/` from the
    working directory upwards, the user's state directory.

    Raises: ConfigurationError: the nearest `.evcli/` is not this user's own.
    """
    chosen = name_state_directory(option, environ)
    if chosen:
        return os.path.join(working_directory, chosen)
    for directory in _walk_up(working_directory):
        candidate = os.path.join(directory, PROJECT_DIRECTORY)
        if _is_own_directory(candidate, environ):
            return candidate
    return find_user_directory("state", environ)


def find_project_folder(
    name: str, environ: Mapping[str, str], working_directory: str
) -> str | None:
    """Find the nearest `.evcli/NAME/` from the working directory upwards.

    Whatever the state directory is: what people write for a project belongs to the
    project. One that others could fill is passed over.
    """
    for directory in _walk_up(working_directory):
        project = os.path.join(directory, PROJECT_DIRECTORY)
        folder = os.path.join(project, name)
        try:
            if os.path.isdir(folder) and _is_own_directory(project, environ):
                return folder
        except ConfigurationError:
            continue
    return None


def _walk_up(directory: str) -> Iterator[str]:
    yield directory
    while (parent := os.path.dirname(directory)) != directory:
        directory = parent
        yield directory


def _is_own_directory(path: str, environ: Mapping[str, str]) -> bool:
    """Say whether there is a directory; one that others may fill is refused.

    Under sudo the directory of who called it is as good as root's own. A link counts
    as well as what it leads to. That the group may write is what umask 002 makes of
    every clone. Source: [peer] git's `safe.directory`, for the owners.

    Raises: ConfigurationError: it belongs to somebody else, or everybody may write.
    """
    try:
        found = os.lstat(path)
        owners = {found.st_uid}
        if stat.S_ISLNK(found.st_mode):
            found = os.stat(path)
            owners.add(found.st_uid)
    except (OSError, ValueError):
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "geteuid"):  # not POSIX: neither owners nor modes
        return True
    own = {str(os.geteuid())}
    if os.geteuid() == 0:
        own.add(environ.get("SUDO_UID", ""))
    if not own.issuperset(map(str, owners)):
        raise _foreign(path, "belongs to another user")
    if found.st_mode & stat.S_IWOTH:
        raise _foreign(path, "can be written by everybody")
    return True


def _foreign(path: str, problem: str) -> ConfigurationError:
    """Word the refusal of a directory that others could fill with commands of theirs."""
    from shlex import quote

    return ConfigurationError(
        f"The state directory {path} {problem}, so it is used only when it is named:"
        f" EVCLI_STATE_DIR={quote(path)} evcli …"
    )


def is_project_directory(path: str) -> bool:
    """Say whether a state directory is a project's, by its name."""
    return os.path.basename(os.path.abspath(path)) == PROJECT_DIRECTORY


def name_state_directory(option: str | None, environ: Mapping[str, str]) -> str | None:
    """Say which directory was asked for, relative or not; `None`: any that is found."""
    chosen = option or environ.get("EVCLI_STATE_DIR")
    return os.path.expanduser(chosen) if chosen else None


def find_user_directory(kind: str, environ: Mapping[str, str]) -> str:
    """Where platformdirs puts a user's files of a kind, a key of `USER_DIRECTORIES`.

    On Linux this is spelled out, because importing platformdirs would cost every
    command more than opening the database; a test holds both together.

    Raises: ConfigurationError: nothing says where the user's home is.
    """
    if PLATFORM != "linux":
        import platformdirs

        find = {
            "state": platformdirs.user_state_dir,
            "config": platformdirs.user_config_dir,
        }
        return find[kind]("evcli", appauthor=False)
    name, default = USER_DIRECTORIES[kind]
    base = environ.get(name, "")
    # The XDG specification has relative paths ignored.
    if not os.path.isabs(base):
        base = os.path.join(_find_home(environ), default)
    return os.path.join(base, "evcli")


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
    from evcli.store.directory.private_files import make_private_directories

    try:
        make_private_directories(path)
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
    narrow_state_directory(path)


def open_private(path: str, flags: int) -> int:
    """Open a file that only its owner may read, making it and its directory if need be."""
    try:
        return os.open(path, flags | CLOSED_ON_EXEC, 0o600)
    except FileNotFoundError:
        from evcli.store.directory.private_files import make_private_file

        return make_private_file(path, flags | CLOSED_ON_EXEC, sync=False)


def narrow_state_directory(path: str) -> None:
    """Take the state from others where a clone, a copy or a umask has given it to them.

    What is another user's stays as it is, and so does what a link leads to. A directory
    that holds other things than a state may be meant for others, such as a project's own
    that was named with `--state-dir .`: it stays, and `file_modes.check_files` names it.
    """
    file = os.path.join(path, "state.db")
    _narrow(os.path.join(path, "sinks"), stat.S_IFDIR)
    if _narrow(file, stat.S_IFREG):
        # SQLite gave them the mode that the database had.
        _narrow(f"{file}-wal", stat.S_IFREG)
        _narrow(f"{file}-shm", stat.S_IFREG)
    if _is_wide(path, stat.S_IFDIR) and holds_only_state(path):
        _narrow(path, stat.S_IFDIR)


def holds_only_state(path: str) -> bool:
    """Say whether a directory is evcli's alone, by its name or by what is in it."""
    if is_project_directory(path):
        return True
    try:
        is_shared = os.stat(path).st_mode & stat.S_ISVTX
        with os.scandir(path) as entries:
            return not is_shared and all(
                entry.name.startswith(OWN_NAMES) for entry in entries
            )
    except OSError:
        return False


def _narrow(path: str, kind: int) -> bool:
    if not _is_wide(path, kind):
        return False
    try:
        os.chmod(path, stat.S_IMODE(os.lstat(path).st_mode) & ~OTHERS)
    except OSError:
        return False  # a read-only file system, say; it is no worse than before
    return True


def _is_wide(path: str, kind: int) -> bool:
    """Say whether others may do something with a file of one's own."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return (
        found.st_mode & OTHERS != 0
        and stat.S_IFMT(found.st_mode) == kind
        and hasattr(os, "geteuid")
        and found.st_uid == os.geteuid()
    )


def check_directories(root: str, path: str) -> None:
    """Refuse symbolic links on the way from a directory down to a file.

    A repository may bring them along, and what is appended is up to whoever sends
    events. `root` itself may be one; otherwise it is made private.

    Raises: OSError: there is a link.
    """
    while len(path) > len(root):
        if os.path.islink(path):
            raise OSError(f"{path} is a symbolic link; none is followed below {root}.")
        path = os.path.dirname(path)
    try:
        mode = os.lstat(root).st_mode
        if stat.S_ISDIR(mode) and mode & 0o077:
            os.chmod(root, 0o700)
    except OSError:
        return  # opening the file says what is wrong


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
    narrow_state_directory(path)
    return True


def read_identity(path: str) -> tuple[int, int] | None:
    """Read device and inode of the state file below `path`; `None`: there is none.

    Those who keep one open have to look again: a state directory may be removed or
    replaced meanwhile, by test suites for example. What is open then is on no disk any
    more, and takes writes all the same. Read it before opening the store: what is replaced
    in between is then noticed at the next look, and not taken for what was opened. An
    inode is not given to another file as long as somebody has it open.

    A store that is elsewhere is always the same one.
    """
    try:
        status = os.stat(os.path.join(path, "state.db"))
    except OSError:
        is_elsewhere = os.environ.get("EVCLI_STORE") or os.path.exists(
            os.path.join(path, "configuration.json")
        )
        return (0, 0) if is_elsewhere else None
    return status.st_dev, status.st_ino
