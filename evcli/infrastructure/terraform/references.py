"""What a plan does not know yet, worked out from the references of its configuration.

A plan tells which attributes an expression refers to and not what it does with them: a
text around a reference looks like the reference itself. So one reference is taken for the
whole value, and several are unknown. [guess]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import find_partition
from evcli.ids import derive_uuid
from evcli.infrastructure.names import derive_text, invent_id
from evcli.infrastructure.templates.physical import fill, find_type
from evcli.infrastructure.templates.values import Unknown, find_suffix
from evcli.infrastructure.terraform.attributes import ATTRIBUTES, PHYSICAL
from evcli.infrastructure.terraform.plan import as_list, as_object, split_address

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.terraform.plan import Modules, Plan, PlannedResource

    Index = str | int | None

MAX_STEPS = 60
# What the provider puts behind a prefix, or `terraform-`: 26 characters.
_DIGITS = "0123456789abcdef"
SUFFIX_LENGTH = 26


class References:
    """Works out attributes of a plan's resources."""

    def __init__(self, plan: Plan, account_id: str, region: str) -> None:
        self.plan = plan
        self.account_id = account_id
        self.region = region
        self.invented: set[str] = set()

    # -- attributes

    def get(self, resource: PlannedResource, attribute: str, steps: int = 0) -> Any:
        """An attribute: known, worked out, or `Unknown`; `None` where it is not set."""
        value = resource.values.get(attribute)
        if value not in (None, "", []):
            return value
        if resource.unknown.get(attribute) is not True:
            return None
        return self.resolve(resource, (attribute,), steps)

    def resolve(
        self, resource: PlannedResource, path: tuple[str | int, ...], steps: int = 0
    ) -> Any:
        """Work out what is at a path below the values of a resource."""
        configuration = self.plan.find_configuration(resource)
        expression: Any = configuration.get("expressions")
        for step in path:
            if isinstance(expression, list):
                i = step if isinstance(step, int) and step < len(expression) else 0
                expression = expression[i] if expression else None
                if isinstance(step, int):
                    continue
            elif isinstance(step, int):
                continue
            expression = expression.get(step) if isinstance(expression, dict) else None
        return self._evaluate(
            expression, resource.modules, resource.index, configuration, steps, resource
        )

    def _evaluate(
        self,
        expression: Any,
        modules: Modules,
        index: Index,
        configuration: dict[str, Any],
        steps: int,
        resource: PlannedResource,
    ) -> Any:
        if steps > MAX_STEPS:
            return Unknown("its references lead in a circle", resource.path)
        if isinstance(expression, dict) and "constant_value" in expression:
            return expression["constant_value"]
        found = _list_references(expression)
        if len(found) != 1:
            shown = ", ".join(found) or "what the plan does not say"
            return Unknown(f"it is known after apply only, from {shown}", resource.path)
        return self._follow(
            found[0], modules, index, configuration, steps + 1, resource
        )

    def _follow(
        self,
        reference: str,
        modules: Modules,
        index: Index,
        configuration: dict[str, Any],
        steps: int,
        resource: PlannedResource,
    ) -> Any:
        parts: list[Any] = split_address(reference)
        unknown = Unknown(
            f"it is known after apply only, from {reference}", resource.path
        )
        head = parts[0] if parts else ""
        if head == "var" and len(parts) > 1 and modules:
            call = self.plan.find_call(modules)
            expression = as_object(call.get("expressions")).get(str(parts[1]))
            return self._evaluate(
                expression, modules[:-1], modules[-1][1], call, steps, resource
            )
        if head == "module":
            return self._follow_output(parts, modules, index, steps, resource, unknown)
        if head == "each":
            loop = configuration.get("for_each_expression")
            found = [each for each in _list_references(loop) if "." in each]
            if len(found) != 1:
                return unknown
            attribute = parts[2] if len(parts) > 2 else "id"
            wanted = f"{found[0]}.{attribute}"
            return self._follow(wanted, modules, index, {}, steps, resource)
        if head in ("local", "count", "path", "self", "terraform", "var"):
            return unknown
        return self._follow_resource(parts, modules, index, steps, unknown)

    def _follow_output(
        self,
        parts: list[Any],
        modules: Modules,
        index: Index,
        steps: int,
        resource: PlannedResource,
        unknown: Unknown,
    ) -> Any:
        rest = parts[2:]
        key = rest.pop(0)[0] if rest and isinstance(rest[0], list) else None
        if len(parts) < 3 or not rest or not isinstance(rest[0], str):
            return unknown
        below = (*modules, (str(parts[1]), key))
        outputs = as_object(self.plan.find_module(below).get("outputs"))
        output = outputs.get(rest[0])
        if not isinstance(output, dict):
            return unknown
        return self._evaluate(
            output.get("expression"), below, index, {}, steps, resource
        )

    def _follow_resource(
        self,
        parts: list[Any],
        modules: Modules,
        index: Index,
        steps: int,
        unknown: Unknown,
    ) -> Any:
        mode = "data" if parts[:1] == ["data"] else "managed"
        if mode == "data":
            parts = parts[1:]
        if len(parts) < 2 or not all(isinstance(each, str) for each in parts[:2]):
            return unknown
        instances = self.plan.by_key.get((modules, mode, *parts[:2]), [])
        rest = parts[2:]
        wanted = rest.pop(0)[0] if rest and isinstance(rest[0], list) else index
        chosen = [each for each in instances if each.index == wanted]
        if not chosen and len(instances) == 1:
            chosen = instances
        if not chosen or not rest or not isinstance(rest[0], str):
            return unknown
        found = self.get_attribute(chosen[0], rest[0], steps)
        return unknown if found is None else found

    # -- what AWS would say of a resource

    def get_attribute(
        self, resource: PlannedResource, attribute: str, steps: int = 0
    ) -> Any:
        """An attribute of a resource, made up as the service would name it."""
        value = resource.values.get(attribute)
        if value not in (None, "", []):
            return value
        if resource.type not in PHYSICAL:
            return None
        type_name, name_attribute = PHYSICAL[resource.type]
        if attribute == name_attribute or attribute == "name":
            return self.get_name(resource, steps)
        kind = find_type(type_name)
        texts = {"id": kind.ref, "url": kind.ref}
        if "Arn" in kind.attributes:
            texts["arn"] = kind.attributes["Arn"]
        elif kind.ref.startswith("arn:"):
            texts["arn"] = kind.ref
        texts |= ATTRIBUTES.get(resource.type, {})
        if attribute not in texts:
            return None
        unknown: list[Unknown] = []

        def find_value(name: str) -> Any:
            found = self._find_value(resource, name, steps)
            if isinstance(found, Unknown):
                unknown.append(found)
            return found

        filled = fill(texts[attribute], find_value)
        return unknown[0] if unknown else filled

    def _find_value(self, resource: PlannedResource, name: str, steps: int) -> Any:
        region = self.find_region(resource)
        plain = {
            "account": self.account_id,
            "region": region,
            "partition": find_partition(region),
            "suffix": find_suffix(region),
            "id": invent_id(resource.address),
            "uuid": derive_uuid(resource.address),
        }
        if name in plain:
            return plain[name]
        if name == "name":
            return self.get_name(resource, steps)
        if name in ("bus|", "bus/"):
            bus = self.get(resource, "event_bus_name", steps)
            if isinstance(bus, Unknown):
                return bus
            bus = str(bus or "default").rpartition("event-bus/")[2]
            return "" if bus == "default" else f"{bus}{name[-1]}"
        if name == "Path":
            return resource.values.get("path") or "/"
        found = self.get(resource, name, steps)
        return "" if found is None else found

    def get_name(self, resource: PlannedResource, steps: int = 0) -> Any:
        """The name of a resource, made up if it is not set."""
        attribute = PHYSICAL[resource.type][1] if resource.type in PHYSICAL else "name"
        if attribute:
            configuration = self.plan.find_configuration(resource)
            is_given = attribute in as_object(configuration.get("expressions"))
            found = resource.values.get(attribute)
            if found not in (None, ""):
                return found
            if is_given:
                return self.resolve(resource, (attribute,), steps + 1)
        prefix = resource.values.get("name_prefix") or "terraform-"
        name = f"{prefix}{derive_text(_DIGITS, SUFFIX_LENGTH, resource.address)}"
        if resource.type == "aws_sqs_queue" and resource.values.get("fifo_queue"):
            name += ".fifo"
        self.invented.add(name)
        return name

    def find_region(self, resource: PlannedResource) -> str:
        """The region of a resource: its own, its ARN's, its provider's, the run's."""
        region = resource.values.get("region")
        if isinstance(region, str) and region:
            return region
        parts = str(resource.values.get("arn", "")).split(":")
        if len(parts) > 5 and parts[3]:
            return parts[3]
        configuration = self.plan.find_configuration(resource)
        providers = as_object(self.plan.configuration.get("provider_config"))
        provider = as_object(
            providers.get(str(configuration.get("provider_config_key")))
        )
        expression = as_object(as_object(provider.get("expressions")).get("region"))
        found = expression.get("constant_value")
        return found if isinstance(found, str) else self.region


def _list_references(expression: Any) -> list[str]:
    """The references of an expression that are no beginnings of others."""
    if not isinstance(expression, dict):
        return []
    references = as_list(expression.get("references"))
    found = [each for each in references if isinstance(each, str)]
    return [
        each
        for each in dict.fromkeys(found)
        if not any(
            other != each and other.startswith((f"{each}.", f"{each}["))
            for other in found
        )
    ]
