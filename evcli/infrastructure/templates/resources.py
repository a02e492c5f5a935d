"""Which requests a resource of a template stands for: `AWS::Events::*` as data.

Properties are called as members of the request but for what the tables say.
Source: [doc] the resource schemas.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn, split_event_bus_arn
from evcli.infrastructure.description import KINDS, Description, Origin, Resource
from evcli.infrastructure.templates.values import Unknown, find_unknown
from evcli.infrastructure.wire import (
    CLOUDFORMATION_DEFAULTS,
    CLOUDFORMATION_NAMES,
    to_wire,
    write_json_text,
    write_tags,
)
from evcli.model import find_operation
from evcli.model.targets import TARGET

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.infrastructure.description import Members, Stack
    from evcli.infrastructure.templates.evaluation import Template
    from evcli.model.shapes import Shape

# Type → kind. Those of rules, their targets and policies have functions of their own.
PLAIN_TYPES = {
    "AWS::Events::EventBus": "event_bus",
    "AWS::Events::Archive": "archive",
    "AWS::Events::Connection": "connection",
    "AWS::Events::ApiDestination": "api_destination",
    "AWS::Events::Endpoint": "endpoint",
}
NAME_PROPERTIES = {"AWS::Events::Archive": "ArchiveName"}
# Called otherwise by the request.
RENAMES = {"AWS::Events::Archive": {"SourceArn": "EventSourceArn"}}
# What only the service says of a resource: ignored where a template has it.
READ_ONLY = {
    "Arn",
    "ArnForPolicy",
    "SecretArn",
    "EndpointId",
    "EndpointUrl",
    "State",
    "StateReason",
    "ResourceAssociationArn",
}
# Services beside EventBridge's classic API, and what is said of them.
OTHER_SERVICES = {
    "AWS::EventsV2::": "EventBridge's other API",
    "AWS::Scheduler::": "EventBridge Scheduler",
    "AWS::Pipes::": "EventBridge Pipes",
    "AWS::EventSchemas::": "the schema registry",
}
# In a text: a value that only the service looks up. Source: [doc].
DYNAMIC_REFERENCE = "{{resolve:"
# What something may do without, where it cannot be worked out: it is left out, named.
DISPENSABLE = {
    "DeadLetterConfig",
    "Description",
    "KmsKeyIdentifier",
    "LogConfig",
    "RetryPolicy",
    "RoleArn",
    "Tags",
}


class Reader:
    """Collects the resources of one template."""

    def __init__(self, template: Template, stack: Stack) -> None:
        self.template = template
        self.stack = stack
        self.description = Description()

    def read(self) -> None:
        """Read all resources whose conditions are met."""
        for logical_id, resource in self.template.resources.items():
            type_name = resource.get("Type")
            if not isinstance(type_name, str):
                path = self.template.locate_resource(logical_id)
                raise self.template.fault(path, f"{logical_id} has no Type.")
            read = self._find_reader(type_name)
            if read is None:
                continue
            wanted = self.template.is_wanted(logical_id)
            if isinstance(wanted, Unknown):
                self.note_unknown(logical_id, "Condition", wanted, "is left out")
            elif wanted:
                read(logical_id)

    def _find_reader(self, type_name: str) -> Callable[[str], None] | None:
        if type_name in PLAIN_TYPES:
            return self.read_plain
        special = {
            "AWS::Events::Rule": self.read_rule,
            "AWS::Events::EventBusPolicy": self.read_permission,
        }
        if type_name in special:
            return special[type_name]
        if type_name.startswith("AWS::Events::"):
            return lambda logical_id: self.note(
                logical_id, f"evcli knows no {type_name}; it is left out"
            )
        for prefix, service in OTHER_SERVICES.items():
            if type_name.startswith(prefix):
                return lambda logical_id: self.note(
                    logical_id, f"{type_name} is of {service}; it is left out"
                )
        return None

    # -- what is said and added

    def origin(self, logical_id: str, *keys: str | int) -> Origin:
        """Where a resource, or a part of it, stands."""
        path = (*self.template.locate_resource(logical_id), *keys)
        source = self.template.source
        return Origin(self.stack, source.name, path, logical_id, source.locate)

    def note(self, logical_id: str, text: str, *keys: str | int) -> None:
        """Say something about a resource."""
        self.description.remarks.append(f"{self.origin(logical_id, *keys)}: {text}.")

    def note_unknown(
        self, logical_id: str, what: str, unknown: Unknown, consequence: str
    ) -> None:
        """Say what could not be worked out, and what becomes of it."""
        line = self.template.source.locate(unknown.path)
        where = self.template.source.name + ("" if line is None else f":{line}")
        self.description.notes.append(
            f"{where}: {logical_id}: {what} {consequence}: {unknown.reason}."
        )

    def add(
        self,
        kind: str,
        logical_id: str,
        name: tuple[str, ...],
        members: Members,
        *keys: str | int,
        scope: tuple[str, str] | None = None,
    ) -> None:
        """Add a resource, by default of the stack's own account and region."""
        settings = self.template.settings
        account_id, region = scope or (settings.account_id, settings.region)
        policy = self.template.resources[logical_id].get("DeletionPolicy")
        self.description.resources.append(
            Resource(
                kind,
                account_id,
                region,
                name,
                members,
                self.origin(logical_id, *keys),
                is_retained=policy == "Retain",
            )
        )

    # -- properties

    def resolve_properties(self, logical_id: str) -> Members | None:
        """The properties of a resource, known and not empty; `None` to leave it out."""
        template = self.template
        properties = template.resources[logical_id].get("Properties") or {}
        path = (*template.locate_resource(logical_id), "Properties")
        found = template.resolve(properties, path)
        if isinstance(found, Unknown):
            self.note_unknown(logical_id, "it", found, "is left out")
            return None
        if not isinstance(found, dict):
            raise template.fault(path, "Properties have to be an object.")
        # CDK writes empty texts for what is not set.
        return self.drop_unknown(
            logical_id, {k: v for k, v in found.items() if v not in ("", None)}, ""
        )

    def drop_unknown(
        self, logical_id: str, members: Members, what: str
    ) -> Members | None:
        """Leave out unknown members that are dispensable; `None` if others are unknown.

        The targets of a rule are looked at one by one, elsewhere.
        """
        kept = {}
        for name, value in members.items():
            if (what, name) == ("", "AuthParameters"):
                value = self.drop_unknown_parts(logical_id, value, name)
            unknown = None if (what, name) == ("", "Targets") else find_unknown(value)
            if unknown is None:
                kept[name] = value
            elif name in DISPENSABLE:
                self.note_unknown(logical_id, f"{what}{name}", unknown, "is left out")
            else:
                self.note_unknown(
                    logical_id,
                    f"{what}{name}",
                    unknown,
                    "is unknown, so it is left out",
                )
                return None
        return kept

    def drop_unknown_parts(self, logical_id: str, value: Any, what: str) -> Any:
        """Leave out what is unknown anywhere in a connection's parameters.

        Secrets get placeholders later, as those that a file of state lacks.
        """
        if not isinstance(value, dict):
            return value
        kept = {}
        for name, item in value.items():
            if name in READ_ONLY:
                continue
            if isinstance(item, str) and DYNAMIC_REFERENCE in item:
                path = (*self.template.locate_resource(logical_id), "Properties")
                item = Unknown("evcli looks up no secrets and no parameters", path)
            if isinstance(item, Unknown):
                self.note_unknown(logical_id, f"{what}.{name}", item, "is left out")
            else:
                kept[name] = self.drop_unknown_parts(logical_id, item, f"{what}.{name}")
        return kept

    def locate_bus(self, name_or_arn: Any) -> tuple[tuple[str, str], str]:
        """Account and region, and name of an event bus."""
        settings = self.template.settings
        text = DEFAULT_EVENT_BUS if name_or_arn is None else str(name_or_arn)
        arn = parse_arn(text)
        if arn is None:
            return (settings.account_id, settings.region), text
        account_id, region, name = split_event_bus_arn(arn)
        return (account_id, region), name

    def get_name(self, logical_id: str) -> str | None:
        """The name of a resource; `None`, with a note, where it is unknown."""
        found = self.template.get_name(logical_id)
        if isinstance(found, Unknown):
            self.note_unknown(
                logical_id, "its name", found, "is unknown, so it is left out"
            )
            return None
        return str(found)

    # -- types

    def read_plain(self, logical_id: str) -> None:
        """Read a resource whose properties are the members of one request."""
        type_name = self.template.resources[logical_id]["Type"]
        kind = PLAIN_TYPES[type_name]
        properties = self.resolve_properties(logical_id)
        name = self.get_name(logical_id)
        if properties is None or name is None:
            return
        properties.pop(NAME_PROPERTIES.get(type_name, "Name"), None)
        renames = RENAMES.get(type_name, {})
        members = {
            renames.get(key, key): value
            for key, value in properties.items()
            if key not in READ_ONLY
        }
        policy = members.pop("Policy", None)
        self.add(kind, logical_id, (name,), _build_members(kind, members))
        if policy is not None:
            text = write_json_text(policy)
            self.add(
                "policy", logical_id, (name,), {"Policy": text}, "Properties", "Policy"
            )

    def read_permission(self, logical_id: str) -> None:
        """Read a statement of an event bus's policy, in full or in the older form."""
        properties = self.resolve_properties(logical_id)
        if properties is None:
            return
        scope, event_bus = self.locate_bus(properties.pop("EventBusName", None))
        statement_id = properties.pop("StatementId", None)
        if statement_id is None:
            raise self.template.fault(
                self.template.locate_resource(logical_id),
                f"{logical_id} has no StatementId.",
            )
        statement = properties.get("Statement")
        if isinstance(statement, str):
            try:
                statement = json.loads(statement)
            except ValueError:
                statement = None
        if "Statement" in properties:
            if not isinstance(statement, dict):
                path = (
                    *self.template.locate_resource(logical_id),
                    "Properties",
                    "Statement",
                )
                raise self.template.fault(path, "Statement has to be an object.")
            properties = {"Statement": statement}
        else:
            shape = find_operation("PutPermission").request
            properties = to_wire(shape, properties, CLOUDFORMATION_NAMES)
        name = (event_bus, str(statement_id))
        self.add("permission", logical_id, name, properties, scope=scope)

    def read_rule(self, logical_id: str) -> None:
        """Read a rule and its targets."""
        properties = self.resolve_properties(logical_id)
        name = self.get_name(logical_id)
        if properties is None or name is None:
            return
        properties.pop("Name", None)
        scope, event_bus = self.locate_bus(properties.pop("EventBusName", None))
        targets = properties.pop("Targets", [])
        if isinstance(targets, Unknown):
            self.note_unknown(logical_id, "Targets", targets, "are left out")
            targets = []
        key = (event_bus, name)
        if scope[0] != self.template.settings.account_id:
            properties["CreatedBy"] = self.template.settings.account_id
        self.add(
            "rule", logical_id, key, _build_members("rule", properties), scope=scope
        )
        if not isinstance(targets, list):
            path = (*self.template.locate_resource(logical_id), "Properties", "Targets")
            raise self.template.fault(path, "Targets have to be a list.")
        for i, target in enumerate(targets):
            self.read_target(logical_id, scope, key, i, target)

    def read_target(
        self,
        logical_id: str,
        scope: tuple[str, str],
        rule: tuple[str, str],
        i: int,
        target: Any,
    ) -> None:
        """Read one target of a rule."""
        keys = ("Properties", "Targets", i)
        path = (*self.template.locate_resource(logical_id), *keys)
        if isinstance(target, Unknown):
            self.note_unknown(logical_id, f"Targets[{i}]", target, "is left out")
            return
        if not isinstance(target, dict) or "Id" not in target:
            raise self.template.fault(path, "a target has to be an object with an Id.")
        members = self.drop_unknown(logical_id, target, f"Targets[{i}].")
        if members is None:
            return
        members = to_wire(TARGET, members, CLOUDFORMATION_NAMES)
        name = (*rule, str(members.pop("Id")))
        self.add("target", logical_id, name, members, *keys, scope=scope)


def _build_members(kind: str, properties: Members) -> Members:
    """Bring properties into the form of the request of a kind."""
    tags = write_tags(properties.pop("Tags", None))
    if "EventPattern" in properties:
        properties["EventPattern"] = write_json_text(properties["EventPattern"])
    shape: Shape = find_operation(KINDS[kind]).request
    members: Members = to_wire(
        shape, properties, CLOUDFORMATION_NAMES, CLOUDFORMATION_DEFAULTS
    )
    if tags:
        members["tags"] = tags
    return members
