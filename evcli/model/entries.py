"""PutEvents, PutPartnerEvents, TestEventPattern: what they accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Extra,
    Member,
    Operation,
    by_name,
    list_of,
    string,
    structure,
    timestamp,
)
from evcli.model.shared import (
    ENDPOINT_ID,
    ERROR_CODE,
    ERROR_MESSAGE,
    EVENT_BUS_ARN_REGEX,
    EVENT_PATTERN,
    EVENT_SOURCE_NAME,
    MAKE_BUS,
    NAME_REGEX,
    OFFER_SOURCE,
    PLAIN_BOOLEAN,
    PLAIN_INTEGER,
    PLAIN_STRING,
    TAKE_SOURCE,
)

EVENT_TIME = timestamp("EventTime")
EVENT_RESOURCE = string("EventResource", max=2048)
NON_PARTNER_EVENT_BUS_NAME_OR_ARN = string(
    "NonPartnerEventBusNameOrArn",
    1,
    1600,
    regex=EVENT_BUS_ARN_REGEX + NAME_REGEX,
)
TRACE_HEADER = string("TraceHeader", 1, 500)
EVENT_ID = string("EventId", max=64)

EVENT_RESOURCE_LIST = list_of("EventResourceList", EVENT_RESOURCE)
TIME_MEMBER = Member("Time", EVENT_TIME, "When it happened; now if you do not say.")
CONTENT = (
    Member("Resources", EVENT_RESOURCE_LIST, "ARNs of what the event is about."),
    Member("DetailType", PLAIN_STRING, "What kind of event it is, in free text."),
    Member(
        "Detail", PLAIN_STRING, "What happened: a JSON object as text.", json_text=True
    ),
)
PUT_EVENTS_REQUEST_ENTRY = structure(
    "PutEventsRequestEntry",
    TIME_MEMBER,
    Member(
        "Source",
        PLAIN_STRING,
        "Who says so, such as `my.app`; names that begin with `aws.` are refused.",
    ),
    *CONTENT,
    Member(
        "EventBusName",
        NON_PARTNER_EVENT_BUS_NAME_OR_ARN,
        "The event bus, by name or ARN; `default` if you name none.",
        completes="event-bus",
    ),
    Member(
        "TraceHeader",
        TRACE_HEADER,
        "An X-Ray trace header, handed on with every call of a target; a malformed "
        "one is dropped. It wins over an `X-Amzn-Trace-Id` header of the request.",
    ),
    # Printed by the service in its messages, after the modelled members: [aws].
    unlisted=("kmsKeyIdentifier", "internalMetadata"),
)
PUT_EVENTS_REQUEST_ENTRY_LIST = list_of(
    "PutEventsRequestEntryList", PUT_EVENTS_REQUEST_ENTRY, 1, 10
)
RESULT = (
    Member("EventId", EVENT_ID),
    Member("ErrorCode", ERROR_CODE),
    Member("ErrorMessage", ERROR_MESSAGE),
)
PUT_EVENTS_RESULT_ENTRY = structure(
    "PutEventsResultEntry",
    *RESULT,
)
PUT_EVENTS_RESULT_ENTRY_LIST = list_of(
    "PutEventsResultEntryList", PUT_EVENTS_RESULT_ENTRY
)
PUT_PARTNER_EVENTS_REQUEST_ENTRY = structure(
    "PutPartnerEventsRequestEntry",
    TIME_MEMBER,
    Member("Source", EVENT_SOURCE_NAME, "The name of the partner event source."),
    *CONTENT,
)
PUT_PARTNER_EVENTS_REQUEST_ENTRY_LIST = list_of(
    "PutPartnerEventsRequestEntryList", PUT_PARTNER_EVENTS_REQUEST_ENTRY, 1, 20
)
PUT_PARTNER_EVENTS_RESULT_ENTRY = structure(
    "PutPartnerEventsResultEntry",
    *RESULT,
)
PUT_PARTNER_EVENTS_RESULT_ENTRY_LIST = list_of(
    "PutPartnerEventsResultEntryList", PUT_PARTNER_EVENTS_RESULT_ENTRY
)

# One entry as options, for people; scripts that are to run against AWS use `--entries`.
ONE_ENTRY = (
    Extra(
        "--source",
        "Sends one event and is its `Source`; in place of `--entries`.",
        fills=("Entries", "Source"),
    ),
    Extra(
        "--detail-type",
        "The `DetailType` of that event.",
        fills=("Entries", "DetailType"),
    ),
    Extra(
        "--detail",
        "The `Detail` of that event, as JSON text or `file://`; `-` is standard input.",
        fills=("Entries", "Detail"),
    ),
    Extra(
        "--resources",
        "The `Resources` of that event, one or more.",
        fills=("Entries", "Resources"),
    ),
    Extra(
        "--time",
        "The `Time` of that event.",
        fills=("Entries", "Time"),
    ),
    Extra(
        "--event-bus-name",
        "The `EventBusName` of that event.",
        fills=("Entries", "EventBusName"),
    ),
)

EXIT_CODES = (
    Extra("--exit-code", "Makes the exit status 1 when an entry failed."),
    Extra(
        "--expect-match",
        "Makes the exit status 1 when no rule matched any of the events.",
    ),
)

PUT_EVENTS = Operation(
    "PutEvents",
    "Sends up to ten events. Each is stamped with an id, matched against the enabled "
    "rules and archives of its event bus, and delivered to the targets of every rule "
    "that matches.\n\n"
    "Entries succeed or fail one by one, in the order of the request, and the exit "
    "status is 0 either way: read `FailedEntryCount`, or ask by `--exit-code`. An "
    "entry for a bus that does not exist succeeds and is dropped, as in the cloud; "
    "failed deliveries never show in the answer.\n\n"
    "Offline, deliveries are made before the command returns and recorded: `evcli "
    "local deliveries` shows where each event went and why.",
    request=(
        Member(
            "Entries",
            PUT_EVENTS_REQUEST_ENTRY_LIST,
            "The events to send. `Source`, `DetailType` and `Detail` are needed for "
            "an entry to succeed, and `Detail` is a JSON object as text.",
            required=True,
        ),
        Member(
            "EndpointId",
            ENDPOINT_ID,
            "A global endpoint to send through, such as `abcde.veo`; the entries "
            "then go to its event buses.",
            completes="endpoint-id",
        ),
    ),
    response=(
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("Entries", PUT_EVENTS_RESULT_ENTRY_LIST),
    ),
    errors=("InternalException",),
    examples=(
        Example(
            "Send an event",
            'evcli put-events --entries \'[{"Source": "shop",\n'
            '  "DetailType": "Order placed",\n'
            '  "Detail": "{\\"total\\": 250}"}]\'',
        ),
        Example(
            "In shorthand, to another bus",
            "evcli put-events --entries 'Source=shop,DetailType=test,"
            'Detail="{}",EventBusName=orders\'',
            given=(MAKE_BUS,),
        ),
        Example(
            "One event by options, which only evcli has",
            "evcli put-events --source shop --detail-type 'Order placed' --detail "
            "'{\"total\": 250}'",
        ),
    ),
    extras=ONE_ENTRY + EXIT_CODES,
)

PUT_PARTNER_EVENTS = Operation(
    "PutPartnerEvents",
    "Sends events as a partner. The source of an entry is the name of a partner "
    "event source; the customer's bus of that name receives the event while the "
    "source is active.\n\n"
    "Events of a source that is pending or deleted are taken and dropped. Entries "
    "fail one by one, as with `put-events`.",
    request=(
        Member(
            "Entries",
            PUT_PARTNER_EVENTS_REQUEST_ENTRY_LIST,
            "The events to send, each with the partner event source as its `Source`.",
            required=True,
        ),
    ),
    response=(
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("Entries", PUT_PARTNER_EVENTS_RESULT_ENTRY_LIST),
    ),
    errors=("InternalException", "OperationDisabledException"),
    examples=(
        Example(
            "Send an event to the customer's bus",
            "evcli put-partner-events --entries "
            '\'[{"Source": "aws.partner/example.com/shop/orders",\n'
            '  "DetailType": "Order placed",\n'
            '  "Detail": "{\\"total\\": 250}"}]\'',
            given=(
                OFFER_SOURCE,
                TAKE_SOURCE,
            ),
        ),
    ),
)

TEST_EVENT_PATTERN = Operation(
    "TestEventPattern",
    "Tells whether an event pattern matches an event, without any rule or bus. A "
    "pattern that is not valid is an error that names the place. The event needs the "
    "usual fields: `id`, `account`, `source`, `time`, `region`, `detail-type`.",
    request=(
        Member(
            "EventPattern",
            EVENT_PATTERN,
            "The event pattern to try, as JSON text.",
            required=True,
        ),
        Member(
            "Event",
            PLAIN_STRING,
            "The whole event as JSON text, envelope included; or a sample event of "
            "evcli's, such as `sample:s3/object-created`, which `evcli local trigger` "
            "lists.",
            required=True,
            completes="sample",
        ),
    ),
    response=(Member("Result", PLAIN_BOOLEAN),),
    errors=("InvalidEventPatternException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "Try a pattern",
            "evcli test-event-pattern --event-pattern "
            '\'{"detail":{"total":[{"numeric":[">",100]}]}}\' --event '
            '\'{"id": "1", "account": "000000000000", "source": "shop",\n'
            '  "time": "2024-05-01T12:00:00Z", "region": "us-east-1",\n'
            '  "resources": [], "detail-type": "Order placed",\n'
            '  "detail": {"total": 250}}\'',
        ),
    ),
    extras=(
        Extra(
            "--explain",
            "Says on standard error why the pattern matches or does not, field by "
            "field: as a tree, or with `--explain=json` as JSON.",
            choices=("text", "json"),
        ),
        Extra(
            "--watch",
            "Runs again at every save of a `file://` argument, until Ctrl-C. A terminal "
            "is cleared before each run.",
        ),
        Extra(
            "--exit-code",
            "Makes the exit status 1 when the pattern does not match.",
        ),
    ),
)

OPERATIONS = by_name(
    PUT_EVENTS,
    PUT_PARTNER_EVENTS,
    TEST_EVENT_PATTERN,
)
