"""What happened, as text: in the report of a test that failed."""

from __future__ import annotations

from evcli.inspection.trace_lines import list_lines
from evcli.inspection.traces import trace_last_events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from evcli.context import Context
    from evcli.inspection.deliveries import Value

# So many events are told; a report of more would be read by nobody.
SHOWN_EVENTS = 20
INDENT = "    "


def describe_state(ctx: Context, notices: Iterable[str]) -> str:
    """Tell the stories of the last events, and what evcli has said beside."""
    stories = trace_last_events(ctx, SHOWN_EVENTS + 1)
    paragraphs = [format_story(each) for each in stories[-SHOWN_EVENTS:]]
    if len(stories) > SHOWN_EVENTS:
        paragraphs.insert(0, f"The last {SHOWN_EVENTS} events:")
    if not stories:
        paragraphs.append("No event has arrived.")
    paragraphs += [f"evcli: {_make_printable(line)}" for line in notices]
    return "\n".join(paragraphs)


def format_story(story: Value) -> str:
    """Write a story of `traces.trace_event`, indented."""
    return "\n".join(
        INDENT * line.depth + _make_printable(line.text) for line in list_lines(story)
    )


def _make_printable(text: str) -> str:
    """Spell out what could steer a terminal; lines stay."""
    return "".join(
        each if each.isprintable() or each in "\t\n" else f"\\u{ord(each):04x}"
        for each in text
    )
