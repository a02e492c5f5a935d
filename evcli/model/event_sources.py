"""Partner event sources: what both sides' operations accept, return and raise.

The partner's side creates, describes, lists and deletes what it offers; the customer's
side sees, activates and deactivates what it was offered.
"""

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
    EVENT_SOURCE_NAME,
    NEXT_TOKEN,
    OFFER_SOURCE,
    PAGE_MEMBERS,
    PLAIN_STRING,
    PLAIN_TIMESTAMP,
    TAKE_SOURCE,
)

ACCOUNT_ID = string("AccountId", 12, 12, regex=r"\d{12}")
EVENT_SOURCE_STATE = string("EventSourceState", enum=("PENDING", "ACTIVE", "DELETED"))
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

READ_ERRORS = (
    "ResourceNotFoundException",
    "InternalException",
    "OperationDisabledException",
)
STATE_ERRORS = (
    "ResourceNotFoundException",
    "ConcurrentModificationException",
    "InvalidStateException",
    "InternalException",
    "OperationDisabledException",
)

NAME_MEMBER = Member(
    "Name",
    EVENT_SOURCE_NAME,
    "The partner event source, by its full name.",
    required=True,
    completes="event-source",
)
PARTNER_NAME_MEMBER = Member(
    "Name",
    EVENT_SOURCE_NAME,
    "The partner event source, by its full name.",
    required=True,
    completes="partner-event-source",
)
ACCOUNT_MEMBER = Member(
    "Account",
    ACCOUNT_ID,
    "The customer's account.",
    required=True,
    completes="account",
)

CREATE_PARTNER_EVENT_SOURCE = Operation(
    "CreatePartnerEventSource",
    "As a partner, offers an event source to one customer account. It is pending "
    "until the customer makes an event bus of the same name, or until two weeks have "
    "passed.\n\n"
    "In the cloud only registered partners may do this; evcli lets any account. Act "
    "as a second account with a profile to rehearse both sides.",
    request=(
        Member(
            "Name",
            EVENT_SOURCE_NAME,
            "The name of the source, `aws.partner/PARTNER/NAMESPACE/NAME`; the "
            "customer's bus will be called the same.",
            required=True,
        ),
        ACCOUNT_MEMBER,
    ),
    response=(Member("EventSourceArn", PLAIN_STRING),),
    errors=(
        "ResourceAlreadyExistsException",
        "InternalException",
        "ConcurrentModificationException",
        "LimitExceededException",
        "OperationDisabledException",
    ),
    examples=(Example("Offer a source to an account", OFFER_SOURCE),),
)

DESCRIBE_EVENT_SOURCE = Operation(
    "DescribeEventSource",
    "Shows an event source that a partner offers to this account: who made it, its "
    "state and, while it is pending, when it expires.",
    request=(NAME_MEMBER,),
    response=tuple(EVENT_SOURCE.members.values()),
    errors=READ_ERRORS,
    reads_only=True,
    examples=(
        Example(
            "Show a source that you were offered",
            "evcli describe-event-source --name aws.partner/example.com/shop/orders",
            given=(OFFER_SOURCE,),
        ),
    ),
)

DESCRIBE_PARTNER_EVENT_SOURCE = Operation(
    "DescribePartnerEventSource",
    "As a partner, shows one of your event sources: name and ARN. The customer's "
    "side is shown by `list-partner-event-source-accounts`.",
    request=(PARTNER_NAME_MEMBER,),
    response=tuple(PARTNER_EVENT_SOURCE.members.values()),
    errors=READ_ERRORS,
    reads_only=True,
    examples=(
        Example(
            "Show a source",
            "evcli describe-partner-event-source --name "
            "aws.partner/example.com/shop/orders",
            given=(OFFER_SOURCE,),
        ),
    ),
)

LIST_EVENT_SOURCES = Operation(
    "ListEventSources",
    "Lists the event sources that partners offer to this account, in whatever state "
    "they are.",
    request=(
        Member(
            "NamePrefix",
            EVENT_SOURCE_NAME_PREFIX,
            "Only event sources whose names begin like this.",
            completes="event-source",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("EventSources", EVENT_SOURCE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException", "OperationDisabledException"),
    pagination=Pagination("EventSources"),
    reads_only=True,
    examples=(
        Example(
            "What partners offer",
            "evcli list-event-sources --name-prefix aws.partner/",
            given=(OFFER_SOURCE,),
        ),
    ),
)

LIST_PARTNER_EVENT_SOURCE_ACCOUNTS = Operation(
    "ListPartnerEventSourceAccounts",
    "As a partner, lists the customer account of an event source with its state and "
    "its times.",
    request=(
        Member(
            "EventSourceName",
            EVENT_SOURCE_NAME,
            "The partner event source, by its full name.",
            required=True,
            completes="partner-event-source",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("PartnerEventSourceAccounts", PARTNER_EVENT_SOURCE_ACCOUNT_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=READ_ERRORS,
    pagination=Pagination("PartnerEventSourceAccounts"),
    reads_only=True,
    examples=(
        Example(
            "Has the customer taken it up?",
            "evcli list-partner-event-source-accounts --event-source-name "
            "aws.partner/example.com/shop/orders",
            given=(OFFER_SOURCE,),
        ),
    ),
)

LIST_PARTNER_EVENT_SOURCES = Operation(
    "ListPartnerEventSources",
    "As a partner, lists your event sources. The prefix is required and has to name "
    "the partner: `aws.partner/NAME/`.",
    request=(
        Member(
            "NamePrefix",
            PARTNER_EVENT_SOURCE_NAME_PREFIX,
            "Only event sources whose names begin like this; at least "
            "`aws.partner/PARTNER/`.",
            required=True,
            completes="partner-event-source",
        ),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("PartnerEventSources", PARTNER_EVENT_SOURCE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException", "OperationDisabledException"),
    pagination=Pagination("PartnerEventSources"),
    reads_only=True,
    examples=(
        Example(
            "The sources of a partner",
            "evcli list-partner-event-sources --name-prefix aws.partner/example.com/",
            given=(OFFER_SOURCE,),
        ),
    ),
)

ACTIVATE_EVENT_SOURCE = Operation(
    "ActivateEventSource",
    "Lets a partner event source that was deactivated deliver again. It needs the "
    "event bus of the same name; to take up a source for the first time, use "
    "`create-event-bus`.",
    request=(NAME_MEMBER,),
    response=None,
    errors=STATE_ERRORS,
    examples=(
        Example(
            "Switch a source on again",
            "evcli activate-event-source --name aws.partner/example.com/shop/orders",
            given=(
                OFFER_SOURCE,
                TAKE_SOURCE,
                (
                    "evcli deactivate-event-source --name "
                    "aws.partner/example.com/shop/orders"
                ),
            ),
        ),
    ),
)

DEACTIVATE_EVENT_SOURCE = Operation(
    "DeactivateEventSource",
    "Stops a partner event source from delivering. The event bus and its rules stay, "
    "events sent meanwhile are lost, and a source left so for two weeks expires.",
    request=(NAME_MEMBER,),
    response=None,
    errors=STATE_ERRORS,
    examples=(
        Example(
            "Switch a source off",
            "evcli deactivate-event-source --name aws.partner/example.com/shop/orders",
            given=(
                OFFER_SOURCE,
                TAKE_SOURCE,
            ),
        ),
    ),
)

DELETE_PARTNER_EVENT_SOURCE = Operation(
    "DeletePartnerEventSource",
    "As a partner, withdraws an event source from a customer. The customer's bus "
    "stays but receives nothing more. A source that does not exist counts as "
    "withdrawn.",
    request=(
        PARTNER_NAME_MEMBER,
        ACCOUNT_MEMBER,
    ),
    response=None,
    errors=(
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
    examples=(
        Example(
            "Withdraw a source",
            "evcli delete-partner-event-source --name "
            "aws.partner/example.com/shop/orders --account 000000000000",
            given=(OFFER_SOURCE,),
        ),
    ),
)

OPERATIONS = by_name(
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
