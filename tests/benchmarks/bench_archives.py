"""Archives: events kept and replayed per second, and what describing them costs.

    python tests/benchmarks/bench_archives.py [--events N] [--large N] [--runs N]

Prints a Markdown table. The floor of the rates is a bare SQLite bulk insert of the same
bytes; describing an archive that holds `--large` events is compared with describing one
that holds ten, call by call. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from evcli.bulk.send import Sender, make_mark
from evcli.context import Context, VirtualClock, open_context
from evcli.delivery.envelopes import build_envelope, format_json, format_time
from evcli.delivery.scheduled.replays import run_replay
from evcli.operations import call

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2024, 5, 14, 11, 0, tzinfo=UTC)
QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
DETAIL = {"order": "o-17", "total": 250, "lines": [{"sku": "a", "n": 1}] * 8}
# Events of one transaction while an archive is filled, and of one minute.
BATCH = 1_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        rows = measure_rates(Path(directory), options.events)
        rows += measure_describing(Path(directory), options.large, options.runs)
    print("| what | value |\n|---|---|")  # noqa: T201
    for what, value in rows:
        print(f"| {what} | {value} |")  # noqa: T201


def measure_rates(directory: Path, events: int) -> list[tuple[str, str]]:
    """Keep events by the way of bulk input, then replay them to two rules."""
    ctx = open_state(directory / "rates")
    make_archive(ctx, "a")
    floor = events / measure_floor(directory / "floor.db", events)
    archived = events / timed(lambda: fill(ctx, events))
    for name in ("one", "two"):
        call(ctx, "PutRule", {"Name": name, "EventPattern": '{"source":["shop"]}'})
        target = {"Id": "q", "Arn": QUEUE + name}
        call(ctx, "PutTargets", {"Rule": name, "Targets": [target]})
    start_replay(ctx, "p", events)
    replayed = events / timed(lambda: run_replay(ctx, "p"))
    ctx.close()
    return [
        ("bare SQLite bulk insert of the same bytes, events/s", f"{floor:,.0f}"),
        (f"archived, {BATCH} a transaction, events/s", f"{archived:,.0f}"),
        ("… ÷ bare insert", f"{archived / floor:.2f}"),
        ("replayed to two rules with file sinks, events/s", f"{replayed:,.0f}"),
        ("… ÷ bare insert", f"{replayed / floor:.2f}"),
    ]


def measure_describing(
    directory: Path, events: int, runs: int
) -> list[tuple[str, str]]:
    """Describe an archive of ten events and a large one in turn; the medians' ratio."""
    ctx = open_state(directory / "describing")
    make_archive(ctx, "small", "few")
    make_archive(ctx, "large", "many")
    fill(ctx, 10, "few")
    fill(ctx, events, "many")
    costs: dict[str, list[float]] = {"small": [], "large": []}
    for _ in range(runs):
        for name, times in costs.items():
            request = {"ArchiveName": name}
            times.append(timed(lambda: call(ctx, "DescribeArchive", request)))  # noqa: B023
    counts = {
        name: call(ctx, "DescribeArchive", {"ArchiveName": name})["EventCount"]
        for name in costs
    }
    deleted = timed(lambda: call(ctx, "DeleteArchive", {"ArchiveName": "large"}))
    ctx.close()
    small, large = (median(times) * 1e6 for times in costs.values())
    return [
        (f"describe-archive, {counts['small']:,} events, µs", f"{small:.0f}"),
        (f"describe-archive, {counts['large']:,} events, µs", f"{large:.0f}"),
        ("… ÷ the small one", f"{large / small:.2f}"),
        (f"delete-archive, {counts['large']:,} events, s", f"{deleted:.1f}"),
    ]


def open_state(directory: Path) -> Context:
    """Open a new state directory whose clock stands behind all events."""
    ctx = open_context(str(directory))
    ctx.clock = VirtualClock(START + timedelta(days=1))
    return ctx


def make_archive(ctx: Context, name: str, source: str = "shop") -> None:
    """Make an archive of the events of one source."""
    request = {
        "ArchiveName": name,
        "EventSourceArn": ctx.event_bus_arn("default"),
        "EventPattern": json.dumps({"source": [source]}),
    }
    call(ctx, "CreateArchive", request)


def fill(ctx: Context, events: int, source: str = "shop") -> None:
    """Let events arrive by the way of bulk input; a thousand fall into each minute."""
    sender = Sender(ctx, make_mark(ctx, source))
    for first in range(0, events, BATCH):
        numbers = range(first, min(first + BATCH, events))
        sender.send([build_line(number, source) for number in numbers])


def build_line(number: int, source: str) -> bytes:
    """Build the line of a number."""
    time_text = format_time(START + timedelta(seconds=number * 60 // BATCH))
    detail = {**DETAIL, "number": number}
    entry = {"Source": source, "DetailType": "sold", "Time": time_text}
    return format_json({**entry, "Detail": format_json(detail)}).encode() + b"\n"


def build_event(number: int) -> dict[str, object]:
    """Build the event that a line becomes."""
    return build_envelope(
        event_id="i" * 36,
        detail_type="sold",
        source="shop",
        account_id="000000000000",
        time=START + timedelta(seconds=number * 60 // BATCH),
        region="us-east-1",
        resources=(),
        detail={**DETAIL, "number": number},
    )


def start_replay(ctx: Context, name: str, events: int) -> None:
    """Start the replay of everything that `fill` made."""
    bus = ctx.event_bus_arn("default")
    request = {
        "ReplayName": name,
        "EventSourceArn": bus.replace("event-bus/default", "archive/a"),
        "EventStartTime": START,
        "EventEndTime": START + timedelta(minutes=events // BATCH + 1),
        "Destination": {"Arn": bus},
    }
    call(ctx, "StartReplay", request)


def measure_floor(path: Path, events: int) -> float:
    """Insert as many rows of the same bytes with nothing around it."""
    texts = [(format_json(build_event(number)),) for number in range(events)]
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE events (envelope TEXT NOT NULL)")

    def insert() -> None:
        for first in range(0, events, BATCH):
            database.execute("BEGIN IMMEDIATE")
            rows = texts[first : first + BATCH]
            database.executemany("INSERT INTO events VALUES (?)", rows)
            database.execute("COMMIT")

    seconds = timed(insert)
    database.close()
    return seconds


def timed(work: Callable[[], object]) -> float:
    """Run something; the seconds that it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
