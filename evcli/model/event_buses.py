"""CreateEventBus and its kin: what they accept, return and raise."""

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
    DEAD_LETTER_CONFIG,
    EVENT_BUS_NAME,
    EVENT_BUS_NAME_OR_ARN,
    EVENT_SOURCE_NAME,
    KMS_KEY_IDENTIFIER,
    MAKE_BUS,
    MANAGED_BY,
    NEXT_TOKEN,
    OFFER_SOURCE,
    PAGE_MEMBERS,
    PLAIN_STRING,
    PLAIN_TIMESTAMP,
    TAG_LIST,
    TAKE_SOURCE,
)

EVENT_BUS_DESCRIPTION = string("EventBusDescription", max=512)
INCLUDE_DETAIL = string("IncludeDetail", enum=("NONE", "FULL"))
LEVEL = string("Level", enum=("OFF", "ERROR", "INFO", "TRACE"))

LOG_CONFIG = structure(
    "LogConfig",
    Member(
        "IncludeDetail", INCLUDE_DETAIL, "Whether log lines carry the events in full."
    ),
    Member("Level", LEVEL, "How much is logged."),
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

DEAD_LETTER_MEMBER = Member(
    "DeadLetterConfig",
    DEAD_LETTER_CONFIG,
    "The queue for events of the bus that cannot be handled.",
)
LOG_MEMBER = Member(
    "LogConfig",
    LOG_CONFIG,
    "What the bus logs of its own work; `evcli local logs` prints it.",
)

CREATE_EVENT_BUS = Operation(
    "CreateEventBus",
    "Makes an event bus beside the `default` one that every account and region has. "
    "Rules, archives and permissions belong to one bus; events reach it when an "
    "entry of `put-events` names it.\n\n"
    "An existing name is refused, never replaced. To receive a partner's events, "
    "give the partner event source as name and as `--event-source-name`: the source "
    "becomes active.\n\n"
    "The dead-letter queue, the key and the log settings are stored and shown; no "
    "key is used offline.",
    request=(
        Member(
            "Name",
            EVENT_BUS_NAME,
            "The name of the bus. Slashes are for partner buses only, which are "
            "named like their event source.",
            required=True,
            completes="event-source",
        ),
        Member(
            "EventSourceName",
            EVENT_SOURCE_NAME,
            "The partner event source to take up; the bus has to have the same name.",
            completes="event-source",
        ),
        Member("Description", EVENT_BUS_DESCRIPTION, "A note for people."),
        Member(
            "KmsKeyIdentifier",
            KMS_KEY_IDENTIFIER,
            "The customer key that would encrypt the events: an id, an ARN, an alias "
            "or the ARN of one. Stored and shown, not used.",
        ),
        DEAD_LETTER_MEMBER,
        LOG_MEMBER,
        Member("Tags", TAG_LIST, "Tags to put on the new bus."),
    ),
    response=(
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
    examples=(
        Example(
            "A bus for the events of one application",
            "evcli create-event-bus --name orders --description 'Events of the shop'",
        ),
        Example(
            "The bus of a partner event source", TAKE_SOURCE, given=(OFFER_SOURCE,)
        ),
    ),
)

DESCRIBE_EVENT_BUS = Operation(
    "DescribeEventBus",
    "Shows an event bus: without a name, the `default` bus. The resource policy is "
    "JSON text inside the JSON; it is missing when nobody else may use the bus.",
    request=(
        Member(
            "Name",
            EVENT_BUS_NAME_OR_ARN,
            "The bus, by name or ARN; `default` if you name none.",
            completes="event-bus",
        ),
    ),
    response=(
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
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example("The default bus", "evcli describe-event-bus"),
        Example(
            "A bus of your own",
            "evcli describe-event-bus --name orders",
            given=(MAKE_BUS,),
        ),
    ),
)

LIST_EVENT_BUSES = Operation(
    "ListEventBuses",
    "Lists the event buses of the account and region by name, `default` and partner "
    "buses included. Keys, dead-letter queues and log settings are shown by "
    "`describe-event-bus` only.",
    request=(
        Member(
            "NamePrefix",
            EVENT_BUS_NAME,
            "Only buses whose names begin like this.",
            completes="event-bus",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("EventBuses", EVENT_BUS_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("EventBuses"),
    reads_only=True,
    examples=(
        Example(
            "The names alone",
            "evcli list-event-buses --query 'EventBuses[].Name' --output text",
        ),
    ),
)

UPDATE_EVENT_BUS = Operation(
    "UpdateEventBus",
    "Changes settings of an event bus and echoes the bus. What is not given stays as "
    "it is; an empty text clears the description or the key. The name cannot be "
    "changed.",
    request=(
        Member(
            "Name",
            EVENT_BUS_NAME,
            "The bus to change, by name; `default` if you name none.",
            completes="event-bus",
        ),
        Member(
            "KmsKeyIdentifier",
            KMS_KEY_IDENTIFIER,
            "The customer key that would encrypt the events; empty text goes back to "
            "the key of the service. Stored and shown, not used.",
        ),
        Member(
            "Description",
            EVENT_BUS_DESCRIPTION,
            "A note for people; empty text removes it.",
        ),
        DEAD_LETTER_MEMBER,
        LOG_MEMBER,
    ),
    response=(
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
    examples=(
        Example(
            "Change the note",
            'evcli update-event-bus --name orders --description "Events of the '
            'new shop"',
            given=(MAKE_BUS,),
        ),
    ),
)

DELETE_EVENT_BUS = Operation(
    "DeleteEventBus",
    "Removes an event bus with its policy and its tags. A bus that still has rules "
    "is refused, and so is `default`; a bus that does not exist counts as removed.\n\n"
    "The event source of a partner bus falls back to pending and can be taken up "
    "again.",
    request=(
        Member(
            "Name",
            EVENT_BUS_NAME,
            "The bus to remove, by name. An ARN is refused.",
            required=True,
            completes="event-bus",
        ),
    ),
    response=None,
    errors=("InternalException", "ConcurrentModificationException"),
    examples=(
        Example(
            "Remove a bus without rules",
            "evcli delete-event-bus --name orders",
            given=(MAKE_BUS,),
        ),
    ),
)

OPERATIONS = by_name(
    CREATE_EVENT_BUS,
    DESCRIBE_EVENT_BUS,
    LIST_EVENT_BUSES,
    UPDATE_EVENT_BUS,
    DELETE_EVENT_BUS,
)
