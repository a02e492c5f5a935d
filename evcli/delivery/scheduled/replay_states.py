"""The states of replays, for those who only look at replays.

    STARTING ──► RUNNING ──► COMPLETED
        │           │ ├────► FAILED         its archive or event bus is gone
        └───────────┴─┴────► CANCELLING ──► CANCELLED

Source: [aws] STARTING, CANCELLING and COMPLETED, as recorded; [doc] the others.
"""

from __future__ import annotations

STARTING = "STARTING"
RUNNING = "RUNNING"
CANCELLING = "CANCELLING"
CANCELLED = "CANCELLED"
COMPLETED = "COMPLETED"
FAILED = "FAILED"

UNDER_WAY = (STARTING, RUNNING)
UNFINISHED = (STARTING, RUNNING, CANCELLING)


def archive_is_gone(name: str) -> str:
    """Word why a replay fails whose archive was deleted. [guess]"""
    return f"Archive {name} does not exist."
