"""What the operations on event sources accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, Pagination, list_of, string, structure
from evcli.model.shared import (
    EVENT_SOURCE_NAME,
    LIMIT_MEMBER,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    PLAIN_STRING,
    PLAIN_TIMESTAMP,
)

ACCOUNT_ID = string("AccountId", 12, 12, regex=r"\d{12}")
EVENT_SOURCE_STATE = string(
    "EventSourceState",
    enum=(
        "PENDING",
        "ACTIVE",
        "DELETED",
    ),
)
EVENT_SOURCE_NAME_PREFIX = string(
    "EventSourceNamePrefix", 1, 256, regex=r"[/\.\-_A-Za-z0-9]+"
)
PARTNER_EVENT_SOURCE_NAME_PREFIX = string(
    "PartnerEventSourceNamePrefix",
    1,
    256,
    regex=r"aws\.partner/[\.\-_A-Za-z0-9]+/[/\.\-_A-Za-z0-9]*",
)

EVENT_SOURCE = structure(
    "EventSource",
    Member("Arn", PLAIN_STRING),
    Member("CreatedBy", PLAIN_STRING),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("ExpirationTime", PLAIN_TIMESTAMP),
    Member("Name", PLAIN_STRING),
    Member("State", EVENT_SOURCE_STATE),
)
EVENT_SOURCE_LIST = list_of("EventSourceList", EVENT_SOURCE)
PARTNER_EVENT_SOURCE_ACCOUNT = structure(
    "PartnerEventSourceAccount",
    Member("Account", ACCOUNT_ID),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("ExpirationTime", PLAIN_TIMESTAMP),
    Member("State", EVENT_SOURCE_STATE),
)
PARTNER_EVENT_SOURCE_ACCOUNT_LIST = list_of(
    "PartnerEventSourceAccountList", PARTNER_EVENT_SOURCE_ACCOUNT
)
PARTNER_EVENT_SOURCE = structure(
    "PartnerEventSource",
    Member("Arn", PLAIN_STRING),
    Member("Name", PLAIN_STRING),
)
PARTNER_EVENT_SOURCE_LIST = list_of("PartnerEventSourceList", PARTNER_EVENT_SOURCE)

CREATE_PARTNER_EVENT_SOURCE = Operation(
    "CreatePartnerEventSource",
    "",
    request=structure(
        "CreatePartnerEventSourceRequest",
        Member("Name", EVENT_SOURCE_NAME, required=True),
        Member("Account", ACCOUNT_ID, required=True),
    ),
    response=structure(
        "CreatePartnerEventSourceResponse",
        Member("EventSourceArn", PLAIN_STRING),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "InternalException",
        "ConcurrentModificationException",
        "LimitExceededException",
        "OperationDisabledException",
    ),
)

DESCRIBE_EVENT_SOURCE = Operation(
    "DescribeEventSource",
    "",
    request=structure(
        "DescribeEventSourceRequest",
        Member("Name", EVENT_SOURCE_NAME, required=True),
    ),
    response=structure(
        "DescribeEventSourceResponse",
        Member("Arn", PLAIN_STRING),
        Member("CreatedBy", PLAIN_STRING),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("ExpirationTime", PLAIN_TIMESTAMP),
        Member("Name", PLAIN_STRING),
        Member("State", EVENT_SOURCE_STATE),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "OperationDisabledException",
    ),
    reads_only=True,
)

DESCRIBE_PARTNER_EVENT_SOURCE = Operation(
    "DescribePartnerEventSource",
    "",
    request=structure(
        "DescribePartnerEventSourceRequest",
        Member("Name", EVENT_SOURCE_NAME, required=True),
    ),
    response=structure(
        "DescribePartnerEventSourceResponse",
        Member("Arn", PLAIN_STRING),
        Member("Name", PLAIN_STRING),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "OperationDisabledException",
    ),
    reads_only=True,
)

LIST_EVENT_SOURCES = Operation(
    "ListEventSources",
    "",
    request=structure(
        "ListEventSourcesRequest",
        Member("NamePrefix", EVENT_SOURCE_NAME_PREFIX),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListEventSourcesResponse",
        Member("EventSources", EVENT_SOURCE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "InternalException",
        "OperationDisabledException",
    ),
    pagination=Pagination("EventSources"),
    reads_only=True,
)

LIST_PARTNER_EVENT_SOURCE_ACCOUNTS = Operation(
    "ListPartnerEventSourceAccounts",
    "",
    request=structure(
        "ListPartnerEventSourceAccountsRequest",
        Member("EventSourceName", EVENT_SOURCE_NAME, required=True),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListPartnerEventSourceAccountsResponse",
        Member("PartnerEventSourceAccounts", PARTNER_EVENT_SOURCE_ACCOUNT_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "OperationDisabledException",
    ),
    pagination=Pagination("PartnerEventSourceAccounts"),
    reads_only=True,
)

LIST_PARTNER_EVENT_SOURCES = Operation(
    "ListPartnerEventSources",
    "",
    request=structure(
        "ListPartnerEventSourcesRequest",
        Member("NamePrefix", PARTNER_EVENT_SOURCE_NAME_PREFIX, required=True),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListPartnerEventSourcesResponse",
        Member("PartnerEventSources", PARTNER_EVENT_SOURCE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "InternalException",
        "OperationDisabledException",
    ),
    pagination=Pagination("PartnerEventSources"),
    reads_only=True,
)

ACTIVATE_EVENT_SOURCE = Operation(
    "ActivateEventSource",
    "",
    request=structure(
        "ActivateEventSourceRequest",
        Member("Name", EVENT_SOURCE_NAME, required=True),
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "InvalidStateException",
        "InternalException",
        "OperationDisabledException",
    ),
)

DEACTIVATE_EVENT_SOURCE = Operation(
    "DeactivateEventSource",
    "",
    request=structure(
        "DeactivateEventSourceRequest",
        Member("Name", EVENT_SOURCE_NAME, required=True),
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "InvalidStateException",
        "InternalException",
        "OperationDisabledException",
    ),
)

DELETE_PARTNER_EVENT_SOURCE = Operation(
    "DeletePartnerEventSource",
    "",
    request=structure(
        "DeletePartnerEventSourceRequest",
        Member("Name", EVENT_SOURCE_NAME, required=True),
        Member("Account", ACCOUNT_ID, required=True),
    ),
    response=None,
    errors=(
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        CREATE_PARTNER_EVENT_SOURCE,
        DESCRIBE_EVENT_SOURCE,
        DESCRIBE_PARTNER_EVENT_SOURCE,
        LIST_EVENT_SOURCES,
        LIST_PARTNER_EVENT_SOURCE_ACCOUNTS,
        LIST_PARTNER_EVENT_SOURCES,
        ACTIVATE_EVENT_SOURCE,
        DEACTIVATE_EVENT_SOURCE,
        DELETE_PARTNER_EVENT_SOURCE,
    )
}
