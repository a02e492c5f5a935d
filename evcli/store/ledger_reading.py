"""The ledger's rows on their way out, and which of them a question is about.

A row that is not as evcli wrote it (a disk went bad, somebody edited the file) is read as
far as it goes, and its delivery says so in `damage`: it must neither be attempted nor
keep all others from being listed and attempted.
"""

from __future__ import annotations

import json
from itertools import islice

from evcli.store.database import UnreadableTextError
from evcli.store.deliveries import (
    DELIVERED,
    FAILED,
    UNDELIVERED,
    Delivery,
    Event,
    pack_id,
    unpack_envelope,
    unpack_id,
)
from evcli.store.epoch import EPOCH, from_epoch_ms, to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.store.database import Database

# What is read of an event, and from where.
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
    "undelivered",
)
EVENTS = "events LEFT JOIN ledger_buses USING (bus_key)"
# Likewise of a delivery.
DELIVERY_COLUMNS = (
    "delivery_key",
    "event_key",
    "dead_letter_of",
    "rule_arn",
    "target_id",
    "target_arn",
    "definition",
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
DELIVERIES = (
    "deliveries JOIN events USING (event_key)"
    " LEFT JOIN ledger_buses USING (bus_key)"
    " LEFT JOIN ledger_routes USING (route_key)"
)
COLUMNS = (*EVENT_COLUMNS, *DELIVERY_COLUMNS)
TARGET = slice(COLUMNS.index("target_id"), COLUMNS.index("definition") + 1)
NUMBERS = frozenset(
    (
        "accepted_at",
        "hops",
        "event_key",
        "delivery_key",
        "dead_letter_of",
        "attempts",
        "next_attempt_at",
        "finished_at",
        "owner",
        "sink_length_bytes",
        "undelivered",
    )
)


def read_deliveries(
    database: Database, tail: str, values: tuple[object, ...]
) -> Iterator[Delivery]:
    """Read deliveries with their events, one at a time.

    Args:
        tail: the conditions and the order, in SQL.

    Raises: StoreError: the store fails, and not only a row of it.
    """
    count = 0
    try:
        for row in _select(database, COLUMNS, tail, values):
            yield _to_delivery(row)
            count += 1
    except UnreadableTextError:
        columns = tuple(f"CAST({name} AS BLOB)" for name in COLUMNS)
        for row in islice(_select(database, columns, tail, values), count, None):
            yield _read_bytes(row)


def _select(
    database: Database, columns: tuple[str, ...], tail: str, values: tuple[object, ...]
) -> Iterator[Any]:
    sql = f"SELECT {', '.join(columns)} FROM {DELIVERIES} {tail}"
    return database.iterate(sql, values)


def read_event(row: tuple[Any, ...]) -> Event:
    """Make an event of a row, or what can be made of it if it is damaged."""
    try:
        return _make_event(row)
    except (IndexError, OverflowError, TypeError):
        return _salvage_event(dict(zip(EVENT_COLUMNS, row, strict=True)))


def _make_event(row: tuple[Any, ...]) -> Event:
    """Make an event of a row that begins with the values of `EVENT_COLUMNS`."""
    event_id, reason = unpack_id(row[1]), row[9]
    if row[2] is None:
        raise TypeError("where it arrived is missing")
    return Event(
        event_key=row[0],
        event_id=event_id,
        account_id=row[2],
        region=row[3],
        event_bus_name=row[4],
        accepted_at=from_epoch_ms(row[5]),
        hops=row[6],
        envelope=unpack_envelope(event_id, row[7]),
        trace_header=row[8],
        undelivered=None if reason is None else UNDELIVERED[reason],
    )


def _to_delivery(row: tuple[Any, ...]) -> Delivery:
    try:
        return _make_delivery(
            _make_event(row), row[len(EVENT_COLUMNS) :], _read_target(row)
        )
    except (LookupError, OverflowError, TypeError, ValueError) as error:
        return _salvage(row, f"{type(error).__name__}: {error}")


def _read_target(row: tuple[Any, ...]) -> dict[str, Any]:
    """Read the target as it was accepted. Raises: ValueError: it is none."""
    target_id, target_arn, text = row[TARGET]
    if text is None:
        raise ValueError("its rule and its target are missing")
    if not text:
        return {"Id": target_id, "Arn": target_arn}
    target = json.loads(text)
    if not isinstance(target, dict) or target.get("Arn") != target_arn:
        raise ValueError("the target is not the one of the row")
    return target


def _make_delivery(
    event: Event, row: tuple[Any, ...], target: dict[str, Any]
) -> Delivery:
    key, _, dead_letter_of, rule_arn, _, _, _, payload = row[:8]
    state, attempts, next_attempt, finished, code, message, owner, length = row[8:]
    payload = event.envelope if payload is None else payload
    if type(payload) is not str or type(attempts) is not int:
        raise TypeError("the payload is no text, or the attempts are no number")
    return Delivery(
        event=event,
        rule_arn=rule_arn,
        target=target,
        payload=payload,
        state=state,
        attempts=attempts,
        next_attempt_at=None if next_attempt is None else from_epoch_ms(next_attempt),
        finished_at=None if finished is None else from_epoch_ms(finished),
        error_code=code,
        error_message=message,
        owner=owner,
        dead_letter_of=dead_letter_of,
        # Anything else is as good as unknown: the whole file is looked through.
        sink_length_bytes=length if type(length) is int and length >= 0 else None,
        delivery_key=key,
    )


def _read_bytes(row: tuple[bytes | None, ...]) -> Delivery:
    """Read a row of bytes, which may be no text."""
    values, damage = decode_row(COLUMNS, row)
    return _to_delivery(values) if damage is None else _salvage(values, damage)


def decode_row(
    columns: Sequence[str], row: tuple[bytes | None, ...]
) -> tuple[tuple[Any, ...], str | None]:
    """Decode columns that were read as bytes, and say what is wrong with one of them."""
    values: list[object] = []
    damage = None
    for name, data in zip(columns, row, strict=True):
        if name == "event_id":
            values.append(data)
            continue
        text = None if data is None else data.decode("utf-8", "replace")
        if data is not None and text is not None and text.encode() != data:
            damage = f"{name} is no UTF-8"
        is_number = name in NUMBERS and text is not None and text.isdecimal()
        values.append(int(text) if is_number and text is not None else text)
    return tuple(values), damage


def _salvage(row: tuple[Any, ...], damage: str) -> Delivery:
    """Make what can be made of a damaged row; only its key is sure."""
    values = dict(zip(COLUMNS, row, strict=True))
    texts = _to_texts(values)
    event = _salvage_event(values)
    delivery = Delivery(
        event=event,
        rule_arn=texts["rule_arn"],
        target={"Id": texts["target_id"], "Arn": texts["target_arn"]},
        payload=texts["payload"] or event.envelope,
        state=texts["state"],
        attempts=_get_number(values, "attempts"),
        error_code=values["error_code"],
        error_message=values["error_message"],
        owner=values["owner"],
        delivery_key=values["delivery_key"],
    )
    delivery.damage = f"The row of this delivery is damaged: {damage}."
    return delivery


def _salvage_event(values: dict[str, Any]) -> Event:
    """Make what can be made of the columns of a damaged event."""
    texts = _to_texts(values)
    event_id = unpack_id(values["event_id"])
    try:
        accepted_at = from_epoch_ms(values["accepted_at"])
    except (OverflowError, TypeError):
        accepted_at = EPOCH
    return Event(
        event_id=event_id,
        account_id=texts["account_id"],
        region=texts["region"],
        event_bus_name=texts["event_bus_name"],
        accepted_at=accepted_at,
        envelope=unpack_envelope(event_id, texts["envelope"]),
        event_key=_get_number(values, "event_key"),
    )


def _to_texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _get_number(values: dict[str, Any], name: str) -> int:
    value = values[name]
    return value if type(value) is int else 0


def build_conditions(
    event_id: str | None,
    rule_name: str | None,
    target_arn: str | None,
    state: str | None,
    since: datetime | None,
) -> tuple[str, tuple[object, ...]]:
    """Build ` AND …` and its values; `None` asks for nothing.

    Args:
        rule_name: a rule's name or its ARN.
    """
    conditions = ""
    values: list[object] = []
    if event_id is not None:
        # The key first: an event's deliveries are found by its row.
        conditions += (
            " AND event_key IN (SELECT event_key FROM events WHERE event_id = ?)"
        )
        values.append(pack_id(event_id))
    if rule_name is not None:
        conditions += (
            " AND route_key IN (SELECT route_key FROM ledger_routes"
            " WHERE rule_arn = ? OR rule_arn LIKE ? ESCAPE '\\')"
        )
        escaped = rule_name
        for special in "\\_%":
            escaped = escaped.replace(special, f"\\{special}")
        values += [rule_name, f"%/{escaped}"]
    if target_arn is not None:
        conditions += (
            " AND route_key IN (SELECT route_key FROM ledger_routes"
            " WHERE target_arn = ?)"
        )
        values.append(target_arn)
    if state == FAILED:
        # Spelled out, since only then the index of failures serves.
        conditions += f" AND state = '{FAILED}'"
    elif state is not None:
        conditions += " AND state = ?"
        values.append(state)
        if state != DELIVERED:
            # Likewise: unfinished ones are in the index of what is due.
            conditions += " AND next_attempt_at IS NOT NULL"
    if since is not None:
        # The first key by the indexes of ages and of an event's deliveries, so that
        # what is older is not read; the clock may have been set back since.
        conditions += (
            " AND accepted_at >= ? AND delivery_key >= (SELECT MIN(delivery_key)"
            " FROM deliveries WHERE event_key >="
            " (SELECT MIN(event_key) FROM events WHERE accepted_at >= ?))"
        )
        values += [to_epoch_ms(since)] * 2
    return conditions, tuple(values)
