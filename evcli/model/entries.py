"""What the operations on entries accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, list_of, string, structure, timestamp
from evcli.model.shared import (
    ENDPOINT_ID,
    ERROR_CODE,
    ERROR_MESSAGE,
    EVENT_PATTERN,
    EVENT_SOURCE_NAME,
    PLAIN_BOOLEAN,
    PLAIN_INTEGER,
    PLAIN_STRING,
)

EVENT_TIME = timestamp("EventTime")
EVENT_RESOURCE = string("EventResource", max=2048)
NON_PARTNER_EVENT_BUS_NAME_OR_ARN = string(
    "NonPartnerEventBusNameOrArn",
    1,
    1600,
    regex=r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+",
)
TRACE_HEADER = string("TraceHeader", 1, 500)
EVENT_ID = string("EventId", max=64)

EVENT_RESOURCE_LIST = list_of("EventResourceList", EVENT_RESOURCE)
PUT_EVENTS_REQUEST_ENTRY = structure(
    "PutEventsRequestEntry",
    Member("Time", EVENT_TIME),
    Member("Source", PLAIN_STRING),
    Member("Resources", EVENT_RESOURCE_LIST),
    Member("DetailType", PLAIN_STRING),
    Member("Detail", PLAIN_STRING),
    Member("EventBusName", NON_PARTNER_EVENT_BUS_NAME_OR_ARN),
    Member("TraceHeader", TRACE_HEADER),
    # Printed by the service in its messages, after the modelled members: [aws].
    unlisted=("kmsKeyIdentifier", "internalMetadata"),
)
PUT_EVENTS_REQUEST_ENTRY_LIST = list_of(
    "PutEventsRequestEntryList", PUT_EVENTS_REQUEST_ENTRY, 1, 10
)
PUT_EVENTS_RESULT_ENTRY = structure(
    "PutEventsResultEntry",
    Member("EventId", EVENT_ID),
    Member("ErrorCode", ERROR_CODE),
    Member("ErrorMessage", ERROR_MESSAGE),
)
PUT_EVENTS_RESULT_ENTRY_LIST = list_of(
    "PutEventsResultEntryList", PUT_EVENTS_RESULT_ENTRY
)
PUT_PARTNER_EVENTS_REQUEST_ENTRY = structure(
    "PutPartnerEventsRequestEntry",
    Member("Time", EVENT_TIME),
    Member("Source", EVENT_SOURCE_NAME),
    Member("Resources", EVENT_RESOURCE_LIST),
    Member("DetailType", PLAIN_STRING),
    Member("Detail", PLAIN_STRING),
)
PUT_PARTNER_EVENTS_REQUEST_ENTRY_LIST = list_of(
    "PutPartnerEventsRequestEntryList", PUT_PARTNER_EVENTS_REQUEST_ENTRY, 1, 20
)
PUT_PARTNER_EVENTS_RESULT_ENTRY = structure(
    "PutPartnerEventsResultEntry",
    Member("EventId", EVENT_ID),
    Member("ErrorCode", ERROR_CODE),
    Member("ErrorMessage", ERROR_MESSAGE),
)
PUT_PARTNER_EVENTS_RESULT_ENTRY_LIST = list_of(
    "PutPartnerEventsResultEntryList", PUT_PARTNER_EVENTS_RESULT_ENTRY
)

PUT_EVENTS = Operation(
    "PutEvents",
    "",
    request=structure(
        "PutEventsRequest",
        Member("Entries", PUT_EVENTS_REQUEST_ENTRY_LIST, required=True),
        Member("EndpointId", ENDPOINT_ID),
    ),
    response=structure(
        "PutEventsResponse",
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("Entries", PUT_EVENTS_RESULT_ENTRY_LIST),
    ),
    errors=("InternalException",),
)

PUT_PARTNER_EVENTS = Operation(
    "PutPartnerEvents",
    "",
    request=structure(
        "PutPartnerEventsRequest",
        Member("Entries", PUT_PARTNER_EVENTS_REQUEST_ENTRY_LIST, required=True),
    ),
    response=structure(
        "PutPartnerEventsResponse",
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("Entries", PUT_PARTNER_EVENTS_RESULT_ENTRY_LIST),
    ),
    errors=(
        "InternalException",
        "OperationDisabledException",
    ),
)

TEST_EVENT_PATTERN = Operation(
    "TestEventPattern",
    "",
    request=structure(
        "TestEventPatternRequest",
        Member("EventPattern", EVENT_PATTERN, required=True),
        Member("Event", PLAIN_STRING, required=True),
    ),
    response=structure(
        "TestEventPatternResponse",
        Member("Result", PLAIN_BOOLEAN),
    ),
    errors=(
        "InvalidEventPatternException",
        "InternalException",
    ),
    reads_only=True,
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        PUT_EVENTS,
        PUT_PARTNER_EVENTS,
        TEST_EVENT_PATTERN,
    )
}
