"""What `--debug` may show of a request: everything but secrets."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.model.shapes import Shape

HIDDEN = "***"


def hide_secrets(shape: Shape, value: Any) -> Any:
    """Copy a value with stars in place of what the model marks as sensitive."""
    if shape.sensitive:
        return HIDDEN
    if isinstance(value, dict):
        return {
            key: hide_secrets(shape.members[key].shape, item)
            if key in shape.members
            else HIDDEN
            for key, item in value.items()
        }
    if isinstance(value, list) and shape.element is not None:
        return [hide_secrets(shape.element, item) for item in value]
    return value
