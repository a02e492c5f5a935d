"""Nearest misses: what would have matched, had the pattern or the event been a bit other.

Each hint looks at a condition that failed and gives a sentence or `None`; the first
sentence counts. Hints never decide anything. Those for missing fields are in
`missing_field_hints`, those for values in `value_hints` and, where the pattern says what
its author hardly meant, in `syntax_hints`.
"""

from __future__ import annotations

from evcli.patterns.explain.missing_field_hints import (
    MISSING_FIELD_HINTS,
    hint_absence,
)
from evcli.patterns.explain.value_hints import VALUE_HINTS
from evcli.patterns.explain.wording import format_value
from evcli.patterns.language.conditions import is_absence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.patterns.explain.missing_field_hints import EventFields
    from evcli.patterns.language.conditions import Condition, Item
    from evcli.patterns.language.events import ArrayPosition, Fields

# Pairs of item and value that are looked at: hints are for people.
MAX_PAIRS = 200


def find_field_hint(
    condition: Condition, values: list[object], event_fields: EventFields
) -> str | None:
    """Find the nearest miss of a condition that no value met."""
    if not values:
        answers = (hint(condition, event_fields) for hint in MISSING_FIELD_HINTS)
        return next((answer for answer in answers if answer), None)
    if all(map(is_absence, condition.items)):
        if values[0] is None:
            return (
                "null is a value: the field is there, and the pattern wants it absent"
            )
        return "the field is there, and the pattern wants it absent"
    # Hints in order of their worth: the best one for any pair, before the next for the first.
    for hint in VALUE_HINTS:
        for item, value in _pairs(condition, values):
            if item.operator != "exists" and (answer := hint(item, value)):
                return answer
    return None


def find_surprise(
    condition: Condition, values: list[object], event_fields: EventFields
) -> str | None:
    """Find what may surprise in a condition that is met."""
    if not values:
        return hint_absence(condition, event_fields)
    misses = [value for value in values[:MAX_PAIRS] if not condition.test(value)]
    if all(item.operator.startswith("anything-but") for item in condition.items):
        if misses:
            value = format_value(misses[0])
            return f"{value} is excluded, but one other value of the array is enough"
        if len(condition.items) > 1 and any(
            not item.test(value) for item, value in _pairs(condition, values)
        ):
            return (
                "what one anything-but excludes the other lets through; excluded"
                " together they are one list"
            )
    return None


def find_together_hint(
    alternative: tuple[Condition, ...], fields: Fields
) -> str | None:
    """Say which array element came nearest to meeting all conditions on its array.

    `None` if a condition that no element meets says enough by itself.
    """
    met: dict[tuple[int, int, str], list[str]] = {}
    below: dict[int, dict[str, None]] = {}
    for condition in alternative:
        elements: dict[tuple[int, int, str], None] = {}
        for value, position in fields.found.get(condition.path, ()):
            for element in _elements(position):
                below.setdefault(element[0], {})[condition.path] = None
                if condition.test(value):
                    elements[element] = None
        for element in elements:
            met.setdefault(element, []).append(condition.path)
    partial = [element for element in met if len(met[element]) < len(below[element[0]])]
    if not partial:
        paths = {path for names in met.values() for path in names}
        if any(each.wants_absent and each.path not in paths for each in alternative):
            return None
        return "Each field is met, but not all of them by the same array elements."
    best = max(partial, key=lambda element: (len(met[element]), -element[1]))
    array, index, path = best
    missed = [name for name in below[array] if name not in met[best]]
    for condition in alternative:
        if condition.path in missed and _is_absent(condition, best, fields):
            return (
                f"{path}[{index}] would do, but conditions are tried in order of name:"
                f" {_list_names([condition.path], path)} before an element is chosen, so"
                " no element may have it."
            )
    return (
        f"No element of {path} meets all: {path}[{index}] meets"
        f" {_list_names(met[best], path)} but not {_list_names(missed, path)}."
    )


def _is_absent(
    condition: Condition, element: tuple[int, int, str], fields: Fields
) -> bool:
    return condition.wants_absent and not any(
        element in _elements(position) for _, position in fields.found[condition.path]
    )


def _elements(position: ArrayPosition | None) -> Iterator[tuple[int, int, str]]:
    while position is not None:
        position, array, index, path = position
        yield array, index, path


def _list_names(paths: list[str], above: str) -> str:
    return ", ".join(path.removeprefix(above).lstrip(".") or path for path in paths)


def _pairs(condition: Condition, values: list[object]) -> Iterator[tuple[Item, object]]:
    count = 0
    for value in values:
        for item in condition.items:
            count += 1
            if count > MAX_PAIRS:
                return
            yield item, value
