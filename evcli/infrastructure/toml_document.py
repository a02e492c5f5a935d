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
from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError
from evcli.infrastructure.description import Description, Origin, Resource
from evcli.infrastructure.toml_writer import format_toml
from evcli.model import find_operation, shapes
from evcli.model.targets import TARGET
from evcli.store.directory.configuration_file import require_valid
from evcli.store.directory.configuration_schema import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from evcli.infrastructure.description import Stack
    from evcli.model.shapes import Shape

    Document = dict[str, Any]

HEADER = "# State of evcli, without secrets; `evcli local import` reads it.\n\n"

# Table of a region → the kind of what it lists.
TABLES = {
    "partner_event_sources": "event_source",
    "event_buses": "event_bus",
    "connections": "connection",
    "api_destinations": "api_destination",
    "endpoints": "endpoint",
    "archives": "archive",
}

JSON_TYPES = {
    shapes.STRING: "string",
    shapes.INTEGER: "integer",
    shapes.LONG: "integer",
    shapes.BOOLEAN: "boolean",
}

# Kind → kind of what its table lists → that table within its own.
PARTS = {"event_bus": {"rule": "rules"}, "rule": {"target": "targets"}}


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


def parse_description(text: str, file: str, stack: Stack) -> Description:
    """Read and check a file of state.

    Args:
        file: its name, for messages.

    Raises: ConfigurationError: names the file, and the line or the key.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{file} is not TOML: {error}.") from error
    require_valid(file, document, build_schema())
    description = Description()
    description.stacks.append(stack)
    description.resources += _list_resources(document, file, stack)
    return description


def _list_resources(document: Document, file: str, stack: Stack) -> Iterator[Resource]:
    for account_id, regions in document.items():
        for region, tables in regions.items():
            for table, kind in TABLES.items():
                for name, members in tables.get(table, {}).items():
                    key = f"{account_id}.{region}.{table}.{name}"
                    origin = Origin(stack, file, (), key)
                    yield from _split(
                        Resource(kind, account_id, region, (name,), members, origin)
                    )


def _split(resource: Resource) -> Iterator[Resource]:
    """Take what has a request of its own out of the members of what it is in."""
    members = resource.members = dict(resource.members)
    yield resource
    if resource.kind == "event_bus":
        policy = {"Policy": members.pop("Policy")} if "Policy" in members else {}
        yield _make_part(resource, "policy", (), policy)
    for kind, table in PARTS.get(resource.kind, {}).items():
        for name, part in members.pop(table, {}).items():
            yield from _split(_make_part(resource, kind, (table, name), part))


def _make_part(
    whole: Resource, kind: str, keys: tuple[str, ...], members: Document
) -> Resource:
    origin = whole.origin
    logical_id = ".".join((origin.logical_id, *keys))
    return Resource(
        kind,
        whole.account_id,
        whole.region,
        (*whole.name, *keys[1:]),
        members,
        Origin(origin.stack, origin.file, (), logical_id),
    )


def format_description(resources: Iterable[Resource]) -> str:
    """Write resources as TOML; equal ones in one order are equal text."""
    return HEADER + format_toml(_build_document(resources))


def _build_document(resources: Iterable[Resource]) -> Document:
    """Nest resources: accounts, regions, tables; rules in buses, targets in rules."""
    found: dict[tuple[str, ...], Document] = {}
    tables = {kind: table for table, kind in TABLES.items()}
    document: Document = {}
    for each in resources:
        if each.kind == "policy":
            found[(each.account_id, each.region, *each.name)] |= each.members
            continue
        if each.kind in ("rule", "target"):
            above = found[(each.account_id, each.region, *each.name[:-1])]
            table = above.setdefault(f"{each.kind}s", {})
        else:
            regions = document.setdefault(each.account_id, {})
            kinds = regions.setdefault(each.region, {})
            table = kinds.setdefault(tables[each.kind], {})
        members = table[each.name[-1]] = dict(each.members)
        if each.kind in ("event_bus", "rule"):
            found[(each.account_id, each.region, *each.name)] = members
    return document
