"""How a document and the state differ, and what an import changes.

Before an import it is a unified diff of two exports; behind it, resource by resource.
"""

from __future__ import annotations

import difflib
import tempfile
from contextlib import closing
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.context import Context
from evcli.delivery.reports import RESOURCE, report
from evcli.infrastructure.apply import write_state
from evcli.infrastructure.document import name_file
from evcli.infrastructure.export import format_state, read_state
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.infrastructure.document import Document

# What a resource is called, by the heading of its kind in a document.
KINDS = {
    "partner_event_sources": "partner event source",
    "event_buses": "event bus",
    "connections": "connection",
    "api_destinations": "API destination",
    "endpoints": "endpoint",
    "archives": "archive",
}


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


def import_document(ctx: Context, document: Document, path: str) -> None:
    """Bring the store to what a document says, and report what that makes and changes.

    Arguments and errors are those of `write_state`. A secret is not shown, so a
    connection of which nothing else differs counts as unchanged.
    """
    if ctx.report is None:
        write_state(ctx, document, path)
        return
    before = _read_resources(ctx)
    write_state(ctx, document, path)
    after = _read_resources(ctx)
    for key, members in after.items():
        if before.get(key) != members:
            account_id, region, kind, name = key
            report(
                ctx,
                RESOURCE,
                Account=account_id,
                Region=region,
                Kind=kind,
                Name=name,
                Change="changed" if key in before else "made",
            )


def _read_resources(ctx: Context) -> dict[tuple[str, str, str, str], Any]:
    """Read every resource by account, region, kind and name."""
    told = len(ctx.notices)
    with ctx.store.snapshot():
        state = read_state(ctx)
    # What a file cannot say matters to an export alone.
    del ctx.notices[told:]
    return {
        (account_id, region, kind, name): members
        for account_id, regions in state.items()
        for region, kinds in regions.items()
        for kind, name, members in _list_resources(kinds)
    }


def _list_resources(kinds: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """List kind, name and members; rules stand in event buses, targets in rules."""
    for kinds_name, resources in kinds.items():
        kind = KINDS[kinds_name]
        for name, members in resources.items():
            yield kind, name, {k: v for k, v in members.items() if k != "rules"}
            for rule_name, rule in members.get("rules", {}).items():
                prefix = "" if name == DEFAULT_EVENT_BUS else f"{name}/"
                yield "rule", f"{prefix}{rule_name}", rule
