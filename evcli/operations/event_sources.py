"""Partner event sources, from both sides.

The partner offers one to a customer's account, looks at it and withdraws it; the
customer looks, deactivates and activates. Partner and customer share the state directory
and may be one account. What making and removing the event bus does, and all states, are
in `event_source_states.py`; the events are in `entries.py`.

In the cloud only registered partners may offer; here every account may. [guess]

Source: [doc] the rules and the ARN; [aws] the text of (de)activation; [peer] and
[guess] the other texts, as marked.
"""

from __future__ import annotations

from evcli.errors import ResourceAlreadyExistsException, ResourceNotFoundException
from evcli.operations.event_source_states import (
    ACTIVE,
    DELETED,
    PENDING,
    check_not_deleted,
    find_event_source,
    get_event_source,
    get_offered_event_source,
    has_event_bus,
    has_expired,
    put_event_source_state,
    unknown_event_source,
)
from evcli.operations.pages import PAGE_SIZE, cut_page, list_page, parse_token
from evcli.operations.responses import omit_unset
from evcli.store.epoch import to_whole_second
from evcli.store.records import EventSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

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
    return _format_offer(source)


def _format_offer(source: EventSource) -> dict[str, Any]:
    return {"Arn": source.arn, "Name": source.name}


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
    page, token = cut_page(
        EventSource.TABLE, sources[: size + 1], size, lambda source: source.name
    )
    return {"PartnerEventSources": [_format_offer(each) for each in page], **token}


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
    sources, token = list_page(
        ctx,
        request,
        EventSource,
        ctx.region,
        name,
        where={"partner_account_id": ctx.account_id},
        keep=lambda each: not has_expired(each, now),
    )
    return {
        "PartnerEventSourceAccounts": [_format_account(each) for each in sources],
        **token,
    }


def _format_account(source: EventSource) -> dict[str, Any]:
    return omit_unset(
        {
            "Account": source.account_id,
            "CreationTime": source.created_at,
            "ExpirationTime": source.expires_at,
            "State": source.state,
        }
    )


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
    check_not_deleted(source)
    return source


def describe_event_source(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show an event source that is offered to this account.

    Raises: ResourceNotFoundException: there is none.
    """
    return _format_event_source(find_event_source(ctx, request["Name"]))


def list_event_sources(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of what is offered to this account, by name, in every state.

    Raises: InvalidToken: the token is not one of this list.
    """
    now = ctx.clock.now()
    sources, token = list_page(
        ctx,
        request,
        EventSource,
        ctx.region,
        where={"account_id": ctx.account_id},
        keep=lambda each: not has_expired(each, now),
    )
    return {"EventSources": [_format_event_source(each) for each in sources], **token}


def _format_event_source(source: EventSource) -> dict[str, Any]:
    """Show both sides of an event source.

    Source: [doc] the partner's name is the second segment; [guess] no ExpirationTime
    but while it is pending.
    """
    return omit_unset(
        {
            "Arn": source.arn,
            "CreatedBy": source.name.split("/")[1],
            "CreationTime": source.created_at,
            "ExpirationTime": source.expires_at,
            "Name": source.name,
            "State": source.state,
        }
    )


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
