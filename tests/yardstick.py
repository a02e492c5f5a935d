"""Processor time in yardsticks: what this machine, just now, takes for a piece of Python.

For tests that hold an input made to cost time against a limit. Seconds do not travel: the
same machine may be half as fast when its neighbours are busy. Yardsticks are taken right
behind what is measured, so the limit is a ratio and means the same everywhere.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# About a tenth of a second on a machine that has nothing else to do.
ENTRIES = 100_000
# What takes no longer than this needs no measuring.
QUICK_SECONDS = 0.2
ATTEMPTS = 3


def measure(run: Callable[[], T], limit_yardsticks: float) -> tuple[T, float]:
    """Run something; what it returned, and the yardsticks that it took (0 when quick).

    What takes more than the limit is run again, a few times: neighbours can only make it
    seem to take more than it does.
    """
    result, cost = _measure_once(run)
    for _ in range(ATTEMPTS - 1):
        if cost < limit_yardsticks:
            break
        cost = min(cost, _measure_once(run)[1])
    return result, cost


def _measure_once(run: Callable[[], T]) -> tuple[T, float]:
    begin = time.process_time()
    result = run()
    seconds = time.process_time() - begin
    if seconds < QUICK_SECONDS:
        return result, 0.0
    return result, 2 * seconds / (time_yardstick() + time_yardstick())


def time_yardstick() -> float:
    """Fill a dictionary and read it; the processor seconds."""
    begin = time.process_time()
    table = {f"a{number}": [number] for number in range(ENTRIES)}
    assert sum(len(table[f"a{number}"]) for number in range(ENTRIES)) == ENTRIES
    return time.process_time() - begin
