"""Paths into events, `$.detail.items[0].sku`: of inputs, and as values of parameters.

Source: [doc] dot notation with indexes, as the service's own path shapes spell it; [doc]
parameters whose whole value is a path take it from the event, never from the payload.
"""

from __future__ import annotations

import re

from evcli.delivery.envelopes import format_json, parse_envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.deliveries import Event

PATH = re.compile(r"\$(?:\.[A-Za-z0-9_/-]+(?:\[(?:\d+|\*)\])*)*", re.ASCII)
STEP = re.compile(r"\.([A-Za-z0-9_/-]+)|\[(\d+|\*)\]", re.ASCII)

MISSING = object()


def is_path(text: str) -> bool:
    """Say whether a text as a whole is a path that can match something."""
    return PATH.fullmatch(text) is not None


def find_by_path(envelope: dict[str, Any], path: str) -> Any:
    """Select a value by a path; `MISSING` if there is none, or the path is no path.

    Source: [guess] a dot at the end means nothing, `[*]` collects in order, and none
    collected is no match.
    """
    text = path.removesuffix(".")
    if not is_path(text):
        return MISSING
    values: list[Any] = [envelope]
    collects = False
    for name, index in STEP.findall(text):
        if name:
            values = [
                each[name] for each in values if isinstance(each, dict) and name in each
            ]
            continue
        lists = [each for each in values if isinstance(each, list)]
        if index == "*":
            collects = True
            values = [item for each in lists for item in each]
        else:
            values = _pick(lists, index)
    if not values:
        return MISSING
    return values if collects else values[0]


def _pick(lists: list[list[Any]], index: str) -> list[Any]:
    # No list is so long; and Python refuses to read numbers of thousands of digits.
    if len(index) > 9:
        return []
    array_position = int(index)
    return [each[array_position] for each in lists if array_position < len(each)]


def read_envelope(event: Event) -> dict[str, Any]:
    """Read the event as it was accepted; its numbers keep their text."""
    return parse_envelope(event.envelope) or {}


def format_bare(value: object) -> str:
    """Write a value of an event as text: a string without quotes, the rest as JSON."""
    text = format_json(value)
    # A number that keeps its text is a string in memory, but not in JSON.
    return value if isinstance(value, str) and text.startswith('"') else text


def fill_paths(value: Any, envelope: dict[str, Any]) -> Any:
    """Copy a parameter structure, every string that is a path replaced by its value.

    Keys stay, and so do enums, none of which looks like a path. Source: [doc]; [guess]
    values other than strings become JSON text, and a path without a match is empty.
    """
    if isinstance(value, dict):
        return {key: fill_paths(each, envelope) for key, each in value.items()}
    if isinstance(value, list):
        return [fill_paths(each, envelope) for each in value]
    if isinstance(value, str) and is_path(value):
        found = find_by_path(envelope, value)
        return "" if found is MISSING else format_bare(found)
    return value
