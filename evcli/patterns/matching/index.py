"""Many patterns at once: which of them does an event match?

Two levels. Alternatives that pin both `source` and `detail-type` to plain strings are
grouped by that pair, and an event goes straight to its group; all others are one general
group. Inside a group see `evcli.patterns.matching.groups`. Patterns come and go without anything
being built anew but, now and then, one group.

The evaluator is the referee: `index.match(event)` is `[name for name, pattern in … if
match(pattern, event)]`, in no particular order.

Source: ours; the two levels measured best among what pure Python can do.
"""

from __future__ import annotations

from evcli.patterns.language.conditions import KEY_PATHS, exact_texts
from evcli.patterns.language.events import Event, parse_json
from evcli.patterns.language.paths import collect, grow_tree
from evcli.patterns.matching.groups import UNUSUAL, Group, Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from evcli.patterns.language.conditions import Condition, EventPattern

# Alternatives with more pairs go to the general group, to keep memory in bounds.
MAX_PAIRS = 64


class PatternIndex:
    """Named patterns, and the names of those that an event matches."""

    __slots__ = ("_general", "_groups", "_pair_tree", "_variants")

    def __init__(self) -> None:
        self._general = Group()
        self._groups: dict[tuple[str, str], Group] = {}
        self._variants: dict[
            Hashable, list[tuple[tuple[str, str] | None, Variant]]
        ] = {}
        self._pair_tree = grow_tree(KEY_PATHS)

    def __len__(self) -> int:
        return len(self._variants)

    def add(self, name: Hashable, pattern: EventPattern) -> None:
        """Add a pattern under a name, in place of the one it may have had."""
        if name in self._variants:
            self.remove(name)
        filed = self._variants[name] = []
        for alternative in pattern.alternatives:
            pairs = _find_pairs(alternative)
            still_open = alternative
            if pairs:
                still_open = tuple(
                    condition
                    for condition in alternative
                    if condition.path not in KEY_PATHS
                )
            for pair in pairs or (None,):
                variant = Variant(name, alternative, still_open)
                self._find_group(pair).add(variant)
                filed.append((pair, variant))

    def remove(self, name: Hashable) -> None:
        """Take a pattern out.

        Raises: KeyError: there is no pattern of that name.
        """
        for pair, variant in self._variants.pop(name):
            group = self._find_group(pair)
            group.remove(variant)
            if pair is not None and not group.variants:
                del self._groups[pair]

    def match(self, event: object) -> list[Hashable]:
        """List the names of the patterns that an event matches, each once.

        Args:
            event: an `Event`; its JSON text; or a value as for `leaves_of`, which is
                the fastest with a parser such as orjson and loses what that one loses.

        Raises: EventTextError: the text is not JSON.
        """
        if type(event) is str:
            event = parse_json(event)
        elif type(event) is Event:
            event = event.value
        found: list[Hashable] = []
        if type(event) is not dict:
            return self._match_unusual(event)
        source, kind = event.get("source"), event.get("detail-type")
        if type(source) is str and type(kind) is str:
            group = self._groups.get((source, kind))
            if group is not None:
                group.match(event, found)
        elif type(source) in UNUSUAL or type(kind) in UNUSUAL:
            return self._match_unusual(event)
        if self._general.variants:
            self._general.match(event, found)
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _match_unusual(self, event: object) -> list[Hashable]:
        """Match an event that may have several sources or detail-types."""
        found: list[Hashable] = []
        fields = collect(self._pair_tree, event).found
        sources, kinds = (
            {value for value, _ in fields.get(path, ()) if type(value) is str}
            for path in KEY_PATHS
        )
        for source in sources:
            for kind in kinds:
                group = self._groups.get((source, kind))
                if group is not None:
                    group.match(event, found, is_plain=False)
        self._general.match(event, found, is_plain=False)
        return list(dict.fromkeys(found))

    def _find_group(self, pair: tuple[str, str] | None) -> Group:
        if pair is None:
            return self._general
        group = self._groups.get(pair)
        if group is None:
            group = self._groups[pair] = Group()
        return group


def _find_pairs(alternative: tuple[Condition, ...]) -> list[tuple[str, str]]:
    """List the (source, detail-type) pairs of an alternative; empty if it is open."""
    sources, kinds = (exact_texts(alternative, path) or () for path in KEY_PATHS)
    if len(sources) * len(kinds) > MAX_PAIRS:
        return []
    return [(source, kind) for source in sources for kind in kinds]
