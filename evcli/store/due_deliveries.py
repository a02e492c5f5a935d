"""Which deliveries a worker may take: those that are due and that nobody is at.

A delivery is claimed by writing its new owner in a transaction, before it is attempted.
"""

from __future__ import annotations

from evcli.store.deliveries import PENDING, RETRYING
from evcli.store.directory.locks import OWNERS
from evcli.store.epoch import from_epoch_ms, to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from evcli.store.deliveries import Delivery
    from evcli.store.store import Store

# A worker holds no more than this of payloads at a time.
TAKEN_CHARACTERS = 8_000_000

_UNFINISHED = "WHERE state = ? AND next_attempt_at IS NOT NULL"
_IN_ORDER = "ORDER BY next_attempt_at, owner, delivery_key"


def take_due(store: Store, now: datetime, limit: int) -> list[Delivery]:
    """Claim unfinished deliveries that are due and that no living process owns.

    First attempts before retries, each oldest first; `limit` at most, and fewer when
    they are large. Call inside a transaction.
    """
    due = (
        delivery
        for state in (PENDING, RETRYING)
        for delivery in store.ledger.select(
            f"{_UNFINISHED} AND next_attempt_at <= ? {_IN_ORDER}",
            (state, to_epoch_ms(now)),
        )
    )
    return _take(store, due, limit)


def take_orphans(store: Store, limit: int) -> list[Delivery]:
    """Claim first attempts that no living process owns; otherwise as `take_due`.

    They are due whatever the clock says, even one that was put back.
    """
    rows = store.ledger.select(f"{_UNFINISHED} {_IN_ORDER}", (PENDING,))
    return _take(store, rows, limit)


def has_orphans(store: Store) -> bool:
    """Say whether first attempts wait that no living process owns.

    Every command that delivers asks this, so the answer comes from the index alone.
    """
    rows = store.execute(
        f"SELECT DISTINCT owner FROM deliveries {_UNFINISHED}", (PENDING,)
    )
    return any(map(_make_owner_test(store), (owner for (owner,) in rows)))


def find_next_due(store: Store) -> datetime | None:
    """When the next delivery is due that no living process owns, if there is one."""
    is_free = _make_owner_test(store)
    moments = []
    for state in (PENDING, RETRYING):
        rows = store.execute(
            f"SELECT next_attempt_at, owner FROM deliveries {_UNFINISHED}"
            " ORDER BY next_attempt_at",
            (state,),
        )
        first = next((moment for moment, owner in rows if is_free(owner)), None)
        if first is not None:
            moments.append(first)
    return from_epoch_ms(min(moments)) if moments else None


def bring_retries_forward(store: Store, milliseconds: int) -> None:
    """Let every retry be due that much earlier; call inside a transaction."""
    store.execute(
        f"UPDATE deliveries SET next_attempt_at = next_attempt_at - ? {_UNFINISHED}",
        (milliseconds, RETRYING),
    )


def forget_sink_lengths(store: Store, deliveries: Sequence[Delivery]) -> None:
    """Let deliveries be looked for in the whole file; call inside a transaction."""
    store.execute_many(
        "UPDATE deliveries SET sink_length_bytes = 0 WHERE delivery_key = ?",
        [(delivery.delivery_key,) for delivery in deliveries],
    )
    for delivery in deliveries:
        delivery.sink_length_bytes = 0


def _take(store: Store, due: Iterable[Delivery], limit: int) -> list[Delivery]:
    is_free = _make_owner_test(store)
    taken: list[Delivery] = []
    size = 0
    for delivery in due:
        if is_free(delivery.owner):
            delivery.resumed = delivery.owner is not None
            taken.append(delivery)
            size += len(delivery.payload)
            if len(taken) == limit or size > TAKEN_CHARACTERS:
                break
    if taken:
        number = store.owner.claim()
        store.execute_many(
            "UPDATE deliveries SET owner = ? WHERE delivery_key = ?",
            [(number, delivery.delivery_key) for delivery in taken],
        )
    return taken


def _make_owner_test(store: Store) -> Callable[[int | None], bool]:
    """Make a test whether an owner, or none, leaves its deliveries to others."""
    alive: dict[int | None, bool] = {None: False}

    def is_free(owner: int | None) -> bool:
        if owner is not None and owner not in alive:
            # What is no owner's number (the row is damaged) cannot live.
            is_number = type(owner) is int and 0 < owner < OWNERS
            alive[owner] = is_number and store.owner.is_alive(owner)
        return not alive[owner]

    return is_free
