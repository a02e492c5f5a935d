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
from evcli.operations.accepting import (
    get_trace_header,
    make_event,
    read_entry,
    require_access,
)
from evcli.operations.endpoints import is_replicating, split_event_buses
from evcli.store.records import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.events import AcceptedEvent
    from evcli.operations.accepting import Accept


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
    endpoint: Endpoint, ctx: Context, entry: dict[str, Any]
) -> list[AcceptedEvent]:
    """Make the event of an entry for the serving event bus, and maybe a copy.

    Raises: EntryError; AccessDeniedException: the serving event bus denies it, as
        `require_access`.
    """
    detail = read_entry(entry)
    primary, secondary = split_event_buses(endpoint)
    serving, other = (
        (secondary, primary) if endpoint.failed_over else (primary, secondary)
    )
    require_access(ctx, split_event_bus_arn(serving), entry)
    # One time for both, should a second end in between.
    entry = {"Time": ctx.clock.now(), **entry}
    copy = {**entry, "Resources": [*entry.get("Resources", ()), endpoint.arn]}
    arrivals = [(entry, serving)]
    if is_replicating(endpoint):
        arrivals.append((copy, other))
    origin = (ctx.account_id, serving.region)
    header = get_trace_header(ctx, entry)
    return [
        make_event(ctx, each, detail, split_event_bus_arn(arn), origin, header)
        for each, arn in arrivals
    ]
