"""Forwards: which arrival a delivery to another event bus led to.

The ledger keeps no link between the two, for neither side needs one. An arrival in the
same region keeps the event's id, and is committed together with the end of its delivery;
so of one id, the last delivery to an event bus belongs to the last arrival there. Counted
from the end, since what is pruned is missing at the beginning.
"""

from __future__ import annotations

from evcli.arns import find_arn, split_event_bus_arn
from evcli.delivery.forwarding import MAXIMUM_HOPS, read_trail
from evcli.store.deliveries import DELIVERED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context
    from evcli.store.deliveries import Delivery, Event


class ForwardFinder:
    """Finds arrivals; remembers them for the other deliveries of an event's id."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._by_id: dict[tuple[str, str], dict[int, Event]] = {}

    def find(self, delivery: Delivery) -> Event | None:
        """Find where an event went on from an event bus that it was forwarded to.

        Returns:
            The arrival there; `None` where the delivery is no forward, has not been made,
            or its arrival is gone.
        """
        if (
            delivery.state != DELIVERED
            or ":event-bus/" not in delivery.target_arn
            or delivery.event.hops >= MAXIMUM_HOPS
        ):
            return None
        for attempt in self._ctx.store.ledger.list_attempts(delivery.delivery_key):
            fresh_id = read_trail(attempt.output)
            if fresh_id is not None:
                return next(iter(self._list_arrivals(fresh_id, delivery)), None)
        key = (delivery.event.event_id, delivery.target_arn)
        if key not in self._by_id:
            self._by_id[key] = self._pair(delivery)
        return self._by_id[key].get(delivery.delivery_key)

    def _pair(self, delivery: Delivery) -> dict[int, Event]:
        """Find the arrival of each forward of an id to an event bus, by delivery key."""
        event_id = delivery.event.event_id
        made = [
            (each.finished_at, each.delivery_key)
            for each in self._ctx.store.ledger.list_deliveries(
                event_id=event_id, target_arn=delivery.target_arn, state=DELIVERED
            )
            if each.finished_at is not None and each.event.hops < MAXIMUM_HOPS
        ]
        arrivals = self._list_arrivals(event_id, delivery)
        pairs = {}
        for finished_at, key in sorted(made, reverse=True):
            # It may have come since the deliveries were read.
            while arrivals and arrivals[-1].accepted_at > finished_at:
                arrivals.pop()
            if arrivals:
                pairs[key] = arrivals.pop()
        return pairs

    def _list_arrivals(self, event_id: str, delivery: Delivery) -> list[Event]:
        """List what was forwarded under an id to the target of a delivery."""
        receiver = split_event_bus_arn(find_arn(delivery.target_arn))
        return [
            each
            for each in self._ctx.store.accepted_events.list_arrivals(event_id)
            if each.hops > 0
            and (each.account_id, each.region, each.event_bus_name) == receiver
        ]
