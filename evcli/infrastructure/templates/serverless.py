"""Serverless' older `eventBridge` events: custom resources that stand for rules.

Newer ones are rules already. Source: [aws] observed of Serverless 3; [guess] the id of
the target, which the plugin's own code makes up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import DEFAULT_EVENT_BUS

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.description import Path

    Members = dict[str, Any]

CUSTOM_TYPE = "Custom::EventBridge"
# Member of the configuration → property of the rule.
RULE_PROPERTIES = {
    "RuleName": "Name",
    "EventBus": "EventBusName",
    "Pattern": "EventPattern",
    "Schedule": "ScheduleExpression",
    "State": "State",
}
TARGET_PROPERTIES = ("Input", "InputPath", "InputTransformer")
FUNCTION_ARN = (
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}"
)


def expand_custom_rules(resources: Members) -> tuple[Members, dict[str, Path]]:
    """Put rules, and the event buses that they ask for, in place of custom resources.

    Returns: the resources, and where in the file the new ones stand.
    """
    expanded: Members = {}
    paths: dict[str, Path] = {}
    for logical_id, resource in resources.items():
        config = _find_config(resource)
        if config is None:
            expanded[logical_id] = resource
            continue
        event_bus = config.get("EventBus")
        is_name = isinstance(event_bus, str) and ":" not in event_bus
        if is_name and event_bus != DEFAULT_EVENT_BUS:
            paths[f"{logical_id}EventBus"] = ("Resources", logical_id)
            expanded[f"{logical_id}EventBus"] = {
                "Type": "AWS::Events::EventBus",
                "Properties": {"Name": event_bus},
            }
        expanded[logical_id] = {
            **resource,
            "Type": "AWS::Events::Rule",
            "Properties": _build_rule(resource["Properties"], config),
        }
    return expanded, paths


def _find_config(resource: Any) -> Members | None:
    if not isinstance(resource, dict) or resource.get("Type") != CUSTOM_TYPE:
        return None
    properties = resource.get("Properties")
    config = properties.get("EventBridgeConfig") if isinstance(properties, dict) else 0
    return config if isinstance(config, dict) else None


def _build_rule(properties: Members, config: Members) -> Members:
    name = config.get("RuleName", "")
    target = {
        "Id": {"Fn::Sub": ["${Rule}-target", {"Rule": name}]},
        "Arn": {
            "Fn::Sub": [FUNCTION_ARN, {"Name": properties.get("FunctionName", "")}]
        },
        **{key: config[key] for key in TARGET_PROPERTIES if key in config},
    }
    if isinstance(target.get("Input"), dict):
        target["Input"] = {"Fn::ToJsonString": target["Input"]}
    rule = {
        wanted: config[key] for key, wanted in RULE_PROPERTIES.items() if key in config
    }
    return {**rule, "Targets": [target]}
