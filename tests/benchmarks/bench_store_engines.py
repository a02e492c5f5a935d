"""SQLite and PostgreSQL beside each other: accepting by processes, delivering by workers.

    python tests/benchmarks/bench_store_engines.py [--entries 2000] [--deliveries 400]

Entries a second that 1, 4 and 8 processes accept, ten in a request, none of which any
rule matches; a bare COPY of as many rows of the same bytes is the floor. Then deliveries
a second that 1 to 8 workers make with a sink that takes 20 ms: 50 for each worker would
be linear. The server is one of its own, on a Unix socket of this machine, and keeps what
was committed on the disk, as SQLite does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from evcli.context import Outcome, open_context
from evcli.delivery import worker
from evcli.operations import call, call_within
from tests.postgresql_server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.deliveries import Delivery

REQUEST_ENTRIES = 10
ENTRY = {
    "Source": "shop",
    "DetailType": "order",
    "Detail": '{"id":"' + "x" * 400 + '"}',
}
PROCESSES = (1, 4, 8)
WORKERS = (1, 2, 4, 8)
SINK_SECONDS = 0.02
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


def measure_accepting(directory: str, name: str, entries: int) -> None:
    """Print how many entries a second processes accept."""
    with closing(open_context(directory)):
        pass
    for processes in PROCESSES:
        seconds = run(put_events, directory, processes, entries)
        print(f"{name:<12} {processes} processes  {entries / seconds:>9,.0f} entries/s")  # noqa: T201


def measure_delivering(directory: str, name: str, deliveries: int) -> None:
    """Print how many deliveries a second workers make."""
    with closing(open_context(directory)) as ctx:
        call(ctx, "PutRule", {"Name": "r", "EventPattern": '{"source":["shop"]}'})
        call(ctx, "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE}]})
    alone = 0.0
    for workers in WORKERS:
        with closing(open_context(directory)) as ctx:
            # As if whoever accepted them had been killed before the first attempt.
            for _ in range(deliveries // REQUEST_ENTRIES):
                with ctx.store.transaction(alone_in=None):
                    request = {"Entries": [ENTRY] * REQUEST_ENTRIES}
                    call_within(ctx, "PutEvents", request)
                ctx.after_commit.clear()
        rate = deliveries / run(make_deliveries, directory, workers, deliveries)
        alone = alone or rate
        print(  # noqa: T201
            f"{name:<12} {workers} workers  {rate:>9,.0f} deliveries/s"
            f"  {rate / alone / workers:.2f} of linear"
        )


def measure_copy(server: Server, entries: int) -> None:
    """Print how many rows of the same bytes a bare COPY takes."""
    row = (os.urandom(16), 1, 1, 0, "x" * 600)
    with psycopg.connect(server.conninfo) as connection:
        connection.execute(
            "CREATE TABLE bare (key bigint GENERATED ALWAYS AS IDENTITY, id bytea,"
            " a bigint, b bigint, c bigint, envelope text)"
        )
        connection.commit()
        begin = time.perf_counter()
        with connection.cursor() as cursor:
            for _ in range(entries // REQUEST_ENTRIES):
                with cursor.copy(
                    "COPY bare (id, a, b, c, envelope) FROM STDIN"
                ) as copy:
                    for _ in range(REQUEST_ENTRIES):
                        copy.write_row(row)
                connection.commit()
        seconds = time.perf_counter() - begin
    print(f"{'bare COPY':<12} 1 process    {entries / seconds:>9,.0f} rows/s")  # noqa: T201


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=2_000)
    parser.add_argument("--deliveries", type=int, default=400)
    arguments = parser.parse_args()
    os.environ.pop("EVCLI_STORE", None)
    server = Server(fsync="on", full_page_writes="on")
    try:
        with tempfile.TemporaryDirectory() as directory:
            for name, url in (("SQLite", "local"), ("PostgreSQL", server.url("bench"))):
                os.environ["EVCLI_STORE"] = url
                measure_accepting(f"{directory}/{name}", name, arguments.entries)
                measure_delivering(f"{directory}/{name}", name, arguments.deliveries)
        measure_copy(server, arguments.entries)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
