"""Why a rule matches an event or not, for a test that has both."""

from __future__ import annotations

import json

from evcli.delivery.envelopes import format_json, parse_detail
from evcli.errors import EvcliError
from evcli.operations import call
from evcli.operations.whole_events import complete_event, is_whole_event
from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain, format_verdict
from evcli.testing.values import Explanation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

# Members of an entry of PutEvents → those of the event that it becomes.
MEMBERS = {
    "Source": "source",
    "DetailType": "detail-type",
    "Detail": "detail",
    "Resources": "resources",
    "Time": "time",
}


def explain_rule(
    ctx: Context, event: dict[str, Any], rule: str, event_bus_name: str
) -> Explanation:
    """Hold an event against a rule.

    Args:
        event: a whole event or an entry of PutEvents.

    Raises: EvcliError: there is no such rule, or the event is none.
    """
    request = {"Name": rule, "EventBusName": event_bus_name}
    found = call(ctx, "DescribeRule", request)
    pattern = found.get("EventPattern")
    if pattern is None:
        return Explanation(
            False, f"The rule {rule} has a schedule and no event pattern."
        )
    envelope = complete_event(ctx, event if is_whole_event(event) else _to_event(event))
    verdict = explain(compile_pattern(pattern), read_event(format_json(envelope)))
    text = format_verdict(verdict)
    if found["State"] == "DISABLED":
        return Explanation(False, f"The rule {rule} is disabled.\n{text}")
    return Explanation(verdict.matched, text)


def _to_event(entry: dict[str, Any]) -> dict[str, Any]:
    event = {MEMBERS[name]: each for name, each in entry.items() if name in MEMBERS}
    detail = event.get("detail")
    if isinstance(detail, str):
        parsed = parse_detail(detail)
        if parsed is None:
            raise EvcliError(f"Detail is not a JSON object: {json.dumps(detail)}.")
        event["detail"] = parsed
    return event
