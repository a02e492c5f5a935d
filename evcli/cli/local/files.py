"""Files that others wait for or keep: written in one step."""

from __future__ import annotations

import os
from contextlib import suppress

from evcli.cli.errors import GeneralError


def write_file(path: str, text: str) -> None:
    """Write a file, whole or not at all. Raises: GeneralError."""
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(draft)
        raise GeneralError(f"{path} cannot be written: {error.strerror}.") from error
