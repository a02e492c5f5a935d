"""API destinations as targets: the call is made, within what evcli may reach.

    find the API destination and its connection ─► authorise ─► build ─► wait for a slot
        ─► call ─► what the status means, for the delivery and for the connection

A host that is neither this machine nor in `[hosts]` of config.toml is not called: the
request goes to the target's sink instead, its secrets hidden. There is nobody then who
would have to be spared, so no rate is kept. [guess]

Source: [doc] statuses, Retry-After, what 401 and 407 do, the rate; [peer] an inactive
API destination; [guess] the codes, by the names in the documentation.
"""

from __future__ import annotations

from base64 import b64encode

from evcli.arns import parse_arn
from evcli.context import Outcome
from evcli.delivery.api_destinations.connections import (
    AUTHORIZED,
    AUTHORIZING,
    DEAUTHORIZED,
    change_connection,
    get_connection_by_arn,
    get_connection_state,
)
from evcli.delivery.api_destinations.http_calls import (
    LIMIT_SECONDS,
    find_address,
    read_retry_after,
    send,
)
from evcli.delivery.api_destinations.http_requests import (
    HIDDEN,
    build_http_request,
    complete_url,
    describe_request,
    hide_secrets,
)
from evcli.delivery.api_destinations.tokens import format_authorization, get_token
from evcli.delivery.sinks import find_sink, flush_sinks
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.store.rate_slots import reserve_slot
from evcli.store.records import ApiDestination

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.api_destinations.http_calls import HttpAnswer
    from evcli.store.deliveries import Delivery
    from evcli.store.records import Connection

ACTION = "events:InvokeApiDestination"
OAUTH = "OAUTH_CLIENT_CREDENTIALS"

# Statuses that are tried again, besides all from 500 on. Source: [doc].
RETRIED = {401, 407, 409, 429}
# Statuses that say that the authorisation will not do. Source: [doc].
UNAUTHORIZED = {401, 407}


def call(
    ctx: Context, delivery: Delivery, limit_seconds: float = LIMIT_SECONDS
) -> Outcome:
    """Attempt a delivery to an API destination; call outside of transactions.

    Args:
        limit_seconds: for the call, and again for fetching a token.
    """
    destination = _get_api_destination(ctx, delivery.target_arn)
    if destination is None:
        missing = f"API destination {delivery.target_arn} does not exist."
        return Outcome("NO_RESOURCE", missing)
    connection = get_connection_by_arn(ctx, destination.connection_arn)
    if connection is None:
        missing = f"Connection {destination.connection_arn} does not exist."
        return Outcome("NO_RESOURCE", missing)
    state = get_connection_state(connection, ctx.clock.now())
    # One that is being authorised waits for its token, which is fetched here.
    if state not in (AUTHORIZED, AUTHORIZING):
        inactive = f"Connection {connection.name} is {state}: no call is made."
        return Outcome("CONNECTION_FAILURE", inactive, retry=True)
    url = complete_url(destination.invocation_endpoint)
    address = find_address(ctx.configuration, url)
    if address is None:
        return _hand_over(ctx, delivery, destination, connection)
    return _call(ctx, delivery, destination, connection, address, limit_seconds)


def _get_api_destination(ctx: Context, arn_text: str) -> ApiDestination | None:
    """Fetch the API destination that an ARN names, id and all."""
    arn = parse_arn(arn_text)
    if arn is None:
        return None
    name = arn.resource.removeprefix("api-destination/").partition("/")[0]
    found = ctx.store.get(ApiDestination, arn.account_id, arn.region, name)
    return None if found is None or found.arn != arn_text else found


def _hand_over(
    ctx: Context,
    delivery: Delivery,
    destination: ApiDestination,
    connection: Connection,
) -> Outcome:
    """Give the sink the request that would have gone out, without its secrets."""
    parameters = connection.auth_parameters.get("InvocationHttpParameters", {})
    request = build_http_request(
        delivery, destination, hide_secrets(parameters), hide_authorization(connection)
    )
    if isinstance(request, InvalidRequest):
        return Outcome(request.error_code, request.message)
    sink = find_sink(ctx, delivery.target_arn)
    outcome = sink.deliver(
        delivery, {"action": ACTION, "request": describe_request(request)}
    )
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
    parameters = connection.auth_parameters.get("InvocationHttpParameters", {})
    request = build_http_request(delivery, destination, parameters, authorization)
    if isinstance(request, InvalidRequest):
        return Outcome(request.error_code, request.message)
    rate = destination.invocation_rate_limit_per_second
    with ctx.store.transaction():
        slot = reserve_slot(ctx.store.database, delivery, ctx.clock.now(), rate)
    if slot is not None:
        message = f"The rate of the API destination is {rate} a second."
        return Outcome("THROTTLING", message, retry=True, postponed_until=slot)
    answer = send(request, address, limit_seconds)
    if isinstance(answer, Outcome):
        return answer
    if answer.status in UNAUTHORIZED:
        _refuse(ctx, connection, answer, authorization)
    return judge_answer(answer, ctx.clock.now())


# -- authorisation


def authorize(
    ctx: Context, connection: Connection, limit_seconds: float
) -> tuple[str, str] | Outcome:
    """Make the header that authorises a call, or say why there is none."""
    if connection.authorization_type != OAUTH:
        return AUTHORIZATIONS[connection.authorization_type](connection.auth_parameters)
    token = get_token(ctx, connection, limit_seconds)
    if isinstance(token, Outcome):
        return token
    return "Authorization", format_authorization(token)


def _authorize_basic(parameters: dict[str, Any]) -> tuple[str, str]:
    given = parameters["BasicAuthParameters"]
    pair = f"{given['Username']}:{given['Password']}".encode("utf-8", "replace")
    return "Authorization", f"Basic {b64encode(pair).decode()}"


def _authorize_by_key(parameters: dict[str, Any]) -> tuple[str, str]:
    given = parameters["ApiKeyAuthParameters"]
    return given["ApiKeyName"], given["ApiKeyValue"]


AUTHORIZATIONS = {"BASIC": _authorize_basic, "API_KEY": _authorize_by_key}
SCHEMES = {"BASIC": "Basic", OAUTH: "Bearer"}


def hide_authorization(connection: Connection) -> tuple[str, str]:
    """Make the header that authorises, without what is secret of it."""
    scheme = SCHEMES.get(connection.authorization_type)
    if scheme is not None:
        return "Authorization", f"{scheme} {HIDDEN}"
    name, _ = _authorize_by_key(connection.auth_parameters)
    return name, HIDDEN


def _refuse(
    ctx: Context,
    connection: Connection,
    answer: HttpAnswer,
    authorization: tuple[str, str],
) -> None:
    """Draw the consequence of a refusal: another token, or no authorisation any more."""
    if connection.authorization_type != OAUTH:
        reason = f"An API destination answered {answer.describe()}."
        change_connection(ctx, connection, state=DEAUTHORIZED, state_reason=reason)
        return
    latest = get_connection_by_arn(ctx, connection.arn)
    # Another process may have a newer one already.
    if (
        latest is not None
        and latest.token is not None
        and format_authorization(latest.token) == authorization[1]
    ):
        change_connection(ctx, connection, token=None)


# -- outcomes


def judge_answer(answer: HttpAnswer, now: datetime) -> Outcome:
    """Say what an answer means for the delivery. Its body means nothing."""
    status = answer.status
    if 200 <= status < 300:
        return Outcome()
    message = f"The answer was {answer.describe()}."
    if status == 429:
        code = "THROTTLING"
    elif status >= 500:
        code = "ERROR_FROM_TARGET"
    else:
        code = "SDK_CLIENT_ERROR"
    if status < 500 and status not in RETRIED:
        return Outcome(code, message)
    seconds = read_retry_after(answer, now) or 0.0
    if seconds < 0:
        return Outcome(code, f"{message} It asks not to be called again.")
    return Outcome(code, message, retry=True, retry_after_seconds=seconds)
