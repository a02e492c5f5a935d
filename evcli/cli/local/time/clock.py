"""`evcli local clock`: the time that everything in a state directory goes by."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.time.times import read_instant, read_shifted
from evcli.context import VirtualClock
from evcli.delivery.scheduled.scheduler import read_clock, set_clock
from evcli.inspection.deliveries import format_instant

if TYPE_CHECKING:
    from evcli.cli.session import Session
    from evcli.context import Context


@click.group()
def clock_command() -> None:
    """Show or move the clock that schedules, retries, replays and retention go by.

    It is the machine's clock until it is set. A virtual clock stands where it was put;
    nothing happens by itself: `evcli local tick` does what has become due.
    """


@clock_command.command()
@click.pass_obj
def show(session: Session) -> None:
    """Print the time, and whether the clock is virtual or the system's."""
    with closing(session.open_context()) as ctx:
        _print(session, ctx)


@clock_command.command("set")
@click.argument("time")
@click.pass_obj
def put(session: Session, time: str) -> None:
    """Put the clock to TIME, where it stands.

    TIME is like 2026-11-23T12:00:00Z, epoch seconds, or counted from the clock: 7d is a
    week ago, +1h an hour ahead.
    """
    with closing(session.open_context()) as ctx:
        instant = read_instant(ctx, time)
        with ctx.store.transaction():
            set_clock(ctx, instant)
        _print(session, ctx)


@clock_command.command()
@click.argument("duration")
@click.pass_obj
def advance(session: Session, duration: str) -> None:
    """Move the clock forward by DURATION, such as 90s, 30m, 1h30m or 7d.

    The machine's clock becomes a virtual one that stands there.
    """
    with closing(session.open_context()) as ctx:
        with ctx.store.transaction():
            read_clock(ctx)  # others may have moved it since
            set_clock(ctx, read_shifted(ctx, duration))
        _print(session, ctx)


@clock_command.command()
@click.pass_obj
def reset(session: Session) -> None:
    """Go back to the machine's clock."""
    with closing(session.open_context()) as ctx:
        with ctx.store.transaction():
            set_clock(ctx, None)
        _print(session, ctx)


def _print(session: Session, ctx: Context) -> None:
    kind = "virtual" if isinstance(ctx.clock, VirtualClock) else "system"
    session.stdout.write(f"{format_instant(ctx.clock.now())} {kind}\n")
