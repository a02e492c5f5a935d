"""Small facts about the state directory itself: its birth, its clock, cached config."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.store import Store


class Settings:
    """JSON values by name."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, Any]:
        """Read every setting; there are a handful, and each command wants most."""
        rows = self._store.execute("SELECT name, value FROM settings")
        return {name: json.loads(value) for name, value in rows}

    def put(self, name: str, value: object) -> None:
        """Set one."""
        self._store.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value, ensure_ascii=False, separators=(",", ":"))),
        )

    def delete(self, name: str) -> None:
        """Forget one."""
        self._store.execute("DELETE FROM settings WHERE name = ?", (name,))
