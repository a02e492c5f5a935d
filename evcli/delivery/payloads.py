"""Payloads: what a target's input settings make of an event."""

from __future__ import annotations

import re

from evcli.delivery.envelopes import format_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.store.ledger import Event

# Source: [doc] dot notation with indexes, as the service's own path shapes spell it.
PATH = re.compile(r"\$(?:\.[A-Za-z0-9_/-]+(?:\[(?:\d+|\*)\])*)*", re.ASCII)
STEP = re.compile(r"\.([A-Za-z0-9_/-]+)|\[(\d+|\*)\]", re.ASCII)

MISSING = object()


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
    target: dict[str, Any], event: Event, envelope: dict[str, Any], rule_arn: str
) -> Payload:
    """Apply `Input`, `InputPath` or `InputTransformer` of a target to an event.

    Args:
        target: in wire spelling.
        envelope: the event as a value; never changed.
    """
    if "Input" in target:
        return Payload(target["Input"])
    if "InputPath" in target:
        value = find_by_path(envelope, target["InputPath"])
        if value is MISSING:
            # [inf] The service accepts such a path; what it delivers is not recorded.
            return Payload(
                "",
                "INVALID_PARAMETER",
                f"InputPath {target['InputPath']} matches nothing.",
            )
        return Payload(format_json(value))
    return Payload(event.envelope)


def find_by_path(envelope: dict[str, Any], path: str) -> Any:
    """Select a value by a path such as `$.detail.items[0].sku`; `MISSING` if none.

    Source: [doc] the grammar, [inf] `[*]` collects in order, and none is no match.
    """
    text = path.removesuffix(".")
    if PATH.fullmatch(text) is None:
        return MISSING
    values, collects = [envelope], False
    for name, index in STEP.findall(text):
        if index == "*":
            collects = True
            values = [
                item for each in values if isinstance(each, list) for item in each
            ]
        elif index:
            place = int(index)
            values = [
                each[place]
                for each in values
                if isinstance(each, list) and place < len(each)
            ]
        else:
            values = [
                each[name] for each in values if isinstance(each, dict) and name in each
            ]
    if not values:
        return MISSING
    return values if collects else values[0]
