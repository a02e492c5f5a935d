"""Requests of Systems Manager, Incident Manager and EC2.

Source: [doc] documents get nothing from the event without input settings, what EC2's
built-in targets do; [peer] the keys of an OpsItem's transformer; [guess] strings become
lists, what an OpsItem or an incident is made of.
"""

from __future__ import annotations

from evcli.delivery.envelopes import format_json
from evcli.delivery.event_paths import format_bare, read_envelope
from evcli.delivery.targets.target_kinds import InvalidRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery

# Resource of a built-in target -> its action and the member that takes the id.
EC2_ACTIONS = {
    "target/reboot-instance": ("ec2:RebootInstances", "InstanceIds"),
    "target/stop-instance": ("ec2:StopInstances", "InstanceIds"),
    "target/terminate-instance": ("ec2:TerminateInstances", "InstanceIds"),
    "target/create-snapshot": ("ec2:CreateSnapshot", "VolumeId"),
}


def build_run_command(
    delivery: Delivery, arn: Arn, values: dict[str, Any] | None
) -> dict[str, Any] | InvalidRequest:
    """Send a command to instances."""
    parameters = delivery.target.get("RunCommandParameters", {})
    request: dict[str, Any] = {
        "DocumentName": arn.resource.removeprefix("document/"),
        "Targets": parameters.get("RunCommandTargets", []),
    }
    return _add_parameters("ssm:SendCommand", request, values)


def build_automation(
    delivery: Delivery, arn: Arn, values: dict[str, Any] | None
) -> dict[str, Any] | InvalidRequest:
    """Start an automation; its ARN may name a version."""
    name, _, version = arn.resource.removeprefix("automation-definition/").partition(
        ":"
    )
    request: dict[str, Any] = {"DocumentName": name}
    if version:
        request["DocumentVersion"] = version
    return _add_parameters("ssm:StartAutomationExecution", request, values)


def _add_parameters(
    action: str, request: dict[str, Any], values: dict[str, Any] | None
) -> dict[str, Any] | InvalidRequest:
    """Finish a call with parameters, each a list of strings or a string."""
    if values is None:
        return {"action": action, "request": request}
    parameters = {
        name: [value] if isinstance(value, str) else value
        for name, value in values.items()
    }
    for name, value in parameters.items():
        if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
            return InvalidRequest(
                "INVALID_PARAMETER", f"Parameter {name} is no list of strings."
            )
    return {"action": action, "request": {**request, "Parameters": parameters}}


def build_ops_item(
    delivery: Delivery, arn: Arn, fields: dict[str, Any] | None
) -> dict[str, Any]:
    """Create an OpsItem; what no transformer says is taken from the event."""
    event = read_envelope(delivery.event)
    given = fields or {}
    request: dict[str, Any] = {
        "Title": given.get("title", event.get("detail-type")),
        "Description": given.get("description", delivery.event.envelope),
        "Source": given.get("source", event.get("source")),
    }
    request |= {
        member: given[name]
        for name, member in (("category", "Category"), ("severity", "Severity"))
        if name in given
    }
    request = {member: format_bare(value) for member, value in request.items()}
    data = _read_operational_data(given)
    if data:
        request["OperationalData"] = data
    return {"action": "ssm:CreateOpsItem", "request": request}


def _read_operational_data(fields: dict[str, Any]) -> dict[str, Any]:
    """Read `operationalData`, and `resources`, which is an entry of it."""
    given = fields.get("operationalData")
    data = {}
    for name, entry in given.items() if isinstance(given, dict) else ():
        value = entry.get("value") if isinstance(entry, dict) else entry
        kind = entry.get("type", "String") if isinstance(entry, dict) else "String"
        data[name] = {"Type": format_bare(kind), "Value": format_bare(value)}
    resources = fields.get("resources")
    if resources:
        arns = resources if isinstance(resources, list) else [resources]
        data["/aws/resources"] = {
            "Type": "SearchableString",
            "Value": format_json([{"arn": each} for each in arns]),
        }
    return data


def build_incident(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Start an incident by a response plan."""
    event = read_envelope(delivery.event)
    return {
        "action": "ssm-incidents:StartIncident",
        "request": {
            "responsePlanArn": delivery.target_arn,
            "triggerDetails": {
                "source": event.get("source"),
                "timestamp": event.get("time"),
                "triggerArn": delivery.rule_arn,
                "rawData": delivery.payload,
            },
        },
    }


def build_ec2(
    delivery: Delivery, arn: Arn, value: object
) -> dict[str, Any] | InvalidRequest:
    """Do what a built-in target does to the instance or volume that the payload names.

    The payload is a JSON string, an id or an ARN.
    """
    action, member = EC2_ACTIONS[arn.resource]
    resource_id = value.rpartition("/")[2] if isinstance(value, str) else ""
    if not resource_id:
        return InvalidRequest(
            "INVALID_PARAMETER", "The payload is not the id of a resource."
        )
    return {
        "action": action,
        "request": {member: [resource_id] if member[-1] == "s" else resource_id},
    }
