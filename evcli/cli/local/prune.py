"""`evcli local prune`: forget old events and their deliveries."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.times import read_instant
from evcli.store.pruning import prune

if TYPE_CHECKING:
    from evcli.cli.session import Session

# Events that one transaction looks at, so that others get their turn.
BATCH = 500


@click.command(short_help="Forget events and deliveries before a time")
@click.option("--before", required=True, metavar="TIME", help="Forget what is older.")
@click.pass_obj
def command(session: Session, before: str) -> None:
    """Remove events that were accepted before TIME from the ledger, with their deliveries.

    Events with deliveries still under way stay. Archives and files of sinks are not
    touched. Prints how many events were removed.
    """
    with closing(session.open_context()) as ctx:
        instant = read_instant(ctx, before)
        removed = 0
        after = None
        while True:
            with ctx.store.transaction():
                count, after = prune(ctx.store, instant, after, BATCH)
            removed += count
            if after is None:
                break
        session.stdout.write(f"{removed}\n")
