"""Filters of the lists of archives and replays: one of them at most."""

from __future__ import annotations

from evcli.errors import ValidationException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILTERS = ("State", "EventSourceArn", "NamePrefix")


def check_one_filter(operation: str, request: dict[str, Any]) -> None:
    """Refuse combined filters.

    Raises: ValidationException: more than one is given. [peer] the text, with the blank
        before its colon.
    """
    if sum(name in request for name in FILTERS) > 1:
        raise ValidationException(
            f"At most one filter is allowed for {operation}. Use either : State,"
            " EventSourceArn, or NamePrefix."
        )
