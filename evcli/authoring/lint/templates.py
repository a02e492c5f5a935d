"""Templates as they are written: what else has to be in them for events to arrive.

A description has only what is EventBridge's. Who may call whom, and which buckets send
events, the other resources of a template say; those are looked at unresolved.
"""

from __future__ import annotations

import re

from evcli.authoring.lint.subjects import Finding
from evcli.infrastructure.description import Origin, Stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.lint.subjects import Subjects
    from evcli.infrastructure.sources import Source

RULE = "AWS::Events::Rule"
BUCKET = "AWS::S3::Bucket"
# Type of a target → type of what lets EventBridge reach it.
PERMISSIONS = {
    "AWS::Lambda::Function": "AWS::Lambda::Permission",
    "AWS::Serverless::Function": "AWS::Lambda::Permission",
    "AWS::SQS::Queue": "AWS::SQS::QueuePolicy",
    "AWS::SNS::Topic": "AWS::SNS::TopicPolicy",
}
# Makes permissions of its own.
CONNECTOR = "AWS::Serverless::Connector"
IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)")


def check_permissions(subjects: Subjects) -> Iterator[Finding]:
    """Look for targets in the same template that nothing lets EventBridge reach. EB301"""
    for source in subjects.templates:
        resources = get_resources(source)
        for logical_id, rule in resources.items():
            if rule.get("Type") != RULE:
                continue
            targets = _get(rule, "Properties", "Targets")
            for i, target in enumerate(targets if isinstance(targets, list) else ()):
                arn = target.get("Arn") if isinstance(target, dict) else None
                for name in list_references(arn):
                    kind = resources.get(name, {}).get("Type")
                    if kind in PERMISSIONS and not _is_permitted(resources, kind, name):
                        message = (
                            f"no {PERMISSIONS[kind]} lets EventBridge reach {name}"
                        )
                        path = ("Resources", logical_id, "Properties", "Targets", i)
                        origin = _locate(source, path, logical_id)
                        yield Finding("EB301", logical_id, message, origin)


def _is_permitted(resources: dict[str, Any], kind: str, name: str) -> bool:
    wanted = (PERMISSIONS[kind], CONNECTOR)
    return any(
        each.get("Type") in wanted and name in list_references(each.get("Properties"))
        for each in resources.values()
    )


def check_buckets(subjects: Subjects) -> Iterator[Finding]:
    """Look for buckets that rules name and that send no events. EB206"""
    for source in subjects.templates:
        resources = get_resources(source)
        for logical_id, rule in resources.items():
            if rule.get("Type") != RULE:
                continue
            pattern = _get(rule, "Properties", "EventPattern")
            for name in list_references(pattern):
                bucket = resources.get(name, {})
                sends = (
                    "Properties",
                    "NotificationConfiguration",
                    "EventBridgeConfiguration",
                )
                if bucket.get("Type") == BUCKET and _get(bucket, *sends) is None:
                    path = ("Resources", logical_id, "Properties", "EventPattern")
                    origin = _locate(source, path, logical_id)
                    message = f"the bucket {name} sends no events to EventBridge"
                    yield Finding("EB206", logical_id, message, origin)


def _locate(source: Source, path: tuple[str | int, ...], logical_id: str) -> Origin:
    return Origin(Stack(source.path), source.name, path, logical_id, source.locate)


def get_resources(source: Source) -> dict[str, Any]:
    """The resources of a template that are objects, by logical id."""
    found = source.value.get("Resources")
    if not isinstance(found, dict):
        return {}
    return {name: each for name, each in found.items() if isinstance(each, dict)}


def _get(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def list_references(value: Any) -> set[str]:
    """List the names that a value refers to, by Ref, Fn::GetAtt or in texts of Fn::Sub."""
    found: set[str] = set()
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, list):
            stack += each
        if not isinstance(each, dict):
            continue
        stack += each.values()
        for name in ("Ref", "Fn::GetAtt", "Fn::Sub"):
            argument = each.get(name)
            text = argument[0] if isinstance(argument, list) and argument else argument
            if isinstance(text, str):
                is_text = name == "Fn::Sub"
                found |= set(IN_TEXT.findall(text)) if is_text else {text.split(".")[0]}
    return found


CHECKS = (check_permissions, check_buckets)
