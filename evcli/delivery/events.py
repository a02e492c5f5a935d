"""An event on its way: all the forms in which it is needed, each made once.

    event_bus   where it arrives
    row         what the ledger keeps: where and when it arrives, and its text
    members     the event as a value, as it was at hand
    tree        what patterns match
    envelope    what targets' input settings look into; its numbers keep their text

Where an event comes from decides which of the last two its members are. The other one is
read from the text, if anybody asks for it.
"""

from __future__ import annotations

from evcli.delivery.envelopes import cut_detail, format_json, parse_envelope
from evcli.patterns import EventTree, parse_json
from evcli.store.deliveries import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    # Account, region, name.
    EventBusKey = tuple[str, str, str]


class AcceptedEvent:
    """An event as one event bus accepts it.

    Whatever made `members`, those around the detail are exact.
    """

    __slots__ = (
        "_detail_text",
        "_envelope",
        "_is_read",
        "_tree",
        "event_bus",
        "members",
        "row",
    )

    def __init__(
        self,
        members: dict[str, Any],
        event_bus: EventBusKey,
        accepted_at: datetime,
        *,
        text: str | None = None,
        detail_text: str | None = None,
        hops: int = 0,
        trace_header: str | None = None,
    ) -> None:
        """Let an event arrive.

        Args:
            members: what `format_json` makes the text of; or, with `text`, what was read
                from that text in order to be matched.
            detail_text: the detail as it was sent, if anybody sent it.
            hops, trace_header: as in the row.
        """
        self.event_bus = event_bus
        self.members = members
        self._envelope: dict[str, Any] | None = None
        self._tree: EventTree | None = None
        self._is_read = text is not None
        if text is None:
            text = format_json(members)
            self._envelope = members
        self._detail_text = detail_text
        self.row = Event(
            event_id=members["id"],
            account_id=event_bus[0],
            region=event_bus[1],
            event_bus_name=event_bus[2],
            accepted_at=accepted_at,
            envelope=text,
            hops=hops,
            trace_header=trace_header,
        )

    @property
    def tree(self) -> EventTree:
        """The event as patterns match it."""
        if self._tree is None:
            self._tree = self._make_tree()
        return self._tree

    def _make_tree(self) -> EventTree:
        if self._is_read:
            return EventTree(self.members)
        # All but the detail is text, which reading would not change.
        detail = parse_json(cut_detail(self.row.envelope))
        return EventTree({**self.members, "detail": detail})

    @property
    def envelope(self) -> dict[str, Any]:
        """The event as a value that loses nothing; never to be changed."""
        if self._envelope is None:
            self._envelope = parse_envelope(self.row.envelope) or {}
        return self._envelope

    @property
    def detail_text(self) -> str:
        """The detail as it was sent, or else as it stands in the event."""
        if self._detail_text is None:
            return cut_detail(self.row.envelope)
        return self._detail_text
