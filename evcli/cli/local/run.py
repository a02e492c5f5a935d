"""`evcli local run`: the worker, in the foreground until it is stopped."""

from __future__ import annotations

import gc
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.context import VirtualClock
from evcli.delivery.timetable import (
    WorkerLock,
    find_next_due,
    read_surroundings,
    tick,
)
from evcli.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from evcli.cli.session import Session
    from evcli.context import Context

# How long the worker sleeps at most, in seconds: others may leave it work, or move a
# virtual clock.
LOOK_SECONDS = 0.2


@click.command(short_help="Do everything as it becomes due, until stopped")
@click.pass_obj
def command(session: Session) -> None:
    """Fire schedules, make retries, work replays off, drop what archives keep no longer:
    each when it is due, until SIGINT or SIGTERM.

    There is one worker for a state directory. After a pause each schedule fires once,
    for the latest instant that was missed; with a virtual clock, which this worker
    follows as others move it, each instant is fired.
    """
    # Off for commands that are soon over; this one stays.
    gc.enable()
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        with closing(session.open_context()) as ctx, WorkerLock(ctx.store):
            session.warn(f"evcli works on {ctx.store.path}; Ctrl-C stops it.")
            work(ctx, session.warn)
    except KeyboardInterrupt:
        # What was under way was given back; the next worker makes it again.
        session.warn("evcli stopped.")
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def work(
    ctx: Context,
    warn: Callable[[str], None],
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Do what becomes due, until it is over; call inside the worker's lock.

    Args:
        warn: told in one line what people should know.
        wait: sleeps for some seconds, and says `True` when it is over.
    """

    def tell() -> None:
        for notice in ctx.notices:
            warn(notice)
        ctx.notices.clear()

    complaint = None
    is_over: object = False
    while not is_over:
        try:
            read_surroundings(ctx)
            complaint = None
        except ConfigurationError as error:
            # Somebody is editing: say it once and go on as before.
            if error.message != complaint:
                complaint = error.message
                warn(complaint)
        tick(ctx, ctx.clock.now(), tell)
        tell()
        is_over = wait(find_pause(ctx))


def find_pause(ctx: Context) -> float:
    """How long to sleep, in seconds."""
    due_at = find_next_due(ctx)
    if due_at is None or isinstance(ctx.clock, VirtualClock):
        return LOOK_SECONDS
    remaining = (due_at - ctx.clock.now()).total_seconds()
    # Never zero: what is overdue already waits for somebody else.
    return min(max(remaining, LOOK_SECONDS / 10), LOOK_SECONDS)
