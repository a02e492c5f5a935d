"""CreateApiDestination and its kin: what they accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Member,
    Operation,
    Pagination,
    by_name,
    integer,
    list_of,
    string,
    structure,
)
from evcli.model.shared import (
    CONNECTION_ARN,
    DELETE_ERRORS,
    EVENTS_ARN_REGEX,
    HTTPS_ENDPOINT,
    MAKE_CONNECTION,
    NAME_REGEX,
    NEXT_TOKEN,
    ONE_LINE_REGEX,
    PAGE_MEMBERS,
    PLAIN_TIMESTAMP,
)

API_DESTINATION_NAME = string("ApiDestinationName", 1, 64, regex=NAME_REGEX)
API_DESTINATION_DESCRIPTION = string(
    "ApiDestinationDescription", max=512, regex=ONE_LINE_REGEX
)
# The order of the message, not the model: [aws].
API_DESTINATION_HTTP_METHOD = string(
    "ApiDestinationHttpMethod",
    enum=("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"),
    enum_order=("HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"),
)
API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND = integer(
    "ApiDestinationInvocationRateLimitPerSecond", 1
)
API_DESTINATION_ARN = string(
    "ApiDestinationArn",
    1,
    1600,
    regex=EVENTS_ARN_REGEX + r"api-destination\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$",
)
API_DESTINATION_STATE = string("ApiDestinationState", enum=("ACTIVE", "INACTIVE"))

API_DESTINATION = structure(
    "ApiDestination",
    Member("ApiDestinationArn", API_DESTINATION_ARN),
    Member("Name", API_DESTINATION_NAME),
    Member("ApiDestinationState", API_DESTINATION_STATE),
    Member("ConnectionArn", CONNECTION_ARN),
    Member("InvocationEndpoint", HTTPS_ENDPOINT),
    Member("HttpMethod", API_DESTINATION_HTTP_METHOD),
    Member(
        "InvocationRateLimitPerSecond", API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND
    ),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("LastModifiedTime", PLAIN_TIMESTAMP),
)
API_DESTINATION_RESPONSE_LIST = list_of("ApiDestinationResponseList", API_DESTINATION)

# What examples need first.
MAKE_DESTINATION = (
    "evcli create-api-destination --name hook --http-method POST "
    "--invocation-endpoint 'http://127.0.0.1:8000/hooks/*' --connection-arn "
    '"$(evcli describe-connection --name hooks \\\n'
    '  --query ConnectionArn --output text)"'
)
WITH_DESTINATION = (MAKE_CONNECTION, MAKE_DESTINATION)

NAME_MEMBER = Member(
    "Name",
    API_DESTINATION_NAME,
    "The API destination, by name.",
    required=True,
    completes="api-destination",
)
# What creating and updating answer.
CHANGED = (
    Member("ApiDestinationArn", API_DESTINATION_ARN),
    Member("ApiDestinationState", API_DESTINATION_STATE),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("LastModifiedTime", PLAIN_TIMESTAMP),
)

CREATE_API_DESTINATION = Operation(
    "CreateApiDestination",
    "Names an HTTP endpoint, so that rules can send to it. Targets use the ARN of "
    "the answer; it ends in a new id, also when a name is used again. The "
    "destination is active while its connection is authorised.\n\n"
    "The endpoint has to be an HTTPS URL; evcli also takes `http://` for loopback "
    "hosts. Calls are made for loopback hosts and for hosts that the configuration "
    "maps; for all others the finished request is written to the file sink.",
    request=(
        Member(
            "Name", API_DESTINATION_NAME, "The name of the destination.", required=True
        ),
        Member("Description", API_DESTINATION_DESCRIPTION, "A note for people."),
        Member(
            "ConnectionArn",
            CONNECTION_ARN,
            "The ARN of the connection that authorises the calls, its id at the end "
            "included.",
            required=True,
            completes="connection-arn",
        ),
        Member(
            "InvocationEndpoint",
            HTTPS_ENDPOINT,
            "The URL to call. Each `*` in its path is filled from the target's path "
            "values.",
            required=True,
        ),
        Member(
            "HttpMethod",
            API_DESTINATION_HTTP_METHOD,
            "The HTTP method of the calls.",
            required=True,
        ),
        Member(
            "InvocationRateLimitPerSecond",
            API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND,
            "How many calls a second at most; those over it wait. It is 300 if you "
            "do not say, and cannot be more.",
        ),
    ),
    response=CHANGED,
    errors=(
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
        "LimitExceededException",
        "InternalException",
    ),
    examples=(
        Example("A server on this machine", MAKE_DESTINATION, given=(MAKE_CONNECTION,)),
    ),
)

DESCRIBE_API_DESTINATION = Operation(
    "DescribeApiDestination",
    "Shows an API destination. Its state follows that of its connection, "
    "asked for when the command runs.",
    request=(NAME_MEMBER,),
    response=(
        Member("ApiDestinationArn", API_DESTINATION_ARN),
        Member("Name", API_DESTINATION_NAME),
        Member("Description", API_DESTINATION_DESCRIPTION),
        Member("ApiDestinationState", API_DESTINATION_STATE),
        Member("ConnectionArn", CONNECTION_ARN),
        Member("InvocationEndpoint", HTTPS_ENDPOINT),
        Member("HttpMethod", API_DESTINATION_HTTP_METHOD),
        Member(
            "InvocationRateLimitPerSecond",
            API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND,
        ),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
    ),
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "Show a destination",
            "evcli describe-api-destination --name hook",
            given=WITH_DESTINATION,
        ),
    ),
)

LIST_API_DESTINATIONS = Operation(
    "ListApiDestinations",
    "Lists API destinations by name. Either a name prefix or a connection may "
    "filter, not both.",
    request=(
        Member(
            "NamePrefix",
            API_DESTINATION_NAME,
            "Only destinations whose names begin like this.",
            completes="api-destination",
        ),
        Member(
            "ConnectionArn",
            CONNECTION_ARN,
            "Only destinations that use the connection with this ARN.",
            completes="connection-arn",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("ApiDestinations", API_DESTINATION_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("ApiDestinations"),
    reads_only=True,
    examples=(
        Example(
            "Names and states",
            "evcli list-api-destinations --query "
            "'ApiDestinations[].[Name,ApiDestinationState]' --output text",
            given=WITH_DESTINATION,
        ),
    ),
)

UPDATE_API_DESTINATION = Operation(
    "UpdateApiDestination",
    "Changes an API destination; what is not given stays. Deliveries made from now "
    "on use the new values.",
    request=(
        NAME_MEMBER,
        Member("Description", API_DESTINATION_DESCRIPTION, "A note for people."),
        Member(
            "ConnectionArn",
            CONNECTION_ARN,
            "The ARN of another connection.",
            completes="connection-arn",
        ),
        Member(
            "InvocationEndpoint",
            HTTPS_ENDPOINT,
            "The URL to call. Each `*` in its path is filled from the target's path "
            "values.",
        ),
        Member(
            "HttpMethod", API_DESTINATION_HTTP_METHOD, "The HTTP method of the calls."
        ),
        Member(
            "InvocationRateLimitPerSecond",
            API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND,
            "How many calls a second at most; those over it wait. More than 300 is "
            "refused.",
        ),
    ),
    response=CHANGED,
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
    ),
    examples=(
        Example(
            "Ten calls a second",
            "evcli update-api-destination --name hook "
            "--invocation-rate-limit-per-second 10",
            given=WITH_DESTINATION,
        ),
    ),
)

DELETE_API_DESTINATION = Operation(
    "DeleteApiDestination",
    "Removes an API destination. Rules that target it keep the target, and its "
    "deliveries fail without another try.",
    request=(NAME_MEMBER,),
    response=(),
    errors=DELETE_ERRORS,
    examples=(
        Example(
            "Remove a destination",
            "evcli delete-api-destination --name hook",
            given=WITH_DESTINATION,
        ),
    ),
)

OPERATIONS = by_name(
    CREATE_API_DESTINATION,
    DESCRIBE_API_DESTINATION,
    LIST_API_DESTINATIONS,
    UPDATE_API_DESTINATION,
    DELETE_API_DESTINATION,
)
