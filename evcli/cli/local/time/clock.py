"""`evcli local clock`: the time that everything in a state directory goes by."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import write_lines
from evcli.cli.local.reporting import Reporter, quiet_option
from evcli.cli.local.time.times import read_instant, read_shifted
from evcli.cli.local.time.worker import tick_until
from evcli.context import VirtualClock
from evcli.delivery.scheduled.scheduler import WorkerLock, read_clock, set_clock
from evcli.errors import WorkerBusyError
from evcli.store.epoch import format_instant

if TYPE_CHECKING:
    from datetime import datetime

    from evcli.cli.session import Session
    from evcli.context import Context


@click.group()
def clock_command() -> None:
    """Show or move the clock that schedules, retries, replays and retention go by.

    It is the machine's clock until it is set. A virtual clock stands where it was put;
    nothing happens by itself: `advance` does what falls due on its way, and `evcli local
    tick` what has become due.
    """


@clock_command.command(short_help="Print the time, and by which clock it is")
@click.pass_obj
def show(session: Session) -> None:
    """Print the time, and whether the clock is virtual or the system's."""
    with closing(session.open_context()) as ctx:
        _print(session, ctx)


@clock_command.command("set", short_help="Put the clock to a time")
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


@clock_command.command(short_help="Move the clock forward, and do what falls due")
@click.argument("duration")
@click.option(
    "--no-run", is_flag=True, help="Only move the clock; what falls due waits for tick."
)
@quiet_option
@click.pass_obj
def advance(session: Session, duration: str, no_run: bool, quiet: bool) -> None:
    """Move the clock forward by DURATION, such as 90s, 30m, 1h30m or 7d, and do on the
    way what falls due, in the order of time, as `evcli local tick`.

    The machine's clock becomes a virtual one that stands there. Where another worker is
    running, that one does what falls due.

    Lines on standard error say what was done; with --output json objects on lines of
    standard output.
    """
    reporter = Reporter(session, quiet=quiet)
    with closing(session.open_context()) as ctx:
        is_news = not isinstance(ctx.clock, VirtualClock)
        if no_run:
            _move(ctx, duration)
        else:
            _run_on_the_way(session, ctx, duration, reporter)
        if no_run or not reporter.is_json:
            _print(session, ctx)
        if is_news:
            reporter.say(
                "Time stands still there from now on, until `clock advance` or `tick"
                " --until` moves it; `clock reset` goes back to the machine's clock."
            )


def _move(ctx: Context, duration: str, *, to_end: bool = True) -> datetime:
    """Move the clock, or only make it a virtual one; give where it is to stand."""
    with ctx.store.transaction():
        read_clock(ctx)  # others may have moved it since
        end = read_shifted(ctx, duration)
        set_clock(ctx, end if to_end else ctx.clock.now())
    return end


def _run_on_the_way(
    session: Session, ctx: Context, duration: str, reporter: Reporter
) -> None:
    try:
        with WorkerLock(ctx.store):
            end = _move(ctx, duration, to_end=False)
            tick_until(session, ctx, end, reporter)
    except WorkerBusyError:
        _move(ctx, duration)
        reporter.say("Another worker is running; it does what has fallen due.")


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
    now = format_instant(ctx.clock.now())
    write_lines(session, "Clock", [f"{now} {kind}"], {"Now": now, "Kind": kind})
