"""Forwarding: an event bus as the target of a rule, in any account and region.

The event arrives at the receiving event bus as it is, and meets that bus's rules and
archives. What it does there is committed together with the end of the delivery that
brought it, so it arrives once, whenever processes die.

    same region     the id stays           ─┐
    other region    a new id               ─┴─ account and region stay those of its origin

An event goes from bus to bus once. What another bus sent is not sent on, so no loop of
rules can go on for ever, and nothing else has to be counted to end one: an event put
makes at most as many more as its bus has targets that are buses.

Source: [aws] ids, account, region, and that all else survives; [doc] one hop, and the
codes; [guess] which of the two codes, and that a replay is no hop.
"""

from __future__ import annotations

from evcli.arns import find_arn
from evcli.context import Outcome
from evcli.delivery.event_paths import read_envelope
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.outcomes import record_outcome, record_outcomes, tell_outcomes
from evcli.delivery.policies.access import explain_refusal, find_refusal
from evcli.delivery.routing import Router
from evcli.delivery.sinks import fail
from evcli.errors import StoreError
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from evcli.arns import Arn
    from evcli.context import Context
    from evcli.store.deliveries import Delivery, Event

MAXIMUM_HOPS = 1
# What an attempt's output begins with where the event got a new id.
TRAIL = "Event "


def forward_all(ctx: Context, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Forward and record a batch in one transaction; returns what follows from it."""
    told, logged = len(ctx.notices), len(ctx.log_records)
    try:
        return _forward_together(ctx, deliveries)
    except StoreError:
        raise
    except Exception:
        # One of them; which one, and why, is said when each goes by itself.
        del ctx.notices[told:], ctx.log_records[logged:]
    return [
        follow_up
        for delivery in deliveries
        for follow_up in _forward_alone(ctx, delivery.delivery_key)
    ]


def _forward_together(ctx: Context, deliveries: Sequence[Delivery]) -> list[Delivery]:
    follow_ups: list[Delivery] = []
    results = []
    with ctx.store.transaction(alone_in=None):
        owned = ctx.store.ledger.keep_owned(deliveries)
        for delivery in deliveries:
            if delivery.delivery_key not in owned:
                continue
            outcome, accepted = forward(ctx, delivery)
            now = ctx.clock.now()
            follow_ups += accepted
            follow_ups += record_outcome(ctx, delivery, now, outcome)
            results.append((delivery, now, outcome))
    tell_outcomes(ctx, results)
    return follow_ups


def _forward_alone(ctx: Context, delivery_key: int) -> list[Delivery]:
    """Forward one, read anew: what an undone transaction made of it does not count."""
    delivery = ctx.store.ledger.get_delivery(delivery_key)
    if delivery is None:
        return []
    try:
        return _forward_together(ctx, [delivery])
    except StoreError:
        raise
    except Exception as error:  # a row that is damaged, at the receiving event bus
        return record_outcomes(ctx, [(delivery, ctx.clock.now(), fail(error))])


def forward(ctx: Context, delivery: Delivery) -> tuple[Outcome, list[Delivery]]:
    """Put an event on the event bus that a target names; call inside a transaction.

    Returns:
        What came of it, and the deliveries that follow from it at the receiver.
    """
    sent, receiver = delivery.event, find_arn(delivery.target_arn)
    name = receiver.resource.removeprefix("event-bus/")
    failure = _check_hops(sent, receiver)
    if failure is not None:
        return failure, []
    event_bus = _get_event_bus(ctx, receiver, name)
    if event_bus is None:
        missing = f"Event bus {delivery.target_arn} does not exist."
        return Outcome("NO_RESOURCE", missing), []
    envelope = read_envelope(sent)
    sender = find_arn(delivery.rule_arn).account_id
    refusal = find_refusal(
        ctx,
        event_bus,
        delivery.target_arn,
        sender,
        envelope,
        rule_arn=delivery.rule_arn,
        has_role="RoleArn" in delivery.target,
    )
    if refusal is not None:
        reason = explain_refusal(refusal, delivery.target_arn, sender)
        return Outcome("NO_PERMISSIONS", reason), []
    if receiver.region != sent.region:
        envelope["id"] = ctx.new_id()
    event = AcceptedEvent(
        envelope,
        (receiver.account_id, receiver.region, name),
        ctx.clock.now(),
        hops=sent.hops + 1,
        trace_header=sent.trace_header,
    )
    # With a new id nothing else would lead from here to there.
    event_id = event.row.event_id
    trail = None if event_id == sent.event_id else f"{TRAIL}{event_id}"
    return Outcome(output=trail), Router(ctx).accept(event)


def read_trail(output: str | None) -> str | None:
    """Read the new id of a forwarded event from an attempt's output, if it got one."""
    if output is None or not output.startswith(TRAIL):
        return None
    return output.removeprefix(TRAIL)


def _check_hops(event: Event, receiver: Arn) -> Outcome | None:
    """Refuse to send on what another event bus sent."""
    if event.hops < MAXIMUM_HOPS:
        return None
    code = "THIRD_ACCOUNT_HOP_DETECTED"
    if receiver.account_id == event.account_id and receiver.region != event.region:
        code = "THIRD_REGION_HOP_DETECTED"
    message = "The event came from another event bus and is not sent on to a third one."
    return Outcome(code, message)


def _get_event_bus(ctx: Context, arn: Arn, name: str) -> EventBus | None:
    """Fetch an event bus of any account and region; each has a default one."""
    scope = (arn.account_id, arn.region, name)
    event_bus = ctx.store.get(EventBus, *scope)
    if event_bus is None and name == "default":
        event_bus = EventBus(**dict(zip(EventBus.KEY, scope, strict=True)))
    if event_bus is None or event_bus.arn != str(arn):
        return None
    return event_bus
