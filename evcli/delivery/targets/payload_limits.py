"""How much the services of targets take: what of a call counts, and in which unit.

The limits themselves stand in `TARGET_KINDS`. Each is the one that holds until somebody
raises it, where it can be raised at all:

    lambda         1 MB of payload; [doc] API reference, Invoke, asynchronously
    sqs            1 MiB of body and message attributes (name, type, value), system
                   attributes not counted; [doc] API reference, SendMessage
    sns            256 KiB of message, a topic's default; [doc] API reference, Publish
    kinesis        1 MiB of data and partition key, a stream's default; [doc] developer
                   guide, "Handle large records"; API reference, Record
    firehose       1,000 KiB of data before base64; [doc] API reference, Record
    states         262,144 bytes of input; [doc] API reference, StartExecution
    logs           1 MiB of messages, each with 26 bytes more; [doc] API reference,
                   PutLogEvents, the limit of a batch, of which one event is a part
    ecs            8,192 characters of overrides, as JSON; [doc] API reference, RunTask
    batch          30 KiB of job payload; [doc] user guide, "Service quotas"; [guess]
                   that it is the whole request as JSON
    ssm-incidents  10,000 characters of raw data; [doc] API reference, TriggerDetails

A size in bytes is that of the text in UTF-8. That 1 MB of Lambda's is 1,048,576 bytes is
a [guess]: its 256 KB were 262,144. API Gateway takes 10 MB, more than any payload has;
of all others no page says anything.
"""

from __future__ import annotations

from evcli.delivery.envelopes import count_bytes, format_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LOG_EVENT_BYTES = 26


def find_excess(call: dict[str, Any], limit: int) -> str | None:
    """Say that a call has more than its service takes; `None` when it has not.

    Args:
        call: action and request, as the builders return them.
    """
    unit, count = COUNTED[call["action"]]
    size = count(call["request"])
    if size <= limit:
        return None
    return f"{call['action']} takes at most {limit:,} {unit}, and this has {size:,}."


def _count_message(request: dict[str, Any]) -> int:
    attributes = request.get("MessageAttributes", {})
    return count_bytes(request["MessageBody"]) + sum(
        sum(map(count_bytes, (name, *attribute.values())))
        for name, attribute in attributes.items()
    )


def _count_record(request: dict[str, Any]) -> int:
    return count_bytes(request["Data"]) + count_bytes(request["PartitionKey"])


def _count_log_events(request: dict[str, Any]) -> int:
    return sum(
        count_bytes(each["message"]) + LOG_EVENT_BYTES for each in request["logEvents"]
    )


def _count_overrides(request: dict[str, Any]) -> int:
    return len(format_json(request["overrides"])) if "overrides" in request else 0


# Action -> unit, and function of the request.
COUNTED: dict[str, tuple[str, Callable[[dict[str, Any]], int]]] = {
    "lambda:Invoke": ("bytes", lambda request: count_bytes(request["Payload"])),
    "sqs:SendMessage": ("bytes", _count_message),
    "sns:Publish": ("bytes", lambda request: count_bytes(request["Message"])),
    "kinesis:PutRecord": ("bytes", _count_record),
    "firehose:PutRecord": (
        "bytes",
        lambda request: count_bytes(request["Record"]["Data"]),
    ),
    "states:StartExecution": ("bytes", lambda request: count_bytes(request["input"])),
    "logs:PutLogEvents": ("bytes", _count_log_events),
    "ecs:RunTask": ("characters", _count_overrides),
    "batch:SubmitJob": ("bytes", lambda request: count_bytes(format_json(request))),
    "ssm-incidents:StartIncident": (
        "characters",
        lambda request: len(request["triggerDetails"]["rawData"]),
    ),
}
