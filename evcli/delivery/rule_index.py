"""The rules of whole event buses in an index, for commands that meet many events.

Building it takes time for every rule, so a command that sends a few events fetches
its candidates instead (`StoredRules` in `delivery/routing.py`).
"""

from __future__ import annotations

from evcli.patterns import compile_pattern
from evcli.patterns.matching.index import PatternIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.delivery.events import AcceptedEvent, EventBusKey
    from evcli.store.store import Store


class IndexedRules:
    """Holds the rules of every event bus that an event came to."""

    __slots__ = ("_buses", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store
        # Each with the patterns' texts by rule name, to see what has changed.
        self._buses: dict[EventBusKey, tuple[PatternIndex, dict[str, str]]] = {}

    def match(self, event: AcceptedEvent) -> list[str]:
        """List the names of the rules on the event's bus that match, ascending."""
        return self.match_value(event.event_bus, event.tree)

    def match_value(self, event_bus: EventBusKey, value: object) -> list[str]:
        """List the rules of an event bus that match what `PatternIndex.match` takes."""
        held = self._buses.get(event_bus)
        if held is None:
            held = self._buses[event_bus] = (PatternIndex(), {})
            self._update(event_bus)
        names: list[Any] = held[0].match(value)
        if len(names) > 1:
            names.sort()
        return names

    def refresh(self) -> None:
        """Take over what others changed; costs little for each rule that is the same."""
        for bus in self._buses:
            self._update(bus)

    def _update(self, bus: EventBusKey) -> None:
        index, texts = self._buses[bus]
        present = dict(self._store.rules.list_matching(bus))
        for name in [name for name in texts if name not in present]:
            index.remove(name)
            del texts[name]
        for name, text in present.items():
            if texts.get(name) != text:
                index.add(name, compile_pattern(text))
                texts[name] = text
