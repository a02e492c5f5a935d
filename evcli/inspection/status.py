"""How a state directory stands: what it holds, what waits, and what goes on in it.

Quick however much it holds, see `store/ledger_counts.py`. Buses, rules and the like are
those of the context's account and region; events and deliveries those of all of them.
"""

from __future__ import annotations

import os

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.context import VirtualClock
from evcli.delivery.scheduled.scheduler import WorkerLock, list_next_due
from evcli.delivery.settling import settle
from evcli.store.deliveries import DELIVERED, FAILED, PENDING, RETRYING, STATES
from evcli.store.epoch import format_instant, from_epoch_ms
from evcli.store.ledger_counts import count_deliveries, count_events
from evcli.store.records import (
    ApiDestination,
    Archive,
    Connection,
    Endpoint,
    EventBus,
    Replay,
    Rule,
    Target,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import Counter
    from typing import Any

    from evcli.context import Context
    from evcli.store.ledger_counts import DeliveryKind

KINDS = {
    "EventBuses": EventBus,
    "Rules": Rule,
    "Targets": Target,
    "Archives": Archive,
    "Replays": Replay,
    "Connections": Connection,
    "ApiDestinations": ApiDestination,
    "Endpoints": Endpoint,
}
# Files of sinks that are looked at for their size; a directory with more is large anyway.
MEASURED_FILES = 10_000


def describe_status(ctx: Context) -> dict[str, Any]:
    """Lay out as a JSON value how the state directory stands."""
    settle(ctx)
    with ctx.store.snapshot():
        deliveries = count_deliveries(ctx.store.database)
        events = count_events(ctx.store.database)
        resources = {
            name: ctx.store.count(kind, ctx.account_id, ctx.region)
            for name, kind in KINDS.items()
        }
        if not ctx.store.get(EventBus, ctx.account_id, ctx.region, DEFAULT_EVENT_BUS):
            resources["EventBuses"] += 1  # it is there before it is written down
        next_due = list_next_due(ctx)
    by_state = dict.fromkeys(STATES, 0)
    for (state, _, _), count in deliveries.items():
        by_state[state] = by_state.get(state, 0) + count
    is_virtual = isinstance(ctx.clock, VirtualClock)
    return {
        "StateDirectory": ctx.store.path,
        "SizeBytes": measure_directory(ctx.store.path),
        "Account": ctx.account_id,
        "Region": ctx.region,
        "Clock": {
            "Now": format_instant(ctx.clock.now()),
            "Kind": "virtual" if is_virtual else "system",
        },
        "Resources": resources,
        "Events": events,
        "Deliveries": by_state,
        "Queue": {
            "Waiting": by_state[PENDING] + by_state[RETRYING],
            "NextDue": {
                name: format_instant(instant)
                for name, instant in sorted(next_due.items(), key=lambda each: each[1])
            },
        },
        "WorkerIsRunning": is_worker_running(ctx),
        "Sinks": [
            {"Arn": entry["arn"], "Kind": entry["kind"]}
            for entry in ctx.configuration.get("sinks", [])
        ],
        "Metrics": count_metrics(deliveries),
        **describe_sharing(ctx),
    }


def describe_sharing(ctx: Context) -> dict[str, Any]:
    """Lay out where a store is that several machines share, and who works at it."""
    database = ctx.store.database
    if not database.is_shared:
        return {}
    return {
        "Store": database.name,
        "Workers": [
            {
                "Host": host,
                "ProcessId": process_id,
                "Since": format_instant(from_epoch_ms(since_ms)),
            }
            for host, process_id, since_ms in database.list_workers()
        ],
    }


def is_worker_running(ctx: Context) -> bool:
    """Say whether somebody does what becomes due; where nothing can be written, nobody."""
    return not ctx.store.database.is_read_only and WorkerLock(ctx.store).is_held()


def measure_directory(path: str) -> int | None:
    """Add up the sizes of the files below a directory, in bytes.

    Returns: `None` when there are very many, or one cannot be looked at.
    """
    size = files = 0
    waiting = [path]
    try:
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                        continue
                    size += entry.stat(follow_symlinks=False).st_size
                    files += 1
                    if files > MEASURED_FILES:
                        return None
    except OSError:
        return None
    return size


def count_metrics(deliveries: Counter[DeliveryKind]) -> dict[str, int]:
    """Count what CloudWatch has in `AWS/Events` without dimensions, as far as it is known.

    An invocation is an event on its way to a target of a rule; what goes to a dead-letter
    queue is none. Nothing that was pruned is counted. The ledger does not know what
    requests there were, nor rules that matched and have no target, so the metrics of
    PutEvents and of matching are not among these.

    Source: [doc] the metrics table of the user guide; [guess] a delivery that was made
    again on demand is an invocation of its own.
    """
    invocations = {key: count for key, count in deliveries.items() if not key[1]}
    letters = {key: count for key, count in deliveries.items() if key[1]}
    succeeded = _count(invocations, DELIVERED)
    failed = _count(invocations, FAILED)
    return {
        "InvocationsCreated": sum(invocations.values()),
        "InvocationAttempts": sum(
            attempts * count for (_, _, attempts), count in invocations.items()
        ),
        "SuccessfulInvocationAttempts": succeeded,
        "RetryInvocationAttempts": sum(
            max(attempts - 1, 0) * count
            for (_, _, attempts), count in invocations.items()
        ),
        "Invocations": succeeded + failed,
        "FailedInvocations": failed,
        "InvocationsSentToDlq": _count(letters, DELIVERED),
        "InvocationsFailedToBeSentToDlq": _count(letters, FAILED),
    }


def _count(deliveries: dict[DeliveryKind, int], wanted: str) -> int:
    return sum(count for (state, _, _), count in deliveries.items() if state == wanted)
