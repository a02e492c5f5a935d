"""The ledger's rows on their way in, one at a time or many.

A key of `None` lets SQLite number the row. Payloads equal to the envelope and targets of
only id and ARN are left out, see `store/ledger.py`.
"""

from __future__ import annotations

import json

from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from evcli.store.deliveries import Delivery, Event

EVENT_COLUMNS = (
    "event_key",
    "event_id",
    "account_id",
    "region",
    "event_bus_name",
    "accepted_at",
    "hops",
    "envelope",
    "trace_header",
)
DELIVERY_COLUMNS = (
    "delivery_key",
    "event_key",
    "dead_letter_of",
    "rule_arn",
    "target_id",
    "target_arn",
    "target",
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


def write_insert(table: str, columns: Sequence[str], count: int = 1) -> str:
    """Word the INSERT of so many rows."""
    row = f"({', '.join('?' * len(columns))})"
    rows = ", ".join([row] * count)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {rows}"


class Moments(dict["datetime | None", "int | None"]):
    """Instants as columns; of many rows that share one it is worked out once."""

    def __init__(self) -> None:
        super().__init__({None: None})

    def __missing__(self, instant: datetime) -> int:
        moment = self[instant] = to_epoch_ms(instant)
        return moment


def event_row(event: Event, key: int | None, moments: Moments) -> tuple[Any, ...]:
    """Lay an event out in `EVENT_COLUMNS`."""
    return (
        key,
        event.event_id,
        event.account_id,
        event.region,
        event.event_bus_name,
        moments[event.accepted_at],
        event.hops,
        event.envelope,
        event.trace_header,
    )


def delivery_row(
    delivery: Delivery, key: int | None, moments: Moments
) -> tuple[Any, ...]:
    """Lay a delivery out in `DELIVERY_COLUMNS`; its event has its key."""
    event = delivery.event
    return (
        key,
        event.event_key,
        delivery.dead_letter_of,
        delivery.rule_arn,
        delivery.target_id,
        delivery.target_arn,
        definition_column(delivery.target),
        None if delivery.payload == event.envelope else delivery.payload,
        delivery.state,
        delivery.attempts,
        moments[delivery.next_attempt_at],
        moments[delivery.finished_at],
        delivery.error_code,
        delivery.error_message,
        delivery.owner,
        delivery.sink_length_bytes,
    )


def definition_column(target: dict[str, Any]) -> str | None:
    """Write a target down; `None` when it is only id and ARN."""
    if len(target) == 2:
        return None
    return json.dumps(target, ensure_ascii=False, separators=(",", ":"))
