"""One stack's template, and what its values come to.

A value is known, or made up where the service would have made it up, or unknown: then
it is an `Unknown` that says why, wherever it stands. What is wrong raises. Nothing of a
template is executed and nothing is fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import find_partition
from evcli.errors import ConfigurationError
from evcli.ids import derive_uuid
from evcli.infrastructure.names import invent_id, invent_name
from evcli.infrastructure.templates.physical import fill, find_type
from evcli.infrastructure.templates.values import (
    NO_VALUE,
    Unknown,
    find_suffix,
    write_scalar,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.sources import Source
    from evcli.infrastructure.templates.values import Settings

    # (template, argument as it stands, its path): what the function comes to.
    Function = Callable[["Template", Any, Path], Any]

LIST_TYPES = ("CommaDelimitedList", "List<")
STORED_PARAMETER = "AWS::SSM::Parameter::Value<"
# Types whose attributes only their own code knows.
OPAQUE_TYPES = ("AWS::CloudFormation::CustomResource", "Custom::")


class Template:
    """A template in one account and region, its values worked out as they are asked for.

    `paths` says where a resource stands that was not written under its own name.
    `invented` collects names that were made up. One that is not `is_complete` may refer
    to resources that are not in it.
    """

    def __init__(
        self,
        source: Source,
        document: dict[str, Any],
        settings: Settings,
        functions: dict[str, Function],
        paths: dict[str, Path] | None = None,
    ) -> None:
        self.source = source
        self.settings = settings
        self.functions = functions
        self.paths = paths or {}
        self.invented: set[str] = set()
        self.is_complete = True
        self.resources = self._read_section(document, "Resources")
        self.outputs = self._read_section(document, "Outputs")
        self.mappings = self._read_section(document, "Mappings")
        self._parameters = self._read_section(document, "Parameters")
        self._conditions = self._read_section(document, "Conditions")
        self._known: dict[tuple[str, str], Any] = {}
        self._asked: list[tuple[str, str]] = []

    def _read_section(self, document: dict[str, Any], name: str) -> dict[str, Any]:
        section = document.get(name)
        if section is None:
            return {}
        if not isinstance(section, dict):
            raise self.fault((name,), f"{name} has to be an object.")
        for key, value in section.items():
            if name != "Conditions" and not isinstance(value, dict):
                raise self.fault((name, key), f"{name}.{key} has to be an object.")
        return section

    def fault(self, path: Path, problem: str) -> ConfigurationError:
        """An error at a value: file, line, what is wrong."""
        return self.source.fault(path, problem)

    def locate_resource(self, logical_id: str) -> Path:
        """The path of a resource in the file."""
        return self.paths.get(logical_id, ("Resources", logical_id))

    # -- values

    def resolve(self, value: Any, path: Path) -> Any:
        """Work a value out; see the module for what may come of it."""
        if isinstance(value, list):
            items = [self.resolve(each, (*path, i)) for i, each in enumerate(value)]
            return [each for each in items if each is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in self.functions:
                return self.functions[name](self, argument, (*path, name))
            if name.startswith("Fn::"):
                raise self.fault(path, f"{name} is no function that evcli knows.")
        members = {key: self.resolve(each, (*path, key)) for key, each in value.items()}
        return {key: each for key, each in members.items() if each is not NO_VALUE}

    def resolve_text(self, value: Any, path: Path) -> Any:
        """Work out what has to be a text or a number; `Unknown` stays.

        Raises: ConfigurationError: it is something else.
        """
        found = self.resolve(value, path)
        if isinstance(found, Unknown):
            return found
        if isinstance(found, (dict, list)) or found is None or found is NO_VALUE:
            raise self.fault(path, "a text is needed here.")
        return write_scalar(found)

    def _once(self, kind: str, name: str, path: Path, work: Callable[[], Any]) -> Any:
        """Work something out once. Raises: ConfigurationError: it depends on itself."""
        key = (kind, name)
        if key in self._known:
            return self._known[key]
        if key in self._asked:
            names = [name for _, name in self._asked[self._asked.index(key) :]]
            circle = " → ".join([*names, name])
            raise self.fault(path, f"the {kind} {name} depends on itself: {circle}.")
        self._asked.append(key)
        try:
            found = self._known[key] = work()
        finally:
            self._asked.pop()
        return found

    # -- parameters

    def get_reference(self, name: str, path: Path) -> Any:
        """What `Ref` gives. Raises: ConfigurationError: there is nothing of the name."""
        if name.startswith("AWS::"):
            return self._get_pseudo_parameter(name, path)
        if name in self._parameters:
            return self._once(
                "parameter", name, path, lambda: self._read_parameter(name)
            )
        if name in self.resources:
            return self.get_attribute(name, None, path)
        if not self.is_complete:
            return Unknown(f"there is no resource {name} in the file", path)
        raise self.fault(path, f"there is no parameter or resource {name}.")

    def _get_pseudo_parameter(self, name: str, path: Path) -> Any:
        settings = self.settings
        partition = find_partition(settings.region)
        known = {
            "AWS::AccountId": settings.account_id,
            "AWS::Region": settings.region,
            "AWS::Partition": partition,
            "AWS::URLSuffix": find_suffix(settings.region),
            "AWS::StackName": settings.stack_name,
            "AWS::StackId": f"arn:{partition}:cloudformation:{settings.region}"
            f":{settings.account_id}:stack/{settings.stack_name}"
            f"/{derive_uuid(settings.account_id, settings.region, settings.stack_name)}",
            "AWS::NotificationARNs": [],
            "AWS::NoValue": NO_VALUE,
        }
        if name not in known:
            raise self.fault(path, f"there is no pseudo parameter {name}.")
        return known[name]

    def _read_parameter(self, name: str) -> Any:
        declared, path = self._parameters[name], ("Parameters", name)
        kind = str(declared.get("Type", "String"))
        given = self.settings.parameters.get(name)
        if given is None and kind.startswith(STORED_PARAMETER):
            return Unknown(
                f"the parameter {name} is kept in Parameter Store;"
                f" give --parameter {name}=VALUE",
                path,
            )
        if given is None:
            if "Default" not in declared:
                raise self.fault(
                    path,
                    f"the parameter {name} has no value;"
                    f" give --parameter {name}=VALUE.",
                )
            given = declared["Default"]
        if isinstance(given, Unknown):
            return given
        allowed = declared.get("AllowedValues")
        if isinstance(allowed, list):
            texts = [write_scalar(each) for each in allowed]
            if not isinstance(given, list) and write_scalar(given) not in texts:
                raise self.fault(
                    path,
                    f"the parameter {name} cannot be {write_scalar(given)!r};"
                    f" allowed are: {', '.join(texts)}.",
                )
        if any(part in kind for part in LIST_TYPES):
            if isinstance(given, list):
                return [write_scalar(each) for each in given]
            return [part.strip() for part in write_scalar(given).split(",")]
        return given if isinstance(given, list) else write_scalar(given)

    # -- conditions

    def holds(self, name: Any, path: Path) -> bool | Unknown:
        """Say whether a condition is met."""
        if not isinstance(name, str) or name not in self._conditions:
            raise self.fault(path, f"there is no condition {name}.")
        where = ("Conditions", name)
        found = self._once(
            "condition", name, path, lambda: self.resolve(self._conditions[name], where)
        )
        if isinstance(found, (bool, Unknown)):
            return found
        raise self.fault(where, f"the condition {name} is neither true nor false.")

    def is_wanted(self, logical_id: str) -> bool | Unknown:
        """Say whether a resource exists, by its condition."""
        if "Condition" not in self.resources[logical_id]:
            return True
        path = (*self.locate_resource(logical_id), "Condition")
        return self.holds(self.resources[logical_id]["Condition"], path)

    # -- resources

    def get_property(self, logical_id: str, name: str) -> Any:
        """A property of a resource, worked out; `None` without it."""
        properties = self.resources[logical_id].get("Properties") or {}
        if not isinstance(properties, dict) or name not in properties:
            return None
        path = (*self.locate_resource(logical_id), "Properties", name)
        found = self.resolve(properties[name], path)
        return None if found is NO_VALUE else found

    def get_name(self, logical_id: str, path: Path = ()) -> Any:
        """The name of a resource, made up if the template gives none."""
        return self._once(
            "name of", logical_id, path, lambda: self._read_name(logical_id)
        )

    def _read_name(self, logical_id: str) -> Any:
        resource = self.resources[logical_id]
        type_name = str(resource.get("Type", ""))
        kind = find_type(type_name)
        given = self.get_property(logical_id, kind.name_property)
        if given is not None and given != "":
            return given if isinstance(given, Unknown) else write_scalar(given)
        name = invent_name(self.settings.stack_name, logical_id, kind.limit)
        if type_name == "AWS::S3::Bucket":
            name = name.lower()
        if type_name == "AWS::SQS::Queue" and self.is_fifo(logical_id):
            name = f"{name[: kind.limit - 5]}.fifo"
        self.invented.add(name)
        return name

    def is_fifo(self, logical_id: str) -> bool:
        """Say whether a queue keeps its order, as the end of its name then says."""
        return str(self.get_property(logical_id, "FifoQueue")).lower() == "true"

    def get_attribute(self, logical_id: str, attribute: str | None, path: Path) -> Any:
        """What `Fn::GetAtt` gives, and without an attribute `Ref`.

        Raises: ConfigurationError: there is no such resource or attribute.
        """
        resource = self.resources.get(logical_id)
        if resource is None and not self.is_complete:
            return Unknown(f"there is no resource {logical_id} in the file", path)
        if resource is None:
            raise self.fault(path, f"there is no resource {logical_id}.")
        if self.is_wanted(logical_id) is False:
            return Unknown(f"the condition of {logical_id} is not met", path)
        type_name = str(resource.get("Type", ""))
        if type_name == "AWS::CloudFormation::Stack" and attribute is not None:
            return self._get_nested_output(logical_id, attribute, path)
        text = self._find_text(logical_id, type_name, attribute, path)
        if isinstance(text, Unknown):
            return text
        unknown: list[Unknown] = []

        def find_value(name: str) -> Any:
            found = self._find_value(logical_id, name, path)
            if isinstance(found, Unknown):
                unknown.append(found)
            return found

        filled = fill(text, find_value)
        return unknown[0] if unknown else filled

    def _find_text(
        self, logical_id: str, type_name: str, attribute: str | None, path: Path
    ) -> str | Unknown:
        """The text of `physical` for an attribute, names in it not yet filled in."""
        kind = find_type(type_name)
        if attribute is None:
            return kind.ref
        if attribute in kind.attributes:
            return kind.attributes[attribute]
        if type_name.startswith("AWS::Events::"):
            raise self.fault(path, f"{type_name} has no attribute {attribute}.")
        if type_name.startswith(OPAQUE_TYPES):
            return Unknown(f"only {logical_id} itself knows its {attribute}", path)
        return Unknown(f"evcli does not know {attribute} of {type_name}", path)

    def _find_value(self, logical_id: str, name: str, path: Path) -> Any:
        """What stands for a name in the texts of `physical`."""
        settings = self.settings
        plain = {
            "account": settings.account_id,
            "region": settings.region,
            "partition": find_partition(settings.region),
            "suffix": find_suffix(settings.region),
            "id": invent_id(settings.stack_name, logical_id),
            "uuid": derive_uuid(settings.stack_name, logical_id),
        }
        if name in plain:
            return plain[name]
        if name == "name":
            return self.get_name(logical_id, path)
        if name in ("bus|", "bus/"):
            bus = self.get_property(logical_id, "EventBusName")
            if name == "bus/" and isinstance(bus, str):
                bus = bus.rpartition("event-bus/")[2]
            if isinstance(bus, Unknown):
                return bus
            return "" if bus in (None, "default") else f"{bus}{name[-1]}"
        found = self.get_property(logical_id, name)
        if name == "Path":
            return "/" if found is None else found
        if name == "FunctionName" and isinstance(found, str):
            return found.rpartition(":function:")[2]
        return found

    # -- other stacks

    def open_nested(self, logical_id: str) -> Template | None:
        """The template of a nested stack; `None` where its file is not known."""
        path = self.locate_resource(logical_id)
        nested: Template | None = self._once(
            "nested stack", logical_id, path, lambda: self._open_nested(logical_id)
        )
        return nested

    def _open_nested(self, logical_id: str) -> Template | None:
        open_nested = self.settings.open_nested
        if open_nested is None:
            return None
        parameters = self.get_property(logical_id, "Parameters")
        name = invent_name(self.settings.stack_name, logical_id, 128)
        settings = self.settings.replace(
            stack_name=name,
            parameters=parameters if isinstance(parameters, dict) else {},
        )
        nested: Template | None = open_nested(self, logical_id, settings)
        return nested

    def _get_nested_output(self, logical_id: str, attribute: str, path: Path) -> Any:
        name = attribute.removeprefix("Outputs.")
        nested = self.open_nested(logical_id)
        if nested is None:
            return Unknown(
                f"the template of the nested stack {logical_id} is not there", path
            )
        if name == attribute or name not in nested.outputs:
            raise self.fault(path, f"the nested stack {logical_id} has no {attribute}.")
        return nested.get_output(name)

    def get_output(self, name: str) -> Any:
        """The value of an output."""
        path = ("Outputs", name, "Value")
        return self._once(
            "output", name, path,
            lambda: self.resolve(self.outputs[name].get("Value"), path),
        )  # fmt: skip

    def list_exports(self) -> dict[str, str]:
        """The outputs that are exported: name of the export → name of the output."""
        exports = {}
        for name, output in self.outputs.items():
            export = output.get("Export")
            if isinstance(export, dict) and "Name" in export and self._has_output(name):
                path = ("Outputs", name, "Export", "Name")
                found = self.resolve_text(export["Name"], path)
                if isinstance(found, str):
                    exports[found] = name
        return exports

    def _has_output(self, name: str) -> bool:
        condition = self.outputs[name].get("Condition")
        path = ("Outputs", name, "Condition")
        return condition is None or self.holds(condition, path) is True
