"""Which deliveries a question is about, as SQL behind another condition."""

from __future__ import annotations

from evcli.store.deliveries import FAILED


def build_conditions(
    event_id: str | None,
    rule_name: str | None,
    target_arn: str | None,
    state: str | None,
) -> tuple[str, tuple[object, ...]]:
    """Build ` AND …` and its values; `None` asks for nothing.

    Args:
        rule_name: a rule's name or its ARN.
    """
    conditions = ""
    values: list[object] = []
    if event_id is not None:
        # The key first: an event's deliveries are found by its row.
        conditions += (
            " AND event_key IN (SELECT event_key FROM events WHERE event_id = ?)"
        )
        values.append(event_id)
    if rule_name is not None:
        conditions += " AND (rule_arn = ? OR rule_arn LIKE ? ESCAPE '\\')"
        escaped = rule_name
        for special in "\\_%":
            escaped = escaped.replace(special, f"\\{special}")
        values += [rule_name, f"%/{escaped}"]
    if target_arn is not None:
        conditions += " AND target_arn = ?"
        values.append(target_arn)
    if state == FAILED:
        # Spelled out, since only then the index of failures serves.
        conditions += f" AND state = '{FAILED}'"
    elif state is not None:
        conditions += " AND state = ?"
        values.append(state)
    return conditions, tuple(values)
