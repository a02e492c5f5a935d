"""The events that event buses accepted, read back: by id, and one after the other.

They are written with their deliveries, by `store/ledger.py`. A ledger may hold millions,
so nothing here reads more than it hands out: ids are looked up in their index, whole or
by how they begin, and lists come in pages.
"""

from __future__ import annotations

import re

from evcli.store.database import UnreadableTextError
from evcli.store.deliveries import (
    ENVELOPE_HEAD,
    HEX_DIGITS,
    NO_UUID,
    UUID_BYTES,
    UUID_LENGTH,
    pack_id,
    unpack_id,
)
from evcli.store.epoch import to_epoch_ms
from evcli.store.ledger_reading import EVENT_COLUMNS, EVENTS, decode_row, read_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from evcli.store.database import Database
    from evcli.store.deliveries import Event

PAGE = 200
# Where a UUID has its hyphens.
HYPHENS = (8, 13, 18, 23)
_UUID = " || '-' || ".join(
    f"substr(hex(event_id), {first}, {length})"
    for first, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
)
# The part of an envelope that its row does not have, in SQL, but for the case of letters
# in the id; empty where the row has all of it.
HEAD_SQL = (
    f"CASE WHEN substr(envelope, 1, 1) = ',' THEN '{ENVELOPE_HEAD}' || {_UUID} || '\"'"
    " ELSE '' END"
)
# The greatest key that SQLite can give, so no bound at all.
LAST_KEY = 2**63 - 1


class EventConditions:
    """What is asked of events; `None` and nothing ask for nothing.

    `event_bus` is a bus's name, or its account, region and name; `accepted_since` asks
    for those accepted then or later, `undelivered` for those that no delivery came of,
    `failed` for those of which one failed for good. Each of `fragments` stands somewhere
    in the text of the envelope behind its id, and `text` anywhere in it, where ASCII
    letters may be of either case.
    """

    __slots__ = (
        "accepted_since",
        "event_bus",
        "failed",
        "fragments",
        "text",
        "undelivered",
    )

    def __init__(
        self,
        *,
        event_bus: str | tuple[str, str, str] | None = None,
        accepted_since: datetime | None = None,
        undelivered: bool = False,
        failed: bool = False,
        fragments: Sequence[str] = (),
        text: str | None = None,
    ) -> None:
        self.event_bus = event_bus
        self.accepted_since = accepted_since
        self.undelivered = undelivered
        self.failed = failed
        self.fragments = fragments
        self.text = text


class AcceptedEvents:
    """What is asked of accepted events."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- by id

    def list_arrivals(self, event_id: str) -> list[Event]:
        """List the arrivals of an event, one for each event bus that accepted it."""
        return self._select("event_id = ? ORDER BY event_key", (pack_id(event_id),))

    def get_event(self, event_key: int) -> Event | None:
        """Fetch one arrival by its key."""
        return next(iter(self._select("event_key = ?", (event_key,))), None)

    def list_ids(self, prefix: str, limit: int) -> list[str]:
        """List the first ids that begin with a text, ascending, each once."""
        found = [
            unpack_id(each)
            for of_kind, first, last in _list_ranges(prefix)
            for each in self._list_ids_between(of_kind, first, last, limit)
        ]
        return sorted(found)[:limit]

    def _list_ids_between(
        self, of_kind: str, first: bytes, last: bytes, limit: int
    ) -> list[bytes]:
        found: list[bytes] = []
        # From one id to the next: an event may have arrived a million times.
        comparison = ">="
        while len(found) < limit:
            row = self._database.execute(
                f"SELECT event_id FROM events WHERE event_id {comparison} ?"
                f" AND event_id <= ? AND {of_kind} ORDER BY event_id LIMIT 1",
                (first, last),
            ).fetchone()
            if row is None:
                break
            comparison, first = ">", row[0]
            found.append(first)
        return found

    # -- one after the other

    def list_after(
        self, conditions: EventConditions, after: int, up_to: int = LAST_KEY
    ) -> Iterator[Event]:
        """List events behind an event key, in the order in which they were accepted.

        Page by page, so that no reading of the store is a long one.
        """
        where, values = _build_conditions(conditions, self._database.ANY_CASE)
        # Who goes on is behind it already.
        after = after or self._find_start(conditions)
        while True:
            page = self._select(
                f"event_key > ? AND event_key <= ?{where} ORDER BY event_key LIMIT ?",
                (after, up_to, *values, PAGE),
            )
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].event_key

    def list_newest(
        self, conditions: EventConditions, after: int = 0, up_to: int = LAST_KEY
    ) -> Iterator[Event]:
        """List events, the newest first; otherwise as `list_after`."""
        where, values = _build_conditions(conditions, self._database.ANY_CASE)
        start = max(after, self._find_start(conditions))
        before = min(self.get_last_key(), up_to) + 1
        # Who asks for the newest wants few of them.
        size = 20
        while True:
            page = self._select(
                f"event_key > ? AND event_key < ?{where} ORDER BY event_key DESC LIMIT ?",
                (start, before, *values, size),
            )
            yield from page
            if len(page) < size:
                return
            before, size = page[-1].event_key, PAGE

    def find_key_ahead(self, event_key: int, count: int) -> int:
        """Find the key `count` events behind a key; of the last one if there are fewer."""
        row = self._database.execute(
            "SELECT MAX(event_key) FROM (SELECT event_key FROM events"
            " WHERE event_key > ? ORDER BY event_key LIMIT ?)",
            (event_key, count),
        ).fetchone()
        return int(row[0] or event_key)

    def find_key_back(self, event_key: int, count: int) -> int:
        """Find the key `count` events before a key; 0 if there are fewer."""
        row = self._database.execute(
            "SELECT event_key FROM events WHERE event_key < ?"
            " ORDER BY event_key DESC LIMIT 1 OFFSET ?",
            (event_key, count - 1),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def get_last_key(self) -> int:
        """The key of the event that was accepted last; 0 before the first one."""
        return self._database.read_last_key("events")

    def find_key_before(self, instant: datetime) -> int:
        """Find the key behind which everything is that was accepted since an instant.

        The last one of all when there is nothing.
        """
        row = self._database.execute(
            # The sign keeps SQLite from reading the table in the order of keys, instead
            # of the index: clocks are put back, so the two may differ.
            "SELECT MIN(+event_key) FROM events WHERE accepted_at >= ?",
            (to_epoch_ms(instant),),
        ).fetchone()
        return self.get_last_key() if row[0] is None else int(row[0]) - 1

    def count_deliveries(
        self, event_keys: Sequence[int]
    ) -> dict[int, list[tuple[str, str, int]]]:
        """Count the deliveries of some events, dead letters left out.

        Returns:
            By event key (rule ARN, state, count), in the order of the deliveries; events
            without any are left out.
        """
        if not event_keys:
            return {}
        marks = ", ".join("?" * len(event_keys))
        rows = self._database.execute(
            "SELECT event_key, rule_arn, state, COUNT(*)"
            " FROM deliveries JOIN ledger_routes USING (route_key)"
            f" WHERE event_key IN ({marks}) AND dead_letter_of IS NULL"
            " GROUP BY event_key, rule_arn, state"
            " ORDER BY event_key, MIN(delivery_key)",
            tuple(event_keys),
        )
        counts: dict[int, list[tuple[str, str, int]]] = {}
        for event_key, rule_arn, state, count in rows:
            counts.setdefault(event_key, []).append((rule_arn, state, count))
        return counts

    def _find_start(self, conditions: EventConditions) -> int:
        since = conditions.accepted_since
        return 0 if since is None else self.find_key_before(since)

    def _select(self, where: str, values: tuple[object, ...]) -> list[Event]:
        tail = f"FROM {EVENTS} WHERE {where}"
        try:
            sql = f"SELECT {', '.join(EVENT_COLUMNS)} {tail}"
            return [read_event(row) for row in self._database.iterate(sql, values)]
        except UnreadableTextError:
            texts = ", ".join(f"CAST({name} AS BLOB)" for name in EVENT_COLUMNS)
            rows = self._database.iterate(f"SELECT {texts} {tail}", values)
            return [read_event(decode_row(EVENT_COLUMNS, row)[0]) for row in rows]


def _list_ranges(prefix: str) -> Iterator[tuple[str, bytes, bytes]]:
    """List where ids are that begin with a text.

    Returns:
        For UUIDs and for all others: a condition, the first value that may be one, the
        last one. In either range values are in the order of the texts.
    """
    if len(prefix) <= UUID_LENGTH and _begins_uuid(prefix):
        digits = prefix.replace("-", "")
        first, last = (bytes.fromhex(digits.ljust(32, fill)) for fill in "0f")
        yield f"length(event_id) = {UUID_BYTES}", first, last
    text = prefix.encode()
    yield f"length(event_id) <> {UUID_BYTES}", text, text + NO_UUID


def _begins_uuid(text: str) -> bool:
    """Say whether canonical UUIDs, in lower case, may begin with a text."""
    digits = text.replace("-", "")
    return not digits.strip(HEX_DIGITS) and all(
        (character == "-") == (index in HYPHENS) for index, character in enumerate(text)
    )


_BUS_KEY = "bus_key IN (SELECT bus_key FROM ledger_buses WHERE"
# A sign in a pattern of LIKE that stands for itself.
ITSELF = r"!\g<0>"


def _build_conditions(
    conditions: EventConditions, any_case: str
) -> tuple[str, tuple[object, ...]]:
    """Build ` AND …` and its values.

    Args:
        any_case: as `Database.ANY_CASE`.
    """
    where = ""
    values: list[object] = []
    if conditions.undelivered:
        where += " AND undelivered IS NOT NULL"
    if conditions.failed:
        where += (
            " AND EXISTS (SELECT 1 FROM deliveries WHERE"
            " deliveries.event_key = events.event_key AND state = 'FAILED')"
        )
    if isinstance(conditions.event_bus, str):
        where += f" AND {_BUS_KEY} event_bus_name = ?)"
        values.append(conditions.event_bus)
    elif conditions.event_bus is not None:
        where += (
            f" AND {_BUS_KEY} account_id = ? AND region = ? AND event_bus_name = ?)"
        )
        values += conditions.event_bus
    if conditions.accepted_since is not None:
        # No index for this one: `find_key_before` has used it.
        where += " AND +accepted_at >= ?"
        values.append(to_epoch_ms(conditions.accepted_since))
    for fragment in conditions.fragments:
        where += " AND instr(envelope, ?) > 0"
        values.append(fragment)
    if conditions.text is not None:
        # In what the row has of the envelope, or where its beginning takes part.
        where += (
            f" AND (envelope {any_case} ? ESCAPE '!'"
            f" OR {HEAD_SQL} || substr(envelope, 1, CAST(? AS INTEGER)) {any_case} ? ESCAPE '!')"
        )
        escaped = f"%{re.sub('[!%_]', ITSELF, conditions.text)}%"
        values += [escaped, len(conditions.text), escaped]
    return where, tuple(values)
