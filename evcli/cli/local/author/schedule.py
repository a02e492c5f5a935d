"""`evcli local schedule`: when a rule fires, or an expression would."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import click

from evcli.cli.local.time.times import read_instant
from evcli.delivery.envelopes import format_time
from evcli.inspection.schedules import list_instants

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command()
@click.argument("what", metavar="RULE|EXPRESSION")
@click.option(
    "--count", type=click.IntRange(min=1), default=10, metavar="N", help="How many; 10."
)
@click.option("--from", "after", metavar="TIME", help="Only after TIME; now if absent.")
@click.pass_obj
def schedule_command(
    session: Session, what: str, count: int, after: str | None
) -> None:
    """Print when a rule of the default event bus fires next, one instant a line.

    Or when an expression would, such as 'cron(0 12 * * ? *)'. A rate counts from when
    the rule was made or enabled; that of an expression from TIME, which is like
    2026-11-23T12:00:00Z, 7d (ago) or +1h (ahead).
    """
    with closing(session.open_context()) as ctx:
        start = ctx.clock.now()
        if after is not None:
            start = read_instant(ctx, after, "--from")
        for instant in islice(list_instants(ctx, what, start), count):
            session.stdout.write(f"{format_time(instant)}\n")
