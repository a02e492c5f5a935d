"""`evcli local completion`: the script that teaches a shell evcli's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evcli.cli.completion.scripts import COMPLETIONS
from evcli.cli.local.set_up.shells import find_shell

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Print the completion script of a shell")
@click.argument("shell", required=False, type=click.Choice(list(COMPLETIONS)))
@click.pass_obj
def command(session: Session, shell: str | None) -> None:
    """Print the completion script for bash, zsh or fish; without SHELL, for yours.

    \b
    In ~/.bashrc or ~/.zshrc:    eval "$(evcli local completion)"
    In config.fish:              evcli local completion fish | source

    Completed are commands, options, values, the names of what exists in the state
    directory, and files behind file://.
    """
    _, script = COMPLETIONS[shell or find_shell(session.environ)]
    session.stdout.write(script)
