"""Values of a sample event that a test wants otherwise."""

from __future__ import annotations

from evcli.authoring.changes import Change, apply_change, parse_change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Steps = tuple[str | int, ...]


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
