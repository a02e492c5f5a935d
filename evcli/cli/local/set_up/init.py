"""`evcli local init`: a state directory that belongs to a project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from evcli.cli.local.state.files import write_file
from evcli.errors import ConfigurationError
from evcli.store.directory.configuration import FILE_NAME
from evcli.store.directory.configuration_file import write_configuration
from evcli.store.directory.state_directory import (
    PROJECT_DIRECTORY,
    prepare_state_directory,
)

if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session

# What a project shares is its configuration; everything else stays on the machine.
IGNORED = "*\n!.gitignore\n!config.toml\n"


@click.command(short_help="Make a state directory for this project")
@click.option("--account", metavar="ID", help="The account that commands act as.")
@click.pass_obj
def command(session: Session, account: str | None) -> None:
    """Make .evcli in the working directory, with a config.toml to edit and commit.

    Commands in this directory and below it keep their state there. With --region and
    --account the configuration starts with these; --state-dir makes another directory
    than .evcli. What is there already stays as it is.
    """
    here = session.find_working_directory()
    path = os.path.join(here, session.options.get("state_dir") or PROJECT_DIRECTORY)
    prepare_state_directory(path)
    chosen: dict[str, Any] = {
        "account": account,
        "region": session.options.get("region"),
    }
    values = {name: value for name, value in chosen.items() if value is not None}
    configuration = os.path.join(path, FILE_NAME)
    if not os.path.exists(configuration):
        write_configuration(configuration, values)
    elif values:
        raise ConfigurationError(f"{configuration} exists already; edit it instead.")
    ignore = os.path.join(path, ".gitignore")
    if not os.path.exists(ignore):
        write_file(ignore, IGNORED)
    session.write(f"{path}\n")
