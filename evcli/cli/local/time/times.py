"""Points and spans of time as people type them behind `evcli local …`.

A point is ISO 8601, epoch seconds from 1e9 on, or a span that is counted from now: `7d`
is a week ago, `+1h` an hour ahead. Nothing else is one: `mon`, `5` or `12`, which looser
readers take for some day, once made `prune` remove what it should have kept.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from evcli.cli.errors import ValueSyntaxError
from evcli.model.timestamps import ISO_8601, parse_timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from evcli.context import Context

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+", re.ASCII)
PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])", re.ASCII)
NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)

# Smaller numbers are years, days or hours that somebody typed, not seconds since 1970.
SMALLEST_EPOCH = 1e9

POINT_EXAMPLES = "2026-11-23T12:00:00Z or 1795435200 (epoch seconds)"


def read_point(text: str, option: str) -> datetime:
    """Read ISO 8601 or epoch seconds, as aware UTC; without an offset it is UTC.

    Args:
        option: what the text stands behind, for messages.

    Raises: ValueSyntaxError: it is neither.
    """
    point = _parse_point(text)
    if point is None:
        raise ValueSyntaxError(
            option, f"{text!r} is not a time; write {POINT_EXAMPLES}."
        )
    return point


def read_instant(
    ctx: Context,
    text: str,
    option: str = "TIME",
    *,
    ago: bool = True,
    ahead: bool = True,
) -> datetime:
    """Read a point in time, or a span counted from the context's clock.

    Args:
        option: what the text stands behind, for messages.
        ago, ahead: whether `1h` (an hour ago) and `+1h` make sense there.

    Raises: ValueSyntaxError: it is neither.
    """
    point = _parse_point(text)
    if point is not None:
        return point
    is_ahead = text.startswith("+")
    span = _parse_duration(text.removeprefix("+"), option)
    if span is None or not (ahead if is_ahead else ago):
        examples = POINT_EXAMPLES.replace(" or ", ", ")
        examples += ", or 7d, 90m, 1h30m (ago)" if ago else ""
        examples += ", or +7d, +90m, +1h30m (ahead)" if ahead else ""
        raise ValueSyntaxError(option, f"{text!r} is not a time; write {examples}.")
    return _shift_now(ctx, span if is_ahead else -span, text, option)


def _shift_now(ctx: Context, span: timedelta, text: str, option: str) -> datetime:
    try:
        return ctx.clock.now() + span
    except OverflowError as error:
        raise _too_long(text, option) from error


def read_shifted(
    ctx: Context, text: str, option: str = "DURATION", *, ago: bool = False
) -> datetime:
    """Read `90m`, `1h30m`, `26h`, `7d`; give the point so far ahead, or so long ago.

    Raises: ValueSyntaxError: it is not a span of time; a number alone has no unit.
    """
    span = _parse_duration(text, option)
    if span is None:
        raise ValueSyntaxError(
            option, f"{text!r} is not a duration; write 90s, 30m, 1h30m, 7d or 2w."
        )
    return _shift_now(ctx, -span if ago else span, text, option)


def _parse_point(text: str) -> datetime | None:
    is_epoch = NUMBER.fullmatch(text) and float(text) >= SMALLEST_EPOCH
    if is_epoch or re.fullmatch(ISO_8601, text, re.ASCII):
        return parse_timestamp(text)
    return None


def _parse_duration(text: str, option: str) -> timedelta | None:
    if not DURATION.fullmatch(text):
        return None
    parts = PART.findall(text)
    try:
        return timedelta(
            seconds=sum(float(count) * UNITS[unit] for count, unit in parts)
        )
    except OverflowError as error:
        raise _too_long(text, option) from error


def _too_long(text: str, option: str) -> ValueSyntaxError:
    return ValueSyntaxError(option, f"{text!r} is too long.")
