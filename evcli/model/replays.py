"""StartReplay and its kin: what they accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Extra,
    Member,
    Operation,
    Pagination,
    by_name,
    list_of,
    string,
    structure,
)
from evcli.model.shared import (
    ARCHIVE_ARN,
    ARN,
    EVENTS_ARN_REGEX,
    MAKE_ARCHIVE,
    MAKE_RULE,
    NAME_REGEX,
    NEXT_TOKEN,
    ONE_LINE_REGEX,
    PAGE_MEMBERS,
    PLAIN_TIMESTAMP,
)

REPLAY_NAME = string("ReplayName", 1, 64, regex=NAME_REGEX)
REPLAY_DESCRIPTION = string("ReplayDescription", max=512, regex=ONE_LINE_REGEX)
REPLAY_ARN = string(
    "ReplayArn", 1, 1600, regex=EVENTS_ARN_REGEX + r".+\/[\.\-_A-Za-z0-9]+$"
)
# The order of the message, not the model: [peer].
REPLAY_STATE = string(
    "ReplayState",
    enum=("STARTING", "RUNNING", "CANCELLING", "COMPLETED", "CANCELLED", "FAILED"),
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
    Member("Arn", ARN, "The ARN of the event bus.", required=True),
    Member(
        "FilterArns",
        REPLAY_DESTINATION_FILTERS,
        "ARNs of the rules that take part; all rules of the bus if you name none.",
    ),
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

# What examples need first.
MAKE_REPLAY = (
    "evcli start-replay --replay-name may-day --event-source-arn "
    "arn:aws:events:us-east-1:000000000000:archive/everything "
    "--event-start-time 2024-05-01T00:00:00Z --event-end-time "
    "2024-05-02T00:00:00Z --destination "
    "Arn=arn:aws:events:us-east-1:000000000000:event-bus/default"
)

NAME_MEMBER = Member(
    "ReplayName",
    REPLAY_NAME,
    "The replay, by name.",
    required=True,
    completes="replay",
)

START_REPLAY = Operation(
    "StartReplay",
    "Sends the events of an archive again to the event bus that they came from, "
    "those of a span of time, oldest minute first. A replayed event is the old one "
    "with the field `replay-name` added; rules match it like any other, except those "
    "of archives.\n\n"
    "The answer says `STARTING`, as in the cloud. Offline the calling process does "
    "the work before it ends; interrupted, the next `evcli local run` or `evcli "
    "local tick` goes on where it stopped.",
    request=(
        Member(
            "ReplayName",
            REPLAY_NAME,
            "The name of the replay, which events carry as `replay-name`. Names are "
            "never free again.",
            required=True,
        ),
        Member("Description", REPLAY_DESCRIPTION, "A note for people."),
        Member(
            "EventSourceArn",
            ARCHIVE_ARN,
            "The ARN of the archive to replay from.",
            required=True,
            completes="archive-arn",
        ),
        Member(
            "EventStartTime",
            PLAIN_TIMESTAMP,
            "Replays events of this time or later. Fractions of a second are dropped.",
            required=True,
        ),
        Member(
            "EventEndTime",
            PLAIN_TIMESTAMP,
            "Replays events before this time; it has to be later than the start, by "
            "a second at least.",
            required=True,
        ),
        Member(
            "Destination",
            REPLAY_DESTINATION,
            "The event bus to send to, which has to be the one that the archive was "
            "made from, and the rules that may receive.",
            required=True,
        ),
    ),
    response=(
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
    examples=(
        Example("Replay a day", MAKE_REPLAY, given=(MAKE_ARCHIVE,)),
        Example(
            "Replay for one rule only",
            "evcli start-replay --replay-name may-day-big-orders "
            "--event-source-arn "
            "arn:aws:events:us-east-1:000000000000:archive/everything "
            "--event-start-time 2024-05-01T00:00:00Z --event-end-time "
            "2024-05-02T00:00:00Z --destination "
            '\'{"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default",\n'
            ' "FilterArns":\n'
            '   ["arn:aws:events:us-east-1:000000000000:rule/big-orders"]}\'',
            given=(
                MAKE_ARCHIVE,
                MAKE_RULE,
            ),
        ),
    ),
    extras=(
        Extra(
            "--no-wait",
            "Leaves the work to `evcli local run` or `evcli local tick` and ends "
            "after the answer.",
        ),
    ),
)

DESCRIBE_REPLAY = Operation(
    "DescribeReplay",
    "Shows the state of a replay, its span and how far it has come. "
    "`EventLastReplayedTime` is missing until the first event was sent.",
    request=(NAME_MEMBER,),
    response=(
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
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "How far is it?",
            "evcli describe-replay --replay-name may-day",
            given=(
                MAKE_ARCHIVE,
                MAKE_REPLAY,
            ),
        ),
    ),
)

LIST_REPLAYS = Operation(
    "ListReplays",
    "Lists replays by name, finished ones too. Only one of name prefix, archive and "
    "state may filter. Destinations are shown by `describe-replay` only.",
    request=(
        Member(
            "NamePrefix",
            REPLAY_NAME,
            "Only replays whose names begin like this.",
            completes="replay",
        ),
        Member("State", REPLAY_STATE, "Only replays in this state."),
        Member(
            "EventSourceArn",
            ARCHIVE_ARN,
            "Only replays from the archive with this ARN.",
            completes="archive-arn",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("Replays", REPLAY_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("Replays"),
    reads_only=True,
    examples=(
        Example(
            "Replays that are done",
            "evcli list-replays --state COMPLETED",
            given=(
                MAKE_ARCHIVE,
                MAKE_REPLAY,
            ),
        ),
    ),
)

CANCEL_REPLAY = Operation(
    "CancelReplay",
    "Stops a replay that is starting or running, at the next minute of its span. "
    "Events already sent stay sent. A replay that has ended cannot be cancelled, and "
    "`start-replay` has worked its replay off before it ends, unless started with "
    "`--no-wait`.",
    request=(NAME_MEMBER,),
    response=(
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
    examples=(
        Example(
            "Stop a replay that was left to a worker",
            "evcli cancel-replay --replay-name may-day",
            given=(
                MAKE_ARCHIVE,
                f"{MAKE_REPLAY} --no-wait",
            ),
        ),
    ),
)

OPERATIONS = by_name(
    START_REPLAY,
    DESCRIBE_REPLAY,
    LIST_REPLAYS,
    CANCEL_REPLAY,
)
