"""Why a pattern matches an event or does not, as data: a tree that mirrors the pattern.

    PatternVerdict             met if one of its alternatives is
    └── AlternativeVerdict     met if all of its fields are, by the same array elements
        ├── FieldVerdict       one condition: what is wanted, what is there, the nearest miss
        └── PatternVerdict     a `$or`, whose alternatives are its objects

A whole pattern has one alternative. Fields stand in the order in which they are written,
the alternatives of a `$or` nearest first. `matched` of the whole comes from the evaluator
itself and so equals `match`; that of a part says whether the part, taken alone, is met.

Source: ours; the rules explained are those of `evcli.patterns.matching.evaluator`.
"""

from __future__ import annotations

import json

from evcli.patterns.explain.hints import (
    find_field_hint,
    find_surprise,
    find_together_hint,
)
from evcli.patterns.explain.missing_field_hints import EventFields
from evcli.patterns.explain.wording import format_items, format_value
from evcli.patterns.language.compiler import list_alternatives
from evcli.patterns.language.conditions import Condition
from evcli.patterns.language.error_positions import clean
from evcli.patterns.language.events import collect
from evcli.patterns.language.numbers import comparable
from evcli.patterns.matching.evaluator import Evaluation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.patterns.language.conditions import EventPattern, Members
    from evcli.patterns.language.events import EventTree

# Values of one field that a verdict keeps.
MAX_VALUES = 1000
# `$or` inside of `$or`: past this depth nobody follows.
MAX_DEPTH = 50
GAVE_UP = (
    "Too many combinations of array elements; the search was given up,"
    " which counts as no match."
)
TOO_DEEP = "This $or is nested too deeply to be explained."
# The last condition on a field replaces those before it, in one alternative or in all.
REPLACED_HERE = "where the event matches, a later condition on the field replaces it"
REPLACED_EVERYWHERE = "it has no effect: a later condition on the field replaces it"
REPLACED_OR = f"Of a $or that is not met: {REPLACED_HERE}."


class FieldVerdict:
    """One condition; `constraint` and each of `values` are JSON texts.

    `values` is what the event has at `path`, values that meet the condition first;
    `container` is what stands there instead of values: `object`, `array`, or `empty`
    before either. `matched` is `None` where another condition on the same field replaces
    this one. `hint` is the nearest miss in words, or what may surprise in a condition that
    is met; `None` if there is nothing to say.
    """

    __slots__ = ("constraint", "container", "hint", "matched", "path", "values")

    def __init__(
        self,
        path: str,
        constraint: str,
        values: list[str],
        container: str | None,
        matched: bool | None,
        hint: str | None,
    ) -> None:
        self.path = path
        self.constraint = constraint
        self.values = values
        self.container = container
        self.matched = matched
        self.hint = hint

    @property
    def misses(self) -> int:
        """How many conditions are not met: 1 or 0."""
        return int(self.matched is False)


class AlternativeVerdict:
    """One alternative; `number` is its rank in the `$or` as written, from 1.

    `note` is about its fields together, `None` if there is nothing to say. `misses` counts
    the conditions that are not met, of each `$or` in its nearest alternative.
    """

    __slots__ = ("fields", "matched", "misses", "note", "number")

    def __init__(
        self,
        number: int,
        matched: bool,
        fields: list[FieldVerdict | PatternVerdict],
        note: str | None,
    ) -> None:
        self.number = number
        self.matched = matched
        self.fields = fields
        self.note = note
        failed = sum(field.misses for field in fields)
        self.misses: int = 0 if matched else max(failed, 1)


class PatternVerdict:
    """A whole pattern, or a `$or` in it."""

    __slots__ = ("alternatives", "matched", "misses")

    def __init__(self, alternatives: list[AlternativeVerdict]) -> None:
        self.alternatives = sorted(alternatives, key=_rank)
        self.matched = self.alternatives[0].matched
        self.misses = self.alternatives[0].misses


def explain(pattern: EventPattern, event: EventTree) -> PatternVerdict:
    """Say for every condition of a pattern what was wanted and what was there."""
    return PatternVerdict([_Judge(pattern, event).judge(1, pattern.members)])


class _Judge:
    """One event against one pattern."""

    __slots__ = ("effective", "evaluation", "event_fields", "matched")

    def __init__(self, pattern: EventPattern, event: EventTree) -> None:
        self.evaluation = Evaluation(collect(pattern.paths, event.value))
        # Before anything else is asked, so that the search has all of its steps.
        self.matched = any(map(self.evaluation.fits, pattern.alternatives))
        self.event_fields = EventFields(event.value)
        # Conditions that no alternative is left with are replaced by later ones.
        self.effective = {
            condition for found in pattern.alternatives for condition in found
        }

    def judge(
        self, number: int, members: Members, depth: int = 0
    ) -> AlternativeVerdict:
        alternatives = [
            tuple(condition for condition in found if condition in self.effective)
            for found in list_alternatives(members)
        ]
        matched = (
            any(map(self.evaluation.fits, alternatives)) if depth else self.matched
        )
        if depth > MAX_DEPTH:
            return AlternativeVerdict(number, matched, [], TOO_DEEP)
        fields = [
            self._judge_condition(member)
            if isinstance(member, Condition)
            else PatternVerdict(
                [self.judge(n, arm, depth + 1) for n, arm in enumerate(member, 1)]
            )
            for member in members
        ]
        if matched:
            note = self._account_for_misses(members, fields)
        else:
            note = self._find_note(alternatives, fields)
        return AlternativeVerdict(number, matched, fields, note)

    def _judge_condition(self, condition: Condition) -> FieldVerdict:
        evaluation = self.evaluation
        found = evaluation.fields.found.get(condition.path, ())
        values = [value for value, _ in found[:MAX_VALUES]]
        container = None if found else self.event_fields.containers.get(condition.path)
        matched: bool | None = evaluation.is_met(condition)
        hint: str | None
        if condition not in self.effective:
            matched, hint = None, REPLACED_EVERYWHERE
        elif matched:
            hint = find_surprise(condition, values, self.event_fields)
        else:
            hint = find_field_hint(condition, values, self.event_fields)
        values.sort(key=lambda value: not condition.test(value))
        return FieldVerdict(
            path=condition.path,
            constraint=format_items(condition.items),
            values=[format_value(value) for value in values],
            container=container,
            matched=matched,
            hint=hint,
        )

    def _account_for_misses(
        self, members: Members, fields: list[FieldVerdict | PatternVerdict]
    ) -> str | None:
        """Account for parts that are not met although the whole is."""
        for member, field in zip(members, fields, strict=True):
            if field.matched is not False:
                continue
            if isinstance(field, PatternVerdict):
                return REPLACED_OR
            assert isinstance(member, Condition)
            if self.evaluation.is_possible(member):
                # Absent from the chosen element, though another one has it.
                field.matched, field.hint = True, None
            else:
                field.matched, field.hint = None, REPLACED_HERE
        return None

    def _find_note(
        self,
        alternatives: list[tuple[Condition, ...]],
        fields: list[FieldVerdict | PatternVerdict],
    ) -> str | None:
        """Say why conditions that can all be met are not met together."""
        if any(type(field) is PatternVerdict and field.misses for field in fields):
            return None  # it says so itself
        in_arrays = self.evaluation.fields.in_arrays
        for alternative in alternatives:
            tangled = sum(condition.path in in_arrays for condition in alternative)
            if tangled > 1 and all(map(self.evaluation.is_possible, alternative)):
                if self.evaluation.gave_up:
                    return GAVE_UP
                return find_together_hint(alternative, self.evaluation.fields)
        return None


def _rank(alternative: AlternativeVerdict) -> tuple[int, int]:
    met = sum(field.matched is True for field in alternative.fields)
    return alternative.misses, -met


# -- JSON


def verdict_to_dict(verdict: PatternVerdict) -> dict[str, Any]:
    """Turn a verdict into JSON values.

        {"matched", "alternatives": [{"number", "matched", "note", "fields": [
            {"field", "matched", "constraint", "values", "container", "nearestMiss", "note"}
            or, for a `$or`, {"matched", "alternatives": …} again]}]}

    Keys without content are absent; `number` stands where there are several alternatives,
    `note` of a field where it is not a miss that it is about. Numbers that no Python
    number equals are texts.
    """
    is_choice = len(verdict.alternatives) > 1
    return {
        "matched": verdict.matched,
        "alternatives": [
            _without_none(
                {
                    "number": alternative.number if is_choice else None,
                    "matched": alternative.matched,
                    "fields": [_field_to_dict(field) for field in alternative.fields],
                    "note": alternative.note and clean(alternative.note),
                }
            )
            for alternative in verdict.alternatives
        ],
    }


def _field_to_dict(field: FieldVerdict | PatternVerdict) -> dict[str, Any]:
    if isinstance(field, PatternVerdict):
        return verdict_to_dict(field)
    return _without_none(
        {
            "field": clean(field.path),
            "matched": field.matched,
            "constraint": _load(field.constraint),
            "values": [_load(value) for value in field.values],
            "container": field.container,
            "nearestMiss" if field.misses else "note": field.hint and clean(field.hint),
        }
    )


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _load(text: str) -> Any:
    return json.loads(clean(text), parse_int=_load_number, parse_float=_load_number)


def _load_number(text: str) -> Any:
    """Give a Python number where it is the same number, else the text."""
    if comparable(text) is None:
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)
