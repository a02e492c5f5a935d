"""What the functions of CloudFormation come to."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ConfigurationError
from evcli.infrastructure.names import invent_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.infrastructure.description import Description

    Describe = Callable[..., Description]

HEAD = """\
Transform: AWS::LanguageExtensions
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Ports: {Type: List<Number>, Default: "1,2"}
  Kept: {Type: "AWS::SSM::Parameter::Value<String>", Default: /path}
  Needed: {Type: String}
  Count: {Type: Number, Default: 3}
Mappings:
  Map: {dev: {name: small, list: [x, y]}, prod: {name: big}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  Both: !And [!Condition IsDev, !Condition IsProd]
  Any: !Or [!Condition IsDev, !Condition IsProd]
Resources:
  Bus: {Type: "AWS::Events::EventBus", Properties: {Name: orders}}
  Other: {Type: "AWS::Events::Rule", Properties: {Name: o, EventBusName: !Ref Bus, EventPattern: {a: [1]}}}
  Plain: {Type: "AWS::Events::Rule", Properties: {Name: p, EventPattern: {a: [1]}}}
  Queue: {Type: "AWS::SQS::Queue"}
  Fifo: {Type: "AWS::SQS::Queue", Properties: {FifoQueue: true}}
  Topic: {Type: "AWS::SNS::Topic", Properties: {TopicName: t}}
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: r, Path: /app/}}
  Log: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /x}}
  Bucket: {Type: "AWS::S3::Bucket"}
  Vpc: {Type: "AWS::EC2::VPC"}
  Mine: {Type: "Custom::Thing"}
  Gone: {Type: "AWS::SQS::Queue", Condition: IsProd}
  X:
    Type: AWS::Events::Rule
    Properties:
      Name: x
      EventPattern: {source: [s]}
      Description: """

QUEUE = invent_name("shop", "Queue", 80)
FIFO = invent_name("shop", "Fifo", 80)[:75] + ".fifo"
BUCKET = invent_name("shop", "Bucket", 63).lower()
EVENTS = "arn:aws:events:eu-west-1:123456789012"

# What a template writes, what it comes to.
VALUES = [
    ("plain", "plain"),
    ("!Ref Stage", "dev"),
    ("{Ref: Stage}", "dev"),
    ("!Ref Count", "3"),
    ("!Ref AWS::Region", "eu-west-1"),
    ("!Ref AWS::AccountId", "123456789012"),
    ("!Ref AWS::Partition", "aws"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Ref AWS::StackName", "shop"),
    ("!Ref Bus", "orders"),
    ("!Ref Other", "orders|o"),
    ("!Ref Plain", "p"),
    ("!GetAtt Other.Arn", f"{EVENTS}:rule/orders/o"),
    ("!GetAtt Plain.Arn", f"{EVENTS}:rule/p"),
    ("!GetAtt [Bus, Arn]", f"{EVENTS}:event-bus/orders"),
    ("{Fn::GetAtt: Bus.Arn}", f"{EVENTS}:event-bus/orders"),
    ("!Ref Queue", f"https://sqs.eu-west-1.amazonaws.com/123456789012/{QUEUE}"),
    ("!GetAtt Queue.Arn", f"arn:aws:sqs:eu-west-1:123456789012:{QUEUE}"),
    ("!GetAtt Fifo.QueueName", FIFO),
    ("!Ref Topic", "arn:aws:sns:eu-west-1:123456789012:t"),
    ("!GetAtt Role.Arn", "arn:aws:iam::123456789012:role/app/r"),
    ("!GetAtt Log.Arn", "arn:aws:logs:eu-west-1:123456789012:log-group:/x:*"),
    ("!GetAtt Bucket.Arn", f"arn:aws:s3:::{BUCKET}"),
    ("!Sub '${Stage}-${Bus}-${Queue.Arn}-${!Stage}-$x'", f"dev-orders-arn:aws:sqs:eu-west-1:123456789012:{QUEUE}-${{Stage}}-$x"),
    ("!Sub ['${A}/${Stage}', {A: !Ref Bus}]", "orders/dev"),
    ("!Join ['-', [a, !Ref Stage, 1, true]]", "a-dev-1-true"),
    ("!Join [',', !Ref Names]", "a,b,c"),
    ("!Join [',', !Ref Ports]", "1,2"),
    ("!Select [1, !Ref Names]", "b"),
    ("!Select ['0', !Split ['|', !Ref Other]]", "orders"),
    ("!FindInMap [Map, !Ref Stage, name]", "small"),
    ("!Join ['', !FindInMap [Map, dev, list]]", "xy"),
    ("!FindInMap [Map, test, name, {DefaultValue: !Ref Stage}]", "dev"),
    ("!If [IsDev, yes-dev, no]", "yes-dev"),
    ("!If [IsProd, !Ref Nowhere, no]", "no"),
    ("!If [Both, a, b]", "b"),
    ("!If [Any, a, b]", "a"),
    ("!Base64 hello", "aGVsbG8="),
    ("!Select [0, !GetAZs '']", "eu-west-1a"),
    ("!Sub ['${N}', {N: {Fn::Length: !Ref Names}}]", "3"),
    ("{Fn::ToJsonString: {a: [!Ref Stage, 1]}}", '{"a":["dev",1]}'),
    ("!Ref AWS::NoValue", None),
    ("!If [IsProd, a, !Ref AWS::NoValue]", None),
    ("'{{resolve:ssm:/x}}'", "{{resolve:ssm:/x}}"),
    ("2010-09-09", "2010-09-09"),
    ("on", "on"),
    ("012345670123", "012345670123"),
]  # fmt: skip


def read_description(description: Description) -> str | None:
    (rule,) = [each for each in description.resources if each.name[-1] == "x"]
    found: str | None = rule.members.get("Description")
    return found


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_a_function_comes_to(
    describe: Describe, text: str, expected: str | None
) -> None:
    description = describe(HEAD + text + "\n")

    assert read_description(description) == expected
    assert description.notes == []


# What cannot be worked out without AWS, and what is said.
UNKNOWN = [
    ("!Ref Kept", "6: X: Description is left out: the parameter Kept is kept in Parameter Store; give --parameter Kept=VALUE."),
    ("!ImportValue core", "34: X: Description is left out: another stack exports core; give --import-value core=VALUE, or that stack's file as well."),
    ("!GetAtt Mine.Value", "34: X: Description is left out: only Mine itself knows its Value."),
    ("!Sub '${Mine.Value}/x'", "34: X: Description is left out: only Mine itself knows its Value."),
    ("!GetAtt Vpc.CidrBlock", "34: X: Description is left out: evcli does not know CidrBlock of AWS::EC2::VPC."),
    ("!GetAtt Gone.Arn", "34: X: Description is left out: the condition of Gone is not met."),
    ("{Fn::Transform: {Name: AWS::Include}}", "34: X: Description is left out: evcli does not carry out Fn::Transform."),
    ("!Cidr [10.0.0.0/16, 1, 8]", "34: X: Description is left out: evcli does not carry out Fn::Cidr."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), UNKNOWN)
def test_what_is_unknown_is_left_out_and_named(
    describe: Describe, text: str, said: str
) -> None:
    description = describe(HEAD + text + "\n")

    assert read_description(description) is None
    assert [each.partition("shop.yaml:")[2] for each in description.notes] == [said]


WRONG = [
    ("!Ref Nowhere", "34: there is no parameter or resource Nowhere."),
    ("!Ref Needed", "7: the parameter Needed has no value; give --parameter Needed=VALUE."),
    ("!Ref AWS::Planet", "34: there is no pseudo parameter AWS::Planet."),
    ("!GetAtt Nowhere.Arn", "34: there is no resource Nowhere."),
    ("!GetAtt Bus.Planet", "34: AWS::Events::EventBus has no attribute Planet."),
    ("!GetAtt Bus", "34: Fn::GetAtt needs a list of 2."),
    ("!Planet x", "34: Fn::Planet is no function that evcli knows."),
    ("!Join [x]", "34: Fn::Join needs a list of 2."),
    ("!Join ['', x]", "34: a list is needed here."),
    ("!Select [9, !Ref Names]", "34: there is no item 9 to select."),
    ("!FindInMap [Map, test, name]", "34: the mapping Map has no test.name."),
    ("!If [Nowhere, a, b]", "34: there is no condition Nowhere."),
    ("!Sub {a: b}", "34: Fn::Sub needs a text, or a text and an object."),
    ("!Base64 [a]", "34: a text is needed here."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_named_with_its_line(
    describe: Describe, text: str, said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        describe(HEAD + text + "\n")

    assert caught.value.message.partition("shop.yaml:")[2] == said


def test_parameters_given_win(describe: Describe) -> None:
    given = {"Stage": "prod", "Needed": "n", "Unasked": "u"}

    description = describe(HEAD + "!Sub '${Stage}${Needed}'\n", parameters=given)

    assert read_description(description) == "prodn"


def test_a_value_that_is_not_allowed_is_refused(describe: Describe) -> None:
    with pytest.raises(ConfigurationError) as caught:
        describe(HEAD + "!Ref Stage\n", parameters={"Stage": "test"})

    assert caught.value.message.partition("shop.yaml:")[2] == (
        "3: the parameter Stage cannot be 'test'; allowed are: dev, prod."
    )


def test_an_import_value_given_is_taken(describe: Describe) -> None:
    values = {"core": "c", "unasked": "u"}

    description = describe(HEAD + "!ImportValue core\n", import_values=values)

    assert read_description(description) == "c"


LOOPS = {
    "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "a-1,b"}},
    "Resources": {
        "Fn::ForEach::Rules": [
            "Name",
            {"Ref": "Names"},
            {
                "Rule&{Name}": {
                    "Type": "AWS::Events::Rule",
                    "Properties": {
                        "Name": {"Ref": "Name"},
                        "EventPattern": {"source": [{"Fn::Sub": "${Name}-x"}]},
                        "Tags": [{"Key": "k", "Value": {"Fn::Sub": ["${Name}", {}]}}],
                    },
                }
            },
        ]
    },
}


def test_loops_are_written_out(describe: Describe) -> None:
    description = describe(LOOPS)

    assert [
        (each.name, each.members, each.origin.logical_id) for each in description.resources
    ] == [
        (("default", "a-1"), {"EventPattern": '{"source":["a-1-x"]}', "tags": {"k": "a-1"}}, "Rulea1"),
        (("default", "b"), {"EventPattern": '{"source":["b-x"]}', "tags": {"k": "b"}}, "Ruleb"),
    ]  # fmt: skip


NESTED_LOOPS = {
    "Transform": "AWS::LanguageExtensions",
    "Resources": {
        "Fn::ForEach::Outer": [
            "A",
            ["x", "y-1"],
            {
                "Fn::ForEach::Inner": [
                    "B",
                    ["1", "2"],
                    {
                        "Topic&{A}${B}": {
                            "Type": "AWS::SNS::Topic",
                            "Properties": {
                                "TopicName": {"Ref": "A"},
                                "KmsMasterKeyId": {"Fn::Sub": "${A}-${B}"},
                                "DisplayName": "${A}-${B}",
                            },
                        }
                    },
                ]
            },
        ]
    },
}


def test_loops_are_written_out_as_cfn_lint_does(describe: Describe) -> None:
    import cfnlint.template

    from evcli.infrastructure.sources import parse_source
    from evcli.infrastructure.templates.intrinsics import FUNCTIONS
    from evcli.infrastructure.templates.loops import LoopExpander
    from tests.infrastructure.conftest import make_template

    source = parse_source("t.json", json.dumps(NESTED_LOOPS))
    plain = make_template(source, {}, FUNCTIONS)
    referee = cfnlint.template.Template("t", copy.deepcopy(NESTED_LOOPS), ["us-east-1"])

    assert referee.transform() == []
    found = LoopExpander(plain).expand(source.value["Resources"], ("Resources",), {})
    assert found == referee.template["Resources"]
    assert len(found) == 4


@pytest.mark.parametrize("count", [0, 1])
def test_conditions_decide_what_exists(describe: Describe, count: int) -> None:
    document: dict[str, Any] = {
        "Conditions": {"C": {"Fn::Equals": [count, "1"]}},
        "Resources": {
            "R": {
                "Type": "AWS::Events::Rule",
                "Condition": "C",
                "Properties": {"Name": "r", "ScheduleExpression": "rate(1 day)"},
            }
        },
    }

    assert len(describe(document).resources) == count


@pytest.mark.parametrize(
    ("stack", "logical_id", "limit"),
    [("shop", "R", 64), ("s" * 60, "R" * 60, 64), ("shop", "R" * 99, 48), ("s" * 99, "R", 48)],
)  # fmt: skip
def test_made_up_names_are_stable_and_fit(
    stack: str, logical_id: str, limit: int
) -> None:
    name = invent_name(stack, logical_id, limit)

    assert name == invent_name(stack, logical_id, limit)
    assert len(name) == min(limit, len(stack) + len(logical_id) + 14)
    assert name != invent_name(stack, f"{logical_id}x", limit)
