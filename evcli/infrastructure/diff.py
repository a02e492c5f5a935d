"""How a document and the state differ, as a unified diff of two exports."""

from __future__ import annotations

import difflib
import tempfile
from contextlib import closing
from typing import TYPE_CHECKING

from evcli.context import Context
from evcli.infrastructure.apply import write_state
from evcli.infrastructure.document import name_file
from evcli.infrastructure.export import format_state
from evcli.store.store import open_store

if TYPE_CHECKING:
    from evcli.infrastructure.document import Document


def format_difference(ctx: Context, document: Document, path: str) -> str:
    """Write how a document differs from the state; empty when they are equal.

    Both sides are shown as an export would be, so that defaults and order count
    for nothing.

    Args:
        path: the document's file, for the heading and messages.

    Raises: ConfigurationError: the document cannot be imported.
    """
    before = rewrite(ctx, document, path)
    after = format_state(ctx)
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        name_file(path),
        ctx.store.path,
    )
    return "".join(lines)


def rewrite(ctx: Context, document: Document, path: str) -> str:
    """Bring a document into the form of an export, through an empty state directory.

    Raises: ConfigurationError: the document cannot be imported.
    """
    with tempfile.TemporaryDirectory() as directory:
        scratch = Context(
            store=open_store(directory),
            clock=ctx.clock,
            configuration=ctx.configuration,
        )
        with closing(scratch):
            scratch.store.database.relax_durability()
            write_state(scratch, document, name_file(path))
            return format_state(scratch)
