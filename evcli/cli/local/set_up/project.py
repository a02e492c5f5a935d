"""`evcli local path`, `init` and `allow`: the state directory, and that of a project."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.cli.help.configuration_keys import format_file
from evcli.cli.local.output import write_file, write_lines
from evcli.errors import ConfigurationError
from evcli.store.directory.approvals import approve, list_refused
from evcli.store.directory.configuration import FILE_NAME, list_effects
from evcli.store.directory.configuration_file import get_configuration, require_valid
from evcli.store.directory.configuration_schema import SCHEMA
from evcli.store.directory.state_directory import (
    PROJECT_DIRECTORY,
    prepare_state_directory,
)

if TYPE_CHECKING:
    from evcli.cli.session import Session

# What a project shares is what people write; everything else stays on the machine.
IGNORED = "*\n!.gitignore\n!config.toml\n!events/\n!events/**\n!schemas/\n!schemas/**\n"


@click.command()
@click.pass_obj
def path_command(session: Session) -> None:
    """Print the path of the state directory that commands use here.

    It is the first of: --state-dir, EVCLI_STATE_DIR, the nearest .evcli from the
    working directory upwards, the user's state directory. It need not exist yet: the
    first command that stores something makes it.
    """
    path = session.find_state_directory()
    write_lines(session, "Path", [path], {"Path": path})


@click.command()
@click.option("--account", metavar="ID", help="The account that commands act as.")
@click.pass_obj
def init_command(session: Session, account: str | None) -> None:
    """Make .evcli in the working directory, with a config.toml to edit and commit.

    Every key is in it, explained and commented out, as in `evcli help config`. Commands in this directory and below it keep their state there. With --region and
    --account the configuration starts with these; --state-dir makes another directory
    than .evcli. What is there already stays as it is.
    """
    here = session.find_working_directory()
    path = os.path.join(here, session.options.get("state_dir") or PROJECT_DIRECTORY)
    prepare_state_directory(path)
    chosen = {"account": account, "region": session.options.get("region")}
    values = {name: value for name, value in chosen.items() if value is not None}
    configuration = os.path.join(path, FILE_NAME)
    if not os.path.exists(configuration):
        text = format_file(values)
        require_valid(configuration, tomllib.loads(text), SCHEMA)
        write_file(configuration, text)
    elif values:
        raise ConfigurationError(f"{configuration} exists already; edit it instead.")
    ignore = os.path.join(path, ".gitignore")
    if not os.path.exists(ignore):
        write_file(ignore, IGNORED)
    write_lines(session, "Path", [path], {"Path": path})
    used = session.find_state_directory()
    if os.path.realpath(used) != os.path.realpath(path):
        session.warn(
            f"EVCLI_STATE_DIR is set, so commands use {used} and not this one."
        )


@click.command()
@click.option("--show", is_flag=True, help="Only print them.")
@click.option("--revoke", is_flag=True, help="Take every approval back.")
@click.pass_obj
def allow_command(session: Session, show: bool, revoke: bool) -> None:
    """Approve what in config.toml of .evcli runs code or leaves this machine, and print it.

    Nothing of it has an effect before: sinks of every kind but file, stdout, stderr,
    null and table, [hosts], [store], allowed_hosts. An entry that is added or changed needs an approval
    of its own; what `evcli local sinks add` writes has it. Approvals are kept in your
    configuration directory, for the path of this state directory.

    With EVCLI_ALLOW_SINKS=1 in the environment, as for CI, nothing needs to be approved.
    """
    if show and revoke:
        raise ParamError("--show and --revoke exclude each other")
    directory = session.find_state_directory()
    value = get_configuration(directory)
    # Read once: approved is what is printed, whoever changes the file meanwhile.
    entries = list_effects(value)
    if not show:
        approve(directory, [] if revoke else entries, session.environ)
    refused = list_refused(directory, entries, session.environ)
    states = {each: "refused" if each in refused else "allowed" for each in entries}
    lines = (f"{state}  {entry}" for entry, state in states.items())
    values = [{"Entry": entry, "State": state} for entry, state in states.items()]
    write_lines(session, "Entries", lines, values)
