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
from evcli.patterns.language.events import EventTree, collect, grow_tree, parse_json
from evcli.patterns.matching.event_rows import UNUSUAL
from evcli.patterns.matching.groups import Group, IndexedAlternative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from evcli.patterns.language.conditions import Condition, EventPattern

# Alternatives with more pairs go to the general group, to keep memory in bounds.
MAX_PAIRS = 64


class PatternIndex:
    """Named patterns, and the names of those that an event matches."""

    __slots__ = ("_filed", "_general", "_groups", "_pair_tree")

    def __init__(self) -> None:
        self._general = Group()
        self._groups: dict[tuple[str, str], Group] = {}
        self._filed: dict[Hashable, list[IndexedAlternative]] = {}
        self._pair_tree = grow_tree(KEY_PATHS)

    def __len__(self) -> int:
        return len(self._filed)

    def add(self, name: Hashable, pattern: EventPattern) -> None:
        """Add a pattern under a name, in place of the one it may have had."""
        if name in self._filed:
            self.remove(name)
        filed = self._filed[name] = []
        for alternative in pattern.alternatives:
            pairs = _find_pairs(alternative)
            # What brings an event to the group of a pair need not be tested again.
            unverified = alternative
            if pairs:
                unverified = tuple([c for c in alternative if c.path not in KEY_PATHS])
            for pair in pairs or (None,):
                member = IndexedAlternative(name, alternative, unverified, pair)
                self._find_group(pair).add(member)
                filed.append(member)

    def remove(self, name: Hashable) -> None:
        """Take a pattern out.

        Raises: KeyError: there is no pattern of that name.
        """
        for member in self._filed.pop(name):
            group = self._find_group(member.pair)
            group.remove(member)
            if member.pair is not None and not group.members:
                del self._groups[member.pair]

    def match(self, event: object) -> list[Hashable]:
        """List the names of the patterns that an event matches, each once.

        Args:
            event: an `EventTree`; its JSON text; or the value of one, which is the
                fastest with a parser such as orjson and loses what that one loses.

        Raises: EventTextError: the text is not JSON.
        """
        if type(event) is not dict:
            event = _read(event)
            if type(event) is not dict:
                return self._match_unusual(event)
        try:
            pair = event["source"], event["detail-type"]
        except KeyError:
            pair = event.get("source"), event.get("detail-type")
        source, detail_type = pair
        group = None
        if type(source) is str and type(detail_type) is str:
            group = self._groups.get(pair)
        elif type(source) in UNUSUAL or type(detail_type) in UNUSUAL:
            return self._match_unusual(event)
        found: list[Hashable] = []
        is_open = self._general.members
        if group is not None:
            group.match(event, found)
        elif not is_open:
            return found
        if is_open:
            self._general.match(event, found)
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def has_candidates(self, source: str, detail_type: str) -> bool:
        """Tell whether some pattern may match events of a source and a detail-type."""
        return bool(self._general.members) or (source, detail_type) in self._groups

    def _match_unusual(self, event: object) -> list[Hashable]:
        """Match an event that may have several sources or detail-types."""
        found: list[Hashable] = []
        fields = collect(self._pair_tree, event).found
        sources, detail_types = (
            {value for value, _ in fields.get(path, ()) if type(value) is str}
            for path in KEY_PATHS
        )
        for source in sources:
            for detail_type in detail_types:
                group = self._groups.get((source, detail_type))
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


def _read(event: object) -> object:
    """Get the value of what is none yet. Raises: EventTextError: as `match`."""
    if type(event) is str:
        return parse_json(event)
    return event.value if type(event) is EventTree else event


def _find_pairs(alternative: tuple[Condition, ...]) -> list[tuple[str, str]]:
    """List the (source, detail-type) pairs of an alternative; empty if it is open."""
    sources = exact_texts(alternative, KEY_PATHS[0])
    detail_types = sources and exact_texts(alternative, KEY_PATHS[1])
    if not sources or not detail_types or len(sources) * len(detail_types) > MAX_PAIRS:
        return []
    return [(source, detail_type) for source in sources for detail_type in detail_types]
