"""What should exist: resources by account and region, each with where it comes from.

Readers make a description of a file, `state` makes one of the state directory, `apply`
carries one out, `changes` compares two. A resource's members are those of the request
that makes it, without its name; two words are evcli's own: `tags`, a mapping, and
`CreatedBy` and `ConnectionState` as responses spell them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Members = dict[str, Any]
    # Where a value stands in a file: keys and positions in lists.
    Path = tuple[str | int, ...]
    # Account, region, kind, name.
    Key = tuple[str, str, str, tuple[str, ...]]

# Kind → the request that makes it, in the order in which resources name each other.
KINDS: dict[str, str] = {
    "event_source": "CreatePartnerEventSource",
    "event_bus": "CreateEventBus",
    "policy": "PutPermission",
    "permission": "PutPermission",
    "connection": "CreateConnection",
    "api_destination": "CreateApiDestination",
    "endpoint": "CreateEndpoint",
    "rule": "PutRule",
    "target": "PutTargets",
    "archive": "CreateArchive",
}


class Stack:
    """A file, or one of the stacks in it: who owns what it describes.

    `path` is absolute, and how the table of owners knows the file; `name` is empty where
    a file is no stack. One that `is_exact` says everything about what it names: a rule
    has the targets that it lists and no others, an event bus the policy or none. One
    that `has_siblings` is of a folder: whatever other stacks that made is its own too.
    """

    __slots__ = ("has_siblings", "is_exact", "name", "path")

    def __init__(
        self,
        path: str,
        name: str = "",
        *,
        is_exact: bool = False,
        has_siblings: bool = False,
    ) -> None:
        self.path = path
        self.name = name
        self.is_exact = is_exact
        self.has_siblings = has_siblings


class Origin:
    """Where in a file something stands.

    `locate` gives the line of a path of keys, counting from 1; it is asked only when a
    line is printed.
    """

    __slots__ = ("_locate", "file", "logical_id", "path", "stack")

    def __init__(
        self,
        stack: Stack,
        file: str,
        path: Path = (),
        logical_id: str = "",
        locate: Callable[[Path], int | None] | None = None,
    ) -> None:
        self.stack = stack
        self.file = file
        self.path = path
        self.logical_id = logical_id
        self._locate = locate

    def __str__(self) -> str:
        """`FILE:LINE: LOGICAL ID`, as far as they are known."""
        line = self.find_line()
        where = self.file if line is None else f"{self.file}:{line}"
        return f"{where}: {self.logical_id}" if self.logical_id else where

    def find_line(self) -> int | None:
        """The line, counting from 1."""
        return None if self._locate is None else self._locate(self.path)

    def below(self, *keys: str | int) -> Origin:
        """The origin of a part."""
        path = (*self.path, *keys)
        return Origin(self.stack, self.file, path, self.logical_id, self._locate)


class Resource:
    """One thing that should exist.

    `name` has the names of what it is in before its own: event bus, rule, target id.
    One that `is_retained` stays when its stack has it no longer; values of `sensitive`
    members are not shown.
    """

    __slots__ = (
        "account_id",
        "is_retained",
        "kind",
        "members",
        "name",
        "origin",
        "region",
        "sensitive",
    )

    def __init__(
        self,
        kind: str,
        account_id: str,
        region: str,
        name: tuple[str, ...],
        members: Members,
        origin: Origin,
        *,
        is_retained: bool = False,
        sensitive: frozenset[str] = frozenset(),
    ) -> None:
        self.kind = kind
        self.account_id = account_id
        self.region = region
        self.name = name
        self.members = members
        self.origin = origin
        self.is_retained = is_retained
        self.sensitive = sensitive

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.account_id, self.region, self.kind, self.name

    def __repr__(self) -> str:
        return f"Resource{(*self.key, self.members)}"


class Description:
    """What files describe together.

    `notes` say what could not be worked out, `remarks` what evcli does not cover, one
    line each, file and line first; `invented` are the names that the service would have
    made up.
    """

    __slots__ = ("invented", "notes", "remarks", "resources", "stacks")

    def __init__(self) -> None:
        self.resources: list[Resource] = []
        self.stacks: list[Stack] = []
        self.notes: list[str] = []
        self.remarks: list[str] = []
        self.invented: set[str] = set()

    def extend(self, other: Description) -> None:
        """Take in what another file describes."""
        self.resources += other.resources
        self.stacks += other.stacks
        self.notes += other.notes
        self.remarks += other.remarks
        self.invented |= other.invented

    def select(self, kind: str) -> list[Resource]:
        """The resources of a kind, in the order of their files."""
        return [each for each in self.resources if each.kind == kind]
