"""`evcli local export`: the state as a file that people can read, compare and commit."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.state.files import write_file
from evcli.cli.local.state.import_ import show_difference
from evcli.infrastructure.document import STANDARD_STREAM
from evcli.infrastructure.export import format_state

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Write the state to a TOML file")
@click.argument("path", type=click.Path(), metavar="FILE")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; show how FILE and the state differ. Exit code 1 if they do.",
)
@click.pass_context
def command(ctx: click.Context, path: str, check: bool) -> None:
    """Write event buses, rules, targets, tags, archives' settings, connections without
    their secrets, API destinations, endpoints and partner event sources to FILE, those
    of all accounts and regions; - is standard output.

    Events, deliveries and replays are not part of it. `evcli local import` reads FILE.
    """
    session: Session = ctx.obj
    with closing(session.open_context()) as context:
        if check:
            ctx.exit(show_difference(session, context, path))
        text = format_state(context)
        for notice in context.notices:
            session.warn(notice)
    if path == STANDARD_STREAM:
        session.write(text)
    else:
        write_file(path, text)
