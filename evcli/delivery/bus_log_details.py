"""What is in the records of `bus_logs.py`: AWS's schema, member by member.

Source: [doc] the members and their order, `IncludeDetail`, the limit of size and what
gives way; [aws] `event_bus_name`; [guess] the values of statuses, which are the codes of
dead letters, the spelling of services, that `target_input` is the payload, that an id of
an invocation follows from that of its delivery, and that a level of detail that is not
set is NONE.
"""

from __future__ import annotations

import json

from evcli.arns import parse_arn
from evcli.ids import derive_uuid
from evcli.model.secrets import hide_secrets
from evcli.model.targets import TARGET
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Outcome
    from evcli.store.deliveries import Delivery

    Members = dict[str, Any]

# Members of the details that `IncludeDetail` adds when it is FULL.
FULL_MEMBERS = ("event_detail", "target_input", "target_properties")
# What is left out of a record that is too large, one after the other.
DROPPED = ("target_input", "target_properties", "target_response_body", "event_detail")
LIMIT_BYTES = 1 << 20

# Services whose targets answer with a body that says something.
ANSWERING = ("events", "execute-api")


def derive_invocation_id(delivery: Delivery) -> str:
    """The id of what EventBridge calls an invocation: one event for one target."""
    return derive_uuid(delivery.delivery_id)


def describe_target(delivery: Delivery) -> Members:
    """The members that all details of invocations begin with."""
    return {
        "rule_arn": delivery.rule_arn,
        "role_arn": delivery.target.get("RoleArn"),
        "target_arn": delivery.target_arn,
    }


def describe_content(delivery: Delivery) -> Members:
    """What a target gets, and how it is to be called, secrets hidden."""
    shown = hide_secrets(TARGET, delivery.target)
    properties = {k: v for k, v in shown.items() if k.endswith("Parameters")}
    return {
        "target_input": delivery.payload,
        "target_properties": _format(properties) if properties else None,
    }


def describe_start(delivery: Delivery, attempt: int) -> Members:
    """The details of what is about to be attempted."""
    return {
        **describe_target(delivery),
        "attempt_count": attempt,
        **describe_content(delivery),
    }


def describe_end(delivery: Delivery, result: Members) -> Members:
    """The details of an invocation that has ended.

    Args:
        result: `total_attempts`, and what else is known of its end.
    """
    content = describe_content(delivery)
    status = delivery.error_code or "SUCCESS"
    total = {"total_attempts": result["total_attempts"]}
    final = {"final_invocation_status": status}
    return {**describe_target(delivery), **content, **total, **final, **result}


def describe_error(
    delivery: Delivery, outcome: Outcome | None = None
) -> Members | None:
    """Word the last error of a delivery; `None` where there is none.

    Args:
        outcome: of the attempt that failed, if it was one.
    """
    if delivery.error_code is None:
        return None
    arn = parse_arn(delivery.target_arn)
    error: Members = {
        "error_message": delivery.error_message or delivery.error_code,
        "aws_service": "events" if arn is None else arn.service,
    }
    if outcome is not None and outcome.http_status is not None:
        error["http_status_code"] = outcome.http_status
    return error


def get_response_body(delivery: Delivery, outcome: Outcome) -> str | None:
    """What a target answered, where it is one that answers with a body."""
    arn = parse_arn(delivery.target_arn)
    is_answering = arn is not None and arn.service in ANSWERING
    return outcome.output if is_answering else None


def count_ms(start: datetime, end: datetime) -> int:
    """How long something took, in milliseconds; nothing on a clock that was put back."""
    return max(to_epoch_ms(end) - to_epoch_ms(start), 0)


def format_record(record: Members, *, is_full: bool) -> str:
    """Write a record as a line of JSON, without what would make it too large.

    Args:
        record: its members in their order, those that it does not have as `None`.
        is_full: whether `IncludeDetail` is FULL.
    """
    left_out = () if is_full else FULL_MEMBERS
    details = {
        name: value
        for name, value in record["details"].items()
        if value is not None and name not in left_out
    }
    text = _format_set({**record, "details": details})
    dropped = []
    for name in DROPPED:
        if len(text.encode("utf-8", "surrogatepass")) <= LIMIT_BYTES:
            break
        if details.pop(name, None) is not None:
            dropped.append(name)
            text = _format_set(
                {**record, "details": details, "dropped_fields": dropped}
            )
    return text


def _format_set(members: Members) -> str:
    return _format({k: v for k, v in members.items() if v is not None})


def _format(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
