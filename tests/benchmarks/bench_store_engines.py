"""SQLite and PostgreSQL beside each other: accepting by processes, delivering by workers.

Entries a second that 1, 4 and 8 processes accept, ten in a request, none of which any
rule matches; a bare COPY of as many rows of the same bytes is the floor. Then deliveries
a second that 1 to 8 workers make with a sink that takes 20 ms: 50 for each worker would
be linear. The server is one of its own, on a Unix socket of this machine, and keeps what
was committed on the disk, as SQLite does.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from evcli.context import Outcome, open_context
from evcli.delivery import worker
from evcli.operations import call, call_within
from tests.benchmarks.measure import Row, measure_in_turn
from tests.postgresql_server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.deliveries import Delivery

REQUEST_ENTRIES = 10
ENTRY = {
    "Source": "store",
    "DetailType": "order",
    "Detail": '{"id":"' + "x" * 400 + '"}',
}
MATCHED = {**ENTRY, "Source": "shop"}
PROCESSES = (1, 4, 8)
WORKERS = (1, 2, 4, 8)
SINK_SECONDS = 0.02
ROUNDS = 3
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


class SlowSink:
    """Takes its time for each delivery, as a program or an endpoint does."""

    is_buffered = False
    is_exactly_once = False

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Wait."""
        time.sleep(SINK_SECONDS)
        return Outcome()

    def flush(self) -> None:
        """Nothing to do."""


def put_events(directory: str, count: int, barrier: Any) -> None:
    """Put so many entries, once all are ready."""
    with closing(open_context(directory)) as ctx:
        barrier.wait()
        for _ in range(count // REQUEST_ENTRIES):
            call(ctx, "PutEvents", {"Entries": [ENTRY] * REQUEST_ENTRIES})


def make_deliveries(directory: str, count: int, barrier: Any) -> None:
    """Make what is due, once all are ready; `count` is not needed."""
    with closing(open_context(directory)) as ctx:
        ctx.sinks["*"] = SlowSink()
        ctx.store.owner.claim()
        barrier.wait()
        worker.run_due(ctx, ctx.clock.now())


def run(work: Callable[..., None], directory: str, processes: int, count: int) -> float:
    """Let processes do it together; how long they took, in seconds."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes + 1)
    started = [
        context.Process(target=work, args=(directory, count // processes, barrier))
        for _ in range(processes)
    ]
    for each in started:
        each.start()
    barrier.wait()
    begin = time.perf_counter()
    for each in started:
        each.join()
    assert all(each.exitcode == 0 for each in started)
    return time.perf_counter() - begin


def list_rows(quick: bool) -> list[Row]:
    """Measure both engines in turn."""
    entries, deliveries, rounds = (80, 40, 1) if quick else (2_000, 400, ROUNDS)
    os.environ.pop("EVCLI_STORE", None)
    server = Server(fsync="on", full_page_writes="on")
    try:
        with tempfile.TemporaryDirectory() as directory:
            engines = {
                "SQLite": Engine(f"{directory}/sqlite", "local"),
                "PostgreSQL": Engine(f"{directory}/postgresql", server.url("bench")),
            }
            return [
                *compare_accepting(server, engines, entries, rounds),
                *compare_delivering(engines, deliveries, rounds),
            ]
    finally:
        server.stop()


def compare_accepting(
    server: Server, engines: dict[str, Engine], entries: int, rounds: int
) -> list[Row]:
    """Say how many entries processes accept, by rows of a bare COPY."""
    seconds = measure_in_turn(
        {
            "bare": partial(copy, server, entries),
            **{
                f"{name}, processes: {count}": partial(engine.accept, count, entries)
                for name, engine in engines.items()
                for count in PROCESSES
            },
        },
        rounds,
    )
    bare = entries / seconds.pop("bare")
    return [
        Row(
            f"entries, {what} ÷ bare COPY",
            entries / each / bare,
            f"{entries / each:,.0f}/s ÷ {bare:,.0f}/s",
            f"{entries:,} entries of 600 bytes, ten in a request",
            rounds,
        )
        for what, each in seconds.items()
    ]


def compare_delivering(
    engines: dict[str, Engine], deliveries: int, rounds: int
) -> list[Row]:
    """Say how many deliveries workers make, by as many times what one makes."""
    seconds = measure_in_turn(
        {
            f"{name}, {count}": partial(engine.deliver, count, deliveries)
            for name, engine in engines.items()
            for count in WORKERS
        },
        rounds,
    )
    rates = {what: deliveries / each for what, each in seconds.items()}
    return [
        Row(
            f"deliveries, {name}, {count} workers ÷ {count} alone",
            rates[f"{name}, {count}"] / rates[f"{name}, 1"] / count,
            f"{rates[f'{name}, {count}']:,.0f}/s ÷ {count} of {rates[f'{name}, 1']:,.0f}/s",
            f"{deliveries:,} deliveries of {SINK_SECONDS * 1000:.0f} ms",
            rounds,
        )
        for name in engines
        for count in WORKERS[1:]
    ]


class Engine:
    """A state directory whose store is at a URL, with a rule for every event."""

    def __init__(self, directory: str, url: str) -> None:
        self.directory = directory
        self.url = url
        os.environ["EVCLI_STORE"] = url
        with closing(open_context(directory)) as ctx:
            call(ctx, "PutRule", {"Name": "r", "EventPattern": '{"source":["shop"]}'})
            targets = [{"Id": "1", "Arn": QUEUE}]
            call(ctx, "PutTargets", {"Rule": "r", "Targets": targets})

    def accept(self, processes: int, entries: int) -> float:
        """Have processes accept entries that no rule matches; the seconds."""
        os.environ["EVCLI_STORE"] = self.url
        return run(put_events, self.directory, processes, entries)

    def deliver(self, workers: int, deliveries: int) -> float:
        """Have workers make deliveries; the seconds."""
        os.environ["EVCLI_STORE"] = self.url
        with closing(open_context(self.directory)) as ctx:
            # As if whoever accepted them had been killed before the first attempt.
            for _ in range(deliveries // REQUEST_ENTRIES):
                with ctx.store.transaction(alone_in=None):
                    request = {"Entries": [MATCHED] * REQUEST_ENTRIES}
                    call_within(ctx, "PutEvents", request)
                ctx.after_commit.clear()
        return run(make_deliveries, self.directory, workers, deliveries)


def copy(server: Server, entries: int) -> float:
    """Copy as many rows of the same bytes into a table of nothing else; the seconds."""
    row = (os.urandom(16), 1, 1, 0, "x" * 600)
    with psycopg.connect(server.conninfo) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS bare (key bigint GENERATED ALWAYS AS IDENTITY,"
            " id bytea, a bigint, b bigint, c bigint, envelope text)"
        )
        connection.commit()
        begin = time.perf_counter()
        with connection.cursor() as cursor:
            for _ in range(entries // REQUEST_ENTRIES):
                with cursor.copy(
                    "COPY bare (id, a, b, c, envelope) FROM STDIN"
                ) as rows:
                    for _ in range(REQUEST_ENTRIES):
                        rows.write_row(row)
                connection.commit()
        return time.perf_counter() - begin
