"""Permissions: the statements of an event bus policy, put and removed one by one.

The policy is kept as text. A whole policy stays as it was given; one that is put
together from statements is compact JSON.

Source: [aws] the statement's form, replacement and the errors about statements;
[peer] most texts about parameters.
"""

from __future__ import annotations

import json

from evcli.arns import find_partition
from evcli.delivery.envelopes import is_too_deep
from evcli.errors import (
    PolicyLengthExceededException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.operations.resources import find_event_bus
from evcli.store.epoch import to_whole_second

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import EventBus

EVERYBODY = "*"


def put_permission(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Put one statement into the policy, or a whole policy in place of the old one.

    A given `Policy` wins over the other members. [guess]

    Raises:
        ResourceNotFoundException: there is no such event bus.
        ValidationException: a member is missing, unsupported or not JSON.
        PolicyLengthExceededException: the policy would be too long.
    """
    event_bus = find_event_bus(ctx, request.get("EventBusName"))
    if "Policy" in request:
        policy = request["Policy"]
        _parse_policy(policy)
    else:
        policy = _add_statement(event_bus, _build_statement(event_bus, request))
    name, refuse = "event_bus_policy_characters", PolicyLengthExceededException
    ctx.require_quota(name, len(policy), refuse)
    _store_policy(ctx, event_bus, policy)
    return {}


def _parse_policy(text: str) -> dict[str, Any]:
    try:
        policy = None if is_too_deep(text) else json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):  # [guess] that other JSON is refused alike
        raise ValidationException("This policy contains invalid Json")
    return policy


def _build_statement(event_bus: EventBus, request: dict[str, Any]) -> dict[str, Any]:
    """Make the statement that the request asks for, keys in the recorded order."""
    for member in ("Action", "Principal", "StatementId"):
        if member not in request:
            raise ValidationException(f"Parameter {member} must be specified.")
    if request["Action"] != "events:PutEvents":
        raise ValidationException(
            "Provided value in parameter 'action' is not supported."
        )
    principal = request["Principal"]
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": EVERYBODY
        if principal == EVERYBODY
        else {"AWS": _format_root_arn(event_bus.region, principal)},
        "Action": request["Action"],
        "Resource": event_bus.arn,
    }
    if "Condition" in request:
        statement["Condition"] = _build_condition(request["Condition"], principal)
    return statement


def _build_condition(condition: dict[str, str], principal: str) -> dict[str, Any]:
    if principal != EVERYBODY:
        raise ValidationException(
            "Value of the parameter 'principal' must be '*' when the parameter"
            " 'condition' is set."
        )
    kind, key = condition["Type"], condition["Key"]
    if (kind, key) != ("StringEquals", "aws:PrincipalOrgID"):  # [doc], [guess] text
        raise ValidationException(
            "Provided value in parameter 'condition' is not supported."
        )
    return {kind: {key: condition["Value"]}}


def _format_root_arn(region: str, account_id: str) -> str:
    return f"arn:{find_partition(region)}:iam::{account_id}:root"


def _add_statement(event_bus: EventBus, statement: dict[str, Any]) -> str:
    """Replace the statement of the same id where it stands, or append. [aws] [guess]"""
    policy, statements = _read_policy(event_bus)
    for i, other in enumerate(statements):
        if _has_id(other, statement["Sid"]):
            statements[i] = statement
            break
    else:
        statements.append(statement)
    return _format_policy(policy, statements)


def _read_policy(event_bus: EventBus) -> tuple[dict[str, Any], list[Any]]:
    """The policy and its statements; a lone statement may stand without a list."""
    if event_bus.policy is None:
        return {"Version": "2012-10-17"}, []
    policy = json.loads(event_bus.policy)
    statements = policy.get("Statement", [])
    return policy, statements if isinstance(statements, list) else [statements]


def _has_id(statement: Any, statement_id: str) -> bool:
    return isinstance(statement, dict) and statement.get("Sid") == statement_id


def _format_policy(policy: dict[str, Any], statements: list[Any]) -> str:
    document = {**policy, "Statement": statements}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _store_policy(ctx: Context, event_bus: EventBus, policy: str | None) -> None:
    now = to_whole_second(ctx.clock.now())
    ctx.store.put(event_bus.replace(policy=policy, last_modified_at=now))


def remove_permission(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Take a statement out of the policy, or all; without any there is no policy.

    Raises:
        ResourceNotFoundException: no such event bus or statement, no policy at all.
        ValidationException: the request says neither which nor all.
    """
    event_bus = find_event_bus(ctx, request.get("EventBusName"))
    if request.get("RemoveAllPermissions"):
        if event_bus.policy is None:  # [peer]
            raise ResourceNotFoundException("EventBus does not have a policy.")
        _store_policy(ctx, event_bus, None)
        return {}
    if "StatementId" not in request:  # [peer]
        raise ValidationException("Parameter StatementId is required.")
    policy, statements = _read_policy(event_bus)
    kept = [each for each in statements if not _has_id(each, request["StatementId"])]
    if len(kept) == len(statements):  # [aws], without a policy too
        raise ResourceNotFoundException(
            "Statement with the provided id does not exist."
        )
    _store_policy(ctx, event_bus, _format_policy(policy, kept) if kept else None)
    return {}


HANDLERS = {
    "PutPermission": put_permission,
    "RemovePermission": remove_permission,
}
