"""What `--debug` may show of a request: everything but secrets."""

from __future__ import annotations

from evcli.model.secrets import HIDDEN, hide_text
from evcli.model.shapes import LIST, MAP, STRUCTURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.model.shapes import Shape


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
