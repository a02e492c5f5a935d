"""Keeping a state directory sound: checks, backups, restoring, forgetting."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # Mends it without loss, and says how.
    Mend = Callable[[], str]


class Finding:
    """Something that `evcli local check` finds to be not as it should be, in one line.

    `area` is the part of the state directory that it is about. A note is nothing wrong:
    something that people do, or that the next command sees to.
    """

    __slots__ = ("area", "is_note", "mend", "text")

    def __init__(
        self, area: str, text: str, *, is_note: bool = False, mend: Mend | None = None
    ) -> None:
        self.area = area
        self.text = text
        self.is_note = is_note
        self.mend = mend
