"""`evcli local tick`: do what is due and return; for scripts and tests."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.send_and_see.delivery_output import format_instant
from evcli.cli.local.time.times import read_instant
from evcli.context import VirtualClock
from evcli.delivery.scheduled.scheduler import FIRINGS, WorkerLock, tick

if TYPE_CHECKING:
    from evcli.cli.session import Session


@click.command(short_help="Do everything that is due, and return")
@click.option("--until", metavar="TIME", help="Do what is due up to TIME, such as +1h.")
@click.pass_obj
def command(session: Session, until: str | None) -> None:
    """Make due deliveries and retries, fire schedules, work replays off, drop what
    archives keep no longer.

    Everything happens in the order of time. A virtual clock is put to each due instant
    on the way and stands at TIME in the end; with the machine's clock TIME cannot be
    in the future.

    It stops after 10,000 firings of schedules, and says so; the same command again goes
    on. A schedule that fires every minute has as many in a week.
    """
    with closing(session.open_context()) as ctx:
        end = (
            ctx.clock.now()
            if until is None
            else read_instant(ctx, until, "--until", ago=False)
        )
        if isinstance(ctx.clock, VirtualClock):
            # Simulated time is not worth waiting for the disk at every step of it.
            ctx.store.database.relax_durability()
        elif end > ctx.clock.now():
            raise GeneralError(
                f"{format_instant(end)} is in the future, and the clock is the"
                " machine's. `evcli local clock set` makes it a virtual one, which"
                " tick can move."
            )

        def tell() -> None:
            for notice in ctx.notices:
                session.warn(notice)
            ctx.notices.clear()

        with WorkerLock(ctx.store):
            is_all = tick(ctx, end, tell)
        if not is_all:
            raise GeneralError(
                f"Stopped after {FIRINGS:,} firings of schedules, at"
                f" {format_instant(ctx.clock.now())}. `evcli local tick --until"
                f" {format_instant(end)}` goes on from there."
            )
