"""CreateEndpoint and its kin: what they accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Member,
    Operation,
    Pagination,
    by_name,
    list_of,
    string,
    structure,
)
from evcli.model.shared import (
    DELETE_ERRORS,
    ENDPOINT_ID,
    EVENTS_ARN_REGEX,
    LIMIT_MAX100,
    MAKE_BUS,
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
REPLICATION_STATE = string("ReplicationState", enum=("ENABLED", "DISABLED"))
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
    Member(
        "HealthCheck",
        HEALTH_CHECK,
        "The ARN of the Route 53 health check that decides.",
        required=True,
    ),
)
SECONDARY = structure(
    "Secondary",
    Member("Route", ROUTE, "The name of the secondary region.", required=True),
)
FAILOVER_CONFIG = structure(
    "FailoverConfig",
    Member(
        "Primary", PRIMARY, "The region that serves while it is healthy.", required=True
    ),
    Member(
        "Secondary",
        SECONDARY,
        "The region that serves when the primary does not.",
        required=True,
    ),
)
ROUTING_CONFIG = structure(
    "RoutingConfig",
    Member("FailoverConfig", FAILOVER_CONFIG, "Primary and secondary.", required=True),
)
REPLICATION_CONFIG = structure(
    "ReplicationConfig",
    Member("State", REPLICATION_STATE, "On or off."),
)
ENDPOINT_EVENT_BUS = structure(
    "EndpointEventBus",
    Member(
        "EventBusArn",
        NON_PARTNER_EVENT_BUS_ARN,
        "The ARN of the event bus; partner buses are refused.",
        required=True,
    ),
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

# What examples need first.
MAKE_SECOND_BUS = "evcli create-event-bus --name orders --region us-west-2"
MAKE_ENDPOINT = (
    "evcli create-endpoint --name orders-global --routing-config "
    '\'{"FailoverConfig":\n'
    ' {"Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/0a1b2c"},\n'
    '  "Secondary": {"Route": "us-west-2"}}}\' '
    "--replication-config State=DISABLED --event-buses "
    "EventBusArn=arn:aws:events:us-east-1:000000000000:event-bus/orders "
    "EventBusArn=arn:aws:events:us-west-2:000000000000:event-bus/orders"
)
WITH_ENDPOINT = (MAKE_BUS, MAKE_SECOND_BUS, MAKE_ENDPOINT)

NAME_MEMBER = Member(
    "Name", ENDPOINT_NAME, "The endpoint, by name.", required=True, completes="endpoint"
)

ROLE_MEMBER = Member(
    "RoleArn",
    IAM_ROLE_ARN,
    "The role that replication would use. Stored and shown, not used.",
)
# What creating and updating answer first.
CHANGED = (
    Member("Name", ENDPOINT_NAME),
    Member("Arn", ENDPOINT_ARN),
    Member("RoutingConfig", ROUTING_CONFIG),
    Member("ReplicationConfig", REPLICATION_CONFIG),
    Member("EventBuses", ENDPOINT_EVENT_BUS_LIST),
    Member("RoleArn", IAM_ROLE_ARN),
)

CREATE_ENDPOINT = Operation(
    "CreateEndpoint",
    "Puts two event buses of the same name in two regions behind one id, for "
    "failover between regions. Replication is on unless switched off, and needs a "
    "role.\n\n"
    "An entry with the endpoint's id goes to the primary bus and, with replication, a "
    "copy to the secondary one. Offline no health check is asked: `evcli local "
    "failover` says which of the two buses serves. The answer says `CREATING`; the "
    "next look shows it active.",
    request=(
        Member("Name", ENDPOINT_NAME, "The name of the endpoint.", required=True),
        Member("Description", ENDPOINT_DESCRIPTION, "A note for people."),
        Member(
            "RoutingConfig",
            ROUTING_CONFIG,
            "The health check of the primary region and the region to fall over to. "
            "Offline `evcli local failover` decides.",
            required=True,
        ),
        Member(
            "ReplicationConfig",
            REPLICATION_CONFIG,
            "Whether events are copied to the other region; they are if you do not "
            "say, and then a role is needed.",
        ),
        Member(
            "EventBuses",
            ENDPOINT_EVENT_BUS_LIST,
            "The two event buses, by ARN: the same name in two regions.",
            required=True,
        ),
        ROLE_MEMBER,
    ),
    response=(
        *CHANGED,
        Member("State", ENDPOINT_STATE),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "LimitExceededException",
        "InternalException",
    ),
    examples=(
        Example(
            "One endpoint over two regions",
            MAKE_ENDPOINT,
            given=(MAKE_BUS, MAKE_SECOND_BUS),
        ),
    ),
)

DESCRIBE_ENDPOINT = Operation(
    "DescribeEndpoint",
    "Shows a global endpoint with its id, its URL and its two event buses.",
    request=(
        NAME_MEMBER,
        Member(
            "HomeRegion",
            HOME_REGION,
            "The region that the endpoint was made in.",
            completes="region",
        ),
    ),
    response=tuple(ENDPOINT.members.values()),
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "Show the id and the buses",
            "evcli describe-endpoint --name orders-global",
            given=WITH_ENDPOINT,
        ),
    ),
)

LIST_ENDPOINTS = Operation(
    "ListEndpoints",
    "Lists global endpoints by name. A name prefix and a home region may filter "
    "together.",
    request=(
        Member(
            "NamePrefix",
            ENDPOINT_NAME,
            "Only endpoints whose names begin like this.",
            completes="endpoint",
        ),
        Member(
            "HomeRegion",
            HOME_REGION,
            "Only endpoints whose primary bus is in this region.",
            completes="region",
        ),
        NEXT_TOKEN_MEMBER,
        Member(
            "MaxResults",
            LIMIT_MAX100,
            "How many to give on one page; a page is 100 long if you do not say.",
        ),
    ),
    response=(
        Member("Endpoints", ENDPOINT_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("Endpoints", limit="MaxResults"),
    reads_only=True,
    examples=(
        Example(
            "Ids by name",
            "evcli list-endpoints --query 'Endpoints[].[Name,EndpointId]' "
            "--output text",
            given=WITH_ENDPOINT,
        ),
    ),
)

UPDATE_ENDPOINT = Operation(
    "UpdateEndpoint",
    "Changes a global endpoint; what is not given stays. The answer says `UPDATING`; "
    "the next look shows it active.",
    request=(
        NAME_MEMBER,
        Member("Description", ENDPOINT_DESCRIPTION, "A note for people."),
        Member(
            "RoutingConfig",
            ROUTING_CONFIG,
            "The health check of the primary region and the region to fall over to. "
            "Offline `evcli local failover` decides.",
        ),
        Member(
            "ReplicationConfig",
            REPLICATION_CONFIG,
            "Whether events are copied to the other region.",
        ),
        Member(
            "EventBuses",
            ENDPOINT_EVENT_BUS_LIST,
            "The two event buses, by ARN: the same name in two regions.",
        ),
        ROLE_MEMBER,
    ),
    response=(
        *CHANGED,
        Member("EndpointId", ENDPOINT_ID),
        Member("EndpointUrl", ENDPOINT_URL),
        Member("State", ENDPOINT_STATE),
    ),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "InternalException",
    ),
    examples=(
        Example(
            "Change the note",
            "evcli update-endpoint --name orders-global --description 'Orders, "
            "everywhere'",
            given=WITH_ENDPOINT,
        ),
    ),
)

DELETE_ENDPOINT = Operation(
    "DeleteEndpoint",
    "Removes a global endpoint. The event buses behind it stay.",
    request=(NAME_MEMBER,),
    response=(),
    errors=DELETE_ERRORS,
    examples=(
        Example(
            "Remove an endpoint",
            "evcli delete-endpoint --name orders-global",
            given=WITH_ENDPOINT,
        ),
    ),
)

OPERATIONS = by_name(
    CREATE_ENDPOINT,
    DESCRIBE_ENDPOINT,
    LIST_ENDPOINTS,
    UPDATE_ENDPOINT,
    DELETE_ENDPOINT,
)
