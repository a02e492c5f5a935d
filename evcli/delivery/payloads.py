"""Payloads: what a target's input settings make of an event."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.delivery.events import AcceptedEvent


class Payload:
    """The text for a target, or why there is none.

    Without `error_code` the text is what the code behind the target sees.
    """

    __slots__ = ("error_code", "error_message", "text")

    def __init__(
        self,
        text: str,
        error_code: str | None = None,
        error_message: str | None = None,
    ) -> None:
        self.text = text
        self.error_code = error_code
        self.error_message = error_message


def build_payload(
    target: dict[str, Any], event: AcceptedEvent, rule_arn: str
) -> Payload:
    """Apply `Input`, `InputPath` or `InputTransformer` of a target to an event.

    Args:
        target: in wire spelling.
    """
    if "Input" in target:
        return Payload(target["Input"])
    if "InputTransformer" in target:
        from evcli.delivery.transform import ResultTooLargeError, transform

        given = target["InputTransformer"]
        try:
            text, problem = transform(given, event, rule_arn)
        except ResultTooLargeError:
            return _refuse_large_result()
        if problem is None:
            return Payload(text)
        message = f"The input template did not become JSON: {problem}."
        return Payload("", "INVALID_JSON", message)
    if "InputPath" in target:
        from evcli.delivery.envelopes import format_json
        from evcli.delivery.event_paths import MISSING, find_by_path

        value = find_by_path(event.envelope, target["InputPath"])
        if value is MISSING:
            # [guess] The service accepts such a path; what it delivers is not recorded.
            return Payload(
                "",
                "INVALID_PARAMETER",
                f"InputPath {target['InputPath']} matches nothing.",
            )
        return Payload(format_json(value))
    return Payload(event.row.envelope)


def _refuse_large_result() -> Payload:
    from evcli.delivery.targets.target_kinds import TOO_LARGE
    from evcli.delivery.transform import MOST_BYTES

    message = f"The input template would make more than {MOST_BYTES:,} bytes."
    return Payload("", TOO_LARGE, message)
