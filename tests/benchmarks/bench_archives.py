"""Archives: events kept and replayed per second, and what describing them costs.

The yardstick of the rates is a bare SQLite bulk insert of the same bytes; describing an
archive that holds many events is compared with describing one that holds ten, call by call.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from evcli.bulk.send import Sender, make_mark
from evcli.context import Context, VirtualClock, open_context
from evcli.delivery.envelopes import build_envelope, format_json, format_time
from evcli.delivery.scheduled.replays import run_replay
from evcli.operations import call
from tests.benchmarks.measure import Row, measure_in_turn, show_ms, time_work

START = datetime(2024, 5, 14, 11, 0, tzinfo=UTC)
QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
DETAIL = {"order": "o-17", "total": 250, "lines": [{"sku": "a", "n": 1}] * 8}
# Events of one transaction while an archive is filled, and of one minute.
BATCH = 1_000


def list_rows(quick: bool) -> list[Row]:
    """Measure keeping, replaying and describing."""
    events, large, rounds = (2_000, 5_000, 5) if quick else (20_000, 1_000_000, 200)
    with tempfile.TemporaryDirectory() as directory:
        return [
            *measure_rates(Path(directory), events, 1 if quick else 3),
            *measure_describing(Path(directory), large, rounds),
        ]


def measure_rates(directory: Path, events: int, rounds: int) -> list[Row]:
    """Keep events as bulk input keeps them, then replay them to two rules."""
    seconds: dict[str, list[float]] = {"floor": [], "archived": [], "replayed": []}
    for number in range(rounds):
        ctx = open_state(directory / f"rates-{number}")
        make_archive(ctx, "a")
        seconds["floor"].append(measure_floor(directory / f"{number}.db", events))
        seconds["archived"].append(time_work(partial(fill, ctx, events)))
        for name in ("one", "two"):
            call(ctx, "PutRule", {"Name": name, "EventPattern": '{"source":["shop"]}'})
            target = {"Id": "q", "Arn": QUEUE + name}
            call(ctx, "PutTargets", {"Rule": name, "Targets": [target]})
        start_replay(ctx, "p", events)
        seconds["replayed"].append(time_work(partial(run_replay, ctx, "p")))
        ctx.close()
    rates = {what: events / median(each) for what, each in seconds.items()}
    return [
        Row(
            f"{what} ÷ bare insert",
            rates[kind] / rates["floor"],
            f"{rates[kind]:,.0f}/s ÷ {rates['floor']:,.0f}/s",
            f"{events:,} events, {BATCH:,} a transaction",
            rounds,
        )
        for what, kind in (
            ("archived", "archived"),
            ("replayed to two rules with file sinks", "replayed"),
        )
    ]


def measure_describing(directory: Path, events: int, rounds: int) -> list[Row]:
    """Describe an archive of ten events and a large one in turn, delete the large one."""
    ctx = open_state(directory / "describing")
    make_archive(ctx, "small", "few")
    make_archive(ctx, "large", "many")
    fill(ctx, 10, "few")
    fill(ctx, events, "many")
    runs = {
        name: partial(
            time_work, partial(call, ctx, "DescribeArchive", {"ArchiveName": name})
        )
        for name in ("small", "large")
    }
    medians = measure_in_turn(runs, rounds)
    request = {"ArchiveName": "large"}
    count = call(ctx, "DescribeArchive", request)["EventCount"]
    deleted = time_work(partial(call, ctx, "DeleteArchive", request))
    ctx.close()
    given = f"{count:,} events"
    figures = f"{show_ms(medians['large'])} ÷ {show_ms(medians['small'])}"
    ratio = medians["large"] / medians["small"]
    return [
        Row("describe-archive, large ÷ 10 events", ratio, figures, given, rounds),
        Row("delete-archive, s", deleted, "", given, 1),
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

    seconds = time_work(insert)
    database.close()
    return seconds
