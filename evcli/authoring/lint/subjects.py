"""What checks look at: rules with their targets, patterns, and all resources together.

Made of a description, whatever that was read from. A rule's event pattern is there three
times: as text, as the tree that its JSON is, and compiled, as far as it can be.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from evcli.authoring.changes import format_path
from evcli.errors import InvalidEventPatternException
from evcli.patterns import EventTextError, compile_pattern, parse_json
from evcli.patterns.language.events import NumberText, Repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from evcli.authoring.lint.shapes import Shape
    from evcli.infrastructure.description import Description, Origin, Resource
    from evcli.infrastructure.sources import Source
    from evcli.patterns import EventPattern

    Path = tuple[str | int, ...]

OR = "$or"
# Of a value in a message.
SHOWN_CHARACTERS = 80


class Finding(NamedTuple):
    """What a check found.

    Attributes:
        check: its id.
        name: what it is about: `BigOrders detail.state[0]`.
        message: what is wrong, one line.
        origin: where that stands.
        fix: how to mend it, where more is known than the catalogue says.
        level: where it is not that of the catalogue.
    """

    check: str
    name: str
    message: str
    origin: Origin
    fix: str = ""
    level: str = ""


def show(value: Any) -> str:
    """Write a value of a pattern as JSON, cut where it is long."""
    text = _write(value)
    is_long = len(text) > SHOWN_CHARACTERS
    return f"{text[: SHOWN_CHARACTERS - 1]}…" if is_long else text


def _write(value: Any) -> str:
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_write, value))}]"
    if is_object(value):
        members = [f"{_write(name)}: {_write(each)}" for name, each in value.items()]
        return f"{{{', '.join(members)}}}"
    return json.dumps(value, ensure_ascii=False)


class Leaf(NamedTuple):
    """A list of items in a pattern: where it stands, and the field it is about."""

    path: Path
    field: str
    items: list[Any]


class Pattern:
    """An event pattern of a rule or an archive.

    `tree` is `None` where the text is not JSON; `compiled` is `None` and `fault` says why
    where it is no event pattern. `shape` is what events look like that it is about, if
    any are known.
    """

    __slots__ = (
        "compiled",
        "fault",
        "label",
        "leaves",
        "origin",
        "shape",
        "text",
        "tree",
    )

    def __init__(self, label: str, text: str, origin: Origin) -> None:
        self.label = label
        self.text = text
        self.origin = origin
        self.shape: Shape | None = None
        self.compiled: EventPattern | None = None
        self.fault: InvalidEventPatternException | None = None
        try:
            self.tree = parse_json(text)
        except EventTextError:
            self.tree = None
        try:
            self.compiled = compile_pattern(text)
        except InvalidEventPatternException as error:
            self.fault = error
        self.leaves = [] if self.compiled is None else list(_list_leaves(self.tree))

    def find(self, check: str, path: Path, message: str, fix: str = "") -> Finding:
        """A finding about what a path leads to."""
        name = f"{self.label} {format_path(path)}".strip()
        return Finding(check, name, message, self.origin.below(*path), fix)

    def get_members(self) -> list[tuple[str, Any]]:
        """The names at the top and what is below each."""
        return list(self.tree.items()) if is_object(self.tree) else []


def is_object(value: object) -> bool:
    """Say whether a value of a tree is an object."""
    return isinstance(value, (dict, Repeated))


def _list_leaves(tree: Any) -> Iterator[Leaf]:
    """List the leaves of a pattern that compiles. Not by recursion: it may be deep."""
    stack: list[tuple[Any, Path, str]] = [(tree, (), "")]
    while stack:
        value, path, prefix = stack.pop()
        for name, inner in reversed(list(value.items())):
            if name == OR:
                stack += [
                    (each, (*path, OR, i), prefix)
                    for i, each in reversed(list(enumerate(inner)))
                ]
            elif isinstance(inner, list):
                yield Leaf((*path, name), prefix + name, inner)
            else:
                stack.append((inner, (*path, name), f"{prefix}{name}."))


class Target:
    """A target with its rule; `rule` is `None` where that is not described."""

    __slots__ = ("label", "resource", "rule")

    def __init__(self, resource: Resource, label: str, rule: Rule | None) -> None:
        self.resource = resource
        self.label = label
        self.rule = rule

    @property
    def members(self) -> dict[str, Any]:
        """Its members, without the id."""
        return self.resource.members

    @property
    def target_id(self) -> str:
        """Its id."""
        return self.resource.name[2]

    def find(
        self, check: str, message: str, *keys: str | int, fix: str = "", level: str = ""
    ) -> Finding:
        """A finding about the target, or a part of it."""
        name = f"{self.label} {format_path(keys)}".strip()
        origin = self.resource.origin.below(*keys)
        return Finding(check, name, message, origin, fix, level)


class Rule:
    """A rule with its pattern and targets."""

    __slots__ = ("label", "pattern", "resource", "targets")

    def __init__(self, resource: Resource, label: str) -> None:
        self.resource = resource
        self.label = label
        self.targets: list[Target] = []
        self.pattern: Pattern | None = None

    @property
    def members(self) -> dict[str, Any]:
        """Its members, without the name."""
        return self.resource.members

    @property
    def event_bus(self) -> str:
        """The name of its event bus."""
        return self.resource.name[0]

    def find(
        self, check: str, message: str, member: str = "", fix: str = ""
    ) -> Finding:
        """A finding about the rule, or a member of it."""
        name = f"{self.label} {member}".strip()
        return Finding(check, name, message, locate(self.resource, member), fix)


class Subjects:
    """All that is checked together."""

    __slots__ = (
        "bare_rules",
        "description",
        "patterns",
        "resources",
        "rules",
        "targets",
        "templates",
    )

    def __init__(
        self,
        description: Description,
        patterns: Sequence[Pattern] = (),
        bare_rules: frozenset[Any] = frozenset(),
        templates: Sequence[Source] = (),
    ) -> None:
        """Sort out a description.

        Args:
            patterns: those of no rule.
            bare_rules: keys of rules of which nobody knows the targets.
            templates: those that the description comes from, as they are written.
        """
        self.templates = templates
        self.description = description
        self.bare_rules = bare_rules
        self.resources = description.resources
        self.rules: list[Rule] = []
        self.targets: list[Target] = []
        self.patterns: list[Pattern] = list(patterns)
        by_key: dict[Any, Rule] = {}
        for resource in self.resources:
            label = name_resource(resource)
            pattern = resource.members.get("EventPattern")
            if resource.kind == "rule":
                rule = Rule(resource, label)
                by_key[resource.account_id, resource.region, resource.name] = rule
                self.rules.append(rule)
            if resource.kind in ("rule", "archive") and isinstance(pattern, str):
                found = Pattern(label, pattern, locate(resource, "EventPattern"))
                self.patterns.append(found)
                if resource.kind == "rule":
                    rule.pattern = found
        for resource in description.select("target"):
            key = (resource.account_id, resource.region, resource.name[:2])
            owner = by_key.get(key)
            label = f"{name_resource(resource)}/{resource.name[2]}"
            target = Target(resource, label, owner)
            self.targets.append(target)
            if owner is not None:
                owner.targets.append(target)


def name_resource(resource: Resource) -> str:
    """Name a resource for people: as its template does, else by its own name."""
    if is_of_template(resource.origin):
        return resource.origin.logical_id
    name = resource.name[:2] if resource.kind == "target" else resource.name
    return "/".join(name)


def locate(resource: Resource, member: str) -> Origin:
    """Where a member of a resource stands."""
    origin = resource.origin
    if not member:
        return origin
    # Templates, where resources have logical ids, have members below `Properties`.
    return origin.below(*(("Properties",) if is_of_template(origin) else ()), member)


def is_of_template(origin: Origin) -> bool:
    """Say whether something has a logical id; in a file of state that is a key."""
    return bool(origin.logical_id) and not origin.stack.is_exact
