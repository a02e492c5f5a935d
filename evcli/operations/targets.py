"""Targets of rules: put, remove, list.

What each kind of target asks for is data, in `delivery/targets/target_kinds.py`; what may stand
in an input template is in `delivery/transform.py`. Here is the order of the questions.

Source: [aws] upsert by id, texts on ids, inputs, placeholders and limit; [aws] texts
on roles, parameters and services; [guess] the order, and all or nothing.
"""

from __future__ import annotations

from evcli.arns import find_arn, malformed_arn
from evcli.delivery.targets.target_kinds import (
    ALL_INPUTS,
    ALWAYS,
    ELSEWHERE,
    NEVER,
    get_target_kind,
    is_target_service,
)
from evcli.errors import ValidationException
from evcli.operations.resources import list_page
from evcli.operations.rules import find_rule, require_not_managed
from evcli.store.records import Rule, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.context import Context
    from evcli.delivery.targets.target_kinds import TargetKind


def put_targets(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Add targets to a rule, or replace those with the same id as a whole. [aws]

    Of two with the same id in one request the last one stays. [guess]

    Raises:
        ResourceNotFoundException: there is no such event bus or rule.
        ManagedRuleException: the rule belongs to another feature.
        ValidationException: a target is not as its kind needs it.
        LimitExceededException: the rule would have too many targets.
    """
    rule = find_rule(ctx, request.get("EventBusName"), request["Rule"])
    require_not_managed(rule)
    key = (rule.account_id, rule.region, rule.event_bus_name, rule.name)
    before = {
        target.target_id: target.definition
        for target in ctx.store.list_records(Target, *key)
    }
    targets = {}
    for given in request["Targets"]:
        target = _keep_role(given, before.get(given["Id"], {}), rule)
        require_target(target, rule)
        ctx.notices += list_warnings(target)
        targets[target["Id"]] = target
    ctx.require_quota("targets_per_rule", len({*before, *targets}))
    for target in targets.values():
        store_target(ctx, rule, target)
    return _succeed()


def store_target(ctx: Context, rule: Rule, target: dict[str, Any]) -> None:
    """Store a target of a rule, given in wire spelling."""
    ctx.store.put(
        Target(
            account_id=rule.account_id,
            region=rule.region,
            event_bus_name=rule.event_bus_name,
            rule_name=rule.name,
            target_id=target["Id"],
            arn=target["Arn"],
            definition=target,
        )
    )


def _succeed() -> dict[str, Any]:
    # Failed entries tell of trouble between servers; a wrong request fails whole.
    return {"FailedEntryCount": 0, "FailedEntries": []}


def _keep_role(
    target: dict[str, Any], before: dict[str, Any], rule: Rule
) -> dict[str, Any]:
    """Give a target without a role its old one, if it is another account's event bus.

    Source: [doc] only there, and only while id and ARN stay the same.
    """
    if "RoleArn" in target or before.get("Arn") != target["Arn"]:
        return target
    arn = find_arn(target["Arn"])
    kind = get_target_kind(arn)
    is_event_bus = kind is not None and kind.needs_role == ELSEWHERE
    if not is_event_bus or arn.account_id == rule.account_id:
        return target
    if "RoleArn" not in before:
        return target
    kept = {**target, "RoleArn": before["RoleArn"]}
    # Members stay in the order of the model, which is the order of output.
    return {name: kept[name] for name in ("Id", "Arn", "RoleArn")} | kept


def require_target(target: dict[str, Any], rule: Rule) -> None:
    """Ask everything that PutTargets asks of one target, in its order.

    Raises: ValidationException: the first answer that will not do.
    """
    arn = find_arn(target["Arn"])
    kind = _find_kind(arn)
    _require_parameters(target, kind)
    _require_role(target, kind, arn, rule)
    _require_inputs(target, kind)
    _require_transformer(target, kind)
    _require_headers(target)
    _require_dead_letter_queue(target, rule)


def list_warnings(target: dict[str, Any]) -> list[str]:
    """Say what of a target PutTargets accepts although it comes to nothing. [guess]"""
    from evcli.delivery.event_paths import is_path

    paths = target.get("InputTransformer", {}).get("InputPathsMap", {})
    named = {f"path {name!r}": path for name, path in paths.items()}
    if "InputPath" in target:
        named["InputPath"] = target["InputPath"]
    warnings = []
    if target["Arn"].split(":")[2] == "events" and ":target/" in target["Arn"]:
        warnings.append(
            f"target {target['Id']}: EventBridge lets only its console make targets"
            " that EC2 carries out"
        )
    return warnings + [
        f"target {target['Id']}: {name} {path!r} can match nothing; paths are like"
        " $.detail.items[0].sku"
        for name, path in named.items()
        if not is_path(path.removesuffix("."))
    ]


def _find_kind(arn: Arn) -> TargetKind:
    kind = get_target_kind(arn)
    if kind is not None:
        return kind
    if is_target_service(arn.service):
        raise malformed_arn(str(arn))
    raise ValidationException(f"{arn.service} is not a supported service for a target.")


def _require_parameters(target: dict[str, Any], kind: TargetKind) -> None:
    value: Any = target
    for member in kind.needs:
        value = value.get(member)
        if not value:
            raise ValidationException(
                f"Parameter(s) {kind.needs[0]} must be specified for target:"
                f" {target['Id']}."
            )


def _require_role(
    target: dict[str, Any], kind: TargetKind, arn: Arn, rule: Rule
) -> None:
    if "RoleArn" in target or kind.needs_role == NEVER:
        return
    is_elsewhere = (arn.account_id, arn.region) != (rule.account_id, rule.region)
    if kind.needs_role == ALWAYS or is_elsewhere:
        raise ValidationException(f"RoleArn is required for target {target['Arn']}.")


def _require_inputs(target: dict[str, Any], kind: TargetKind) -> None:
    given = ALL_INPUTS & target.keys()
    if len(given) > 1:
        raise ValidationException(
            "Only one of Input, InputPath, or InputTransformer must be provided for"
            f" target {target['Id']}."
        )
    if given - kind.inputs:  # [doc] the rule, [guess] the text
        raise ValidationException(
            f"{', '.join(given)} is not supported for target {target['Id']}."
        )
    if "Input" in target:
        from evcli.delivery.transform import check_input

        problems = check_input(target["Id"], target["Input"])
        if problems:
            raise ValidationException(problems[0])


def _require_transformer(target: dict[str, Any], kind: TargetKind) -> None:
    transformer = target.get("InputTransformer")
    if transformer is None:
        return
    from evcli.delivery.transform import check_input_template, read_template

    template = transformer["InputTemplate"]
    problems = check_input_template(
        target["Id"], template, transformer.get("InputPathsMap", ())
    )
    if problems:
        raise ValidationException(problems[0])
    if kind.template_keys:
        values = read_template(template)
        fields = values[0] if len(values) == 1 else None
        # The values are strings, and a placeholder reads as 0. [peer]
        if (
            not isinstance(fields, dict)
            or fields.keys() != kind.template_keys
            or not all(isinstance(each, str | int) for each in fields.values())
        ):
            raise ValidationException(
                f"Input for target {target['Id']} is not a valid JSON text."
            )


def _require_headers(target: dict[str, Any]) -> None:
    headers = target.get("HttpParameters", {}).get("HeaderParameters", {})
    if not headers:
        return
    from evcli.delivery.targets.http_headers import is_forbidden_header

    for name in headers:
        if is_forbidden_header(name):  # [doc] the list, [guess] refusal and text
            raise ValidationException(
                f"Parameter HttpParameters is not valid for target {target['Id']}."
                f" Reason: Header {name} is not allowed."
            )


def _require_dead_letter_queue(target: dict[str, Any], rule: Rule) -> None:
    """Take standard queues of the rule's region only. [doc] the rule, [guess] the text"""
    queue_arn = target.get("DeadLetterConfig", {}).get("Arn")
    if queue_arn is None:
        return
    arn = find_arn(queue_arn)
    if (
        arn.service != "sqs"
        or arn.region != rule.region
        or arn.resource.endswith(".fifo")
    ):
        raise ValidationException(
            f"Parameter DeadLetterConfig is not valid for target {target['Id']}."
            f" Reason: {queue_arn} is not a standard queue in {rule.region}."
        )


def remove_targets(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Take targets off a rule; ids that it does not have are fine. [guess]

    Raises:
        ResourceNotFoundException: there is no such event bus or rule.
        ManagedRuleException: the rule is managed, and `Force` is not set.
    """
    rule = find_rule(ctx, request.get("EventBusName"), request["Rule"])
    require_not_managed(rule, force=request.get("Force", False))
    for target_id in request["Ids"]:
        ctx.store.delete(
            Target,
            rule.account_id,
            rule.region,
            rule.event_bus_name,
            rule.name,
            target_id,
        )
    return _succeed()


def list_targets_by_rule(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of the targets of a rule, with the members that were set. [aws]

    Raises:
        ResourceNotFoundException: there is no such event bus or rule.
        InvalidToken: the token is not one of this list.
    """
    rule = find_rule(ctx, request.get("EventBusName"), request["Rule"])
    targets, token = list_page(
        ctx,
        request,
        Target,
        rule.account_id,
        rule.region,
        rule.event_bus_name,
        rule.name,
    )
    return {"Targets": [target.definition for target in targets], **token}


HANDLERS = {
    "ListTargetsByRule": list_targets_by_rule,
    "PutTargets": put_targets,
    "RemoveTargets": remove_targets,
}
