"""Why a pattern matches an event or does not: the verdict as a tree, and as text.

    PatternVerdict
    └── AlternativeVerdict     one per alternative; a pattern without `$or` has one
        └── FieldVerdict       field, constraint, what the event had, matched, hint

`PatternVerdict.matched` comes from the evaluator itself and so equals `match`. A field's own
`matched` says whether it is met taken alone; where fields are met one by one but not in
one array element, the alternative's `note` says so. Hints are in `evcli.patterns.explain.hints`.

Source: ours; the rules explained are those of `evcli.patterns.matching.evaluator`.
"""

from __future__ import annotations

import json

from evcli.patterns.explain.hints import find_field_hint, find_together_hint
from evcli.patterns.explain.missing_field_hints import EventFields
from evcli.patterns.explain.wording import format_items, format_value
from evcli.patterns.language.error_positions import clean
from evcli.patterns.language.numbers import comparable
from evcli.patterns.language.paths import collect
from evcli.patterns.matching.evaluator import Evaluation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.patterns.language.conditions import Condition, EventPattern
    from evcli.patterns.language.events import EventTree

MARKS = {True: "✔", False: "✘"}
SHOWN_ALTERNATIVES = 3
SHOWN_VALUES = 20
# Values of one field that a verdict keeps.
MAX_VALUES = 1000
GAVE_UP = (
    "Too many combinations of array elements; the search was given up,"
    " which counts as no match."
)


class FieldVerdict:
    """One condition: `constraint` and each of `values` are JSON texts.

    `hint` is the nearest miss in words, `None` if met or if nothing comes near.
    """

    __slots__ = ("constraint", "hint", "matched", "path", "values")

    def __init__(
        self,
        path: str,
        constraint: str,
        values: list[str],
        matched: bool,
        hint: str | None,
    ) -> None:
        self.path = path
        self.constraint = constraint
        self.values = values
        self.matched = matched
        self.hint = hint


class AlternativeVerdict:
    """One alternative; `number` counts from 1, `note` is about its fields together."""

    __slots__ = ("fields", "matched", "note", "number")

    def __init__(
        self, number: int, matched: bool, fields: list[FieldVerdict], note: str | None
    ) -> None:
        self.number = number
        self.matched = matched
        self.fields = fields
        self.note = note


class PatternVerdict:
    """The whole pattern: matched if any alternative is."""

    __slots__ = ("alternatives", "matched")

    def __init__(self, alternatives: list[AlternativeVerdict]) -> None:
        self.alternatives = alternatives
        self.matched = any(alternative.matched for alternative in alternatives)


def explain(pattern: EventPattern, event: EventTree) -> PatternVerdict:
    """Say for every field of every alternative what was wanted and what was there."""
    evaluation = Evaluation(collect(pattern.paths, event.value))
    event_fields = EventFields(event.value)
    known: dict[Condition, FieldVerdict] = {}
    return PatternVerdict(
        [
            _judge(number, alternative, evaluation, event_fields, known)
            for number, alternative in enumerate(pattern.alternatives, 1)
        ]
    )


def _judge(
    number: int,
    alternative: tuple[Condition, ...],
    evaluation: Evaluation,
    event_fields: EventFields,
    known: dict[Condition, FieldVerdict],
) -> AlternativeVerdict:
    matched = evaluation.fits(alternative)
    fields = []
    for condition in alternative:
        field = known.get(condition)
        if field is None:
            field = known[condition] = _judge_field(condition, evaluation, event_fields)
        if matched and not field.matched:
            # Absent from the chosen element, though another one has it.
            field = FieldVerdict(field.path, field.constraint, field.values, True, None)
        fields.append(field)
    note = None
    if not matched and all(map(evaluation.is_possible, alternative)):
        note = GAVE_UP
        if not evaluation.gave_up:
            note = find_together_hint(alternative, evaluation.fields)
    return AlternativeVerdict(number, matched, fields, note)


def _judge_field(
    condition: Condition, evaluation: Evaluation, event_fields: EventFields
) -> FieldVerdict:
    found = evaluation.fields.found.get(condition.path, ())
    values = [value for value, _ in found[:MAX_VALUES]]
    matched = evaluation.is_met(condition)
    return FieldVerdict(
        path=condition.path,
        constraint=format_items(condition.items),
        values=[format_value(value) for value in values],
        matched=matched,
        hint=None if matched else find_field_hint(condition, values, event_fields),
    )


def verdict_to_dict(verdict: PatternVerdict) -> dict[str, Any]:
    """Turn a verdict into JSON values; keys without content are absent."""
    return {
        "matched": verdict.matched,
        "alternatives": [
            _without_none(
                {
                    "matched": alternative.matched,
                    "fields": [_field_to_dict(field) for field in alternative.fields],
                    "note": alternative.note and clean(alternative.note),
                }
            )
            for alternative in verdict.alternatives
        ],
    }


def _field_to_dict(field: FieldVerdict) -> dict[str, Any]:
    return _without_none(
        {
            "field": clean(field.path),
            "matched": field.matched,
            "constraint": _load(field.constraint),
            "values": [_load(value) for value in field.values],
            "nearestMiss": field.hint and clean(field.hint),
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


def format_verdict(verdict: PatternVerdict, width: int = 80) -> str:
    """Format a verdict as a tree of lines of at most `width` columns, for people.

    Of several alternatives the first one that matched is shown, or those with the
    fewest failures.
    """
    count = len(verdict.alternatives)
    head = f"{MARKS[verdict.matched]} {'match' if verdict.matched else 'no match'}"
    if count == 1:
        return clean(f"{head}\n" + _format_fields(verdict.alternatives[0], 1, width))
    text = f"{head}; the pattern has {count} alternatives\n"
    shown = _choose_alternatives(verdict)
    for alternative in shown:
        text += f"  {MARKS[alternative.matched]} alternative {alternative.number}\n"
        text += _format_fields(alternative, 2, width)
    if not verdict.matched and count > len(shown):
        text += f"  {MARKS[False]} {count - len(shown)} further alternatives\n"
    return clean(text)


def _choose_alternatives(verdict: PatternVerdict) -> list[AlternativeVerdict]:
    if verdict.matched:
        return [next(item for item in verdict.alternatives if item.matched)]
    by_failures = sorted(verdict.alternatives, key=_count_failures)
    return by_failures[:SHOWN_ALTERNATIVES]


def _count_failures(alternative: AlternativeVerdict) -> int:
    return sum(not field.matched for field in alternative.fields)


def _format_fields(alternative: AlternativeVerdict, depth: int, width: int) -> str:
    text = ""
    for field in alternative.fields:
        path = format_value(field.path)[1:-1]
        line = f"{MARKS[field.matched]} {path}: {field.constraint}"
        text += _cut(line, 2 * depth, width)
        if not field.matched:
            line = f"event: {_format_values(field.values)}"
            text += _cut(line, 2 * depth + 4, width)
        if field.hint:
            text += _wrap(f"nearest miss: {field.hint}", 2 * depth + 4, width)
    if alternative.note:
        text += _wrap(f"{MARKS[False]} {alternative.note}", 2 * depth, width)
    return text


def _format_values(values: list[str]) -> str:
    if not values:
        return "nothing there"
    more = f" and {len(values) - SHOWN_VALUES} more" * (len(values) > SHOWN_VALUES)
    return ", ".join(values[:SHOWN_VALUES]) + more


def _cut(line: str, indent: int, width: int) -> str:
    room = width - indent
    return " " * indent + (line if len(line) <= room else f"{line[: room - 1]}…") + "\n"


def _wrap(line: str, indent: int, width: int) -> str:
    from textwrap import wrap  # noqa: PLC0415 - nothing else here needs it

    lines = wrap(line, width - indent, subsequent_indent="  ", break_on_hyphens=False)
    return "".join(f"{' ' * indent}{part}\n" for part in lines)
