"""What the operations on api destinations accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Member,
    Operation,
    Pagination,
    integer,
    list_of,
    string,
    structure,
)
from evcli.model.shared import (
    CONNECTION_ARN,
    EVENTS_ARN_REGEX,
    HTTPS_ENDPOINT,
    LIMIT_MEMBER,
    NAME_REGEX,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    ONE_LINE_REGEX,
    PLAIN_TIMESTAMP,
)

API_DESTINATION_NAME = string("ApiDestinationName", 1, 64, regex=NAME_REGEX)
API_DESTINATION_DESCRIPTION = string(
    "ApiDestinationDescription", max=512, regex=ONE_LINE_REGEX
)
# The order of the message is recorded: [aws].
API_DESTINATION_HTTP_METHOD = string(
    "ApiDestinationHttpMethod",
    enum=(
        "POST",
        "GET",
        "HEAD",
        "OPTIONS",
        "PUT",
        "PATCH",
        "DELETE",
    ),
    enum_order=(
        "HEAD",
        "POST",
        "PATCH",
        "DELETE",
        "PUT",
        "GET",
        "OPTIONS",
    ),
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
API_DESTINATION_STATE = string(
    "ApiDestinationState",
    enum=(
        "ACTIVE",
        "INACTIVE",
    ),
)

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

CREATE_API_DESTINATION = Operation(
    "CreateApiDestination",
    "",
    request=structure(
        "CreateApiDestinationRequest",
        Member("Name", API_DESTINATION_NAME, required=True),
        Member("Description", API_DESTINATION_DESCRIPTION),
        Member("ConnectionArn", CONNECTION_ARN, required=True),
        Member("InvocationEndpoint", HTTPS_ENDPOINT, required=True),
        Member("HttpMethod", API_DESTINATION_HTTP_METHOD, required=True),
        Member(
            "InvocationRateLimitPerSecond",
            API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND,
        ),
    ),
    response=structure(
        "CreateApiDestinationResponse",
        Member("ApiDestinationArn", API_DESTINATION_ARN),
        Member("ApiDestinationState", API_DESTINATION_STATE),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
        "LimitExceededException",
        "InternalException",
    ),
)

DESCRIBE_API_DESTINATION = Operation(
    "DescribeApiDestination",
    "",
    request=structure(
        "DescribeApiDestinationRequest",
        Member("Name", API_DESTINATION_NAME, required=True),
    ),
    response=structure(
        "DescribeApiDestinationResponse",
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
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_API_DESTINATIONS = Operation(
    "ListApiDestinations",
    "",
    request=structure(
        "ListApiDestinationsRequest",
        Member("NamePrefix", API_DESTINATION_NAME),
        Member("ConnectionArn", CONNECTION_ARN),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListApiDestinationsResponse",
        Member("ApiDestinations", API_DESTINATION_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("ApiDestinations"),
    reads_only=True,
)

UPDATE_API_DESTINATION = Operation(
    "UpdateApiDestination",
    "",
    request=structure(
        "UpdateApiDestinationRequest",
        Member("Name", API_DESTINATION_NAME, required=True),
        Member("Description", API_DESTINATION_DESCRIPTION),
        Member("ConnectionArn", CONNECTION_ARN),
        Member("InvocationEndpoint", HTTPS_ENDPOINT),
        Member("HttpMethod", API_DESTINATION_HTTP_METHOD),
        Member(
            "InvocationRateLimitPerSecond",
            API_DESTINATION_INVOCATION_RATE_LIMIT_PER_SECOND,
        ),
    ),
    response=structure(
        "UpdateApiDestinationResponse",
        Member("ApiDestinationArn", API_DESTINATION_ARN),
        Member("ApiDestinationState", API_DESTINATION_STATE),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
    ),
)

DELETE_API_DESTINATION = Operation(
    "DeleteApiDestination",
    "",
    request=structure(
        "DeleteApiDestinationRequest",
        Member("Name", API_DESTINATION_NAME, required=True),
    ),
    response=structure("DeleteApiDestinationResponse"),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        CREATE_API_DESTINATION,
        DESCRIBE_API_DESTINATION,
        LIST_API_DESTINATIONS,
        UPDATE_API_DESTINATION,
        DELETE_API_DESTINATION,
    )
}
