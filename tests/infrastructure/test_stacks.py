"""CDK's assemblies, nested stacks, Serverless' templates, answers of get-template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ConfigurationError
from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.changes import list_changes
from evcli.infrastructure.names import invent_name
from evcli.operations import call
from tests.infrastructure.conftest import ACCOUNT, REGION, SAMPLES, read, to_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from evcli.infrastructure.description import Description

    Describe = Callable[..., Description]

CDK = SAMPLES / "cdk" / "cdk.out"
CORE = "123456789012 eu-west-1"
PROD = "444455556666 us-west-2"


def list_keys(description: Description) -> list[str]:
    return sorted(to_table(description))


def test_an_assembly_is_described_whole() -> None:
    nightly = invent_name("Shop", "NightlyC44EE0A7", 64)
    hook = invent_name("Shop", "HookB39E2767", 64)

    description = read(CDK)

    assert list_keys(description) == sorted(
        [
            f"{CORE} archive orders-archive",
            f"{CORE} event_bus CoreUnnamedAC83382F",
            f"{CORE} event_bus orders",
            f"{CORE} permission orders/cdk-partner",
            f"{CORE} rule default/{nightly}",
            f"{CORE} target default/{nightly}/Target0",
            f"{CORE} rule orders/{hook}",
            f"{CORE} target orders/{hook}/Target0",
            f"{CORE} rule orders/big-orders",
            f"{CORE} target orders/big-orders/Target0",
            f"{CORE} target orders/big-orders/Target1",
            f"{CORE} connection shop",
            f"{CORE} api_destination webhook",
            # The nested stack, which knows no environment.
            f"{CORE} rule default/inner",
            f"{CORE} target default/inner/Target0",
            f"{CORE} archive same-archive",
            f"{CORE} event_bus same-orders",
            f"{CORE} rule same-orders/same-big",
            f"{CORE} target same-orders/same-big/Target0",
            f"{CORE} rule default/same-often",
            f"{CORE} target default/same-often/Target0",
            # The stage.
            f"{PROD} archive orders-archive",
            f"{PROD} event_bus ProdCoreUnnamed14624C2D",
            f"{PROD} event_bus orders",
            f"{PROD} permission orders/cdk-partner",
        ]
    )
    assert [each.partition(": ")[2] for each in description.notes] == [
        "Connection07624BCD: AuthParameters.ApiKeyAuthParameters.ApiKeyValue is left out:"
        " evcli looks up no secrets and no parameters."
    ]


def test_an_assembly_is_imported_whole_and_again_without_a_change(ctx: Context) -> None:
    carry_out(ctx, read(CDK))

    assert list_changes(ctx, read(CDK), is_pruning=True) == []
    owner = ctx.act_as("123456789012", "eu-west-1")
    rule = {"Rule": "big-orders", "EventBusName": "orders"}
    first, second = call(owner, "ListTargetsByRule", rule)["Targets"]
    assert first == {
        "Id": "Target0",
        "Arn": f"arn:aws:sqs:eu-west-1:123456789012:{invent_name('Shop', 'Queue4A7E3555', 80)}",
        "InputTransformer": {
            "InputPathsMap": {"detail-id": "$.detail.id"},
            "InputTemplate": '{"order":<detail-id>,"kind":"big"}',
        },
        "DeadLetterConfig": {
            "Arn": f"arn:aws:sqs:eu-west-1:123456789012:{invent_name('Shop', 'DeadB2807C34', 80)}"
        },
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 7200},
    }
    assert second["Arn"] == "arn:aws:sns:eu-west-1:123456789012:big-orders"


@pytest.mark.parametrize(
    ("name", "count"), [("Parts", 2), ("prod-core", 4), ("Prod/Core", 4), ("Core", 4)]
)
def test_one_stack_of_an_assembly_by_any_of_its_names(name: str, count: int) -> None:
    assert len(read(CDK, stack_name=name).resources) == count


def test_a_stack_that_an_assembly_has_not_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(CDK, stack_name="nope")

    assert caught.value.message == f"{CDK} has no stack nope."


@pytest.mark.parametrize("path", [CDK / "manifest.json", CDK.parent])
def test_an_assembly_is_found_by_its_manifest_and_its_project(path: Path) -> None:
    assert list_keys(read(path)) == list_keys(read(CDK))


def test_a_stage_that_goes_is_pruned(ctx: Context, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "cdk.out"
    shutil.copytree(CDK, copy)
    carry_out(ctx, read(copy))
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["artifacts"]["assembly-Prod"]
    (copy / "manifest.json").write_text(json.dumps(manifest))

    changes = list_changes(ctx, read(copy), is_pruning=True)

    assert {(each.action, each.key[0]) for each in changes} == {
        ("remove", "444455556666")
    }
    assert {each.key[3][0] for each in changes} == {
        "ProdCoreUnnamed14624C2D", "orders", "orders-archive",
    }  # fmt: skip


def test_a_nested_stack_beside_its_parent_gets_its_parameters(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "rules.yaml").write_text("""\
Parameters: {Bus: {Type: String}}
Resources:
  R:
    Type: AWS::Events::Rule
    Properties: {Name: r, EventBusName: !Ref Bus, EventPattern: {source: [s]}}
Outputs: {Name: {Value: !Ref R}}
""")
    parent = tmp_path / "parent.yaml"
    parent.write_text("""\
Resources:
  Bus: {Type: "AWS::Events::EventBus", Properties: {Name: b}}
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: inner/rules.yaml, Parameters: {Bus: !Ref Bus}}
  Outer:
    Type: AWS::Events::Rule
    Properties: {Name: o, EventPattern: {source: [!GetAtt Nested.Outputs.Name]}}
""")

    description = read(parent)

    assert {each.name: (each.origin.file, each.origin.find_line()) for each in description.resources} == {
        ("b",): (str(parent), 2),
        ("default", "o"): (str(parent), 6),
        ("b", "r"): (str(tmp_path / "inner" / "rules.yaml"), 3),
    }  # fmt: skip
    (outer,) = [each for each in description.resources if each.name == ("default", "o")]
    assert outer.members["EventPattern"] == '{"source":["b|r"]}'


def test_a_nested_stack_may_need_what_another_stack_exports(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text("""\
Parameters: {Source: {Type: String}}
Resources:
  R: {Type: "AWS::Events::Rule", Properties: {Name: !Ref Source, EventPattern: {source: [s]}}}
Outputs: {S: {Value: !Ref Source, Export: {Name: inner}}}
""")
    parent, core = tmp_path / "parent.yaml", tmp_path / "core.yaml"
    parent.write_text("""\
Resources:
  N:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: inner.yaml, Parameters: {Source: !ImportValue core}}
  O: {Type: "AWS::Events::Rule", Properties: {Name: !Sub ["${I}-o", {I: !ImportValue inner}], EventPattern: {source: [s]}}}
""")
    core.write_text("Resources: {}\nOutputs: {C: {Value: c, Export: {Name: core}}}\n")

    description = read(parent, core)

    assert description.notes == []
    assert [each.name[-1] for each in description.resources] == ["c-o", "c"]


def test_two_stacks_that_import_from_each_other_in_a_circle_are_refused(
    tmp_path: Path,
) -> None:
    paths = []
    for name, other in (("a", "b"), ("b", "a")):
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(f"""\
Resources:
  R: {{Type: "AWS::Events::Rule", Properties: {{Name: !ImportValue {other}, EventPattern: {{a: [1]}}}}}}
Outputs: {{O: {{Value: !ImportValue {other}, Export: {{Name: {name}}}}}}}
""")

    with pytest.raises(ConfigurationError) as caught:
        read(*paths)

    assert caught.value.message == (
        f"{paths[1]}:3: the output O depends on itself: O → O."
    )


def test_a_nested_stack_that_is_elsewhere_is_named(describe: Describe) -> None:
    url = "https://s3.amazonaws.com/bucket/x.json"
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}

    description = describe({"Resources": {"N": nested}})

    assert [each.partition("shop.yaml:")[2] for each in description.notes] == [
        "3: N: the template of the nested stack is not there; it is left out."
    ]


RESOURCE = {
    "Type": "AWS::Events::Rule",
    "Properties": {"Name": "r", "ScheduleExpression": "rate(1 day)"},
}


@pytest.mark.parametrize("is_text", [True, False])
def test_the_answer_of_get_template_is_a_template(
    describe: Describe, is_text: bool
) -> None:
    template: Any = {"Resources": {"R": RESOURCE}}
    body = json.dumps(template) if is_text else template

    description = describe({"TemplateBody": body, "StagesAvailable": ["Original"]})

    assert list_keys(description) == [f"{ACCOUNT} {REGION} rule default/r"]


def test_older_events_of_serverless_are_rules(describe: Describe) -> None:
    config = {
        "RuleName": "shop-dev-resize-rule-1", "State": "ENABLED", "EventBus": "orders",
        "Pattern": {"source": ["shop"]}, "Input": {"a": 1},
    }  # fmt: skip
    custom = {
        "Type": "Custom::EventBridge",
        "Properties": {
            "ServiceToken": {"Fn::GetAtt": ["X", "Arn"]},
            "FunctionName": "shop-dev-resize",
            "EventBridgeConfig": config,
        },
    }

    description = describe({"Resources": {"C": custom}})

    scope = f"{ACCOUNT} {REGION}"
    assert to_table(description) == {
        f"{scope} event_bus orders": {},
        f"{scope} rule orders/shop-dev-resize-rule-1": {
            "EventPattern": {"source": ["shop"]},
            "State": "ENABLED",
        },
        f"{scope} target orders/shop-dev-resize-rule-1/shop-dev-resize-rule-1-target": {
            "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop-dev-resize",
            "Input": '{"a":1}',
        },
    }


@pytest.mark.parametrize(
    ("type_name", "said"),
    [
        ("AWS::Scheduler::Schedule", "AWS::Scheduler::Schedule is of EventBridge Scheduler; it is left out."),
        ("AWS::Pipes::Pipe", "AWS::Pipes::Pipe is of EventBridge Pipes; it is left out."),
        ("AWS::EventsV2::EventBus", "AWS::EventsV2::EventBus is of EventBridge's other API; it is left out."),
        ("AWS::EventSchemas::Schema", "AWS::EventSchemas::Schema is of the schema registry; it is left out."),
        ("AWS::Events::Planet", "evcli knows no AWS::Events::Planet; it is left out."),
    ],
)  # fmt: skip
def test_what_is_of_other_services_is_left_out_and_named(
    describe: Describe, type_name: str, said: str
) -> None:
    description = describe({"Resources": {"X": {"Type": type_name}}})

    assert [each.partition("X: ")[2] for each in description.remarks] == [said]
    assert (description.resources, description.notes) == ([], [])


def test_a_rule_whose_pattern_is_unknown_is_left_out_with_its_targets(
    describe: Describe,
) -> None:
    properties = {
        "EventPattern": {"source": [{"Fn::ImportValue": "x"}]},
        "Targets": [{"Id": "t", "Arn": "arn:aws:sqs:eu-west-1:123456789012:q"}],
    }

    description = describe(
        {"Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": properties}}}
    )

    assert description.resources == []
    assert len(description.notes) == 1


def test_ids_of_another_account_are_left_out_of_arns(
    ctx: Context, describe: Describe
) -> None:
    """Exported templates hold ARNs with ids that are others here."""
    events = f"arn:aws:events:{REGION}:{ACCOUNT}"
    unique_id = "/12345678-1234-1234-1234-123456789012"
    basic = {"BasicAuthParameters": {"Username": "u", "Password": "p"}}
    resources = {
        "C": {"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic},
        "D": {
            "Name": "d", "ConnectionArn": f"{events}:connection/c{unique_id}",
            "InvocationEndpoint": "https://example.com/", "HttpMethod": "POST",
        },
        "R": {
            "Name": "r", "EventPattern": {"source": ["s"]},
            "Targets": [{
                "Id": "t", "Arn": f"{events}:api-destination/d{unique_id}",
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
            }],
        },
    }  # fmt: skip
    types = {"C": "Connection", "D": "ApiDestination", "R": "Rule"}
    owner = ctx.act_as(ACCOUNT, REGION)

    carry_out(ctx, describe({"Resources": {
        name: {"Type": f"AWS::Events::{types[name]}", "Properties": properties}
        for name, properties in resources.items()
    }}))  # fmt: skip

    destination = call(owner, "DescribeApiDestination", {"Name": "d"})
    connection = call(owner, "DescribeConnection", {"Name": "c"})
    (target,) = call(owner, "ListTargetsByRule", {"Rule": "r"})["Targets"]
    assert destination["ConnectionArn"] == connection["ConnectionArn"]
    assert target["Arn"] == destination["ApiDestinationArn"]
