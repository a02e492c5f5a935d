"""After start-replay: the replay is worked off here and now, with a bar on a terminal.

Standard output is as the official client leaves it; the bar and everything else that is
told goes to standard error.
"""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.delivery.scheduled.replays import Progress

# A target that is down fails for every event; nobody reads more lines than these.
SHOWN_NOTICES = 10


def follow_up(
    session: Session,
    ctx: Context,
    request: dict[str, Any],
    _response: dict[str, Any],
    options: dict[str, Any],
) -> int:
    """Work the replay off, unless `--no-wait` leaves it to a worker."""
    if options.get("no_wait"):
        return 0
    from evcli.delivery.scheduled.replay_states import FAILED
    from evcli.delivery.scheduled.replays import run_replay
    from evcli.store.records import Replay

    name = request["ReplayName"]
    told = len(ctx.notices)
    try:
        with open_bar(session, name) as progress:
            run_replay(ctx, name, progress)
    except KeyboardInterrupt:
        session.warn(
            f"The replay {name} has stopped on its way; `evcli local run` or `evcli"
            " local tick` goes on with it."
        )
        raise
    finally:
        tell_notices(session, ctx.notices[told:])
    replay = ctx.store.get(Replay, ctx.account_id, ctx.region, name)
    if replay is not None and replay.state == FAILED:
        session.warn(f"The replay {name} has failed: {replay.state_reason}")
    return 0


def tell_notices(session: Session, notices: list[str]) -> None:
    """Say what went wrong on the way, in a bounded number of lines."""
    for notice in notices[:SHOWN_NOTICES]:
        session.warn(notice)
    more = len(notices) - SHOWN_NOTICES
    if more > 0:
        session.warn(f"{more} more; `evcli local deliveries --failed` lists them.")


@contextmanager
def open_bar(session: Session, name: str) -> Iterator[Progress | None]:
    """Show a progress bar while standard error is a terminal; else hand out `None`."""
    if not session.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(file=session.stderr)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(f"Replaying {name}", *columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show
