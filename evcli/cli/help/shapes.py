"""What help says about a value: its type, its limits, what is nested in it."""

from __future__ import annotations

from evcli.cli.help.layout import break_anywhere, fill, fill_paragraphs
from evcli.model.shapes import INTEGER, LIST, LONG, MAP, STRING, TIMESTAMP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.model.shapes import Member, Shape

UNITS = {
    STRING: ("character", "characters"),
    LIST: ("item", "items"),
    MAP: ("entry", "entries"),
}


def describe_members(shape: Shape, level: int) -> Iterator[str]:
    """Describe the members of a structure, or of a list's or map's structures."""
    while shape.kind in (LIST, MAP):
        inner = shape.element if shape.kind == LIST else shape.value
        if inner is None:
            return
        shape = inner
    for member in shape.members.values():
        required = " [required]" if member.required else ""
        yield from fill(f"{member.name} {describe_type(member)}{required}", level)
        if member.help:
            yield from fill_paragraphs(member.help, level + 1)
        yield from describe_limits(member.shape, level + 1)
        yield from describe_members(member.shape, level + 1)


def describe_type(member: Member) -> str:
    notes = [_name_type(member.shape)]
    if member.json_text:
        notes.append("JSON text")
    if member.shape.sensitive:
        notes.append("secret")
    return f"({', '.join(notes)})"


def _name_type(shape: Shape) -> str:
    if shape.kind == LIST and shape.element is not None:
        return f"list of {_name_type(shape.element)}s"
    if shape.kind == MAP and shape.value is not None:
        return f"map of {_name_type(shape.value)}s"
    return shape.kind


def describe_limits(shape: Shape, level: int) -> Iterator[str]:
    sentences = [_describe_bounds(shape)]
    if shape.kind == TIMESTAMP:
        sentences.append(
            "ISO 8601, such as 2024-05-01T12:00:00Z (UTC where no offset is given), "
            "or epoch seconds."
        )
    if shape.enum:
        case = ", in any case" if shape.any_case else ""
        sentences.append(f"One of {', '.join(shape.enum)}{case}.")
    element = shape.element
    if element is not None and element.kind == STRING and _describe_bounds(element):
        sentences.append(f"Each {_describe_bounds(element).lower()}")
    text = " ".join(sentence for sentence in sentences if sentence)
    if text:
        yield from fill(text, level)
    if shape.regex and shape.regex != ".*":
        yield from break_anywhere(f"Matches {shape.regex}", level)


def _describe_bounds(shape: Shape) -> str:
    """Word the bounds of a length or a value; "" where there are none."""
    is_number = shape.kind in (INTEGER, LONG)
    # A length of nothing at least is no bound, a value of 0 at least is one.
    low = shape.min if is_number else shape.min or None
    if low is None and shape.max is None:
        return ""
    if shape.max is None:
        return f"At least {_count(low, shape)}."
    if low is None:
        return f"At most {_count(shape.max, shape)}."
    if low == shape.max:
        return f"Exactly {_count(low, shape)}."
    return f"{low:,} to {_count(shape.max, shape)}."


def _count(number: int | None, shape: Shape) -> str:
    units = UNITS.get(shape.kind)
    if units is None:
        return f"{number:,}"
    return f"{number:,} {units[0] if number == 1 else units[1]}"
