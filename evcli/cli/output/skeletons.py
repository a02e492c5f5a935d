"""`--generate-cli-skeleton`: samples of a request or a response, from the model.

Source: [aws] the layout of `input` and `yaml-input`; [peer] what a sample holds.
"""

from __future__ import annotations

from datetime import datetime

from evcli.cli.help.shared_options import find_first_sentence
from evcli.model.shapes import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    LIST,
    LONG,
    MAP,
    STRUCTURE,
    TIMESTAMP,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

    from evcli.model.shapes import Member, Operation, Shape

SAMPLES: dict[str, Any] = {INTEGER: 0, LONG: 0, DOUBLE: 0.0, BOOLEAN: True}


def write_skeleton(kind: str, operation: Operation, stream: TextIO) -> None:
    """Write the sample of a request as `input` (JSON) or `yaml-input`."""
    if kind == "yaml-input":
        for line in _format_members(operation.request, "", ""):
            stream.write(f"{line}\n")
        return
    import json

    sample = build_sample(operation.request)
    stream.write(json.dumps(sample, indent=4, default=datetime.isoformat) + "\n")


def build_sample(shape: Shape, name: str | None = None) -> Any:
    """Build a value with every member of a shape, in model order.

    Args:
        shape: of what.
        name: what a string says, for the sample of a response: the member's name.
            `None` for the sample of a request, where it says nothing, or the first of
            its allowed values.
    """
    if shape.kind == STRUCTURE:
        return {
            member.name: build_sample(
                member.shape, None if name is None else member.name
            )
            for member in shape.members.values()
        }
    if shape.kind == LIST:
        assert shape.element is not None
        element = shape.element
        return [build_sample(element, None if name is None else element.name)]
    if shape.kind == MAP:
        assert shape.value is not None
        return {"KeyName": build_sample(shape.value, None if name is None else "")}
    if shape.kind == TIMESTAMP:
        # Without a zone: a sample names no instant, and is printed without an offset.
        # Each is an object of its own: YAML has an anchor for what stands there twice.
        return datetime(1970, 1, 1)  # noqa: DTZ001
    if shape.kind in SAMPLES:
        return SAMPLES[shape.kind]
    if name is not None:
        return name
    return shape.enum[0] if shape.enum else ""


def _format_members(shape: Shape, first: str, rest: str) -> Iterator[str]:
    """Format a structure as YAML lines.

    Args:
        first: what stands before the first line: blanks, or a dash.
        rest: blanks before all others.
    """
    for position, member in enumerate(shape.members.values()):
        start = rest if position else first
        yield from _format_member(member, start, rest, is_first=position == 0)


def _format_member(
    member: Member, start: str, indent: str, *, is_first: bool
) -> Iterator[str]:
    shape = member.shape
    comment = _format_comment(member)
    if is_first and comment:
        # [aws] The comment of a mapping's first key has two blanks before it.
        comment = f" {comment}"
    if shape.kind == STRUCTURE:
        yield f"{start}{member.name}:{comment}"
        yield from _format_members(shape, f"{indent}  ", f"{indent}  ")
    elif shape.kind == MAP:
        assert shape.value is not None
        yield f"{start}{member.name}:{comment}"
        yield from _format_map(shape.value, f"{indent}  ")
    elif shape.kind == LIST:
        assert shape.element is not None
        yield f"{start}{member.name}:{comment}"
        yield from _format_element(shape.element, indent)
    else:
        yield f"{start}{member.name}: {_format_scalar(shape)}{comment}"


def _format_element(shape: Shape, indent: str) -> Iterator[str]:
    if shape.kind == STRUCTURE:
        yield from _format_members(shape, f"{indent}- ", f"{indent}  ")
    else:
        yield f"{indent}- {_format_scalar(shape)}"


def _format_map(shape: Shape, indent: str) -> Iterator[str]:
    if shape.kind == LIST:
        assert shape.element is not None
        yield f"{indent}KeyName:"
        yield from _format_element(shape.element, indent)
    else:
        yield f"{indent}KeyName: {_format_scalar(shape)}"


def _format_scalar(shape: Shape) -> str:
    value = build_sample(shape)
    if value is True:
        return "true"
    return str(value) or "''"


def _format_comment(member: Member) -> str:
    parts = []
    if member.required:
        parts.append("[REQUIRED]")
    if member.help:
        parts.append(find_first_sentence(member.help))
    if member.shape.enum:
        parts.append(f"Valid values are: {', '.join(member.shape.enum)}.")
    return f" # {' '.join(parts)}" if parts else ""
