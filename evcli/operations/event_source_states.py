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
from evcli.store.moments import to_whole_second
from evcli.store.records import EventSource

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
        raise ResourceNotFoundException(f"Event source {name} does not exist.")
    return source


def has_expired(source: EventSource, now: datetime) -> bool:
    """Say whether a pending event source has waited longer than it may. [doc]"""
    expires_at = source.expires_at
    return expires_at is not None and expires_at <= now


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
    """Take the event bus of an event source away: it waits again, or ends. [guess]"""
    source = get_event_source(ctx, name)
    if source is None:
        return
    if source.state == DELETED:
        ctx.store.delete(EventSource, source.region, source.name, source.account_id)
    else:
        put_event_source_state(ctx, source, PENDING)
