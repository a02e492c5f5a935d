"""`evcli local path`: where the state directory is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Print where the state directory is")
@click.pass_obj
def command(session: Session) -> None:
    """Print the path of the state directory that commands use here.

    It is the first of: --state-dir, EVCLI_STATE_DIR, the nearest .evcli from the
    working directory upwards, the user's state directory. It need not exist yet: the
    first command that stores something makes it.
    """
    session.write(f"{session.find_state_directory()}\n")
