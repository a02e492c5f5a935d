"""Files that local commands are about: the state itself, and what they write for people."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.cli.errors import GeneralError
from evcli.store.directory.private_files import write_atomically
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
    """Write a file, whole or not at all, for its owner only. Raises: GeneralError."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GeneralError(f"{path} cannot be written: {error.strerror}.") from error
