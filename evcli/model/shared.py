"""Shapes and members that several families use, each named once.

A shape that one family uses stands in that family's module, so that a command loads
only what it needs. "Plain" shapes carry no constraint.
"""

from __future__ import annotations

from evcli.model.shapes import (
    Member,
    boolean,
    integer,
    list_of,
    long,
    string,
    structure,
    timestamp,
)

# Regexes that stand in several shapes, verbatim: messages quote them.
NAME_REGEX = r"[\.\-_A-Za-z0-9]+"
ONE_LINE_REGEX = ".*"
EVENT_BUS_NAME_REGEX = r"[/\.\-_A-Za-z0-9]+"
EVENT_BUS_ARN_REGEX = (
    r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?"
)
EVENTS_ARN_REGEX = r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:"

PLAIN_STRING = string("String")
PLAIN_TIMESTAMP = timestamp("Timestamp")
PLAIN_BOOLEAN = boolean("Boolean")
PLAIN_INTEGER = integer("Integer")
PLAIN_LONG = long("Long")

EVENT_BUS_NAME = string("EventBusName", 1, 256, regex=EVENT_BUS_NAME_REGEX)
EVENT_SOURCE_NAME = string(
    "EventSourceName", 1, 256, regex=r"aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"
)
KMS_KEY_IDENTIFIER = string("KmsKeyIdentifier", max=2048, regex=r"^[a-zA-Z0-9_\-/:]*$")
RESOURCE_ARN = string("ResourceArn", 1, 1600)
TAG_KEY = string("TagKey", 1, 128)
TAG_VALUE = string("TagValue", 0, 256)
EVENT_BUS_NAME_OR_ARN = string(
    "EventBusNameOrArn",
    1,
    1600,
    regex=EVENT_BUS_ARN_REGEX + EVENT_BUS_NAME_REGEX,
)
MANAGED_BY = string("ManagedBy", 1, 128)
NEXT_TOKEN = string("NextToken", 1, 2048)
LIMIT_MAX100 = integer("LimitMax100", 1, 100)
RULE_NAME = string("RuleName", 1, 64, regex=NAME_REGEX)
EVENT_PATTERN = string("EventPattern", max=4096)
ROLE_ARN = string("RoleArn", 1, 1600)
TARGET_ARN = string("TargetArn", 1, 1600)
ARN = string("Arn", 1, 1600)
HEADER_KEY = string("HeaderKey", max=512, regex="^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$")
QUERY_STRING_KEY = string("QueryStringKey", max=512, regex=r"[^\x00-\x1F\x7F]+")
ERROR_CODE = string("ErrorCode")
ERROR_MESSAGE = string("ErrorMessage")
ENDPOINT_ID = string("EndpointId", 1, 50, regex=r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$")
ARCHIVE_ARN = string("ArchiveArn", 1, 1600, regex=EVENTS_ARN_REGEX + r".+\/.+$")
HTTPS_ENDPOINT = string(
    "HttpsEndpoint",
    1,
    2048,
    regex=r"^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$",
)
CONNECTION_ARN = string(
    "ConnectionArn",
    1,
    1600,
    regex=EVENTS_ARN_REGEX + r"connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$",
)

DEAD_LETTER_CONFIG = structure(
    "DeadLetterConfig",
    Member(
        "Arn",
        RESOURCE_ARN,
        "The ARN of the SQS queue that takes what could not be delivered.",
    ),
)
TAG = structure(
    "Tag",
    Member(
        "Key",
        TAG_KEY,
        "The name of the tag; a resource has each name once.",
        required=True,
    ),
    Member(
        "Value", TAG_VALUE, "The value of the tag, which may be empty.", required=True
    ),
)
TAG_LIST = list_of("TagList", TAG)

# What operations of several families raise, in the service model's order.
DELETE_ERRORS = (
    "ConcurrentModificationException",
    "ResourceNotFoundException",
    "InternalException",
)
RULE_CHANGE_ERRORS = (
    "ResourceNotFoundException",
    "ConcurrentModificationException",
    "ManagedRuleException",
    "InternalException",
)

EVENT_BUS_NAME_MEMBER = Member(
    "EventBusName",
    EVENT_BUS_NAME_OR_ARN,
    "The event bus of the rule, by name or ARN; `default` if you name none.",
    completes="event-bus",
)
FORCE_MEMBER = Member(
    "Force",
    PLAIN_BOOLEAN,
    "Needed for a rule that EventBridge manages, such as that of an archive; ignored "
    "for all others.",
)
NEXT_TOKEN_MEMBER = Member(
    "NextToken", NEXT_TOKEN, "Where to go on: the token of the page before."
)
LIMIT_MEMBER = Member(
    "Limit",
    LIMIT_MAX100,
    "How many to give on one page; a page is 100 long if you do not say.",
)
PAGE_MEMBERS = (NEXT_TOKEN_MEMBER, LIMIT_MEMBER)

# What examples of several families need first.
MAKE_BUS = "evcli create-event-bus --name orders"
MAKE_RULE = (
    "evcli put-rule --name big-orders --event-pattern "
    '\'{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}\''
)
MAKE_TARGET = (
    "evcli put-targets --rule big-orders --targets "
    "Id=queue,Arn=arn:aws:sqs:us-east-1:000000000000:big-orders"
)
MAKE_ARCHIVE = (
    "evcli create-archive --archive-name everything --event-source-arn "
    "arn:aws:events:us-east-1:000000000000:event-bus/default"
)
MAKE_CONNECTION = (
    "evcli create-connection --name hooks --authorization-type API_KEY "
    "--auth-parameters "
    "'ApiKeyAuthParameters={ApiKeyName=X-Api-Key,ApiKeyValue=abc}'"
)
OFFER_SOURCE = (
    "evcli create-partner-event-source --name "
    "aws.partner/example.com/shop/orders --account 000000000000"
)
TAKE_SOURCE = (
    "evcli create-event-bus --name aws.partner/example.com/shop/orders "
    "--event-source-name aws.partner/example.com/shop/orders"
)
