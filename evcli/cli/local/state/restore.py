"""`evcli local restore`: a backup becomes the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evcli.store.upkeep.restoring import restore_backup

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Put a backup in the place of the state")
@click.argument("path", type=click.Path(), metavar="FILE")
@click.option(
    "--force", is_flag=True, help="Replace what the state directory holds already."
)
@click.pass_obj
def command(session: Session, path: str, force: bool) -> None:
    """Make what `evcli local backup` wrote to FILE the state: at once, or not at all.

    What an older evcli wrote is upgraded, FILE itself stays as it is. A state that is
    there already is replaced only with --force, and one that is damaged is kept under
    another name. config.toml and the files of sinks stay as they are.

    No worker may run meanwhile: stop `evcli local run` and `serve` first.
    """
    aside = restore_backup(
        session.find_state_directory(), path, force=force, warn=session.warn_at_once
    )
    if aside is not None:
        session.warn(f"What could not be read is kept as {aside}.")
