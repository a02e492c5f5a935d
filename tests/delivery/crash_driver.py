"""A program that works on a state directory in children and kills each of them.

    crash_driver.py STATE_DIRECTORY lines|moments put|tick KILLS SEED

`lines` kills before a line of evcli's code drawn at random, `moments` after a random time.
A child ends by itself when the drawn line never comes. Prints how many children were
killed, and how many of them left deliveries behind.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evcli.context import open_context
from evcli.delivery.scheduled.scheduler import tick
from evcli.operations import call
from evcli.store.deliveries import PENDING
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def crash(
    state_directory: Path, how: str, what: str, kills: int, seed: int = 1
) -> tuple[int, int]:
    """Run this program; how many it killed, and how many of them left deliveries."""
    done = subprocess.run(
        [sys.executable, __file__, state_directory, how, what, str(kills), str(seed)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS + 10 * kills,
        env={
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PATH": "/usr/bin:/bin",
            **{
                name: os.environ[name]
                for name in ("EVCLI_STORE",)
                if name in os.environ
            },
        },
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    killed, left = map(int, done.stdout.split())
    return killed, left


def put_events(state_directory: str) -> None:
    """Put two events for the rule's two targets."""
    ctx = open_context(state_directory)
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    call(ctx, "PutEvents", {"Entries": [entry, entry]})
    ctx.close()


def put_and_tick(state_directory: str) -> None:
    """Put an event, then do what is due in the next five seconds."""
    ctx = open_context(state_directory)
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    call(ctx, "PutEvents", {"Entries": [entry]})
    tick(ctx, ctx.clock.now() + timedelta(seconds=5))
    ctx.close()


WORK = {"put": put_events, "tick": put_and_tick}


def trace_lines(act: Callable[[], None]) -> None:
    """Call `act` before every line of evcli that this process runs from now on."""

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if f"{os.sep}evcli{os.sep}" not in frame.f_code.co_filename:
            return None
        if event == "line":
            act()
        return trace

    sys.settrace(trace)


def count_lines(work: Callable[[], None]) -> int:
    """Count the lines of evcli that some work runs."""
    count = 0

    def act() -> None:
        nonlocal count
        count += 1

    trace_lines(act)
    work()
    sys.settrace(None)
    return count


def kill_before_line(number: int) -> None:
    """Kill this process before the so-manieth line of evcli that it runs."""
    remaining = number

    def act() -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    trace_lines(act)


def count_pending(state_directory: str) -> int:
    """Count the deliveries whose first attempt is still to come."""
    ctx = open_context(state_directory)
    count = sum(1 for _ in ctx.store.ledger.list_deliveries(state=PENDING))
    ctx.close()
    return count


def main() -> None:
    """Run the children; print how many were killed and what they left."""
    state_directory, how, what, kills, seed = sys.argv[1:]
    draw = random.Random(int(seed))
    killed = left = 0
    # Once undisturbed: modules are imported, and what is measured is what is repeated.
    WORK[what](state_directory)
    lines = count_lines(lambda: WORK[what](state_directory))
    begun_at = time.monotonic()
    WORK[what](state_directory)
    seconds = time.monotonic() - begun_at
    for _ in range(3 * int(kills)):
        if killed == int(kills):
            break
        line, pause = draw.randint(1, lines), draw.random() * 2 * seconds
        child = os.fork()
        if child == 0:
            if how == "lines":
                kill_before_line(line)
            WORK[what](state_directory)
            while how == "moments":
                WORK[what](state_directory)
            os._exit(0)
        if how == "moments":
            time.sleep(pause)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            killed += 1
            left += count_pending(state_directory) > 0
        else:
            assert status == 0, f"a child failed with status {status}"
    sys.stdout.write(f"{killed} {left}\n")


if __name__ == "__main__":
    main()
