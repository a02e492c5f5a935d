"""Plans and states of Terraform: every attribute, and what a plan does not know yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.infrastructure.terraform.attributes import TYPES
from evcli.infrastructure.terraform.plan import read_modules, split_address
from tests.infrastructure.conftest import ACCOUNT, REGION, SAMPLES, read, to_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.infrastructure.description import Description

    Describe = Callable[..., Description]

SCOPE = f"{ACCOUNT} {REGION}"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
PARAMETERS = {
    name: [{"key": "k", "value": "v", "is_value_secret": False}]
    for name in ("header", "query_string", "body")
}
HTTP = {
    f"{name}Parameters": [{"Key": "k", "Value": "v", "IsValueSecret": False}]
    for name in ("Header", "QueryString", "Body")
}


def state(type_name: str, **values: Any) -> dict[str, Any]:
    """A state with one resource."""
    resource = {
        "address": f"{type_name}.x", "mode": "managed", "type": type_name, "name": "x",
        "values": values,
    }  # fmt: skip
    return {
        "format_version": "1.0",
        "values": {"root_module": {"resources": [resource]}},
    }


TARGET = {"rule": "r", "target_id": "t", "arn": QUEUE}
# Type, attributes, kind and name, members.
ROWS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "event_bus",
        {
            "name": "b", "event_source_name": "aws.partner/x/y", "description": "d",
            "kms_key_identifier": "k", "dead_letter_config": [{"arn": QUEUE}],
            "log_config": [{"include_detail": "FULL", "level": "INFO"}],
            "tags": {"a": "1"}, "tags_all": {"a": "1", "b": "2"},
        },
        "event_bus b",
        {
            "Description": "d", "EventSourceName": "aws.partner/x/y",
            "KmsKeyIdentifier": "k", "DeadLetterConfig": {"Arn": QUEUE},
            "LogConfig": {"IncludeDetail": "FULL", "Level": "INFO"},
            "tags": {"a": "1", "b": "2"},
        },
    ),
    ("event_bus_policy", {"policy": '{"Statement":[]}', "event_bus_name": "b"}, "policy b", {"Policy": {"Statement": []}}),
    (
        "event_permission",
        {
            "principal": "*", "statement_id": "s", "event_bus_name": None, "action": None,
            "condition": [{"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o"}],
        },
        "permission default/s",
        {
            "Action": "events:PutEvents", "Principal": "*",
            "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o"},
        },
    ),
    (
        "event_rule",
        {
            "name": "r", "event_bus_name": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/b",
            "event_pattern": '{ "source": ["\\u003ca\\u003e"] }', "schedule_expression": "",
            "state": "ENABLED", "description": "d", "role_arn": "r", "is_enabled": None,
        },
        "rule b/r",
        {"EventPattern": {"source": ["<a>"]}, "State": "ENABLED", "Description": "d", "RoleArn": "r"},
    ),
    (
        "event_rule", {"name": "r", "schedule_expression": "rate(1 day)", "is_enabled": False},
        "rule default/r", {"ScheduleExpression": "rate(1 day)", "State": "DISABLED"},
    ),
    (
        "event_target",
        {
            **TARGET, "role_arn": "r", "input": "{}", "dead_letter_config": [{"arn": QUEUE}],
            "retry_policy": [{"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 0}],
        },
        "target default/r/t",
        {
            "Arn": QUEUE, "RoleArn": "r", "Input": "{}", "DeadLetterConfig": {"Arn": QUEUE},
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        },
    ),
    ("event_target", {**TARGET, "input_path": "$.x"}, "target default/r/t", {"Arn": QUEUE, "InputPath": "$.x"}),
    (
        "event_target",
        {**TARGET, "input_transformer": [{"input_paths": {"a": "$.b"}, "input_template": "<a>"}]},
        "target default/r/t",
        {"Arn": QUEUE, "InputTransformer": {"InputPathsMap": {"a": "$.b"}, "InputTemplate": "<a>"}},
    ),
    (
        "event_target",
        {
            **TARGET, "sqs_target": [{"message_group_id": "g"}],
            "kinesis_target": [{"partition_key_path": "$.p"}],
            "http_target": [{
                "header_parameters": {"h": "1"}, "query_string_parameters": {"q": "2"},
                "path_parameter_values": ["p"],
            }],
            "run_command_targets": [{"key": "k", "values": ["v"]}],
            "batch_target": [{
                "job_definition": "d", "job_name": "n", "array_size": 2, "job_attempts": 3,
            }],
            "redshift_target": [{
                "database": "d", "db_user": "u", "secrets_manager_arn": "s", "sql": "x",
                "statement_name": "n", "with_event": True,
            }],
            "sagemaker_pipeline_target": [
                {"pipeline_parameter_list": [{"name": "n", "value": "v"}]}
            ],
            "appsync_target": [{"graphql_operation": "q"}],
        },
        "target default/r/t",
        {
            "Arn": QUEUE, "SqsParameters": {"MessageGroupId": "g"},
            "KinesisParameters": {"PartitionKeyPath": "$.p"},
            "HttpParameters": {
                "HeaderParameters": {"h": "1"}, "QueryStringParameters": {"q": "2"},
                "PathParameterValues": ["p"],
            },
            "RunCommandParameters": {"RunCommandTargets": [{"Key": "k", "Values": ["v"]}]},
            "BatchParameters": {
                "JobDefinition": "d", "JobName": "n", "ArrayProperties": {"Size": 2},
                "RetryStrategy": {"Attempts": 3},
            },
            "RedshiftDataParameters": {
                "Database": "d", "DbUser": "u", "SecretManagerArn": "s", "Sql": "x",
                "StatementName": "n", "WithEvent": True,
            },
            "SageMakerPipelineParameters": {
                "PipelineParameterList": [{"Name": "n", "Value": "v"}]
            },
            "AppSyncParameters": {"GraphQLOperation": "q"},
        },
    ),
    (
        "event_target",
        {
            **TARGET,
            "ecs_target": [{
                "task_definition_arn": "t", "task_count": 1, "launch_type": "FARGATE",
                "platform_version": "1", "group": "g", "enable_ecs_managed_tags": False,
                "enable_execute_command": True, "propagate_tags": "TASK_DEFINITION",
                "tags": {"a": "1"},
                "network_configuration": [
                    {"subnets": ["s"], "security_groups": ["g"], "assign_public_ip": False}
                ],
                "capacity_provider_strategy": [
                    {"capacity_provider": "c", "weight": 1, "base": 0}
                ],
                "placement_constraint": [{"type": "memberOf", "expression": "e"}],
                "ordered_placement_strategy": [{"type": "spread", "field": "host"}],
            }],
        },
        "target default/r/t",
        {
            "Arn": QUEUE,
            "EcsParameters": {
                "TaskDefinitionArn": "t", "TaskCount": 1, "LaunchType": "FARGATE",
                "PlatformVersion": "1", "Group": "g", "EnableECSManagedTags": False,
                "EnableExecuteCommand": True, "PropagateTags": "TASK_DEFINITION",
                "Tags": [{"Key": "a", "Value": "1"}],
                "NetworkConfiguration": {
                    "awsvpcConfiguration": {
                        "Subnets": ["s"], "SecurityGroups": ["g"],
                        "AssignPublicIp": "DISABLED",
                    }
                },
                "CapacityProviderStrategy": [
                    {"capacityProvider": "c", "weight": 1, "base": 0}
                ],
                "PlacementConstraints": [{"type": "memberOf", "expression": "e"}],
                "PlacementStrategy": [{"type": "spread", "field": "host"}],
            },
        },
    ),
    (
        "event_archive",
        {
            "name": "a", "event_source_arn": "s", "description": "d",
            "event_pattern": '{"source":["x"]}', "retention_days": 7,
            "kms_key_identifier": "k",
        },
        "archive a",
        {
            "EventSourceArn": "s", "Description": "d", "EventPattern": {"source": ["x"]},
            "RetentionDays": 7, "KmsKeyIdentifier": "k",
        },
    ),
    ("event_archive", {"name": "a", "event_source_arn": "s", "retention_days": 0}, "archive a", {"EventSourceArn": "s"}),
    (
        "event_connection",
        {
            "name": "c", "description": "d", "authorization_type": "OAUTH_CLIENT_CREDENTIALS",
            "kms_key_identifier": "k",
            "auth_parameters": [{
                "api_key": [{"key": "k", "value": "v"}],
                "basic": [{"username": "u", "password": "p"}],
                "oauth": [{
                    "authorization_endpoint": "https://x", "http_method": "POST",
                    "client_parameters": [{"client_id": "i", "client_secret": "s"}],
                    "oauth_http_parameters": [PARAMETERS],
                }],
                "invocation_http_parameters": [PARAMETERS],
            }],
            "invocation_connectivity_parameters": [
                {"resource_parameters": [{"resource_configuration_arn": "r"}]}
            ],
        },
        "connection c",
        {
            "Description": "d", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
            "KmsKeyIdentifier": "k",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"},
                "BasicAuthParameters": {"Username": "u", "Password": "p"},
                "OAuthParameters": {
                    "ClientParameters": {"ClientID": "i", "ClientSecret": "s"},
                    "AuthorizationEndpoint": "https://x", "HttpMethod": "POST",
                    "OAuthHttpParameters": HTTP,
                },
                "InvocationHttpParameters": HTTP,
            },
            "InvocationConnectivityParameters": {
                "ResourceParameters": {"ResourceConfigurationArn": "r"}
            },
        },
    ),
    (
        "event_api_destination",
        {
            "name": "d", "description": "d", "connection_arn": "c", "http_method": "PUT",
            "invocation_endpoint": "https://x", "invocation_rate_limit_per_second": 300,
        },
        "api_destination d",
        {
            "Description": "d", "ConnectionArn": "c", "HttpMethod": "PUT",
            "InvocationEndpoint": "https://x", "InvocationRateLimitPerSecond": 300,
        },
    ),
    (
        "event_endpoint",
        {
            "name": "e", "description": "d", "role_arn": "r",
            "event_bus": [{"event_bus_arn": "1"}, {"event_bus_arn": "2"}],
            "replication_config": [{"state": "ENABLED"}],
            "routing_config": [{"failover_config": [{
                "primary": [{"health_check": "h"}], "secondary": [{"route": "us-east-1"}],
            }]}],
        },
        "endpoint e",
        {
            "Description": "d", "RoleArn": "r",
            "EventBuses": [{"EventBusArn": "1"}, {"EventBusArn": "2"}],
            "ReplicationConfig": {"State": "ENABLED"},
            "RoutingConfig": {"FailoverConfig": {
                "Primary": {"HealthCheck": "h"}, "Secondary": {"Route": "us-east-1"},
            }},
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{list(row[1])[-1]}")
def test_attributes_become_members(describe: Describe, row: Any) -> None:
    type_name, values, name, members = row

    description = describe(
        state(f"aws_cloudwatch_{type_name}", **values), name="s.json"
    )

    assert to_table(description) == {f"{SCOPE} {name}": members}
    assert description.notes == []


def list_attributes(attributes: dict[str, Any], prefix: str) -> set[str]:
    found = set()
    for name, target in attributes.items():
        found.add(f"{prefix}{name}")
        if not isinstance(target, str):
            below = target[1][0] if isinstance(target[1], list) else target[1]
            found |= list_attributes(below, f"{prefix}{name}.")
    return found


def list_given(value: Any, prefix: str) -> set[str]:
    if isinstance(value, list):
        return {path for each in value for path in list_given(each, prefix)}
    found = set()
    for name, item in value.items() if isinstance(value, dict) else ():
        found |= {f"{prefix}{name}", *list_given(item, f"{prefix}{name}.")}
    return found


@pytest.mark.parametrize("type_name", TYPES)
def test_every_attribute_is_tried(type_name: str) -> None:
    rows = [row for row in ROWS if f"aws_cloudwatch_{row[0]}" == type_name]

    given = {path for row in rows for path in list_given(row[1], "")}

    assert list_attributes(TYPES[type_name][1], "") - given == set()


# -- what a plan does not know yet


def plan(
    unknown: dict[str, Any],
    expressions: dict[str, Any],
    *,
    resources: list[dict[str, Any]] = [],  # noqa: B006 - never changed
    index: Any = None,
    configuration: dict[str, Any] | None = None,
    **root: Any,
) -> dict[str, Any]:
    """A plan with a queue, a rule, and a target of which something is unknown."""
    base = "aws_cloudwatch_event_target.t"
    address = base if index is None else f"{base}[{json.dumps(index)}]"
    target = {
        "address": address, "mode": "managed", "type": "aws_cloudwatch_event_target",
        "name": "t", "values": {"rule": "r", "target_id": "t", "arn": QUEUE},
    }  # fmt: skip
    if index is not None:
        target["index"] = index
    for name in unknown:
        target["values"].pop(name, None)  # type: ignore[attr-defined]
    queue = {
        "address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue",
        "name": "q", "values": {"name": "jobs"},
    }  # fmt: skip
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [queue, *resources, target]}},
        "resource_changes": [
            {"address": address, "change": {"after_unknown": unknown}},
        ],
        "configuration": {
            "root_module": {
                "resources": [{"address": base, "expressions": expressions, **(configuration or {})}],
                **root,
            }
        },
    }  # fmt: skip


def refer(*names: str) -> dict[str, Any]:
    return {"references": list(names)}


ARN = {"arn": True}
MODULE = {
    "queues": {
        "expressions": {"name": {"constant_value": "jobs"}},
        "module": {
            "outputs": {"arn": {"expression": refer("aws_sqs_queue.inner.arn", "aws_sqs_queue.inner")}},
        },
    }
}  # fmt: skip
FUNCTION = {
    "address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function",
    "name": "f", "values": {"function_name": "resize"},
}  # fmt: skip
MANY = [
    {
        "address": f'aws_sqs_queue.many["{key}"]', "mode": "managed",
        "type": "aws_sqs_queue", "name": "many", "index": key, "values": {"name": f"q-{key}"},
    }
    for key in ("a", "b")
]  # fmt: skip
KNOWN = [
    (plan(ARN, {"arn": refer("aws_sqs_queue.q.arn", "aws_sqs_queue.q")}), QUEUE),
    (plan(ARN, {"arn": {"constant_value": "x"}}), "x"),
    (plan(ARN, {"arn": refer("aws_lambda_function.f.arn", "aws_lambda_function.f")}, resources=[FUNCTION]), f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:resize"),
    (plan(ARN, {"arn": refer('aws_sqs_queue.many["b"].arn', 'aws_sqs_queue.many["b"]', "aws_sqs_queue.many")}, resources=MANY), f"arn:aws:sqs:{REGION}:{ACCOUNT}:q-b"),
    (plan(ARN, {"arn": refer("aws_sqs_queue.many", "each.key")}, resources=MANY), None),
    (plan(ARN, {"arn": refer("each.value.arn", "each.value")}, resources=MANY, index="a", configuration={"for_each_expression": refer("aws_sqs_queue.many")}), f"arn:aws:sqs:{REGION}:{ACCOUNT}:q-a"),
    (plan(ARN, {"arn": refer("aws_sqs_queue.q.arn", "aws_sqs_queue.q", "var.stage")}), None),
    (plan(ARN, {"arn": refer("local.queue")}), None),
    (plan(ARN, {"arn": refer("aws_sqs_queue.nowhere.arn")}), None),
    (plan(ARN, {}), None),
]  # fmt: skip


@pytest.mark.parametrize(("document", "expected"), KNOWN, ids=range(len(KNOWN)))
def test_an_unknown_arn_follows_its_reference(
    describe: Describe, document: dict[str, Any], expected: str | None
) -> None:
    description = describe(document, name="p.json")

    arns = [each.members["Arn"] for each in description.resources]
    assert arns == ([] if expected is None else [expected])
    assert (description.notes == []) == (expected is not None)


def test_a_reference_leads_into_a_module_and_out_of_one(describe: Describe) -> None:
    document = plan(ARN, {"arn": refer("module.queues.arn", "module.queues")}, module_calls=MODULE)  # fmt: skip
    inner = {
        "address": "module.queues.aws_sqs_queue.inner", "mode": "managed",
        "type": "aws_sqs_queue", "name": "inner", "values": {"name": "inner"},
    }  # fmt: skip
    target = {
        "address": "module.queues.aws_cloudwatch_event_target.u", "mode": "managed",
        "type": "aws_cloudwatch_event_target", "name": "u",
        "values": {"rule": "r", "target_id": "u"},
    }  # fmt: skip
    root = document["planned_values"]["root_module"]
    root["child_modules"] = [{"address": "module.queues", "resources": [inner, target]}]
    document["resource_changes"].append(
        {"address": target["address"], "change": {"after_unknown": ARN}}
    )
    call = json.loads(json.dumps(MODULE))
    call["queues"]["expressions"]["queue"] = refer(
        "aws_sqs_queue.q.arn", "aws_sqs_queue.q"
    )
    call["queues"]["module"]["resources"] = [
        {"address": "aws_cloudwatch_event_target.u", "expressions": {"arn": refer("var.queue")}}
    ]  # fmt: skip
    document["configuration"]["root_module"]["module_calls"] = call

    description = describe(document, name="p.json")

    assert {each.name[-1]: each.members["Arn"] for each in description.resources} == {
        "t": f"arn:aws:sqs:{REGION}:{ACCOUNT}:inner",
        "u": QUEUE,
    }


def test_what_is_unknown_is_named_with_its_references(describe: Describe) -> None:
    document = plan(ARN, {"arn": refer("local.queue")})

    (note,) = describe(document, name="p.json").notes

    assert note.partition("p.json:")[2] == (
        "15: aws_cloudwatch_event_target.t: arn is unknown, so it is left out: it is"
        " known after apply only, from local.queue."
    )


def test_an_id_that_is_unknown_is_made_up_and_stable(describe: Describe) -> None:
    document = plan({"target_id": True}, {})

    names = {
        each.name[-1] for _ in range(2) for each in describe(document, name="p.json").resources
    }  # fmt: skip

    assert len(names) == 1
    assert names.pop().startswith("terraform-")


def test_a_sensitive_attribute_is_marked(describe: Describe) -> None:
    document = state("aws_cloudwatch_event_target", **TARGET, input="s3cret")
    resource = document["values"]["root_module"]["resources"][0]
    resource["sensitive_values"] = {"input": True, "tags": {}, "sqs_target": []}

    (target,) = describe(document, name="s.json").resources

    assert target.sensitive == {"Input"}


def test_a_state_is_of_the_account_and_region_that_it_says(describe: Describe) -> None:
    arn = "arn:aws:events:us-west-2:444455556666:rule/r"
    values = {"name": "r", "arn": arn, "schedule_expression": "rate(1 day)"}

    description = describe(state("aws_cloudwatch_event_rule", **values), name="s.json")

    assert list(to_table(description)) == ["444455556666 us-west-2 rule default/r"]


def test_a_state_file_in_terraforms_own_form_is_read(describe: Describe) -> None:
    instance = {"attributes": {"name": "r", "schedule_expression": "rate(1 day)"}}
    document = {
        "version": 4, "lineage": "x", "serial": 1,
        "resources": [
            {
                "module": 'module.m["k"]', "mode": "managed", "name": "r",
                "type": "aws_cloudwatch_event_rule",
                "instances": [{**instance, "index_key": 0}],
            }
        ],
    }  # fmt: skip

    (rule,) = describe(document, name="terraform.tfstate.json").resources

    assert rule.members == {"ScheduleExpression": "rate(1 day)"}
    assert rule.origin.logical_id == 'module.m["k"].aws_cloudwatch_event_rule.r[0]'


def test_a_plan_comes_through_a_pipe_with_a_warning_before_it() -> None:
    text = (
        "\x1b[33mWarning: old\x1b[0m\n" + (SAMPLES / "same" / "plan.json").read_text()
    )

    assert len(read("-", stdin=text).resources) == 6


def test_a_plan_that_powershell_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes((SAMPLES / "same" / "plan.json").read_text().encode("utf-16"))

    assert len(read(path).resources) == 6


@pytest.mark.parametrize(
    ("address", "parts", "modules"),
    [
        ("a.b", ["a", "b"], ()),
        ("a.b[0].c", ["a", "b", [0], "c"], ()),
        ('module.m["x.y"].a.b["k"]', ["module", "m", ["x.y"], "a", "b", ["k"]], (("m", "x.y"),)),
        ("module.m.module.n[2].a.b", ["module", "m", "module", "n", [2], "a", "b"], (("m", None), ("n", 2))),
    ],
)  # fmt: skip
def test_addresses_are_split(address: str, parts: list[Any], modules: Any) -> None:
    assert split_address(address) == parts
    assert read_modules(address) == modules
