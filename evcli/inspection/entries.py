"""Entries that were put: why some failed, and why nothing came of others."""

from __future__ import annotations

import json

from evcli.delivery.envelopes import (
    MAX_DEPTH,
    MAX_INTEGER,
    is_too_deep,
    refuse_constant,
)
from evcli.inspection.reasons import ReasonFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from evcli.context import Context

    Value = dict[str, Any]

# What of the text stands at a fault, in characters.
SHOWN_CHARACTERS = 20


def explain_entries(
    ctx: Context, entries: Sequence[Value], results: Sequence[Value]
) -> Iterator[tuple[int, str]]:
    """Say why entries failed or led to nothing; of all others nothing.

    Args:
        entries: of a request, checked.
        results: of its response, in the same order.

    Returns:
        The number of an entry, from 1, and the reason.
    """
    reasons = ReasonFinder(ctx)
    for number, (entry, result) in enumerate(zip(entries, results, strict=True), 1):
        if "ErrorCode" in result:
            yield number, _explain_failure(entry, result)
            continue
        reason = _explain_arrivals(ctx, result["EventId"], reasons)
        if reason is not None:
            yield number, reason


def _explain_failure(entry: Value, result: Value) -> str:
    code: str = result["ErrorCode"]
    if code == "MalformedDetail":
        return f"Detail is malformed: {find_detail_fault(entry['Detail'])}"
    if code == "NotAuthorizedForSourceException":
        return f"only AWS services send as {entry['Source']}; `evcli local send` plays them"
    return f"{code}: {result['ErrorMessage']}"


def _explain_arrivals(ctx: Context, event_id: str, reasons: ReasonFinder) -> str | None:
    """Say why no delivery came of an event; `None` if one did, on any event bus."""
    arrivals = ctx.store.accepted_events.list_arrivals(event_id)
    if not arrivals:
        # Only partners' events are accepted without a row.
        return "the event source is not active: dropped"
    if any(event.undelivered is None for event in arrivals):
        return None
    return reasons.find(arrivals[0], json.loads(arrivals[0].envelope))


def find_detail_fault(text: str) -> str:
    """Say where and why a text is not what a Detail has to be: a JSON object.

    Args:
        text: of which `parse_detail` gave nothing.
    """
    if is_too_deep(text):
        return f"it is nested deeper than {MAX_DEPTH:,} levels."
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        found = text[error.pos : error.pos + SHOWN_CHARACTERS]
        more = "…" if len(text) > error.pos + SHOWN_CHARACTERS else ""
        at = f"line {error.lineno}, column {error.colno}"
        what = f"{found}{more}" if found else "the end"
        return f"{error.msg} at {at}, where there is {what}"
    except RecursionError:
        return "it is nested too deep."
    except ValueError as error:
        return f"{error}."
    if not isinstance(value, dict):
        kind = KINDS.get(type(value), "a number")
        return f"it is {kind}, not an object."
    return f"a whole number is beyond ±{MAX_INTEGER:,}."


KINDS = {list: "an array", str: "a string", bool: "true or false", type(None): "null"}
