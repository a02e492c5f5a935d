"""Redelivery: a person wants another attempt, whatever the retry policy says.

A delivery that has not been made goes on under its own id, and its attempts count on. One
that was made gets a twin: its own line may stand in a file, where a second one of the
same id could not be told from it. So whoever redelivers has what was made sent again,
and what failed sent once: if its line is in the file after all (a disk reported an error
and kept the line), it counts as made and is not written again. [guess] AWS has nothing
of the kind.
"""

from __future__ import annotations

from evcli.delivery.outcomes import open_bus_logs
from evcli.delivery.sinks import measure_sink
from evcli.delivery.worker import deliver
from evcli.store.deliveries import DELIVERED, FAILED, PENDING, Delivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evcli.context import Context

BATCH = 200


def has_payload(delivery: Delivery) -> bool:
    """Say whether there is something to send.

    A delivery that failed without one attempt failed over its payload.
    """
    return delivery.state != FAILED or delivery.attempts > 0


def redeliver(ctx: Context, delivery: Delivery) -> Iterator[Delivery]:
    """Attempt one again; gives it, or its twin, as it stands then."""
    return _attempt(ctx, [delivery.delivery_key])


def redeliver_failed(ctx: Context) -> Iterator[Delivery]:
    """Attempt all again that failed and have a payload; gives them as they stand then.

    Those that fail once more are not met twice.
    """
    after = 0
    while True:
        failed = list(
            ctx.store.ledger.list_deliveries(state=FAILED, after=after, limit=BATCH)
        )
        if not failed:
            return
        after = failed[-1].delivery_key
        yield from _attempt(
            ctx, [each.delivery_key for each in failed if has_payload(each)]
        )


def _attempt(ctx: Context, delivery_keys: Sequence[int]) -> Iterator[Delivery]:
    ledger = ctx.store.ledger
    opened = []
    with ctx.store.transaction():
        for key in delivery_keys:
            delivery = ledger.get_delivery(key, claims=True)
            # A worker may be at it: it is attempted already then.
            if delivery is not None and not _is_taken(ctx, delivery):
                opened.append(_reopen(ctx, delivery))
    deliver(ctx, opened)
    yield from opened


def _is_taken(ctx: Context, delivery: Delivery) -> bool:
    return delivery.owner is not None and ctx.store.owner.is_alive(delivery.owner)


def _reopen(ctx: Context, delivery: Delivery) -> Delivery:
    now, owner = ctx.clock.now(), ctx.store.owner.claim()
    if delivery.state == DELIVERED:
        twin = Delivery(
            event=delivery.event,
            rule_arn=delivery.rule_arn,
            target=delivery.target,
            payload=delivery.payload,
            next_attempt_at=now,
            owner=owner,
            dead_letter_of=delivery.dead_letter_of,
            sink_length_bytes=measure_sink(ctx, delivery.target_arn),
        )
        ctx.store.ledger.add_delivery(twin)
        logs = open_bus_logs(ctx)
        if logs is not None:
            logs.add_start(twin)
        return twin
    # Whoever owned it is dead, and may have made it just before.
    delivery.resumed = delivery.owner is not None
    delivery.state = PENDING
    delivery.next_attempt_at = now
    delivery.finished_at = None
    delivery.owner = owner
    ctx.store.ledger.update_delivery(delivery, None)
    return delivery
