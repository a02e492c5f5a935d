"""`evcli local prune`: forget old events and their deliveries."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError, ValueSyntaxError
from evcli.cli.local.send_and_see.delivery_output import format_instant
from evcli.cli.local.time.times import read_duration, read_instant
from evcli.store.upkeep.pruning import Pruned, prune

if TYPE_CHECKING:
    from datetime import datetime

    from evcli.cli.session import Session
    from evcli.context import Context

# Events that one transaction looks at, so that other processes can write in between.
BATCH = 500


@click.command(short_help="Forget events and deliveries before a time")
@click.option(
    "--before",
    metavar="TIME",
    help="Forget what was accepted before TIME or so long ago.",
)
@click.option(
    "--older-than", metavar="DURATION", help="Forget what is older, such as 7d or 12h."
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.pass_obj
def command(
    session: Session, before: str | None, older_than: str | None, dry_run: bool
) -> None:
    """Remove old events from the ledger, with their deliveries, and say how many.

    Name one of --before and --older-than. Events with deliveries still under way stay.
    Archives and files of sinks are not touched.

    TIME is like 2026-11-23T12:00:00Z, epoch seconds, or 7d, which is a week ago.
    """
    if (before is None) == (older_than is None):
        raise ParamError("Name either --before TIME or --older-than DURATION.")
    with closing(session.open_context()) as ctx:
        if before is not None:
            instant = read_instant(ctx, before, "--before", ahead=False)
        else:
            instant = _subtract(ctx, str(older_than))
        session.stdout.write(f"{prune_all(ctx, instant, dry_run=dry_run)}\n")


def prune_all(ctx: Context, before: datetime, *, dry_run: bool) -> str:
    """Remove finished events accepted before an instant; say what went."""
    total = Pruned()
    after = None
    while True:
        with ctx.store.snapshot() if dry_run else ctx.store.transaction():
            pruned, after = prune(
                ctx.store.database, before, after, BATCH, dry_run=dry_run
            )
        total.add(pruned)
        if after is None:
            break
    told = (
        f"{'Would remove' if dry_run else 'Removed'} {_count(total.events, 'event')}"
        f" accepted before {format_instant(before)}, with"
        f" {_count(total.deliveries, 'delivery')}."
    )
    if total.waiting_events:
        waiting = _count(total.waiting_events, "event")
        verb = "stays" if total.waiting_events == 1 else "stay"
        told += f" {waiting} {verb}: deliveries are still under way."
    return told


def _subtract(ctx: Context, older_than: str) -> datetime:
    try:
        return ctx.clock.now() - read_duration(older_than, "--older-than")
    except OverflowError as error:
        raise ValueSyntaxError(
            "--older-than", f"{older_than!r} is too long."
        ) from error


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
