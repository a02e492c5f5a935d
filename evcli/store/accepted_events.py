"""The events that event buses accepted, read back: by id, and one after the other.

They are written with their deliveries, by `store/ledger.py`. A ledger may hold millions,
so nothing here reads more than it hands out: ids are looked up in their index, whole or
by how they begin, and lists come in pages.
"""

from __future__ import annotations

import re

from evcli.store.database import UnreadableTextError
from evcli.store.deliveries import EVENT_COLUMNS
from evcli.store.epoch import to_epoch_ms
from evcli.store.ledger_reading import decode_row, read_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from evcli.store.database import Database
    from evcli.store.deliveries import Event

PAGE = 200
# What sorts behind every id that begins with the text in front of it.
LAST = "\U0010ffff"
# The greatest key that SQLite can give, so no bound at all.
LAST_KEY = 2**63 - 1


class EventConditions:
    """What is asked of events; `None` and nothing ask for nothing.

    `event_bus` is a bus's name, or its account, region and name; `accepted_since` asks
    for those accepted then or later, `undelivered` for those that no delivery came of,
    `failed` for those of which one failed for good. Each of `fragments` stands somewhere
    in the text of the envelope, and so does `text`, whose ASCII letters may be of either
    case.
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
        return self._select("event_id = ? ORDER BY event_key", (event_id,))

    def get_event(self, event_key: int) -> Event | None:
        """Fetch one arrival by its key."""
        return next(iter(self._select("event_key = ?", (event_key,))), None)

    def list_ids(self, prefix: str, limit: int) -> list[str]:
        """List the first ids that begin with a text, ascending, each once."""
        found: list[str] = []
        # From one id to the next: an event may have arrived a million times.
        comparison, bound = ">=", prefix
        while len(found) < limit:
            row = self._database.execute(
                f"SELECT event_id FROM events WHERE event_id {comparison} ?"
                " AND event_id < ? ORDER BY event_id LIMIT 1",
                (bound, prefix + LAST),
            ).fetchone()
            if row is None:
                break
            comparison, bound = ">", row[0]
            found.append(bound)
        return found

    def get_neighbours(self, event_id: str) -> tuple[str, str]:
        """Fetch the ids before and behind one, in the order of ids; empty if none is."""
        before, behind = self._database.execute(
            "SELECT (SELECT MAX(event_id) FROM events WHERE event_id < ?),"
            " (SELECT MIN(event_id) FROM events WHERE event_id > ?)",
            (event_id, event_id),
        ).fetchone()
        return before or "", behind or ""

    # -- one after the other

    def list_after(
        self, conditions: EventConditions, after: int, up_to: int = LAST_KEY
    ) -> Iterator[Event]:
        """List events behind an event key, in the order in which they were accepted.

        Page by page, so that no reading of the store is a long one.
        """
        where, values = self._build_conditions(conditions)
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
        where, values = self._build_conditions(conditions)
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
            "SELECT event_key, rule_arn, state, COUNT(*) FROM deliveries"
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
        tail = f"FROM events WHERE {where}"
        try:
            sql = f"SELECT {', '.join(EVENT_COLUMNS)} {tail}"
            return [read_event(row) for row in self._database.iterate(sql, values)]
        except UnreadableTextError:
            texts = ", ".join(f"CAST({name} AS BLOB)" for name in EVENT_COLUMNS)
            rows = self._database.iterate(f"SELECT {texts} {tail}", values)
            return [read_event(decode_row(EVENT_COLUMNS, row)[0]) for row in rows]

    def _build_conditions(
        self, conditions: EventConditions
    ) -> tuple[str, tuple[object, ...]]:
        """Build ` AND …` and its values."""
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
            where += " AND event_bus_name = ?"
            values.append(conditions.event_bus)
        elif conditions.event_bus is not None:
            where += " AND account_id = ? AND region = ? AND event_bus_name = ?"
            values += conditions.event_bus
        if conditions.accepted_since is not None:
            # No index for this one: `find_key_before` has used it.
            where += " AND +accepted_at >= ?"
            values.append(to_epoch_ms(conditions.accepted_since))
        for fragment in conditions.fragments:
            where += " AND instr(envelope, ?) > 0"
            values.append(fragment)
        if conditions.text is not None:
            where += f" AND envelope {self._database.ANY_CASE} ? ESCAPE '!'"
            escaped = re.sub("[!%_]", r"!\g<0>", conditions.text)
            values.append(f"%{escaped}%")
        return where, tuple(values)
