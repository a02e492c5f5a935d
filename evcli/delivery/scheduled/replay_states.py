"""Replays as those see them who only look: in which state, and when they go on.

    STARTING ──► RUNNING ──► COMPLETED
        │           │ ├────► FAILED         its archive or event bus is gone
        └───────────┴─┴────► CANCELLING ──► CANCELLED

AWS takes its time over a replay. evcli does not, so that ten at once, or one that is to be
cancelled, are never met under way. `windows_per_second` under `[replays]` of `config.toml`
has `serve`, `run` and `tick` take one window of each replay at a time (a crowded minute
is several), the first one that long after the start. It is the clock's time, a virtual
one's too. The command line runs its own replay to the end at once all the same.

When a replay's next window is due stands among the settings of the state directory, for
those replays alone that are held.

Source: [aws] STARTING, CANCELLING and COMPLETED, as recorded; [doc] the other states.
"""

from __future__ import annotations

from datetime import timedelta

from evcli.store.epoch import from_epoch_ms, to_epoch_ms
from evcli.store.records import Replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.context import Context

STARTING = "STARTING"
RUNNING = "RUNNING"
CANCELLING = "CANCELLING"
CANCELLED = "CANCELLED"
COMPLETED = "COMPLETED"
FAILED = "FAILED"

UNDER_WAY = (STARTING, RUNNING)
UNFINISHED = (STARTING, RUNNING, CANCELLING)

SETTING = "replay_windows"


def archive_is_gone(name: str) -> str:
    """Word why a replay fails whose archive was deleted. [guess]"""
    return f"Archive {name} does not exist."


def list_unfinished(ctx: Context) -> list[Replay]:
    """List the replays that have not ended, of all accounts and regions."""
    return [
        replay
        for state in UNFINISHED
        for replay in ctx.store.list_records(Replay, where={"state": state})
    ]


def find_interval(ctx: Context) -> timedelta | None:
    """How long replays are held at each window; `None`: they are not."""
    per_second = ctx.configuration.get("replays", {}).get("windows_per_second", 0)
    # TOML has a number that is none, which no comparison lets pass.
    return timedelta(seconds=1 / per_second) if per_second > 0 else None


def find_window_due(ctx: Context, replay: Replay) -> datetime:
    """When the next window of an unfinished replay is due.

    Later than now by one hold at most: the clock may have been put back since.
    """
    now = ctx.clock.now()
    interval = find_interval(ctx)
    if interval is None:
        return min(replay.started_at, now)
    planned = ctx.store.meta.all().get(SETTING, {}).get(replay.arn)
    due = replay.started_at + interval if planned is None else from_epoch_ms(planned)
    return min(due, now + interval)


def plan_next_window(ctx: Context, replay: Replay) -> bool:
    """Note when the window after the present one is due; say whether there is a hold."""
    interval = find_interval(ctx)
    if interval is None:
        return False
    with ctx.store.transaction():
        unfinished = {each.arn for each in list_unfinished(ctx)}
        known = ctx.store.meta.all().get(SETTING, {})
        planned = {arn: due for arn, due in known.items() if arn in unfinished}
        planned[replay.arn] = to_epoch_ms(ctx.clock.now() + interval)
        ctx.store.meta.put(SETTING, planned)
    return True
