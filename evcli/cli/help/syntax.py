"""How a structured value is written: as shorthand and as JSON, from its shape."""

from __future__ import annotations

from evcli.model.shapes import BOOLEAN, INTEGER, LIST, LONG, MAP, STRUCTURE, TIMESTAMP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.model.shapes import Shape

SCALAR_WORDS = {
    INTEGER: "integer",
    LONG: "long",
    BOOLEAN: "true|false",
    TIMESTAMP: "timestamp",
}


def format_shorthand(shape: Shape) -> str:
    """Format the shorthand of an option's value; "" where there is none.

    Lists of scalars have none: their items are words of the command line.
    """
    if shape.kind == STRUCTURE:
        return _format_pairs(shape, is_nested=False)
    element = shape.element
    if shape.kind == LIST and element is not None and element.kind == STRUCTURE:
        return f"{_format_pairs(element, is_nested=False)} ..."
    return ""


def _format_pairs(shape: Shape, *, is_nested: bool) -> str:
    return ",".join(
        f"{name}={_format_short_value(member.shape, is_nested=is_nested)}"
        for name, member in shape.members.items()
    )


def _format_short_value(shape: Shape, *, is_nested: bool) -> str:
    if shape.kind == STRUCTURE:
        return "{" + _format_pairs(shape, is_nested=True) + "}"
    if shape.kind == MAP and shape.value is not None:
        value = _format_short_value(shape.value, is_nested=True)
        return f"{{KeyName1={value},KeyName2={value}}}"
    if shape.kind == LIST and shape.element is not None:
        item = _format_short_value(shape.element, is_nested=True)
        # Inside braces a comma would end the pair, so lists take brackets there.
        return f"[{item},{item}]" if is_nested or "{" in item else f"{item},{item}"
    return SCALAR_WORDS.get(shape.kind, "string")


def format_json_syntax(shape: Shape) -> list[str]:
    """Format the JSON of a value, line by line."""
    return list(_format_json(shape))


def _format_json(shape: Shape) -> Iterator[str]:
    if shape.kind == STRUCTURE:
        yield "{"
        names = list(shape.members)
        for name, member in shape.members.items():
            lines = list(_format_json(member.shape))
            lines[0] = f'"{name}": {lines[0]}'
            if name != names[-1]:
                lines[-1] += ","
            yield from _indent(lines)
        yield "}"
    elif shape.kind == LIST and shape.element is not None:
        lines = list(_format_json(shape.element))
        if len(lines) == 1:
            yield f"[{lines[0]}, ...]"
            return
        yield "["
        yield from _indent(lines)
        yield "  ..."
        yield "]"
    elif shape.kind == MAP and shape.value is not None:
        lines = list(_format_json(shape.value))
        yield f'{{"string": {lines[0]}, ...}}'
    else:
        yield _format_json_scalar(shape)


def _format_json_scalar(shape: Shape) -> str:
    if shape.enum:
        return "|".join(f'"{value}"' for value in shape.enum)
    if shape.kind in SCALAR_WORDS:
        return SCALAR_WORDS[shape.kind]
    return '"string"'


def _indent(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield f"  {line}"
