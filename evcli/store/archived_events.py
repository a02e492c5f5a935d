"""Archived events: what archives hold, by age for retention, by minute for replays.

An archive's `event_count` and `size_bytes` change with its events, in the same
transaction, so nothing ever counts a whole archive. Events are dropped in bounded
steps; until then those that are past the archive's cut-off count as gone.
"""

from __future__ import annotations

from evcli.store.epoch import from_epoch_ms, to_epoch_ms
from evcli.store.ledger_keys import get_archive_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.store.database import Database

    # Archive, minute, event_at, ingested_at, size_bytes, envelope.
    Row = tuple[str, int, int, int, int, str]

MINUTE_MILLISECONDS = 60_000

# Steps from one archive's events to the next one's, and skips all that lies between.
FIND_ABANDONED = """
    WITH RECURSIVE found (archive_key) AS (
        SELECT MIN(archive_key) FROM archived_events
        UNION ALL
        SELECT (
            SELECT MIN(archive_key) FROM archived_events
            WHERE archived_events.archive_key > found.archive_key
        ) FROM found WHERE found.archive_key IS NOT NULL
    )
    SELECT archive_key FROM found JOIN archive_keys USING (archive_key)
    WHERE archive_id NOT IN (SELECT archive_id FROM archives)
    LIMIT 1
"""
# An archive's events, by its id.
OF_ARCHIVE = "archive_key = (SELECT archive_key FROM archive_keys WHERE archive_id = ?)"


class ArchivedEvent:
    """An event as an archive keeps it: `event_at` is its own time, not its arrival."""

    __slots__ = ("envelope", "event_at")

    def __init__(self, event_at: datetime, envelope: str) -> None:
        self.event_at = event_at
        self.envelope = envelope


class Window:
    """Events of one minute, in the order of their arrival, and the cursor after them."""

    __slots__ = ("events", "next_cursor")

    def __init__(self, events: list[ArchivedEvent], next_cursor: list[int]) -> None:
        self.events = events
        self.next_cursor = next_cursor


class ArchivedEvents:
    """The events of all archives; an archive is named by its id.

    A cut-off is an instant, or `None`: what arrived at it or before is gone. A cursor
    is a minute since 1970 and a row's number in it: everything up to there is behind.
    """

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- writing

    def add(self, row: Row) -> None:
        """Keep an event, laid out by `archived_row`, and count it."""
        self.add_all([row])

    def add_all(self, rows: list[Row]) -> None:
        """Write and count the rows of events, in a few statements."""
        self._database.execute_many(
            "INSERT INTO archived_events (archive_key, minute, event_at, ingested_at,"
            " size_bytes, envelope) VALUES (?, ?, ?, ?, ?, ?)",
            [(get_archive_key(self._database, row[0]), *row[1:]) for row in rows],
        )
        totals: dict[str, tuple[int, int]] = {}
        for archive_id, _, _, _, size_bytes, _ in rows:
            events, total_bytes = totals.get(archive_id, (0, 0))
            totals[archive_id] = (events + 1, total_bytes + size_bytes)
        # In one order, or two who keep the same archives could wait for each other.
        for archive_id, total in sorted(totals.items()):
            self._count(archive_id, *total)

    def drop_expired(self, archive_id: str, cutoff: datetime, limit: int) -> int:
        """Drop events that are past the cut-off, oldest first; say how many."""
        rows = self._database.execute(
            "SELECT sequence, size_bytes FROM archived_events"
            f" WHERE {OF_ARCHIVE} AND ingested_at <= ? ORDER BY ingested_at LIMIT ?"
            f"{self._database.SKIP_LOCKED}",
            (archive_id, to_epoch_ms(cutoff), limit),
        ).fetchall()
        if rows:
            self._database.execute_many(
                "DELETE FROM archived_events WHERE sequence = ?",
                [(sequence,) for sequence, _ in rows],
            )
            self._count(archive_id, -len(rows), -sum(size for _, size in rows))
        return len(rows)

    def drop_abandoned(self, limit: int) -> int:
        """Drop events whose archive is gone; say how many."""
        row = self._database.execute(FIND_ABANDONED).fetchone()
        if row is None:
            return 0
        return self._database.execute(
            "DELETE FROM archived_events WHERE sequence IN ("
            "SELECT sequence FROM archived_events WHERE archive_key = ? LIMIT ?)",
            (row[0], limit),
        ).rowcount

    def _count(self, archive_id: str, events: int, size_bytes: int) -> None:
        self._database.execute(
            "UPDATE archives SET event_count = event_count + ?,"
            " size_bytes = size_bytes + ? WHERE archive_id = ?",
            (events, size_bytes, archive_id),
        )

    # -- reading

    def measure_expired(self, archive_id: str, cutoff: datetime) -> tuple[int, int]:
        """Count events past the cut-off that still lie here, and their bytes."""
        row: tuple[int, int] = self._database.execute(
            "SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM archived_events"
            f" WHERE {OF_ARCHIVE} AND ingested_at <= ?",
            (archive_id, to_epoch_ms(cutoff)),
        ).fetchone()
        return row

    def has_abandoned(self) -> bool:
        """Say whether events lie here whose archive is gone."""
        return self._database.execute(FIND_ABANDONED).fetchone() is not None

    def get_oldest(self, archive_id: str) -> datetime | None:
        """When the oldest event arrived; `None` in an empty archive."""
        row = self._database.execute(
            f"SELECT MIN(ingested_at) FROM archived_events WHERE {OF_ARCHIVE}",
            (archive_id,),
        ).fetchone()
        return None if row[0] is None else from_epoch_ms(row[0])

    def read_window(
        self,
        archive_id: str,
        cursor: list[int] | None,
        start_at: datetime,
        end_at: datetime,
        *,
        cutoff: datetime | None,
        limit: int,
    ) -> Window | None:
        """Read the next minute that has events, or the next part of a crowded one.

        Args:
            cursor: where the last window left off; `None` at first.
            start_at: only events of this time or later.
            end_at: only events before this time.
            limit: how many events at most.

        Returns:
            The window, possibly without any event, when all of its minute are outside
            the span or past the cut-off; `None` when there is no further minute.
        """
        start, end = to_epoch_ms(start_at), to_epoch_ms(end_at)
        cursor = cursor or _find_first_cursor(start_at)
        found = self._database.execute(
            f"SELECT minute FROM archived_events WHERE {OF_ARCHIVE}"
            " AND (minute, sequence) > (?, ?) AND minute <= ?"
            " ORDER BY minute, sequence LIMIT 1",
            (archive_id, *cursor, (end - 1) // MINUTE_MILLISECONDS),
        ).fetchone()
        if found is None:
            return None
        minute = found[0]
        rows = self._database.execute(
            "SELECT sequence, event_at, envelope FROM archived_events"
            f" WHERE {OF_ARCHIVE} AND minute = ? AND sequence > ?"
            " AND event_at >= ? AND event_at < ? AND ingested_at > ?"
            " ORDER BY sequence LIMIT ?",
            (
                archive_id,
                minute,
                cursor[1] if minute == cursor[0] else 0,
                start,
                end,
                _LONG_AGO if cutoff is None else to_epoch_ms(cutoff),
                limit,
            ),
        ).fetchall()
        events = [ArchivedEvent(from_epoch_ms(row[1]), row[2]) for row in rows]
        is_whole = len(rows) < limit
        return Window(events, [minute + 1, 0] if is_whole else [minute, rows[-1][0]])

    def count_ahead(
        self,
        archive_id: str,
        cursor: list[int] | None,
        start_at: datetime,
        end_at: datetime,
    ) -> int:
        """Count the events of a span that lie behind a cursor, expired ones too."""
        start, end = to_epoch_ms(start_at), to_epoch_ms(end_at)
        cursor = cursor or _find_first_cursor(start_at)
        count: int = self._database.execute(
            f"SELECT COUNT(*) FROM archived_events WHERE {OF_ARCHIVE}"
            " AND (minute, sequence) > (?, ?) AND minute <= ?"
            " AND event_at >= ? AND event_at < ?",
            (archive_id, *cursor, (end - 1) // MINUTE_MILLISECONDS, start, end),
        ).fetchone()[0]
        return count


# Smaller than every instant that a datetime can have.
_LONG_AGO = -(1 << 62)


def archived_row(
    archive_id: str,
    *,
    event_at: datetime,
    ingested_at: datetime,
    size_bytes: int,
    envelope: str,
) -> Row:
    """Lay an archived event out as a row."""
    at = to_epoch_ms(event_at)
    minute = at // MINUTE_MILLISECONDS
    return archive_id, minute, at, to_epoch_ms(ingested_at), size_bytes, envelope


def _find_first_cursor(start_at: datetime) -> list[int]:
    """The cursor before the minute that an instant is in; rows count from one."""
    return [to_epoch_ms(start_at) // MINUTE_MILLISECONDS, 0]
