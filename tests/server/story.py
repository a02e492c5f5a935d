"""A life of EventBridge in 57 operations, and a way to compare two tellings of it.

Each step is an operation, its request, and the error code it should meet, if any. In
requests `{Operation.Member}` stands for what an earlier step answered, so the story can
be told to anything that answers: the operations themselves, boto3, the aws command.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    # (operation, request) -> answer, or {"Error": code, "Message": text}
    Tell = Callable[[str, dict[str, Any]], dict[str, Any]]

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:"
BUS_ARN = f"{ARN}event-bus/orders"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
SOURCE = "aws.partner/shop.example/orders"
PATTERN = '{"source":["shop"]}'
EVENT = (
    '{"id":"1","account":"1","source":"shop","time":"2024-05-14T11:23:22Z",'
    '"region":"eu-west-1","detail-type":"d","detail":{}}'
)
ENTRY = {"Source": "shop", "DetailType": "d", "Detail": "{}", "EventBusName": "orders"}
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "secret"}}
ENDPOINT = {
    "RoutingConfig": {
        "FailoverConfig": {
            "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"},
            "Secondary": {"Route": "us-east-1"},
        }
    },
    "ReplicationConfig": {"State": "DISABLED"},
    "EventBuses": [
        {"EventBusArn": BUS_ARN},
        {"EventBusArn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/orders"},
    ],
}


class Step(NamedTuple):
    """One request, and the code of the refusal that it should meet."""

    operation: str
    request: dict[str, Any]
    error: str = ""


MISSING = "ResourceNotFoundException"

STORY = [
    # event buses, permissions
    Step("CreateEventBus", {"Name": "orders", "Tags": [{"Key": "k", "Value": "v"}]}),
    Step("CreateEventBus", {"Name": "orders"}, "ResourceAlreadyExistsException"),
    Step("UpdateEventBus", {"Name": "orders", "Description": "ünïcode"}),
    Step("DescribeEventBus", {"Name": "orders"}),
    Step("DescribeEventBus", {"Name": "nope"}, MISSING),
    Step(
        "PutPermission",
        {
            "EventBusName": "orders",
            "Action": "events:PutEvents",
            "Principal": "*",
            "StatementId": "s",
        },
    ),
    Step("ListEventBuses", {"NamePrefix": "o"}),
    Step("RemovePermission", {"EventBusName": "orders", "StatementId": "s"}),
    # rules, targets, tags
    Step("PutRule", {"Name": "r", "EventBusName": "orders", "EventPattern": PATTERN}),
    Step("PutRule", {"Name": "bad", "EventPattern": "{"}, "InvalidEventPatternException"),
    Step("PutRule", {"Name": "late", "ScheduleExpression": "rate(1 day)"}),
    Step("DisableRule", {"Name": "late"}),
    Step("DescribeRule", {"Name": "late"}),
    Step("EnableRule", {"Name": "late"}),
    Step("ListRules", {}),
    Step(
        "PutTargets",
        {
            "Rule": "r",
            "EventBusName": "orders",
            "Targets": [
                {"Id": "q", "Arn": QUEUE_ARN},
                {
                    "Id": "t",
                    "Arn": QUEUE_ARN,
                    "InputTransformer": {
                        "InputPathsMap": {"s": "$.source"},
                        "InputTemplate": '"<s>"',
                    },
                },
            ],
        },
    ),
    Step(
        "PutTargets",
        {"Rule": "r", "Targets": [{"Id": "q", "Arn": QUEUE_ARN}]},
        MISSING,
    ),
    Step("ListTargetsByRule", {"Rule": "r", "EventBusName": "orders"}),
    Step("ListRuleNamesByTarget", {"TargetArn": QUEUE_ARN, "EventBusName": "orders"}),
    Step(
        "TagResource",
        {"ResourceARN": f"{ARN}rule/late", "Tags": [{"Key": "a", "Value": "b"}]},
    ),
    Step("ListTagsForResource", {"ResourceARN": f"{ARN}rule/late"}),
    Step("UntagResource", {"ResourceARN": f"{ARN}rule/late", "TagKeys": ["a"]}),
    # archives, events, replays
    Step("CreateArchive", {"ArchiveName": "a", "EventSourceArn": BUS_ARN}),
    Step("UpdateArchive", {"ArchiveName": "a", "RetentionDays": 7}),
    Step("TestEventPattern", {"EventPattern": PATTERN, "Event": EVENT}),
    Step("PutEvents", {"Entries": [ENTRY, {**ENTRY, "Detail": "{"}]}),
    Step("PutEvents", {"Entries": [ENTRY] * 11}, "ValidationException"),
    Step("DescribeArchive", {"ArchiveName": "a"}),
    Step("ListArchives", {"NamePrefix": "a"}),
    Step(
        "StartReplay",
        {
            "ReplayName": "p",
            "EventSourceArn": f"{ARN}archive/a",
            "EventStartTime": "2024-05-14T11:00:00Z",
            "EventEndTime": "2024-05-14T12:00:00Z",
            "Destination": {"Arn": BUS_ARN},
        },
    ),
    Step("DescribeReplay", {"ReplayName": "p"}),
    Step("ListReplays", {"State": "STARTING"}),
    Step("CancelReplay", {"ReplayName": "p"}),
    Step("CancelReplay", {"ReplayName": "p"}, "IllegalStatusException"),
    Step("DeleteArchive", {"ArchiveName": "a"}),
    # connections, API destinations
    Step(
        "CreateConnection",
        {"Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": KEY},
    ),
    Step("UpdateConnection", {"Name": "c", "Description": "d"}),
    Step("DescribeConnection", {"Name": "c"}),
    Step("ListConnections", {"ConnectionState": "AUTHORIZED"}),
    Step(
        "CreateApiDestination",
        {
            "Name": "d",
            "ConnectionArn": "{CreateConnection.ConnectionArn}",
            "InvocationEndpoint": "https://example.com/*",
            "HttpMethod": "POST",
        },
    ),
    Step("UpdateApiDestination", {"Name": "d", "InvocationRateLimitPerSecond": 7}),
    Step("DescribeApiDestination", {"Name": "d"}),
    Step(
        "ListApiDestinations", {"ConnectionArn": "{CreateConnection.ConnectionArn}"}
    ),
    Step("DeauthorizeConnection", {"Name": "c"}),
    Step("DeleteApiDestination", {"Name": "d"}),
    Step("DeleteConnection", {"Name": "c"}),
    Step("DeleteConnection", {"Name": "c"}, MISSING),
    # endpoints
    Step("CreateEndpoint", {"Name": "e", **ENDPOINT}),
    Step("UpdateEndpoint", {"Name": "e", "Description": "d"}),
    Step("DescribeEndpoint", {"Name": "e"}),
    Step("ListEndpoints", {"MaxResults": 1}),
    Step("DeleteEndpoint", {"Name": "e"}),
    # partner event sources: one account is both sides
    Step("CreatePartnerEventSource", {"Name": SOURCE, "Account": ACCOUNT}),
    Step("DescribePartnerEventSource", {"Name": SOURCE}),
    Step("ListPartnerEventSources", {"NamePrefix": SOURCE}),
    Step("ListPartnerEventSourceAccounts", {"EventSourceName": SOURCE}),
    Step("CreateEventBus", {"Name": SOURCE, "EventSourceName": SOURCE}),
    Step(
        "PutPartnerEvents",
        {"Entries": [{"Source": SOURCE, "DetailType": "d", "Detail": "{}"}]},
    ),
    Step("DeactivateEventSource", {"Name": SOURCE}),
    Step("ActivateEventSource", {"Name": SOURCE}),
    Step("DescribeEventSource", {"Name": SOURCE}),
    Step("ListEventSources", {}),
    Step("DeletePartnerEventSource", {"Name": SOURCE, "Account": ACCOUNT}),
    Step("ActivateEventSource", {"Name": SOURCE}, "InvalidStateException"),
    # the end
    Step("DeleteEventBus", {"Name": "orders"}, "ValidationException"),
    Step(
        "RemoveTargets", {"Rule": "r", "EventBusName": "orders", "Ids": ["q", "t"]}
    ),
    Step("DeleteRule", {"Name": "r", "EventBusName": "orders"}),
    Step("DeleteEventBus", {"Name": "orders"}),
]  # fmt: skip


def tell(ask: Tell) -> list[dict[str, Any]]:
    """Tell the story; the answers, with what no two tellings share masked."""
    known: dict[str, dict[str, Any]] = {}
    answers = []
    for step in STORY:
        answer = ask(step.operation, fill(step.request, known))
        known.setdefault(step.operation, answer)
        answers.append(mask(answer))
    return answers


def fill(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    """Put earlier answers into a request."""
    if isinstance(value, dict):
        return {name: fill(item, known) for name, item in value.items()}
    if isinstance(value, list):
        return [fill(item, known) for item in value]
    if isinstance(value, str):
        found = re.fullmatch(r"\{(\w+)\.(\w+)\}", value)
        if found:
            return known[found[1]][found[2]]
    return value


RANDOM = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\w{6})?"
    r"|\b[a-z]{5}\.[a-z]{3}(?=\.endpoint|$)"
)


def mask(value: Any) -> Any:
    """Replace ids by a dot, and instants by their epoch seconds."""
    if isinstance(value, dict):
        return {name: mask(item) for name, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, str):
        return RANDOM.sub("·", value)
    return value
