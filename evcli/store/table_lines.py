"""The lines of sinks of kind `table`: what targets were given, in the store itself."""

from __future__ import annotations

from evcli.store.database import NO_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evcli.store.database import Database
    from evcli.store.deliveries import Delivery

PAGE = 500


class TableLines:
    """The lines, in the order in which they were written."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_all(self, lines: Sequence[tuple[Delivery, str]]) -> None:
        """Write the lines of deliveries; call in the transaction that records them."""
        self._database.execute_many(
            "INSERT INTO table_lines (delivery_key, target_arn, line) VALUES (?, ?, ?)",
            [(each.delivery_key, each.target_arn, line) for each, line in lines],
        )

    def list_lines(
        self, target_arn: str | None = None, limit: int = NO_LIMIT
    ) -> Iterator[str]:
        """List the lines of one target, or of all."""
        after = 0
        where, values = ("", ()) if target_arn is None else (
            " AND target_arn = ?", (target_arn,),
        )  # fmt: skip
        while limit > 0:
            rows: list[tuple[int, str]] = self._database.execute(
                f"SELECT position, line FROM table_lines WHERE position > ?{where}"
                " ORDER BY position LIMIT ?",
                (after, *values, min(limit, PAGE)),
            ).fetchall()
            yield from (line for _, line in rows)
            if len(rows) < PAGE:
                return
            after, limit = rows[-1][0], limit - len(rows)

    def count_doubled(self) -> int:
        """Count the deliveries that have more than one line, of which there is none."""
        row = self._database.execute(
            "SELECT COUNT(*) FROM (SELECT delivery_key FROM table_lines"
            " GROUP BY delivery_key HAVING COUNT(*) > 1) AS doubled"
        ).fetchone()
        return int(row[0])
