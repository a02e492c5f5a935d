"""The one event of an input: at another time, again and again, at a pace."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from evcli.cli.errors import ParamError, ValueSyntaxError
from evcli.delivery.envelopes import format_json, format_time, parse_envelope
from evcli.operations.whole_events import is_whole_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/([smh]))?", re.ASCII)
SECONDS = {"s": 1, "m": 60, "h": 3600, None: 1}


def read_rate(text: str) -> float:
    """Read `10/s`, `30/m` or `5/h`, as events a second; without a unit it is seconds.

    Raises: ValueSyntaxError: it is no such rate.
    """
    match = RATE.fullmatch(text)
    rate = float(match[1]) / SECONDS[match[2]] if match else 0.0
    if not rate:
        raise ValueSyntaxError("--rate", f"{text!r} is not a rate; write 10/s or 30/m.")
    return rate


def take_one(batches: Iterable[list[bytes]], instant: datetime | None) -> bytes:
    """Take the one line of an input that is not blank.

    Args:
        instant: what becomes the event's time; `None` leaves it as it is.

    Raises: ParamError: it has none, or more than one.
    """
    taken: list[bytes] = []
    for lines in batches:
        taken += [line for line in lines if line.strip()]
        if len(taken) > 1:
            break
    if len(taken) != 1:
        found = "has more" if taken else "has none"
        raise ParamError(f"--at and --repeat are for one event; FILE {found}.")
    return taken[0] if instant is None else _set_time(taken[0], instant)


def _set_time(line: bytes, instant: datetime) -> bytes:
    """Change the time of an entry or event; what is neither is left to be refused."""
    try:
        value = parse_envelope(line.decode())
    except UnicodeDecodeError:
        value = None
    if value is None:
        return line
    value["time" if is_whole_event(value) else "Time"] = format_time(instant)
    return format_json(value).encode() + b"\n"


def repeat_line(
    line: bytes,
    count: int,
    rate: float | None,
    batch: int,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], object] = time.sleep,
) -> Iterator[list[bytes]]:
    """Give a line so many times, in batches, no sooner than each is due.

    Args:
        rate: lines a second; `None` does not wait.
        batch: as many at once, at most.
        now, wait: the clock that the pace goes by, in seconds.
    """
    begun_at = now()
    given = 0
    while given < count:
        due = count
        if rate is not None:
            # The first one is due at once.
            due = min(int((now() - begun_at) * rate) + 1, count)
        size = min(due - given, batch)
        if size > 0:
            given += size
            yield [line] * size
        elif rate is not None:
            wait(max(begun_at + given / rate - now(), 0))
