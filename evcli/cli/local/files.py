"""Files that local commands are about: the state itself, and what others wait for."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from evcli.cli.errors import GeneralError
from evcli.store.store import open_store

if TYPE_CHECKING:
    from evcli.cli.session import Session
    from evcli.store.store import Store


def open_existing_store(session: Session) -> Store:
    """Open the state as it is, for a command that would not make one.

    Raises:
        GeneralError: there is none.
        EvcliError: it cannot be used.
    """
    directory = session.find_state_directory()
    if not os.path.lexists(os.path.join(directory, "state.db")):
        raise GeneralError(f"There is no state in {directory}.")
    return open_store(directory, session.warn_at_once)


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
