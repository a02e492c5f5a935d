"""Values of files, brought into the types of requests.

Templates write numbers as text and texts as numbers, patterns as objects, and call some
members otherwise. What a request may hold, the declarations in `model` say; what a file
format calls it, its tables.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from evcli.model import shapes

if TYPE_CHECKING:
    from typing import Any

    from evcli.model.shapes import Shape

    # Name of a structure → member in the file → member in the request.
    Renames = dict[str, dict[str, str]]
    # Name of a structure → members that it has when the file does not say.
    Defaults = dict[str, dict[str, Any]]

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")

# Structures that CloudFormation calls the members of otherwise than the API.
# Source: [doc] both models, compared by program.
CLOUDFORMATION_NAMES: Renames = {
    "EcsParameters": {
        "TagList": "Tags",
        "PlacementStrategies": "PlacementStrategy",
    },
    "PlacementStrategy": {"Type": "type", "Field": "field"},
    "PlacementConstraint": {"Type": "type", "Expression": "expression"},
    "CapacityProviderStrategyItem": {
        "CapacityProvider": "capacityProvider",
        "Weight": "weight",
        "Base": "base",
    },
    "NetworkConfiguration": {"AwsVpcConfiguration": "awsvpcConfiguration"},
}
# Source: [doc] the resource schema; the API's own default is false.
CLOUDFORMATION_DEFAULTS: Defaults = {
    "ConnectionHeaderParameter": {"IsValueSecret": True},
    "ConnectionQueryStringParameter": {"IsValueSecret": True},
    "ConnectionBodyParameter": {"IsValueSecret": True},
}


def to_wire(
    shape: Shape, value: Any, renames: Renames, defaults: Defaults | None = None
) -> Any:
    """Bring a value into the form of a shape, as far as it can be.

    What does not fit stays as it is: the operation will say so.
    """
    if shape.kind == shapes.STRUCTURE and isinstance(value, dict):
        names = renames.get(shape.name, {})
        members: dict[str, Any] = dict((defaults or {}).get(shape.name, {}))
        for name, item in value.items():
            wire_name = names.get(name) or name
            member = shape.members.get(wire_name)
            members[wire_name] = (
                item
                if member is None
                else to_wire(member.shape, item, renames, defaults)
            )
        return {name: members[name] for name in _sort_members(shape, members)}
    if shape.kind == shapes.LIST and isinstance(value, list):
        assert shape.element is not None
        return [to_wire(shape.element, each, renames, defaults) for each in value]
    if shape.kind == shapes.MAP and isinstance(value, dict):
        assert shape.value is not None
        return {
            key: to_wire(shape.value, each, renames, defaults)
            for key, each in value.items()
        }
    return _to_scalar(shape, value)


def _sort_members(shape: Shape, members: dict[str, Any]) -> list[str]:
    order = list(shape.members)
    return sorted(members, key=lambda name: order.index(name) if name in order else 99)


def _to_scalar(shape: Shape, value: Any) -> Any:
    if shape.kind == shapes.STRING and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if shape.kind in (shapes.INTEGER, shapes.LONG):
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
    if shape.kind == shapes.BOOLEAN and value in ("true", "false"):
        return value == "true"
    return value


def write_json_text(value: Any) -> Any:
    """An object as compact JSON, as a template's pattern or policy gets it."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def write_tags(value: Any) -> Any:
    """A list of `Key` and `Value` as a mapping."""
    if isinstance(value, list):
        return {
            str(each.get("Key")): str(each.get("Value", ""))
            for each in value
            if isinstance(each, dict)
        }
    return value
