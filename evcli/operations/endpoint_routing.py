"""Entries that are sent through a global endpoint.

    put-events --endpoint-id ──► the event bus that serves
                                     │ with replication
                                     └──► a copy on the other event bus

The endpoint decides where entries go, whatever event bus they name: it has one name in
two regions. [guess]

Source: [doc] the copy carries the endpoint's ARN in `resources` and, in `region`, the
region that it came from; [guess] it has an id of its own, as every event that crosses
regions; [guess] it goes back to the primary while the secondary serves.
"""

from __future__ import annotations

from functools import partial

from evcli.arns import split_event_bus_arn
from evcli.errors import ValidationException
from evcli.operations.accepting import accept_at, get_trace_header, require_access
from evcli.operations.endpoints import is_replicating, split_event_buses
from evcli.store.records import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.routing import Router
    from evcli.operations.accepting import Accept
    from evcli.store.deliveries import Delivery


def find_route(ctx: Context, endpoint_id: str) -> Accept:
    """Find what accepts entries for an endpoint of this account, of any region.

    Raises: ValidationException: there is no such endpoint. [guess] The operation declares
        no code for it; in the cloud the endpoint's host name would be unknown.
    """
    found = ctx.store.list_records(
        Endpoint, ctx.account_id, where={"endpoint_id": endpoint_id}
    )
    if not found:
        raise ValidationException(
            "Parameter EndpointId is not valid."
            f" Reason: Endpoint {endpoint_id} does not exist."
        )
    return partial(accept_through, found[0])


def accept_through(
    endpoint: Endpoint,
    ctx: Context,
    router: Router,
    entry: dict[str, Any],
    detail: dict[str, Any],
    event_id: str,
) -> list[Delivery]:
    """Turn a good entry into an event on the serving event bus, and maybe a copy.

    Raises: AccessDeniedException: the serving event bus denies it, as `require_access`.
    """
    primary, secondary = split_event_buses(endpoint)
    serving, other = (
        (secondary, primary) if endpoint.failed_over else (primary, secondary)
    )
    require_access(ctx, split_event_bus_arn(serving), entry)
    # One time for both, should a second end in between.
    entry = {"Time": ctx.clock.now(), **entry}
    copy = {**entry, "Resources": [*entry.get("Resources", ()), endpoint.arn]}
    arrivals = [(entry, event_id, serving)]
    if is_replicating(endpoint):
        arrivals.append((copy, ctx.new_id(), other))
    deliveries = []
    for each, each_id, arn in arrivals:
        deliveries += accept_at(
            ctx,
            router,
            each,
            detail,
            each_id,
            event_bus=split_event_bus_arn(arn),
            account_id=ctx.account_id,
            region=serving.region,
            trace_header=get_trace_header(ctx, each),
        )
    return deliveries
