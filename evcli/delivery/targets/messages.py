"""Requests of services that take the payload as it is.

Binary members (`Payload`, `Data`) are written as text and not as base64.

Source: [aws] names and members; [doc] the partition key's default; [guess] its rendering.
"""

from __future__ import annotations

from evcli.arns import find_domain
from evcli.ids import derive_uuid, name_by_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery

# In characters. Source: [doc] PutRecord of Kinesis.
PARTITION_KEY_LENGTH = 256


def build_lambda(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Invoke a function asynchronously: its own failure is not the delivery's."""
    return {
        "action": "lambda:Invoke",
        "request": {
            "FunctionName": delivery.target_arn,
            "InvocationType": "Event",
            "Payload": delivery.payload,
        },
    }


def build_sqs(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Send a message to a standard queue, which knows no groups. [guess]"""
    request = {"QueueUrl": format_queue_url(arn), "MessageBody": delivery.payload}
    header = delivery.event.trace_header
    if header is not None:
        request |= format_system_attributes(header)
    return {"action": "sqs:SendMessage", "request": request}


def format_queue_url(arn: Arn) -> str:
    """Spell the URL of an SQS queue."""
    return (
        f"https://sqs.{arn.region}.{find_domain(arn)}/{arn.account_id}/{arn.resource}"
    )


def format_system_attributes(trace_header: str) -> dict[str, Any]:
    """Write the member of SendMessage that carries a trace header. Source: [doc]."""
    attribute = {"DataType": "String", "StringValue": trace_header}
    return {"MessageSystemAttributes": {"AWSTraceHeader": attribute}}


def build_sqs_fifo(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Send a message to a FIFO queue; the group is a constant, never a path. [doc]"""
    call = build_sqs(delivery, arn, payload)
    group = delivery.target.get("SqsParameters", {}).get("MessageGroupId", "")
    call["request"]["MessageGroupId"] = group
    return call


def build_sns(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Publish: neither subject nor attributes."""
    return {
        "action": "sns:Publish",
        "request": {"TopicArn": delivery.target_arn, "Message": delivery.payload},
    }


def build_kinesis(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Put a record, without a newline at its end."""
    return {
        "action": "kinesis:PutRecord",
        "request": {
            "StreamName": arn.resource.removeprefix("stream/"),
            "Data": delivery.payload,
            "PartitionKey": find_partition_key(delivery),
        },
    }


def find_partition_key(delivery: Delivery) -> str:
    """Take the partition key from the event as it was accepted, else the event's id."""
    event = delivery.event
    path = delivery.target.get("KinesisParameters", {}).get("PartitionKeyPath")
    if path is None:
        return event.event_id
    from evcli.delivery.event_paths import (
        MISSING,
        find_by_path,
        format_bare,
        read_envelope,
    )

    value = find_by_path(read_envelope(event), path)
    key = "" if value is MISSING else format_bare(value)
    # Kinesis knows no empty keys.
    return key[:PARTITION_KEY_LENGTH] or event.event_id


def build_firehose(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Put a record, without a newline at its end."""
    return {
        "action": "firehose:PutRecord",
        "request": {
            "DeliveryStreamName": arn.resource.removeprefix("deliverystream/"),
            "Record": {"Data": delivery.payload},
        },
    }


def build_states(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Start an execution, whose name starts with the event's id.

    Source: [aws] so far; [guess] a second UUID, of rule and target, so that two rules do
    not start executions of one name.
    """
    suffix = derive_uuid(delivery.rule_arn, delivery.target_id)
    request = {
        "stateMachineArn": delivery.target_arn,
        "name": f"{name_by_id(delivery.event.event_id)}_{suffix}",
        "input": delivery.payload,
    }
    if delivery.event.trace_header is not None:
        request["traceHeader"] = delivery.event.trace_header
    return {"action": "states:StartExecution", "request": request}
