"""What the operations on archives accept, return and raise."""

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
    ARCHIVE_ARN,
    EVENT_PATTERN,
    EVENTS_ARN_REGEX,
    KMS_KEY_IDENTIFIER,
    LIMIT_MEMBER,
    NAME_REGEX,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    ONE_LINE_REGEX,
    PLAIN_LONG,
    PLAIN_TIMESTAMP,
)

ARCHIVE_NAME = string("ArchiveName", 1, 48, regex=NAME_REGEX)
EVENT_BUS_ARN = string("EventBusArn", 1, 1600, regex=EVENTS_ARN_REGEX + r".+\/.+$")
ARCHIVE_DESCRIPTION = string("ArchiveDescription", max=512, regex=ONE_LINE_REGEX)
RETENTION_DAYS = integer("RetentionDays", 0)
ARCHIVE_STATE = string(
    "ArchiveState",
    enum=(
        "ENABLED",
        "DISABLED",
        "CREATING",
        "UPDATING",
        "CREATE_FAILED",
        "UPDATE_FAILED",
    ),
)
ARCHIVE_STATE_REASON = string("ArchiveStateReason", max=512, regex=ONE_LINE_REGEX)

ARCHIVE = structure(
    "Archive",
    Member("ArchiveName", ARCHIVE_NAME),
    Member("EventSourceArn", EVENT_BUS_ARN),
    Member("State", ARCHIVE_STATE),
    Member("StateReason", ARCHIVE_STATE_REASON),
    Member("RetentionDays", RETENTION_DAYS),
    Member("SizeBytes", PLAIN_LONG),
    Member("EventCount", PLAIN_LONG),
    Member("CreationTime", PLAIN_TIMESTAMP),
)
ARCHIVE_RESPONSE_LIST = list_of("ArchiveResponseList", ARCHIVE)

CREATE_ARCHIVE = Operation(
    "CreateArchive",
    "",
    request=structure(
        "CreateArchiveRequest",
        Member("ArchiveName", ARCHIVE_NAME, required=True),
        Member("EventSourceArn", EVENT_BUS_ARN, required=True),
        Member("Description", ARCHIVE_DESCRIPTION),
        Member("EventPattern", EVENT_PATTERN),
        Member("RetentionDays", RETENTION_DAYS),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
    ),
    response=structure(
        "CreateArchiveResponse",
        Member("ArchiveArn", ARCHIVE_ARN),
        Member("State", ARCHIVE_STATE),
        Member("StateReason", ARCHIVE_STATE_REASON),
        Member("CreationTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ConcurrentModificationException",
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
        "InvalidEventPatternException",
    ),
)

DESCRIBE_ARCHIVE = Operation(
    "DescribeArchive",
    "",
    request=structure(
        "DescribeArchiveRequest",
        Member("ArchiveName", ARCHIVE_NAME, required=True),
    ),
    response=structure(
        "DescribeArchiveResponse",
        Member("ArchiveArn", ARCHIVE_ARN),
        Member("ArchiveName", ARCHIVE_NAME),
        Member("EventSourceArn", EVENT_BUS_ARN),
        Member("Description", ARCHIVE_DESCRIPTION),
        Member("EventPattern", EVENT_PATTERN),
        Member("State", ARCHIVE_STATE),
        Member("StateReason", ARCHIVE_STATE_REASON),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("RetentionDays", RETENTION_DAYS),
        Member("SizeBytes", PLAIN_LONG),
        Member("EventCount", PLAIN_LONG),
        Member("CreationTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_ARCHIVES = Operation(
    "ListArchives",
    "",
    request=structure(
        "ListArchivesRequest",
        Member("NamePrefix", ARCHIVE_NAME),
        Member("EventSourceArn", EVENT_BUS_ARN),
        Member("State", ARCHIVE_STATE),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListArchivesResponse",
        Member("Archives", ARCHIVE_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    pagination=Pagination("Archives"),
    reads_only=True,
)

UPDATE_ARCHIVE = Operation(
    "UpdateArchive",
    "",
    request=structure(
        "UpdateArchiveRequest",
        Member("ArchiveName", ARCHIVE_NAME, required=True),
        Member("Description", ARCHIVE_DESCRIPTION),
        Member("EventPattern", EVENT_PATTERN),
        Member("RetentionDays", RETENTION_DAYS),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
    ),
    response=structure(
        "UpdateArchiveResponse",
        Member("ArchiveArn", ARCHIVE_ARN),
        Member("State", ARCHIVE_STATE),
        Member("StateReason", ARCHIVE_STATE_REASON),
        Member("CreationTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
        "InvalidEventPatternException",
    ),
)

DELETE_ARCHIVE = Operation(
    "DeleteArchive",
    "",
    request=structure(
        "DeleteArchiveRequest",
        Member("ArchiveName", ARCHIVE_NAME, required=True),
    ),
    response=structure("DeleteArchiveResponse"),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        CREATE_ARCHIVE,
        DESCRIBE_ARCHIVE,
        LIST_ARCHIVES,
        UPDATE_ARCHIVE,
        DELETE_ARCHIVE,
    )
}
