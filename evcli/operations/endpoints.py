"""Global endpoints: create, describe, list, update, delete, and which bus serves.

An endpoint belongs to the region that it was made in, its home. Its primary event bus
is the one outside of `Secondary.Route`. No health check can be asked offline: a person
says which of the two serves (`evcli local failover`), and at first it is the primary.

Source: [doc] members and orders; [doc] the rules; [peer] and [guess] the texts, as
marked: nobody has recorded this family.
"""

from __future__ import annotations

from evcli.arns import find_arn
from evcli.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.ids import LOWER_CASE, draw_text
from evcli.operations.resources import (
    find_record,
    list_page,
    respond,
    respond_page,
    to_columns,
)
from evcli.store.epoch import to_whole_second
from evcli.store.records import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.context import Context

ACTIVE = "ACTIVE"

# Shown in answers alone, never stored: offline it is done when it is answered.
CREATING = "CREATING"
UPDATING = "UPDATING"

ENABLED = "ENABLED"

# What CreateEndpoint and UpdateEndpoint can set, member → column.
SETTINGS = {
    "Description": "description",
    "RoutingConfig": "routing_config",
    "ReplicationConfig": "replication_config",
    "EventBuses": "event_buses",
    "RoleArn": "role_arn",
}
# What responses show, member → column.
COLUMNS = {
    **SETTINGS,
    "Name": "name",
    "Arn": "arn",
    "EndpointId": "endpoint_id",
    "State": "state",
    "StateReason": "state_reason",
    "CreationTime": "created_at",
    "LastModifiedTime": "last_modified_at",
}


def split_event_buses(endpoint: Endpoint) -> tuple[Arn, Arn]:
    """Name the primary and the secondary event bus."""
    route = endpoint.routing_config["FailoverConfig"]["Secondary"]["Route"]
    one, other = [find_arn(each["EventBusArn"]) for each in endpoint.event_buses]
    return (other, one) if one.region == route else (one, other)


def is_replicating(endpoint: Endpoint) -> bool:
    """Say whether events are copied to the event bus that does not serve."""
    return bool(endpoint.replication_config["State"] == ENABLED)


def create_endpoint(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Put two event buses behind a new id; whether they exist is not asked. [doc]

    Raises:
        ValidationException: the two event buses, the route and the role do not fit.
        ResourceAlreadyExistsException: the name is taken. [peer]
        LimitExceededException: too many endpoints. [guess] the text.
    """
    name, scope = request["Name"], (ctx.account_id, ctx.region)
    now = to_whole_second(ctx.clock.now())
    endpoint = Endpoint(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        endpoint_id=_make_endpoint_id(ctx),
        state=ACTIVE,
        failed_over=0,
        created_at=now,
        last_modified_at=now,
        **{"replication_config": {"State": ENABLED}, **_read_settings(request)},
    )
    _require_endpoint(endpoint)
    if ctx.store.get(Endpoint, *scope, name) is not None:
        raise ResourceAlreadyExistsException(f"Endpoint {name} already exists.")
    ctx.require_quota("endpoints", ctx.store.count(Endpoint, *scope) + 1)
    ctx.store.put(endpoint)
    return respond("CreateEndpoint", endpoint, COLUMNS, State=CREATING)


def _make_endpoint_id(ctx: Context) -> str:
    """Make an id of two labels, such as `abcde.veo`. Source: [doc] its example."""
    letters = draw_text(ctx.new_id(), LOWER_CASE, 8)
    return f"{letters[:5]}.{letters[5:]}"


def _read_settings(request: dict[str, Any]) -> dict[str, Any]:
    settings = to_columns(request, SETTINGS)
    if "ReplicationConfig" in request:
        # On unless it is switched off. Source: [doc].
        settings["replication_config"] = {
            "State": ENABLED,
            **request["ReplicationConfig"],
        }
    return settings


def _require_endpoint(endpoint: Endpoint) -> None:
    """Hold an endpoint against the rules for its parts together.

    Raises: ValidationException: the first rule that is broken. Source: [doc] equal names,
        different regions, replication needs a role; [guess] the route is the region of
        one of the event buses, and all texts: recordings would settle them.
    """
    arns = [find_arn(each["EventBusArn"]) for each in endpoint.event_buses]
    one, other = arns
    if one.resource != other.resource:
        raise ValidationException("The event buses of an endpoint must have one name.")
    if one.region == other.region:
        raise ValidationException(
            "The event buses of an endpoint must be in different Regions."
        )
    route = endpoint.routing_config["FailoverConfig"]["Secondary"]["Route"]
    if route not in (one.region, other.region):
        raise ValidationException(
            f"The secondary Region {route} has none of the endpoint's event buses."
        )
    if is_replicating(endpoint) and endpoint.role_arn is None:
        raise ValidationException("RoleArn is required when replication is enabled.")


def update_endpoint(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given, keep the rest, the id and which event bus serves.

    Raises:
        ResourceNotFoundException: there is no such endpoint.
        ValidationException: the parts do not fit any more.
    """
    endpoint = find_record(ctx, Endpoint, request["Name"]).replace(
        last_modified_at=to_whole_second(ctx.clock.now()), **_read_settings(request)
    )
    _require_endpoint(endpoint)
    ctx.store.put(endpoint)
    shown = {**_compute(endpoint), "State": UPDATING}
    return respond("UpdateEndpoint", endpoint, COLUMNS, **shown)


def _compute(endpoint: Endpoint) -> dict[str, Any]:
    # The URL that the endpoint would have in the cloud. Source: [doc] [aws].
    url = f"https://{endpoint.endpoint_id}.endpoint.events.amazonaws.com"
    return {"EndpointUrl": url}


def delete_endpoint(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an endpoint; its event buses stay.

    Raises: ResourceNotFoundException: there is no such endpoint.
    """
    endpoint = find_record(ctx, Endpoint, request["Name"])
    ctx.store.delete(Endpoint, endpoint.account_id, endpoint.region, endpoint.name)
    return {}


def describe_endpoint(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one endpoint.

    Raises: ResourceNotFoundException: there is no such endpoint, or it was made in
        another region than HomeRegion. [guess] the latter.
    """
    home_region = request.get("HomeRegion", ctx.region)
    if home_region != ctx.region:
        raise ResourceNotFoundException(f"Endpoint {request['Name']} does not exist.")
    endpoint = find_record(ctx, Endpoint, request["Name"])
    return respond("DescribeEndpoint", endpoint, COLUMNS, **_compute(endpoint))


def list_endpoints(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of endpoints, by name; both filters may be combined.

    HomeRegion is the region of the primary event bus here. Source: [doc].

    Raises: InvalidToken: the token is not one of this list.
    """
    home_region = request.get("HomeRegion")
    page = list_page(
        ctx,
        request,
        Endpoint,
        ctx.account_id,
        ctx.region,
        keep=lambda each: home_region in (None, split_event_buses(each)[0].region),
        limit="MaxResults",
    )
    return respond_page("ListEndpoints", page, COLUMNS, _compute)


def find_serving(ctx: Context, name: str) -> tuple[bool, Arn]:
    """Find the event bus of an endpoint that serves: whether it is the secondary one.

    Raises: ResourceNotFoundException: there is no such endpoint.
    """
    endpoint = find_record(ctx, Endpoint, name)
    is_secondary = bool(endpoint.failed_over)
    return is_secondary, split_event_buses(endpoint)[is_secondary]


def fail_over(ctx: Context, name: str, *, to_secondary: bool) -> Arn:
    """Play the health check: choose the event bus that serves from now on.

    Returns:
        The ARN of that event bus.

    Raises: ResourceNotFoundException: there is no such endpoint.
    """
    with ctx.store.transaction():
        endpoint = find_record(ctx, Endpoint, name)
        ctx.store.put(endpoint.replace(failed_over=int(to_secondary)))
    return split_event_buses(endpoint)[to_secondary]


HANDLERS = {
    "CreateEndpoint": create_endpoint,
    "DeleteEndpoint": delete_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "ListEndpoints": list_endpoints,
    "UpdateEndpoint": update_endpoint,
}
