"""SAM: the events of functions and state machines, as the rules that they become.

Written by hand, because the translator takes half a second to import and wants a region
and a network's worth of libraries; it is the referee in the tests.
Source: [aws] observed of aws-sam-translator.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.sources import Source

    Members = dict[str, Any]

TRANSFORM = "AWS::Serverless-2016-10-31"

# Type → (type of the events' target, end of target ids, section of Globals).
SOURCES = {
    "AWS::Serverless::Function": ("LambdaTarget", "Function"),
    "AWS::Serverless::StateMachine": ("StepFunctionsTarget", "StateMachine"),
}
PATTERN_EVENTS = ("EventBridgeRule", "CloudWatchEvent")
# Property of an event → property of the rule, of its target.
RULE_PROPERTIES: dict[str, dict[str, str]] = {
    "pattern": {
        "EventBusName": "EventBusName",
        "Pattern": "EventPattern",
        "RuleName": "Name",
        "State": "State",
    },
    "schedule": {
        "Schedule": "ScheduleExpression",
        "Name": "Name",
        "Description": "Description",
        "State": "State",
    },
}
TARGET_PROPERTIES: dict[str, dict[str, str]] = {
    "pattern": {
        "Input": "Input",
        "InputPath": "InputPath",
        "InputTransformer": "InputTransformer",
        "RetryPolicy": "RetryPolicy",
    },
    "schedule": {"Input": "Input", "RetryPolicy": "RetryPolicy"},
}
# What the resource of an event passes on to the rule.
INHERITED = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")
MAX_TARGET_ID = 64


def is_sam(document: Members) -> bool:
    """Say whether a template asks for the transform of SAM."""
    transform = document.get("Transform")
    transforms = transform if isinstance(transform, list) else [transform]
    return TRANSFORM in transforms


class SamExpander:
    """Adds to a template's resources what its events become.

    `paths` says where in the file each of those stands; `notes` are (path, text).
    """

    def __init__(self, source: Source, document: Members) -> None:
        self._source = source
        self._document = document
        self.resources: Members = {}
        self.paths: dict[str, Path] = {}
        self.notes: list[tuple[Path, str]] = []

    def expand(self) -> Members:
        """The template's resources and what its events become.

        Raises: ConfigurationError: an event is not as SAM wants it.
        """
        self.resources = dict(self._document.get("Resources") or {})
        for logical_id, resource in list(self.resources.items()):
            if (
                not isinstance(resource, dict)
                or str(resource.get("Type")) not in SOURCES
            ):
                continue
            if not isinstance(resource.get("Properties") or {}, dict):
                where: Path = ("Resources", logical_id, "Properties")
                raise self._source.fault(where, "Properties have to be an object.")
            self._add_implied(logical_id, resource)
            events = (resource.get("Properties") or {}).get("Events") or {}
            path: Path = ("Resources", logical_id, "Properties", "Events")
            if not isinstance(events, dict):
                raise self._source.fault(path, "Events have to be an object.")
            for name, event in events.items():
                self._add_event(logical_id, resource, name, event, (*path, name))
        return self.resources

    def _find_setting(self, resource: Members, name: str) -> Any:
        """A property of a function, else of the template's Globals."""
        properties = resource.get("Properties") or {}
        if name in properties:
            return properties[name]
        section = SOURCES[resource["Type"]][1]
        found = (self._document.get("Globals") or {}).get(section) or {}
        return found.get(name) if isinstance(found, dict) else None

    def _add(
        self, logical_id: str, path: Path, type_name: str, **properties: Any
    ) -> None:
        if logical_id not in self.resources:
            self.resources[logical_id] = {"Type": type_name, "Properties": properties}
            self.paths[logical_id] = path

    def _add_implied(self, logical_id: str, resource: Members) -> None:
        """Add the role and the alias that others may refer to."""
        path: Path = ("Resources", logical_id)
        self._add(f"{logical_id}Role", path, "AWS::IAM::Role")
        alias = self._find_setting(resource, "AutoPublishAlias")
        if isinstance(alias, str):
            name = f"{logical_id}Alias{alias}"
            function = {"Ref": logical_id}
            self._add(
                name, path, "AWS::Lambda::Alias", FunctionName=function, Name=alias
            )

    def _add_event(
        self, logical_id: str, resource: Members, name: str, event: Any, path: Path
    ) -> None:
        if not isinstance(event, dict) or not isinstance(event.get("Type"), str):
            raise self._source.fault(path, f"the event {name} has no Type.")
        kind = event["Type"]
        if kind == "ScheduleV2":
            self.notes.append(
                (
                    path,
                    f"{logical_id}: the event {name} is of EventBridge Scheduler; it is left out",
                )
            )
        if kind in PATTERN_EVENTS:
            self._add_rule(logical_id, resource, name, event, path, "pattern")
        elif kind == "Schedule":
            self._add_rule(logical_id, resource, name, event, path, "schedule")

    def _add_rule(
        self,
        logical_id: str,
        resource: Members,
        name: str,
        event: Members,
        path: Path,
        family: str,
    ) -> None:
        given = event.get("Properties") or {}
        where = (*path, "Properties")
        if not isinstance(given, dict):
            raise self._source.fault(where, "Properties have to be an object.")
        rule_id = f"{logical_id}{name}"
        names = RULE_PROPERTIES[family]
        rule = {names[key]: value for key, value in given.items() if key in names}
        if "Enabled" in given:
            if "State" in given:
                raise self._source.fault(where, "State and Enabled exclude each other.")
            rule["State"] = _write_state(given["Enabled"])
        rule["Targets"] = [
            self._build_target(logical_id, resource, rule_id, given, where, family)
        ]
        self.resources[rule_id] = {
            "Type": "AWS::Events::Rule",
            **{key: resource[key] for key in INHERITED if key in resource},
            "Properties": copy.deepcopy(rule),
        }
        self.paths[rule_id] = path

    def _build_target(
        self,
        logical_id: str,
        resource: Members,
        rule_id: str,
        given: Members,
        path: Path,
        family: str,
    ) -> Members:
        suffix, section = SOURCES[resource["Type"]]
        is_function = section == "Function"
        target: Members = {
            "Arn": self._find_target(logical_id, resource),
            "Id": _find_target_id(given, rule_id, suffix),
        }
        if not is_function:
            role = given.get("RoleArn")
            if role is None:
                self._add(f"{rule_id}Role", path, "AWS::IAM::Role")
                role = {"Fn::GetAtt": [f"{rule_id}Role", "Arn"]}
            target["RoleArn"] = role
        names = TARGET_PROPERTIES[family]
        target |= {names[key]: value for key, value in given.items() if key in names}
        if "DeadLetterConfig" in given:
            target["DeadLetterConfig"] = self._build_dead_letters(
                rule_id, given["DeadLetterConfig"], (*path, "DeadLetterConfig")
            )
        return target

    def _find_target(self, logical_id: str, resource: Members) -> Members:
        if resource["Type"] == "AWS::Serverless::StateMachine":
            return {"Ref": logical_id}
        alias = self._find_setting(resource, "AutoPublishAlias")
        if isinstance(alias, str):
            return {"Ref": f"{logical_id}Alias{alias}"}
        return {"Fn::GetAtt": [logical_id, "Arn"]}

    def _build_dead_letters(self, rule_id: str, given: Any, path: Path) -> Any:
        if not isinstance(given, dict) or ("Arn" in given) == ("Type" in given):
            raise self._source.fault(
                path, "DeadLetterConfig needs either an Arn or the Type SQS."
            )
        if "Arn" in given:
            return {"Arn": given["Arn"]}
        if given["Type"] != "SQS":
            raise self._source.fault(
                path, "the Type of DeadLetterConfig has to be SQS."
            )
        queue = given.get("QueueLogicalId", f"{rule_id}Queue")
        if not isinstance(queue, str):
            raise self._source.fault(path, "QueueLogicalId has to be a text.")
        self._add(queue, path, "AWS::SQS::Queue")
        return {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}


def _write_state(is_enabled: Any) -> str:
    """`Enabled` as a state; a function counts as true, whatever it will come to."""
    is_off = is_enabled is False or str(is_enabled).lower() == "false"
    return "DISABLED" if is_off else "ENABLED"


def _find_target_id(given: Members, rule_id: str, suffix: str) -> Any:
    chosen = given.get("Target")
    if isinstance(chosen, dict) and "Id" in chosen:
        return chosen["Id"]
    return f"{rule_id[: MAX_TARGET_ID - len(suffix)]}{suffix}"
