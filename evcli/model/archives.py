"""CreateArchive and its kin: what they accept, return and raise."""

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
    ARCHIVE_ARN,
    DELETE_ERRORS,
    EVENT_PATTERN,
    EVENTS_ARN_REGEX,
    KMS_KEY_IDENTIFIER,
    MAKE_ARCHIVE,
    NAME_REGEX,
    NEXT_TOKEN,
    ONE_LINE_REGEX,
    PAGE_MEMBERS,
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

ARCHIVE_NAME_MEMBER = Member(
    "ArchiveName",
    ARCHIVE_NAME,
    "The archive, by name.",
    required=True,
    completes="archive",
)
KEY_MEMBER = Member(
    "KmsKeyIdentifier",
    KMS_KEY_IDENTIFIER,
    "The customer key that would encrypt the archive. Stored and shown, not used.",
)
# What creating and updating answer.
CHANGED = (
    Member("ArchiveArn", ARCHIVE_ARN),
    Member("State", ARCHIVE_STATE),
    Member("StateReason", ARCHIVE_STATE_REASON),
    Member("CreationTime", PLAIN_TIMESTAMP),
)

CREATE_ARCHIVE = Operation(
    "CreateArchive",
    "Keeps the events that an event bus accepts from now on, all or those of a "
    "pattern, so that `start-replay` can send them again. The answer is enabled at "
    "once.\n\n"
    "A managed rule named `Events-Archive-NAME` appears on the bus; it comes and "
    "goes with the archive. Replayed events are never archived again.\n\n"
    "Offline an event is in the archive as soon as `put-events` has returned, and "
    "the counts are always exact.",
    request=(
        Member(
            "ArchiveName",
            ARCHIVE_NAME,
            "The name of the archive. It becomes part of the name of the managed rule.",
            required=True,
        ),
        Member(
            "EventSourceArn",
            EVENT_BUS_ARN,
            "The ARN of the event bus whose events are kept; it stays the same for "
            "good.",
            required=True,
            completes="event-bus-arn",
        ),
        Member("Description", ARCHIVE_DESCRIPTION, "A note for people."),
        Member(
            "EventPattern",
            EVENT_PATTERN,
            "Keeps only the events that match this pattern, as JSON text; all events "
            "if you give none.",
        ),
        Member(
            "RetentionDays",
            RETENTION_DAYS,
            "How many days an event is kept; 0, which is also the default, keeps it "
            "for good.",
        ),
        KEY_MEMBER,
    ),
    response=CHANGED,
    errors=(
        "ConcurrentModificationException",
        "ResourceAlreadyExistsException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
        "InvalidEventPatternException",
    ),
    examples=(
        Example(
            "Keep everything for a week",
            "evcli create-archive --archive-name everything --event-source-arn "
            "arn:aws:events:us-east-1:000000000000:event-bus/default "
            "--retention-days 7",
        ),
        Example(
            "Keep the events of one source",
            "evcli create-archive --archive-name shop --event-source-arn "
            "arn:aws:events:us-east-1:000000000000:event-bus/default "
            '--event-pattern \'{"source":["shop"]}\'',
        ),
    ),
)

DESCRIBE_ARCHIVE = Operation(
    "DescribeArchive",
    "Shows an archive: its bus, its pattern as given, how many events it holds and "
    "how many bytes they are.",
    request=(ARCHIVE_NAME_MEMBER,),
    response=(
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
    examples=(
        Example(
            "How much is in it?",
            "evcli describe-archive --archive-name everything --query "
            "'[EventCount,SizeBytes]'",
            given=(MAKE_ARCHIVE,),
        ),
    ),
)

LIST_ARCHIVES = Operation(
    "ListArchives",
    "Lists archives by name. Only one of name prefix, event bus and state may "
    "filter. Patterns and ARNs are shown by `describe-archive` only.",
    request=(
        Member(
            "NamePrefix",
            ARCHIVE_NAME,
            "Only archives whose names begin like this.",
            completes="archive",
        ),
        Member(
            "EventSourceArn",
            EVENT_BUS_ARN,
            "Only archives of the event bus with this ARN.",
            completes="event-bus-arn",
        ),
        Member(
            "State",
            ARCHIVE_STATE,
            "Only archives in this state; offline all are `ENABLED`.",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("Archives", ARCHIVE_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("ResourceNotFoundException", "InternalException"),
    pagination=Pagination("Archives"),
    reads_only=True,
    examples=(
        Example(
            "The archives of a bus",
            "evcli list-archives --event-source-arn "
            "arn:aws:events:us-east-1:000000000000:event-bus/default",
            given=(MAKE_ARCHIVE,),
        ),
    ),
)

UPDATE_ARCHIVE = Operation(
    "UpdateArchive",
    "Changes the description, the pattern, the retention or the key of an archive; "
    "at least one must be given and the others stay. A new pattern concerns events "
    "to come; a new retention also those already kept. The event bus cannot be "
    "changed.",
    request=(
        ARCHIVE_NAME_MEMBER,
        Member("Description", ARCHIVE_DESCRIPTION, "A note for people."),
        Member(
            "EventPattern",
            EVENT_PATTERN,
            "The new pattern, as JSON text. Events kept so far stay.",
        ),
        Member(
            "RetentionDays",
            RETENTION_DAYS,
            "How many days an event is kept, those already there included; 0 keeps "
            "them for good.",
        ),
        KEY_MEMBER,
    ),
    response=CHANGED,
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
        "InvalidEventPatternException",
    ),
    examples=(
        Example(
            "Keep events for a month",
            "evcli update-archive --archive-name everything --retention-days 30",
            given=(MAKE_ARCHIVE,),
        ),
    ),
)

DELETE_ARCHIVE = Operation(
    "DeleteArchive",
    "Removes an archive, all events in it and its managed rule. Replays made from it "
    "stay listed.",
    request=(ARCHIVE_NAME_MEMBER,),
    response=(),
    errors=DELETE_ERRORS,
    examples=(
        Example(
            "Remove an archive",
            "evcli delete-archive --archive-name everything",
            given=(MAKE_ARCHIVE,),
        ),
    ),
)

OPERATIONS = by_name(
    CREATE_ARCHIVE,
    DESCRIBE_ARCHIVE,
    LIST_ARCHIVES,
    UPDATE_ARCHIVE,
    DELETE_ARCHIVE,
)
