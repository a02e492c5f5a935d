"""Writing what was prepared: events and deliveries get their keys, in their order."""

from __future__ import annotations

from evcli.delivery.sinks import measure_sink
from evcli.delivery.worker import WrittenDeliveries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from evcli.bulk.preparing import Counts, Prepared, PreparedDelivery
    from evcli.context import Context
    from evcli.store.ledger_batch import LedgerBatch


class RowWriter:
    """Writes what was prepared into a batch of the ledger, a part behind the other.

    For one transaction. `delivery_count` counts the deliveries.
    """

    __slots__ = (
        "_accepted_at",
        "_batch",
        "_ctx",
        "_done",
        "_lengths",
        "_prepared",
        "delivery_count",
    )

    def __init__(
        self,
        ctx: Context,
        batch: LedgerBatch,
        prepared: Prepared,
        accepted_at: datetime,
    ) -> None:
        self._ctx = ctx
        self._batch = batch
        self._prepared = prepared
        self._accepted_at = accepted_at
        self._done: Counts = (0, 0, 0)
        # How long the file of each route's target is.
        self._lengths: dict[int, int] = {
            number: measure_sink(ctx, target_arn) or 0
            for number, (_, _, target_arn, _) in prepared.routes.items()
        }
        self.delivery_count = 0

    def write(self, counts: Counts) -> list[WrittenDeliveries]:
        """Write on up to so many events, deliveries and archived rows in all.

        Returns:
            The deliveries to attempt once the transaction is committed, in one or none.
        """
        prepared, done = self._prepared, self._done
        if counts == done:
            return []
        self._done = counts
        events = prepared.events[done[0] : counts[0]]
        keys = self._batch.add_events(events, self._accepted_at)
        for row in prepared.archived_rows[done[2] : counts[2]]:
            self._batch.add_archived_event(row)
        deliveries = prepared.deliveries[done[1] : counts[1]]
        if not deliveries:
            return []
        self.delivery_count += len(deliveries)
        return [self._write_deliveries(deliveries, keys.start - done[0])]

    def _write_deliveries(
        self, deliveries: Sequence[PreparedDelivery], offset: int
    ) -> WrittenDeliveries:
        """Write deliveries of events whose keys are their numbers and an offset."""
        routes, lengths = self._prepared.routes, self._lengths
        keys = self._batch.add_deliveries(
            [
                (number + offset, routes[route], payload, lengths[route])
                for number, route, payload, _, _ in deliveries
            ],
            self._accepted_at,
            self._ctx.store.owner.claim(),
        )
        lines = [
            (routes[route][2], before, behind, lengths[route])
            for _, route, _, before, behind in deliveries
        ]
        return WrittenDeliveries(keys, lines)
