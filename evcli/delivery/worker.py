"""The worker: attempts deliveries, records what came of them, finishes what others left.

Attempts happen outside any transaction, because a target may take its time; what came
of a batch is recorded in one. Between the two a process may die: the deliveries are
then still unfinished, and the next worker, finding their owner dead, takes them over.

Who attempts what: a command that accepts events attempts its own deliveries, then the
first attempts that killed processes left behind. Retries wait for `evcli local run` and
`evcli local tick`: a command that puts one event should not pay for yesterday's. [guess]
"""

from __future__ import annotations

from datetime import timedelta

from evcli.context import Outcome
from evcli.delivery.outcomes import record_outcome, settle
from evcli.delivery.sinks import fail, find_sink, flush_sinks, forget_sinks
from evcli.delivery.targets.requests import find_builder
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.errors import StoreError
from evcli.store.due_deliveries import (
    find_next_due,
    has_orphans,
    take_due,
    take_orphans,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.context import Context, Sink
    from evcli.delivery.outcomes import Made
    from evcli.store.ledger import Delivery

    # Attempts a delivery, or has it wait for its turn.
    Way = Callable[[Delivery], Outcome | None]

BATCH = 4_000
# How long a place that hangs is left alone, and what its deliveries then say.
PAUSE_SECONDS = 2
PAUSE = "The attempt before this one ran into the time limit; this one comes later."


def deliver_accepted(ctx: Context, deliveries: Sequence[Delivery]) -> None:
    """Attempt the deliveries of events just accepted, then what the dead left."""
    deliver(ctx, deliveries)
    recover(ctx)


def recover(ctx: Context) -> int:
    """Make the first attempts that killed processes left; say how many."""
    count = 0
    while has_orphans(ctx.store):
        with ctx.store.transaction():
            orphans = take_orphans(ctx.store, BATCH)
        if not orphans:
            break
        deliver(ctx, orphans)
        count += len(orphans)
    return count


def next_due(ctx: Context) -> datetime | None:
    """When the next delivery is due, if any is."""
    return find_next_due(ctx.store)


def work(ctx: Context, now: datetime) -> None:
    """Attempt everything that is due at `now`, a batch at a time."""
    due_at: datetime | None = now
    while due_at is not None and due_at <= now:
        with ctx.store.transaction():
            due = take_due(ctx.store, now, BATCH)
        if not due:
            return
        deliver(ctx, due)
        due_at = next_due(ctx)


def deliver(ctx: Context, deliveries: Sequence[Delivery]) -> None:
    """Attempt deliveries that this process owns, and what follows from them.

    Interrupted, it gives back what it has not settled, for the next worker.
    """
    waiting = list(deliveries)
    try:
        while waiting:
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            waiting += _deliver_batch(ctx, batch)
    except BaseException:
        # What a sink holds unwritten must not be written later, beside the next worker.
        forget_sinks(ctx)
        ctx.store.owner.release()
        raise


def _deliver_batch(ctx: Context, batch: Sequence[Delivery]) -> list[Delivery]:
    """Attempt a batch; returns the deliveries that follow from it, dead letters say."""
    queues = Queues()
    made = attempt_quick(ctx, batch, queues)
    follow_ups = settle(ctx, made, durable=not is_repeatable(ctx, made))
    if queues.forwards:
        follow_ups += forward(ctx, queues.forwards)
    for one in attempt_slow(ctx, queues.slow):
        follow_ups += settle(ctx, [one])
    return follow_ups


class Queues:
    """The deliveries of a batch that wait until those to quick sinks are settled."""

    __slots__ = ("forwards", "slow")

    def __init__(self) -> None:
        self.forwards: list[Delivery] = []
        self.slow: list[Delivery] = []


def attempt_quick(
    ctx: Context, batch: Sequence[Delivery], queues: Queues
) -> list[Made]:
    """Attempt deliveries to sinks that write many at a time; queue all others."""
    made: list[Made] = []
    sinks: dict[str, Sink] = {}
    at = ctx.clock.now()
    # By target ARN, of dead letters and of all others.
    ways: tuple[dict[str, Way], dict[str, Way]] = ({}, {})
    for delivery in batch:
        known = ways[delivery.dead_letter_of is None]
        arn = delivery.target_arn
        try:
            way = known.get(arn)
            if way is None:
                way = known[arn] = find_way(ctx, delivery, queues, sinks)
            outcome = way(delivery) if delivery.damage is None else refuse(delivery)
        except Exception as error:  # this delivery's, and nobody else's
            outcome = fail(error)
        if outcome is not None:
            made.append((delivery, at, outcome))
    unwritten = flush_sinks(ctx, {id(sink): sink for sink in sinks.values()})
    if not unwritten:
        return made
    # What failed before never reached its sink.
    return [
        (delivery, at, unwritten.get(id(sinks[delivery.target_arn]), outcome))
        if outcome.error_code is None
        else (delivery, at, outcome)
        for delivery, at, outcome in made
    ]


def refuse(delivery: Delivery) -> Outcome:
    """Say that a delivery is never attempted, because its row is damaged."""
    return Outcome("INTERNAL_ERROR", delivery.damage)


def find_way(
    ctx: Context, delivery: Delivery, queues: Queues, sinks: dict[str, Sink]
) -> Way:
    """Find the way of a delivery and of all like it.

    Args:
        sinks: by target ARN; the quick one in which it ends is added.
    """
    resource = find_own_resource(delivery)
    if resource in FORWARDS:
        return queues.forwards.append
    sink = find_sink(ctx, delivery.target_arn)
    if resource in CALLS or not sink.is_buffered:
        return queues.slow.append
    sinks[delivery.target_arn] = sink
    return find_quick_way(delivery, sink)


# -- attempts

# Targets that are more than a request handed to a sink, by the resource type of their
# ARN, each with the function that sees to it, `module:function` below `delivery/`.
#
# A call is (context, delivery) -> Outcome: it takes its time, outside any transaction.
# A forward is (context, delivery) -> (Outcome, deliveries to attempt next): it changes
# the store alone, inside the transaction that records it, so that it happens once.
CALLS: dict[str | None, str] = {"api-destination": "api_destinations.calls:call"}
FORWARDS: dict[str | None, str] = {"event-bus": "forwarding:forward"}


def find_own_resource(delivery: Delivery) -> str | None:
    """The resource type of a target that is EventBridge's own, such as `event-bus`."""
    parts = delivery.target_arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "events" or delivery.dead_letter_of is not None:
        return None
    return parts[5].partition("/")[0]


def try_to_attempt(ctx: Context, delivery: Delivery) -> Outcome:
    """Make one attempt, whose errors are those of this delivery and of nothing else."""
    try:
        return attempt(ctx, delivery)
    except Exception as error:  # a row that is damaged, somebody else's code
        return fail(error)


def attempt(ctx: Context, delivery: Delivery) -> Outcome:
    """Make one attempt, by the way that the target's kind asks for."""
    call = CALLS.get(find_own_resource(delivery))
    if call is not None:
        outcome: Outcome = _load(call)(ctx, delivery)
        return outcome
    return find_quick_way(delivery, find_sink(ctx, delivery.target_arn))(delivery)


def find_quick_way(delivery: Delivery, sink: Sink) -> Callable[[Delivery], Outcome]:
    """Make what gives a sink the requests that the target's service would get."""
    if delivery.dead_letter_of is None:
        build = find_builder(delivery.target_arn)
    else:
        from evcli.delivery.dead_letters import build_dead_letter_request

        build = build_dead_letter_request

    def hand_over(delivery: Delivery) -> Outcome:
        request = build(delivery)
        if isinstance(request, InvalidRequest):
            return Outcome(request.error_code, request.message)
        return sink.deliver(delivery, request)

    return hand_over


def is_repeatable(ctx: Context, made: Sequence[Made]) -> bool:
    """Say whether attempts could be made again and nobody would notice.

    Files are looked into first, so after a loss of power they end up the same.
    """
    return all(outcome.error_code is None for _, _, outcome in made) and all(
        find_sink(ctx, arn).is_exactly_once
        for arn in {delivery.target_arn for delivery, _, _ in made}
    )


def attempt_slow(ctx: Context, deliveries: Sequence[Delivery]) -> Iterator[Made]:
    """Attempt deliveries one after the other; a place that hangs is left alone for now.

    So it keeps all others waiting for its time limit once, whatever waits for it. Dead
    letters are attempted last instead: who postpones may find the event too old. [guess]
    """
    hanging: set[str | int] = set()
    letters = []
    for delivery in deliveries:
        place = find_place(ctx, delivery)
        now = ctx.clock.now()
        if place not in hanging:
            outcome = try_to_attempt(ctx, delivery)
            if outcome.error_code == "TIMEOUT":
                hanging.add(place)
        elif delivery.dead_letter_of is not None:
            letters.append(delivery)
            continue
        else:
            until = now + timedelta(seconds=PAUSE_SECONDS)
            outcome = Outcome("TIMEOUT", PAUSE, retry=True, postponed_until=until)
        yield delivery, now, outcome
    for delivery in letters:
        yield delivery, ctx.clock.now(), try_to_attempt(ctx, delivery)


def find_place(ctx: Context, delivery: Delivery) -> str | int:
    """Tell apart what can hang: API destinations, each by itself, and sinks."""
    if find_own_resource(delivery) in CALLS:
        return delivery.target_arn
    return id(find_sink(ctx, delivery.target_arn))


def forward(ctx: Context, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Carry out what changes only the store, and settle it in the same transaction."""
    told = len(ctx.notices)
    try:
        return _forward_all(ctx, deliveries)
    except StoreError:
        raise
    except Exception:
        # One of them; which one, and why, is said when each goes by itself.
        del ctx.notices[told:]
    return [
        follow_up
        for delivery in deliveries
        for follow_up in _forward_alone(ctx, delivery.delivery_key)
    ]


def _forward_all(ctx: Context, deliveries: Sequence[Delivery]) -> list[Delivery]:
    follow_ups: list[Delivery] = []
    with ctx.store.transaction():
        for delivery in deliveries:
            carry_out = _load(FORWARDS[find_own_resource(delivery)])
            outcome, accepted = carry_out(ctx, delivery)
            follow_ups += accepted
            follow_ups += record_outcome(ctx, delivery, ctx.clock.now(), outcome)
    return follow_ups


def _forward_alone(ctx: Context, delivery_key: int) -> list[Delivery]:
    """Forward one, read anew: what an undone transaction made of it does not count."""
    delivery = ctx.store.ledger.get_delivery(delivery_key)
    if delivery is None:
        return []
    try:
        return _forward_all(ctx, [delivery])
    except StoreError:
        raise
    except Exception as error:  # a row that is damaged, at the receiving event bus
        return settle(ctx, [(delivery, ctx.clock.now(), fail(error))])


def _load(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    found = __import__(f"evcli.delivery.{module}", fromlist=[name])
    function: Callable[..., Any] = getattr(found, name)
    return function
