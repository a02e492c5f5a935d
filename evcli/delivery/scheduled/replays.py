"""Replays: archived events travel once more, minute by minute of their own time.

A window is one minute. Its events meet the rules of their event bus as live ones do, and
the deliveries are committed together with how far the replay has come; a
crowded minute takes several such steps, so that memory stays bounded. Whoever is killed
between two steps leaves nothing half done: the next worker finds the owner dead, first
makes the deliveries that were committed, and goes on from there. So every event is
sent once, in the order of windows, whatever happens.

Before each step the state is read anew, so a cancellation from another process stops
the replay there. Workers may hold a replay, see `replay_states.py`.

Source: [doc] windows, their order, which rules take part; [aws] where `replay-name`
stands; [guess] windows follow the wall clock, and inside of one the order of arrival.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn, split_rule_resource
from evcli.delivery.archives import find_cutoff
from evcli.delivery.envelopes import add_replay_name
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.reports import REPLAY, report
from evcli.delivery.routing import Router
from evcli.delivery.rule_index import IndexedRules
from evcli.delivery.scheduled.replay_states import (
    CANCELLED,
    COMPLETED,
    FAILED,
    RUNNING,
    STARTING,
    UNFINISHED,
    archive_is_gone,
    find_window_due,
    list_unfinished,
    plan_next_window,
)
from evcli.delivery.worker import deliver, recover
from evcli.patterns import parse_json
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import Archive, EventBus, Replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from datetime import datetime

    from evcli.context import Context
    from evcli.store.archived_events import ArchivedEvent
    from evcli.store.deliveries import Delivery

    # (events done, events in all)
    Progress = Callable[[int, int], None]

# How many events of a window are sent in one transaction.
STEP_EVENTS = 1_000

# More events than these to send are worth the building of an index over all rules.
INDEX_EVENTS = 1_000


def run_replay(
    ctx: Context,
    replay_name: str,
    progress: Progress | None = None,
    *,
    one_step: bool = False,
) -> None:
    """Run a replay of this account and region until it ends or is stopped.

    Does nothing when the replay has ended, and when a living process is at it.

    Args:
        one_step: leave it after one step, to whoever comes next.
        progress: told after each step how many events were sent by this call, and how
            many there are to send.
    """
    replay = _claim(ctx, replay_name)
    if replay is None:
        return
    try:
        # What was committed by whoever died comes before what follows it.
        recover(ctx)
        done, total = 0, _count_ahead(ctx, replay)
        sender = Sender(ctx, total)
        step = _send_window(ctx, replay_name, sender)
        while step is not None:
            count, deliveries = step
            deliver(ctx, deliveries)
            done += count
            if progress is not None:
                # Events may have come since they were counted.
                progress(done, max(done, total))
            if one_step:
                _release(ctx, replay_name)
                _report(ctx, replay_name, done)
                return
            step = _send_window(ctx, replay_name, sender)
        _report(ctx, replay_name, done)
    except BaseException:
        _release(ctx, replay_name)
        raise


def _report(ctx: Context, replay_name: str, done: int) -> None:
    """Report how many events of a replay were sent, and how it stands then."""
    replay = ctx.store.get(Replay, ctx.account_id, ctx.region, replay_name)
    if replay is not None:
        report(ctx, REPLAY, ReplayArn=replay.arn, Events=done, State=replay.state)


def _claim(ctx: Context, replay_name: str) -> Replay | None:
    """Become the owner of an unfinished replay, unless a living process is."""
    store = ctx.store
    with store.transaction():
        replay = store.get(Replay, ctx.account_id, ctx.region, replay_name)
        if replay is None or not _is_unclaimed(ctx, replay):
            return None
        state = RUNNING if replay.state == STARTING else replay.state
        replay = replay.replace(state=state, owner=store.owner.claim())
        store.put(replay)
        return replay


def _is_unclaimed(ctx: Context, replay: Replay) -> bool:
    if replay.state not in UNFINISHED:
        return False
    owner = ctx.store.owner
    # One's own number is left of a call that did not come to its end.
    return (
        replay.owner is None
        or replay.owner == owner.number
        or not owner.is_alive(replay.owner)
    )


def _release(ctx: Context, replay_name: str) -> None:
    with ctx.store.transaction():
        replay = _get_own(ctx, replay_name)
        if replay is not None:
            ctx.store.put(replay.replace(owner=None))


def _get_own(ctx: Context, replay_name: str) -> Replay | None:
    replay = ctx.store.get(Replay, ctx.account_id, ctx.region, replay_name)
    if replay is None or replay.owner != ctx.store.owner.number:
        return None
    return replay


def _count_ahead(ctx: Context, replay: Replay) -> int:
    return ctx.store.archived_events.count_ahead(
        replay.archive_id,
        replay.replayed_to,
        replay.event_start_at,
        replay.event_end_at,
    )


def _send_window(
    ctx: Context, replay_name: str, sender: Sender
) -> tuple[int, list[Delivery]] | None:
    """Take one step, in one transaction.

    Returns:
        How many events it sent, and the deliveries to attempt; `None` when the replay
        has ended, however it did.
    """
    store = ctx.store
    with store.transaction():
        replay = _get_own(ctx, replay_name)
        if replay is None:
            return None
        if replay.state != RUNNING:
            store.put(_end(ctx, replay, CANCELLED))
            return None
        archive = _get_archive(ctx, replay)
        failure = _find_failure(ctx, replay, archive)
        if archive is None or failure is not None:
            store.put(_end(ctx, replay, FAILED, failure))
            return None
        window = store.archived_events.read_window(
            archive.archive_id,
            replay.replayed_to,
            replay.event_start_at,
            replay.event_end_at,
            cutoff=find_cutoff(archive, ctx.clock.now()),
            limit=STEP_EVENTS,
        )
        if window is None:
            store.put(_end(ctx, replay, COMPLETED))
            return None
        deliveries = sender.send(replay, archive, window.events)
        instants = [event.event_at for event in window.events]
        if replay.event_last_replayed_at is not None:
            instants.append(replay.event_last_replayed_at)
        store.put(
            replay.replace(
                replayed_to=window.next_cursor,
                event_last_replayed_at=max(instants, default=None),
            )
        )
        return len(window.events), deliveries


def _end(ctx: Context, replay: Replay, state: str, reason: str | None = None) -> Replay:
    return replay.replace(
        state=state, state_reason=reason, ended_at=ctx.clock.now(), owner=None
    )


def _get_archive(ctx: Context, replay: Replay) -> Archive | None:
    """The archive that the replay began with; not a later one of the same name."""
    archive = ctx.store.get(Archive, ctx.account_id, ctx.region, _archive_name(replay))
    if archive is None or archive.archive_id != replay.archive_id:
        return None
    return archive


def _archive_name(replay: Replay) -> str:
    return replay.event_source_arn.partition("archive/")[2]


def _find_failure(ctx: Context, replay: Replay, archive: Archive | None) -> str | None:
    """Say why a replay cannot go on; `None` when it can. [guess] the texts."""
    if archive is None:
        return archive_is_gone(_archive_name(replay))
    name = archive.event_bus_name
    scope = (ctx.account_id, ctx.region)
    if name != DEFAULT_EVENT_BUS and ctx.store.get(EventBus, *scope, name) is None:
        return f"Event bus {name} does not exist."
    return None


class Sender:
    """Puts archived events on their event bus again.

    It remembers rules and targets from window to window, until somebody else writes.
    """

    __slots__ = ("_batch", "_ctx", "_router")

    def __init__(self, ctx: Context, total: int) -> None:
        """Get ready for so many events in all."""
        self._ctx = ctx
        self._batch = LedgerBatch(ctx.store.database)
        rules = IndexedRules(ctx.store) if total > INDEX_EVENTS else None
        self._router = Router(ctx, rules, self._batch)

    def send(
        self, replay: Replay, archive: Archive, events: list[ArchivedEvent]
    ) -> list[Delivery]:
        """Send events of a replay; call inside its transaction.

        Returns:
            The deliveries to attempt once the transaction is committed.
        """
        self._router.refresh()
        rule_names = _read_filter(replay)
        event_bus = (archive.account_id, archive.region, archive.event_bus_name)
        now = self._ctx.clock.now()
        deliveries: list[Delivery] = []
        with self._batch:
            for archived in events:
                text = add_replay_name(archived.envelope, replay.name)
                # evcli wrote it: an object, and no key of the envelope is repeated.
                event = AcceptedEvent(parse_json(text), event_bus, now, text=text)
                deliveries += self._router.accept(event, rule_names=rule_names)
        return deliveries


def _read_filter(replay: Replay) -> Container[str] | None:
    """Names of the rules that may receive; `None` for all. [guess] an empty list too."""
    arns = [parse_arn(text) for text in replay.destination.get("FilterArns", ())]
    return {split_rule_resource(arn.resource)[1] for arn in arns if arn} or None


# -- what a worker asks


def next_due(ctx: Context) -> datetime | None:
    """When a replay wants to go on that is unfinished and that no living process is at."""
    return min(
        (find_window_due(ctx, each) for each in _list_unclaimed(ctx)), default=None
    )


def run_due(ctx: Context, now: datetime) -> None:
    """Run the replays that nobody is at, of all accounts and regions.

    Those that are held take one step each.
    """
    for replay in _list_unclaimed(ctx):
        if find_window_due(ctx, replay) <= now:
            is_held = plan_next_window(ctx, replay)
            within = ctx.act_as(replay.account_id, replay.region)
            run_replay(within, replay.name, one_step=is_held)


def _list_unclaimed(ctx: Context) -> list[Replay]:
    return [each for each in list_unfinished(ctx) if _is_unclaimed(ctx, each)]
