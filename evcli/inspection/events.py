"""Events as JSON values: listed, and followed as they arrive, with what came of each."""

from __future__ import annotations

import json
import re
from itertools import islice

from evcli.arns import parse_arn, split_event_bus_arn, split_rule_resource
from evcli.delivery.settling import settle
from evcli.errors import InspectionError, InvalidEventPatternException
from evcli.inspection.event_ids import shorten_event_id
from evcli.inspection.following import FRESH, SAME
from evcli.inspection.reasons import ReasonFinder
from evcli.patterns import EventTextError, compile_pattern, match, read_event
from evcli.store.accepted_events import PAGE, EventConditions
from evcli.store.deliveries import PENDING
from evcli.store.epoch import format_instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.context import Context
    from evcli.patterns import EventPattern
    from evcli.store.deliveries import Event

    Value = dict[str, Any]

# Texts that JSON can write in one way only, so far as anybody writes it.
PLAIN = re.compile(r"[A-Za-z0-9 _.:@-]+", re.ASCII)
# How many looks following waits for the first attempts of an event.
HELD_LOOKS = 5


class EventQuery:
    """Which events are meant: what the store can tell, and patterns that all match."""

    __slots__ = ("conditions", "patterns")

    def __init__(
        self, conditions: EventConditions, patterns: Sequence[EventPattern] = ()
    ) -> None:
        self.conditions = conditions
        self.patterns = patterns

    def is_met_by(self, event: Event) -> bool:
        """Say whether the patterns match an event that meets the conditions."""
        if not self.patterns:
            return True
        try:
            tree = read_event(event.envelope)
        except EventTextError:
            return False
        return all(match(pattern, tree) for pattern in self.patterns)


def make_query(
    *,
    event_bus_name: str | None = None,
    source: str | None = None,
    detail_type: str | None = None,
    event_pattern: str | None = None,
    since: datetime | None = None,
    undelivered: bool = False,
    failed: bool = False,
    text: str | None = None,
) -> EventQuery:
    """Put together what is asked of events; `None` asks for nothing.

    Args:
        event_bus_name: a name, in whatever account and region, or an ARN.
        source, detail_type: the whole text; `*` stands for any characters.
        event_pattern: JSON.
        undelivered: only events that no delivery came of.
        failed: only events with a delivery that failed for good.
        text: stands somewhere in the event's JSON, in capitals or not.

    Raises: InspectionError: the event pattern is not valid.
    """
    texts = {"source": source, "detail-type": detail_type}
    fields = {name: text for name, text in texts.items() if text is not None}
    arn = parse_arn(event_bus_name or "")
    patterns = []
    if fields:
        conditions = {
            name: [{"wildcard": text} if "*" in text else text]
            for name, text in fields.items()
        }
        patterns.append(_compile(json.dumps(conditions)))
    if event_pattern is not None:
        patterns.append(_compile(event_pattern))
    return EventQuery(
        EventConditions(
            event_bus=split_event_bus_arn(arn) if arn else event_bus_name,
            accepted_since=since,
            undelivered=undelivered,
            failed=failed,
            text=text,
            # So that most of what does not match need not be read as JSON.
            fragments=[
                f'"{text}"' for text in fields.values() if PLAIN.fullmatch(text)
            ],
        ),
        patterns,
    )


def _compile(event_pattern: str) -> EventPattern:
    try:
        return compile_pattern(event_pattern)
    except InvalidEventPatternException as error:
        raise InspectionError(error.message, "pattern") from error


def list_events(ctx: Context, query: EventQuery, after: int = 0) -> Iterator[Event]:
    """List events behind an event key, in the order in which they were accepted."""
    events = ctx.store.accepted_events.list_after(query.conditions, after)
    return filter(query.is_met_by, events)


def find_newest(ctx: Context, query: EventQuery, count: int) -> int:
    """Find the event key after which the newest `count` events come, or all of them."""
    newest = ctx.store.accepted_events.list_newest(query.conditions)
    first = next(islice(filter(query.is_met_by, newest), count - 1, None), None)
    return 0 if first is None else first.event_key - 1


def list_last_ids(ctx: Context, count: int) -> list[str]:
    """List the ids of the events that arrived last, the last one at the end."""
    ids: dict[str, None] = {}
    for event in ctx.store.accepted_events.list_newest(EventConditions()):
        ids[event.event_id] = None
        if len(ids) == count:
            break
    return [*reversed(ids)]


# -- as values


def describe_events(
    ctx: Context, events: Iterable[Event], *, for_people: bool = False
) -> Iterator[Value]:
    """Lay events out as JSON values, with what came of them as it is now; as they come.

    Args:
        for_people: whether values also have a `ShortId`, and name the rule that comes
            nearest where nothing matched: both cost time for each event.
    """
    remaining = iter(events)
    while page := list(islice(remaining, PAGE)):
        yield from _describe_page(ctx, page, for_people)


def _describe_page(
    ctx: Context, events: Sequence[Event], for_people: bool
) -> Iterator[Value]:
    settle(ctx)
    reasons = ReasonFinder(ctx)
    counts = ctx.store.accepted_events.count_deliveries(
        [event.event_key for event in events]
    )
    for event in events:
        value = _describe(event, counts.get(event.event_key, []))
        if event.undelivered is not None:
            value["Undelivered"] = event.undelivered
            envelope = value.get("Event")
            if envelope is not None:
                value["Reason"] = reasons.find(
                    event, envelope, names_nearest=for_people
                )
        if for_people:
            value["ShortId"] = shorten_event_id(ctx, event.event_id)
        yield value


def _describe(event: Event, counts: Sequence[tuple[str, str, int]]) -> Value:
    """Lay an event out.

    Args:
        counts: its deliveries: rule ARN, state, how many.
    """
    states: dict[str, int] = {}
    for _, state, count in counts:
        states[state] = states.get(state, 0) + count
    value: Value = {
        "EventId": event.event_id,
        "EventBusName": event.event_bus_name,
        "Account": event.account_id,
        "Region": event.region,
        "AcceptedAt": format_instant(event.accepted_at),
        "Source": "",
        "DetailType": "",
        "Rules": list(dict.fromkeys(_name_rule(arn) for arn, _, _ in counts)),
        "Deliveries": states,
    }
    envelope = _load_envelope(event)
    if envelope is not None:
        value |= {
            "Source": envelope["source"],
            "DetailType": envelope["detail-type"],
            "Event": envelope,
        }
    return value


def _name_rule(rule_arn: str) -> str:
    arn = parse_arn(rule_arn)
    return rule_arn if arn is None else split_rule_resource(arn.resource)[1]


def load_printable(text: str) -> Any:
    """Load JSON; half a surrogate pair, which no stream takes, becomes `?`."""
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return json.loads(whole.encode("utf-8", "replace"))


def _load_envelope(event: Event) -> Value | None:
    """Load the envelope; `None` where the row is damaged."""
    try:
        envelope = load_printable(event.envelope)
    except (ValueError, RecursionError):
        return None
    is_whole = (
        isinstance(envelope, dict) and {"source", "detail-type"} <= envelope.keys()
    )
    return envelope if is_whole else None


# -- following


class EventFollower:
    """Finds the events that arrived since the last look: a `look` of `follow_ledger`.

    An event is shown once, when its first attempts are over, or as it stands after about
    a second; those behind it wait so long, too.
    """

    def __init__(self, query: EventQuery, after: int, *, for_people: bool) -> None:
        """Begin behind an event key; `for_people` as for `describe_events`."""
        self._query = query
        self._after = after
        self._for_people = for_people
        self._held_looks = 0

    def look(self, ctx: Context, change: str) -> Iterator[Value]:
        """Give the events that arrived."""
        # Of what is here now nothing is looked at twice, whether it is meant or not.
        last = ctx.store.accepted_events.get_last_key()
        # Keys only grow, but for a backup that is restored into the same file.
        if change != SAME or last < self._after:
            self._after = 0 if change == FRESH else last
        events = list_events(ctx, self._query, self._after)
        while page := list(islice(events, PAGE)):
            values = _describe_page(ctx, page, self._for_people)
            for event, value in zip(page, values, strict=True):
                if PENDING in value["Deliveries"] and self._held_looks < HELD_LOOKS:
                    self._held_looks += 1
                    return
                self._held_looks = 0
                self._after = event.event_key
                yield value
        self._after = max(self._after, last)
