"""The tree of the fields that a pattern mentions, and the walk that finds their values.

A path is the list of object keys joined by dots, so a key with a dot and a nested key are
one path; arrays add nothing to it. All paths of a pattern are found in one walk over the
event, which therefore costs at most its size, however many paths there are.

Where a value sits inside arrays, its array position says in which element of each: a chain
`(outer position, number of the array, index, path of the array)`, `None` outside of
arrays. Scalars directly in an array do not have their own index. Arrays are numbered per
walk.

Source: [aws] dotted keys, consistency inside arrays; [peer] array positions.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    ArrayPosition = tuple["ArrayPosition | None", int, int, str]
    Found = list[tuple[object, ArrayPosition | None]]


class Repeated:
    """A JSON object in which a key is repeated: its members in written order."""

    __slots__ = ("members",)

    def __init__(self, members: list[tuple[str, object]]) -> None:
        self.members = members

    def items(self) -> list[tuple[str, object]]:
        """Return the members, as `dict.items` does."""
        return self.members


class PathNode:
    """A step in the tree; `path` leads here, `wanted` if a condition is about it."""

    __slots__ = ("children", "path", "wanted")

    def __init__(self, path: str) -> None:
        self.path = path
        self.wanted = False
        self.children: dict[str, PathNode] = {}

    def find(self, key: str) -> PathNode | None:
        """Follow an event's key, which takes several steps if it has dots."""
        node: PathNode | None = self
        for part in key.split("."):
            if node is None:
                break
            node = node.children.get(part)
        return node


class Fields:
    """What one event has at the paths of a tree.

    `found` maps a path to its (value, array position) pairs and lacks paths without
    values; `in_arrays` holds the paths of which a value sits inside an array of containers.
    """

    __slots__ = ("found", "in_arrays")

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}
        self.in_arrays: set[str] = set()


def grow_tree(paths: Iterable[str]) -> PathNode:
    """Build the tree of some paths."""
    root = PathNode("")
    for path in paths:
        node = root
        length = -1
        for part in path.split("."):
            length += 1 + len(part)
            child = node.children.get(part)
            if child is None:
                child = node.children[part] = PathNode(path[:length])
            node = child
        node.wanted = True
    return root


def collect(root: PathNode, event: object) -> Fields:
    """Find the values at all wanted paths, outer ones before inner ones."""
    fields = Fields()
    arrays = 0
    # Grows while it is walked: no recursion, so deep nesting is no danger.
    queue: list[tuple[PathNode, object, ArrayPosition | None]] = [(root, event, None)]
    for node, value, position in queue:
        if isinstance(value, (dict, Repeated)):
            children = node.children
            for key, member in value.items() if children else ():
                child = children.get(key) or ("." in key and node.find(key))
                if child:
                    queue.append((child, member, position))
        elif isinstance(value, list):
            arrays += 1
            for index, element in enumerate(value):
                if isinstance(element, (dict, list, Repeated)):
                    inner = (position, arrays, index, node.path)
                    queue.append((node, element, inner))
                elif node.wanted:
                    _keep(fields, node.path, element, position)
        elif node.wanted:
            _keep(fields, node.path, value, position)
    return fields


def _keep(
    fields: Fields, path: str, value: object, position: ArrayPosition | None
) -> None:
    fields.found.setdefault(path, []).append((value, position))
    if position is not None:
        fields.in_arrays.add(path)
