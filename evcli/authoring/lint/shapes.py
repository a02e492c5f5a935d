"""What events look like: their fields by source and detail-type, of samples and captured ones.

Events of one source and detail-type are merged to a shape: which fields they have, and a
few values of each.
"""

from __future__ import annotations

from typing import NamedTuple

from evcli.authoring import samples
from evcli.errors import InspectionError
from evcli.patterns.explain.missing_field_hints import EventFields
from evcli.patterns.language.conditions import exact_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from evcli.patterns import EventPattern

    Kind = tuple[str, str]

# Of one field; more are not shown, and types repeat.
MOST_VALUES = 50
# Of a shape; more than any event has.
MOST_FIELDS = 10_000


class Shape:
    """What events have in common: `fields` by path, of `count` events, called `name`."""

    __slots__ = ("count", "fields", "is_captured", "name")

    def __init__(self, name: str, *, is_captured: bool = False) -> None:
        self.name = name
        self.is_captured = is_captured
        self.count = 0
        self.fields = EventFields({})

    def add(self, event: Any) -> None:
        """Take in an event."""
        self.count += 1
        self._merge(EventFields(event))

    def merge(self, other: Shape) -> None:
        """Take in another shape."""
        self.count += other.count
        self.is_captured = self.is_captured or other.is_captured
        self._merge(other.fields)

    def _merge(self, fields: EventFields) -> None:
        mine = self.fields
        for path, values in fields.values.items():
            kept = mine.values.get(path)
            if kept is None:
                if len(mine.values) >= MOST_FIELDS:
                    continue
                kept = mine.values[path] = []
            kept += values[: MOST_VALUES - len(kept)]
        for path, kind in fields.containers.items():
            if len(mine.containers) < MOST_FIELDS:
                mine.containers.setdefault(path, kind)

    def describe(self) -> str:
        """Name it with its number: `none of 200 events`, `the sample s3/…`."""
        if not self.is_captured:
            return self.name
        return "1 event" if self.count == 1 else f"{self.count:,} events"


class Events(NamedTuple):
    """Shapes of events by source and detail-type; `is_captured`: there are no others."""

    shapes: Mapping[Kind, Shape]
    is_captured: bool = False

    def find(self, pattern: EventPattern) -> Shape | None:
        """Merge the shapes of events that a pattern is about; `None`: there are none.

        A sample counts where the pattern says which source it wants; a captured event
        wherever it is not excluded.
        """
        found: dict[Kind, Shape] = {}
        for alternative in pattern.alternatives:
            sources = exact_texts(alternative, "source")
            types = exact_texts(alternative, "detail-type")
            if sources is None and not self.is_captured:
                return None
            for kind, shape in self.shapes.items():
                is_of_source = sources is None or kind[0] in sources
                if is_of_source and (types is None or kind[1] in types):
                    found[kind] = shape
        if not found:
            return None
        if len(found) == 1:
            return next(iter(found.values()))
        names = " and ".join(dict.fromkeys(source for source, _ in found))
        merged = Shape(f"the samples of {names}")
        for shape in found.values():
            merged.merge(shape)
        return merged


def collect(events: Iterable[Mapping[str, Any]]) -> Events:
    """Make shapes of captured events."""
    shapes: dict[Kind, Shape] = {}
    for event in events:
        kind = (str(event.get("source")), str(event.get("detail-type")))
        if kind not in shapes:
            shapes[kind] = Shape("captured events", is_captured=True)
        shapes[kind].add(event)
    return Events(shapes, is_captured=True)


def read_samples(own_directory: str | None) -> Events:
    """Make shapes of the samples of evcli and of the project, files that are none aside."""
    shapes: dict[Kind, Shape] = {}
    for sample in samples.list_samples(own_directory):
        try:
            event = samples.read_file(sample.path)
        except InspectionError:
            continue
        kind = (event["source"], event["detail-type"])
        shapes.setdefault(kind, Shape(f"the sample {sample.name}")).add(event)
    return Events(shapes)
