"""What the operations on replays accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, Pagination, list_of, string, structure
from evcli.model.shared import (
    ARCHIVE_ARN,
    ARN,
    EVENTS_ARN_REGEX,
    LIMIT_MEMBER,
    NAME_REGEX,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    ONE_LINE_REGEX,
    PLAIN_TIMESTAMP,
)

REPLAY_NAME = string("ReplayName", 1, 64, regex=NAME_REGEX)
REPLAY_DESCRIPTION = string("ReplayDescription", max=512, regex=ONE_LINE_REGEX)
REPLAY_ARN = string(
    "ReplayArn", 1, 1600, regex=EVENTS_ARN_REGEX + r".+\/[\.\-_A-Za-z0-9]+$"
)
# The order of the message: [peer].
REPLAY_STATE = string(
    "ReplayState",
    enum=(
        "STARTING",
        "RUNNING",
        "CANCELLING",
        "COMPLETED",
        "CANCELLED",
        "FAILED",
    ),
    enum_order=(
        "CANCELLED",
        "CANCELLING",
        "COMPLETED",
        "FAILED",
        "RUNNING",
        "STARTING",
    ),
)
REPLAY_STATE_REASON = string("ReplayStateReason", max=512, regex=ONE_LINE_REGEX)

REPLAY_DESTINATION_FILTERS = list_of("ReplayDestinationFilters", ARN)
REPLAY_DESTINATION = structure(
    "ReplayDestination",
    Member("Arn", ARN, required=True),
    Member("FilterArns", REPLAY_DESTINATION_FILTERS),
)
REPLAY = structure(
    "Replay",
    Member("ReplayName", REPLAY_NAME),
    Member("EventSourceArn", ARCHIVE_ARN),
    Member("State", REPLAY_STATE),
    Member("StateReason", REPLAY_STATE_REASON),
    Member("EventStartTime", PLAIN_TIMESTAMP),
    Member("EventEndTime", PLAIN_TIMESTAMP),
    Member("EventLastReplayedTime", PLAIN_TIMESTAMP),
    Member("ReplayStartTime", PLAIN_TIMESTAMP),
    Member("ReplayEndTime", PLAIN_TIMESTAMP),
)
REPLAY_LIST = list_of("ReplayList", REPLAY)

START_REPLAY = Operation(
    "StartReplay",
    "",
    request=structure(
        "StartReplayRequest",
        Member("ReplayName", REPLAY_NAME, required=True),
        Member("Description", REPLAY_DESCRIPTION),
        Member("EventSourceArn", ARCHIVE_ARN, required=True),
        Member("EventStartTime", PLAIN_TIMESTAMP, required=True),
        Member("EventEndTime", PLAIN_TIMESTAMP, required=True),
        Member("Destination", REPLAY_DESTINATION, required=True),
    ),
    response=structure(
        "StartReplayResponse",
        Member("ReplayArn", REPLAY_ARN),
        Member("State", REPLAY_STATE),
        Member("StateReason", REPLAY_STATE_REASON),
        Member("ReplayStartTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceNotFoundException",
        "ResourceAlreadyExistsException",
        "InvalidEventPatternException",
        "LimitExceededException",
        "InternalException",
    ),
)

DESCRIBE_REPLAY = Operation(
    "DescribeReplay",
    "",
    request=structure(
        "DescribeReplayRequest",
        Member("ReplayName", REPLAY_NAME, required=True),
    ),
    response=structure(
        "DescribeReplayResponse",
        Member("ReplayName", REPLAY_NAME),
        Member("ReplayArn", REPLAY_ARN),
        Member("Description", REPLAY_DESCRIPTION),
        Member("State", REPLAY_STATE),
        Member("StateReason", REPLAY_STATE_REASON),
        Member("EventSourceArn", ARCHIVE_ARN),
        Member("Destination", REPLAY_DESTINATION),
        Member("EventStartTime", PLAIN_TIMESTAMP),
        Member("EventEndTime", PLAIN_TIMESTAMP),
        Member("EventLastReplayedTime", PLAIN_TIMESTAMP),
        Member("ReplayStartTime", PLAIN_TIMESTAMP),
        Member("ReplayEndTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_REPLAYS = Operation(
    "ListReplays",
    "",
    request=structure(
        "ListReplaysRequest",
        Member("NamePrefix", REPLAY_NAME),
        Member("State", REPLAY_STATE),
        Member("EventSourceArn", ARCHIVE_ARN),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListReplaysResponse",
        Member("Replays", REPLAY_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("Replays"),
    reads_only=True,
)

CANCEL_REPLAY = Operation(
    "CancelReplay",
    "",
    request=structure(
        "CancelReplayRequest",
        Member("ReplayName", REPLAY_NAME, required=True),
    ),
    response=structure(
        "CancelReplayResponse",
        Member("ReplayArn", REPLAY_ARN),
        Member("State", REPLAY_STATE),
        Member("StateReason", REPLAY_STATE_REASON),
    ),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "IllegalStatusException",
        "InternalException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        START_REPLAY,
        DESCRIBE_REPLAY,
        LIST_REPLAYS,
        CANCEL_REPLAY,
    )
}
