"""The rules that are held against events: of an event bus, or of a file."""

from __future__ import annotations

import json

from evcli.errors import InspectionError, InvalidEventPatternException
from evcli.operations.resources import find_event_bus
from evcli.patterns import compile_pattern
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context


def list_patterns(ctx: Context, event_bus_name: str) -> dict[str, str]:
    """Name → event pattern of an event bus's enabled rules, those of archives left out.

    Raises: ResourceNotFoundException: there is no such event bus.
    """
    with ctx.store.snapshot():
        bus = find_event_bus(ctx, event_bus_name)
        return {
            rule.name: rule.event_pattern
            for rule in ctx.store.list_records(
                Rule, bus.account_id, bus.region, bus.name
            )
            if rule.event_pattern is not None
            and rule.state != "DISABLED"
            and rule.managed_by is None
        }


def read_patterns(content: bytes, path: str) -> dict[str, str]:
    """Read the content of a file of rules: what list-rules answers, or patterns by name.

    Args:
        path: the file, for messages.

    Raises: InspectionError: it is none, or a pattern is not valid.
    """
    try:
        patterns = _find_patterns(json.loads(content.decode()))
    except (ValueError, RecursionError) as error:
        raise InspectionError(f"{path} is not JSON: {error}.") from error
    if patterns is None:
        raise InspectionError(
            f"{path} is neither an answer of list-rules nor an object of names and event"
            " patterns."
        )
    for name, pattern in patterns.items():
        try:
            compile_pattern(pattern)
        except InvalidEventPatternException as error:
            raise InspectionError(f"{path}: rule {name}: {error.message}") from error
    return patterns


def _find_patterns(value: object) -> dict[str, str] | None:
    """Find names and event patterns, as texts; `None` if there are none to find."""
    if not isinstance(value, dict):
        return None
    listed = value.get("Rules")
    if isinstance(listed, list):
        value = {
            rule["Name"]: rule["EventPattern"]
            for rule in listed
            if isinstance(rule, dict)
            and "Name" in rule
            and "EventPattern" in rule
            and rule.get("State") != "DISABLED"
            and "ManagedBy" not in rule
        }
    patterns = {
        name: json.dumps(pattern) if isinstance(pattern, dict) else pattern
        for name, pattern in value.items()
    }
    are_texts = all(isinstance(pattern, str) for pattern in patterns.values())
    return patterns if are_texts else None
