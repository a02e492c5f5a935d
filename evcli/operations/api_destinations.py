"""API destinations: create, describe, list, update, delete.

Whether one is active follows from its connection, so that is never stored. The calls
are in `delivery/`.

Source: [aws] answers, their members, the default rate and the text of describe; [aws]
the text on URLs; [peer] the other texts, as marked.
"""

from __future__ import annotations

from evcli.delivery.api_destinations.connections import (
    AUTHORIZED,
    get_by_arn,
    get_connection_state,
)
from evcli.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.operations.resources import list_page, respond, respond_page, to_columns
from evcli.store.epoch import to_whole_second
from evcli.store.records import ApiDestination, Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

ACTIVE = "ACTIVE"
INACTIVE = "INACTIVE"

# Calls a second, where the request does not say. Source: [aws].
DEFAULT_RATE = 300

# What CreateApiDestination and UpdateApiDestination can set, member → column.
SETTINGS = {
    "Description": "description",
    "ConnectionArn": "connection_arn",
    "InvocationEndpoint": "invocation_endpoint",
    "HttpMethod": "http_method",
    "InvocationRateLimitPerSecond": "invocation_rate_limit_per_second",
}
# What responses show, member → column.
COLUMNS = {
    **SETTINGS,
    "Name": "name",
    "ApiDestinationArn": "arn",
    "CreationTime": "created_at",
    "LastModifiedTime": "last_modified_at",
}


def find_api_destination(ctx: Context, name: str, verb: str) -> ApiDestination:
    """Fetch an API destination; messages begin with what was to be done to it.

    Raises: ResourceNotFoundException: there is no such. [aws] for describe, [peer] for
        the others.
    """
    destination = ctx.store.get(ApiDestination, ctx.account_id, ctx.region, name)
    if destination is None:
        raise ResourceNotFoundException(
            f"Failed to {verb} the api-destination(s)."
            f" An api-destination '{name}' does not exist."
        )
    return destination


def get_api_destination_state(ctx: Context, destination: ApiDestination) -> str:
    """Say whether its connection is there, and authorised. [aws] [peer]"""
    connection = get_by_arn(ctx, Connection, destination.connection_arn)
    if connection is None:
        return INACTIVE
    state = get_connection_state(connection, ctx.clock.now())
    return ACTIVE if state == AUTHORIZED else INACTIVE


def create_api_destination(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Name an HTTP endpoint under a new id.

    Raises:
        ValidationException: the endpoint is not an HTTPS URL.
        LimitExceededException: the rate is too high, or there are too many. [guess] the
            latter's text.
        ResourceAlreadyExistsException: the name is taken.
        ResourceNotFoundException: there is no such connection.
    """
    _require_settings(ctx, request, "create")
    name, scope = request["Name"], (ctx.account_id, ctx.region)
    if ctx.store.get(ApiDestination, *scope, name) is not None:
        raise ResourceAlreadyExistsException(
            "Failed to create the api-destination(s)."
            f" An api-destination with name '{name}' already exists."
        )
    _require_connection(ctx, request, "create")
    count = ctx.store.count(ApiDestination, *scope) + 1
    ctx.require_quota("api_destinations", count)
    now = to_whole_second(ctx.clock.now())
    destination = ApiDestination(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        api_destination_id=ctx.new_id(),
        created_at=now,
        last_modified_at=now,
        **{
            "invocation_rate_limit_per_second": DEFAULT_RATE,
            **to_columns(request, SETTINGS),
        },
    )
    ctx.store.put(destination)
    return _respond(ctx, "CreateApiDestination", destination)


def _require_settings(ctx: Context, request: dict[str, Any], verb: str) -> None:
    """Check what the request says by itself: first the endpoint, then the rate. [peer]"""
    url = request.get("InvocationEndpoint")
    if url is not None and not is_invocation_endpoint(url):
        raise ValidationException(
            f"Failed to {verb} the api-destination(s). Parameter InvocationEndpoint is"
            f" not valid. Reason: Endpoint '{url}' is invalid, please provide a valid"
            " HTTPS endpoint URL."
        )
    rate = request.get("InvocationRateLimitPerSecond", 0)
    name = "invocation_rate_per_second"

    def refuse() -> LimitExceededException:
        return LimitExceededException(
            f"Failed to {verb} the api-destination(s). Invalid Invocation Rate Limit:"
            f" Rate specified '{rate}' for '{request['Name']}' exceeds maximum allowed"
            f" of '{ctx.quotas[name]}'."
        )

    ctx.require_quota(name, rate, refuse)


def is_invocation_endpoint(text: str) -> bool:
    """Say whether a text, of the shape's characters, is a URL that may be called.

    Source: [aws] the refusal of what is no HTTPS URL; [peer] that one without a scheme
    counts as HTTPS, and `*` in paths alone. Plain HTTP is evcli's own addition, for
    servers on this machine.
    """
    from urllib.parse import urlsplit

    from evcli.delivery.api_destinations.urls import complete_url, is_loopback

    url = complete_url(text)
    has_scheme = url == text
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "*" in parts.netloc or port == 0:
        return False
    if not has_scheme:
        # A single word is rather a slip than a host. [guess]
        return "." in host.strip(".") or is_loopback(host)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def _require_connection(ctx: Context, request: dict[str, Any], verb: str) -> None:
    """Look for the connection, which has to be of this account and region. [guess]"""
    arn = request.get("ConnectionArn")
    if arn is None:
        return
    connection = get_by_arn(ctx, Connection, arn)
    if connection is None or (connection.account_id, connection.region) != (
        ctx.account_id,
        ctx.region,
    ):
        raise ResourceNotFoundException(
            f"Failed to {verb} the api-destination(s). Connection '{arn}' does not exist."
        )


def _respond(ctx: Context, name: str, destination: ApiDestination) -> dict[str, Any]:
    state = get_api_destination_state(ctx, destination)
    return respond(name, destination, COLUMNS, ApiDestinationState=state)


def update_api_destination(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given, keep the rest; nothing to change is no error. [guess]

    Raises:
        ValidationException: the endpoint is not an HTTPS URL.
        LimitExceededException: the rate is too high.
        ResourceNotFoundException: there is no such API destination, or connection.
    """
    _require_settings(ctx, request, "update")
    before = find_api_destination(ctx, request["Name"], "update")
    _require_connection(ctx, request, "update")
    destination = before.replace(
        last_modified_at=to_whole_second(ctx.clock.now()),
        **to_columns(request, SETTINGS),
    )
    ctx.store.put(destination)
    return _respond(ctx, "UpdateApiDestination", destination)


def delete_api_destination(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an API destination; rules keep it as a target. [doc]

    Raises: ResourceNotFoundException: there is no such.
    """
    destination = find_api_destination(ctx, request["Name"], "delete")
    ctx.store.delete(
        ApiDestination, destination.account_id, destination.region, destination.name
    )
    return {}


def describe_api_destination(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one API destination. Raises: ResourceNotFoundException: there is no such."""
    destination = find_api_destination(ctx, request["Name"], "describe")
    return _respond(ctx, "DescribeApiDestination", destination)


def list_api_destinations(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of API destinations, by name; one filter at most.

    Raises:
        ValidationException: both filters are given. [peer]
        InvalidToken: the token is not one of this list.
    """
    if "NamePrefix" in request and "ConnectionArn" in request:
        raise ValidationException(
            "Failed to list the api-destination(s). Request failed because only one"
            " filter is supported per request, either ConnectionArn or NamePrefix."
        )
    where: dict[str, object] = {}
    if "ConnectionArn" in request:
        where["connection_arn"] = request["ConnectionArn"]
    page = list_page(
        ctx, request, ApiDestination, ctx.account_id, ctx.region, where=where
    )
    return respond_page(
        "ListApiDestinations",
        page,
        COLUMNS,
        lambda each: {"ApiDestinationState": get_api_destination_state(ctx, each)},
    )


HANDLERS = {
    "CreateApiDestination": create_api_destination,
    "DeleteApiDestination": delete_api_destination,
    "DescribeApiDestination": describe_api_destination,
    "ListApiDestinations": list_api_destinations,
    "UpdateApiDestination": update_api_destination,
}
