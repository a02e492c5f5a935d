"""What the operations on endpoints accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, Pagination, list_of, string, structure
from evcli.model.shared import (
    ENDPOINT_ID,
    EVENTS_ARN_REGEX,
    LIMIT_MAX100,
    NAME_REGEX,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    ONE_LINE_REGEX,
    PLAIN_TIMESTAMP,
)

ENDPOINT_NAME = string("EndpointName", 1, 64, regex=NAME_REGEX)
ENDPOINT_DESCRIPTION = string("EndpointDescription", max=512, regex=ONE_LINE_REGEX)
HEALTH_CHECK = string(
    "HealthCheck",
    1,
    1600,
    regex=r"^arn:aws([a-z]|\-)*:route53:::healthcheck/[\-a-z0-9]+$",
)
ROUTE = string("Route", 9, 20, regex=r"^[\-a-z0-9]+$")
REPLICATION_STATE = string(
    "ReplicationState",
    enum=(
        "ENABLED",
        "DISABLED",
    ),
)
NON_PARTNER_EVENT_BUS_ARN = string(
    "NonPartnerEventBusArn",
    1,
    512,
    regex=r"^arn:aws[a-z-]*:events:[a-z]+-[a-z-]+-\d+:\d{12}:event-bus/[\w.-]+$",
)
IAM_ROLE_ARN = string(
    "IamRoleArn", 1, 256, regex=r"^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$"
)
ENDPOINT_ARN = string(
    "EndpointArn", 1, 1600, regex=EVENTS_ARN_REGEX + r"endpoint\/[/\.\-_A-Za-z0-9]+$"
)
ENDPOINT_STATE = string(
    "EndpointState",
    enum=(
        "ACTIVE",
        "CREATING",
        "UPDATING",
        "DELETING",
        "CREATE_FAILED",
        "UPDATE_FAILED",
        "DELETE_FAILED",
    ),
)
HOME_REGION = string("HomeRegion", 9, 20, regex=r"^[\-a-z0-9]+$")
ENDPOINT_URL = string("EndpointUrl", 1, 256, regex=r"^(https://)?[\.\-a-z0-9]+$")
ENDPOINT_STATE_REASON = string("EndpointStateReason", 1, 512, regex=ONE_LINE_REGEX)

PRIMARY = structure(
    "Primary",
    Member("HealthCheck", HEALTH_CHECK, required=True),
)
SECONDARY = structure(
    "Secondary",
    Member("Route", ROUTE, required=True),
)
FAILOVER_CONFIG = structure(
    "FailoverConfig",
    Member("Primary", PRIMARY, required=True),
    Member("Secondary", SECONDARY, required=True),
)
ROUTING_CONFIG = structure(
    "RoutingConfig",
    Member("FailoverConfig", FAILOVER_CONFIG, required=True),
)
REPLICATION_CONFIG = structure(
    "ReplicationConfig",
    Member("State", REPLICATION_STATE),
)
ENDPOINT_EVENT_BUS = structure(
    "EndpointEventBus",
    Member("EventBusArn", NON_PARTNER_EVENT_BUS_ARN, required=True),
)
ENDPOINT_EVENT_BUS_LIST = list_of("EndpointEventBusList", ENDPOINT_EVENT_BUS, 2, 2)
ENDPOINT = structure(
    "Endpoint",
    Member("Name", ENDPOINT_NAME),
    Member("Description", ENDPOINT_DESCRIPTION),
    Member("Arn", ENDPOINT_ARN),
    Member("RoutingConfig", ROUTING_CONFIG),
    Member("ReplicationConfig", REPLICATION_CONFIG),
    Member("EventBuses", ENDPOINT_EVENT_BUS_LIST),
    Member("RoleArn", IAM_ROLE_ARN),
    Member("EndpointId", ENDPOINT_ID),
    Member("EndpointUrl", ENDPOINT_URL),
    Member("State", ENDPOINT_STATE),
    Member("StateReason", ENDPOINT_STATE_REASON),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("LastModifiedTime", PLAIN_TIMESTAMP),
)
ENDPOINT_LIST = list_of("EndpointList", ENDPOINT)

CREATE_ENDPOINT = Operation(
    "CreateEndpoint",
    "",
    request=structure(
        "CreateEndpointRequest",
        Member("Name", ENDPOINT_NAME, required=True),
        Member("Description", ENDPOINT_DESCRIPTION),
        Member("RoutingConfig", ROUTING_CONFIG, required=True),
        Member("ReplicationConfig", REPLICATION_CONFIG),
        Member("EventBuses", ENDPOINT_EVENT_BUS_LIST, required=True),
        Member("RoleArn", IAM_ROLE_ARN),
    ),
    response=structure(
        "CreateEndpointResponse",
        Member("Name", ENDPOINT_NAME),
        Member("Arn", ENDPOINT_ARN),
        Member("RoutingConfig", ROUTING_CONFIG),
        Member("ReplicationConfig", REPLICATION_CONFIG),
        Member("EventBuses", ENDPOINT_EVENT_BUS_LIST),
        Member("RoleArn", IAM_ROLE_ARN),
        Member("State", ENDPOINT_STATE),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "LimitExceededException",
        "InternalException",
    ),
)

DESCRIBE_ENDPOINT = Operation(
    "DescribeEndpoint",
    "",
    request=structure(
        "DescribeEndpointRequest",
        Member("Name", ENDPOINT_NAME, required=True),
        Member("HomeRegion", HOME_REGION),
    ),
    response=structure(
        "DescribeEndpointResponse",
        Member("Name", ENDPOINT_NAME),
        Member("Description", ENDPOINT_DESCRIPTION),
        Member("Arn", ENDPOINT_ARN),
        Member("RoutingConfig", ROUTING_CONFIG),
        Member("ReplicationConfig", REPLICATION_CONFIG),
        Member("EventBuses", ENDPOINT_EVENT_BUS_LIST),
        Member("RoleArn", IAM_ROLE_ARN),
        Member("EndpointId", ENDPOINT_ID),
        Member("EndpointUrl", ENDPOINT_URL),
        Member("State", ENDPOINT_STATE),
        Member("StateReason", ENDPOINT_STATE_REASON),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_ENDPOINTS = Operation(
    "ListEndpoints",
    "",
    request=structure(
        "ListEndpointsRequest",
        Member("NamePrefix", ENDPOINT_NAME),
        Member("HomeRegion", HOME_REGION),
        NEXT_TOKEN_MEMBER,
        Member("MaxResults", LIMIT_MAX100),
    ),
    response=structure(
        "ListEndpointsResponse",
        Member("Endpoints", ENDPOINT_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("Endpoints", limit="MaxResults"),
    reads_only=True,
)

UPDATE_ENDPOINT = Operation(
    "UpdateEndpoint",
    "",
    request=structure(
        "UpdateEndpointRequest",
        Member("Name", ENDPOINT_NAME, required=True),
        Member("Description", ENDPOINT_DESCRIPTION),
        Member("RoutingConfig", ROUTING_CONFIG),
        Member("ReplicationConfig", REPLICATION_CONFIG),
        Member("EventBuses", ENDPOINT_EVENT_BUS_LIST),
        Member("RoleArn", IAM_ROLE_ARN),
    ),
    response=structure(
        "UpdateEndpointResponse",
        Member("Name", ENDPOINT_NAME),
        Member("Arn", ENDPOINT_ARN),
        Member("RoutingConfig", ROUTING_CONFIG),
        Member("ReplicationConfig", REPLICATION_CONFIG),
        Member("EventBuses", ENDPOINT_EVENT_BUS_LIST),
        Member("RoleArn", IAM_ROLE_ARN),
        Member("EndpointId", ENDPOINT_ID),
        Member("EndpointUrl", ENDPOINT_URL),
        Member("State", ENDPOINT_STATE),
    ),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "InternalException",
    ),
)

DELETE_ENDPOINT = Operation(
    "DeleteEndpoint",
    "",
    request=structure(
        "DeleteEndpointRequest",
        Member("Name", ENDPOINT_NAME, required=True),
    ),
    response=structure("DeleteEndpointResponse"),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        CREATE_ENDPOINT,
        DESCRIBE_ENDPOINT,
        LIST_ENDPOINTS,
        UPDATE_ENDPOINT,
        DELETE_ENDPOINT,
    )
}
