"""One event as a row: a slot for each path that some pattern mentions.

A slot holds a value, a list of several values, or `MISSING`. The quick walk goes down the
tree of the wanted paths and not through the event, so what no pattern mentions costs
nothing. What it cannot read (objects inside of arrays that hold more than scalars,
repeated keys, keys with dots) it leaves to `collect`, which reads everything.

Source: ours; `collect` is what it must agree with.
"""

from __future__ import annotations

from evcli.patterns.language.events import PathNode, Repeated, collect, grow_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Row = list[Any]
    # Key, slot or -1, what is read below, the same as a tree of paths.
    Step = tuple[str, int, "Steps | None", PathNode]
    # May a key with dots lead somewhere; the steps.
    Steps = tuple[bool, list["Step"]]

MISSING: Any = type("Missing", (), {"__slots__": ()})()
MAX_WALK = 50  # levels that are read by recursion
UNUSUAL = frozenset([list, Repeated])
CONTAINERS = frozenset([dict, list, Repeated])
OBJECTS_ONLY = {dict}
LISTS_ONLY = {list}


class RowReader:
    """Reads what events have at some paths into the slots of rows."""

    __slots__ = ("_slots", "_steps", "_tree")

    def __init__(self, slots: dict[str, int]) -> None:
        """Want some paths, each into the slot of that number."""
        self._slots = slots
        self._tree = grow_tree(slots)
        self._steps = self._lay_steps(self._tree, 1)

    def read(self, event: object, row: Row, in_arrays: set[str]) -> None:
        """Read an event; add the paths with a value inside an array of containers."""
        if type(event) is dict:
            self._walk(self._steps, self._tree, event, row, in_arrays)
        else:
            self._gather(self._tree, event, row, in_arrays)

    def _lay_steps(self, node: PathNode, depth: int) -> Steps:
        """Turn the tree into tuples, which are unpacked faster than nodes are asked."""
        steps: list[Step] = []
        for key, child in node.children.items():
            slot = self._slots[child.path] if child.wanted else -1
            below = None
            if child.children and depth < MAX_WALK:
                below = self._lay_steps(child, depth + 1)
            steps.append((key, slot, below, child))
        return any(child.children for child in node.children.values()), steps

    def _walk(
        self,
        steps: Steps,
        node: PathNode,
        members: dict[str, Any],
        row: Row,
        in_arrays: set[str],
    ) -> None:
        may_have_dots, steps_here = steps
        # A key "a.b" is a step too, but one that `members.get` would not find. One search
        # in all keys joined is cheaper than one in each.
        if may_have_dots and "." in "".join(members):
            self._gather(node, members, row, in_arrays)
            return
        for key, slot, below, child in steps_here:
            value = members.get(key, MISSING)
            kind = type(value)
            if kind is dict:
                if below is not None:
                    self._walk(below, child, value, row, in_arrays)
                elif child.children:
                    self._gather(child, value, row, in_arrays)
            elif kind in UNUSUAL:
                if kind is not list or not _spread(
                    value, slot, below, child.path, row, in_arrays
                ):
                    self._gather(child, value, row, in_arrays)
            elif slot >= 0:
                row[slot] = value

    def _gather(
        self, node: PathNode, value: object, row: Row, in_arrays: set[str]
    ) -> None:
        """Read whatever is at and below a node, slowly."""
        fields = collect(node, value)
        in_arrays |= fields.in_arrays
        for path, pairs in fields.found.items():
            row[self._slots[path]] = [value for value, _ in pairs]


def _spread(
    values: list[Any],
    slot: int,
    below: Steps | None,
    path: str,
    row: Row,
    in_arrays: set[str],
) -> bool:
    """Read an array of scalars, or of objects of scalars; False for all others."""
    kinds = set(map(type, values))
    is_nested = kinds == LISTS_ONLY
    while kinds == LISTS_ONLY:
        values = [value for inner in values for value in inner]
        kinds = set(map(type, values))
    if kinds.isdisjoint(CONTAINERS):
        if values and slot >= 0:
            row[slot] = values
            if is_nested:
                in_arrays.add(path)
        return True
    # Objects whose own path is wanted, or whose keys may have dots, are too much here.
    if kinds != OBJECTS_ONLY or slot >= 0 or below is None or below[0]:
        return False
    for key, inner_slot, _, child in below[1]:
        inner = [each[key] for each in values if key in each]
        if not CONTAINERS.isdisjoint(map(type, inner)):
            return False
        if inner:
            row[inner_slot] = inner
            in_arrays.add(child.path)
    return True
