"""Events a screenful at a time: the newest, older ones, and what is new since a cursor.

For whoever asks again and again and keeps nothing open in between, as a page in a browser
does. No answer reads more than a bounded number of events, whatever is asked of them: one
that found little says how far it came, and the next one goes on from there.
"""

from __future__ import annotations

from itertools import islice

from evcli.inspection.events import describe_events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from evcli.context import Context
    from evcli.inspection.events import EventQuery
    from evcli.store.deliveries import Event

    Value = dict[str, Any]

# Events that one answer looks at, about a fifth of a second: those that the store tells
# apart, and those that are read and held against patterns.
LOOKED_AT = 20_000
MATCHED = 4_000


def list_newest(
    ctx: Context, query: EventQuery, limit: int, before: int | None = None
) -> Value:
    """List the newest events, or those before a cursor.

    Returns:
        `Events`, oldest first, as `describe_summaries` has them; `Oldest` and `Newest`,
        the cursors for what is before and behind; `HasOlder`.
    """
    accepted = ctx.store.accepted_events
    last = accepted.get_last_key()
    start = last + 1 if before is None else before
    bound = accepted.find_key_back(start, _find_reach(query))
    # The event at the bound is of the reach; 0 is no event's key.
    newest = accepted.list_newest(query.conditions, max(bound - 1, 0), start - 1)
    found = list(islice(filter(query.is_met_by, newest), limit))
    oldest = found[-1].event_key if len(found) == limit else bound
    return {
        "Events": describe_summaries(ctx, found[::-1]),
        "Oldest": oldest,
        "Newest": last,
        "HasOlder": accepted.find_key_back(oldest, 1) > 0,
    }


def list_new(ctx: Context, query: EventQuery, limit: int, after: int) -> Value:
    """List the events behind a cursor: `Events` and `Newest`, as `list_newest`."""
    accepted = ctx.store.accepted_events
    bound = accepted.find_key_ahead(after, _find_reach(query))
    new: Iterator[Event] = iter(())
    if bound > after:
        new = accepted.list_after(query.conditions, after, bound)
    found = list(islice(filter(query.is_met_by, new), limit))
    newest = found[-1].event_key if len(found) == limit else bound
    return {"Events": describe_summaries(ctx, found), "Newest": newest}


def list_again(ctx: Context, event_keys: Iterable[int]) -> list[Value]:
    """List events by their keys as they stand now; those that are gone are left out."""
    found = map(ctx.store.accepted_events.get_event, event_keys)
    return describe_summaries(ctx, [event for event in found if event is not None])


def describe_summaries(ctx: Context, events: Sequence[Event]) -> list[Value]:
    """Lay events out as `describe_events`, with their `Key` and without themselves."""
    values = []
    for event, value in zip(events, describe_events(ctx, events), strict=True):
        value.pop("Event", None)
        values.append({"Key": event.event_key, **value})
    return values


def _find_reach(query: EventQuery) -> int:
    return MATCHED if query.patterns else LOOKED_AT
