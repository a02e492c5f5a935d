"""Who made what: which resources a file's stack may remove, and which it may not.

A resource is a stack's when `evcli local import` made it for that stack. What was there
before, by hand or by another stack, is changed as the description says and stays whose
it was; what somebody deletes is nobody's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.infrastructure.description import KINDS
from evcli.operations import call_within
from evcli.store.records import (
    ApiDestination,
    Archive,
    Connection,
    Endpoint,
    EventBus,
    OwnerMark,
    Rule,
    Target,
)

if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.infrastructure.description import Description, Key, Resource, Stack
    from evcli.store.records import Record
    from evcli.store.store import Store

RECORDS: dict[str, type[Record]] = {
    "event_bus": EventBus,
    "connection": Connection,
    "api_destination": ApiDestination,
    "endpoint": Endpoint,
    "rule": Rule,
    "target": Target,
    "archive": Archive,
}
# How many parts the name of a kind has; event buses of partners have slashes in theirs.
NAME_PARTS = {"rule": 2, "target": 3, "permission": 2}


class Owners:
    """The marks of a description's resources, as they were before it is carried out."""

    def __init__(self, store: Store, description: Description) -> None:
        self._store = store
        self._description = description
        # In the order of STEPS a resource may be replaced, and its mark forgotten.
        self._before = {
            each.key: self._store.get(OwnerMark, *_write_key(each.key))
            for each in description.resources
        }
        self._new = {
            each.key for each in description.resources if not exists(store, each.key)
        }

    def record(self) -> None:
        """Mark what was made, and what was the stack's and is still there."""
        for resource in self._description.resources:
            mark = self._before[resource.key]
            stack = resource.origin.stack
            if resource.key in self._new or (mark and _is_of(mark, stack)):
                mark = _make_mark(resource)
            if mark is not None:
                self._store.put(mark)

    def remove_dropped_targets(self, ctx: Context) -> None:
        """Remove targets of described rules that their stack has no longer.

        From a stack that is exact: all that it does not list.
        """
        wanted = {each.key for each in self._description.resources}
        for rule in self._description.select("rule"):
            stack = rule.origin.stack
            scope = (rule.account_id, rule.region)
            for target in self._store.list_records(Target, *scope, *rule.name):
                key = (*scope, "target", (*rule.name, target.target_id))
                if key in wanted:
                    continue
                mark = self._store.get(OwnerMark, *_write_key(key))
                if stack.is_exact or (mark and _is_of(mark, stack)):
                    remove(ctx.act_as(*scope), "target", key[3])

    def prune(self, ctx: Context) -> None:
        """Remove what the stacks made once and have no longer, last made first.

        What somebody else's things depend on stays, with a notice.
        """
        wanted = {each.key for each in self._description.resources}
        order = list(KINDS)
        marks = [
            (mark, key)
            for mark in _list_marks(self._store, self._description.stacks)
            if (key := read_key(mark)) not in wanted
        ]
        marks.sort(key=lambda pair: order.index(pair[0].kind), reverse=True)
        for mark, key in marks:
            why = find_reason_to_keep(ctx.act_as(*key[:2]), key, mark)
            if why is None:
                remove(ctx.act_as(*key[:2]), key[2], key[3])
            else:
                label = f"{mark.kind.replace('_', ' ')} {mark.name}"
                ctx.notices.append(f"The {label} is kept: {why}.")


def _write_key(key: Key) -> tuple[str, str, str, str]:
    return (*key[:3], "/".join(key[3]))


def read_key(mark: OwnerMark) -> Key:
    """The key of the resource that a mark is of."""
    name = tuple(mark.name.rsplit("/", NAME_PARTS.get(mark.kind, 1) - 1))
    return mark.account_id, mark.region, mark.kind, name


def _is_of(mark: OwnerMark, stack: Stack) -> bool:
    return (mark.path, mark.stack) == (stack.path, stack.name)


def _make_mark(resource: Resource) -> OwnerMark:
    account_id, region, kind, name = _write_key(resource.key)
    origin = resource.origin
    return OwnerMark(
        account_id=account_id,
        region=region,
        kind=kind,
        name=name,
        path=origin.stack.path,
        stack=origin.stack.name,
        logical_id=origin.logical_id,
        is_retained=int(resource.is_retained),
    )


def _list_marks(store: Store, stacks: list[Stack]) -> list[OwnerMark]:
    """The marks of some stacks; a folder's are those of all stacks that it ever had."""
    found = {}
    for stack in stacks:
        where: dict[str, object] = {"path": stack.path}
        if not stack.has_siblings:
            where["stack"] = stack.name
        for mark in store.list_records(OwnerMark, where=where):
            found[_write_key(read_key(mark))] = mark
    return [found[key] for key in sorted(found)]


def exists(store: Store, key: Key) -> bool:
    """Say whether there is such a resource."""
    account_id, region, kind, name = key
    if kind == "event_bus" and name == (DEFAULT_EVENT_BUS,):
        return True
    if kind in RECORDS:
        return store.get(RECORDS[kind], account_id, region, *name) is not None
    bus = store.get(EventBus, account_id, region, name[0])
    if kind == "policy":
        return bus is not None and bus.policy is not None
    if kind == "permission":
        return bus is not None and name[1] in map(
            get_statement_id, list_statements(bus.policy)
        )
    # An event source is its partner's whoever wrote it down; no file removes it.
    return True


def list_statements(policy: str | None) -> list[Any]:
    """The statements of an event bus policy, whatever they are."""
    statements = json.loads(policy or "{}").get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def get_statement_id(statement: Any) -> str | None:
    """The id of a statement, if it has one."""
    found = statement.get("Sid") if isinstance(statement, dict) else None
    return found if isinstance(found, str) else None


def find_reason_to_keep(ctx: Context, key: Key, mark: OwnerMark) -> str | None:
    """Say why a resource stays that its stack has no longer; `None` if it may go."""
    account_id, region, kind, name = key
    if mark.is_retained:
        return "its DeletionPolicy says so"
    below = {"event_bus": Rule, "rule": Target}.get(kind)
    if below is not None:
        # Its own went before it.
        others = ctx.store.list_records(below, account_id, region, *name, limit=1)
        if others:
            return f"it has {below.TABLE} that are not of this file"
    return None


def remove(ctx: Context, kind: str, name: tuple[str, ...]) -> None:
    """Remove a resource by its operation."""
    requests: dict[str, tuple[str, Any]] = {
        "event_bus": ("DeleteEventBus", {"Name": name[0]}),
        "policy": (
            "RemovePermission",
            {"EventBusName": name[0], "RemoveAllPermissions": True},
        ),
        "permission": (
            "RemovePermission",
            {"EventBusName": name[0], "StatementId": name[-1]},
        ),
        "connection": ("DeleteConnection", {"Name": name[0]}),
        "api_destination": ("DeleteApiDestination", {"Name": name[0]}),
        "endpoint": ("DeleteEndpoint", {"Name": name[0]}),
        "archive": ("DeleteArchive", {"ArchiveName": name[0]}),
        "rule": ("DeleteRule", {"EventBusName": name[0], "Name": name[-1]}),
        "target": (
            "RemoveTargets",
            {"EventBusName": name[0], "Rule": name[-2:][0], "Ids": [name[-1]]},
        ),
    }
    call_within(ctx, *requests[kind])
