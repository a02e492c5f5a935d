"""What an import would change: the state before and after it, compared by value.

The import is carried out and rolled back. So what is shown is what happens: defaults,
completed ARNs, refusals and all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.infrastructure.apply import carry_out_within
from evcli.infrastructure.state import read_state
from evcli.operations.connection_parameters import hide_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.context import Context
    from evcli.infrastructure.description import Description, Key, Origin, Resource

    # Dotted path → value without parts that are shown by themselves.
    Leaves = dict[str, Any]

ADDED, CHANGED, REMOVED = "add", "change", "remove"

# Members that are JSON as text; equal values are equal, whatever the text is.
JSON_MEMBERS = ("EventPattern", "Policy")

SENSITIVE = "(sensitive)"
# Stands for a value that is not there; `null` may be one.
ABSENT = object()


class Change:
    """What becomes of one resource.

    `origin` says which file wants it, and is `None` for what is removed. `leaves` are
    (path, before, after), `ABSENT` what is not there and `SENSITIVE` what nobody may see.
    """

    __slots__ = ("action", "key", "leaves", "origin")

    def __init__(
        self,
        action: str,
        key: Key,
        origin: Origin | None,
        leaves: list[tuple[str, Any, Any]],
    ) -> None:
        self.action = action
        self.key = key
        self.origin = origin
        self.leaves = leaves

    def to_document(self) -> dict[str, Any]:
        """Everything as JSON values."""
        account_id, region, kind, name = self.key
        document: dict[str, Any] = {
            "Action": self.action,
            "Kind": kind,
            "Name": "/".join(name),
            "AccountId": account_id,
            "Region": region,
        }
        if self.origin is not None:
            document["File"] = self.origin.file
            line = self.origin.find_line()
            if line is not None:
                document["Line"] = line
            if self.origin.logical_id:
                document["LogicalId"] = self.origin.logical_id
        document["Changes"] = [
            {"Path": path}
            | ({} if before is ABSENT else {"Before": before})
            | ({} if after is ABSENT else {"After": after})
            for path, before, after in self.leaves
        ]
        return document


class _RollBack(Exception):
    """Ends a transaction whose changes are not wanted."""


def list_changes(
    ctx: Context, description: Description, *, is_pruning: bool = False
) -> list[Change]:
    """List what `carry_out` would change, and change nothing.

    Raises: ConfigurationError: it would be refused.
    """
    try:
        with ctx.store.transaction():
            before = read_state(ctx, with_secrets=True)
            carry_out_within(ctx, description, is_pruning=is_pruning)
            after = read_state(ctx, with_secrets=True)
            raise _RollBack
    except _RollBack:
        ctx.after_commit.clear()
    return list(_compare(before, after, description))


def carry_out_compared(
    ctx: Context, description: Description, *, is_pruning: bool = False
) -> list[Change]:
    """As `carry_out`, and list what that changed."""
    ctx.after_commit.clear()
    with ctx.store.transaction():
        before = read_state(ctx, with_secrets=True)
        carry_out_within(ctx, description, is_pruning=is_pruning)
        after = read_state(ctx, with_secrets=True)
    for follow_up in ctx.after_commit:
        follow_up()
    return list(_compare(before, after, description))


def _compare(
    before: list[Resource], after: list[Resource], description: Description
) -> Iterator[Change]:
    sensitive = {each.key: each.sensitive for each in description.resources}
    was = {each.key: each for each in before}
    will_be = {each.key: each for each in after}
    origins = {each.key: each.origin for each in description.resources}
    for each in description.select("permission"):
        # Seen in the state as a part of the whole policy.
        policy = (*each.key[:2], "policy", each.name[:1])
        origins.setdefault(policy, each.origin)
    for key in sorted(was | will_be, key=lambda key: (key[:2], _sort_by_bus(key))):
        one, other = was.get(key), will_be.get(key)
        changed = _compare_leaves(one, other, sensitive.get(key, frozenset()))
        if not changed and key[2:] == ("event_bus", (DEFAULT_EVENT_BUS,)):
            # There in any case; the state lists it only with something of its own.
            continue
        if one is None:
            yield Change(ADDED, key, origins.get(key), changed)
        elif other is None:
            yield Change(REMOVED, key, None, changed)
        elif changed:
            yield Change(CHANGED, key, origins.get(key), changed)


def _sort_by_bus(key: Key) -> tuple[bool, tuple[str, ...], str]:
    """Rules and targets behind their event bus, other kinds behind those."""
    kind, name = key[2:]
    is_of_bus = kind in ("event_bus", "policy", "rule", "target")
    return not is_of_bus, name, kind


def _compare_leaves(
    one: Resource | None, other: Resource | None, sensitive: frozenset[str]
) -> list[tuple[str, Any, Any]]:
    before, after = _list_leaves(one), _list_leaves(other)
    hidden = _find_sensitive(one) | _find_sensitive(other)

    def show(path: str, leaves: Leaves) -> Any:
        value = leaves.get(path, ABSENT)
        is_hidden = path in hidden or _name_member(path) in sensitive
        return SENSITIVE if is_hidden and value is not ABSENT else value

    return [
        (path, show(path, before), show(path, after))
        for path in before | after
        if before.get(path, ABSENT) != after.get(path, ABSENT)
    ]


def _name_member(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _list_leaves(resource: Resource | None) -> Leaves:
    if resource is None:
        return {}
    members = dict(resource.members)
    for name in JSON_MEMBERS:
        if name in members:
            members[name] = _parse(members[name])
    return dict(_walk(members, "")) if members else {}


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The leaves of a value; lists of a pattern, and lists of no objects, are such."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _walk(item, f"{path}.{key}" if path else key)
    elif _has_objects(value) and not path.startswith("EventPattern"):
        for i, item in enumerate(value):
            yield from _walk(item, f"{path}[{i}]")
    else:
        yield path, value


def _has_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _find_sensitive(resource: Resource | None) -> set[str]:
    """The paths of a connection's secrets."""
    if resource is None or "AuthParameters" not in resource.members:
        return set()
    parameters = resource.members["AuthParameters"]
    shown = {"AuthParameters": hide_parameters(parameters)}
    return set(dict(_walk(resource.members, ""))) - set(
        dict(_walk({**resource.members, **shown}, ""))
    )
