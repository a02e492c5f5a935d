"""Which test files there are, and which of their cases are wanted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUFFIXES = (".evtest.yaml", ".evtest.yml", ".evtest.json")
# Folders that hold what others wrote, besides hidden ones.
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "cdk.out"})


def find_case_files(paths: Sequence[str]) -> list[str]:
    """List test files, each once: those that are named, and those below folders.

    Raises: ConfigurationError: there is nothing of that name.
    """
    found: dict[str, str] = {}
    for path in paths:
        if not os.path.exists(path):
            raise ConfigurationError(f"{path} does not exist.")
        for each in _walk(path) if os.path.isdir(path) else [path]:
            found.setdefault(os.path.realpath(each), each)
    return list(found.values())


def _walk(directory: str) -> Iterator[str]:
    """Go through a folder in the order of names; links to folders are not followed."""
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(
            each
            for each in folders
            if each not in SKIPPED_FOLDERS and not each.startswith(".")
        )
        for name in sorted(names):
            if name.endswith(SUFFIXES):
                yield os.path.normpath(os.path.join(folder, name))


def is_wanted(text: str, expression: str) -> bool:
    """Say whether a text fits what `-k` asks for: parts of it, `and`, `or`, `not`.

    Case does not matter. Source: [peer] pytest, but for its parentheses.
    """
    lowered = text.lower()
    return any(
        all(_has(lowered, part) for part in each.split(" and "))
        for each in expression.lower().split(" or ")
    )


def _has(text: str, part: str) -> bool:
    part = part.strip()
    if part.startswith("not "):
        return part[4:].strip() not in text
    return part in text
