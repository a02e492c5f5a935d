"""The parts of a plan or state: resources with what is known of them, configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.sources import Source

    Values = dict[str, Any]
    # Names and instance keys of the modules around something, outermost first.
    Modules = tuple[tuple[str, "str | int | None"], ...]

MAX_MODULE_DEPTH = 100

_STEP = re.compile(
    r'(?P<name>[A-Za-z_][A-Za-z0-9_-]*|\*)|\[(?:"(?P<key>(?:[^"\\]|\\.)*)"|(?P<index>[0-9]+))\]|\.'
)


class PlannedResource:
    """One instance of a resource.

    `unknown` has the shape of `values`, `True` where a value is known after apply only.
    `path` is where its values stand in the file.
    """

    __slots__ = (
        "address",
        "index",
        "mode",
        "modules",
        "name",
        "path",
        "sensitive",
        "type",
        "unknown",
        "values",
    )

    def __init__(self, resource: Values, modules: Modules, path: Path) -> None:
        self.modules = modules
        self.path = path
        self.mode = str(resource.get("mode", "managed"))
        self.type = str(resource.get("type", ""))
        self.name = str(resource.get("name", ""))
        index = resource.get("index")
        self.index: str | int | None = index if isinstance(index, (str, int)) else None
        self.address = str(resource.get("address", f"{self.type}.{self.name}"))
        self.values: Values = as_object(resource.get("values"))
        self.sensitive: Values = as_object(resource.get("sensitive_values"))
        self.unknown: Values = {}

    @property
    def key(self) -> tuple[Modules, str, str, str]:
        """What all instances of it have in common."""
        return self.modules, self.mode, self.type, self.name


def as_object(value: Any) -> Values:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


class Plan:
    """A plan or state, whichever it is, as one list of resources and a configuration.

    `resources` are those that will be; `by_key` has data sources as well. What is wrong
    with the file raises `ConfigurationError`, with the line.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        value = source.value
        if value.get("errored"):
            raise source.fault(("errored",), "the plan ended with an error.")
        version = str(value.get("format_version", "1.0"))
        if not version.startswith(("0.", "1.")):
            raise source.fault(("format_version",), f"format {version} is too new.")
        self.configuration: Values = as_object(value.get("configuration"))
        if "planned_values" in value:
            found = self._list_values(("planned_values",))
        elif "values" in value:
            found = self._list_values(("values",))
        elif "lineage" in value:
            found = list(_list_instances(value))
        elif "resource_changes" in value or "configuration" in value:
            raise source.fault((), "it is half a plan: planned_values is missing.")
        elif "format_version" in value:
            # What `terraform show -json` prints before the first apply.
            found = []
        else:
            raise source.fault((), "it is no plan and no state.")
        self._add_unknown(found)
        self.resources = [each for each in found if each.mode == "managed"]
        prior = (
            self._list_values(("prior_state", "values"))
            if "prior_state" in value
            else []
        )
        self.by_key: dict[Any, list[PlannedResource]] = {}
        for each in [*found, *(each for each in prior if each.mode == "data")]:
            self.by_key.setdefault(each.key, []).append(each)

    def _list_values(self, path: Path) -> list[PlannedResource]:
        value: Any = self.source.value
        for step in path:
            value = as_object(value).get(str(step))
        if value is None:
            return []
        if not isinstance(value, dict):
            raise self.source.fault(
                path, "it is half a plan: an object is needed here."
            )
        root = value.get("root_module")
        where = (*path, "root_module")
        return list(self._list_module(root, (), where, 0)) if root is not None else []

    def _list_module(
        self, module: Any, modules: Modules, path: Path, depth: int
    ) -> Iterator[PlannedResource]:
        if not isinstance(module, dict) or depth > MAX_MODULE_DEPTH:
            raise self.source.fault(path, "this is no module.")
        for i, resource in enumerate(as_list(module.get("resources"))):
            where = (*path, "resources", i)
            if not isinstance(resource, dict):
                raise self.source.fault(where, "this is no resource.")
            yield PlannedResource(resource, modules, where)
        for i, child in enumerate(as_list(module.get("child_modules"))):
            where = (*path, "child_modules", i)
            address = child.get("address") if isinstance(child, dict) else None
            below = read_modules(str(address))
            yield from self._list_module(child, below, where, depth + 1)

    def _add_unknown(self, resources: list[PlannedResource]) -> None:
        unknown = {}
        for each in as_list(self.source.value.get("resource_changes")):
            change = each.get("change") if isinstance(each, dict) else None
            if isinstance(change, dict) and "deposed" not in each:
                unknown[str(each.get("address"))] = change.get("after_unknown")
        for resource in resources:
            resource.unknown = as_object(unknown.get(resource.address))

    def find_module(self, modules: Modules) -> Values:
        """The configuration of a module."""
        module = as_object(self.configuration.get("root_module"))
        for name, _ in modules:
            call = as_object(as_object(module.get("module_calls")).get(name))
            module = as_object(call.get("module"))
        return module

    def find_call(self, modules: Modules) -> Values:
        """The call of the last of these modules, in the configuration of its parent."""
        calls = self.find_module(modules[:-1]).get("module_calls")
        return as_object(as_object(calls).get(modules[-1][0]))

    def find_configuration(self, resource: PlannedResource) -> Values:
        """What was written of a resource, expressions and all."""
        for each in as_list(self.find_module(resource.modules).get("resources")):
            if not isinstance(each, dict):
                continue
            if (each.get("mode"), each.get("type"), each.get("name")) == resource.key[
                1:
            ]:
                return each
            if each.get("address") == f"{resource.type}.{resource.name}":
                return each
        return {}


def split_address(address: str) -> list[str | int]:
    """The parts of an address or reference: names, keys and indexes as they are.

    A key is a text behind `"["`-brackets; it comes as a list of one, to tell it from
    a name.
    """
    parts: list[Any] = []
    for found in _STEP.finditer(address):
        if found.group("name") is not None:
            parts.append(found.group("name"))
        elif found.group("key") is not None:
            parts.append([found.group("key").replace('\\"', '"')])
        elif found.group("index") is not None:
            parts.append([int(found.group("index"))])
    return parts


def read_modules(address: str) -> Modules:
    """The modules that an address leads through."""
    parts: list[Any] = split_address(address)
    modules: list[tuple[str, str | int | None]] = []
    while len(parts) >= 2 and parts[0] == "module" and isinstance(parts[1], str):
        name = parts[1]
        parts = parts[2:]
        key = None
        if parts and isinstance(parts[0], list):
            key = parts.pop(0)[0]
        modules.append((name, key))
    return tuple(modules)


def _list_instances(state: Values) -> Iterator[PlannedResource]:
    """The resources of a state file in Terraform's own JSON, version 4."""
    for i, resource in enumerate(as_list(state.get("resources"))):
        if not isinstance(resource, dict):
            continue
        module = str(resource.get("module", ""))
        base = f"{resource.get('type')}.{resource.get('name')}"
        for j, instance in enumerate(as_list(resource.get("instances"))):
            instance = as_object(instance)
            key = instance.get("index_key")
            shown = (
                ""
                if key is None
                else f"[{key}]"
                if isinstance(key, int)
                else f'["{key}"]'
            )
            yield PlannedResource(
                {
                    **resource,
                    "index": key,
                    "address": f"{module}{'.' if module else ''}{base}{shown}",
                    "values": instance.get("attributes"),
                },
                read_modules(module),
                ("resources", i, "instances", j),
            )
