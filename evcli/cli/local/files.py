"""Files that commands write for people, in one step; refusals in their words."""

from __future__ import annotations

from evcli.cli.errors import GeneralError
from evcli.store.atomic_file import write_atomically


def write_file(path: str, text: str) -> None:
    """Write a file, whole or not at all, for its owner only. Raises: GeneralError."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GeneralError(f"{path} cannot be written: {error.strerror}.") from error
