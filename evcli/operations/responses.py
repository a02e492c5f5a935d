"""What responses have in common: members without a value are left out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def omit_unset(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out the members that are `None`; the order stays. Source: [aws]."""
    return {name: value for name, value in members.items() if value is not None}
