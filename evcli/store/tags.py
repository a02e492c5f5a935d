"""Tags of resources."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Database


class Tags:
    """Tags of resources, by ARN, in the order in which their keys were first put."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, resource_arn: str) -> list[tuple[str, str]]:
        """List the (key, value) pairs of a resource."""
        rows = self._database.execute(
            "SELECT key, value FROM tags WHERE resource_arn = ? ORDER BY position",
            (resource_arn,),
        )
        return rows.fetchall()

    def list_resources(self) -> tuple[str, ...]:
        """List the ARNs of everything that has tags, sorted."""
        rows = self._database.execute(
            "SELECT DISTINCT resource_arn FROM tags ORDER BY resource_arn"
        )
        return tuple(arn for (arn,) in rows)

    def put(self, resource_arn: str, key: str, value: str) -> None:
        """Put a tag; a key that exists stays where it is and gets the new value."""
        self._database.execute(
            "INSERT INTO tags (resource_arn, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT (resource_arn, key) DO UPDATE SET value = excluded.value",
            (resource_arn, key, value),
        )

    def delete(self, resource_arn: str, key: str) -> None:
        """Take a tag off, if it is there."""
        self._database.execute(
            "DELETE FROM tags WHERE resource_arn = ? AND key = ?", (resource_arn, key)
        )

    def delete_all(self, resource_arn: str) -> None:
        """Take all tags off a resource that goes away."""
        self._database.execute(
            "DELETE FROM tags WHERE resource_arn = ?", (resource_arn,)
        )
