"""Settling: the ledger told of deliveries that were made and are not yet recorded.

A server records what it wrote to files a little later than it answers, see
`store/threads/writer.py`. Nobody is to see that: whoever reads what became of deliveries
calls `settle` first. In the server's own process they are then recorded. For those of
another process it does what a worker does that takes deliveries over: it looks for their
lines in the files, and records those that are there. So it does not matter whether the
server is at it, was stopped, or was killed, but for one case: one that was stopped in the
middle of a transaction keeps everybody from writing. Then readers see what is recorded,
and are told so.
"""

from __future__ import annotations

import time

from evcli.delivery.sinks import find_measure, find_sink
from evcli.delivery.sinks.file import FileSink
from evcli.delivery.sinks.sink_lines import find_whole_lines
from evcli.store.threads.unrecorded import (
    has_unrecorded,
    is_kept_waiting,
    list_unrecorded,
    record_made,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context
    from evcli.store.deliveries import Delivery

# Where this process may write nothing, it waits for the server to do it: this often,
# this long.
LOOKS = 15
LOOK_SECONDS = 0.02
# How long it waits for others to finish writing.
BUSY_SECONDS = 1.0


def settle(ctx: Context) -> None:
    """Have every delivery recorded that was made when this is called.

    Call outside of transactions. It costs a look into an index where nothing is to do.

    Raises: StoreError: it cannot be read or written.
    """
    writer = ctx.store.database.writer
    if writer is not None:
        writer.settle()
    if not has_unrecorded(ctx.store.database):
        return
    if ctx.store.database.is_read_only:
        _wait(ctx)
        return
    made = [
        (each.delivery_key, each.owner, each.event.accepted_at)
        for each in _list_made(ctx, list_unrecorded(ctx.store.database))
        if each.owner is not None
    ]
    if not made:
        return
    if is_kept_waiting(ctx.store.database, BUSY_SECONDS):
        notice = (
            f"{len(made)} deliveries that were made are shown as PENDING: another process"
            " keeps everybody from writing to the state directory"
        )
        if notice not in ctx.notices:
            ctx.notices.append(notice)
    else:
        with ctx.store.transaction(durable=False):
            record_made(ctx.store.database, made)


def _list_made(ctx: Context, deliveries: list[Delivery]) -> list[Delivery]:
    """List the deliveries whose lines are in files of sinks."""
    by_arn: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.damage is None:
            by_arn.setdefault(delivery.target_arn, []).append(delivery)
    made: list[Delivery] = []
    for arn, waiting in by_arn.items():
        # Others have no lines, and their sinks are not opened to be asked.
        sink = None if find_measure(ctx, arn) is None else find_sink(ctx, arn)
        if isinstance(sink, FileSink):
            ids = [each.delivery_id for each in waiting]
            start = min(each.sink_length_bytes or 0 for each in waiting)
            found = find_whole_lines(sink.path, ids, start)
            made += [each for each in waiting if each.delivery_id in found]
    return made


def _wait(ctx: Context) -> None:
    for _ in range(LOOKS):
        if not has_unrecorded(ctx.store.database):
            return
        time.sleep(LOOK_SECONDS)
