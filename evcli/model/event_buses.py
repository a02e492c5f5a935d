"""What the operations on event buses accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, Pagination, list_of, string, structure
from evcli.model.shared import (
    DEAD_LETTER_CONFIG,
    EVENT_BUS_NAME,
    EVENT_BUS_NAME_OR_ARN,
    EVENT_SOURCE_NAME,
    KMS_KEY_IDENTIFIER,
    LIMIT_MEMBER,
    MANAGED_BY,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    PLAIN_STRING,
    PLAIN_TIMESTAMP,
    TAG_LIST,
)

EVENT_BUS_DESCRIPTION = string("EventBusDescription", max=512)
INCLUDE_DETAIL = string(
    "IncludeDetail",
    enum=(
        "NONE",
        "FULL",
    ),
)
LEVEL = string(
    "Level",
    enum=(
        "OFF",
        "ERROR",
        "INFO",
        "TRACE",
    ),
)

LOG_CONFIG = structure(
    "LogConfig",
    Member("IncludeDetail", INCLUDE_DETAIL),
    Member("Level", LEVEL),
)
EVENT_BUS = structure(
    "EventBus",
    Member("Name", PLAIN_STRING),
    Member("Arn", PLAIN_STRING),
    Member("Description", EVENT_BUS_DESCRIPTION),
    Member("Policy", PLAIN_STRING),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("LastModifiedTime", PLAIN_TIMESTAMP),
    Member("ManagedBy", MANAGED_BY),
)
EVENT_BUS_LIST = list_of("EventBusList", EVENT_BUS)

CREATE_EVENT_BUS = Operation(
    "CreateEventBus",
    "",
    request=structure(
        "CreateEventBusRequest",
        Member("Name", EVENT_BUS_NAME, required=True),
        Member("EventSourceName", EVENT_SOURCE_NAME),
        Member("Description", EVENT_BUS_DESCRIPTION),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("DeadLetterConfig", DEAD_LETTER_CONFIG),
        Member("LogConfig", LOG_CONFIG),
        Member("Tags", TAG_LIST),
    ),
    response=structure(
        "CreateEventBusResponse",
        Member("EventBusArn", PLAIN_STRING),
        Member("Description", EVENT_BUS_DESCRIPTION),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("DeadLetterConfig", DEAD_LETTER_CONFIG),
        Member("LogConfig", LOG_CONFIG),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
        "InvalidStateException",
        "InternalException",
        "ConcurrentModificationException",
        "LimitExceededException",
        "OperationDisabledException",
    ),
)

DESCRIBE_EVENT_BUS = Operation(
    "DescribeEventBus",
    "",
    request=structure(
        "DescribeEventBusRequest",
        Member("Name", EVENT_BUS_NAME_OR_ARN),
    ),
    response=structure(
        "DescribeEventBusResponse",
        Member("Name", PLAIN_STRING),
        Member("Arn", PLAIN_STRING),
        Member("Description", EVENT_BUS_DESCRIPTION),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("DeadLetterConfig", DEAD_LETTER_CONFIG),
        Member("Policy", PLAIN_STRING),
        Member("LogConfig", LOG_CONFIG),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
        Member("ManagedBy", MANAGED_BY),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_EVENT_BUSES = Operation(
    "ListEventBuses",
    "",
    request=structure(
        "ListEventBusesRequest",
        Member("NamePrefix", EVENT_BUS_NAME),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListEventBusesResponse",
        Member("EventBuses", EVENT_BUS_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("EventBuses"),
    reads_only=True,
)

UPDATE_EVENT_BUS = Operation(
    "UpdateEventBus",
    "",
    request=structure(
        "UpdateEventBusRequest",
        Member("Name", EVENT_BUS_NAME),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("Description", EVENT_BUS_DESCRIPTION),
        Member("DeadLetterConfig", DEAD_LETTER_CONFIG),
        Member("LogConfig", LOG_CONFIG),
    ),
    response=structure(
        "UpdateEventBusResponse",
        Member("Arn", PLAIN_STRING),
        Member("Name", EVENT_BUS_NAME),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("Description", EVENT_BUS_DESCRIPTION),
        Member("DeadLetterConfig", DEAD_LETTER_CONFIG),
        Member("LogConfig", LOG_CONFIG),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
)

DELETE_EVENT_BUS = Operation(
    "DeleteEventBus",
    "",
    request=structure(
        "DeleteEventBusRequest",
        Member("Name", EVENT_BUS_NAME, required=True),
    ),
    response=None,
    errors=(
        "InternalException",
        "ConcurrentModificationException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        CREATE_EVENT_BUS,
        DESCRIBE_EVENT_BUS,
        LIST_EVENT_BUSES,
        UPDATE_EVENT_BUS,
        DELETE_EVENT_BUS,
    )
}
