"""Archiving: events that reach an archive's managed rule are kept, not delivered.

An archive hangs on its event bus by a managed rule, whose one target is the archive
hook: an ARN without account and resource. So one matching serves rules and archives
alike, and whoever removes the rule by force stops the archiving, as in the cloud.

Retention: an event is gone from the instant at which it has been kept for its days.
[guess] counted from arrival. Readers count what is past that cut-off as gone, over an
index and without touching the rows, since a read waits for nobody and changes nothing.
Writers drop a bounded number of rows as they come by, `run_due` all of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from evcli.delivery.envelopes import count_bytes
from evcli.store.archived_events import archived_row
from evcli.store.records import Archive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.events import AcceptedEvent, EventBusKey
    from evcli.store.archived_events import Row
    from evcli.store.ledger_batch import LedgerBatch

# What the name of an archive's managed rule begins with. Source: [aws].
RULE_PREFIX = "Events-Archive-"

# Expired rows that a command drops beside its own work: about a millisecond of work.
STEP_EVENTS = 200
# Rows that one transaction of `run_due` drops, so that others need not wait.
BATCH_EVENTS = 5_000

# An event's bytes besides its source, detail-type and detail. Source: [aws] 159 bytes
# for an event of 27, 27 and 85; [guess] that the rest is the length of a time.
ENVELOPE_BYTES = 20


def measure_event(envelope: dict[str, Any], detail: str) -> int:
    """The size that an event counts for, in bytes; the detail's as it was sent."""
    texts = (envelope["source"], envelope["detail-type"], detail)
    return ENVELOPE_BYTES + sum(map(count_bytes, texts))


class Archiver:
    """Keeps the events of one transaction; remembers the archives that it met."""

    __slots__ = ("_add", "_archives", "_ctx")

    def __init__(self, ctx: Context, batch: LedgerBatch | None) -> None:
        self._ctx = ctx
        self._add = batch.add_archived_event if batch else ctx.store.archived_events.add
        self._archives: dict[tuple[EventBusKey, str], Archive | None] = {}

    def archive(self, event: AcceptedEvent, rule_name: str) -> None:
        """Store an event in the archive that a managed rule belongs to."""
        archive = self.open(event.event_bus, rule_name)
        if archive is not None:
            self._add(lay_out_archived(archive.archive_id, event))

    def open(self, event_bus: EventBusKey, rule_name: str) -> Archive | None:
        """Find the archive of a managed rule; drop some of what has expired there."""
        key = (event_bus, rule_name)
        if key not in self._archives:
            archive = get_archive(self._ctx, event_bus, rule_name)
            if archive is not None:
                drop_expired(self._ctx, archive, STEP_EVENTS)
                if archive.event_bus_name != event_bus[2]:
                    archive = None
            self._archives[key] = archive
        return self._archives[key]


def get_archive(ctx: Context, event_bus: EventBusKey, rule_name: str) -> Archive | None:
    """Get the archive by whose name a managed rule goes; of whatever event bus."""
    name = rule_name.removeprefix(RULE_PREFIX)
    return ctx.store.get(Archive, *event_bus[:2], name)


def lay_out_archived(archive_id: str, event: AcceptedEvent) -> Row:
    """Lay an event out as what an archive keeps of it."""
    return archived_row(
        archive_id,
        event_at=datetime.fromisoformat(event.members["time"]),
        ingested_at=event.row.accepted_at,
        size_bytes=measure_event(event.members, event.detail_text),
        envelope=event.row.envelope,
    )


# -- retention


def find_cutoff(archive: Archive, now: datetime) -> datetime | None:
    """What arrived at this instant or before is no longer kept; `None` keeps it all."""
    if not archive.retention_days:
        return None
    try:
        return now - timedelta(days=archive.retention_days)
    except OverflowError:
        # Longer than there are dates.
        return None


def measure_archive(ctx: Context, archive: Archive) -> tuple[int, int]:
    """How many events an archive holds, and their bytes: what expired is left out."""
    cutoff = find_cutoff(archive, ctx.clock.now())
    if cutoff is None:
        return archive.event_count, archive.size_bytes
    events, size = ctx.store.archived_events.measure_expired(archive.archive_id, cutoff)
    return archive.event_count - events, archive.size_bytes - size


def drop_expired(ctx: Context, archive: Archive, limit: int) -> int:
    """Drop at most `limit` expired events of an archive; call inside a transaction."""
    cutoff = find_cutoff(archive, ctx.clock.now())
    if cutoff is None:
        return 0
    return ctx.store.archived_events.drop_expired(archive.archive_id, cutoff, limit)


def drop_abandoned(ctx: Context) -> None:
    """Drop the events of deleted archives, in one transaction after the other."""
    count = 0
    dropped = 1
    while dropped:
        with ctx.store.transaction():
            dropped = ctx.store.archived_events.drop_abandoned(BATCH_EVENTS)
        count += dropped
    if count:
        from evcli.store.upkeep.pruning import shrink

        shrink(ctx.store.database)


def next_due(ctx: Context) -> datetime | None:
    """When the next archived event expires, of any account and region."""
    if ctx.store.archived_events.has_abandoned():
        return ctx.clock.now()
    instants = []
    for archive in _list_forgetful(ctx):
        oldest = ctx.store.archived_events.get_oldest(archive.archive_id)
        if oldest is not None:
            try:
                instants.append(oldest + timedelta(days=archive.retention_days))
            except OverflowError:
                continue  # Kept for longer than there are dates.
    return min(instants, default=None)


def run_due(ctx: Context, now: datetime) -> None:
    """Drop everything that has expired by `now`, of all accounts and regions.

    In many short transactions, so that commands need not wait for a large archive.
    """
    drop_abandoned(ctx)
    for archive in _list_forgetful(ctx):
        cutoff = find_cutoff(archive, now)
        if cutoff is not None and (count := _drop_to(ctx, archive, cutoff)):
            from evcli.delivery.reports import EXPIRY, report

            report(ctx, EXPIRY, ArchiveArn=archive.arn, Events=count)


def _drop_to(ctx: Context, archive: Archive, cutoff: datetime) -> int:
    """Drop all events up to an instant; say how many."""
    count = 0
    dropped = BATCH_EVENTS
    while dropped == BATCH_EVENTS:
        with ctx.store.transaction():
            dropped = ctx.store.archived_events.drop_expired(
                archive.archive_id, cutoff, BATCH_EVENTS
            )
        count += dropped
    if count:
        from evcli.store.upkeep.pruning import shrink

        shrink(ctx.store.database)
    return count


def _list_forgetful(ctx: Context) -> list[Archive]:
    return [each for each in ctx.store.list_records(Archive) if each.retention_days]
