"""Who may read and change a state directory: what is wider than evcli made it.

What evcli makes private by itself, at each opening, is in `state_directory`; the rest is
for people to decide, and `evcli local check` names it.
"""

from __future__ import annotations

import os
import stat

from evcli.store.state_directory import OTHERS, OWN_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# What people commit, and anybody may read.
PUBLIC_NAMES = (".gitignore", "config.toml")


def list_exposed(path: str) -> list[str]:
    """List what in a state directory others may read or change, in the order of paths.

    Each is one line: the path, and what is the matter. Of what is no part of the state
    nothing is said, and links are not followed.

    Returns: nothing where there are no owners and modes, as on Windows.

    Raises: OSError: a directory cannot be listed.
    """
    if not hasattr(os, "geteuid"):
        return []
    lines = [_describe(path, os.stat(path), OTHERS)]
    for name in sorted(os.listdir(path)):
        if name.startswith(OWN_NAMES):
            allowed = stat.S_IWOTH if name in PUBLIC_NAMES else OTHERS
            lines += _walk(os.path.join(path, name), allowed)
    return [line for line in lines if line]


def _walk(path: str, forbidden: int) -> Iterator[str]:
    """Describe a file, or a directory and all below it."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return  # others work here meanwhile
    if stat.S_ISLNK(found.st_mode):
        # The mode of a link says nothing; its owner does.
        forbidden = 0
    yield _describe(path, found, forbidden)
    if stat.S_ISDIR(found.st_mode):
        for name in sorted(os.listdir(path)):
            yield from _walk(os.path.join(path, name), forbidden)


def _describe(path: str, found: os.stat_result, forbidden: int) -> str:
    """Say what is wrong with one file; "" for nothing."""
    if found.st_uid != os.geteuid():
        return f"{path} belongs to another user (number {found.st_uid})"
    mode = stat.S_IMODE(found.st_mode)
    if not mode & forbidden:
        return ""
    return (
        f"{path} is open to others: its mode is {mode:04o}, not {mode & ~forbidden:04o}"
    )
