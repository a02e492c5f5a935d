"""Whole events: played as the service would that they come from, `aws.*` sources too.

PutEvents takes entries and makes events of them; nobody but a service may say `aws.s3`.
What somebody captured or made up as a whole event comes in here: what its envelope has is
kept, what it lacks is filled in. It arrives in the context's own account and region, now,
whatever account, region and time its envelope names, so retries, pruning and retention
count from its arrival. The same event twice is two arrivals.

Source: [aws] the envelope and that services put events into their account's own event
bus; [guess] what an id may be, that other members of the envelope do not count, that the
limit of size is the one of PutEvents, and the texts.
"""

from __future__ import annotations

import re

from evcli.arns import locate_event_bus
from evcli.delivery.envelopes import format_time
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import Router
from evcli.delivery.worker import deliver_accepted
from evcli.errors import ValidationException
from evcli.model.timestamps import parse_timestamp
from evcli.operations import change
from evcli.operations.accepting import require_total_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.events import EventBusKey
    from evcli.store.deliveries import Delivery, Event

# Ids go into headers, environments and files as they are, whoever made them up.
EVENT_ID = re.compile(r"[!#-\[\]-~]{1,256}", re.ASCII)
# A time that says what it is an offset from; it stays as it was written.
KEPT_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_id(value: object) -> bool:
    return isinstance(value, str) and EVENT_ID.fullmatch(value) is not None


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


# The envelope in its order: member → what its value has to be, tested and in words.
MEMBERS: dict[str, tuple[Callable[[object], bool], str]] = {
    "version": (_is_text, "a string"),
    "id": (_is_id, "1 to 256 visible ASCII characters, no quotes, no backslashes"),
    "detail-type": (_is_name, "a string that is not empty"),
    "source": (_is_name, "a string that is not empty"),
    "account": (_is_text, "a string"),
    "time": (lambda value: parse_timestamp(value) is not None, "a time"),
    "region": (_is_text, "a string"),
    "replay-name": (_is_name, "a string that is not empty"),
    "resources": (_are_texts, "a list of strings"),
    "detail": (lambda value: isinstance(value, dict), "an object"),
}
NEEDED = ("source", "detail-type")
ENTRY_MEMBERS = frozenset({"Source", "DetailType", "Detail"})


def is_whole_event(value: dict[str, Any]) -> bool:
    """Tell a whole event from an entry of PutEvents by the spelling of its members.

    What is neither counts as an entry, to be refused as one.
    """
    return ENTRY_MEMBERS.isdisjoint(value) and not MEMBERS.keys().isdisjoint(value)


def send_whole_events(
    ctx: Context, events: Sequence[dict[str, Any]], event_bus_name: str | None = None
) -> list[Event]:
    """Play events, all in one transaction or none, and deliver them.

    Args:
        events: as `complete_event` takes them.
        event_bus_name: as `find_own_event_bus` takes it.

    Returns:
        What arrived, in their order; `event_key` names each arrival.

    Raises: ValidationException: as `complete_event` and `find_own_event_bus`.
    """
    event_bus = find_own_event_bus(ctx, event_bus_name)

    def accept() -> list[tuple[Event, list[Delivery]]]:
        router = Router(ctx)
        return [accept_whole_event(ctx, router, each, event_bus) for each in events]

    accepted = change(
        ctx, accept, lambda made: [event.event_id for event, _ in made], alone_in=None
    )
    deliver_accepted(ctx, [each for _, caused in accepted for each in caused])
    return [event for event, _ in accepted]


def accept_whole_event(
    ctx: Context, router: Router, event: dict[str, Any], event_bus: EventBusKey
) -> tuple[Event, list[Delivery]]:
    """Put a whole event on an event bus; call inside a transaction.

    An unknown event bus swallows it, as it does what PutEvents accepts.

    Args:
        event: as `complete_event` takes it.
        event_bus: account, region and name of where it arrives.

    Returns:
        What arrived, and the deliveries to attempt once the transaction is committed.

    Raises: ValidationException: as `complete_event`, or the event is too large.
    """
    arrived = make_whole_event(ctx, event, event_bus)
    return arrived.row, router.accept(arrived)


def make_whole_event(
    ctx: Context, event: dict[str, Any], event_bus: EventBusKey
) -> AcceptedEvent:
    """Make what a whole event is where it arrives; otherwise as `accept_whole_event`."""
    envelope = complete_event(ctx, event)
    arrived = AcceptedEvent(envelope, event_bus, ctx.clock.now())
    require_total_size(ctx, [to_entry(envelope, arrived.detail_text)])
    return arrived


def find_own_event_bus(ctx: Context, name_or_arn: str | None = None) -> EventBusKey:
    """Name an event bus of the context's account and region; it need not exist.

    Raises: ValidationException: the ARN is of another account or region.
    """
    event_bus = locate_event_bus(name_or_arn, ctx.account_id, ctx.region)
    if event_bus[:2] != (ctx.account_id, ctx.region):
        raise ValidationException(
            f"{name_or_arn} is an event bus of another account or region; a whole event"
            f" arrives in {ctx.account_id}, {ctx.region}."
        )
    return event_bus


def complete_event(ctx: Context, event: dict[str, Any]) -> dict[str, Any]:
    """Check a whole event and fill in what it lacks; the envelope in its order.

    Args:
        event: from `parse_envelope`, where the text of its numbers matters.

    Raises: ValidationException: the first thing that is wrong with it.
    """
    for name in NEEDED:
        if name not in event:
            raise ValidationException(f"The event has no {name}.")
    for name, (is_right, what) in MEMBERS.items():
        if name in event and not is_right(event[name]):
            raise ValidationException(f"The event's {name} is not {what}.")
    now = ctx.clock.now()
    defaults: dict[str, Any] = {
        "version": "0",
        "account": ctx.account_id,
        "time": format_time(now),
        "region": ctx.region,
        "resources": [],
        "detail": {},
    }
    filled = {**defaults, **event}
    if "id" not in event:
        filled["id"] = ctx.new_id()
    if not KEPT_TIME.fullmatch(str(filled["time"])):
        instant = parse_timestamp(filled["time"], now=now)
        filled["time"] = format_time(instant or now)
    return {name: filled[name] for name in MEMBERS if name in filled}


def to_entry(envelope: dict[str, Any], detail: str) -> dict[str, Any]:
    """Make the entry that would become an event, for its size.

    Args:
        detail: the text of the event's detail.
    """
    return {
        "Time": envelope["time"],
        "Source": envelope["source"],
        "Resources": envelope["resources"],
        "DetailType": envelope["detail-type"],
        "Detail": detail,
    }
