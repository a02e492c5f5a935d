"""Events and deliveries: values, and how they are laid out as rows of the ledger.

A delivery is a row from the instant its event is accepted, in the same transaction, so
nothing accepted can be lost. Its life:

    PENDING ──► DELIVERED
       │  ▲
       ▼  │            a failed attempt that may be repeated, until the retry policy ends
    RETRYING ──► FAILED

`owner` is the process that is at it; see `store/directory/locks.py` for how the next
worker knows that an owner died. Rows keep what cannot be derived, in few bytes: a payload
equal to the event's envelope is not written again, nor is what rows repeat, which the
numbers of `store/ledger.py` stand for.
"""

from __future__ import annotations

from evcli.json_text import dumps
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

PENDING = "PENDING"
RETRYING = "RETRYING"
DELIVERED = "DELIVERED"
FAILED = "FAILED"
STATES = (PENDING, RETRYING, DELIVERED, FAILED)

# Why no delivery came of an event: `Event.undelivered`.
NO_EVENT_BUS = "NO_EVENT_BUS"
NO_RULE = "NO_RULE"
NO_TARGET = "NO_TARGET"
ARCHIVED = "ARCHIVED"
# By the number that a row has for it.
UNDELIVERED = (NO_RULE, NO_TARGET, ARCHIVED, NO_EVENT_BUS)


class Event:
    """An event as one event bus accepted it.

    `account_id`, `region` and `event_bus_name` say where it arrived, which need not be
    where it came from; `envelope` is the text that targets receive. `hops` counts the
    forwards from bus to bus. `trace_header` goes with the calls of targets.
    `undelivered` says why no delivery came of it: the event bus does not exist, no rule
    matches, those that match have no targets, or archives alone keep it; `None` else.
    """

    __slots__ = (
        "accepted_at",
        "account_id",
        "envelope",
        "event_bus_name",
        "event_id",
        "event_key",
        "hops",
        "region",
        "trace_header",
        "undelivered",
    )

    def __init__(
        self,
        *,
        event_id: str,
        account_id: str,
        region: str,
        event_bus_name: str,
        accepted_at: datetime,
        envelope: str,
        hops: int = 0,
        trace_header: str | None = None,
        undelivered: str | None = None,
        event_key: int = 0,
    ) -> None:
        self.event_id = event_id
        self.account_id = account_id
        self.region = region
        self.event_bus_name = event_bus_name
        self.accepted_at = accepted_at
        self.envelope = envelope
        self.hops = hops
        self.trace_header = trace_header
        self.undelivered = undelivered
        self.event_key = event_key


class Delivery:
    """One event on its way to one target.

    `target` is the target as it stood when the event was accepted, in wire spelling;
    `payload` the exact text that the code behind the target sees. `attempts` counts the
    attempts made. `dead_letter_of` is the key of the delivery whose failure this one
    reports to a dead-letter queue. `resumed` says that an owner died over it; only
    `Ledger.take_due` knows. `sink_length_bytes` is how long the file that stands for the
    target was before anybody could write to it for this delivery; `None` when that is
    not known. `damage` says why it cannot be attempted: its row is not as evcli wrote it.
    """

    __slots__ = (
        "attempts",
        "damage",
        "dead_letter_of",
        "delivery_key",
        "error_code",
        "error_message",
        "event",
        "finished_at",
        "next_attempt_at",
        "owner",
        "payload",
        "resumed",
        "rule_arn",
        "sink_length_bytes",
        "state",
        "target",
        "target_arn",
        "target_id",
    )

    def __init__(
        self,
        *,
        event: Event,
        rule_arn: str,
        target: dict[str, Any],
        payload: str,
        state: str = PENDING,
        attempts: int = 0,
        next_attempt_at: datetime | None = None,
        finished_at: datetime | None = None,
        error_code: str | None = None,
        error_message: str | None = None,
        owner: int | None = None,
        dead_letter_of: int | None = None,
        sink_length_bytes: int | None = None,
        delivery_key: int = 0,
    ) -> None:
        self.event = event
        self.rule_arn = rule_arn
        self.target = target
        self.target_id: str = target["Id"]
        self.target_arn: str = target["Arn"]
        self.payload = payload
        self.state = state
        self.attempts = attempts
        self.next_attempt_at = next_attempt_at
        self.finished_at = finished_at
        self.error_code = error_code
        self.error_message = error_message
        self.owner = owner
        self.dead_letter_of = dead_letter_of
        self.sink_length_bytes = sink_length_bytes
        self.delivery_key = delivery_key
        self.resumed = False
        self.damage: str | None = None

    @property
    def delivery_id(self) -> str:
        """Name the delivery for people and sinks: unique across state directories."""
        return f"{self.event.event_id}-{self.delivery_key}"

    @property
    def is_repeated(self) -> bool:
        """Whether it may have been made already, by an attempt before this one."""
        return self.resumed or self.attempts > 0


def parse_delivery_id(delivery_id: str) -> int | None:
    """The delivery's key in the store; `None` for text that is not a delivery id."""
    key = delivery_id.rpartition("-")[2]
    return int(key) if key.isdecimal() else None


class Attempt:
    """What one attempt came to; `error_code` is `None` when it succeeded."""

    __slots__ = ("attempted_at", "error_code", "error_message", "number", "output")

    def __init__(
        self,
        number: int,
        attempted_at: datetime,
        error_code: str | None,
        error_message: str | None,
        output: str | None,
    ) -> None:
        self.number = number
        self.attempted_at = attempted_at
        self.error_code = error_code
        self.error_message = error_message
        self.output = output


# -- ids and envelopes: nearly all ids are UUIDs, and nearly all envelopes begin with the
# same members and the id of their row. So a UUID takes 16 bytes, and such an envelope does
# without its beginning. All other ids are the bytes of their text, one more where these
# would be 16. In SQL an id is a value as any other, in the order of bytes.

UUID_BYTES = 16
UUID_LENGTH = 36
# No UTF-8 has this byte.
NO_UUID = b"\xff"
HEX_DIGITS = "0123456789abcdef"
# What an envelope begins with, up to the id; a quote ends it behind the id.
ENVELOPE_HEAD = '{"version":"0","id":"'
_HEAD_LENGTH = len(ENVELOPE_HEAD) + UUID_LENGTH + 1


def pack_id(event_id: str) -> bytes:
    """Turn an event's id into what the store has in its place."""
    # For every event, so not character by character.
    if len(event_id) == UUID_LENGTH and event_id[8::5][:4] == "----":
        digits = event_id.replace("-", "")
        if len(digits) == 2 * UUID_BYTES and not digits.strip(HEX_DIGITS):
            return bytes.fromhex(digits)
    return pack_other_id(event_id.encode())


def pack_other_id(text: bytes) -> bytes:
    """Turn the text of an id that is no UUID into what the store has in its place."""
    return text + NO_UUID if len(text) == UUID_BYTES else text


def unpack_id(packed: bytes | str) -> str:
    """Turn what the store has back into an event's id; what is no text, as far as it is.

    A text, which somebody else wrote there, is one already.
    """
    if isinstance(packed, str):
        return packed
    if len(packed) == UUID_BYTES:
        digits = packed.hex()
        return (
            f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
        )
    return packed.removesuffix(NO_UUID).decode("utf-8", "replace")


def pack_event(event_id: str, envelope: str) -> tuple[bytes, str]:
    """Turn an event's id and envelope into what the store has in their places."""
    packed = pack_id(event_id)
    if len(packed) == UUID_BYTES and envelope.startswith(
        f'{ENVELOPE_HEAD}{event_id}",'
    ):
        return packed, envelope[_HEAD_LENGTH:]
    return packed, envelope


def pack_new_event(event_id: str, envelope: str) -> tuple[bytes, str]:
    """As `pack_event`, of an id that was just made, and with it the envelope."""
    return bytes.fromhex(event_id.replace("-", "")), envelope[_HEAD_LENGTH:]


def unpack_envelope(event_id: str, envelope: str) -> str:
    """Turn what the store has back into the envelope of the event with an id."""
    if envelope[:1] == ",":
        return f'{ENVELOPE_HEAD}{event_id}"{envelope}'
    return envelope


# -- rows

EVENT_COLUMNS = (
    "event_key",
    "event_id",
    "bus_key",
    "accepted_at",
    "hops",
    "envelope",
    "trace_header",
    "undelivered",
)
DELIVERY_COLUMNS = (
    "delivery_key",
    "event_key",
    "dead_letter_of",
    "route_key",
    "payload",
    "state",
    "attempts",
    "next_attempt_at",
    "finished_at",
    "error_code",
    "error_message",
    "owner",
    "sink_length_bytes",
)


class EpochColumns(dict["datetime | None", "int | None"]):
    """Instants as columns; of many rows that share one it is worked out once."""

    def __init__(self) -> None:
        super().__init__({None: None})

    def __missing__(self, instant: datetime) -> int:
        milliseconds = self[instant] = to_epoch_ms(instant)
        return milliseconds


def event_row(
    event: Event, key: int | None, bus_key: int, times: EpochColumns
) -> tuple[Any, ...]:
    """Lay an event out in `EVENT_COLUMNS`."""
    reason = event.undelivered
    event_id, envelope = pack_event(event.event_id, event.envelope)
    return (
        key,
        event_id,
        bus_key,
        times[event.accepted_at],
        event.hops,
        envelope,
        event.trace_header,
        None if reason is None else UNDELIVERED.index(reason),
    )


def delivery_row(
    delivery: Delivery, key: int | None, route_key: int, times: EpochColumns
) -> tuple[Any, ...]:
    """Lay a delivery out in `DELIVERY_COLUMNS`; its event has its key."""
    event = delivery.event
    return (
        key,
        event.event_key,
        delivery.dead_letter_of,
        route_key,
        None if delivery.payload == event.envelope else delivery.payload,
        delivery.state,
        delivery.attempts,
        times[delivery.next_attempt_at],
        times[delivery.finished_at],
        delivery.error_code,
        delivery.error_message,
        delivery.owner,
        delivery.sink_length_bytes,
    )


def format_definition(target: dict[str, Any]) -> str:
    """Write a target down; "" when it is only id and ARN."""
    return "" if len(target) == 2 else dumps(target)
