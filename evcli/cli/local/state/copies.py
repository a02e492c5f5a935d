"""`evcli local backup`, `restore` and `export`: the state in one file.

A backup is a database, for the machine; an export is text, to be read and committed.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.output import write_file
from evcli.infrastructure.sources import STANDARD_STREAM
from evcli.infrastructure.state import format_state
from evcli.store.directory.shared_store import has_state
from evcli.store.store import open_store
from evcli.store.upkeep.backups import write_backup
from evcli.store.upkeep.restoring import restore_backup

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--without-secrets",
    is_flag=True,
    help="Put stars in place of the secrets of connections, to pass FILE on.",
)
@click.pass_obj
def backup_command(session: Session, file: str, without_secrets: bool) -> None:
    """Write to FILE all that the state directory holds at one instant: event buses,
    rules, targets, connections, archives with their events, replays, the ledger of
    deliveries, and the clock.

    Others may write meanwhile. FILE is a database of SQLite that only its owner may
    read, also where the state is on PostgreSQL; it is replaced in one step. `evcli local restore` reads it. Not in it are
    config.toml and the files of sinks.

    With --without-secrets passwords, API keys, client secrets, tokens and the values of
    all parameters of connections are left out. Events, payloads and URLs stay as they
    are.
    """
    directory = session.find_state_directory()
    if not has_state(directory, session.environ):
        raise GeneralError(f"There is no state in {directory}.")
    with closing(open_store(directory, session.warn_at_once)) as store:
        write_backup(store.database, file, without_secrets=without_secrets)


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--force", is_flag=True, help="Replace what the state directory holds already."
)
@click.pass_obj
def restore_command(session: Session, file: str, force: bool) -> None:
    """Make what `evcli local backup` wrote to FILE the state: at once, or not at all.

    What an older evcli wrote is upgraded, FILE itself stays as it is. A state that is
    there already is replaced only with --force, and one that is damaged is kept under
    another name. config.toml and the files of sinks stay as they are.

    No worker may run meanwhile: stop `evcli local run` and `serve` first.
    """
    aside = restore_backup(
        session.find_state_directory(), file, force=force, warn=session.warn_at_once
    )
    if aside is not None:
        session.warn(f"What could not be read is kept as {aside}.")


@click.command()
@click.argument("file", type=click.Path())
@click.pass_obj
def export_command(session: Session, file: str) -> None:
    """Write event buses, rules, targets, tags, archives' settings, connections without
    their secrets, API destinations, endpoints and partner event sources to FILE, those
    of all accounts and regions; - is standard output.

    Events, deliveries and replays are not part of it. `evcli local import` reads FILE,
    `evcli local diff` compares it with the state.
    """
    with closing(session.open_context()) as context:
        text = format_state(context)
        session.warn_notices(context)
    if file == STANDARD_STREAM:
        session.write(text)
    else:
        write_file(file, text)
