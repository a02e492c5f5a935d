"""SAM's events become the rules that aws-sam-translator makes of them."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from evcli.errors import ConfigurationError
from evcli.infrastructure.sources import parse_source
from evcli.infrastructure.templates.sam import SamExpander
from tests.infrastructure.conftest import SAMPLES, to_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.infrastructure.description import Description

    Describe = Callable[..., Description]

TRANSFORM = "AWS::Serverless-2016-10-31"
FUNCTION = {
    "Runtime": "nodejs22.x",
    "Handler": "index.handler",
    "InlineCode": "exports.handler = async () => {};",
}
PATTERN = {"source": ["shop"], "detail": {"n": [{"numeric": [">", 1]}]}}
LONG = "F" * 50


def template(
    events: dict[str, Any],
    kind: str = "Function",
    name: str = "Fn",
    resource: dict[str, Any] | None = None,
    **properties: Any,
) -> dict[str, Any]:
    """A template with one function or state machine."""
    own = FUNCTION if kind == "Function" else {
        "DefinitionUri": "s3://b/k", "Role": "arn:aws:iam::123456789012:role/r",
    }  # fmt: skip
    return {
        "Transform": TRANSFORM,
        "Resources": {
            name: {
                "Type": f"AWS::Serverless::{kind}",
                **(resource or {}),
                "Properties": {**own, **properties, "Events": events},
            }
        },
    }


def event(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


RULE = event("EventBridgeRule", Pattern=PATTERN)
FULL = event(
    "EventBridgeRule",
    Pattern=PATTERN,
    EventBusName="b",
    RuleName="rn",
    State="DISABLED",
    InputPath="$.detail",
    RetryPolicy={"MaximumRetryAttempts": 3},
    Target={"Id": "mine"},
    DeadLetterConfig={"Arn": "arn:aws:sqs:eu-west-1:123456789012:d"},
)
SCHEDULE = event("Schedule", Schedule="rate(5 minutes)")

TEMPLATES: dict[str, dict[str, Any]] = {
    "pattern": template({"Ev": RULE}),
    "older name": template({"Ev": event("CloudWatchEvent", Pattern=PATTERN)}),
    "all of a pattern event": template({"Ev": FULL}),
    "input": template({"Ev": event("EventBridgeRule", Pattern=PATTERN, Input='{"a":1}')}),
    "transformer": template({
        "Ev": event(
            "EventBridgeRule", Pattern=PATTERN,
            InputTransformer={"InputPathsMap": {"a": "$.id"}, "InputTemplate": "<a>"},
        )
    }),
    "queue made": template({
        "Ev": event("EventBridgeRule", Pattern=PATTERN, DeadLetterConfig={"Type": "SQS"})
    }),
    "queue made and named": template({
        "Ev": event(
            "EventBridgeRule", Pattern=PATTERN,
            DeadLetterConfig={"Type": "SQS", "QueueLogicalId": "MyDlq"},
        )
    }),
    "schedule": template({"Sch": SCHEDULE}),
    "all of a schedule": template({
        "Sch": event(
            "Schedule", Schedule="rate(5 minutes)", Name="nm", Description="d",
            Enabled=False, Input="{}", RetryPolicy={"MaximumRetryAttempts": 1},
            DeadLetterConfig={"Type": "SQS"},
        )
    }),
    "enabled": template({"Sch": event("Schedule", Schedule="rate(1 day)", Enabled=True)}),
    "enabled by a function": template({
        "Sch": event(
            "Schedule", Schedule="rate(1 day)", Enabled={"Fn::If": ["C", True, False]}
        )
    }),
    "state": template({"Sch": event("Schedule", Schedule="rate(1 day)", State="DISABLED")}),
    "alias": template({"Ev": RULE}, AutoPublishAlias="live"),
    "alias of all": {
        **template({"Ev": RULE}), "Globals": {"Function": {"AutoPublishAlias": "live"}},
    },
    "long names": template({"EventNumberOne": RULE}, name=LONG),
    "attributes": {
        **template(
            {"Ev": RULE}, resource={"Condition": "C", "DeletionPolicy": "Retain"}
        ),
        "Conditions": {"C": {"Fn::Equals": ["a", "a"]}},
    },
    "state machine": template({"Ev": RULE, "Sch": SCHEDULE}, "StateMachine", "Sm"),
    "state machine, all": template({"Ev": FULL}, "StateMachine", "Sm"),
    "state machine, role": template(
        {"Sch": event("Schedule", Schedule="rate(1 day)", RoleArn="arn:aws:iam::1:role/x")},
        "StateMachine", "Sm",
    ),
    "several": template({"A": RULE, "B": FULL, "C": SCHEDULE}),
    "others": template({
        "A": RULE,
        "S": event("SNS", Topic="arn:aws:sns:eu-west-1:123456789012:t"),
    }),
}  # fmt: skip


def translate(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the real translator makes of a template."""
    from samtranslator.translator.transform import transform

    class Loader:
        def load(self) -> dict[str, str]:
            return {}

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
    result: dict[str, Any] = transform(copy.deepcopy(document), {}, Loader())
    return result


def expand(document: dict[str, Any]) -> dict[str, Any]:
    source = parse_source("t.yaml", yaml.safe_dump(document))
    return SamExpander(source, source.value).expand()


def select_rules(resources: dict[str, Any]) -> dict[str, Any]:
    return {
        name: resource
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Events::Rule"
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TEMPLATES)
def test_rules_are_those_of_the_translator(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = TEMPLATES[name]

    rules = select_rules(expand(document))

    referee = translate(document, monkeypatch)["Resources"]
    assert rules == select_rules(referee)
    assert rules != {}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TEMPLATES)
def test_targets_are_the_same_after_the_translator(
    describe: Describe, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = TEMPLATES[name]
    plain = translate(document, monkeypatch)
    plain.pop("Transform", None)

    one, other = describe(document), describe(plain)

    assert one.notes == other.notes == []
    assert to_table(one) == to_table(other)


def test_the_translator_agrees_about_the_sample(
    describe: Describe, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (SAMPLES / "same" / "sam.yaml").read_text()
    source = parse_source("sam.yaml", text)
    plain = translate(source.value, monkeypatch)

    assert to_table(describe(text)) == to_table(describe(plain))


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ({"E": {}}, "5: the event E has no Type."),
        (
            {"E": event("Schedule", Schedule="x", State="ENABLED", Enabled=True)},
            "7: State and Enabled exclude each other.",
        ),
        (
            {"E": event("EventBridgeRule", Pattern={}, DeadLetterConfig={})},
            "9: DeadLetterConfig needs either an Arn or the Type SQS.",
        ),
        (
            {"E": event("EventBridgeRule", Pattern={}, DeadLetterConfig={"Type": "SNS"})},
            "9: the Type of DeadLetterConfig has to be SQS.",
        ),
    ],
)  # fmt: skip
def test_an_event_that_sam_refuses_is_named(
    describe: Describe, events: dict[str, Any], said: str
) -> None:
    document = {
        "Resources": {"F": {"Properties": {"Events": events}, "Type": "AWS::Serverless::Function"}},
        "Transform": [TRANSFORM],
    }  # fmt: skip

    with pytest.raises(ConfigurationError) as caught:
        describe(yaml.safe_dump(document, sort_keys=False))

    assert caught.value.message.partition("shop.yaml:")[2] == said


def test_events_of_the_scheduler_are_left_out_and_named(describe: Describe) -> None:
    events = {"S": event("ScheduleV2", ScheduleExpression="rate(1 day)"), "E": RULE}

    description = describe(template(events))

    assert [each.partition("shop.yaml")[2] for each in description.remarks] == [
        ":11: Fn: the event S is of EventBridge Scheduler; it is left out."
    ]
    assert len(description.resources) == 2
