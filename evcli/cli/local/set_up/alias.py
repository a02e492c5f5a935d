"""`evcli local alias`: the shell function that makes `aws events` evcli."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evcli.cli.completion.scripts import COMPLETIONS, format_alias
from evcli.cli.local.set_up.shells import find_shell

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Print a function that sends `aws events` to evcli")
@click.argument("shell", required=False, type=click.Choice(list(COMPLETIONS)))
@click.pass_obj
def command(session: Session, shell: str | None) -> None:
    """Print a shell function `aws` for bash, zsh or fish; without SHELL, for yours.

    It sends `aws events …` to evcli and every other command to the real aws. Messages
    then start with aws, as scripts may expect.

    \b
    In bash or zsh:    eval "$(evcli local alias)"
    In fish:           evcli local alias fish | source
    For scripts that bash starts:    export -f aws
    """
    session.stdout.write(format_alias(shell or find_shell(session.environ)))
