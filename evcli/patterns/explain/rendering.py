"""Verdicts in words: line by line, as one text, or the first reason alone.

Conditions that fail are folded and never cut, for they are what is looked for; those that
are met are cut to the width. A `$or` shows all of its alternatives, nearest first; of one
that is met, the others go without their hints.
"""

from __future__ import annotations

from evcli.patterns.explain.verdicts import PatternVerdict
from evcli.patterns.explain.wording import format_value, shorten
from evcli.patterns.language.error_positions import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.patterns.explain.verdicts import AlternativeVerdict, FieldVerdict

    # What a line says, for colors: one of STYLES; and its text.
    Line = tuple[str, str]

STYLES = ("met", "missed", "aside", "event", "hint")
MARKS = {True: "✔", False: "✘", None: "·"}
# How much of a field's values is shown: in a tree, and in a reason of one line.
SHOWN_VALUES, SHOWN_CHARACTERS = 20, 200
REASON_VALUES, REASON_CHARACTERS = 3, 80
STEP = 2
# No narrower column is left to a text, however deep it stands.
LEAST_ROOM = 20


def format_verdict(verdict: PatternVerdict, width: int | None = None) -> str:
    """Format a verdict for people, in lines of at most `width` columns if that is given."""
    return "".join(f"{text}\n" for _, text in render_lines(verdict, width))


def render_lines(verdict: PatternVerdict, width: int | None = None) -> Iterator[Line]:
    """Yield the style and the text of each line that `format_verdict` joins."""
    yield _get_style(verdict.matched), _head(verdict.matched)
    (alternative,) = verdict.alternatives
    renderer = _Renderer(width)
    for style, text in renderer.render_fields(alternative, STEP):
        yield style, clean(text)


def find_reason(verdict: PatternVerdict) -> str:
    """Word in one line what keeps a pattern from matching; of many things the first."""
    nearest, where = verdict.alternatives[0], ""
    while True:
        if nearest.note:
            return clean(where + nearest.note)
        missed = next((field for field in nearest.fields if field.misses), None)
        if not isinstance(missed, PatternVerdict):
            break
        where = where or f"none of {len(missed.alternatives)} in $or is met; nearest: "
        nearest = missed.alternatives[0]
    if missed is None:
        return "The pattern does not match."
    hint = f" ({missed.hint})" if missed.hint else ""
    found = _list_values(missed, "(absent)", REASON_VALUES, REASON_CHARACTERS)
    return clean(f"{where}{missed.path}: {found} is not {missed.constraint}{hint}")


class _Renderer:
    """Lays lines out in a width, `None` for any, and gives each hint once."""

    __slots__ = ("said", "width")

    def __init__(self, width: int | None) -> None:
        self.width = width
        self.said: set[str] = set()

    def render_fields(
        self, alternative: AlternativeVerdict, indent: int, *, is_aside: bool = False
    ) -> Iterator[Line]:
        """Render all of one alternative; aside, without hints."""
        for field in alternative.fields:
            if isinstance(field, PatternVerdict):
                yield from self._render_or(field, indent, is_aside)
            elif field.matched is True and not is_aside:
                yield from self._render_met(field, indent)
            else:
                yield from self._render_missed(field, indent, is_aside)
        if alternative.note and not is_aside:
            mark = MARKS[None if alternative.matched else False]
            yield from self._fold("hint", f"{mark} {alternative.note}", indent)

    def _render_or(
        self, verdict: PatternVerdict, indent: int, is_aside: bool
    ) -> Iterator[Line]:
        count = len(verdict.alternatives)
        met = sum(alternative.matched for alternative in verdict.alternatives)
        what = f"{met} of {count} met" if met else f"none of {count} met, nearest first"
        style = "aside" if is_aside else _get_style(verdict.matched)
        yield style, f"{' ' * indent}{MARKS[verdict.matched]} $or: {what}"
        for alternative in verdict.alternatives:
            # What is not met matters only where nothing is.
            aside = is_aside or (verdict.matched and not alternative.matched)
            inner = indent + STEP
            if len(alternative.fields) != 1 or alternative.note:
                mark = MARKS[alternative.matched]
                style = "aside" if aside else _get_style(alternative.matched)
                yield style, f"{' ' * inner}{mark} alternative {alternative.number}"
                inner += STEP
            yield from self.render_fields(alternative, inner, is_aside=aside)

    def _render_met(self, field: FieldVerdict, indent: int) -> Iterator[Line]:
        condition, event = _word(field)
        if self._fits(f"{condition}  {event}", indent):
            yield "met", f"{' ' * indent}{condition}  {event}"
        else:
            yield "met", self._cut(condition, indent)
            yield "event", self._cut(event, indent + 2 * STEP)
        if field.hint:
            yield from self._fold("hint", f"careful: {field.hint}", indent + 2 * STEP)

    def _render_missed(
        self, field: FieldVerdict, indent: int, is_aside: bool
    ) -> Iterator[Line]:
        condition, event = _word(field)
        if is_aside and self._fits(f"{condition}  {event}", indent):
            yield "aside", f"{' ' * indent}{condition}  {event}"
            return
        style = "aside" if is_aside or field.matched is None else "missed"
        yield from self._fold(style, condition, indent)
        if field.matched is None:
            yield from self._fold("aside", field.hint or "", indent + 2 * STEP)
            return
        yield from self._fold("event", event, indent + 2 * STEP)
        if field.hint and not is_aside and field.hint not in self.said:
            self.said.add(field.hint)
            yield from self._fold("hint", f"hint: {field.hint}", indent + 2 * STEP)

    def _fits(self, text: str, indent: int) -> bool:
        return self.width is None or len(text) <= self._room(indent)

    def _room(self, indent: int) -> int:
        assert self.width is not None
        return max(self.width - indent, LEAST_ROOM)

    def _cut(self, text: str, indent: int) -> str:
        if not self._fits(text, indent):
            text = f"{text[: self._room(indent) - 1]}…"
        return " " * indent + text

    def _fold(self, style: str, text: str, indent: int) -> Iterator[Line]:
        """Fold behind blanks where possible; no character is lost but blanks at folds."""
        while not self._fits(text, indent):
            room = self._room(indent)
            end = text.rfind(" ", room // 2, room + 1)
            end = room if end < 0 else end
            yield style, " " * indent + text[:end]
            text = "  " + text[end:].removeprefix(" ")
        yield style, " " * indent + text


def _head(matched: bool) -> str:
    return f"{MARKS[matched]} {'match' if matched else 'no match'}"


def _get_style(matched: bool) -> str:
    return "met" if matched else "missed"


def _word(field: FieldVerdict) -> tuple[str, str]:
    """Word a condition, and what the event has."""
    path = format_value(field.path)[1:-1]
    condition = f"{MARKS[field.matched]} {path}: {field.constraint}"
    return condition, f"event: {_list_values(field, 'nothing there')}"


def _list_values(
    field: FieldVerdict,
    nothing: str,
    most: int = SHOWN_VALUES,
    length: int = SHOWN_CHARACTERS,
) -> str:
    if field.container:
        return f"an {field.container}"
    if not field.values:
        return nothing
    count = len(field.values)
    more = f" and {count - most} more" * (count > most)
    return ", ".join(shorten(value, length) for value in field.values[:most]) + more
