"""Settling: the ledger told of deliveries that were made and are not yet recorded.

A server syncs and records what it wrote to files a little later than it answers, see
`store/threads/writer.py`. Nobody is to see that: whoever reads what became of deliveries
calls `settle` first. In the server's own process they are then recorded. For those of
another process it does what a worker does that takes deliveries over: it looks for their
lines in the files, syncs these, and records those that are there. So it does not matter
whether the server is at it, was stopped, or was killed, but for one case: one that was
stopped in the middle of a transaction, or while it appended to a file, keeps everybody
from it. Then readers see what is recorded, and are told so.
"""

from __future__ import annotations

import time

from evcli.delivery.outcomes import mark_delivered, tell_outcomes
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
    from collections.abc import Sequence

    from evcli.context import Context
    from evcli.delivery.outcomes import AttemptResult
    from evcli.store.deliveries import Delivery

# Where this process may write nothing, it waits for the server to do it: this often,
# this long.
LOOKS = 15
LOOK_SECONDS = 0.02
# How long it waits for others to finish writing.
BUSY_SECONDS = 1.0


def record_later(ctx: Context, results: Sequence[AttemptResult]) -> list[AttemptResult]:
    """Let first attempts that wrote to files be recorded by a later transaction.

    Returns:
        All others, to be recorded at once: they went elsewhere, failed, or may have been
        made before, and then their files are synced (`FileSink.flush`).
    """
    writer = ctx.store.database.writer
    assert writer is not None
    made, later, rest = [], [], []
    files: dict[str, int] = {}
    for result in results:
        delivery, attempted_at, outcome = result
        sink = find_sink(ctx, delivery.target_arn)
        if (
            type(sink) is not FileSink
            or outcome.error_code is not None
            or delivery.is_repeated
        ):
            rest.append(result)
            continue
        start = sink.unsynced_from
        if start is not None:
            files[sink.path] = min(start, files.get(sink.path, start))
        assert delivery.owner is not None  # this process
        made.append((delivery.delivery_key, delivery.owner, attempted_at))
        later.append(result)
    if made:
        writer.settle_later(made, files)
        for delivery, attempted_at, _ in later:
            mark_delivered(delivery, attempted_at)
        tell_outcomes(ctx, later)
    return rest


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
        _say_once(
            ctx,
            f"{len(made)} deliveries that were made are shown as PENDING: another process"
            " keeps everybody from writing to the state directory",
        )
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
            if found is None:
                _say_once(
                    ctx,
                    f"{len(waiting)} deliveries are shown as PENDING: another process"
                    f" keeps {sink.path} locked, where their lines may be",
                )
                continue
            try:
                sink.sync(start)
            except OSError:
                continue  # they do not count as made before
            made += [each for each in waiting if each.delivery_id in found]
    return made


def _say_once(ctx: Context, notice: str) -> None:
    if notice not in ctx.notices:
        ctx.notices.append(notice)


def _wait(ctx: Context) -> None:
    for _ in range(LOOKS):
        if not has_unrecorded(ctx.store.database):
            return
        time.sleep(LOOK_SECONDS)
