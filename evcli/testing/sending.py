"""Events on their way in: entries, whole events, samples with a test's own values."""

from __future__ import annotations

import json
import os

from evcli.authoring import samples
from evcli.authoring.changes import Change, apply_change, parse_change
from evcli.errors import EvcliError
from evcli.operations import call
from evcli.operations.whole_events import is_whole_event, send_whole_events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from evcli.context import Context

    Steps = tuple[str | int, ...]


def send_event(
    ctx: Context, event: Mapping[str, Any], event_bus_name: str | None
) -> str:
    """Send a whole event or an entry of PutEvents; give the event's id.

    Args:
        event: the `Detail` of an entry may be an object.

    Raises: EvcliError: it is refused.
    """
    if is_whole_event(dict(event)):
        return send_whole_events(ctx, [dict(event)], event_bus_name)[0].event_id
    entry = dict(event)
    if event_bus_name is not None:
        entry["EventBusName"] = event_bus_name
    if not isinstance(entry.get("Detail", ""), str):
        entry["Detail"] = json.dumps(entry["Detail"])
    [result] = call(ctx, "PutEvents", {"Entries": [entry]})["Entries"]
    if "ErrorCode" in result:
        raise EvcliError(f"{result['ErrorCode']}: {result['ErrorMessage']}")
    return str(result["EventId"])


def make_sample(ctx: Context, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Make a sample an event of here, with values of its own.

    Args:
        name: that of a sample, or of one of the project's around.
        values: as `change_event` takes them.

    Raises: EvcliError: there is no such sample, or it has no such value.
    """
    own_directory = samples.find_own_directory(os.environ, os.getcwd())
    event = samples.make_event(ctx, samples.find_sample(name, own_directory))
    change_event(event, values)
    return event


def change_event(event: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Set values of an event, in place.

    Args:
        values: by path (`detail.object.key`) or nested, or both at once. Objects are
            gone into, lists replaced.

    Raises: InspectionError: the event has no such value; names the nearest one.
    """
    for path, value in _list_leaves(values, ()):
        apply_change(event, Change(path, value, is_text=False), adds=False)


def _list_leaves(
    values: Mapping[str, Any], above: Steps
) -> Iterator[tuple[Steps, Any]]:
    for name, value in values.items():
        path = (*above, *(_parse_path(name) if not above else (name,)))
        if isinstance(value, dict) and value:
            yield from _list_leaves(value, path)
        else:
            yield path, value


def _parse_path(text: str) -> Steps:
    return parse_change(f"{text}=").path
