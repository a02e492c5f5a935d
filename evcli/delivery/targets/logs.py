"""Requests of CloudWatch Logs.

Source: [aws] the message is the whole event; [peer] [doc] the transformer's two
fields; [guess] one log stream for each delivery, the event's time as the timestamp.
"""

from __future__ import annotations

from datetime import UTC, datetime

from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.ids import derive_uuid
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery


def build_logs(
    delivery: Delivery, arn: Arn, fields: dict[str, Any] | None
) -> dict[str, Any] | InvalidRequest:
    """Put a log event into a stream of its own.

    The service is called twice, first to make the stream. The first call, with the
    group and stream of the second and nothing else, is not written.

    Args:
        fields: what the input transformer made; `None` without one.
    """
    if fields is None:
        from evcli.delivery.event_paths import read_envelope

        envelope = read_envelope(delivery.event)
        fields = {"timestamp": envelope.get("time"), "message": delivery.payload}
    timestamp, message = read_timestamp(fields.get("timestamp")), fields.get("message")
    if timestamp is None:
        return InvalidRequest("INVALID_PARAMETER", "timestamp is no ISO 8601 time.")
    if not isinstance(message, str):
        return InvalidRequest("INVALID_PARAMETER", "message is not a string.")
    return {
        "action": "logs:PutLogEvents",
        "request": {
            "logGroupName": arn.resource.removeprefix("log-group:").removesuffix(":*"),
            "logStreamName": derive_uuid(
                delivery.event.event_id, delivery.rule_arn, delivery.target_id
            ),
            "logEvents": [{"timestamp": timestamp, "message": message}],
        },
    }


def read_timestamp(value: object) -> int | None:
    """Read an ISO 8601 time, UTC unless it says otherwise, as epoch milliseconds."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        return to_epoch_ms(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
