"""Schedules: rules that fire by the clock, at their targets alone.

Missed instants: AWS never sleeps, so it has no answer. On the machine's clock a worker
that comes back fires each rule once, for the latest instant it missed, as nobody wants
the nightly report seven times on Monday. On a virtual clock every instant is fired, in
order, since there time passes only when somebody asks for what happens in it. A clock
that is put back lives through the same instants again. [guess]
"""

from __future__ import annotations

from datetime import timedelta

from evcli.context import VirtualClock
from evcli.delivery.envelopes import build_envelope
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.reports import SCHEDULE, report
from evcli.delivery.routing import Router
from evcli.delivery.worker import deliver
from evcli.schedules import next_instant, parse_schedule
from evcli.store.epoch import format_instant, to_whole_second

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from evcli.context import Context
    from evcli.schedules import Schedule
    from evcli.store.deliveries import Delivery
    from evcli.store.records import Rule

BATCH = 100


def next_due(ctx: Context) -> datetime | None:
    """When the next schedule fires, of all accounts and regions."""
    return ctx.store.rules.get_next_fire()


def run_due(ctx: Context, now: datetime) -> int:
    """Fire the schedules that are due at `now`, one after the other; say how many."""
    count = 0
    while True:
        with ctx.store.transaction():
            rules = ctx.store.rules.list_due(now, BATCH)
            router = Router(ctx)
            deliveries = [
                delivery
                for rule in rules
                for delivery in fire_rule(ctx, router, rule, now)
            ]
        if not rules:
            return count
        count += len(rules)
        for rule in rules:
            due = format_instant(rule.next_fire_at)
            report(ctx, SCHEDULE, RuleArn=rule.arn, DueAt=due)
        deliver(ctx, deliveries)


def fire_rule(
    ctx: Context, router: Router, rule: Rule, now: datetime
) -> list[Delivery]:
    """Write a rule's scheduled event and its next instant, inside a transaction.

    Source: [aws] the event; its time is the instant it was due, whenever it is sent.
    """
    if rule.schedule_expression is None or rule.next_fire_at is None:
        return []
    schedule = parse_schedule(rule.schedule_expression)
    anchor = rule.schedule_anchor_at or rule.next_fire_at
    instant = rule.next_fire_at
    if not isinstance(ctx.clock, VirtualClock):
        instant = find_latest(schedule, instant, now, anchor)
    ctx.store.put(rule.replace(next_fire_at=next_instant(schedule, instant, anchor)))
    return _accept(ctx, router, rule, instant)


def fire_now(ctx: Context, rule: Rule) -> None:
    """Send a rule's scheduled event now, whatever its schedule; the plan stays as it is.

    [guess] AWS has nothing of the kind.
    """
    with ctx.store.transaction():
        deliveries = _accept(ctx, Router(ctx), rule, to_whole_second(ctx.clock.now()))
    deliver(ctx, deliveries)


def _accept(
    ctx: Context, router: Router, rule: Rule, instant: datetime
) -> list[Delivery]:
    """Write the event of an instant of a rule's schedule, inside a transaction."""
    envelope = build_envelope(
        event_id=ctx.new_id(),
        detail_type="Scheduled Event",
        source="aws.events",
        account_id=rule.account_id,
        time=instant,
        region=rule.region,
        resources=[rule.arn],
        detail={},
    )
    event_bus = (rule.account_id, rule.region, rule.event_bus_name)
    event = AcceptedEvent(envelope, event_bus, ctx.clock.now())
    return router.accept_scheduled(event, rule.name)


def reschedule_all(ctx: Context, now: datetime) -> None:
    """Plan every schedule anew for a clock that was put back, inside a transaction.

    A rate that began later than that begins now. [guess]
    """
    for rule in ctx.store.rules.list_scheduled():
        if rule.schedule_expression is not None:
            begin = to_whole_second(now)
            anchor = min(rule.schedule_anchor_at or begin, begin)
            schedule = parse_schedule(rule.schedule_expression)
            next_fire_at = next_instant(schedule, now, anchor)
            ctx.store.put(
                rule.replace(schedule_anchor_at=anchor, next_fire_at=next_fire_at)
            )


def find_latest(
    schedule: Schedule, first: datetime, now: datetime, anchor: datetime
) -> datetime:
    """Find the last instant of a schedule that is not after `now`.

    Args:
        first: an instant of the schedule, not after `now` itself.
    """
    # Backwards in growing strides, so that a year's absence costs as little as a day's.
    stride = timedelta(minutes=1)
    while now - stride > first:
        instant = next_instant(schedule, now - stride, anchor)
        if instant is not None and instant <= now:
            first = instant
            break
        stride *= 2
    following = next_instant(schedule, first, anchor)
    while following is not None and following <= now:
        first, following = following, next_instant(schedule, following, anchor)
    return first
