"""A Dask scheduler and workers, each a process of its own, as people start them."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distributed import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Process = subprocess.Popen[bytes]

QUIET = ("--host", "127.0.0.1", "--no-dashboard")


@contextmanager
def start_workers(
    count: int, environ: Mapping[str, str], patience_seconds: float = 120
) -> Iterator[tuple[str, Process, list[Process]]]:
    """Start them on free ports; the scheduler's address, its process, the workers'."""
    started: list[Process] = []

    def start(*argv: str) -> Process:
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
        workers = [
            start("worker", address, "--nthreads", "1", "--no-nanny")
            for _ in range(count)
        ]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=patience_seconds)
        yield address, scheduler, workers
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def wait_until(is_so: object, patience_seconds: float = 120) -> None:
    """Wait until a function says yes."""
    assert callable(is_so)
    end = time.monotonic() + patience_seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)
