"""Payloads: what a target's input settings make of an event."""

from __future__ import annotations

from evcli.delivery.targets.target_kinds import TOO_LARGE, InvalidRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.delivery.events import AcceptedEvent


def build_payload(
    target: dict[str, Any], event: AcceptedEvent, rule_arn: str
) -> str | InvalidRequest:
    """Apply `Input`, `InputPath` or `InputTransformer` of a target to an event.

    Args:
        target: in wire spelling.

    Returns:
        What the code behind the target sees, or why there is nothing.
    """
    if "Input" in target:
        constant: str = target["Input"]
        return constant
    if "InputTransformer" in target:
        from evcli.delivery.transform import MOST_BYTES, ResultTooLargeError, transform

        given = target["InputTransformer"]
        try:
            text, problem = transform(given, event, rule_arn)
        except ResultTooLargeError:
            message = f"The input template would make more than {MOST_BYTES:,} bytes."
            return InvalidRequest(TOO_LARGE, message)
        if problem is None:
            return text
        message = f"The input template did not become JSON: {problem}."
        return InvalidRequest("INVALID_JSON", message)
    if "InputPath" in target:
        from evcli.delivery.envelopes import format_json
        from evcli.delivery.event_paths import MISSING, find_by_path

        value = find_by_path(event.envelope, target["InputPath"])
        if value is MISSING:
            # [guess] The service accepts such a path; what it delivers is not recorded.
            message = f"InputPath {target['InputPath']} matches nothing."
            return InvalidRequest("INVALID_PARAMETER", message)
        return format_json(value)
    return event.row.envelope
