"""What happened, as text: in the report of a test that failed."""

from __future__ import annotations

from collections import Counter

from evcli.inspection.trace_lines import list_lines
from evcli.inspection.traces import trace_last_events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evcli.context import Context
    from evcli.inspection.deliveries import Value
    from evcli.testing.values import Delivery, Event

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


def describe_absence(
    asked: Mapping[str, str | None],
    timeout: float,
    deliveries: Sequence[Delivery],
    events: Sequence[Event],
) -> str:
    """Say which delivery did not come, and what there is instead.

    Args:
        asked: what it should have been, by name; `None` is left out.
        timeout: how long was waited for it, in seconds.
        deliveries, events: all there are.
    """
    wanted = ", ".join(f"{name} {each}" for name, each in asked.items() if each)
    if deliveries:
        counts = Counter(f"{each.target_id} {each.state}" for each in deliveries)
        found = ", ".join(f"{number} to {each}" for each, number in counts.items())
        there_is = f"there are {found}"
    elif events:
        last = events[-1]
        there_is = f"of {last.source}: {last.detail_type}, {last.reason}"
    else:
        there_is = "no event has arrived"
    line = f"No delivery came within {timeout:g} s with {wanted}; {there_is}."
    return _make_printable(line)


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
