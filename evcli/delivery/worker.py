"""The worker: attempts deliveries, records what came of them, finishes what others left.

Attempts happen outside any transaction, because a target may take its time; what came
of a batch is recorded in one. Between the two a process may die: the deliveries are
then still unfinished, and the next worker, finding their owner dead, takes them over.

Where a delivery is recorded: `record_outcomes` in `delivery/outcomes.py`, right after
the attempt. A server leaves what it wrote to files for a later transaction, and for the
time until then the syncing of these (`record_later` in `delivery/settling.py`), since
whoever attempts such a delivery again finds its line.

Who attempts what: a command that accepts events attempts its own deliveries, then the
first attempts that killed processes left behind. Retries wait for `evcli local run` and
`evcli local tick`: a command that puts one event should not pay for yesterday's. [guess]
"""

from __future__ import annotations

from evcli.context import Outcome
from evcli.delivery.outcomes import (
    is_watched,
    record_outcomes,
    write_log_records,
)
from evcli.delivery.sinks import fail, find_sink, flush_sinks, forget_sinks
from evcli.delivery.targets import RequestBuilder
from evcli.delivery.targets.target_kinds import FORWARD, SINK, InvalidRequest
from evcli.store.epoch import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.context import Context, Sink
    from evcli.delivery.outcomes import AttemptResult
    from evcli.store.deliveries import Delivery

    WrittenLine = tuple[str, bytes, list[bytes], int]

BATCH = 4_000
# How long an endpoint that hangs is left alone, and what its deliveries then say.
PAUSE_SECONDS = 2
PAUSE = "The attempt before this one ran into the time limit; this one comes later."


def deliver_accepted(ctx: Context, deliveries: Sequence[Delivery]) -> None:
    """Attempt the deliveries of events just accepted, then those that killed processes left.

    A server looks for the latter once in a while: a look goes past all that it has made
    and not recorded.
    """
    deliver(ctx, deliveries)
    writer = ctx.store.database.writer
    if writer is None or writer.is_time_to_look():
        recover(ctx)


def recover(ctx: Context) -> int:
    """Make the first attempts that killed processes left; say how many."""
    count = 0
    while ctx.store.ledger.has_orphans():
        with ctx.store.transaction(alone_in=None):
            orphans = ctx.store.ledger.take_orphans(BATCH)
        if not orphans:
            break
        deliver(ctx, orphans)
        count += len(orphans)
    return count


def next_due(ctx: Context) -> datetime | None:
    """When the next delivery is due, if any is."""
    return ctx.store.ledger.get_next_due()


def run_due(ctx: Context, now: datetime) -> None:
    """Attempt everything that is due at `now`, a batch at a time."""
    due_at: datetime | None = now
    while due_at is not None and due_at <= now:
        with ctx.store.transaction(alone_in=None):
            due = ctx.store.ledger.take_due(now, BATCH)
        if not due:
            return
        deliver(ctx, due)
        due_at = next_due(ctx)


class WrittenDeliveries:
    """First attempts whose lines for file sinks are written already, as bulk input has them.

    `keys` are those of the deliveries, which are neighbours; `lines` has of each the ARN
    of the target, what is in the line before its key and, in parts, behind it, and how
    long the file was when it was accepted.
    """

    __slots__ = ("keys", "lines")

    def __init__(self, keys: range, lines: Sequence[WrittenLine]) -> None:
        self.keys = keys
        self.lines = lines


def deliver(ctx: Context, deliveries: Sequence[Delivery | WrittenDeliveries]) -> None:
    """Attempt deliveries that this process owns, and what follows from them.

    Interrupted, it gives back what it has not recorded, for the next worker.
    """
    waiting = list(deliveries)
    write_log_records(ctx)
    try:
        while waiting:
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            waiting += _deliver_batch(ctx, batch)
    except BaseException:
        # What a sink holds unwritten must not be written later, beside the next worker.
        forget_sinks(ctx)
        ctx.store.owner.release()
        raise


def _deliver_batch(
    ctx: Context, batch: Sequence[Delivery | WrittenDeliveries]
) -> list[Delivery]:
    """Attempt a batch; returns the deliveries that follow from it, dead letters say."""
    deferred = Deferred()
    is_server = ctx.store.database.writer is not None
    results = attempt_buffered(ctx, batch, deferred, syncs=not is_server)
    if is_server:
        from evcli.delivery.settling import record_later

        results = record_later(ctx, results)
    can_repeat = is_repeatable(ctx, results)
    follow_ups = record_outcomes(ctx, results, deferred.runs, durable=not can_repeat)
    if deferred.forwards:
        from evcli.delivery.forwarding import forward_all

        follow_ups += forward_all(ctx, deferred.forwards)
    for result in attempt_unbuffered(ctx, deferred.unbuffered):
        follow_ups += record_outcomes(ctx, [result])
    return follow_ups


class Deferred:
    """The deliveries of a batch that wait until those to buffered sinks are recorded.

    `runs` has neighbours that are made and only have to be recorded: their keys, and when.
    """

    __slots__ = ("forwards", "runs", "unbuffered")

    def __init__(self) -> None:
        self.runs: list[tuple[range, datetime]] = []
        self.forwards: list[Delivery] = []
        self.unbuffered: list[tuple[Carrier, Delivery]] = []


class Carrier:
    """Carries all deliveries to one target, or all dead letters to one queue.

    A sink gets the request that the target's service would get. A call takes its time,
    outside any transaction. A forward changes the store alone, inside the transaction
    that records it, so that it happens once.

    `kind` is SINK, CALL or FORWARD; `endpoint_key` tells apart what can hang: API
    destinations, each by itself, and sinks.
    """

    __slots__ = ("_build", "endpoint_key", "is_buffered", "kind", "sink")

    def __init__(self, ctx: Context, delivery: Delivery) -> None:
        self.kind = SINK
        self._build: Callable[[Delivery], dict[str, Any] | InvalidRequest]
        if delivery.dead_letter_of is None:
            builder = RequestBuilder(delivery.target_arn)
            self.kind, self._build = builder.carrier, builder.build
        else:
            from evcli.delivery.dead_letters import build_dead_letter_request

            self._build = build_dead_letter_request
        self.sink: Sink | None = None
        self.is_buffered = False
        self.endpoint_key: str | int = delivery.target_arn
        if self.kind == SINK:
            self.sink = find_sink(ctx, delivery.target_arn)
            self.is_buffered = self.sink.is_buffered
            self.endpoint_key = id(self.sink)

    def attempt(self, ctx: Context, delivery: Delivery) -> Outcome:
        """Make one attempt, whose errors are those of this delivery and of nothing else."""
        try:
            if self.sink is None:
                from evcli.delivery.api_destinations.calls import call

                return call(ctx, delivery)
            request = self._build(delivery)
            if isinstance(request, InvalidRequest):
                return Outcome(request.error_code, request.message)
            return self.sink.deliver(delivery, request)
        except Exception as error:  # a row that is damaged, somebody else's code
            return fail(error)


def attempt_buffered(
    ctx: Context,
    batch: Sequence[Delivery | WrittenDeliveries],
    deferred: Deferred,
    *,
    syncs: bool,
) -> list[AttemptResult]:
    """Attempt deliveries to sinks that write many at a time; defer all others.

    Args:
        syncs: as that of `FileSink.flush`.
    """
    results: list[AttemptResult] = []
    carriers: dict[tuple[str, bool], Carrier] = {}
    written = [each for each in batch if isinstance(each, WrittenDeliveries)]
    files: dict[str, Sink] = {}
    at = ctx.clock.now()
    for delivery in batch:
        if isinstance(delivery, WrittenDeliveries):
            add_lines(ctx, delivery, files)
            continue
        carrier = find_carrier(ctx, delivery, carriers)
        if isinstance(carrier, Outcome):
            results.append((delivery, at, carrier))
        elif carrier.is_buffered:
            results.append((delivery, at, carrier.attempt(ctx, delivery)))
        elif carrier.kind == FORWARD:
            deferred.forwards.append(delivery)
        else:
            deferred.unbuffered.append((carrier, delivery))
    ends = [each.sink for each in carriers.values() if each.is_buffered]
    ends += files.values()
    by_id = {id(sink): sink for sink in ends if sink is not None}
    unwritten = flush_sinks(ctx, by_id, syncs=syncs)
    if unwritten:
        results = list(apply_flush(results, carriers, unwritten))
    if not unwritten and not (written and is_watched(ctx)):
        deferred.runs = [(each.keys, at) for each in written]
        return results
    for each in written:
        results += read_results(ctx, each, at, unwritten)
    return results


def find_carrier(
    ctx: Context, delivery: Delivery, carriers: dict[tuple[str, bool], Carrier]
) -> Carrier | Outcome:
    """Find who carries a delivery; or what it came to, if nobody can."""
    if delivery.damage is not None:
        # Never attempted: nobody knows what it was.
        return Outcome("INTERNAL_ERROR", delivery.damage)
    key = _key(delivery)
    try:
        carrier = carriers.get(key)
        if carrier is None:
            carrier = carriers[key] = Carrier(ctx, delivery)
    except Exception as error:  # this target's, and nobody else's
        return fail(error)
    return carrier


def apply_flush(
    results: Sequence[AttemptResult],
    carriers: dict[tuple[str, bool], Carrier],
    unwritten: dict[int, Outcome],
) -> Iterator[AttemptResult]:
    """Let attempts fail whose sinks could not be flushed."""
    for delivery, at, outcome in results:
        # What failed before never reached its sink.
        if outcome.error_code is None:
            sink = carriers[_key(delivery)].sink
            outcome = unwritten.get(id(sink), outcome)
        yield delivery, at, outcome


def add_lines(ctx: Context, written: WrittenDeliveries, files: dict[str, Sink]) -> None:
    """Give lines to the file sinks that they are for; `files` gets these, by ARN."""
    adders: dict[str, Callable[[int, tuple[bytes, ...], int], None]] = {}
    for key, (arn, before, behind, length) in zip(
        written.keys, written.lines, strict=True
    ):
        add = adders.get(arn)
        if add is None:
            sink: Any = files.setdefault(arn, find_sink(ctx, arn))  # a `FileSink`
            add = adders[arn] = sink.pending.add
        # One by one: several targets may share a file, in the order of deliveries.
        add(key, (before, b"%d" % key, *behind), length)


def read_results(
    ctx: Context,
    written: WrittenDeliveries,
    at: datetime,
    unwritten: dict[int, Outcome],
) -> Iterator[AttemptResult]:
    """Read deliveries back, where more is to be said of each: what came of its line.

    Args:
        unwritten: by sink, what its lines came to that could not be written.
    """
    keys = written.keys
    found = ctx.store.ledger.list_deliveries(after=keys[0] - 1, limit=len(keys))
    for delivery in found:
        if delivery.delivery_key in keys:
            sink = find_sink(ctx, delivery.target_arn)
            yield delivery, at, unwritten.get(id(sink)) or Outcome()


def _key(delivery: Delivery) -> tuple[str, bool]:
    return delivery.target_arn, delivery.dead_letter_of is None


def is_repeatable(ctx: Context, results: Sequence[AttemptResult]) -> bool:
    """Say whether attempts could be made again and nobody would notice.

    Files are looked into first, so after a loss of power they end up the same.
    """
    return all(outcome.error_code is None for _, _, outcome in results) and all(
        find_sink(ctx, arn).is_exactly_once
        for arn in {delivery.target_arn for delivery, _, _ in results}
    )


def attempt_unbuffered(
    ctx: Context, deliveries: Sequence[tuple[Carrier, Delivery]]
) -> Iterator[AttemptResult]:
    """Attempt deliveries one after the other; an endpoint that hangs is left alone.

    So it keeps all others waiting for its time limit once, whatever waits for it. Dead
    letters are attempted last instead: who postpones may find the event too old. [guess]
    """
    hanging: set[str | int] = set()
    letters = []
    for carrier, delivery in deliveries:
        now = ctx.clock.now()
        if carrier.endpoint_key not in hanging:
            outcome = carrier.attempt(ctx, delivery)
            if outcome.error_code == "TIMEOUT":
                hanging.add(carrier.endpoint_key)
        elif delivery.dead_letter_of is not None:
            letters.append((carrier, delivery))
            continue
        else:
            until = now + timedelta(seconds=PAUSE_SECONDS)
            outcome = Outcome("TIMEOUT", PAUSE, retry=True, postponed_until=until)
        yield delivery, now, outcome
    for carrier, delivery in letters:
        yield delivery, ctx.clock.now(), carrier.attempt(ctx, delivery)
