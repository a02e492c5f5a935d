"""The file that `evcli local export` writes and `evcli local import` reads.

TOML: accounts, in them regions, in them kinds of resources, in them resources by name.
Words in lower case are evcli's, members with capitals are AWS's, as requests have them:

    ["000000000000".us-east-1.event_buses.orders.rules.big.targets.q]
    Arn = "arn:aws:sqs:us-east-1:000000000000:big"

What has its default value is left out, and so is what no two state directories have in
common: times, and the ids at the end of the ARNs of connections and API destinations.
Secrets are never written.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError
from evcli.infrastructure.toml_writer import format_toml
from evcli.model import find_operation, shapes
from evcli.model.targets import TARGET
from evcli.store.directory.configuration_file import ACCOUNT, REGION, require_valid

if TYPE_CHECKING:
    from typing import Any, TextIO

    from evcli.model.shapes import Shape

    Document = dict[str, Any]

HEADER = "# State of evcli, without secrets; `evcli local import` reads it.\n\n"

# Names the terminal's side of a pipe instead of a file.
STANDARD_STREAM = "-"

JSON_TYPES = {
    shapes.STRING: "string",
    shapes.INTEGER: "integer",
    shapes.LONG: "integer",
    shapes.BOOLEAN: "boolean",
}


def build_schema() -> dict[str, Any]:
    """The JSON Schema of the file, from the declarations of the operations.

    It knows names and types; everything else the operations check.
    """
    target = _build_object(TARGET, "Id")
    rule = _build_resource("PutRule", drop=("Name", "EventBusName", "Tags"))
    rule["properties"] |= {
        "CreatedBy": ACCOUNT,
        "tags": _build_table({"type": "string"}),
        "targets": _build_table(target),
    }
    event_bus = _build_resource("CreateEventBus", drop=("Name", "Tags"))
    event_bus["properties"] |= {
        "Policy": {"type": "string"},
        "tags": _build_table({"type": "string"}),
        "rules": _build_table(rule),
    }
    connection = _build_resource("CreateConnection", drop=("Name",))
    connection["properties"]["ConnectionState"] = {"enum": ["DEAUTHORIZED"]}
    event_source = _build_resource("CreatePartnerEventSource", drop=("Name",))
    event_source["properties"]["State"] = {"enum": ["ACTIVE", "PENDING"]}
    kinds = {
        "partner_event_sources": event_source,
        "event_buses": event_bus,
        "connections": connection,
        "api_destinations": _build_resource("CreateApiDestination", drop=("Name",)),
        "endpoints": _build_resource("CreateEndpoint", drop=("Name",)),
        "archives": _build_resource("CreateArchive", drop=("ArchiveName",)),
    }
    region = {
        "type": "object",
        "additionalProperties": False,
        "properties": {kind: _build_table(each) for kind, each in kinds.items()},
    }
    account = {**_build_table(region), "propertyNames": REGION}
    return {**_build_table(account), "propertyNames": ACCOUNT}


def _build_table(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": value}


def _build_resource(name: str, drop: tuple[str, ...]) -> dict[str, Any]:
    operation = find_operation(name)
    return _build_object(operation.request, *drop)


def _build_object(shape: Shape, *dropped: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: _build_value(member.shape)
            for name, member in shape.members.items()
            if name not in dropped
        },
    }


def _build_value(shape: Shape) -> dict[str, Any]:
    if shape.kind == shapes.STRUCTURE:
        return _build_object(shape)
    if shape.kind == shapes.LIST:
        assert shape.element is not None
        return {"type": "array", "items": _build_value(shape.element)}
    if shape.kind == shapes.MAP:
        assert shape.value is not None
        return _build_table(_build_value(shape.value))
    return {"type": JSON_TYPES[shape.kind]}


def read_file(path: str, stdin: TextIO) -> Document:
    """Read and check a file of state; `-` is standard input.

    Raises: ConfigurationError: names the file, and the line or the key.
    """
    try:
        if path == STANDARD_STREAM:
            text = stdin.read()
        else:
            text = Path(path).read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}.") from error
    require_valid(path, document, build_schema())
    return document


def name_file(path: str) -> str:
    """Name a file of state in messages."""
    return "standard input" if path == STANDARD_STREAM else path


def format_document(document: Document) -> str:
    """Write a document as TOML; equal documents are equal text."""
    return HEADER + format_toml(document)
