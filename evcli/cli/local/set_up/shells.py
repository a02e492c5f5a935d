"""`evcli local alias` and `completion`: what a shell is to know of evcli."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from evcli.cli.completion.scripts import COMPLETIONS, format_alias
from evcli.cli.errors import GeneralError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evcli.cli.session import Session

SHELLS = click.Choice(list(COMPLETIONS))


@click.command()
@click.argument("shell", required=False, type=SHELLS)
@click.pass_obj
def alias_command(session: Session, shell: str | None) -> None:
    """Print a shell function `aws` for bash, zsh or fish; without SHELL, for yours.

    It sends `aws events …` to evcli and every other command to the real aws. Messages
    then start with aws, as scripts may expect.

    \b
    In bash or zsh:    eval "$(evcli local alias)"
    In fish:           evcli local alias fish | source
    For scripts that bash starts:    export -f aws
    """
    session.stdout.write(format_alias(shell or find_shell(session.environ)))


@click.command()
@click.argument("shell", required=False, type=SHELLS)
@click.pass_obj
def completion_command(session: Session, shell: str | None) -> None:
    """Print the completion script for bash, zsh or fish; without SHELL, for yours.

    \b
    In ~/.bashrc or ~/.zshrc:    eval "$(evcli local completion)"
    In config.fish:              evcli local completion fish | source

    Completed are commands, options, values, the names of what exists in the state
    directory, and files behind file://.
    """
    _, script = COMPLETIONS[shell or find_shell(session.environ)]
    session.stdout.write(script)


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
