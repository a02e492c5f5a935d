"""API destinations as targets: the call is made, within what evcli may reach.

    find the API destination and its connection ─► authorise ─► build ─► reserve a slot
        ─► call ─► what the status means, for the delivery and for the connection

A host that is neither this machine nor in `[hosts]` of config.toml is not called: the
request goes to the target's sink instead, its secrets hidden. Then there is no server to
be spared, so no rate is kept. [guess]

Source: [doc] statuses, Retry-After, what 401 and 407 do, the rate; [peer] an inactive
API destination; [guess] the codes, by the names in the documentation.
"""

from __future__ import annotations

from evcli.context import Outcome
from evcli.delivery.api_destinations.authorization import (
    authorize,
    hide_authorization,
    record_refusal,
)
from evcli.delivery.api_destinations.client import (
    LIMIT_SECONDS,
    read_retry_after,
    send,
)
from evcli.delivery.api_destinations.connections import (
    AUTHORIZED,
    AUTHORIZING,
    get_by_arn,
    get_connection_state,
)
from evcli.delivery.api_destinations.request import (
    build_http_request,
    describe_request,
    hide_secrets,
)
from evcli.delivery.api_destinations.urls import complete_url, find_address
from evcli.delivery.sinks import find_sink, flush_sinks
from evcli.delivery.targets import build_request
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.store.rate_slots import reserve_slot
from evcli.store.records import ApiDestination, Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.api_destinations.client import HttpResponse
    from evcli.store.deliveries import Delivery

ACTION = "events:InvokeApiDestination"

# Statuses that say that the authorisation will not do. Source: [doc].
UNAUTHORIZED = (401, 407)
# Statuses that are tried again, besides those of every HTTP target. Source: [doc].
RETRIED = (*UNAUTHORIZED, 409)


def call(
    ctx: Context, delivery: Delivery, limit_seconds: float = LIMIT_SECONDS
) -> Outcome:
    """Attempt a delivery to an API destination; call outside of transactions.

    Args:
        limit_seconds: for the call, and again for fetching a token.
    """
    found = find_resources(ctx, delivery)
    if isinstance(found, Outcome):
        return found
    destination, connection = found
    state = get_connection_state(connection, ctx.clock.now())
    # One that is being authorised waits for its token, which is fetched here.
    if state not in (AUTHORIZED, AUTHORIZING):
        inactive = f"Connection {connection.name} is {state}: no call is made."
        return Outcome("CONNECTION_FAILURE", inactive, retry=True)
    url = complete_url(destination.invocation_endpoint)
    address = find_address(ctx.configuration, url)
    # Whoever gives a sink for this very target wants no call.
    if address is None or delivery.target_arn in ctx.sinks:
        shown = build_shown_request(delivery, destination, connection)
        return write_to_sink(ctx, delivery, shown)
    return _call(ctx, delivery, destination, connection, address, limit_seconds)


def preview_request(
    ctx: Context, delivery: Delivery
) -> dict[str, Any] | InvalidRequest:
    """Build what `local transform --request` shows of an API destination.

    Its request takes the API destination and its connection: where the state directory
    has both, it is the request as a sink's line has it, secrets hidden, whether the host
    is called or not. Elsewhere, and where there is no state directory at all, it is what
    the target adds, and the API destination stands there by its ARN.
    """
    found = find_resources(ctx, delivery)
    if isinstance(found, Outcome):
        return build_request(delivery)
    return build_shown_request(delivery, *found)


def find_resources(
    ctx: Context, delivery: Delivery
) -> tuple[ApiDestination, Connection] | Outcome:
    """Find the API destination that is the target, and its connection."""
    destination = get_by_arn(ctx, ApiDestination, delivery.target_arn)
    if destination is None:
        missing = f"API destination {delivery.target_arn} does not exist."
        return Outcome("NO_RESOURCE", missing)
    connection = get_by_arn(ctx, Connection, destination.connection_arn)
    if connection is None:
        missing = f"Connection {destination.connection_arn} does not exist."
        return Outcome("NO_RESOURCE", missing)
    return destination, connection


def build_shown_request(
    delivery: Delivery, destination: ApiDestination, connection: Connection
) -> dict[str, Any] | InvalidRequest:
    """Build the request that would go out, without its secrets, for people and sinks."""
    request = build_http_request(
        delivery,
        destination,
        hide_secrets(get_parameters(connection)),
        hide_authorization(connection),
    )
    if isinstance(request, InvalidRequest):
        return request
    return {"action": ACTION, "request": describe_request(request)}


def get_parameters(connection: Connection) -> dict[str, Any]:
    """What a connection adds to every call."""
    parameters: dict[str, Any]
    parameters = connection.auth_parameters.get("InvocationHttpParameters", {})
    return parameters


def write_to_sink(
    ctx: Context, delivery: Delivery, request: dict[str, Any] | InvalidRequest
) -> Outcome:
    """Give the target's sink a request, and have it written."""
    if isinstance(request, InvalidRequest):
        return Outcome(request.error_code, request.message)
    sink = find_sink(ctx, delivery.target_arn)
    outcome = sink.deliver(delivery, request)
    if outcome.error_code is not None:
        return outcome
    return flush_sinks(ctx, {0: sink}).get(0, outcome)


def _call(
    ctx: Context,
    delivery: Delivery,
    destination: ApiDestination,
    connection: Connection,
    address: str,
    limit_seconds: float,
) -> Outcome:
    authorization = authorize(ctx, connection, limit_seconds)
    if isinstance(authorization, Outcome):
        return authorization
    request = build_http_request(
        delivery, destination, get_parameters(connection), authorization
    )
    if isinstance(request, InvalidRequest):
        return Outcome(request.error_code, request.message)
    rate = destination.invocation_rate_limit_per_second
    with ctx.store.transaction(alone_in=(delivery.target_arn,)):
        slot_at = reserve_slot(ctx.store.database, delivery, ctx.clock.now(), rate)
    if slot_at is not None:
        message = f"The rate of the API destination is {rate} a second."
        return Outcome("THROTTLING", message, retry=True, postponed_until=slot_at)
    response = send(request, address, limit_seconds)
    if isinstance(response, Outcome):
        return response
    if response.status in UNAUTHORIZED:
        record_refusal(ctx, connection, response, authorization)
    return judge_response(response, ctx.clock.now())


def judge_response(response: HttpResponse, now: datetime) -> Outcome:
    """Say what a response means for the delivery: its status and its Retry-After."""
    outcome = response.judge(RETRIED)
    if not outcome.retry:
        return outcome
    seconds = read_retry_after(response, now) or 0.0
    if seconds < 0:
        message = f"{outcome.message} It asks not to be called again."
        return Outcome(outcome.error_code, message, http_status=outcome.http_status)
    outcome.retry_after_seconds = seconds
    return outcome
