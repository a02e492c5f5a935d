"""`evcli local backup`: the whole state as one file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.state.files import open_existing_store
from evcli.store.upkeep.copying import write_backup

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Write the whole state to one file, while others go on")
@click.argument("path", type=click.Path(), metavar="FILE")
@click.option(
    "--without-secrets",
    is_flag=True,
    help="Put stars in place of the secrets of connections, to pass FILE on.",
)
@click.pass_obj
def command(session: Session, path: str, without_secrets: bool) -> None:
    """Write to FILE all that the state directory holds at one instant: event buses,
    rules, targets, connections, archives with their events, replays, the ledger of
    deliveries, and the clock.

    Others may write meanwhile. FILE is a database of SQLite that only its owner may
    read; it is replaced in one step. `evcli local restore` reads it. Not in it are
    config.toml and the files of sinks.

    With --without-secrets passwords, API keys, client secrets, tokens and the values of
    all parameters of connections are left out. Events, payloads and URLs stay as they
    are.
    """
    with closing(open_existing_store(session)) as store:
        write_backup(store.database, path, without_secrets=without_secrets)
