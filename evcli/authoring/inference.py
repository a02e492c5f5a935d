"""A JSON Schema from events that were captured: what all of them have in common.

Types, members that are always there, objects and arrays all the way down. A format is
named where every text has it beyond doubt, and an `enum` where few names come again and
again. Members that no event had may come all the same: shapes grow.
"""

from __future__ import annotations

import json
import re

from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Schema = dict[str, Any]
    # Source and detail-type.
    Key = tuple[str, str]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMATS = {
    "date-time": re.compile(
        r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
        r"(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
        re.ASCII,
    ),
    "date": re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII),
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "uri": re.compile(r"https?://[!-~]+"),
}
# An enum needs so many texts, of at most so many kinds, and of each so many.
ENUM_TEXTS, ENUM_KINDS, ENUM_REPEATS = 20, 8, 3
ENUM_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}", re.ASCII)
# The order in which a schema names types.
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


class Node:
    """What stood at one path: how often which type, and what was below.

    `texts` counts different texts, `None` once there were too many for an enum;
    `formats` are those that every text had.
    """

    __slots__ = ("counts", "element", "formats", "members", "texts")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.members: dict[str, Node] = {}
        self.element: Node | None = None
        self.texts: dict[str, int] | None = {}
        self.formats: set[str] = set(FORMATS)

    def add(self, value: Any) -> None:
        """Take one more value into account."""
        kind = name_type(value)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if isinstance(value, dict):
            for name, member in value.items():
                self.members.setdefault(name, Node()).add(member)
        elif isinstance(value, list):
            self.element = self.element or Node()
            for each in value:
                self.element.add(each)
        elif isinstance(value, str):
            self._add_text(value)

    def _add_text(self, text: str) -> None:
        self.formats = {
            name for name in self.formats if FORMATS[name].fullmatch(text) is not None
        }
        if self.texts is None:
            return
        self.texts[text] = self.texts.get(text, 0) + 1
        if len(self.texts) > ENUM_KINDS or not ENUM_TEXT.fullmatch(text):
            self.texts = None

    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts.values())

    def to_schema(self) -> Schema:
        """Write the schema that every value fits; `{}` where there was none."""
        types = [name for name in TYPES if name in self.counts]
        if "number" in types and "integer" in types:
            types.remove("integer")
        if not types:
            return {}
        if types == ["string"] and self._is_enum():
            assert self.texts is not None
            return {"enum": sorted(self.texts)}
        schema: Schema = {"type": types[0] if len(types) == 1 else types}
        if "string" in types and self.formats:
            schema["format"] = min(self.formats)
        if self.element is not None and self.element.counts:
            schema["items"] = self.element.to_schema()
        if self.members:
            schema["properties"] = {
                name: member.to_schema() for name, member in self.members.items()
            }
        required = self._list_required()
        if required:
            schema["required"] = required
        return schema

    def _is_enum(self) -> bool:
        return (
            self.texts is not None
            and not self.formats
            and self.counts["string"] >= ENUM_TEXTS
            and min(self.texts.values()) >= ENUM_REPEATS
        )

    def _list_required(self) -> list[str]:
        objects = self.counts.get("object", 0)
        return [
            name for name, member in self.members.items() if member.count() == objects
        ]


def name_type(value: Any) -> str:
    """Name the JSON type of a value. What is written 1.0 may be 1.5 the next time."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def infer_schemas(events: Iterable[dict[str, Any]]) -> dict[Key, Schema]:
    """Infer one schema for each source and detail-type, in the order of the events.

    Args:
        events: from `read_events`.
    """
    details: dict[Key, Node] = {}
    for event in events:
        key = event["source"], event["detail-type"]
        details.setdefault(key, Node()).add(event["detail"])
    return {key: _wrap(key, node.to_schema()) for key, node in details.items()}


def _wrap(key: Key, detail: Schema) -> Schema:
    """Put what an envelope says of itself around the schema of the details."""
    source, detail_type = key
    return {
        "$schema": DIALECT,
        "title": f"{source}: {detail_type}",
        "type": "object",
        "properties": {
            "source": {"const": source},
            "detail-type": {"const": detail_type},
            "detail": detail,
        },
        "required": ["source", "detail-type", "detail"],
    }


def read_events(content: str, path: str) -> Iterator[dict[str, Any]]:
    """Read captured events: JSON Lines, an array, or one object.

    An event is a whole one, an entry of put-events, or a line of a file sink whose
    payload is an event.

    Args:
        path: the file, for messages.

    Returns:
        `source`, `detail-type` and `detail` of each, numbers as Python's own.

    Raises: InspectionError: names the line, or the position in the array, and why.
    """
    for where, value in _read_values(content, path):
        event = _find_event(value)
        if event is None:
            raise InspectionError(
                f"{where} is no event: it needs source, detail-type and detail, or"
                " Source, DetailType and Detail."
            )
        yield event


def _read_values(content: str, path: str) -> Iterator[tuple[str, Any]]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        yield from _read_lines(content, path)
        return
    if isinstance(value, dict) and isinstance(value.get("Entries"), list):
        value = value["Entries"]
    values = value if isinstance(value, list) else [value]
    for i, each in enumerate(values):
        yield f"{path}: event {i + 1}", each


def _read_lines(content: str, path: str) -> Iterator[tuple[str, Any]]:
    # Not `splitlines`, which breaks texts at signs that JSON lets stand in them.
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise InspectionError(
                f"{path}: line {number} is not JSON: {error}."
            ) from error
        except RecursionError as error:
            raise InspectionError(f"{path}: line {number} is too deep.") from error
        yield f"{path}: line {number}", value


def _find_event(value: Any) -> dict[str, Any] | None:
    """Find source, detail-type and detail of an event, entry or line of a sink."""
    if not isinstance(value, dict):
        return None
    if "deliveryId" in value and isinstance(value.get("payload"), str):
        value = _parse_object(value["payload"])
        if not isinstance(value, dict):
            return None
    if "DetailType" in value:
        names = ("Source", "DetailType", "Detail")
    else:
        names = ("source", "detail-type", "detail")
    source, detail_type, detail = (value.get(name) for name in names)
    if isinstance(detail, str):
        detail = _parse_object(detail)
    if not (isinstance(source, str) and isinstance(detail_type, str)):
        return None
    if not isinstance(detail, dict):
        return None
    return {"source": source, "detail-type": detail_type, "detail": detail}


def _parse_object(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
