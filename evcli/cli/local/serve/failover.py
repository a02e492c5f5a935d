"""`evcli local failover`: plays the health check of a global endpoint."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.operations.endpoints import fail_over

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command()
@click.argument("endpoint")
@click.argument("to", type=click.Choice(["primary", "secondary"]))
@click.pass_obj
def failover_command(session: Session, endpoint: str, to: str) -> None:
    """Make the primary or the secondary event bus of ENDPOINT the one that serves.

    ENDPOINT is the name of a global endpoint in this region. From now on entries sent
    with its id go to the chosen event bus, and copies, with replication, to the other.
    Prints the ARN of the event bus that serves.
    """
    with closing(session.open_context()) as ctx:
        serving = fail_over(ctx, endpoint, to_secondary=to == "secondary")
    session.stdout.write(f"{serving}\n")
