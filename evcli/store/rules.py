"""Which rules an event can concern, what their targets are, and which fire next.

A one-shot command meets a handful of events and cannot afford to read every rule of the
event bus. So a rule is filed under the (source, detail-type) pairs that its event
pattern pins, and an event looks only at its own pair and at the rules that pin less.
"""

from __future__ import annotations

from evcli.json_text import loads
from evcli.store.database import UnreadableTextError
from evcli.store.epoch import from_epoch_ms, to_epoch_ms
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from evcli.store.database import Database

ANY = ""


class Rules:
    """What is asked of rules besides their records.

    A rule is account, region, event bus name, rule name; an event bus the first three.
    """

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_keys(
        self,
        rule: tuple[str, str, str, str],
        keys: Iterable[tuple[str | None, str | None]],
    ) -> None:
        """File a rule under `keys` only; none takes it out of matching.

        Args:
            keys: (source, detail-type) pairs; `None` stands for any.
        """
        self._database.forget()
        self._database.execute(
            "DELETE FROM rule_keys WHERE account_id = ? AND region = ?"
            " AND event_bus_name = ? AND rule_name = ?",
            rule,
        )
        self._database.execute_many(
            "INSERT INTO rule_keys (account_id, region, event_bus_name, rule_name,"
            " source, detail_type) VALUES (?, ?, ?, ?, ?, ?)",
            [(*rule, source or ANY, kind or ANY) for source, kind in keys],
        )

    def list_candidates(
        self, event_bus: tuple[str, str, str], source: str, detail_type: str
    ) -> list[tuple[str, str]]:
        """List (rule name, event pattern) of the rules that the event may match."""
        rows = self._database.execute(
            "SELECT DISTINCT rules.name, rules.event_pattern FROM rule_keys JOIN rules"
            " ON rules.account_id = rule_keys.account_id"
            " AND rules.region = rule_keys.region"
            " AND rules.event_bus_name = rule_keys.event_bus_name"
            " AND rules.name = rule_keys.rule_name"
            " WHERE rule_keys.account_id = ? AND rule_keys.region = ?"
            " AND rule_keys.event_bus_name = ?"
            " AND rule_keys.source IN (?, '') AND rule_keys.detail_type IN (?, '')"
            " ORDER BY rules.name",
            (*event_bus, source, detail_type),
        )
        return rows.fetchall()

    def list_matching(self, event_bus: tuple[str, str, str]) -> list[tuple[str, str]]:
        """List (rule name, event pattern) of all rules that take part in matching."""
        rows = self._database.execute(
            "SELECT name, event_pattern FROM rules WHERE account_id = ? AND region = ?"
            " AND event_bus_name = ? AND event_pattern IS NOT NULL AND EXISTS ("
            "SELECT 1 FROM rule_keys WHERE rule_keys.account_id = rules.account_id"
            " AND rule_keys.region = rules.region"
            " AND rule_keys.event_bus_name = rules.event_bus_name"
            " AND rule_keys.rule_name = rules.name) ORDER BY name",
            event_bus,
        )
        return rows.fetchall()

    def list_definitions(
        self, rule: tuple[str, str, str, str]
    ) -> list[tuple[dict[str, Any], str | None]]:
        """List the definitions of a rule's targets, each with what is wrong with it.

        `None` for every sound one. A damaged one (a disk went bad, or somebody edited
        the file) is reduced to id and ARN: the others get their events all the same.
        """
        where = (
            " FROM targets WHERE account_id = ? AND region = ? AND event_bus_name = ?"
            " AND rule_name = ? ORDER BY target_id"
        )
        columns = ("target_id", "arn", "definition")
        try:
            rows = [
                *self._database.iterate(f"SELECT {', '.join(columns)}{where}", rule)
            ]
        except UnreadableTextError:
            texts = ", ".join(f"CAST({column} AS BLOB)" for column in columns)
            rows = self._database.execute(f"SELECT {texts}{where}", rule).fetchall()
        return [_read_definition(*row) for row in rows]

    # -- schedules, of all accounts, regions and event buses

    def get_next_fire(self) -> datetime | None:
        """When the next schedule fires, if any does."""
        row = self._database.execute(
            "SELECT MIN(next_fire_at) FROM rules WHERE next_fire_at IS NOT NULL"
        ).fetchone()
        return None if row[0] is None else from_epoch_ms(row[0])

    def list_scheduled(self) -> list[Rule]:
        """List the rules that have a schedule and are not disabled."""
        return self._select(
            f"schedule_anchor_at IS NOT NULL ORDER BY {', '.join(Rule.KEY)}"
        )

    def list_due(self, now: datetime, limit: int) -> list[Rule]:
        """List rules whose schedule fires at `now` or before, the earliest first."""
        return self._select(
            f"next_fire_at <= ? ORDER BY next_fire_at, {', '.join(Rule.KEY)} LIMIT ?",
            (to_epoch_ms(now), limit),
        )

    def _select(self, where: str, values: tuple[object, ...] = ()) -> list[Rule]:
        rows = self._database.execute(
            f"SELECT {', '.join(Rule.COLUMNS)} FROM rules WHERE {where}", values
        )
        return [Rule.read(row, self._database.path) for row in rows.fetchall()]


def _read_definition(
    target_id: object, arn: object, definition: object
) -> tuple[dict[str, Any], str | None]:
    """Read a target, as text or as the bytes of what may be none."""
    known = {"Id": _decode(target_id), "Arn": _decode(arn)}
    try:
        if isinstance(definition, bytes):
            definition = definition.decode()
        target = loads(str(definition))
    except ValueError as error:
        return known, f"{type(error).__name__}: {error}"
    if (
        isinstance(target, dict)
        and target.get("Arn") == known["Arn"]
        and "Id" in target
    ):
        return target, None
    return known, "it is not the target of the row"


def _decode(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
