"""A program that works on one store from two state directories, and kills its children.

    shared_driver.py ANSWERED KILLS SEED DIRECTORY DIRECTORY

Eight children put events and make deliveries; the ids of events that were answered go
to the file ANSWERED. One child after the other is killed and replaced. A line on
standard output for each kill.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import closing

from evcli.context import open_context
from evcli.delivery import worker
from evcli.errors import StoreError
from evcli.operations import call
from tests.patience import PATIENCE_SECONDS

CHILDREN = 8
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
# Between something that was answered and the next kill, in seconds.
LONGEST_PAUSE_SECONDS = 0.03


def work(directory: str, answered: int) -> None:
    """Put events for ever, and make what others left; a server that is gone comes back."""
    while True:
        try:
            ctx = open_context(directory)
            while True:
                response = call(ctx, "PutEvents", {"Entries": [ENTRY] * 3})
                ids = [each["EventId"] for each in response["Entries"]]
                os.write(answered, "".join(f"{each}\n" for each in ids).encode())
                worker.run_due(ctx, ctx.clock.now())
        except StoreError:
            time.sleep(0.02)


def start(directory: str, answered: int) -> int:
    """Start a child; gives its process id."""
    child = os.fork()
    if child == 0:
        try:
            work(directory, answered)
        finally:
            os._exit(1)
    return child


def wait_for_answers(answered: int) -> None:
    """Wait until something more is answered."""
    length = os.fstat(answered).st_size
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while os.fstat(answered).st_size == length and time.monotonic() < ends_at:
        time.sleep(0.001)


def main() -> None:
    """Kill so many children, then the rest."""
    path, kills, seed, *directories = sys.argv[1:]
    draw = random.Random(int(seed))
    answered = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    # Once undisturbed, so that all modules are imported before the children begin.
    with closing(open_context(directories[0])) as ctx:
        call(ctx, "PutEvents", {"Entries": [ENTRY]})
    children = [start(directories[i % 2], answered) for i in range(CHILDREN)]
    for number in range(1, int(kills) + 1):
        wait_for_answers(answered)
        time.sleep(draw.random() * LONGEST_PAUSE_SECONDS)
        i = draw.randrange(CHILDREN)
        os.kill(children[i], signal.SIGKILL)
        os.waitpid(children[i], 0)
        children[i] = start(directories[i % 2], answered)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
