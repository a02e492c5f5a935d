"""What AWS refuses of a resource, found by the checks that evcli's operations make.

Each problem goes under the id of its mistake; the tables say which.
"""

from __future__ import annotations

import re

from evcli.authoring.lint.subjects import Finding, name_resource
from evcli.delivery.transform import check_input, check_input_template
from evcli.errors import EvcliError, ValidationException
from evcli.infrastructure.description import KINDS
from evcli.infrastructure.missing_secrets import supply_secrets
from evcli.model import find_operation
from evcli.model.check import find_client_problems
from evcli.model.constraints import Walk
from evcli.model.violations import format_violations
from evcli.operations.resources import to_columns
from evcli.operations.rules import ENABLED, SETTINGS, require_schedule
from evcli.operations.targets import require_target
from evcli.store.records import Rule as RuleRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.lint.subjects import Rule, Subjects, Target
    from evcli.infrastructure.description import Resource

# Kind → member of the request that has its name.
NAMES = {
    "event_bus": "Name",
    "archive": "ArchiveName",
    "connection": "Name",
    "api_destination": "Name",
    "endpoint": "Name",
    "rule": "Name",
}
# Members that no request has; see `description`.
NOT_IN_REQUESTS = ("tags", "CreatedBy", "ConnectionState")
# What a problem is about → check; the first one that fits, by kind.
PROBLEMS: tuple[tuple[str, str], ...] = (
    (r"'(name|archiveName|rule|targets\.\d+\.member\.id)'", "EB603"),
    (r"retryPolicy|RetryPolicy", "EB313"),
    (r"'state'", "EB606"),
)
# What a refusal says → check.
RULE_REFUSALS = (
    ("only on the default event bus", "EB602"),
    ("rule state is not supported", "EB606"),
    ("EventPattern or ScheduleExpression must be", "EB609"),
)
TARGET_REFUSALS = (
    ("not a supported service", "EB306"),
    ("must be specified for target", "EB303"),
    ("RoleArn is required", "EB305"),
    ("Only one of Input|is not supported for target", "EB404"),
    ("JSON syntax error in input", "EB405"),
    ("is not a valid JSON text", "EB406"),
    ("invalid key", "EB412"),
    ("invalid placeholder", "EB402"),
    ("Invalid InputTemplate", "EB401"),
    ("DeadLetterConfig|standard queue", "EB309"),
    ("not in correct format", "EB304"),
)
# Of a description: file and line, the resource, what could not be worked out.
NOTE = re.compile(r".*?:\d+: (?P<logical_id>[^:]+): ")
# Stands for the id at the end of an ARN whose resource is described here.
UNIQUE_ID = "00000000-0000-0000-0000-000000000000"
SHORT_ARN = re.compile(
    r"(arn:[^:]+:events:[^:]*:[^:]*:(?:api-destination|connection)/[^/]+)/?"
)


def check_requests(subjects: Subjects) -> Iterator[Finding]:
    """Hold every resource against the declared shape of its request.

    EB313, EB316, EB603, EB606, EB608
    """
    incomplete = _list_incomplete(subjects)
    for resource in subjects.resources:
        if resource.kind != "target" and resource.kind not in NAMES:
            continue
        for problem in find_problems(resource):
            is_missing = problem.startswith("Missing required parameter")
            if not (is_missing and resource.origin.logical_id in incomplete):
                yield _place(resource, problem)


def _list_incomplete(subjects: Subjects) -> set[str]:
    """List the logical ids of resources of which something could not be worked out."""
    found = (NOTE.match(note) for note in subjects.description.notes)
    return {each["logical_id"] for each in found if each}


def find_problems(resource: Resource) -> list[str]:
    """List what client and service would say of a resource's request, one by one."""
    shape = find_operation(KINDS[resource.kind]).request
    request = build_request(resource)
    problems = find_client_problems(shape, request)
    if problems:
        return problems
    walk = Walk(None)
    try:
        walk.read(shape, request, None)
    except EvcliError as error:
        return [error.message]
    return [format_violations([each]).partition(": ")[2] for each in walk.violations]


def build_request(resource: Resource) -> dict[str, Any]:
    """Build the request that makes a resource."""
    members = {
        name: value
        for name, value in resource.members.items()
        if name not in NOT_IN_REQUESTS
    }
    if resource.kind == "target":
        # What is wrong with the rule's name is said of the rule.
        return {"Rule": "r", "Targets": [{"Id": resource.name[2], **members}]}
    request = {NAMES[resource.kind]: resource.name[-1], **members}
    if resource.kind == "api_destination":
        request["ConnectionArn"] = complete_arn(request.get("ConnectionArn"))
    if resource.kind == "connection" and not resource.origin.stack.name:
        # A state and its exports are without secrets; the template of a stack has them.
        request["AuthParameters"] = supply_secrets(resource.members)
    if resource.kind == "rule":
        request["EventBusName"] = resource.name[0]
    return request


def _place(resource: Resource, problem: str) -> Finding:
    """Make a finding of a problem, under the check that it belongs to."""
    general = "EB316" if resource.kind == "target" else "EB608"
    check = _choose(PROBLEMS, problem, general)
    label = name_resource(resource)
    if resource.kind == "target":
        label = f"{label}/{resource.name[2]}"
    return Finding(check, label, problem, resource.origin)


def _choose(table: tuple[tuple[str, str], ...], text: str, otherwise: str) -> str:
    return next(
        (check for expression, check in table if re.search(expression, text)), otherwise
    )


def make_record(rule: Rule) -> RuleRecord:
    """Make the record that operations would make of a rule."""
    resource = rule.resource
    return RuleRecord(
        account_id=resource.account_id,
        region=resource.region,
        event_bus_name=rule.event_bus,
        name=resource.name[1],
        created_by=resource.account_id,
        **to_columns({"State": ENABLED, **resource.members}, SETTINGS),
    )


def check_rule(rule: Rule) -> Iterator[Finding]:
    """Ask what PutRule asks of pattern, schedule and state together. EB602, EB606, EB609"""
    if not all(isinstance(rule.members.get(name, ""), str) for name in SETTINGS):
        return
    try:
        require_schedule(make_record(rule))
    except ValidationException as error:
        check = _choose(RULE_REFUSALS, error.message, "")
        # What is wrong with a schedule itself has checks of its own.
        if check:
            yield rule.find(check, error.message)


def check_target(target: Target) -> Iterator[Finding]:
    """Ask what PutTargets asks of one target.

    It stops at the first answer that will not do; what is wrong with inputs is looked at
    in any case. EB303 to EB306, EB309, EB316, EB401, EB402, EB404 to EB406, EB412
    """
    resource = target.resource
    if find_problems(resource):
        return
    members = {"Id": target.target_id, **target.members}
    members["Arn"] = complete_arn(members["Arn"])
    record = RuleRecord(
        account_id=resource.account_id,
        region=resource.region,
        event_bus_name=resource.name[0],
        name=resource.name[1],
        created_by=resource.account_id,
        state=ENABLED,
    )
    messages = list_input_problems(members)
    try:
        require_target(members, record)
    except ValidationException as error:
        messages.insert(0, error.message)
    for message in dict.fromkeys(messages):
        check = _choose(TARGET_REFUSALS, message, "EB316")
        yield target.find(check, shorten(message), *_find_member(check, members))


def list_input_problems(target: dict[str, Any]) -> list[str]:
    """List what PutTargets would say of a target's input and input transformer."""
    problems = []
    if "Input" in target:
        problems += check_input(target["Id"], target["Input"])
    transformer = target.get("InputTransformer")
    if transformer:
        problems += check_input_template(
            target["Id"],
            transformer["InputTemplate"],
            transformer.get("InputPathsMap", ()),
        )
    return problems


def complete_arn(arn: Any) -> Any:
    """Add an id to the ARN of a connection or API destination that has none.

    Where a file describes the resource as well, a description leaves the id out.
    """
    short = SHORT_ARN.fullmatch(arn) if isinstance(arn, str) else None
    return f"{short[1]}/{UNIQUE_ID}" if short else arn


def shorten(message: str) -> str:
    """Leave out the whole text that AWS repeats in front of a position."""
    return re.sub(
        r'\[Source: \(String\)".*"; (line: \d+, column: \d+)\]',
        r"\1",
        message,
        flags=re.DOTALL,
    )


def _find_member(check: str, members: dict[str, Any]) -> tuple[str, ...]:
    """Say which member a refusal is about, so that its line can be named."""
    candidates: dict[str, tuple[str, ...]] = {
        "EB304": ("Arn",),
        "EB305": ("Arn",),
        "EB306": ("Arn",),
        "EB309": ("DeadLetterConfig", "Arn"),
        "EB405": ("Input",),
        "EB401": ("InputTransformer", "InputTemplate"),
        "EB402": ("InputTransformer", "InputTemplate"),
        "EB406": ("InputTransformer", "InputTemplate"),
    }
    path = candidates.get(check, ())
    return path if path and path[0] in members else ()
