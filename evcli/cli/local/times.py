"""Instants and spans of time as people type them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from evcli.cli.errors import ParamError
from evcli.model.timestamps import parse_timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from evcli.context import Context

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+", re.ASCII)
PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])", re.ASCII)


def read_instant(ctx: Context, text: str) -> datetime:
    """Read an instant. Raises: ParamError: there is none to read."""
    instant = parse_timestamp(text, now=ctx.clock.now())
    if instant is None:
        raise ParamError(
            f"Invalid time {text!r}; write 2026-11-23T12:00:00Z or epoch seconds."
        )
    return instant


def read_duration(text: str) -> timedelta:
    """Read `90m`, `1h30m`, `26h`, `7d`; plain numbers are seconds. Raises: ParamError."""
    try:
        if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
            return timedelta(seconds=float(text))
        if DURATION.fullmatch(text):
            parts = PART.findall(text)
            return timedelta(
                seconds=sum(float(count) * UNITS[unit] for count, unit in parts)
            )
    except OverflowError as error:
        raise ParamError(f"The duration {text!r} is too long.") from error
    raise ParamError(f"Invalid duration {text!r}; write 90s, 30m, 1h30m, 7d or 2w.")
