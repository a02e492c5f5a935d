"""Setting values in an event: `detail.object.key=text`, `detail.object.size:=12`.

A path is names joined by dots, `[0]` for an element of an array; `$.` or `.` before it
is allowed, and a name with a dot, a bracket or `=` in it stands in quotes, as in JSON.

Source: [peer] `=` for text and `:=` for JSON, as HTTPie has them.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from evcli.delivery.envelopes import format_json, parse_detail
from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Step = str | int

ASSIGNMENT = re.compile(
    r'(?:\$\.)?(?P<path>(?:"(?:[^"\\]|\\.)*"|[^"=])+?)(?P<sign>:?=)(?P<text>.*)',
    re.DOTALL,
)
STEP = re.compile(r'\[(\d{1,9})\]|(?:^|\.)(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"]+))')
PLAIN_NAME = re.compile(r'[^.\[\]"=]+')
ARGUMENT = "set"
# The first character of a JSON text → what its value is; all else is a number.
KINDS = {
    '"': "a string",
    "{": "an object",
    "[": "an array",
    "t": "a boolean",
    "f": "a boolean",
    "n": "null",
}


class Change(NamedTuple):
    """A value and where it goes; `is_text` if it was given as text."""

    path: tuple[Step, ...]
    value: Any
    is_text: bool


def parse_change(text: str) -> Change:
    """Read `path=text` or `path:=json`. Raises: InspectionError: it is neither."""
    found = ASSIGNMENT.fullmatch(text)
    if found is None:
        raise InspectionError(f"{text!r} is neither path=text nor path:=json", ARGUMENT)
    path = parse_path(found["path"])
    if found["sign"] == "=":
        return Change(path, found["text"], is_text=True)
    return Change(path, _parse_json(found["path"], found["text"]), is_text=False)


def _parse_json(path: str, text: str) -> Any:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        wrapped = None
    else:
        # As a member: the reader that keeps the text of numbers reads objects only.
        wrapped = parse_detail(f'{{"value":{text}}}')
    if wrapped is None:
        raise InspectionError(
            f"{path}:={text} is not JSON; {path}={text} sets it as text", ARGUMENT
        )
    return wrapped["value"]


def parse_path(text: str) -> tuple[Step, ...]:
    """Read a path. Raises: InspectionError: it is none."""
    path: list[Step] = []
    end = 0
    while (step := STEP.match(text, end)) is not None:
        index, quoted, plain = step.groups()
        name = plain if quoted is None else _unquote(quoted)
        key = name if index is None else int(index)
        if key is None:
            break
        path.append(key)
        end = step.end()
    if end != len(text) or not path or isinstance(path[0], int):
        raise InspectionError(
            f"{text!r} is no path; one is like detail.items[0].sku", ARGUMENT
        )
    return tuple(path)


def _unquote(quoted: str) -> str | None:
    try:
        return str(json.loads(f'"{quoted}"', strict=False))
    except ValueError:
        return None


def format_path(path: tuple[Step, ...]) -> str:
    """Write a path as `parse_change` reads it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        name = step if PLAIN_NAME.fullmatch(step) else _quote(step)
        text += f".{name}" if text else name
    return text


def _quote(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def apply_change(event: dict[str, Any], change: Change, *, adds: bool) -> str | None:
    """Set a value in an event, in place.

    Args:
        adds: whether a path that the event lacks is made, else it is refused.

    Returns:
        A warning where a text takes the place of another type; `None` for nothing.

    Raises: InspectionError: names the path, the nearest one, and what to do.
    """
    container: Any = event
    for i, step in enumerate(change.path[:-1]):
        if not _has(container, step):
            following = change.path[i + 1]
            _add(event, container, change.path, i, [] if following == 0 else {}, adds)
        container = container[step]
    last = len(change.path) - 1
    step = change.path[-1]
    if not _has(container, step):
        _add(event, container, change.path, last, change.value, adds)
        return None
    before = container[step]
    container[step] = change.value
    kind = describe_kind(before)
    if not change.is_text or kind not in ("a number", "a boolean"):
        return None
    return f"{format_path(change.path)} was {kind} and now is a string; := sets JSON."


def _has(container: Any, step: Step) -> bool:
    if isinstance(step, int):
        return isinstance(container, list) and step < len(container)
    return isinstance(container, dict) and step in container


def _add(
    event: dict[str, Any],
    container: Any,
    path: tuple[Step, ...],
    position: int,
    value: Any,
    adds: bool,
) -> None:
    """Add a member or an element that is not there. Raises: InspectionError."""
    step = path[position]
    wanted = format_path(path)
    if not adds:
        near = find_near_path(event, path)
        hint = f" Did you mean {near}?" if near else ""
        raise InspectionError(
            f"the sample has no {wanted}.{hint} --add adds it", ARGUMENT
        )
    if isinstance(container, dict) and isinstance(step, str):
        container[step] = value
    elif isinstance(container, list) and step == len(container):
        container.append(value)
    else:
        above = format_path(path[:position])
        raise InspectionError(
            f"{wanted} cannot be added: {above} is {describe_kind(container)}", ARGUMENT
        )


def describe_kind(value: Any) -> str:
    """Say what a JSON value is, with its article."""
    return KINDS.get(format_json(value)[0], "a number")


def find_near_path(event: dict[str, Any], path: tuple[Step, ...]) -> str | None:
    """Find the path of an event that was probably meant; `None`: none is near.

    One that ends in what was asked for comes first: `object.key` for
    `detail.object.key`.
    """
    from difflib import get_close_matches

    paths = list_paths(event)
    for each in paths:
        if each[-len(path) :] == path:
            return format_path(each)
    texts = [format_path(each) for each in paths]
    near = get_close_matches(format_path(path), texts, n=1, cutoff=0.6)
    return near[0] if near else None


def list_paths(value: Any, above: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    """List the paths of everything below a value."""
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    paths = []
    for step, each in members:
        paths += [(*above, step), *list_paths(each, (*above, step))]
    return paths
