"""Writing the lines of deliveries to files, before they have their keys.

Most targets get the event as it is, by requests that differ in nothing else. Of such a
target the first line is made as all lines are, and the others fill its frame.
"""

from __future__ import annotations

from evcli.delivery.payloads import build_payload
from evcli.delivery.sinks import find_sink
from evcli.delivery.sinks.file import (
    LINE_END,
    FileSink,
    format_event,
    format_parts,
    format_start,
)
from evcli.delivery.targets import RequestBuilder
from evcli.delivery.targets.target_kinds import SINK, InvalidRequest
from evcli.store.deliveries import Delivery, format_definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.delivery.events import AcceptedEvent
    from evcli.delivery.routing import RuleTarget
    from evcli.store.ledger_batch import Route

    # The payload where it is not the envelope, and what stands in a line before the key of
    # its delivery and, in parts, behind it.
    Line = tuple[str | None, bytes, list[bytes]]


def has_file(ctx: Context, target: RuleTarget) -> bool:
    """Say whether all that a target gets is written to a file."""
    if target.damage is not None or target.measure is None:
        return False
    arn = target.target["Arn"]
    # Not one that wraps another one, and may fail.
    return RequestBuilder(arn).carrier == SINK and type(find_sink(ctx, arn)) is FileSink


class LineWriter:
    """Writes the lines of a target's deliveries; `route` is theirs, `number` names it."""

    __slots__ = (
        "_builder",
        "_dumps",
        "_frame",
        "_gets_event",
        "_rule_arn",
        "_target",
        "number",
        "route",
    )

    def __init__(
        self,
        number: int,
        rule_arn: str,
        target: RuleTarget,
        dumps: Callable[[object], bytes] | None,
    ) -> None:
        """Get ready; arguments as what they are called elsewhere."""
        definition = target.target
        arn = definition["Arn"]
        self.number = number
        self.route: Route = (
            rule_arn,
            definition["Id"],
            arn,
            format_definition(definition),
        )
        self._gets_event = target.gets_event
        self._dumps = dumps
        self._builder = RequestBuilder(arn)
        self._frame: LineFrame | None = None
        self._rule_arn = rule_arn
        self._target = definition

    def write(
        self,
        event_id: str,
        envelope: str,
        time: str,
        make_event: Callable[[], AcceptedEvent],
    ) -> Line | None:
        """Write the line of an event without a trace header, at its arrival.

        Args:
            time: that of the arrival, as events write it.
            make_event: gives the event, where its id and its text do not do.

        Returns:
            `None` where the delivery fails before it comes to the file.
        """
        frame = self._frame
        try:
            if frame is None or len(envelope) > self._builder.most_repeated:
                return self._write_exactly(make_event(), time)
            return None, *frame.fill(event_id, time, envelope)
        except Exception:  # whoever attempts it says what is wrong
            return None

    def _write_exactly(self, event: AcceptedEvent, time: str) -> Line | None:
        envelope = event.row.envelope
        payload = envelope
        if not self._gets_event:
            built = build_payload(self._target, event, self._rule_arn)
            if isinstance(built, InvalidRequest):
                return None
            payload = built
        # Nobody keeps it.
        delivery = Delivery(
            event=event.row,
            rule_arn=self._rule_arn,
            target=self._target,
            payload=payload,
        )
        request = self._builder.build(delivery)
        if isinstance(request, InvalidRequest):
            return None
        event_id = event.row.event_id
        parts = format_parts(delivery, request, time, self._dumps)
        before, behind = split_start(parts, event_id)
        if self._gets_event and self._dumps is not None and self._builder.most_repeated:
            self._frame = find_frame(behind, event_id, time, self._dumps)
        return None if payload == envelope else payload, before, behind


class LineFrame:
    """The line of a delivery, to be filled for others that differ in event and payload.

    For the same rule, target and `dumps`, where the request has nothing of the event but
    the payload.
    """

    __slots__ = ("_before_payload", "_between", "_dumps")

    def __init__(
        self,
        before_payload: str,
        between: bytes,
        dumps: Callable[[object], bytes],
    ) -> None:
        self._before_payload = before_payload
        self._between = between
        self._dumps = dumps

    def fill(self, event_id: str, time: str, payload: str) -> tuple[bytes, list[bytes]]:
        """Write what is in a line before its key, and the parts behind it.

        Raises: TypeError: half a surrogate pair.
        """
        quoted = self._dumps(payload)
        behind = f"{format_event(event_id, time)}{self._before_payload}"
        return format_start(event_id).encode(), [
            behind.encode(),
            quoted,
            self._between,
            quoted,
            LINE_END,
        ]


def split_start(parts: list[bytes], event_id: str) -> tuple[bytes, list[bytes]]:
    """Take the key, of one digit, out of the parts of a line: what is before and behind."""
    end = len(format_start(event_id))
    return parts[0][:end], [parts[0][end + 1 :], *parts[1:]]


def find_frame(
    behind: list[bytes], event_id: str, time: str, dumps: Callable[[object], bytes]
) -> LineFrame | None:
    """Make a frame of the parts behind a key; `None` if the payload is not one of them."""
    if len(behind) != 5 or behind[1] is not behind[3]:
        return None
    before_payload = behind[0].decode().removeprefix(format_event(event_id, time))
    return LineFrame(before_payload, behind[2], dumps)
