"""Partner event sources, from both sides.

The partner offers one to a customer's account, looks at it and withdraws it; the
customer looks, deactivates and activates. Partner and customer share the state directory
and may be one account. The events are in `accepting.py`.

                      create-event-bus, activate
      offered ──► PENDING ◄──────────────────────► ACTIVE
                   │   ▲   delete-event-bus, deactivate
                   │   └── 14 days in PENDING end it
                   ▼
                DELETED     withdrawn while its event bus exists

In the cloud only registered partners may offer; here every account may. [guess]

Source: [doc] the states, the rules and the ARN; [guess] what deleting the event bus does
to the states; [aws] the text of (de)activation; [peer] and [guess] the other texts, as
marked.
"""

from __future__ import annotations

from datetime import timedelta

from evcli.errors import (
    InvalidStateException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from evcli.operations.resources import (
    PAGE_SIZE,
    cut_page,
    list_page,
    parse_token,
    respond,
    respond_page,
)
from evcli.store.epoch import to_whole_second
from evcli.store.records import EventBus, EventSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Context

PENDING = "PENDING"
ACTIVE = "ACTIVE"
DELETED = "DELETED"

PENDING_LIFE = timedelta(days=14)

# What the two sides are shown, member → column.
COLUMNS = {
    "Account": "account_id",
    "Arn": "arn",
    "CreationTime": "created_at",
    "ExpirationTime": "expires_at",
    "Name": "name",
    "State": "state",
}

# -- the life of an event source, as seen by the account that it is offered to


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


def require_not_deleted(source: EventSource) -> None:
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


# -- the partner's side


def create_partner_event_source(
    ctx: Context, request: dict[str, Any]
) -> dict[str, Any]:
    """Offer an event source to an account; it waits for two weeks. [doc]

    Raises: ResourceAlreadyExistsException: the name is offered already, to whomever and
        by whomever. [doc] the rule, [guess] the text. A withdrawn one is no obstacle.
    """
    name, now = request["Name"], ctx.clock.now()
    for known in ctx.store.list_records(EventSource, ctx.region, name):
        if known.state != DELETED and not has_expired(known, now):
            raise ResourceAlreadyExistsException(f"Event source {name} already exists.")
    source = EventSource(
        region=ctx.region,
        name=name,
        account_id=request["Account"],
        partner_account_id=ctx.account_id,
        created_at=to_whole_second(now),
    )
    put_event_source_state(ctx, source, PENDING)
    return {"EventSourceArn": source.arn}


def delete_partner_event_source(
    ctx: Context, request: dict[str, Any]
) -> dict[str, Any]:
    """Withdraw an event source from an account; one that is not there is fine. [guess]

    The customer's event bus stays and receives nothing more. [doc]
    """
    account_id = request["Account"]
    customer = ctx.act_as(account_id, ctx.region)
    source = get_event_source(customer, request["Name"])
    if source is None or source.partner_account_id != ctx.account_id:
        return {}
    if has_event_bus(customer, source.name):
        put_event_source_state(ctx, source, DELETED)
    else:
        ctx.store.delete(EventSource, source.region, source.name, account_id)
    return {}


def describe_partner_event_source(
    ctx: Context, request: dict[str, Any]
) -> dict[str, Any]:
    """Show the partner's own event source.

    Raises: ResourceNotFoundException: there is none, or it was withdrawn. [guess]
    """
    source = get_offered_event_source(ctx, request["Name"])
    if source is None or source.state == DELETED:
        raise unknown_event_source(request["Name"])
    return respond("DescribePartnerEventSource", source, COLUMNS)


def list_partner_event_sources(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of the partner's own event sources, by name; withdrawn ones are gone.

    Raises: InvalidToken: the token is not one of this list.
    """
    size = request.get("Limit", PAGE_SIZE)
    after = parse_token(EventSource.TABLE, request.get("NextToken"))
    sources: list[EventSource] = []
    # By names, since a name may have records of several accounts: all but one withdrawn.
    while len(sources) <= size:
        names = ctx.store.list_names(
            EventSource,
            ctx.region,
            prefix=request["NamePrefix"],
            after=after,
            limit=size + 1,
            where={"partner_account_id": ctx.account_id},
        )
        for name in names:
            source = get_offered_event_source(ctx, name)
            if source is not None and source.state != DELETED:
                sources.append(source)
        if len(names) <= size:
            break
        after = names[-1]
    page = cut_page(
        EventSource.TABLE, sources[: size + 1], size, lambda source: source.name
    )
    return respond_page("ListPartnerEventSources", page, COLUMNS)


def list_partner_event_source_accounts(
    ctx: Context, request: dict[str, Any]
) -> dict[str, Any]:
    """List the accounts that an event source is offered to, and what they made of it.

    A withdrawn one is listed, as DELETED, while the customer's event bus lasts. [guess]

    Raises:
        ResourceNotFoundException: the partner offers none of this name. [guess]
        InvalidToken: the token is not one of this list.
    """
    name, now = request["EventSourceName"], ctx.clock.now()
    if get_offered_event_source(ctx, name) is None:
        raise unknown_event_source(name)
    page = list_page(
        ctx,
        request,
        EventSource,
        ctx.region,
        name,
        where={"partner_account_id": ctx.account_id},
        keep=lambda each: not has_expired(each, now),
    )
    return respond_page("ListPartnerEventSourceAccounts", page, COLUMNS)


# -- the customer's side


def activate_event_source(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Let an event source that was deactivated send again; an active one may stay so.

    Raises: as `_find_taken_event_source`.
    """
    source = _find_taken_event_source(ctx, request["Name"])
    if source.state != ACTIVE:
        put_event_source_state(ctx, source, ACTIVE)
    return {}


def deactivate_event_source(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Stop an event source from sending; its two weeks begin anew. [doc]

    One that waits already goes on waiting, no longer than before. [guess]

    Raises: as `_find_taken_event_source`.
    """
    source = _find_taken_event_source(ctx, request["Name"])
    if source.state != PENDING:
        put_event_source_state(ctx, source, PENDING)
    return {}


def _find_taken_event_source(ctx: Context, name: str) -> EventSource:
    """Fetch an event source that has its event bus.

    Raises:
        ResourceNotFoundException: one of the two is missing. [aws]
        InvalidStateException: it was withdrawn. [guess] the text.
    """
    source = get_event_source(ctx, name)
    if source is None or not has_event_bus(ctx, name):
        raise ResourceNotFoundException(
            f"Event source {name} or event bus {name} does not exist."
        )
    require_not_deleted(source)
    return source


def describe_event_source(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show an event source that is offered to this account.

    Raises: ResourceNotFoundException: there is none.
    """
    source = find_event_source(ctx, request["Name"])
    return respond("DescribeEventSource", source, COLUMNS, **_compute(source))


def list_event_sources(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of what is offered to this account, by name, in every state.

    Raises: InvalidToken: the token is not one of this list.
    """
    now = ctx.clock.now()
    page = list_page(
        ctx,
        request,
        EventSource,
        ctx.region,
        where={"account_id": ctx.account_id},
        keep=lambda each: not has_expired(each, now),
    )
    return respond_page("ListEventSources", page, COLUMNS, _compute)


def _compute(source: EventSource) -> dict[str, Any]:
    # [doc] The partner's name is the second segment.
    return {"CreatedBy": source.name.split("/")[1]}


HANDLERS = {
    "ActivateEventSource": activate_event_source,
    "CreatePartnerEventSource": create_partner_event_source,
    "DeactivateEventSource": deactivate_event_source,
    "DeletePartnerEventSource": delete_partner_event_source,
    "DescribeEventSource": describe_event_source,
    "DescribePartnerEventSource": describe_partner_event_source,
    "ListEventSources": list_event_sources,
    "ListPartnerEventSourceAccounts": list_partner_event_source_accounts,
    "ListPartnerEventSources": list_partner_event_sources,
}
