"""What is secret in values, and in texts that did not fit a shape, and may not be shown.

The official client prints what it cannot read, passwords and all. Here a text stays
hidden if it is for a member that is secret, or names one; all other texts are shown, for they
are how people find their mistakes.
"""

from __future__ import annotations

from evcli.model.shapes import LIST, MAP, STRUCTURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.model.shapes import Shape

# What stands for a secret wherever people may look.
HIDDEN = "***"


def hide_text(shape: Shape, text: str) -> str:
    """The text, or stars: what was given for a shape and could not be read as such."""
    return HIDDEN if may_hold_secret(shape, text) else text


def may_hold_secret(shape: Shape, text: str) -> bool:
    """Say whether a text that did not fit a shape may hold what only few should see."""
    structure = shape.element or shape
    return (
        shape.sensitive
        or any(member.shape.sensitive for member in structure.members.values())
        or any(name in text for name in list_secrets(shape))
    )


def list_secrets(shape: Shape) -> Iterator[str]:
    """Name the members, at any depth, whose values are secrets."""
    if shape.element is not None:
        yield from list_secrets(shape.element)
    for name, member in shape.members.items():
        values = member.shape.element or member.shape.value or member.shape
        if values.sensitive:
            yield name
        yield from list_secrets(member.shape)


def hide_secrets(shape: Shape, value: Any) -> Any:
    """Copy a value with stars in place of what the model marks as sensitive."""
    if shape.sensitive:
        return HIDDEN
    if shape.kind == STRUCTURE and isinstance(value, dict):
        return {
            key: hide_secrets(shape.members[key].shape, item)
            if key in shape.members
            else HIDDEN
            for key, item in value.items()
        }
    if shape.value is not None and isinstance(value, dict):
        return {key: hide_secrets(shape.value, item) for key, item in value.items()}
    if shape.element is not None and isinstance(value, list):
        return [hide_secrets(shape.element, item) for item in value]
    if shape.kind in (STRUCTURE, LIST, MAP):
        # The check will refuse what does not fit; it is shown all the same.
        return hide_text(shape, str(value))
    return value
