"""`evcli local import`: a file of state into the state directory, all of it or nothing."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.context import Context
from evcli.infrastructure.state_file import (
    STANDARD_STREAM,
    format_diff,
    format_document,
    read_file,
)
from evcli.infrastructure.state_reading import read_state
from evcli.infrastructure.state_writing import write_state
from evcli.store.store import open_store

if TYPE_CHECKING:
    from evcli.cli.session import Session
    from evcli.infrastructure.state_file import Document


@click.command(short_help="Read the state from a TOML file")
@click.argument("path", type=click.Path(), metavar="FILE")
@click.option(
    "--check",
    is_flag=True,
    help="Change nothing; show how FILE and the state differ. Exit code 1 if they do.",
)
@click.pass_context
def command(ctx: click.Context, path: str, check: bool) -> None:
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
    """Import a file, and tell what is to be known about it.

    Raises: ConfigurationError: names the file, the line or key, and what is wrong there.
    """
    write_state(ctx, read_file(session, path), _get_name(path))
    for notice in ctx.notices:
        session.warn(notice)


def _get_name(path: str) -> str:
    return "standard input" if path == STANDARD_STREAM else path


def show_difference(session: Session, ctx: Context, path: str) -> int:
    """Print how a file differs from the state, as a unified diff; give the exit code.

    Both sides are shown the way an export would be, so that defaults and order count
    for nothing.
    """
    document = read_file(session, path)
    in_file = rewrite(ctx, document, _get_name(path))
    with ctx.store.snapshot():
        in_state = format_document(read_state(ctx))
    diff = format_diff(in_file, in_state, _get_name(path), ctx.store.path)
    session.write(diff)
    return 1 if diff else 0


def rewrite(ctx: Context, document: Document, path: str) -> str:
    """Bring a document into the form of an export, by way of an empty state directory.

    Raises: ConfigurationError: the document cannot be imported.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        scratch = Context(
            store=open_store(directory),
            clock=ctx.clock,
            configuration=ctx.configuration,
        )
        with closing(scratch):
            scratch.store.relax_durability()
            write_state(scratch, document, path)
            with scratch.store.snapshot():
                return format_document(read_state(scratch))
