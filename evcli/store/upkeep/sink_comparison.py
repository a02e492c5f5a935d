"""Lines of file sinks beside the ledger: which are missing, double, or not recorded.

The lines of all files go into a temporary table of SQLite's, which does the comparing
and keeps on the disk what has no room in memory.
"""

from __future__ import annotations

from evcli.store.deliveries import pack_id, unpack_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evcli.store.database import Database

    # File, delivery id.
    Line = tuple[int, str]

TABLES = (
    """CREATE TEMP TABLE sink_files (
        target_arn TEXT PRIMARY KEY,
        file INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TEMP TABLE sink_lines (
        file INTEGER NOT NULL,
        delivery_key INTEGER NOT NULL,
        event_id BLOB NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (file, delivery_key, event_id, position)
    ) WITHOUT ROWID""",
    """CREATE TEMP TABLE sink_starts (
        file INTEGER PRIMARY KEY,
        finished_at INTEGER,
        delivery_key INTEGER NOT NULL
    )""",
)
# The first line of each file whose delivery the ledger has. What was finished before is
# not missed: the file was emptied, or another one took its place.
FIND_STARTS = """
    INSERT INTO sink_starts (file, finished_at, delivery_key)
    SELECT file, finished_at, delivery_key FROM (
        SELECT file, MIN(position), finished_at, delivery_key
        FROM sink_lines JOIN deliveries USING (delivery_key) JOIN events USING (event_key)
        WHERE events.event_id = sink_lines.event_id AND state = 'DELIVERED'
        GROUP BY file
    )
"""
FIND_MISSING = """
    SELECT sink_files.file, events.event_id, deliveries.delivery_key,
        sink_starts.file IS NULL
        OR (deliveries.finished_at, deliveries.delivery_key)
            < (sink_starts.finished_at, sink_starts.delivery_key)
    FROM deliveries JOIN events USING (event_key) JOIN ledger_routes USING (route_key)
    JOIN sink_files ON sink_files.target_arn = ledger_routes.target_arn
    LEFT JOIN sink_starts ON sink_starts.file = sink_files.file
    WHERE deliveries.state = 'DELIVERED' AND NOT EXISTS (
        SELECT 1 FROM sink_lines WHERE sink_lines.file = sink_files.file
        AND sink_lines.delivery_key = deliveries.delivery_key
        AND sink_lines.event_id = events.event_id
    )
    ORDER BY 1, deliveries.delivery_key
"""
FIND_DOUBLE = """
    SELECT file, event_id, delivery_key FROM sink_lines
    GROUP BY file, delivery_key, event_id HAVING COUNT(*) > 1
    ORDER BY file, delivery_key
"""
FIND_UNRECORDED = """
    SELECT file, sink_lines.event_id, delivery_key
    FROM sink_lines JOIN deliveries USING (delivery_key) JOIN events USING (event_key)
    WHERE events.event_id = sink_lines.event_id AND state <> 'DELIVERED'
    GROUP BY file, delivery_key ORDER BY file, delivery_key
"""
FIND_UNKNOWN = """
    SELECT file, COUNT(*) FROM sink_lines
    WHERE delivery_key <= (SELECT seq FROM sqlite_sequence WHERE name = 'deliveries')
    AND NOT EXISTS (
        SELECT 1 FROM deliveries JOIN events USING (event_key)
        WHERE deliveries.delivery_key = sink_lines.delivery_key
        AND events.event_id = sink_lines.event_id
    )
    GROUP BY file ORDER BY file
"""


class SinkLines:
    """The lines of some files, each file by a number, and the ledger of a store.

    Lines are added in the order of their file. What the ledger accepted after its
    snapshot is none of this.
    """

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database
        for sql in TABLES:
            database.execute(sql)

    def list_target_arns(self) -> Iterator[tuple[str, bool]]:
        """List the targets of deliveries, each with whether dead letters go there."""
        rows = self._database.execute(
            "SELECT target_arn, MAX(dead_letter_of IS NOT NULL)"
            " FROM deliveries JOIN ledger_routes USING (route_key)"
            " GROUP BY target_arn ORDER BY target_arn"
        )
        return ((arn, bool(has_letters)) for arn, has_letters in rows.fetchall())

    def add_target(self, file: int, target_arn: str) -> None:
        """Say in which file the deliveries to a target are."""
        self._database.execute(
            "INSERT INTO sink_files (target_arn, file) VALUES (?, ?)",
            (target_arn, file),
        )

    def add_lines(self, lines: Iterable[tuple[int, int, str, int]]) -> None:
        """Add (file, delivery key, event id, position)."""
        self._database.execute_many(
            "INSERT INTO sink_lines (file, delivery_key, event_id, position)"
            " VALUES (?, ?, ?, ?)",
            [
                (file, key, pack_id(event_id), position)
                for file, key, event_id, position in lines
            ],
        )

    def list_missing(self) -> Iterator[tuple[int, str, bool]]:
        """List deliveries without their line, each with whether it is not missed.

        By file. Call once, after all lines were added.
        """
        self._database.execute(FIND_STARTS)
        rows = self._database.execute(FIND_MISSING)
        return (
            (file, _name(event_id, key), bool(is_old))
            for file, event_id, key, is_old in rows
        )

    def list_double(self) -> Iterator[Line]:
        """List deliveries that have more than one line, by file."""
        rows = self._database.execute(FIND_DOUBLE)
        return ((file, _name(event_id, key)) for file, event_id, key in rows)

    def list_unrecorded(self) -> Iterator[tuple[int, str, int]]:
        """List lines of deliveries that do not count as made: file, id, key."""
        rows = self._database.execute(FIND_UNRECORDED)
        return ((file, _name(event_id, key), key) for file, event_id, key in rows)

    def list_unknown(self) -> Iterator[tuple[int, int]]:
        """Count by file the lines of deliveries that the ledger does not have."""
        return iter(self._database.execute(FIND_UNKNOWN))


def _name(event_id: bytes, delivery_key: int) -> str:
    return f"{unpack_id(event_id)}-{delivery_key}"
