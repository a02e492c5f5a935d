"""The clock of a running `EventBridge`: schedules, retries, replays and archives go by it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from evcli.context import VirtualClock
from evcli.delivery.scheduled import scheduler
from evcli.errors import EvcliError
from evcli.model.timestamps import parse_timestamp
from evcli.store.epoch import format_instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from evcli.context import Context

    # Opens the state directory for a `with` block.
    OpenContext = Callable[[], AbstractContextManager[Context]]


class Clock:
    """Tells the time and moves it; the machine's until it is set.

    Once set it stands where it was put. Nothing happens by itself: what has become due
    is done when the clock is moved forward, in the order of time, and by `tick`.
    """

    def __init__(self, open_context: OpenContext) -> None:
        self._open_context = open_context
        # One worker at a time, also among the threads of a test.
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        with self._open_context() as ctx:
            return ctx.clock.now()

    def set(self, instant: datetime | str) -> None:
        """Put the clock to an instant.

        From where it was set before, forward, time passes: see `advance`. From the
        machine's clock, or back, it is only put there.

        Args:
            instant: a `datetime`, or text like `2026-01-01T00:00:00Z`; without an
                offset it is UTC.

        Raises: EvcliError: the text is no point in time.
        """
        wanted = parse_timestamp(instant)
        if wanted is None:
            raise EvcliError(
                f"{instant!r} is not a time; write one like 2026-01-01T00:00:00Z."
            )
        with self._lock, self._open_context() as ctx:
            if isinstance(ctx.clock, VirtualClock) and wanted > ctx.clock.now():
                _pass_time(ctx, wanted)
                return
            with ctx.store.transaction():
                scheduler.set_clock(ctx, wanted)

    def advance(
        self,
        duration: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Let time pass, and everything happen that becomes due meanwhile.

        Schedules fire, retries are made, replays go on and archives forget, each at its
        instant. The machine's clock becomes one that stands.

        Args:
            duration: how much; or in units, such as `minutes=5`, which add up.

        Raises: EvcliError: that is back, or too many schedules fire on the way.
        """
        span = (duration or timedelta()) + timedelta(
            days=days, hours=hours, minutes=minutes, seconds=seconds
        )
        if span < timedelta():
            raise EvcliError("The clock cannot be advanced back; set puts it there.")
        with self._lock, self._open_context() as ctx:
            if not isinstance(ctx.clock, VirtualClock):
                with ctx.store.transaction():
                    scheduler.set_clock(ctx, ctx.clock.now())
            _pass_time(ctx, ctx.clock.now() + span)

    def reset(self) -> None:
        """Go back to the machine's clock."""
        with self._lock, self._open_context() as ctx, ctx.store.transaction():
            scheduler.set_clock(ctx, None)

    def tick(self) -> None:
        """Do what is due by now, and leave the clock as it is."""
        with self._lock, self._open_context() as ctx:
            scheduler.read_clock(ctx)
            _pass_time(ctx, ctx.clock.now())


def _pass_time(ctx: Context, until: datetime) -> None:
    with scheduler.WorkerLock(ctx.store):
        is_all = scheduler.tick(ctx, until)
    if not is_all:
        raise EvcliError(
            f"Stopped after {scheduler.FIRINGS:,} firings of schedules, at"
            f" {format_instant(ctx.clock.now())}; advance the clock in smaller steps."
        )
