"""A bad and a good example for every check of lint.

Each is the content of a file: an event pattern, a rule as put-rule takes it, a template
or a state of Terraform. What is bad has the finding, what is good has not.
"""

from __future__ import annotations

import copy
import json
from typing import Any, NamedTuple

ACCOUNT = "000000000000"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus"
DESTINATION = f"arn:aws:events:us-east-1:{ACCOUNT}:api-destination/d"
UUID = "11111111-2222-3333-4444-555555555555"
CLUSTER = f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/c"
DEAD = {"DeadLetterConfig": {"Arn": QUEUE}}
TASK = {"TaskDefinitionArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/t:1"}
ORDERS = {"source": ["shop"], "detail-type": ["Order Paid"]}

CAPTURED = [
    {
        "source": "shop",
        "detail-type": "Order Paid",
        "detail": {"total": 12.5, "state": "PAID", "user": {"id": 7}, "note": None},
    },
    {"source": "shop", "detail-type": "Order Paid", "detail": {"total": 3}},
]

# What a schema of the project says of them.
SCHEMA = {
    "type": "object",
    "properties": {
        "detail": {"$ref": "#/$defs/detail"},
    },
    "$defs": {
        "detail": {
            "type": "object",
            "properties": {"total": {"type": "number"}, "state": {"type": "string"}},
        }
    },
}


class Example(NamedTuple):
    """The content of a file; `with_events`: held against the captured ones."""

    content: Any
    with_events: bool = False
    text: str = ""


def pattern(value: Any = None, text: str = "", with_events: bool = False) -> Example:
    """A bare event pattern, as JSON or as text."""
    return Example(value, with_events, text)


def rule(**members: Any) -> Example:
    """A rule as put-rule takes it; its pattern as text."""
    given = {"Name": "r", **members}
    if isinstance(given.get("EventPattern"), (dict, list)):
        given["EventPattern"] = json.dumps(given["EventPattern"])
    return Example(given)


def schedule(expression: str, **members: Any) -> Example:
    """A rule with a schedule."""
    return rule(ScheduleExpression=expression, **members)


def target(event_pattern: Any = None, **members: Any) -> Example:
    """A rule with one target, a queue with dead letters unless something else is said."""
    given = {"Id": "t", "Arn": QUEUE, **DEAD, **members}
    given = {name: value for name, value in given.items() if value is not None}
    return rule(EventPattern=event_pattern or ORDERS, Targets=[given])


def transformer(
    template: str, paths: dict[str, str] | None = None, **members: Any
) -> Example:
    """A target with an input transformer."""
    given: dict[str, Any] = {"InputTemplate": template}
    if paths is not None:
        given["InputPathsMap"] = paths
    return target(InputTransformer=given, **members)


def template(**resources: Any) -> Example:
    """A template of CloudFormation: type and properties by logical id."""
    return Example(
        {
            "Resources": {
                name: {"Type": kind, "Properties": properties}
                for name, (kind, properties) in resources.items()
            }
        }
    )


def forwarding(*pairs: tuple[str, str]) -> Example:
    """Rules on event buses that send to others."""
    resources: dict[str, Any] = {}
    for i, (here, there) in enumerate(pairs):
        arn = f"{BUS}/{there}"
        resources[f"R{i}"] = (
            "AWS::Events::Rule",
            {
                "EventBusName": here,
                "EventPattern": ORDERS,
                "Targets": [{"Id": "t", "Arn": arn, "RoleArn": ROLE, **DEAD}],
            },
        )
    return template(**resources)


def terraform(*resources: tuple[str, dict[str, Any]]) -> Example:
    """A state as `terraform show -json` prints it."""
    return Example(
        {
            "format_version": "1.0",
            "values": {
                "root_module": {
                    "resources": [
                        {
                            "address": f"{kind}.r{i}",
                            "mode": "managed",
                            "type": kind,
                            "name": f"r{i}",
                            "values": values,
                        }
                        for i, (kind, values) in enumerate(resources)
                    ]
                }
            },
        }
    )


def with_policy(statement: dict[str, Any]) -> Example:
    """An event bus with a policy of one statement."""
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return template(Bus=("AWS::Events::EventBus", {"Name": "b", "Policy": policy}))


def instance(detail: Any = None, **members: Any) -> dict[str, Any]:
    """A pattern for changes of EC2 instances."""
    found: dict[str, Any] = {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        **members,
    }
    return found if detail is None else {**found, "detail": detail}


def shop(detail: Any) -> dict[str, Any]:
    """A pattern for events that were captured."""
    return {**ORDERS, "detail": detail}


def call(**members: Any) -> dict[str, Any]:
    """A pattern for calls that CloudTrail records."""
    found = {"source": ["aws.s3"], "detail-type": ["AWS API Call via CloudTrail"]}
    return {**found, **members}


STATEMENT = {
    "Sid": "s",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "events:PutEvents",
    "Resource": f"{BUS}/b",
}
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
BUCKET_RULE = {
    "EventPattern": {
        "source": ["aws.s3"],
        "detail": {"bucket": {"name": [{"Ref": "Bucket"}]}},
    },
    "Targets": [{"Id": "t", "Arn": QUEUE, **DEAD}],
}
SENDING = {"NotificationConfiguration": {"EventBridgeConfiguration": {}}}
FUNCTION_RULE = {
    "EventPattern": ORDERS,
    "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["Fn", "Arn"]}, **DEAD}],
}
PERMISSION = {
    "FunctionName": {"Ref": "Fn"},
    "Principal": "events.amazonaws.com",
    "Action": "lambda:InvokeFunction",
}
TF_RULE = {"name": "r", "event_bus_name": "orders", "event_pattern": '{"source":["x"]}'}
TF_TARGET = {"rule": "r", "target_id": "t", "arn": QUEUE}
DOT_MAP = {"a": "$.detail.a"}
TWICE = {
    "EventPattern": ORDERS,
    "Targets": [{"Id": "t", "Arn": QUEUE, **DEAD}],
}


def several(count: int, **members: Any) -> dict[str, Any]:
    """Rules of a template, as many, all alike."""
    kind = "AWS::Events::Rule"
    return {f"R{i}": (kind, copy.deepcopy(members)) for i in range(count)}


# Check → bad example, good example.
CASES: dict[str, tuple[Example, Example]] = {
    "EB101": (pattern({"source": "a.b"}), pattern({"source": ["a.b"]})),
    "EB102": (
        pattern({"source": ["a"], "detail-type": []}),
        pattern({"source": ["a"]}),
    ),
    "EB103": (
        pattern({"source": [{"contains": "x"}]}),
        pattern({"source": [{"wildcard": "*x*"}]}),
    ),
    "EB104": (
        rule(EventPattern=json.dumps(json.dumps(ORDERS))),
        rule(EventPattern=ORDERS),
    ),
    "EB105": (rule(EventPattern='{"source":["b"],}'), rule(EventPattern=ORDERS)),
    "EB106": (
        pattern(shop({"n": [{"numeric": ["<", 10, ">", 5]}]})),
        pattern(shop({"n": [{"numeric": [">", 5, "<", 10]}]})),
    ),
    "EB107": (
        pattern(shop({"a": [{"anything-but": [{"prefix": "x"}]}]})),
        pattern(shop({"a": [{"anything-but": {"prefix": "x"}}]})),
    ),
    "EB108": (
        pattern({"$or": [{"source": ["b"]}]}),
        pattern({"$or": [{"source": ["b"]}, {"detail-type": ["c"]}]}),
    ),
    "EB109": (
        pattern(shop({"a": [{"wildcard": "a**b"}]})),
        pattern(shop({"a": [{"wildcard": "a*b"}]})),
    ),
    "EB110": (
        pattern(shop({"ip": [{"cidr": "10.0.0.1/32"}]})),
        pattern(shop({"ip": [{"cidr": "10.0.0.0/24"}]})),
    ),
    "EB111": (
        pattern(text='{"source": ["x"], "source": ["y"]}'),
        pattern(text='{"source": ["x", "y"]}'),
    ),
    "EB112": (
        pattern(shop({"a": [f"value {i:04}" for i in range(300)]})),
        pattern(shop({"a": [f"value {i:04}" for i in range(100)]})),
    ),
    "EB201": (
        pattern({"source": ["a"], "detailType": ["X"]}),
        pattern({"source": ["a"], "detail-type": ["X"]}),
    ),
    "EB202": (
        pattern({"source": ["x"], "status": ["OK"]}),
        pattern({"source": ["x"], "detail": {"status": ["OK"]}}),
    ),
    "EB203": (
        pattern({"source": ["x"], "account": [123456789012]}),
        pattern({"source": ["x"], "account": ["123456789012"]}),
    ),
    "EB204": (
        pattern(shop({"a": [{"anything-but": "a"}, {"anything-but": "b"}]})),
        pattern(shop({"a": [{"anything-but": ["a", "b"]}]})),
    ),
    "EB205": (
        pattern({"source": ["x"], "detail-type": ["order.*"]}),
        pattern({"source": ["x"], "detail-type": [{"wildcard": "order.*"}]}),
    ),
    "EB206": (
        template(R=("AWS::Events::Rule", BUCKET_RULE), Bucket=("AWS::S3::Bucket", {})),
        template(
            R=("AWS::Events::Rule", BUCKET_RULE), Bucket=("AWS::S3::Bucket", SENDING)
        ),
    ),
    "EB207": (
        rule(EventPattern=call()),
        rule(
            EventPattern=call(
                detail={
                    "eventSource": ["s3.amazonaws.com"],
                    "eventName": ["PutBucketPolicy"],
                }
            )
        ),
    ),
    "EB208": (
        pattern(
            instance(resources=["arn:aws:ec2:us-east-1:123456789012:instance:i-1"])
        ),
        pattern(
            instance(resources=["arn:aws:ec2:us-east-1:123456789012:instance/i-1"])
        ),
    ),
    "EB209": (
        pattern(
            {
                "source": ["aws.ec2"],
                "detail-type": ["EC2 Instance State-Change Notification"],
            }
        ),
        pattern(instance()),
    ),
    "EB210": (pattern({"source": ["aws.my-app"]}), pattern({"source": ["my-app"]})),
    "EB211": (
        pattern(shop({"user": [{"exists": True}]}), with_events=True),
        pattern(shop({"user": {"id": [{"exists": True}]}}), with_events=True),
    ),
    "EB212": (
        pattern(shop({"total": [{"prefix": "12"}]}), with_events=True),
        pattern(shop({"total": [{"numeric": [">", 12]}]}), with_events=True),
    ),
    "EB213": (
        pattern(shop({"note": [None]})),
        pattern(shop({"note": [None, {"exists": False}]})),
    ),
    "EB214": (
        pattern(text='{"source":["x"],"detail":{"a":["b"]},"detail.a.c":["d"]}'),
        pattern(text='{"source":["x"],"detail":{"a":{"c":["d"]}}}'),
    ),
    "EB215": (
        pattern({"source": ["x", "x"]}),
        pattern({"source": ["x", {"prefix": "y"}]}),
    ),
    "EB216": (
        pattern({"source": ["x"], "detail.state": ["y"]}),
        pattern({"source": ["x"], "detail": {"state": ["y"]}}),
    ),
    "EB217": (
        pattern({"account": ["123456789012"]}),
        pattern({"account": ["123456789012"], "source": ["x"]}),
    ),
    "EB218": (
        pattern(instance({"state": ["STOPPED"]})),
        pattern(instance({"state": ["stopped"]})),
    ),
    "EB219": (
        pattern(shop({"totl": [{"exists": True}]}), with_events=True),
        pattern(shop({"total": [{"exists": True}]}), with_events=True),
    ),
    "EB220": (
        pattern({"source": ["shop"], "detail-type": ["Order Payed"]}, with_events=True),
        pattern(ORDERS, with_events=True),
    ),
    "EB221": (
        pattern(shop({"totl": [{"numeric": [">", 5]}]})),
        pattern(shop({"total": [{"numeric": [">", 5]}]})),
    ),
    "EB301": (
        template(
            R=("AWS::Events::Rule", FUNCTION_RULE), Fn=("AWS::Lambda::Function", {})
        ),
        template(
            R=("AWS::Events::Rule", FUNCTION_RULE),
            Fn=("AWS::Lambda::Function", {}),
            P=("AWS::Lambda::Permission", PERMISSION),
        ),
    ),
    "EB302": (
        terraform(
            ("aws_cloudwatch_event_rule", TF_RULE),
            ("aws_cloudwatch_event_target", TF_TARGET),
        ),
        terraform(
            ("aws_cloudwatch_event_rule", TF_RULE),
            ("aws_cloudwatch_event_target", {**TF_TARGET, "event_bus_name": "orders"}),
        ),
    ),
    "EB303": (
        target(Arn=f"{QUEUE}.fifo"),
        target(Arn=f"{QUEUE}.fifo", SqsParameters={"MessageGroupId": "g"}),
    ),
    "EB304": (
        target(Arn=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/jobs"),
        target(Arn=QUEUE),
    ),
    "EB305": (
        target(Arn=f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"),
        target(Arn=f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s", RoleArn=ROLE),
    ),
    "EB306": (target(Arn=ROLE), target(Arn=FUNCTION)),
    "EB307": (
        rule(
            EventPattern=ORDERS,
            Targets=[{"Id": f"t{i}", "Arn": QUEUE, **DEAD} for i in range(6)],
        ),
        rule(
            EventPattern=ORDERS,
            Targets=[{"Id": f"t{i}", "Arn": QUEUE, **DEAD} for i in range(5)],
        ),
    ),
    "EB308": (
        rule(
            EventPattern=ORDERS,
            Targets=[{"Id": "t", "Arn": arn, **DEAD} for arn in (QUEUE, FUNCTION)],
        ),
        rule(
            EventPattern=ORDERS,
            Targets=[
                {"Id": arn[8:11], "Arn": arn, **DEAD} for arn in (QUEUE, FUNCTION)
            ],
        ),
    ),
    "EB309": (
        target(DeadLetterConfig={"Arn": f"{QUEUE}.fifo"}),
        target(DeadLetterConfig={"Arn": QUEUE}),
    ),
    "EB310": (target(DeadLetterConfig=None), target()),
    "EB312": (
        target(Arn=DESTINATION, RoleArn=ROLE),
        target(Arn=f"{DESTINATION}/{UUID}", RoleArn=ROLE),
    ),
    "EB313": (
        target(RetryPolicy={"MaximumEventAgeInSeconds": 30}),
        target(RetryPolicy={"MaximumEventAgeInSeconds": 60}),
    ),
    "EB314": (
        target(Arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"),
        target(Arn=FUNCTION),
    ),
    "EB315": (
        target(
            Arn=CLUSTER,
            RoleArn=ROLE,
            Input="{}",
            EcsParameters={**TASK, "LaunchType": "FARGATE"},
        ),
        target(
            Arn=CLUSTER,
            RoleArn=ROLE,
            Input="{}",
            EcsParameters={
                **TASK,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s-1"]}},
            },
        ),
    ),
    "EB316": (target(InputPath=3), target(InputPath="$.detail")),
    "EB401": (
        transformer("Hello <a>", DOT_MAP),
        transformer('"Hello <a>"', DOT_MAP),
    ),
    "EB402": (
        transformer('"<nmae>"', {"name": "$.detail.a"}),
        transformer('"<name>"', {"name": "$.detail.a"}),
    ),
    "EB403": (
        transformer('{"d": "<d>"}', {"d": "$.detail"}),
        transformer('{"d": <d>}', {"d": "$.detail"}),
    ),
    "EB404": (target(Input="{}", InputPath="$.detail"), target(InputPath="$.detail")),
    "EB405": (target(Input="hello"), target(Input='"hello"')),
    "EB406": (
        transformer(
            '{"message": <a>}',
            DOT_MAP,
            Arn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/x",
        ),
        transformer(
            '{"timestamp": <t>, "message": <a>}',
            {**DOT_MAP, "t": "$.time"},
            Arn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/x",
        ),
    ),
    "EB407": (
        transformer('{"e": "<aws.events.event>"}'),
        transformer('{"e": <aws.events.event>}'),
    ),
    "EB408": (target(InputPath="detail.id"), target(InputPath="$.detail.id")),
    "EB409": (
        transformer('{"a": <a>}', {"a": "$.detail.a", "b": "$.detail.b"}),
        transformer('{"a": <a>, "b": <b>}', {"a": "$.detail.a", "b": "$.detail.b"}),
    ),
    "EB410": (
        transformer('{"a": "<a>"}', DOT_MAP),
        transformer('{"a": <a>}', DOT_MAP),
    ),
    "EB411": (
        target(Arn=CLUSTER, RoleArn=ROLE, EcsParameters=TASK),
        target(Arn=CLUSTER, RoleArn=ROLE, EcsParameters=TASK, Input="{}"),
    ),
    "EB412": (
        transformer('{"a": <AWSa>}', {"AWSa": "$.detail.a"}),
        transformer('{"a": <a>}', DOT_MAP),
    ),
    "EB501": (schedule("cron(0 10 * * *)"), schedule("cron(0 10 * * ? *)")),
    "EB502": (schedule("cron(0 10 * * * *)"), schedule("cron(0 10 ? * * *)")),
    "EB503": (schedule("rate(1 minutes)"), schedule("rate(2 minutes)")),
    "EB504": (schedule("cron(0 10 ? * 8 *)"), schedule("cron(0 10 ? * SAT *)")),
    "EB505": (schedule("cron(0 10 ? * 1-5 *)"), schedule("cron(0 10 ? * MON-FRI *)")),
    "EB506": (schedule("cron(0 10 31 2 ? *)"), schedule("cron(0 10 28 2 ? *)")),
    "EB507": (schedule("rate(1 minute)"), schedule("rate(5 minutes)")),
    "EB601": (
        rule(EventBusName="orders", EventPattern=instance()),
        rule(EventPattern=instance()),
    ),
    "EB602": (
        schedule("rate(5 minutes)", EventBusName="orders"),
        schedule("rate(5 minutes)"),
    ),
    "EB603": (
        rule(Name="a rule", EventPattern=ORDERS),
        rule(Name="a-rule", EventPattern=ORDERS),
    ),
    "EB604": (
        forwarding(("a", "b"), ("b", "a")),
        forwarding(("a", "b"), ("c", "b")),
    ),
    "EB605": (template(**several(2, **TWICE)), template(**several(1, **TWICE))),
    "EB606": (
        rule(EventPattern=ORDERS, State="enabled"),
        rule(EventPattern=ORDERS, State="ENABLED"),
    ),
    "EB607": (
        with_policy(STATEMENT),
        with_policy({**STATEMENT, "Condition": IN_ORGANIZATION}),
    ),
    "EB608": (
        rule(EventPattern=ORDERS, Description="x" * 600),
        rule(EventPattern=ORDERS, Description="x" * 500),
    ),
    "EB609": (
        template(R=("AWS::Events::Rule", {"Name": "r"})),
        template(R=("AWS::Events::Rule", {"Name": "r", "EventPattern": ORDERS})),
    ),
    "EB610": (
        template(A=("AWS::Events::Archive", {"SourceArn": f"{BUS}/default"})),
        template(
            A=(
                "AWS::Events::Archive",
                {"SourceArn": f"{BUS}/default", "RetentionDays": 7},
            )
        ),
    ),
    "EB611": (
        template(**several(301, EventPattern=ORDERS)),
        template(**several(300, EventPattern=ORDERS)),
    ),
    "EB701": (
        rule(EventPattern={"source": ["${Token[TOKEN.12]}"]}),
        rule(EventPattern={"source": ["token"]}),
    ),
    "EB706": (
        terraform(
            (
                "aws_cloudwatch_event_permission",
                {"principal": ACCOUNT, "statement_id": "s"},
            ),
            (
                "aws_cloudwatch_event_bus_policy",
                {"policy": json.dumps({"Version": "2012-10-17", "Statement": []})},
            ),
        ),
        terraform(
            (
                "aws_cloudwatch_event_permission",
                {"principal": ACCOUNT, "statement_id": "s"},
            ),
        ),
    ),
    "EB707": (
        template(
            R=(
                "AWS::Events::Rule",
                {"EventPattern": {"source": [{"Fn::ImportValue": "core"}]}},
            )
        ),
        template(R=("AWS::Events::Rule", {"EventPattern": ORDERS})),
    ),
}
