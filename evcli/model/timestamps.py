"""Every text and number that the official command line takes for a point in time.

Numbers, also as text, are epoch seconds: even `20240101` is one. Everything else is a
date as people write it. The forms of ISO 8601 are read here; for the rest, RFC 822
among it, the same parser decides that the official client uses, loaded only then.

Source: [aws] timestamps; the tests hold this module against that client.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

ISO_8601 = (
    r"\d{4}-\d\d-\d\d"
    r"([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
)


def parse_timestamp(value: object, *, now: datetime | None = None) -> datetime | None:
    """Read a point in time as aware UTC; `None` where there is none to read.

    Args:
        value: epoch seconds, as a number or as text, a date as text, or a `datetime`.
        now: completes what has no day, `10:30` or `2024-01`; the machine's clock if
            absent.

    Text without an offset means UTC, whatever the local zone is.
    """
    try:
        parsed = _parse(value, now)
        if parsed is None or parsed.tzinfo is None:
            return parsed and parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        # No such day, or one before the year 1 or after 9999; OSError says the same of
        # numbers that the C library cannot hold.
        return None


def _parse(value: object, now: datetime | None) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        # True is 1 here, as it is for the official client.
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str):
        return None
    if re.fullmatch(ISO_8601, value, re.ASCII):
        return datetime.fromisoformat(value)
    return _parse_number(value) or _parse_date(value, now)


def _parse_number(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        # Too many digits for a number of seconds may still be a date: 20240101103000.
        return None


def _parse_date(text: str, now: datetime | None) -> datetime | None:
    # Few commands come here, and dateutil is slow.
    import warnings

    from dateutil import parser, tz

    midnight = now and now.replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=None
    )
    with warnings.catch_warnings():
        # An unknown zone name counts as none.
        warnings.simplefilter("ignore", parser.UnknownTimezoneWarning)
        try:
            # A machine in Europe/London would take GMT for its own zone.
            return parser.parse(text, default=midnight, tzinfos={"GMT": tz.UTC})
        except (TypeError, AttributeError) as error:
            # The parser stumbles over some texts instead of refusing them.
            raise ValueError(text) from error
