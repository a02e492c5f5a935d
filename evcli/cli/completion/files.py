"""Completion of paths."""

from __future__ import annotations

import os


def list_paths(current: str) -> list[tuple[str, str]]:
    """List the files that a path may go on to; directories end in a slash.

    `~` is understood and kept as it was typed; hidden files want their dot.
    """
    directory, slash, name = current.rpartition("/")
    found = []
    with os.scandir(os.path.expanduser(directory + slash) or ".") as entries:
        for entry in entries:
            is_hidden = entry.name.startswith(".") and not name.startswith(".")
            if entry.name.startswith(name) and not is_hidden:
                end = "/" if entry.is_dir() else ""
                found.append((f"{directory}{slash}{entry.name}{end}", ""))
    return sorted(found)
