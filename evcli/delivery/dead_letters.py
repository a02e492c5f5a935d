"""Dead letters: what becomes of a delivery that failed for good.

The original event, untransformed, goes to the queue of the target's DeadLetterConfig,
with the reasons as message attributes. It is a delivery of its own (`dead_letter_of`),
attempted once and never dead-lettered again.

Its `target` is the queue with the message's attributes, so that the row says all that
the queue gets, whatever becomes of the delivery that it reports.

The dead-letter queue of an event bus is for events that EventBridge cannot read, because
their encryption key is gone. evcli encrypts nothing, so such a queue stays empty;
[guess] that nothing else goes there, a recording with a disabled key would settle it.

Source: [doc] attributes; [peer] the body; [guess] when each attribute is there.
"""

from __future__ import annotations

from evcli.arns import parse_arn
from evcli.delivery.targets import refuse_excess
from evcli.delivery.targets.messages import format_queue_url, format_system_attributes
from evcli.delivery.targets.target_kinds import TARGET_KINDS, InvalidRequest
from evcli.store.deliveries import Delivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ATTRIBUTES = "MessageAttributes"


def build_dead_letter(failed: Delivery, exhausted: str | None) -> Delivery | None:
    """Make the dead letter of a delivery that failed.

    Args:
        failed: written already, with its last error.
        exhausted: the limit of the retry policy that ended it, if one did.

    Returns:
        `None` when it is a dead letter itself or its target names no queue.
    """
    arn = failed.target.get("DeadLetterConfig", {}).get("Arn")
    if arn is None or failed.dead_letter_of is not None:
        return None
    attributes = {
        "RULE_ARN": failed.rule_arn,
        "TARGET_ARN": failed.target_arn,
        "ERROR_CODE": failed.error_code or "UNKNOWN",
        "ERROR_MESSAGE": failed.error_message or "",
        "RETRY_ATTEMPTS": str(max(failed.attempts - 1, 0)),
    }
    if exhausted is not None:
        attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
    return Delivery(
        event=failed.event,
        rule_arn=failed.rule_arn,
        target={
            "Id": failed.target_id,
            "Arn": arn,
            # [guess] A queue that cannot be reached loses the letter.
            "RetryPolicy": {"MaximumRetryAttempts": 0},
            ATTRIBUTES: {
                # SQS refuses an empty value; [guess] an empty one is left out.
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
                if value
            },
        },
        payload=failed.event.envelope,
        next_attempt_at=failed.finished_at,
        dead_letter_of=failed.delivery_key,
    )


def build_dead_letter_request(letter: Delivery) -> dict[str, Any] | InvalidRequest:
    """Build what the queue's service gets: an action and its request.

    Source: [doc] the event's trace header goes along; [guess] a letter that is too large
    for the queue is lost as one is whose queue is gone.
    """
    arn = parse_arn(letter.target_arn)
    url = letter.target_arn if arn is None else format_queue_url(arn)
    request: dict[str, Any] = {
        "QueueUrl": url,
        "MessageBody": letter.payload,
        ATTRIBUTES: letter.target[ATTRIBUTES],
    }
    if letter.event.trace_header is not None:
        request |= format_system_attributes(letter.event.trace_header)
    call = {"action": "sqs:SendMessage", "request": request}
    refusal = refuse_excess(call, letter.payload, TARGET_KINDS["sqs"].limit)
    return call if refusal is None else refusal
