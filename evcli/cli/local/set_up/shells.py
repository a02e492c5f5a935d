"""Which shell the person uses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.cli.completion.scripts import COMPLETIONS
from evcli.cli.errors import GeneralError

if TYPE_CHECKING:
    from collections.abc import Mapping


def find_shell(environ: Mapping[str, str]) -> str:
    """Name the login shell.

    Raises: GeneralError: there is none, or evcli has no script for it.
    """
    shell = os.path.basename(environ.get("SHELL", ""))
    if shell not in COMPLETIONS:
        names = ", ".join(COMPLETIONS)
        raise GeneralError(
            f"There is nothing for the shell {shell!r} (from SHELL); name one of {names}."
        )
    return shell
