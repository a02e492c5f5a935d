"""Why rules match none of many events: reasons, grouped and counted, nearest first."""

from __future__ import annotations

from collections import Counter

from evcli.patterns import EventTree, compile_pattern
from evcli.patterns.explain import PatternVerdict, explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from evcli.patterns.explain.verdicts import FieldVerdict

# More reasons than people read, and more values than they compare.
SHOWN_REASONS = 5
SHOWN_VALUES = 3
# An event without these is of another kind, and says little about a rule.
KIND = ("source", "detail-type")


class Group:
    """Events that miss a pattern at the same condition: how many, values, hints."""

    __slots__ = ("count", "field", "hints", "note", "values")

    def __init__(self, field: FieldVerdict | None, note: str | None) -> None:
        self.field = field
        self.note = note
        self.count = 0
        # In the order in which they come.
        self.values: dict[str, None] = {}
        self.hints: Counter[str] = Counter()


def explain_misses(
    events: Iterable[Any], rules: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Say why events miss rules; those that match are left out.

    Args:
        events: trees, as `patterns.parse_json` or `json.loads` give them.
        rules: name → event pattern.

    Returns:
        Name → `{"Count", "Reason"}` each, nearest first: events that are of the kind
        that the rule is about before others, then the most frequent reason.
    """
    patterns = {name: compile_pattern(text) for name, text in rules.items()}
    groups: dict[str, dict[object, Group]] = {name: {} for name in rules}
    for event in events:
        for name, pattern in patterns.items():
            verdict = explain(pattern, EventTree(event))
            if not verdict.matched:
                _count(groups[name], verdict)
    return {name: _describe(list(each.values())) for name, each in groups.items()}


def _count(groups: dict[object, Group], verdict: PatternVerdict) -> None:
    field, note = find_miss(verdict)
    key = note if field is None else (field.path, field.constraint, not field.values)
    group = groups.setdefault(key, Group(field, note))
    group.count += 1
    if field is not None:
        if len(group.values) <= SHOWN_VALUES:
            group.values.update(dict.fromkeys(field.values))
        group.hints.update([field.hint] if field.hint else [])


def find_miss(verdict: PatternVerdict) -> tuple[FieldVerdict | None, str | None]:
    """Find the condition that keeps a pattern from matching, in its nearest alternative.

    Returns:
        The condition and `None`, or `None` and what is wrong with all of them together.
    """
    nearest = verdict.alternatives[0]
    missed = [field for field in nearest.fields if field.misses]
    if not missed:
        return None, nearest.note
    missed.sort(key=lambda field: getattr(field, "path", None) not in KIND)
    first = missed[0]
    return find_miss(first) if isinstance(first, PatternVerdict) else (first, None)


def _describe(groups: list[Group]) -> list[dict[str, Any]]:
    groups.sort(key=lambda each: (_is_other_kind(each), -each.count))
    described = [
        {"Count": each.count, "Reason": _word(each)} for each in groups[:SHOWN_REASONS]
    ]
    rest = sum(each.count for each in groups[SHOWN_REASONS:])
    if rest:
        described.append({"Count": rest, "Reason": "other reasons"})
    return described


def _is_other_kind(group: Group) -> bool:
    return group.field is not None and group.field.path in KIND


def _word(group: Group) -> str:
    """Word a reason: what was there, what is wanted, and the nearest miss."""
    field = group.field
    if field is None:
        return group.note or "the pattern does not match"
    if field.values:
        shown = ", ".join([*group.values][:SHOWN_VALUES])
        more = ", …" if len(group.values) > SHOWN_VALUES else ""
        reason = f"{field.path} is {shown}{more}, not {field.constraint}"
    else:
        reason = f"{field.path} is absent"
    if not group.hints:
        return reason
    return f"{reason}; {group.hints.most_common(1)[0][0]}"
