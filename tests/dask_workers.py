"""A Dask scheduler and workers, each a process of its own, as people start them."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

QUIET = ("--host", "127.0.0.1", "--no-dashboard")


class Workers(NamedTuple):
    """What was started."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    # Starts one more.
    start_worker: Callable[[], subprocess.Popen[bytes]]


@contextmanager
def start_workers(
    count: int, environ: Mapping[str, str], patience_seconds: float
) -> Iterator[Workers]:
    """Start a scheduler and workers on free ports of this machine, and kill them."""
    from distributed import Client

    started: list[subprocess.Popen[bytes]] = []
    readers: list[threading.Thread] = []

    def start(*argv: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *argv, *QUIET],
            env=dict(environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if argv[0] == "scheduler" else subprocess.DEVNULL,
        )
        started.append(process)
        return process

    try:
        scheduler = start("scheduler", "--port", "0", "--no-jupyter")
        assert scheduler.stderr is not None
        address = next(
            line.split()[-1].decode()
            for line in scheduler.stderr
            if b"Scheduler at:" in line
        )
        # It tells of every client, and stands still once nobody takes that.
        readers.append(threading.Thread(target=scheduler.stderr.read))
        readers[0].start()

        def start_worker() -> subprocess.Popen[bytes]:
            return start("worker", address, "--nthreads", "1", "--no-nanny")

        workers = [start_worker() for _ in range(count)]
        if count:
            with Client(address, set_as_default=False) as client:
                client.wait_for_workers(count, timeout=patience_seconds)
        yield Workers(address, scheduler, workers, start_worker)
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()
        for thread in readers:
            thread.join()
        for process in started:
            if process.stderr is not None:
                process.stderr.close()
