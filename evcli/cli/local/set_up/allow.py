"""`evcli local allow`: let a project's config.toml run code or leave this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.store.directory.approvals import approve, list_refused
from evcli.store.directory.configuration import FILE_NAME, list_effects
from evcli.store.directory.configuration_file import read_configuration

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Let this project's config.toml run code or use the network")
@click.option("--show", is_flag=True, help="Only print them.")
@click.option("--revoke", is_flag=True, help="Take every approval back.")
@click.pass_obj
def command(session: Session, show: bool, revoke: bool) -> None:
    """Approve what in config.toml of .evcli runs code or leaves this machine, and print it.

    Nothing of it has an effect before: sinks of every kind but file, stdout, null and
    table, [hosts], allowed_hosts. An entry that is added or changed needs an approval
    of its own; what `evcli local sinks add` writes has it. Approvals are kept in your
    configuration directory, for the path of this state directory.

    With EVCLI_ALLOW_SINKS=1 in the environment, as for CI, nothing needs to be approved.
    """
    if show and revoke:
        raise ParamError("--show and --revoke exclude each other")
    directory = session.find_state_directory()
    path = os.path.join(directory, FILE_NAME)
    value = read_configuration(path) if os.path.exists(path) else {}
    # Read once: approved is what is printed, whoever changes the file meanwhile.
    entries = list_effects(value)
    if not show:
        approve(directory, [] if revoke else entries, session.environ)
    refused = list_refused(directory, entries, session.environ)
    for entry in entries:
        mark = "refused" if entry in refused else "allowed"
        session.stdout.write(f"{mark}  {entry}\n")
