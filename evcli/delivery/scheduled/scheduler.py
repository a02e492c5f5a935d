"""The scheduler: everything that happens because time passes, in the order of time.

`JOBS` lists what can be due. Each is a module with two functions: `next_due(ctx)`
says when it next wants to work, `None` for never; `run_due(ctx, now)` does all of it that
is due at `now`. Another job is another row.

Virtual time may jump by centuries, in which a schedule fires without end. So one tick
stops after so many firings; the next one goes on.

On a virtual clock `tick` puts the clock to each due instant before the work is done, so
a retry between two firings happens between them, and whatever is recorded carries the
time at which it would have happened.
"""

from __future__ import annotations

from datetime import UTC, datetime

from evcli.context import SystemClock, VirtualClock
from evcli.delivery import archives, worker
from evcli.delivery.scheduled import replays, rules
from evcli.delivery.sinks import forget_sinks
from evcli.errors import WorkerBusyError
from evcli.store.directory.locks import FileLock
from evcli.store.epoch import from_epoch_ms, to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Protocol

    from evcli.context import Context
    from evcli.store.store import Store

    class Job(Protocol):
        """Something that can be due."""

        def next_due(self, ctx: Context) -> datetime | None:
            """When it next wants to work."""

        def run_due(self, ctx: Context, now: datetime) -> int | None:
            """Do all of it that is due; if it fires schedules, say how many."""


# In this order at one instant: what is under way first, what starts something after it.
JOBS: dict[str, Job] = {
    "deliveries": worker,
    "replays": replays,
    "schedules": rules,
    "archived events": archives,
}


# After so many firings a tick stops. All else that is due comes of them, or is finite.
FIRINGS = 10_000


class WorkerLock:
    """A `with` block that only one process at a time is in, for a state directory.

    Several state directories may share a store: each has its worker then.

    Raises: WorkerBusyError: somebody else is in it.
    """

    def __init__(self, store: Store) -> None:
        self._path = store.path
        self._database = store.database
        self._lock = FileLock(store.path, "worker")

    def __enter__(self) -> None:
        if not self._lock.acquire():
            raise WorkerBusyError(self._path)
        self._database.set_worker(True)

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self._database.set_worker(False)

    def is_held(self) -> bool:
        """Say whether another process is in it."""
        return self._lock.is_held()


def find_next_due(ctx: Context) -> datetime | None:
    """When anything is next due."""
    return min(list_next_due(ctx).values(), default=None)


def list_next_due(ctx: Context) -> dict[str, datetime]:
    """When each job is next due, by its name in `JOBS`; those that never are left out."""
    instants = {name: job.next_due(ctx) for name, job in JOBS.items()}
    return {name: each for name, each in instants.items() if each is not None}


def tick(
    ctx: Context,
    until: datetime,
    after_step: Callable[[], None] | None = None,
    only: Collection[str] = JOBS,
) -> bool:
    """Do everything that is due up to an instant, in the order of time, and return.

    Args:
        until: for a virtual clock, where it stands in the end.
        after_step: called after the work of each instant, to tell people about it.
        only: names of the jobs that are done.

    Returns:
        Whether that was all; `False` after `FIRINGS` firings: a virtual clock then
        stands at the last one, and the next tick goes on from there.
    """
    worker.recover(ctx)
    last: dict[str, datetime] = {}
    firings = 0
    while due := _find_due(ctx, until, last, only):
        if firings >= FIRINGS:
            return False
        instant = min(due.values())
        now = until
        if isinstance(ctx.clock, VirtualClock):
            now = instant
            move_clock(ctx, instant)
        for name, due_at in due.items():
            if due_at <= now:
                firings += JOBS[name].run_due(ctx, now) or 0
                last[name] = due_at
        if after_step is not None:
            after_step()
    if isinstance(ctx.clock, VirtualClock):
        move_clock(ctx, until)
    return True


def _find_due(
    ctx: Context, until: datetime, last: dict[str, datetime], only: Collection[str]
) -> dict[str, datetime]:
    """Find which jobs are due by `until`, and when.

    One that wants the same instant again after its work got nowhere: somebody else is
    at it, or it waits for something. It is left to the next tick, or this one would not end.
    """
    due = {}
    for name in only:
        due_at = JOBS[name].next_due(ctx)
        if due_at is not None and due_at <= until and due_at != last.get(name):
            due[name] = due_at
    return due


# -- the clock


def move_clock(ctx: Context, instant: datetime) -> None:
    """Put a virtual clock to an instant; other processes see it only move forward."""
    if not isinstance(ctx.clock, VirtualClock):
        return
    ctx.clock.set(instant)
    known = ctx.store.meta.all().get("clock")
    if known is not None and known < to_epoch_ms(instant):
        ctx.store.meta.put("clock", to_epoch_ms(instant))


def read_clock(ctx: Context) -> None:
    """Take over the clock as the state directory has it, which others may have moved."""
    _take_clock(ctx, ctx.store.meta.all().get("clock"))


def read_surroundings(ctx: Context) -> None:
    """Take over clock and configuration, which others may have changed meanwhile.

    Raises: ConfigurationError: `config.toml` cannot be used; the old one stays.
    """
    settings = ctx.store.meta.all()
    _take_clock(ctx, settings.get("clock"))
    configuration = ctx.store.load_configuration(settings, ctx.environ)
    if configuration != ctx.configuration:
        ctx.configuration = configuration
        forget_sinks(ctx)


def _take_clock(ctx: Context, epoch_ms: int | None) -> None:
    if epoch_ms is None:
        if isinstance(ctx.clock, VirtualClock):
            ctx.clock = SystemClock()
    elif isinstance(ctx.clock, VirtualClock):
        ctx.clock.set(from_epoch_ms(epoch_ms))
    else:
        ctx.clock = VirtualClock(from_epoch_ms(epoch_ms))


def set_clock(ctx: Context, instant: datetime | None) -> None:
    """Put the state directory's clock to an instant; `None` for the machine's clock.

    Call inside a transaction. What waits for a time that is now further off waits no
    longer than before. [guess]
    """
    before = ctx.clock.now()
    if instant is None:
        ctx.store.meta.delete("clock")
    else:
        ctx.store.meta.put("clock", to_epoch_ms(instant.astimezone(UTC)))
    read_clock(ctx)
    now = ctx.clock.now()
    if now < before:
        ctx.store.ledger.bring_retries_forward(to_epoch_ms(before) - to_epoch_ms(now))
        rules.reschedule_all(ctx, now)
