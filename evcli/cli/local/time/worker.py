"""`evcli local run` and `tick`: the worker, until it is stopped or up to a time."""

from __future__ import annotations

import gc
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.reporting import Reporter, quiet_option
from evcli.cli.local.signals import handling_signals, interrupt, make_wait
from evcli.cli.local.time.times import read_instant
from evcli.context import VirtualClock
from evcli.delivery.reports import SUMMARY, report
from evcli.delivery.scheduled.scheduler import (
    FIRINGS,
    WorkerLock,
    find_next_due,
    read_surroundings,
    tick,
)
from evcli.errors import ConfigurationError, EvcliError, StoreError
from evcli.store.directory.state_directory import read_identity
from evcli.store.epoch import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.cli.session import Session
    from evcli.context import Context

# How long the worker sleeps at most, in seconds: others may leave it work, or move a
# virtual clock.
LOOK_SECONDS = 0.2
# How long it leaves a server alone that is away.
LONG_PAUSE_SECONDS = 1.0


@click.command()
@quiet_option
@click.pass_obj
def run_command(session: Session, quiet: bool) -> None:
    """Fire schedules, make retries, work replays off, drop what archives keep no longer:
    each when it is due, until SIGINT or SIGTERM.

    A state directory that is removed or replaced meanwhile is left; the work goes on in
    the one that comes in its place.

    There is one worker for a state directory. After a pause each schedule fires once,
    for the latest instant that was missed; with a virtual clock, which this worker
    follows as others move it, each instant is fired.

    A line on standard error says what was done; with --output json an object on a line
    of standard output.
    """
    reporter = Reporter(session, quiet=quiet)
    wait = make_wait(session.stdout) if reporter.is_json else time.sleep
    # Off for commands that are soon over; this one stays.
    gc.enable()
    try:
        with handling_signals(interrupt, signal.SIGTERM):
            path = open_state_directory(session)

            def begin() -> None:
                reporter.say(f"evcli works on {path}; Ctrl-C stops it.")

            while not work_on_directory(session, path, wait, reporter, begin):
                reporter.say(
                    f"{path} was removed or replaced; evcli goes on with a new one."
                )
    except KeyboardInterrupt:
        # What was begun was given back; the next worker makes it again.
        reporter.say("evcli stopped.")


def open_state_directory(session: Session) -> str:
    """Make the state directory if it is missing, and see that it can be used.

    Returns:
        Its path, which the session keeps to from now on: once it is removed, a search
        from the working directory upwards would end elsewhere.

    Raises: ConfigurationError: the directory or its `config.toml` cannot be used.
    """
    with closing(session.open_context()) as ctx:
        path = ctx.store.path
    session.options["state_dir"] = path
    return path


def work_on_directory(
    session: Session,
    path: str,
    wait: Callable[[float], object],
    reporter: Reporter | None,
    begin: Callable[[], object] = lambda: None,
) -> bool:
    """Be the worker of a state directory; say whether it is over or another one is there.

    A worker makes no directory: whoever is just removing this one would find it there
    again. It waits until a command does.

    Args:
        wait: sleeps for some seconds, and says `True` when it is over.
        reporter: told what is done; without one notices tell of what fails.
        begin: called once this is the worker.

    Raises: WorkerBusyError: there is a worker.
    """
    identity = read_identity(path)
    while identity is None:
        if wait(LOOK_SECONDS):
            return True
        identity = read_identity(path)
    with closing(session.open_context()) as ctx, WorkerLock(ctx.store):
        begin()
        ctx.report = reporter
        return work(session, ctx, wait, lambda: read_identity(path) == identity)


def work(
    session: Session,
    ctx: Context,
    wait: Callable[[float], object],
    is_current: Callable[[], bool],
) -> bool:
    """Do what becomes due, until it is over; call inside the worker's lock.

    Args:
        wait: as of `work_on_directory`.
        is_current: says whether the state directory is still the one that is open.

    Returns:
        Whether it is over; `False` once the state directory is another one.
    """

    def warn() -> None:
        session.warn_notices(ctx)

    complaint = None
    is_over: object = False
    while not is_over and is_current():
        try:
            read_surroundings(ctx)
            complaint = None
        except (ConfigurationError, StoreError) as error:
            # Somebody is editing, or a server is away: say it once and go on as before.
            if isinstance(error, StoreError) and not ctx.store.database.is_shared:
                raise
            if error.message != complaint:
                complaint = error.message
                session.warn(complaint)
        try:
            tick(ctx, ctx.clock.now(), warn)
            pause = find_pause(ctx)
        except EvcliError as error:
            # It fails because the directory is going, or it fails.
            if not is_current():
                break
            if not isinstance(error, StoreError) or not ctx.store.database.is_shared:
                raise
            pause = LONG_PAUSE_SECONDS
        warn()
        is_over = wait(pause)
    return bool(is_over)


def find_pause(ctx: Context) -> float:
    """How long to sleep, in seconds."""
    due_at = find_next_due(ctx)
    if due_at is None or isinstance(ctx.clock, VirtualClock):
        return LOOK_SECONDS
    remaining = (due_at - ctx.clock.now()).total_seconds()
    # Never zero: what is overdue already waits for somebody else.
    return min(max(remaining, LOOK_SECONDS / 10), LOOK_SECONDS)


@click.command()
@click.option("--until", metavar="TIME", help="Do what is due up to TIME, such as +1h.")
@quiet_option
@click.pass_obj
def tick_command(session: Session, until: str | None, quiet: bool) -> None:
    """Make due deliveries and retries, fire schedules, work replays off, drop what
    archives keep no longer.

    Everything happens in the order of time. A virtual clock is put to each due instant
    on the way and stands at TIME in the end; with the machine's clock TIME cannot be
    in the future.

    It stops after 10,000 firings of schedules, and says so; the same command again goes
    on. A schedule that fires every minute has as many in a week.

    Lines on standard error say what was done; with --output json objects on lines of
    standard output.
    """
    with closing(session.open_context()) as ctx:
        end = (
            ctx.clock.now()
            if until is None
            else read_instant(ctx, until, "--until", ago=False)
        )
        if not isinstance(ctx.clock, VirtualClock) and end > ctx.clock.now():
            raise GeneralError(
                f"{format_instant(end)} is in the future, and the clock is the"
                " machine's. `evcli local clock set` makes it a virtual one, which"
                " tick can move."
            )
        with WorkerLock(ctx.store):
            tick_until(session, ctx, end, Reporter(session, quiet=quiet))


def tick_until(
    session: Session, ctx: Context, end: datetime, reporter: Reporter
) -> None:
    """Do what is due up to an instant, and say what it was; inside the worker's lock.

    Raises: GeneralError: it stopped before, after many firings.
    """
    if isinstance(ctx.clock, VirtualClock):
        # Simulated time is not worth waiting for the disk at every step of it.
        ctx.store.database.relax_durability()
    ctx.report = reporter

    def warn() -> None:
        session.warn_notices(ctx)

    is_all = tick(ctx, end, warn)
    warn()
    report(ctx, SUMMARY, **reporter.summarize())
    if not is_all:
        raise GeneralError(
            f"Stopped after {FIRINGS:,} firings of schedules, at"
            f" {format_instant(ctx.clock.now())}. `evcli local tick --until"
            f" {format_instant(end)}` goes on from there."
        )
