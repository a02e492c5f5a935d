"""From a plan or state to a description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn, split_event_bus_arn
from evcli.infrastructure.description import (
    KINDS,
    Description,
    Origin,
    Resource,
    Stack,
)
from evcli.infrastructure.templates.values import Unknown, find_unknown
from evcli.infrastructure.terraform.attributes import TYPES
from evcli.infrastructure.terraform.plan import Plan
from evcli.infrastructure.terraform.references import References
from evcli.infrastructure.wire import to_wire
from evcli.model import find_operation
from evcli.model.targets import TARGET

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.description import Members
    from evcli.infrastructure.formats import ReadOptions
    from evcli.infrastructure.sources import Source
    from evcli.infrastructure.terraform.plan import PlannedResource

# What something may do without where it is unknown; secrets get placeholders later.
DISPENSABLE = {
    "auth_parameters",
    "dead_letter_config",
    "description",
    "kms_key_identifier",
    "log_config",
    "retry_policy",
    "role_arn",
}


def describe_terraform(source: Source, options: ReadOptions) -> Description:
    """Describe what a plan or state says will be.

    Raises: ConfigurationError: it is none, or only half of one; file and line.
    """
    plan = Plan(source)
    account_id = _find_account(plan) or options.account_id
    reader = _Reader(
        plan, References(plan, account_id, options.region), options.stack_name or ""
    )
    for resource in plan.resources:
        if resource.type in TYPES:
            reader.read(resource)
        elif resource.type.startswith("aws_scheduler_"):
            reader.remark(resource, f"{resource.type} is of EventBridge Scheduler")
        elif resource.type.startswith(("aws_pipes_", "aws_schemas_")):
            reader.remark(resource, f"{resource.type} is of another service")
    return reader.finish()


def _find_account(plan: Plan) -> str | None:
    """The account that the resources are in, where an ARN of theirs says so."""
    for resource in plan.resources:
        arn = parse_arn(str(resource.values.get("arn", "")))
        if arn is not None and resource.type in TYPES and arn.account_id:
            return arn.account_id
    return None


class _Reader:
    def __init__(self, plan: Plan, references: References, stack_name: str) -> None:
        self.plan = plan
        self.references = references
        self.stack = Stack(plan.source.path, stack_name)
        self.description = Description()
        self.description.stacks.append(self.stack)
        self._left_out: set[tuple[str, str]] = set()

    def finish(self) -> Description:
        """The description, without targets of rules that were left out."""
        kept = []
        for each in self.description.resources:
            if each.kind == "target" and (each.name[0], each.name[1]) in self._left_out:
                self.description.notes.append(
                    f"{each.origin}: it is left out as its rule is."
                )
            else:
                kept.append(each)
        self.description.resources = kept
        self.description.invented = self.references.invented
        return self.description

    def origin(self, resource: PlannedResource) -> Origin:
        source = self.plan.source
        return Origin(
            self.stack, source.name, resource.path, resource.address, source.locate
        )

    def remark(self, resource: PlannedResource, text: str) -> None:
        """Say that something is not covered."""
        self.description.remarks.append(
            f"{self.origin(resource)}: {text}; it is left out."
        )

    def note(self, resource: PlannedResource, attribute: str, unknown: Unknown) -> None:
        """Say that something is unknown, and that it is left out."""
        consequence = (
            "is left out"
            if attribute in DISPENSABLE
            else "is unknown, so it is left out"
        )
        self.description.notes.append(
            f"{self.origin(resource)}: {attribute} {consequence}: {unknown.reason}."
        )

    # -- resources

    def read(self, resource: PlannedResource) -> None:
        """Add what a resource of the provider stands for."""
        kind, attributes = TYPES[resource.type]
        name, region, account_id = self._find_name(resource, kind)
        members = self._read_members(resource, attributes)
        if isinstance(name, Unknown):
            self.note(resource, "its name", name)
            return
        if members is None:
            if kind == "rule":
                self._left_out.add((name[0], name[1]))
            return
        _finish_members(kind, members, resource)
        shape = TARGET if kind == "target" else find_operation(KINDS[kind]).request
        members = to_wire(shape, members, {})
        tags = resource.values.get("tags_all") or resource.values.get("tags")
        if tags and kind in ("event_bus", "rule"):
            members["tags"] = tags
        self.description.resources.append(
            Resource(
                kind,
                account_id,
                region,
                name,
                members,
                self.origin(resource),
                sensitive=_list_sensitive(resource, attributes),
            )
        )

    def _find_name(
        self, resource: PlannedResource, kind: str
    ) -> tuple[tuple[str, ...] | Unknown, str, str]:
        """The name of a resource, its region and account."""
        references = self.references
        scope = references.find_region(resource), references.account_id
        if kind in ("rule", "target", "permission", "policy"):
            bus = references.get(resource, "event_bus_name")
            if isinstance(bus, Unknown):
                return bus, *scope
            parts = [str(bus or DEFAULT_EVENT_BUS)]
            arn = parse_arn(parts[0])
            if arn is not None:
                account_id, region, parts[0] = split_event_bus_arn(arn)
                scope = region, account_id
        else:
            parts = []
        own = {
            "target": ("rule", "target_id"),
            "permission": ("statement_id",),
            "policy": (),
        }.get(kind)
        if own is None:
            name = references.get_name(resource)
            return (name if isinstance(name, Unknown) else (*parts, str(name))), *scope
        for attribute in own:
            found = references.get(resource, attribute)
            if attribute == "target_id" and (
                found is None or isinstance(found, Unknown)
            ):
                found = references.get_name(resource)
            if isinstance(found, Unknown):
                return found, *scope
            parts.append(str(found))
        return tuple(parts), *scope

    def _read_members(
        self, resource: PlannedResource, attributes: Members
    ) -> Members | None:
        """The members of the request; `None`, with a note, if one cannot do without."""
        members: Members = {}
        for attribute, target in attributes.items():
            unknown = resource.unknown.get(attribute)
            value = self._read_value(
                resource, (attribute,), resource.values.get(attribute), unknown, target
            )
            found = find_unknown(value)
            if found is not None:
                self.note(resource, attribute, found)
                if attribute not in DISPENSABLE:
                    return None
                value = _drop_unknown(value) if attribute == "auth_parameters" else None
            if value is not None:
                _set(members, target if isinstance(target, str) else target[0], value)
        return members

    def _read_value(
        self,
        resource: PlannedResource,
        path: tuple[str | int, ...],
        value: Any,
        unknown: Any,
        target: Any,
    ) -> Any:
        """An attribute's value as its member has it; `None` where it is not set."""
        if unknown is True:
            return self.references.resolve(resource, path)
        if isinstance(target, str):
            return None if value in (None, "", [], {}) else value
        _, below = target
        is_repeated = isinstance(below, list)
        blocks = value if isinstance(value, list) else [value]
        parts = unknown if isinstance(unknown, list) else [unknown]
        found = []
        for i in range(max(len(blocks), len(parts))):
            block = blocks[i] if i < len(blocks) else None
            part = parts[i] if i < len(parts) else None
            item = self._read_block(
                resource, (*path, i), block, part, below[0] if is_repeated else below
            )
            if item is not None:
                found.append(item)
        if is_repeated:
            return found or None
        return found[0] if found else None

    def _read_block(
        self,
        resource: PlannedResource,
        path: tuple[str | int, ...],
        block: Any,
        unknown: Any,
        attributes: Members,
    ) -> Any:
        values = block if isinstance(block, dict) else {}
        parts = unknown if isinstance(unknown, dict) else {}
        if not isinstance(block, dict) and not parts:
            return None
        members: Members = {}
        for attribute, target in attributes.items():
            found = self._read_value(
                resource,
                (*path, attribute),
                values.get(attribute),
                parts.get(attribute),
                target,
            )
            if found is not None:
                _set(members, target if isinstance(target, str) else target[0], found)
        return members


def _set(members: Members, path: str, value: Any) -> None:
    """Set a member; dots in its name lead into structures."""
    *above, last = path.split(".")
    for name in above:
        members = members.setdefault(name, {})
    members[last] = value


def _drop_unknown(value: Any) -> Any:
    if isinstance(value, list):
        return [_drop_unknown(each) for each in value if not isinstance(each, Unknown)]
    if not isinstance(value, dict):
        return value
    return {
        key: _drop_unknown(each)
        for key, each in value.items()
        if not isinstance(each, Unknown)
    }


def _finish_members(kind: str, members: Members, resource: PlannedResource) -> None:
    """What the provider does beside passing attributes on. Source: [peer] its code."""
    if kind == "rule" and "State" not in members:
        is_enabled = resource.values.get("is_enabled")
        if is_enabled is not None:
            members["State"] = "ENABLED" if is_enabled else "DISABLED"
    if kind == "permission":
        members.setdefault("Action", "events:PutEvents")
    if kind == "archive" and members.get("RetentionDays") == 0:
        del members["RetentionDays"]
    if "EventPattern" in members:
        members["EventPattern"] = _compact(members["EventPattern"])
    ecs = members.get("EcsParameters")
    if isinstance(ecs, dict):
        tags = ecs.get("Tags")
        if isinstance(tags, dict):
            ecs["Tags"] = [{"Key": k, "Value": v} for k, v in sorted(tags.items())]
        network = ecs.get("NetworkConfiguration", {}).get("awsvpcConfiguration", {})
        if isinstance(network.get("AssignPublicIp"), bool):
            is_public = network["AssignPublicIp"]
            network["AssignPublicIp"] = "ENABLED" if is_public else "DISABLED"


def _compact(text: Any) -> Any:
    """A pattern as the provider sends it: without blanks, keys sorted."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError):
        return text
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _list_sensitive(resource: PlannedResource, attributes: Members) -> frozenset[str]:
    """The members that must not be shown."""
    return frozenset(
        (target if isinstance(target, str) else target[0]).split(".")[0]
        for attribute, target in attributes.items()
        if resource.sensitive.get(attribute) not in (None, False, [], {})
        and _has_mark(resource.sensitive[attribute])
    )


def _has_mark(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_mark, value.values()))
    if isinstance(value, list):
        return any(map(_has_mark, value))
    return value is True
