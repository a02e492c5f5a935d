"""After start-replay: the replay runs here and now, with a bar on a terminal.

Standard output is as the official client leaves it; the bar and all
messages go to standard error.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context

# A target that is down fails for every event; nobody reads more lines than these.
SHOWN_NOTICES = 10


def follow_up(
    session: Session,
    ctx: Context,
    request: dict[str, Any],
    _response: dict[str, Any],
    options: dict[str, Any],
) -> int:
    """Run the replay, unless `--no-wait` leaves it to a worker."""
    if options.get("no_wait"):
        return 0
    from evcli.cli.output.progress import open_progress
    from evcli.delivery.scheduled.replay_states import FAILED
    from evcli.delivery.scheduled.replays import run_replay
    from evcli.store.records import Replay

    name = request["ReplayName"]
    try:
        with open_progress(session, f"Replaying {name}") as update:

            def show(done: int, total: int) -> None:
                if update is not None:
                    update(done, total, f"{done:{len(str(total))}d}/{total}")

            run_replay(ctx, name, show)
    except KeyboardInterrupt:
        session.warn(
            f"The replay {name} has stopped on its way; `evcli local run` or `evcli"
            " local tick` goes on with it."
        )
        raise
    finally:
        warn_of_more(session, session.warn_notices(ctx, SHOWN_NOTICES))
    replay = ctx.store.get(Replay, ctx.account_id, ctx.region, name)
    if replay is not None and replay.state == FAILED:
        session.warn(f"The replay {name} has failed: {replay.state_reason}")
    return 0


def warn_of_more(session: Session, count: int) -> None:
    """Say how many notices there were besides the `SHOWN_NOTICES` that were said."""
    more = count - SHOWN_NOTICES
    if more > 0:
        session.warn(f"{more} more; `evcli local deliveries --failed` lists them.")
