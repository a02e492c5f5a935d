"""Waiting for events, however long the machine takes for them.

`PATIENCE_SECONDS` is no expectation: whoever reaches it waits for something that does not
come. Tests that hold the program against time do it by events or by ratios.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE_SECONDS = 300.0
LOOK_EVERY_SECONDS = 0.02


def wait_for(find: Callable[[], T]) -> T:
    """Look until something is found that counts as true; what it is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = find()
        if found:
            return found
        time.sleep(LOOK_EVERY_SECONDS)
    raise AssertionError("it never came")
