"""Backtesting on a Dask cluster: one that is there, or processes of this machine.

Each task reads a part of the inputs by itself and tallies it; tallies are added up in
their order, so the answer is the same however many workers there are and whichever of
them is lost. A compiled index does not pickle, so texts of rules are sent: once, as the
result of a task, which Dask makes again where it is lost; each process compiles them once.

What a scheduler is given it unpickles, and so do workers: whoever reaches a scheduler runs
what they like there, and a scheduler that somebody else controls does so here. Processes of
this machine therefore talk by TLS, with a certificate made for this one command.
"""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import signal
import threading
import warnings
from collections import deque
from contextlib import contextmanager
from functools import lru_cache

from evcli import __version__
from evcli.bulk.backtest import Backtest, Tally
from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from evcli.bulk.parts import Part

    # For each piece of a part what became of its events, and how many lines it has.
    Tallied = list[tuple[Tally, int]]

LOCAL = "local:"
CONNECT_SECONDS = 10
# So many parts are with the cluster at a time, or wait here for one before them.
AHEAD = 500
LOGGERS = ("distributed", "tornado", "asyncio", "bokeh")
QUIET = {
    "logging": dict.fromkeys(LOGGERS, "critical"),
    # No pages, of the scheduler or of workers.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # What idle processes would do many times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.scheduler.work-stealing-interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "1s",
}


class Rules:
    """What a process has to know: rules, and what `Backtest` wants besides them.

    Two of the same `digest` are the same.
    """

    __slots__ = ("digest", "events", "texts", "version")

    def __init__(self, texts: dict[str, str], events: dict[str, Any]) -> None:
        self.texts = texts
        self.events = events
        self.version = __version__
        content = json.dumps([texts, events], default=str)
        self.digest = hashlib.sha256(content.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rules) and other.digest == self.digest


# -- in workers


def hold(rules: Rules) -> Rules:
    """Keep rules where tasks find them."""
    return rules


def tally_part(rules: Rules, part: Part) -> Tallied | str:
    """Match the lines of a part.

    Returns:
        A tally for each piece; or what is wrong with it, in a sentence. An error would
        be logged by workers, with what else is none of their readers' business.
    """
    if rules.version != __version__:
        return f"A worker has evcli {__version__}, and this is {rules.version}."
    # There is hardly any cyclic garbage, and an index to look through for it.
    is_enabled = gc.isenabled()
    gc.disable()
    try:
        backtest, lock = _compile(rules)
        return [_tally_piece(backtest, lock, piece) for piece in part]
    except InspectionError as error:
        return error.message
    finally:
        if is_enabled:
            gc.enable()


@lru_cache(maxsize=2)
def _compile(rules: Rules) -> tuple[Backtest, threading.Lock]:
    """Compile rules, once in a process, whose threads use them one at a time."""
    backtest = Backtest(rules.texts, **rules.events)
    gc.freeze()
    return backtest, threading.Lock()


def _tally_piece(
    backtest: Backtest, lock: threading.Lock, piece: Any
) -> tuple[Tally, int]:
    total = Tally()
    first_line, data = 1, b""
    for first_line, data in piece.read_blocks():
        with lock:
            total.add(backtest.tally(data, first_line))
    # Lines before the last block are counted already.
    return total, first_line - 1 + data.count(b"\n")


# -- in the command


def tally_parts(
    parts: Iterable[Part],
    rules: dict[str, str],
    address: str,
    warn: Callable[[str], object],
    **events: Any,
) -> Iterator[tuple[Part, Tallied]]:
    """Match parts of inputs on a cluster; what became of each, in their order.

    Args:
        rules: name → event pattern, all of them valid.
        address: of a scheduler, or `local:` and how many processes.
        warn: is told what may take long.
        events: what `Backtest` has to know besides the rules.

    Raises:
        ChildProcessError: the cluster cannot be used, in a sentence.
        InspectionError: an input cannot be read.
    """
    with _open_client(address) as client:
        if not address.startswith(LOCAL):
            _require_same_version(client, warn)
        with _wording_errors(address):
            held = client.submit(hold, Rules(rules, events), pure=False)
        sent: deque[tuple[Part, Any]] = deque()
        try:
            for part in parts:
                with _wording_errors(address):
                    task = client.submit(tally_part, held, part, pure=False)
                sent.append((part, task))
                if len(sent) == AHEAD:
                    yield _take(sent, address)
            while sent:
                yield _take(sent, address)
        finally:
            # What has not begun will not, whatever ended this.
            if sent and client.status == "running":
                client.cancel([task for _, task in sent], force=True)


def _take(sent: deque[tuple[Part, Any]], address: str) -> tuple[Part, Tallied]:
    part, task = sent[0]
    with _wording_errors(address):
        found: Tallied | str = task.result()
    if isinstance(found, str):
        raise InspectionError(found)
    sent.popleft()
    return part, found


@contextmanager
def _open_client(address: str) -> Iterator[Any]:
    """Reach a cluster, or start one. Raises: ChildProcessError."""
    try:
        import dask
    except ImportError as error:
        raise ChildProcessError(
            "--cluster needs dask.distributed: pip install 'evcli[cluster]'."
        ) from error
    with warnings.catch_warnings(), dask.config.set(QUIET):
        warnings.simplefilter("ignore")
        try:
            import distributed
        except ImportError as error:
            raise ChildProcessError(
                "--cluster needs dask.distributed: pip install 'evcli[cluster]'."
            ) from error
        for name in list(logging.root.manager.loggerDict):
            if name.partition(".")[0] in LOGGERS:
                logging.getLogger(name).setLevel(logging.CRITICAL)
        if address.startswith(LOCAL):
            with (
                _start_processes(int(address.removeprefix(LOCAL))) as cluster,
                distributed.Client(cluster, set_as_default=False) as client,
            ):
                yield client
            return
        with _wording_errors(address):
            client = distributed.Client(
                address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        with client:
            yield client


@contextmanager
def _start_processes(count: int) -> Iterator[Any]:
    """Start workers that only this process can talk to, and no SIGINT reaches."""
    from distributed import LocalCluster, Security

    # Threads that are started now, and what they start, are born with this.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            security=Security.temporary(),
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    with cluster:
        yield cluster


def _require_same_version(client: Any, warn: Callable[[str], object]) -> None:
    """See that workers have this evcli. Raises: ChildProcessError.

    Asked by a function that is there without evcli; who comes later is asked by tasks.
    """
    from importlib.metadata import version

    found = client.run(version, "evcli", on_error="return")
    if not found:
        # Some clusters have workers only while there is work.
        warn("The scheduler has no workers yet; waiting for some.")
    for worker, answer in found.items():
        if answer != __version__:
            has = f"evcli {answer}" if isinstance(answer, str) else "no evcli"
            raise ChildProcessError(
                f"The worker {worker} has {has}; install evcli {__version__} there."
            )


@contextmanager
def _wording_errors(address: str) -> Iterator[None]:
    """Say in one sentence what is wrong with a cluster."""
    import asyncio
    import concurrent.futures

    from distributed import KilledWorker

    # Dask raises the one or the other, which are no kind of each other.
    cancelled = (asyncio.CancelledError, concurrent.futures.CancelledError)

    try:
        yield
    except KilledWorker as error:
        raise ChildProcessError(
            "Workers died of one part again and again; they may lack memory, and a"
            " smaller --part-size may help."
        ) from error
    except (*cancelled, OSError, TimeoutError) as error:
        raise ChildProcessError(
            f"The scheduler {address} cannot be reached, or is gone."
        ) from error
    except Exception as error:
        text = " ".join(str(error).split())
        raise ChildProcessError(
            f"The cluster {address} fails: {type(error).__name__}: {text}"
        ) from error
