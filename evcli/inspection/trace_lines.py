"""The story of an event for people, line by line; whoever shows it draws the tree."""

from __future__ import annotations

import json
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.inspection.deliveries import Value

# What a line is, where that shows: these, and the states of deliveries.
TITLE, MATCHED, MISSED = "TITLE", "MATCHED", "MISSED"
PLAIN = ""


class Line(NamedTuple):
    """A line of a tree: how many lines it is below the root, its text, what it is."""

    depth: int
    text: str
    role: str = PLAIN


def name_in_full(delivery: Value) -> tuple[str, str]:
    """Name where a delivery goes by its ARN, and itself by its id."""
    return delivery["TargetArn"], delivery["DeliveryId"]


def list_lines(
    story: Value, name: Callable[[Value], tuple[str, str]] = name_in_full
) -> Iterator[Line]:
    """Tell a story of `traces.trace_event`: the event, then each arrival.

    Args:
        name: delivery → where it goes, and its id, as they are to be shown.
    """
    event = story["Event"]
    yield Line(0, f"{_name_event(event)}  {story['EventId']}", TITLE)
    yield Line(1, _format_detail(event))
    for arrival in story["Arrivals"]:
        title = (
            f"{arrival['EventBusName']}  {arrival['Account']} {arrival['Region']}"
            f"  {arrival['AcceptedAt']}"
        )
        yield Line(1, title, TITLE)
        own = arrival.get("Event", event)
        if _name_event(own) != _name_event(event):
            yield Line(2, _name_event(own))
        if own["detail"] != event["detail"]:
            yield Line(2, _format_detail(own))
        if "Reason" in arrival:
            yield Line(2, f"○ {arrival['Reason']}")
        for rule in arrival["Rules"]:
            mark, role = ("✔", MATCHED) if rule["Matched"] else ("✘", MISSED)
            reason = f"  {rule['Reason']}" if "Reason" in rule else ""
            yield Line(2, f"{mark} {rule['Name']}{reason}", role)
        for delivery in arrival["Deliveries"]:
            yield from _list_delivery(2, delivery, "→", name)


def _name_event(event: Value) -> str:
    return f"{event['source']}: {event['detail-type']}"


def _format_detail(event: Value) -> str:
    return json.dumps(event["detail"], ensure_ascii=False)


def _list_delivery(
    depth: int, delivery: Value, arrow: str, name: Callable[[Value], tuple[str, str]]
) -> Iterator[Line]:
    state = delivery["State"]
    route, delivery_id = name(delivery)
    yield Line(depth, f"{arrow} {route}  {state}  {delivery_id}", state)
    if "Payload" in delivery:
        yield Line(depth + 1, f"payload {delivery['Payload']}")
    for attempt in delivery.get("AttemptLog", ()):
        said = [attempt.get(key) for key in ("ErrorCode", "ErrorMessage", "Output")]
        result = "  ".join(text for text in said if text) or "delivered"
        number, at = attempt["Number"], attempt["AttemptedAt"]
        yield Line(depth + 1, f"attempt {number}  {at}  {result}")
    if not delivery.get("AttemptLog") and "ErrorCode" in delivery:
        message = delivery.get("ErrorMessage", "")
        yield Line(depth + 1, f"{delivery['ErrorCode']}  {message}")
    for letter in delivery.get("DeadLetters", ()):
        yield from _list_delivery(depth + 1, letter, "☠", name)
