"""Instants: aware UTC datetimes inside, whole milliseconds since 1970 in the store.

`datetime` is that of Python, and comes from here in what every command loads: up to
Python 3.11, `import datetime` reads all of it in Python before it takes it from C.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import UTC, datetime, timedelta
else:
    try:
        from _datetime import UTC, datetime, timedelta
    except ImportError:
        from datetime import UTC, datetime, timedelta

__all__ = [
    "EPOCH",
    "UTC",
    "datetime",
    "format_instant",
    "from_epoch_ms",
    "timedelta",
    "to_epoch_ms",
    "to_whole_second",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_epoch_ms(instant: datetime) -> int:
    """Turn an aware datetime into epoch milliseconds, rounding down."""
    return (instant - EPOCH) // _MILLISECOND


def from_epoch_ms(milliseconds: int) -> datetime:
    """Turn epoch milliseconds into an aware UTC datetime."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def to_whole_second(instant: datetime) -> datetime:
    """Drop the fraction, as times that EventBridge answers have none. [guess]"""
    return instant.replace(microsecond=0)


def format_instant(instant: datetime | None) -> str | None:
    """Write an instant as UTC to the millisecond, `2024-05-14T11:23:22Z` when whole."""
    if instant is None:
        return None
    timespec = "milliseconds" if instant.microsecond else "seconds"
    return instant.isoformat(timespec=timespec).replace("+00:00", "Z")
