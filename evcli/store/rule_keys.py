"""Which rules an event can concern, by its source and detail-type, and their targets.

A one-shot command meets a handful of events and cannot afford to read every rule of the
event bus. So a rule is filed under the (source, detail-type) pairs that its event
pattern pins, and an event looks only at its own pair and at the rules that pin less.
"""

from __future__ import annotations

import _sqlite3 as sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from evcli.store.store import Store

ANY = ""


class RuleKeys:
    """The card index from (source, detail-type) to rule names."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(
        self,
        rule: tuple[str, str, str, str],
        keys: Iterable[tuple[str | None, str | None]],
    ) -> None:
        """File a rule under `keys` only; none takes it out of matching.

        Args:
            rule: account, region, event bus name, rule name.
            keys: (source, detail-type) pairs; `None` stands for any.
        """
        self._store.execute(
            "DELETE FROM rule_keys WHERE account_id = ? AND region = ?"
            " AND event_bus_name = ? AND rule_name = ?",
            rule,
        )
        account_id, region, event_bus_name, rule_name = rule
        self._store.execute_many(
            "INSERT INTO rule_keys (account_id, region, event_bus_name, source,"
            " detail_type, rule_name) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    account_id,
                    region,
                    event_bus_name,
                    source or ANY,
                    kind or ANY,
                    rule_name,
                )
                for source, kind in keys
            ],
        )

    def list_candidates(
        self, event_bus: tuple[str, str, str], source: str, detail_type: str
    ) -> list[tuple[str, str]]:
        """List (rule name, event pattern) of the rules that the event may match.

        Args:
            event_bus: account, region, name.
        """
        rows = self._store.execute(
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
        """List (rule name, event pattern) of all rules that take part in matching.

        Args:
            event_bus: account, region, name.
        """
        rows = self._store.execute(
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

        `None` for every sound one; see `store/damaged_targets.py` for others.

        Args:
            rule: account, region, event bus name, rule name.
        """
        from evcli.store.records import Target

        try:
            targets = self._store.list_records(Target, *rule)
            if all(each.definition["Arn"] == each.arn for each in targets):
                return [(each.definition, None) for each in targets]
        except (KeyError, TypeError, ValueError):
            pass  # no JSON, or none of a target
        except sqlite3.OperationalError as error:
            # Text that is no UTF-8 has no name there.
            if hasattr(error, "sqlite_errorname"):
                raise
        from evcli.store.damaged_targets import list_salvaged

        return list_salvaged(self._store, rule)
