"""Patterns held against events: samples of AWS and of the project, captured ones, schemas.

A sample shows what a service sends at least, so a field that it lacks
is only told where it has one that was probably meant; captured events are the truth.
"""

from __future__ import annotations

from evcli.authoring.lint.subjects import show
from evcli.patterns.explain.missing_field_hints import MISSING_FIELD_HINTS
from evcli.patterns.explain.wording import format_value
from evcli.patterns.language.conditions import EXACT_TEXTS
from evcli.patterns.language.numbers import is_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.authoring.lint.shapes import Events, Shape
    from evcli.authoring.lint.subjects import Finding, Leaf, Path, Pattern
    from evcli.patterns.explain.missing_field_hints import EventFields
    from evcli.patterns.language.conditions import Condition, Item

CLOSE_ENOUGH = 0.75

# How hints, which look at one event, say it of many.
OF_MANY = (
    ("did you mean", "they have"),
    ("the event spells it", "they have"),
    ("the event has it", "they have it"),
)
# That a name stands elsewhere, too, says little: `status` is everywhere.
NEAR = ("they have detail", "they have it one level")
TEXT, NUMBER, BOOLEAN, NULL = "text", "a number", "true or false", "null"
# Operator → the kind of values that it can be met by; others take every kind.
KINDS = {
    "equals": TEXT,
    "exactly": TEXT,
    "address": TEXT,
    "prefix": TEXT,
    "suffix": TEXT,
    "prefix/equals-ignore-case": TEXT,
    "suffix/equals-ignore-case": TEXT,
    "equals-ignore-case": TEXT,
    "wildcard": TEXT,
    "cidr": TEXT,
    "number": NUMBER,
    "numeric": NUMBER,
}


def check_fields(pattern: Pattern) -> Iterator[Finding]:
    """Hold every condition against what events have. EB211, EB212, EB218, EB219"""
    assert pattern.compiled is not None
    shape = pattern.shape
    if shape is None:
        return
    conditions = {
        id(each): each
        for alternative in pattern.compiled.alternatives
        for each in alternative
    }
    leaves = {leaf.field: leaf for leaf in reversed(pattern.leaves)}
    for condition in conditions.values():
        leaf = leaves.get(condition.path)
        # The envelope's own fields are always the same, and others check them.
        if leaf is not None and condition.path.startswith("detail."):
            yield from _check_condition(pattern, leaf, condition, shape)


def _check_condition(
    pattern: Pattern, leaf: Leaf, condition: Condition, shape: Shape
) -> Iterator[Finding]:
    fields = shape.fields
    path = condition.path
    values = fields.values.get(path)
    if values:
        yield from _check_values(pattern, leaf, condition, values, shape)
        return
    if condition.wants_absent:
        return
    container = fields.containers.get(path)
    if container is not None:
        # An empty one may be filled at other times.
        if not container.startswith("empty"):
            hint = _find_hint(condition, fields)
            yield pattern.find("EB211", leaf.path, f"in {shape.describe()} {hint}")
        return
    hint = _find_hint(condition, fields)
    if shape.is_captured:
        have = f"; {hint}" if hint and hint.startswith("they have") else ""
        message = f"none of {shape.describe()} has it{have}"
        yield pattern.find("EB219", leaf.path, message)
    elif hint and hint.startswith(NEAR):
        yield pattern.find("EB219", leaf.path, f"not in {shape.describe()}; {hint}")


def _find_hint(condition: Condition, fields: EventFields) -> str | None:
    hints = (hint(condition, fields) for hint in MISSING_FIELD_HINTS)
    found = next((hint for hint in hints if hint), None)
    if found is None:
        return None
    for of_one, of_many in OF_MANY:
        found = found.replace(of_one, of_many)
    return found.removesuffix("?")


def _check_values(
    pattern: Pattern,
    leaf: Leaf,
    condition: Condition,
    values: list[object],
    shape: Shape,
) -> Iterator[Finding]:
    wanted = {
        KINDS.get(item.operator) or _name_literal(item) for item in condition.items
    }
    kinds = {_name_kind(value) for value in values}
    # Both null and text are usual for one field.
    if "" not in wanted and not wanted & (kinds | {NULL}) and kinds != {NULL}:
        message = (
            f"it is {' or '.join(sorted(kinds - {NULL}))} in {shape.describe()},"
            f" such as {format_value(values[0])}; {show(leaf.items[0])} never equals it"
        )
        yield pattern.find("EB212", leaf.path, message)
        return
    texts = [value for value in values if type(value) is str]
    for i, item in enumerate(condition.items):
        if item.operator not in EXACT_TEXTS or item.operand in texts:
            continue
        other = next(
            (each for each in texts if each.casefold() == item.operand.casefold()), None
        )
        if other is not None:
            message = f"in {shape.describe()} it is {format_value(other)}"
            fix = f"write {format_value(other)}"
            yield pattern.find("EB218", (*leaf.path, i), message, fix)


def _name_kind(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    return NUMBER if is_number(value) else TEXT


def _name_literal(item: Item) -> str:
    """Name the kind of a literal; "" for an operator that takes every kind."""
    return _name_kind(item.operand) if item.operator == "literal" else ""


def check_kinds(pattern: Pattern, events: Events) -> Iterator[Finding]:
    """Say whether any captured event is of the source and type meant. EB220"""
    if not events.is_captured or pattern.shape is not None:
        return
    path: Path = ("detail-type",)
    sources = [leaf for leaf in pattern.leaves if leaf.field == "source"]
    types = [leaf for leaf in pattern.leaves if leaf.field == "detail-type"]
    known = {source for source, _ in events.shapes}
    is_source_known = any(item in known for leaf in sources for item in leaf.items)
    if sources and not is_source_known:
        path = sources[0].path
    elif types:
        path = types[0].path
    count = sum(shape.count for shape in events.shapes.values())
    near = _find_near_kind(sources + types, events)
    message = f"none of {count:,} events is of that source and detail-type{near}"
    yield pattern.find("EB220", path, message)


def _find_near_kind(leaves: list[Leaf], events: Events) -> str:
    from difflib import get_close_matches

    texts = {text for kind in events.shapes for text in kind}
    for leaf in leaves:
        for item in leaf.items:
            if not isinstance(item, str) or item in texts:
                continue
            near = get_close_matches(item[:300], list(texts)[:5000], 1, CLOSE_ENOUGH)
            if near:
                return f"; they have {format_value(near[0])}"
    return ""
