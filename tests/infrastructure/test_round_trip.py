"""Every property: template → import → what the service then says of the resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cfnlint
import pytest

from evcli.infrastructure.apply import carry_out
from evcli.operations import call
from tests.infrastructure.conftest import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.infrastructure.description import Description

    Describe = Callable[..., Description]

E = f"arn:aws:events:{REGION}:{ACCOUNT}"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
TAGS = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
PATTERN = {"source": ["shop"], "detail": {"ok": [True], "n": [{"numeric": ["=", 1]}]}}
PARTNER = "aws.partner/shop.example/orders"
STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "events:PutEvents",
    "Resource": f"{E}:event-bus/b",
    "Condition": {"StringEquals": {"events:source": "shop"}},
}
PARAMETER = {"Key": "k", "Value": "v", "IsValueSecret": False}
HTTP = {
    "HeaderParameters": [PARAMETER],
    "QueryStringParameters": [PARAMETER],
    "BodyParameters": [PARAMETER],
}
OAUTH = {
    "ClientParameters": {"ClientID": "id", "ClientSecret": "s3cret"},
    "AuthorizationEndpoint": "https://example.com/token",
    "HttpMethod": "POST",
    "OAuthHttpParameters": HTTP,
}
OAUTH_SHOWN = {**OAUTH, "ClientParameters": {"ClientID": "id"}}
CONNECTIVITY = {
    "ResourceParameters": {
        "ResourceConfigurationArn": "arn:aws:vpc-lattice:eu-west-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
    }
}
BASIC = {"BasicAuthParameters": {"Username": "u", "Password": "s3cret"}}
BUSES = [
    {"EventBusArn": f"arn:aws:events:{region}:{ACCOUNT}:event-bus/b"}
    for region in (REGION, "us-east-1")
]
ROUTING = {
    "FailoverConfig": {
        "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"},
        "Secondary": {"Route": "us-east-1"},
    }
}
BUS = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "b"}}
CONNECTION = {
    "Type": "AWS::Events::Connection",
    "Properties": {"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": BASIC},
}

# Type, properties, other resources of the template, request, what it answers among else.
Row = tuple[
    str, dict[str, Any], dict[str, Any], tuple[str, dict[str, Any]], dict[str, Any]
]
ROWS: list[Row] = [
    (
        "EventBus",
        {
            "Name": "bus", "Description": "d", "KmsKeyIdentifier": "alias/k",
            "DeadLetterConfig": {"Arn": QUEUE},
            "LogConfig": {"IncludeDetail": "FULL", "Level": "INFO"},
            "Policy": {"Version": "2012-10-17", "Statement": [{"Sid": "s", **STATEMENT}]},
        },
        {},
        ("DescribeEventBus", {"Name": "bus"}),
        {
            "Name": "bus", "Description": "d", "KmsKeyIdentifier": "alias/k",
            "DeadLetterConfig": {"Arn": QUEUE},
            "LogConfig": {"IncludeDetail": "FULL", "Level": "INFO"},
            "Policy": {"Version": "2012-10-17", "Statement": [{"Sid": "s", **STATEMENT}]},
        },
    ),
    (
        "EventBus", {"Name": PARTNER, "EventSourceName": PARTNER}, {},
        ("DescribeEventSource", {"Name": PARTNER}), {"State": "ACTIVE"},
    ),
    (
        "EventBus", {"Name": "bus", "Tags": TAGS}, {},
        ("ListTagsForResource", {"ResourceARN": f"{E}:event-bus/bus"}), {"Tags": TAGS},
    ),
    (
        "EventBusPolicy",
        {"EventBusName": "b", "StatementId": "s", "Statement": STATEMENT},
        {"B": BUS},
        ("DescribeEventBus", {"Name": "b"}),
        {"Policy": {"Version": "2012-10-17", "Statement": [{"Sid": "s", **STATEMENT}]}},
    ),
    (
        "EventBusPolicy",
        {
            "EventBusName": "b", "StatementId": "s", "Action": "events:PutEvents",
            "Principal": "*",
            "Condition": {
                "Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890",
            },
        },
        {"B": BUS},
        ("DescribeEventBus", {"Name": "b"}),
        {
            "Policy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "s", "Effect": "Allow", "Principal": "*",
                        "Action": "events:PutEvents", "Resource": f"{E}:event-bus/b",
                        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
                    }
                ],
            }
        },
    ),
    (
        "Rule",
        {
            "Name": "r", "EventBusName": f"{E}:event-bus/b", "Description": "d",
            "EventPattern": PATTERN, "RoleArn": ROLE, "State": "DISABLED",
        },
        {"B": BUS},
        ("DescribeRule", {"Name": "r", "EventBusName": "b"}),
        {
            "Name": "r", "EventBusName": "b", "Description": "d", "EventPattern": PATTERN,
            "RoleArn": ROLE, "State": "DISABLED", "Arn": f"{E}:rule/b/r",
        },
    ),
    (
        "Rule", {"Name": "r", "EventPattern": json.dumps(PATTERN)}, {},
        ("DescribeRule", {"Name": "r"}), {"EventPattern": PATTERN, "State": "ENABLED"},
    ),
    (
        "Rule", {"Name": "r", "ScheduleExpression": "rate(5 minutes)", "Tags": TAGS}, {},
        ("ListTagsForResource", {"ResourceARN": f"{E}:rule/r"}), {"Tags": TAGS},
    ),
    (
        "Rule", {"Name": "r", "ScheduleExpression": "rate(5 minutes)", "Targets": []}, {},
        ("DescribeRule", {"Name": "r"}), {"ScheduleExpression": "rate(5 minutes)"},
    ),
    (
        "Archive",
        {
            "ArchiveName": "a", "SourceArn": f"{E}:event-bus/b", "Description": "d",
            "EventPattern": PATTERN, "RetentionDays": "7", "KmsKeyIdentifier": "alias/k",
        },
        {"B": BUS},
        ("DescribeArchive", {"ArchiveName": "a"}),
        {
            "ArchiveName": "a", "EventSourceArn": f"{E}:event-bus/b", "Description": "d",
            "EventPattern": PATTERN, "RetentionDays": 7, "KmsKeyIdentifier": "alias/k",
        },
    ),
    (
        "Connection",
        {
            "Name": "o", "Description": "d", "KmsKeyIdentifier": "alias/k",
            "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
            "AuthParameters": {"OAuthParameters": OAUTH, "InvocationHttpParameters": HTTP},
        },
        {},
        ("DescribeConnection", {"Name": "o"}),
        {
            "Name": "o", "Description": "d", "KmsKeyIdentifier": "alias/k",
            "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
            "AuthParameters": {
                "OAuthParameters": OAUTH_SHOWN, "InvocationHttpParameters": HTTP,
            },
        },
    ),
    (
        "Connection",
        {
            "Name": "k", "AuthorizationType": "API_KEY",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "x", "ApiKeyValue": "s3cret"},
                # Secret unless the template says otherwise, unlike in the API.
                "InvocationHttpParameters": {
                    "HeaderParameters": [{"Key": "k", "Value": "v"}],
                },
            },
            "InvocationConnectivityParameters": CONNECTIVITY,
        },
        {},
        ("DescribeConnection", {"Name": "k"}),
        {
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "x"},
                "InvocationHttpParameters": {
                    "HeaderParameters": [{"Key": "k", "IsValueSecret": True}],
                },
            },
            "InvocationConnectivityParameters": CONNECTIVITY,
        },
    ),
    (
        "Connection",
        {
            "Name": "b", "AuthorizationType": "BASIC",
            "AuthParameters": {**BASIC, "ConnectivityParameters": CONNECTIVITY},
        },
        {},
        ("DescribeConnection", {"Name": "b"}),
        {"AuthorizationType": "BASIC", "Name": "b"},
    ),
    (
        "ApiDestination",
        {
            "Name": "d", "Description": "d", "ConnectionArn": {"Fn::GetAtt": ["C", "Arn"]},
            "InvocationEndpoint": "https://example.com/*", "HttpMethod": "PUT",
            "InvocationRateLimitPerSecond": 5,
        },
        {"C": CONNECTION},
        ("DescribeApiDestination", {"Name": "d"}),
        {
            "Name": "d", "Description": "d", "InvocationEndpoint": "https://example.com/*",
            "HttpMethod": "PUT", "InvocationRateLimitPerSecond": 5,
        },
    ),
    (
        "Endpoint",
        {
            "Name": "e", "Description": "d", "RoutingConfig": ROUTING, "EventBuses": BUSES,
            "ReplicationConfig": {"State": "DISABLED"}, "RoleArn": ROLE,
        },
        {},
        ("DescribeEndpoint", {"Name": "e"}),
        {
            "Name": "e", "Description": "d", "RoutingConfig": ROUTING, "EventBuses": BUSES,
            "ReplicationConfig": {"State": "DISABLED"}, "RoleArn": ROLE,
        },
    ),
]  # fmt: skip

# A target of a template → the same target of a request, where they differ.
ECS = {
    "TaskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/t:1",
    "TaskCount": 2, "LaunchType": "FARGATE", "PlatformVersion": "1.4.0", "Group": "g",
    "EnableECSManagedTags": True, "EnableExecuteCommand": False,
    "PropagateTags": "TASK_DEFINITION", "ReferenceId": "ref",
}  # fmt: skip
VPC = {"Subnets": ["s-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "ENABLED"}
TARGETS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "plain": (
        {
            "Arn": QUEUE, "RoleArn": ROLE, "Input": '{"a":1}',
            "DeadLetterConfig": {"Arn": QUEUE},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
        },
        None,
    ),
    "path": ({"Arn": QUEUE, "InputPath": "$.detail"}, None),
    "transformer": (
        {
            "Arn": QUEUE,
            "InputTransformer": {"InputPathsMap": {"a": "$.id"}, "InputTemplate": '"<a>"'},
        },
        None,
    ),
    "sqs": (
        {"Arn": f"{QUEUE}.fifo", "SqsParameters": {"MessageGroupId": "g"}}, None,
    ),
    "kinesis": (
        {
            "Arn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s", "RoleArn": ROLE,
            "KinesisParameters": {"PartitionKeyPath": "$.id"},
        },
        None,
    ),
    "http": (
        {
            "Arn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abcdefghij/s/POST/*",
            "RoleArn": ROLE,
            "HttpParameters": {
                "HeaderParameters": {"h": "1"}, "QueryStringParameters": {"q": "$.id"},
                "PathParameterValues": ["p"],
            },
        },
        None,
    ),
    "run-command": (
        {
            "Arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/d", "RoleArn": ROLE,
            "RunCommandParameters": {
                "RunCommandTargets": [{"Key": "tag:a", "Values": ["1", "2"]}]
            },
        },
        None,
    ),
    "batch": (
        {
            "Arn": f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/q", "RoleArn": ROLE,
            "BatchParameters": {
                "JobDefinition": "d", "JobName": "n", "ArrayProperties": {"Size": 2},
                "RetryStrategy": {"Attempts": 3},
            },
        },
        None,
    ),
    "redshift": (
        {
            "Arn": f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:c", "RoleArn": ROLE,
            "RedshiftDataParameters": {
                "Database": "d", "DbUser": "u", "SecretManagerArn": "$.detail.secret",
                "Sql": "SELECT 1", "StatementName": "n", "WithEvent": True,
            },
        },
        None,
    ),
    "redshift-many": (
        {
            "Arn": f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:c", "RoleArn": ROLE,
            "RedshiftDataParameters": {"Database": "d", "Sqls": ["SELECT 1", "SELECT 2"]},
        },
        None,
    ),
    "sagemaker": (
        {
            "Arn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/p", "RoleArn": ROLE,
            "SageMakerPipelineParameters": {
                "PipelineParameterList": [{"Name": "n", "Value": "v"}]
            },
        },
        None,
    ),
    "appsync": (
        {
            "Arn": f"arn:aws:appsync:{REGION}:{ACCOUNT}:endpoints/graphql-api/abcdefghij",
            "RoleArn": ROLE,
            "AppSyncParameters": {"GraphQLOperation": "mutation M { m { id } }"},
        },
        None,
    ),
    "ecs": (
        {
            "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c", "RoleArn": ROLE,
            "EcsParameters": {
                **ECS, "TagList": TAGS,
                "PlacementStrategies": [{"Type": "spread", "Field": "host"}],
                "PlacementConstraints": [{"Type": "memberOf", "Expression": "a == b"}],
                "NetworkConfiguration": {"AwsVpcConfiguration": VPC},
            },
        },
        {
            "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c", "RoleArn": ROLE,
            "EcsParameters": {
                **ECS, "Tags": TAGS,
                "PlacementStrategy": [{"type": "spread", "field": "host"}],
                "PlacementConstraints": [{"type": "memberOf", "expression": "a == b"}],
                "NetworkConfiguration": {"awsvpcConfiguration": VPC},
            },
        },
    ),
    "ecs-capacity": (
        {
            "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c", "RoleArn": ROLE,
            "EcsParameters": {
                "TaskDefinitionArn": ECS["TaskDefinitionArn"],
                "CapacityProviderStrategy": [
                    {"CapacityProvider": "p", "Weight": 1, "Base": 0}
                ],
            },
        },
        {
            "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c", "RoleArn": ROLE,
            "EcsParameters": {
                "TaskDefinitionArn": ECS["TaskDefinitionArn"],
                "CapacityProviderStrategy": [
                    {"capacityProvider": "p", "weight": 1, "base": 0}
                ],
            },
        },
    ),
}  # fmt: skip


@pytest.fixture
def owner(ctx: Context) -> Context:
    """The account and region of the templates, which a partner has offered a source."""
    partner = ctx.act_as("111122223333", REGION)
    call(partner, "CreatePartnerEventSource", {"Name": PARTNER, "Account": ACCOUNT})
    return ctx.act_as(ACCOUNT, REGION)


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row[0]}-{'-'.join(row[1])[:60]}"
)
def test_the_service_says_what_the_template_says(
    owner: Context, describe: Describe, row: Row
) -> None:
    kind, properties, others, (operation, request), expected = row
    resource = {"Type": f"AWS::Events::{kind}", "Properties": properties}

    description = describe({"Resources": {**others, "X": resource}})
    carry_out(owner, description)

    answer = call(owner, operation, request)
    for name in ("EventPattern", "Policy"):
        if name in answer:
            answer[name] = json.loads(answer[name])
    assert description.notes == []
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize("name", TARGETS)
def test_the_service_lists_the_target_of_the_template(
    owner: Context, describe: Describe, name: str
) -> None:
    given, wanted = TARGETS[name]
    rule = {"Name": "r", "EventPattern": PATTERN, "Targets": [{"Id": name, **given}]}

    description = describe(
        {"Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": rule}}}
    )
    carry_out(owner, description)

    answer = call(owner, "ListTargetsByRule", {"Rule": "r"})
    assert answer["Targets"] == [{"Id": name, **(wanted or given)}]


# -- nothing is left out: the schemas of CloudFormation's own registry

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"


def load_schema(kind: str) -> dict[str, Any]:
    index = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    path = SCHEMAS / "resources" / f"{index[f'AWS::Events::{kind}']}.json"
    schema: dict[str, Any] = json.loads(path.read_text())
    return schema


def list_paths(schema: dict[str, Any], node: dict[str, Any], prefix: str) -> set[str]:
    """The dotted names of all members below a part of a schema."""
    if "$ref" in node:
        node = schema["definitions"][node["$ref"].rpartition("/")[2]]
    if "items" in node:
        return list_paths(schema, node["items"], prefix)
    found = set()
    for name, member in node.get("properties", {}).items():
        found.add(f"{prefix}{name}")
        found |= list_paths(schema, member, f"{prefix}{name}.")
    return found


def list_given(value: Any, prefix: str = "") -> set[str]:
    """The dotted names of all members of a value."""
    if isinstance(value, list):
        return {path for each in value for path in list_given(each, prefix)}
    found = set()
    for name, member in value.items() if isinstance(value, dict) else ():
        found.add(f"{prefix}{name}")
        found |= list_given(member, f"{prefix}{name}.")
    return found


@pytest.mark.parametrize("kind", sorted({row[0] for row in ROWS}))
def test_every_property_of_the_schema_is_tried(kind: str) -> None:
    schema = load_schema(kind)
    read_only = {
        path.removeprefix("/properties/").replace("/", ".")
        for path in schema.get("readOnlyProperties", [])
    }

    given = {path for row in ROWS if row[0] == kind for path in list_given(row[1])}
    if kind == "Rule":
        given |= {
            f"Targets.{path}" for path in list_given([t for t, _ in TARGETS.values()])
        }
        given.add("Targets.Id")

    assert list_paths(schema, schema, "") - read_only - given == set()
