"""The life of a partner event source, as seen by the account that it is offered to.

                      create-event-bus, activate
      offered ──► PENDING ◄──────────────────────► ACTIVE
                   │   ▲   delete-event-bus, deactivate
                   │   └── 14 days in PENDING end it
                   ▼
                DELETED     withdrawn while its event bus exists

Source: [doc] the states; [guess] what deleting the event bus does to them.
"""

from __future__ import annotations

from datetime import timedelta

from evcli.errors import InvalidStateException, ResourceNotFoundException
from evcli.store.epoch import to_whole_second
from evcli.store.records import EventBus, EventSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.context import Context

PENDING = "PENDING"
ACTIVE = "ACTIVE"
DELETED = "DELETED"

PENDING_LIFE = timedelta(days=14)


def get_event_source(ctx: Context, name: str) -> EventSource | None:
    """Fetch the event source that is offered to this account under a name.

    One that waited too long is gone: nothing has to remove it first.
    """
    source = ctx.store.get(EventSource, ctx.region, name, ctx.account_id)
    if source is None or has_expired(source, ctx.clock.now()):
        return None
    return source


def find_event_source(ctx: Context, name: str) -> EventSource:
    """Fetch the event source that is offered to this account under a name.

    Raises: ResourceNotFoundException: there is none. [peer]
    """
    source = get_event_source(ctx, name)
    if source is None:
        raise unknown_event_source(name)
    return source


def unknown_event_source(name: str) -> ResourceNotFoundException:
    """Word that there is no such event source, for either side. Source: [peer]."""
    return ResourceNotFoundException(f"Event source {name} does not exist.")


def get_offered_event_source(ctx: Context, name: str) -> EventSource | None:
    """Fetch the event source that this account, as a partner, offers under a name.

    The customer's account need not be known: a name is offered to one account. One that
    was withdrawn is found while the customer's event bus lasts, unless the name was
    offered again, to another account. [guess]
    """
    sources = [
        source
        for source in ctx.store.list_records(
            EventSource,
            ctx.region,
            name,
            where={"partner_account_id": ctx.account_id},
        )
        if not has_expired(source, ctx.clock.now())
    ]
    # False comes before True.
    return min(sources, key=lambda source: source.state == DELETED, default=None)


def has_expired(source: EventSource, now: datetime) -> bool:
    """Say whether a pending event source has waited longer than it may. [doc]"""
    expires_at = source.expires_at
    return expires_at is not None and expires_at <= now


def has_event_bus(ctx: Context, name: str) -> bool:
    """Say whether this account has the event bus of an event source."""
    event_bus = ctx.store.get(EventBus, ctx.account_id, ctx.region, name)
    return event_bus is not None and event_bus.event_source_name == name


def check_not_deleted(source: EventSource) -> None:
    """Refuse to work with an event source that its partner withdrew.

    Raises: InvalidStateException: the state is DELETED. [guess] the text.
    """
    if source.state == DELETED:
        raise InvalidStateException(
            f"Event source {source.name} is not in a valid state for this operation."
        )


def put_event_source_state(ctx: Context, source: EventSource, state: str) -> None:
    """Bring an event source into a state; PENDING starts its 14 days. [doc]"""
    expires_at = None
    if state == PENDING:
        expires_at = to_whole_second(ctx.clock.now()) + PENDING_LIFE
    ctx.store.put(source.replace(state=state, expires_at=expires_at))


def release_event_source(ctx: Context, name: str) -> None:
    """Take the event bus of an event source away: it waits again, or ends. [guess]

    One that was deactivated waits already, and goes on doing so.
    """
    source = get_event_source(ctx, name)
    if source is None:
        return
    if source.state == DELETED:
        ctx.store.delete(EventSource, source.region, source.name, source.account_id)
    elif source.state == ACTIVE:
        put_event_source_state(ctx, source, PENDING)
