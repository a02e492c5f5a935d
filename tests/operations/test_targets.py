"""Targets. Each test marks its source.

Long, because every kind of target has needs of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

HERE = "us-east-1:000000000000"
QUEUE_ARN = f"arn:aws:sqs:{HERE}:q"
ROLE = "arn:aws:iam::000000000000:role/r"
SUCCESS = {"FailedEntryCount": 0, "FailedEntries": []}
LIMIT_EXCEEDED = (
    "LimitExceededException: The requested resource exceeds the maximum number allowed."
)
ID_REGEX = r"[\.\-_A-Za-z0-9]+"


@pytest.fixture
def put(call: Call) -> Call:
    """Put targets on the rule `r`, which exists."""
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')

    def run(*targets: dict[str, Any]) -> dict[str, Any]:
        return call("PutTargets", Rule="r", Targets=list(targets))

    return run


@pytest.fixture
def put_refused(put: Call, refused: Refused) -> Refused:
    """Put targets on the rule `r`, which has to be refused."""
    del put

    def run(*targets: dict[str, Any]) -> str:
        return refused("PutTargets", Rule="r", Targets=list(targets))

    return run


def queue(target_id: str = "1", **members: Any) -> dict[str, Any]:
    return {"Id": target_id, "Arn": QUEUE_ARN, **members}


def list_ids(call: Call) -> list[str]:
    return [each["Id"] for each in call("ListTargetsByRule", Rule="r")["Targets"]]


# -- PutTargets: what is stored


def test_put_answers_no_failed_entries(put: Call) -> None:
    assert put(queue()) == SUCCESS  # [aws]


def test_put_stores_the_set_members_in_model_order(call: Call, put: Call) -> None:
    put(
        {
            "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
            "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{HERE}:dead"},
            "InputPath": "$.detail",
            "Arn": QUEUE_ARN,
            "Id": "1",
        }
    )

    (target,) = call("ListTargetsByRule", Rule="r")["Targets"]

    assert list(target.items()) == [
        ("Id", "1"),
        ("Arn", QUEUE_ARN),
        ("InputPath", "$.detail"),
        ("DeadLetterConfig", {"Arn": f"arn:aws:sqs:{HERE}:dead"}),
        ("RetryPolicy", {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}),
    ]
    assert list(target["RetryPolicy"]) == [
        "MaximumRetryAttempts",
        "MaximumEventAgeInSeconds",
    ]


def test_put_replaces_a_target_as_a_whole(call: Call, put: Call) -> None:
    put(queue(InputPath="$.detail"))

    put({"Id": "1", "Arn": f"arn:aws:sns:{HERE}:t"})

    assert call("ListTargetsByRule", Rule="r") == {  # [aws]
        "Targets": [{"Id": "1", "Arn": f"arn:aws:sns:{HERE}:t"}]
    }
    assert call("ListRuleNamesByTarget", TargetArn=QUEUE_ARN) == {"RuleNames": []}


def test_one_arn_may_stand_under_several_ids_and_rules(call: Call, put: Call) -> None:
    call("PutRule", Name="other", EventPattern='{"source":["shop"]}')

    put(queue("1"), queue("2"))
    call("PutTargets", Rule="other", Targets=[queue("1")])

    assert list_ids(call) == ["1", "2"]  # [aws]
    assert call("ListRuleNamesByTarget", TargetArn=QUEUE_ARN) == {
        "RuleNames": ["other", "r"]
    }


def test_of_two_targets_with_one_id_the_last_one_stays(call: Call, put: Call) -> None:
    put(queue(Input='"first"'), queue(Input='"last"'))

    assert call("ListTargetsByRule", Rule="r") == {"Targets": [queue(Input='"last"')]}


def test_input_paths_are_stored_whether_they_can_match_or_not(
    call: Call, put: Call
) -> None:
    put(queue("1", InputPath="$.notexisting"), queue("2", InputPath="$["))

    assert list_ids(call) == ["1", "2"]  # [aws] for the first


def test_a_rule_on_a_custom_event_bus_has_its_own_targets(
    call: Call, put: Call
) -> None:
    put(queue("1"))
    call("CreateEventBus", Name="b")
    call("PutRule", Name="r", EventBusName="b", EventPattern='{"source":["shop"]}')

    call("PutTargets", Rule="r", EventBusName="b", Targets=[queue("2")])

    assert list_ids(call) == ["1"]


# -- PutTargets: how many


@pytest.mark.parametrize("count", [6, 7])
def test_too_many_targets_in_one_call_store_none(
    call: Call, put_refused: Refused, count: int
) -> None:
    refusal = put_refused(*[queue(str(i)) for i in range(count)])

    assert refusal == LIMIT_EXCEEDED  # [aws]; a peer stores the first five
    assert list_ids(call) == []


def test_a_sixth_target_is_refused_but_five_may_be_replaced(
    call: Call, put: Call, put_refused: Refused
) -> None:
    put(*[queue(str(i)) for i in range(5)])

    assert put_refused(queue("5")) == LIMIT_EXCEEDED
    assert put(queue("0", Input="1"), queue("4", Input="1")) == SUCCESS
    assert list_ids(call) == ["0", "1", "2", "3", "4"]


def test_five_ids_given_twice_are_five_targets(put: Call) -> None:
    assert put(*[queue(str(i % 5)) for i in range(10)]) == SUCCESS


def test_more_than_100_entries_break_the_model(put_refused: Refused) -> None:
    refusal = put_refused(*[queue(str(i)) for i in range(101)])

    assert refusal.startswith(
        "ValidationException: 1 validation error detected: Value '[Target(id=0, "
    )
    assert refusal.endswith(
        "at 'targets' failed to satisfy constraint: Member must have length less than"
        " or equal to 100"
    )


def test_an_empty_list_never_leaves_the_client(put: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        put()

    assert caught.value.problems == [
        "Invalid length for parameter Targets, value: 0, valid min length: 1"
    ]


# -- PutTargets: refusals


CONSTRAINT = "ValidationException: 1 validation error detected: Value "


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        (
            queue("!"),
            f"{CONSTRAINT}'!' at 'targets.1.member.id' failed to satisfy constraint:"
            f" Member must satisfy regular expression pattern: {ID_REGEX}",
        ),  # [aws]
        (
            queue("i" * 65),
            f"{CONSTRAINT}'{'i' * 65}' at 'targets.1.member.id' failed to satisfy"
            " constraint: Member must have length less than or equal to 64",
        ),  # [aws]
        (
            {"Id": "1", "Arn": "q"},
            "ValidationException: Parameter q is not valid. Reason: Provided Arn is"
            " not in correct format.",
        ),  # [peer]
        (
            {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:1:"},
            "ValidationException: Parameter arn:aws:sqs:us-east-1:1: is not valid."
            " Reason: Provided Arn is not in correct format.",
        ),
        (
            {"Id": "1", "Arn": f"arn:aws:events:{HERE}:archive/a"},
            f"ValidationException: Parameter arn:aws:events:{HERE}:archive/a is not"
            " valid. Reason: Provided Arn is not in correct format.",
        ),
        (
            {"Id": "1", "Arn": "arn:aws:iam::000000000000:role/r"},
            "ValidationException: iam is not a supported service for a target.",
        ),  # [aws]
        (
            {"Id": "f", "Arn": f"{QUEUE_ARN}.fifo"},
            "ValidationException: Parameter(s) SqsParameters must be specified for"
            " target: f.",
        ),  # [peer]
        (
            {"Id": "f", "Arn": f"{QUEUE_ARN}.fifo", "SqsParameters": {}},
            "ValidationException: Parameter(s) SqsParameters must be specified for"
            " target: f.",
        ),
        (
            {"Id": "b", "Arn": f"arn:aws:batch:{HERE}:job-queue/q"},
            "ValidationException: Parameter(s) BatchParameters must be specified for"
            " target: b.",
        ),  # [aws]; before the role
        (
            {"Id": "e", "Arn": f"arn:aws:ecs:{HERE}:cluster/c", "RoleArn": ROLE},
            "ValidationException: Parameter(s) EcsParameters must be specified for"
            " target: e.",
        ),
        (
            queue(Input="1", InputPath="$.a"),
            "ValidationException: Only one of Input, InputPath, or InputTransformer"
            " must be provided for target 1.",
        ),  # [aws]
        (
            queue(InputPath="$.a", InputTransformer={"InputTemplate": "1"}),
            "ValidationException: Only one of Input, InputPath, or InputTransformer"
            " must be provided for target 1.",
        ),
        (
            queue(Input="hello"),
            "ValidationException: JSON syntax error in input for target 1: [Source:"
            ' (String)"hello"; line: 1, column: 6]',
        ),  # [peer] up to the position
        (
            queue(Input=""),
            "ValidationException: JSON syntax error in input for target 1: [Source:"
            ' (String)""; line: 1, column: 1]',
        ),
        (
            queue(Input="[NaN]"),
            "ValidationException: JSON syntax error in input for target 1: [Source:"
            ' (String)"[NaN]"; line: 1, column: 1]',
        ),
        (
            queue(Input="[" * 8192),
            "ValidationException: JSON syntax error in input for target 1: [Source:"
            f' (String)"{"[" * 8192}"; line: 1, column: 1]',
        ),
        (
            queue(InputTransformer={"InputTemplate": '"<foo>"'}),
            "ValidationException: InputTemplate for target 1 contains invalid"
            " placeholder foo.",
        ),  # [aws]
        (
            queue(DeadLetterConfig={"Arn": f"arn:aws:sqs:{HERE}:dead.fifo"}),
            "ValidationException: Parameter DeadLetterConfig is not valid for target"
            f" 1. Reason: arn:aws:sqs:{HERE}:dead.fifo is not a standard queue in"
            " us-east-1.",
        ),
        (
            queue(DeadLetterConfig={"Arn": "dead"}),
            "ValidationException: Parameter dead is not valid. Reason: Provided Arn is"
            " not in correct format.",
        ),
        (
            {
                "Id": "h",
                "Arn": f"arn:aws:execute-api:{HERE}:api/stage/POST/path",
                "HttpParameters": {"HeaderParameters": {"X-Amzn-Trace": "1"}},
            },
            "ValidationException: Parameter HttpParameters is not valid for target h."
            " Reason: Header X-Amzn-Trace is not allowed.",
        ),
    ],
)
def test_put_refuses_the_whole_request(
    call: Call, put_refused: Refused, target: dict[str, Any], refusal: str
) -> None:
    assert put_refused(target) == refusal
    assert list_ids(call) == []


def test_an_input_may_be_nested_a_thousand_deep_on_every_python(
    put: Call, put_refused: Refused
) -> None:
    deep = "[" * 1000 + "]" * 1000

    assert put(queue(Input=deep)) == SUCCESS  # [guess] the limit of a detail [doc]
    assert put_refused(queue(Input=f"[{deep}]")).startswith(
        "ValidationException: JSON syntax error in input for target 1: [Source: "
    )


def test_one_bad_target_refuses_the_good_ones_too(
    call: Call, put_refused: Refused
) -> None:
    refusal = put_refused(queue("good"), queue("bad", Input="{"))

    assert refusal == (
        "ValidationException: JSON syntax error in input for target bad: [Source:"
        ' (String)"{"; line: 1, column: 2]'
    )
    assert list_ids(call) == []


def test_the_place_of_a_bad_target_counts_from_1(put_refused: Refused) -> None:
    assert put_refused(queue("1"), queue("a b")) == (
        f"{CONSTRAINT}'a b' at 'targets.2.member.id' failed to satisfy constraint:"
        f" Member must satisfy regular expression pattern: {ID_REGEX}"
    )


@pytest.mark.parametrize("operation", ["PutTargets", "RemoveTargets"])
@pytest.mark.parametrize(
    ("event_bus", "message"),
    [
        ("default", "Rule nope does not exist on EventBus default."),
        ("b", "Rule nope does not exist on EventBus b."),
        ("unknown", "Event bus unknown does not exist."),
    ],
)
def test_the_event_bus_and_the_rule_are_looked_for_first(
    call: Call, refused: Refused, operation: str, event_bus: str, message: str
) -> None:
    call("CreateEventBus", Name="b")
    rest: dict[str, Any] = {
        "PutTargets": {"Targets": [{"Id": "1", "Arn": "bad"}]},
        "RemoveTargets": {"Ids": ["1"]},
    }[operation]

    refusal = refused(operation, Rule="nope", EventBusName=event_bus, **rest)

    assert refusal == f"ResourceNotFoundException: {message}"


@pytest.mark.parametrize("operation", ["PutTargets", "RemoveTargets"])
def test_a_rule_arn_is_no_rule_name(refused: Refused, operation: str) -> None:
    arn = f"arn:aws:events:{HERE}:rule/r"
    rest: dict[str, Any] = {
        "PutTargets": {"Targets": [queue()]},
        "RemoveTargets": {"Ids": ["1"]},
    }[operation]

    assert refused(operation, Rule=arn, **rest) == (  # [aws]
        f"{CONSTRAINT}'{arn}' at 'rule' failed to satisfy constraint: Member must"
        f" satisfy regular expression pattern: {ID_REGEX}"
    )


# -- PutTargets: roles and parameters by kind


NO_ROLE = {
    "lambda": {"Arn": f"arn:aws:lambda:{HERE}:function:f"},
    "lambda-alias": {"Arn": f"arn:aws:lambda:{HERE}:function:f:live"},
    "sns": {"Arn": f"arn:aws:sns:{HERE}:t"},
    "sqs": {"Arn": QUEUE_ARN},
    "sqs-fifo": {
        "Arn": f"{QUEUE_ARN}.fifo",
        "SqsParameters": {"MessageGroupId": "g"},
    },
    "logs": {"Arn": f"arn:aws:logs:{HERE}:log-group:/aws/events/g"},
    "logs-stars": {"Arn": f"arn:aws:logs:{HERE}:log-group:/aws/events/g:*"},
    "event-bus": {"Arn": f"arn:aws:events:{HERE}:event-bus/b"},
    "custom-event-bus": {"Arn": f"arn:aws:events:{HERE}:event-busv2/b/id"},
    "api-gateway": {"Arn": f"arn:aws:execute-api:{HERE}:api/stage/POST/pets/*"},
    "ops-item": {"Arn": f"arn:aws:ssm:{HERE}:opsitem"},
}
WITH_ROLE = {
    "states": {"Arn": f"arn:aws:states:{HERE}:stateMachine:m"},
    "codebuild": {"Arn": f"arn:aws:codebuild:{HERE}:project/p"},
    "codepipeline": {"Arn": f"arn:aws:codepipeline:{HERE}:pipeline"},
    "batch": {
        "Arn": f"arn:aws:batch:{HERE}:job-queue/q",
        "BatchParameters": {"JobDefinition": "d", "JobName": "n"},
    },
    "api-destination": {"Arn": f"arn:aws:events:{HERE}:api-destination/d/uuid"},
    "ec2": {"Arn": f"arn:aws:events:{HERE}:target/stop-instance"},
    "kinesis": {"Arn": f"arn:aws:kinesis:{HERE}:stream/s"},
    "firehose": {"Arn": f"arn:aws:firehose:{HERE}:deliverystream/d"},
    "ecs": {
        "Arn": f"arn:aws:ecs:{HERE}:cluster/c",
        "EcsParameters": {"TaskDefinitionArn": "arn:aws:ecs:::task-definition/t"},
    },
    "ssm-document": {
        "Arn": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript",
        "RunCommandParameters": {
            "RunCommandTargets": [{"Key": "InstanceIds", "Values": ["i-1"]}]
        },
    },
    "ssm-automation": {"Arn": "arn:aws:ssm:us-east-1::automation-definition/d:1"},
    "ssm-incidents": {"Arn": "arn:aws:ssm-incidents::000000000000:response-plan/p"},
    "inspector": {"Arn": f"arn:aws:inspector:{HERE}:target/0-x/template/0-y"},
    "redshift": {
        "Arn": f"arn:aws:redshift:{HERE}:cluster:c",
        "RedshiftDataParameters": {"Database": "d", "Sql": "select 1"},
    },
    "redshift-serverless": {
        "Arn": f"arn:aws:redshift-serverless:{HERE}:workgroup/uuid",
        "RedshiftDataParameters": {"Database": "d", "Sql": "select 1"},
    },
    "sagemaker": {"Arn": f"arn:aws:sagemaker:{HERE}:pipeline/p"},
    "appsync": {
        "Arn": f"arn:aws:appsync:{HERE}:endpoints/graphql-api/a",
        "AppSyncParameters": {"GraphQLOperation": "mutation M {m}"},
    },
    "glue": {"Arn": f"arn:aws:glue:{HERE}:workflow/w"},
    "imagebuilder": {"Arn": f"arn:aws:imagebuilder:{HERE}:image-pipeline/p"},
    "other-region": {"Arn": "arn:aws:events:eu-west-1:000000000000:event-bus/b"},
    "other-account": {"Arn": "arn:aws:events:us-east-1:222222222222:event-bus/b"},
    "other-custom-event-bus": {
        "Arn": "arn:aws:events:us-east-1:222222222222:event-busv2/b/id"
    },
}


@pytest.mark.parametrize("target", NO_ROLE.values(), ids=NO_ROLE)
def test_kinds_that_need_no_role(put: Call, target: dict[str, Any]) -> None:
    assert put({"Id": "1", **target}) == SUCCESS


@pytest.mark.parametrize("target", WITH_ROLE.values(), ids=WITH_ROLE)
def test_kinds_that_need_a_role(
    put: Call, put_refused: Refused, target: dict[str, Any]
) -> None:
    refusal = put_refused({"Id": "1", **target})

    assert refusal == (  # [aws] [doc]
        f"ValidationException: RoleArn is required for target {target['Arn']}."
    )
    assert put({"Id": "1", "RoleArn": ROLE, **target}) == SUCCESS


NEEDING = {
    name: (target, next(member for member in target if member.endswith("Parameters")))
    for name, target in (NO_ROLE | WITH_ROLE).items()
    if len(target) == 2
}


@pytest.mark.parametrize(("target", "member"), NEEDING.values(), ids=NEEDING)
def test_kinds_that_need_parameters(
    put_refused: Refused, target: dict[str, Any], member: str
) -> None:
    refusal = put_refused({"Id": "t", "Arn": target["Arn"], "RoleArn": ROLE})

    assert refusal == (
        f"ValidationException: Parameter(s) {member} must be specified for target: t."
    )


@pytest.mark.parametrize(
    ("arn", "members", "member"),
    [
        (f"arn:aws:events:{HERE}:event-bus/b", {"Input": "1"}, "Input"),
        (f"arn:aws:events:{HERE}:event-busv2/b/id", {"Input": "1"}, "Input"),
        (f"arn:aws:events:{HERE}:event-bus/b", {"InputPath": "$"}, "InputPath"),
        (f"arn:aws:logs:{HERE}:log-group:g", {"InputPath": "$"}, "InputPath"),
        (f"arn:aws:logs:{HERE}:log-group:g", {"Input": "1"}, "Input"),
    ],
)
def test_kinds_that_do_not_know_an_input_setting(
    put_refused: Refused, arn: str, members: dict[str, Any], member: str
) -> None:
    assert put_refused({"Id": "1", "Arn": arn, **members}) == (
        f"ValidationException: {member} is not supported for target 1."
    )


@pytest.mark.parametrize(
    "template",
    [
        '"<message>"',
        '{"message": <message>}',
        "[1]",
        '{"timestamp":1,"text":"t"}',
        '{"timestamp":<timestamp>,"message":{"m":<message>}}',
    ],
)
def test_log_groups_take_a_template_of_timestamp_and_message_only(
    put: Call, put_refused: Refused, template: str
) -> None:
    def log(template: str) -> dict[str, Any]:
        paths = {"timestamp": "$.time", "message": "$.detail"}
        transformer = {"InputPathsMap": paths, "InputTemplate": template}
        arn = f"arn:aws:logs:{HERE}:log-group:g"
        return {"Id": "1", "Arn": arn, "InputTransformer": transformer}

    assert put_refused(log(template)) == (  # [aws]
        "ValidationException: Input for target 1 is not a valid JSON text."
    )
    good = '{"timestamp": <timestamp>, "message": "got <message>"}'
    assert put(log(good)) == SUCCESS


def test_path_that_can_match_nothing_is_accepted_with_a_notice(
    ctx: Context, put: Call
) -> None:
    transformer = {
        "InputPathsMap": {"good": "$.a[0]", "dot": "$.", "bad": "$['a']"},
        "InputTemplate": '"<bad>"',
    }

    answers = [
        put(queue("1", InputPath="$.notexisting")),
        put(queue("2", InputPath="detail")),
        put(queue("3", InputTransformer=transformer)),
    ]

    example = "can match nothing; paths are like $.detail.items[0].sku"
    assert answers == [SUCCESS] * 3
    assert ctx.notices == [
        f"target 2: InputPath 'detail' {example}",
        f"target 3: path 'bad' \"$['a']\" {example}",
    ]


def test_target_that_only_the_console_makes_is_accepted_with_a_notice(
    ctx: Context, put: Call
) -> None:
    arn = f"arn:aws:events:{HERE}:target/stop-instance"

    answer = put({"Id": "1", "Arn": arn, "RoleArn": ROLE, "Input": '"i-1"'})

    assert answer == SUCCESS
    assert ctx.notices == [
        "target 1: EventBridge lets only its console make targets that EC2 carries out"
    ]


# -- PutTargets: the old role of another account's event bus

THEIRS = "arn:aws:events:us-east-1:222222222222:event-bus/b"
ELSEWHERE = "arn:aws:events:eu-west-1:222222222222:event-bus/b"


@pytest.mark.parametrize("arn", [THEIRS, ELSEWHERE])
def test_another_accounts_event_bus_keeps_its_old_role(
    call: Call, put: Call, arn: str
) -> None:
    put({"Id": "1", "Arn": arn, "RoleArn": ROLE})

    put({"Id": "1", "Arn": arn, "RetryPolicy": {"MaximumRetryAttempts": 1}})

    (target,) = call("ListTargetsByRule", Rule="r")["Targets"]
    assert list(target.items()) == [  # [doc]
        ("Id", "1"),
        ("Arn", arn),
        ("RoleArn", ROLE),
        ("RetryPolicy", {"MaximumRetryAttempts": 1}),
    ]


def test_another_accounts_event_bus_takes_a_new_role(call: Call, put: Call) -> None:
    put({"Id": "1", "Arn": THEIRS, "RoleArn": ROLE})

    put({"Id": "1", "Arn": THEIRS, "RoleArn": f"{ROLE}2"})

    assert call("ListTargetsByRule", Rule="r") == {
        "Targets": [{"Id": "1", "Arn": THEIRS, "RoleArn": f"{ROLE}2"}]
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (QUEUE_ARN, QUEUE_ARN),
        (f"arn:aws:events:{HERE}:event-bus/b", f"arn:aws:events:{HERE}:event-bus/b"),
    ],
)
def test_every_other_target_loses_its_old_role(
    call: Call, put: Call, before: str, after: str
) -> None:
    put({"Id": "1", "Arn": before, "RoleArn": ROLE})

    put({"Id": "1", "Arn": after})

    assert call("ListTargetsByRule", Rule="r") == {
        "Targets": [{"Id": "1", "Arn": after}]
    }


def test_another_event_bus_of_that_account_wants_a_role_of_its_own(
    put: Call, put_refused: Refused
) -> None:
    put({"Id": "1", "Arn": THEIRS, "RoleArn": ROLE})

    refusal = put_refused({"Id": "1", "Arn": f"{THEIRS}2"})

    assert refusal == f"ValidationException: RoleArn is required for target {THEIRS}2."


# -- RemoveTargets


def test_remove_takes_the_named_targets_off(call: Call, put: Call) -> None:
    put(queue("1"), queue("2"), queue("3"))

    response = call("RemoveTargets", Rule="r", Ids=["1", "3"])

    assert response == SUCCESS  # [aws]
    assert list_ids(call) == ["2"]


def test_remove_ignores_unknown_ids(call: Call, put: Call) -> None:
    put(queue("1"))

    assert call("RemoveTargets", Rule="r", Ids=["nope"]) == SUCCESS
    assert list_ids(call) == ["1"]


def test_remove_leaves_the_targets_of_other_rules(call: Call, put: Call) -> None:
    put(queue("1"))
    call("PutRule", Name="r2", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r2", Targets=[queue("1")])

    call("RemoveTargets", Rule="r2", Ids=["1"])

    assert list_ids(call) == ["1"]


def test_remove_words_bad_ids_as_a_list_of_scalars(put: Call, refused: Refused) -> None:
    del put

    assert refused("RemoveTargets", Rule="r", Ids=["!"]) == (
        f"{CONSTRAINT}'[!]' at 'ids' failed to satisfy constraint: Member must satisfy"
        " constraint: [Member must have length less than or equal to 64, Member must"
        " have length greater than or equal to 1, Member must satisfy regular"
        rf" expression pattern: {ID_REGEX}]"
    )


# -- ListTargetsByRule


def test_a_rule_without_targets_lists_an_empty_list(call: Call, put: Call) -> None:
    del put

    assert call("ListTargetsByRule", Rule="r") == {"Targets": []}  # [aws]


def test_targets_page_by_id(call: Call, put: Call) -> None:
    put(*[queue(name) for name in ("e", "a", "c", "B", "d")])

    first = call("ListTargetsByRule", Rule="r", Limit=3)
    rest = call("ListTargetsByRule", Rule="r", NextToken=first["NextToken"])

    assert [each["Id"] for each in first["Targets"]] == ["B", "a", "c"]
    assert [each["Id"] for each in rest["Targets"]] == ["d", "e"]  # [aws] 3, then 2
    assert "NextToken" not in rest
