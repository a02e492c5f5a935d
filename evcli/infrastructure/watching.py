"""Whether files have changed: by their times and sizes, as often as somebody asks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    # Path → (time of its last change, size, inode).
    Stamps = dict[str, tuple[int, int, int]]

# In a folder such as cdk.out only these are read; assets may be thousands of files.
ENDINGS = (".json", ".yaml", ".yml")
MAX_FILES = 2_000


def read_stamps(paths: Iterable[str]) -> Stamps:
    """The stamps of files, and of the files in folders; none of what is not there."""
    stamps: Stamps = {}
    for path in paths:
        for file in _list_files(path):
            try:
                found = os.stat(file)
            except OSError:
                continue
            stamps[file] = (found.st_mtime_ns, found.st_size, found.st_ino)
    return stamps


def _list_files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    files: list[str] = []
    for folder, below, names in os.walk(path):
        below[:] = [each for each in below if not each.startswith("asset.")]
        files += [
            os.path.join(folder, each) for each in names if each.endswith(ENDINGS)
        ]
        if len(files) > MAX_FILES:
            break
    return files[:MAX_FILES]
