"""The ledger looked at again and again, also when another one comes in its place."""

from __future__ import annotations

import time
from contextlib import closing

from evcli.context import SystemClock
from evcli.errors import EvcliError
from evcli.store.directory.state_directory import read_identity
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from evcli.context import Context

    T = TypeVar("T")

# How long is waited between two looks, in seconds.
LOOK_SECONDS = 0.2

# How the ledger stands to the one of the look before: it is the same; it began after
# following did, so all of it is news; or it was put in the place of that one, a backup
# say, and only what comes from now on is news.
SAME, FRESH, OTHER = "same", "fresh", "other"


def follow_ledger(
    open_context: Callable[[], Context],
    path: str,
    look: Callable[[Context, str], Iterable[T]],
    wait: Callable[[float], object] = time.sleep,
) -> Iterator[T]:
    """Give what look after look finds in the ledger; no end.

    A state directory that is removed or replaced is left. Following goes on in the one
    that comes in its place, and makes none itself: whoever is just removing this one
    would find it there again.

    Args:
        open_context: opens the state directory at `path`.
        look: finds what is new; told whether the ledger is SAME, FRESH or OTHER.
        wait: sleeps for some seconds.
    """
    began_at = to_epoch_ms(SystemClock().now())
    change = SAME
    while True:
        identity = read_identity(path)
        if identity is None and change != SAME:
            wait(LOOK_SECONDS)
            continue
        with closing(open_context()) as ctx:
            identity = identity or read_identity(path)
            if change != SAME:
                born_at = ctx.store.meta.all()["created_at"]
                change = FRESH if born_at >= began_at else OTHER
            try:
                while read_identity(path) == identity:
                    yield from look(ctx, change)
                    change = SAME
                    wait(LOOK_SECONDS)
            except EvcliError:
                # It fails because the directory is going, or it fails.
                if read_identity(path) == identity:
                    raise
        change = OTHER
