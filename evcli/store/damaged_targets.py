"""The targets of a rule when the definition of one of them is damaged.

A disk went bad, or somebody edited the file: the others get their events all the same.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.store import Store


def list_salvaged(
    store: Store, rule: tuple[str, str, str, str]
) -> list[tuple[dict[str, Any], str | None]]:
    """List the definitions of a rule's targets, each with what is wrong with it.

    A damaged one is reduced to id and ARN.

    Args:
        rule: account, region, event bus name, rule name.
    """
    rows = store.execute(
        "SELECT CAST(target_id AS BLOB), CAST(arn AS BLOB), CAST(definition AS BLOB)"
        " FROM targets WHERE account_id = ? AND region = ? AND event_bus_name = ?"
        " AND rule_name = ? ORDER BY target_id",
        rule,
    ).fetchall()
    return [_salvage(*row) for row in rows]


def _salvage(
    target_id: bytes, arn: bytes, definition: bytes
) -> tuple[dict[str, Any], str | None]:
    known = {
        "Id": target_id.decode("utf-8", "replace"),
        "Arn": arn.decode("utf-8", "replace"),
    }
    try:
        target = json.loads(definition.decode())
    except ValueError as error:
        return known, f"{type(error).__name__}: {error}"
    if not is_definition(target, known["Arn"]):
        return known, "it is not the target of the row"
    return target, None


def is_definition(value: object, arn: str) -> bool:
    """Say whether a JSON value defines the target with that ARN."""
    return isinstance(value, dict) and value.get("Arn") == arn and "Id" in value
