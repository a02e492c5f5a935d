"""How many events and deliveries the ledger holds, without reading them.

What went well at the first attempt is nearly all of a ledger and is never looked at:
the number of all rows comes from the pages of an index, those that still wait from the
index of what is due, and whatever is unlike the others (failed, attempted again, a dead
letter) from an index of its own. Only `count_by_target` reads every row.
"""

from __future__ import annotations

from collections import Counter

from evcli.store.deliveries import DELIVERED, PENDING, RETRYING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.store.database import Database

    # State, whether it is a dead letter, attempts made.
    DeliveryKind = tuple[str, bool, int]

# As in the index `deliveries_unlike_others`, letter by letter.
_UNLIKE_OTHERS = "(state = 'FAILED' OR attempts > 1 OR dead_letter_of IS NOT NULL)"
# What deliveries in a state have behind them, unless they are unlike others.
_PLAIN_ATTEMPTS = {PENDING: 0, RETRYING: 1, DELIVERED: 1}


def count_events(database: Database) -> int:
    """Count the events of all accounts and regions, by the pages of an index."""
    count: int = database.execute("SELECT COUNT(*) FROM events").fetchone()[0]
    return count


def count_deliveries(database: Database) -> Counter[DeliveryKind]:
    """Count deliveries by state, whether they are dead letters, and attempts.

    Of all accounts and regions. Call inside a snapshot.
    """
    unlike_others: Counter[DeliveryKind] = Counter()
    for state, is_dead_letter, attempts, count in database.execute(
        "SELECT state, dead_letter_of IS NOT NULL, attempts, COUNT(*) FROM deliveries"
        f" WHERE {_UNLIKE_OTHERS} GROUP BY state, dead_letter_of IS NOT NULL, attempts"
    ):
        unlike_others[state, bool(is_dead_letter), attempts] = count
    total = database.execute("SELECT COUNT(*) FROM deliveries").fetchone()[0]
    waiting = dict(
        database.execute(
            "SELECT state, COUNT(*) FROM deliveries WHERE state IN (?, ?)"
            " AND next_attempt_at IS NOT NULL GROUP BY state",
            (PENDING, RETRYING),
        ).fetchall()
    )
    seen: Counter[str] = Counter()
    for (state, _, _), count in unlike_others.items():
        seen[state] += count
    plain = {
        state: waiting.get(state, 0) - seen[state] for state in (PENDING, RETRYING)
    }
    plain[DELIVERED] = total - sum(plain.values()) - unlike_others.total()
    for state, count in plain.items():
        unlike_others[state, False, _PLAIN_ATTEMPTS[state]] += count
    return +unlike_others


def count_by_target(
    database: Database, after: int = 0
) -> dict[tuple[str, str, str], dict[str, int]]:
    """Count deliveries by rule and target, then by state; dead letters are left out.

    Reads every delivery that it counts: about two seconds for a million.

    Args:
        after: only those of events behind this event key.

    Returns:
        ARN of a rule, id and ARN of a target → state → how many.
    """
    counts: dict[tuple[str, str, str], dict[str, int]] = {}
    for rule_arn, target_id, target_arn, state, count in database.execute(
        "SELECT rule_arn, target_id, target_arn, state, SUM(number) FROM ("
        "SELECT route_key, state, COUNT(*) AS number FROM deliveries"
        # The sign keeps SQLite from looking up all of them in the index of events.
        f" WHERE {'' if after else '+'}event_key > ? AND dead_letter_of IS NULL"
        " GROUP BY route_key, state) AS counted JOIN ledger_routes USING (route_key)"
        " GROUP BY rule_arn, target_id, target_arn, state",
        (after,),
    ):
        counts.setdefault((rule_arn, target_id, target_arn), {})[state] = count
    return counts
