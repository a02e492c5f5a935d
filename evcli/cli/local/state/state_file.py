"""`evcli local export` and `import`: the state as a file that people can read and commit."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import write_file
from evcli.infrastructure.apply import write_state
from evcli.infrastructure.diff import format_difference
from evcli.infrastructure.document import STANDARD_STREAM, name_file, read_file
from evcli.infrastructure.export import format_state

if TYPE_CHECKING:
    from evcli.cli.session import Session
    from evcli.context import Context


@click.command()
@click.argument("path", type=click.Path(), metavar="FILE")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; show how FILE and the state differ. Exit code 1 if they do.",
)
@click.pass_context
def export_command(ctx: click.Context, path: str, check: bool) -> None:
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
        session.warn_notices(context)
    if path == STANDARD_STREAM:
        session.write(text)
    else:
        write_file(path, text)


@click.command()
@click.argument("path", type=click.Path(), metavar="FILE")
@click.option(
    "--check",
    is_flag=True,
    help="Change nothing; show how FILE and the state differ. Exit code 1 if they do.",
)
@click.pass_context
def import_command(ctx: click.Context, path: str, check: bool) -> None:
    """Make the resources that FILE names, or change them to what it says; - is standard
    input. What FILE does not name stays. All of it happens, or nothing.

    FILE is as `evcli local export` writes it. Connections keep the secrets that they
    have; a new one whose secret is not in FILE gets a placeholder.
    """
    session: Session = ctx.obj
    with closing(session.open_context()) as context:
        if check:
            ctx.exit(show_difference(session, context, path))
        import_file(session, context, path)


def import_file(session: Session, ctx: Context, path: str) -> None:
    """Import a file, and warn of what people should know about it.

    Raises: ConfigurationError: names the file, the line or key, and what is wrong there.
    """
    write_state(ctx, read_file(path, session.stdin), name_file(path))
    session.warn_notices(ctx)


def show_difference(session: Session, ctx: Context, path: str) -> int:
    """Print how a file differs from the state; give the exit code."""
    difference = format_difference(ctx, read_file(path, session.stdin), path)
    session.write(difference)
    return 1 if difference else 0
