"""How the service words a violated constraint: the value, the path, the phrase.

Source: [aws] the aggregated text, the rendering of structures, the phrases of regex,
maximum length and enum; [guess] the other phrases and the rendering of maps and dates,
from what AWS services share: a recording would settle each.
"""

from __future__ import annotations

from evcli.model import shapes
from evcli.model.names import to_lower_camel
from evcli.model.timestamps import parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.model.shapes import Shape

    # The way to a value, innermost step last: (the way to its owner, member or index).
    # A pair costs nothing to add a step to; text is made of it only for a message.
    Path = tuple["Path", str | int] | None

NOT_NULL = "Member must not be null"


class Violation:
    """A value that breaks a constraint; worded only when the whole walk is done."""

    __slots__ = ("path", "phrase", "shape", "value")

    def __init__(self, path: Path, shape: Shape, value: object, phrase: str) -> None:
        self.path = path
        self.shape = shape
        self.value = value
        self.phrase = phrase

    def __str__(self) -> str:
        # Only null goes without quotes.
        value = "null"
        if self.value is not None:
            value = f"'{render(self.shape, self.value)}'"
        where = format_path(self.path)
        return f"Value {value} at '{where}' failed to satisfy constraint: {self.phrase}"


def format_violations(violations: list[Violation]) -> str:
    """Word what the service answers to a request with these violations."""
    count = len(violations)
    plural = "s" if count > 1 else ""
    items = "; ".join([str(violation) for violation in violations])
    return f"{count} validation error{plural} detected: {items}"


def format_path(path: Path) -> str:
    """Spell a path as the service does: `targets.1.member.id`, counted from one."""
    if path is None:
        return ""
    owner, step = path
    before = format_path(owner)
    if isinstance(step, int):
        return f"{before}.{step + 1}.member"
    name = to_lower_camel(step)
    return f"{before}.{name}" if before else name


def render(shape: Shape, value: Any) -> str:
    """Print a value as the service's messages do, which is as Java does.

    Sensitive values print as `***`, at any depth. Source: [aws] structures; [guess]
    maps and dates.
    """
    if value is None:
        return "null"
    if shape.sensitive:
        return "***"
    return RENDERERS.get(shape.kind, _render_plain)(shape, value)


def _render_plain(shape: Shape, value: Any) -> str:
    return str(value)


def _render_boolean(shape: Shape, value: Any) -> str:
    return "true" if value else "false"


def _render_timestamp(shape: Shape, value: Any) -> str:
    instant = parse_timestamp(value)
    return instant.strftime("%a %b %d %H:%M:%S UTC %Y") if instant else str(value)


def _render_list(shape: Shape, value: Any) -> str:
    assert shape.element
    return f"[{', '.join([render(shape.element, item) for item in value])}]"


def _render_map(shape: Shape, value: Any) -> str:
    assert shape.key
    assert shape.value
    pairs = [
        f"{render(shape.key, key)}={render(shape.value, item)}"
        for key, item in value.items()
    ]
    return "{" + ", ".join(pairs) + "}"


def _render_structure(shape: Shape, value: Any) -> str:
    fields = [
        f"{to_lower_camel(name)}={render(member.shape, value.get(name))}"
        for name, member in shape.members.items()
    ]
    fields += [f"{name}=null" for name in shape.unlisted]
    return f"{shape.name}({', '.join(fields)})"


def phrase_regex(shape: Shape) -> str:
    return f"Member must satisfy regular expression pattern: {shape.regex}"


def phrase_bound(shape: Shape, side: str, bound: int) -> str:
    what = "value" if shape.kind == shapes.INTEGER else "length"
    return f"Member must have {what} {side} than or equal to {bound}"


def phrase_enum(shape: Shape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.enum_order)}]"


RENDERERS: dict[str, Callable[[Shape, Any], str]] = {
    shapes.BOOLEAN: _render_boolean,
    shapes.TIMESTAMP: _render_timestamp,
    shapes.LIST: _render_list,
    shapes.MAP: _render_map,
    shapes.STRUCTURE: _render_structure,
}
