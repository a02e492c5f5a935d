"""A backtest by several processes: each holds all rules and gets every so-manieth block.

Of a file they are told where the blocks are and read these themselves, so that none has to
wait for bytes to come through a pipe. A process has few blocks at a time, and answers are
taken in the order of blocks, so what comes out is the same however many processes there
are, and memory is bounded. They are spawned and not forked, which is safe on every system
and beside every thread.
"""

from __future__ import annotations

import os
from pathlib import Path

from evcli.bulk.backtest import Backtest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from typing import Any, BinaryIO

    from evcli.bulk.backtest import Tally

    # The number of its first line; its bytes, or where in the file they are.
    Block = tuple[int, bytes | slice]

# So many places in a file are given out at once, so that there is always one to go on with.
# Bytes come one block at a time: while both sides were sending, nobody would read.
AHEAD = 2


def tally_blocks(
    blocks: Iterable[tuple[int, bytes]],
    rules: dict[str, str],
    jobs: int,
    path: str | None = None,
    **events: Any,
) -> Iterator[Tally]:
    """Match blocks of lines, each with the number of its first line; tallies in order.

    Args:
        blocks: one behind the other, from the start of the input.
        rules: name → event pattern, all of them valid.
        jobs: how many processes; with one it is this one.
        path: the input as a file; `None` if it is none.
        events: what `Backtest` has to know besides the rules.

    Raises: ChildProcessError: a process was killed.
    """
    if jobs == 1:
        backtest = Backtest(rules, **events)
        for first_line, block in blocks:
            yield backtest.tally(block, first_line)
        return
    started = [_start(path, rules, events) for _ in range(jobs)]
    connections = [connection for connection, _ in started]
    try:
        if path is None:
            yield from _share(blocks, connections, 1)
        else:
            yield from _share(_locate(blocks), connections, AHEAD)
    except (EOFError, OSError) as error:
        raise ChildProcessError("A process that was to match has died.") from error
    finally:
        # A process ends when nobody is left to talk to.
        for connection, _ in started:
            connection.close()
        for _, process in started:
            process.join()


def _locate(blocks: Iterable[tuple[int, bytes]]) -> Iterator[Block]:
    """Say where in the input blocks are, instead of what is in them."""
    start = 0
    for first_line, block in blocks:
        yield first_line, slice(start, start + len(block))
        start += len(block)


def _share(
    blocks: Iterable[Block], connections: list[Connection], ahead: int
) -> Iterator[Tally]:
    """Deal blocks out in turn, so many to each process, and take the answers in order."""
    count = len(connections)
    sent = taken = 0
    for block in blocks:
        tally: Tally | None = None
        if sent - taken == count * ahead:
            tally = connections[taken % count].recv()
            taken += 1
        connections[sent % count].send(block)
        sent += 1
        if tally is not None:
            yield tally
    while taken < sent:
        yield connections[taken % count].recv()
        taken += 1


def _start(
    path: str | None, rules: dict[str, str], events: dict[str, Any]
) -> tuple[Connection, BaseProcess]:
    from multiprocessing import get_context

    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(
        target=serve, args=(theirs, path, rules, events), daemon=True
    )
    _start_undisturbed(process)
    theirs.close()
    return mine, process


def _start_undisturbed(process: BaseProcess) -> None:
    """Start a process that no SIGINT of the terminal reaches, not even on its way.

    Whoever is at the terminal interrupts this side; the other one then ends by itself.
    """
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        process.start()
        return
    from multiprocessing.resource_tracker import ensure_running

    # It would let SIGINT through again, were it to be started in between.
    ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(
    connection: Connection,
    path: str | None,
    rules: dict[str, str],
    events: dict[str, Any],
) -> None:
    """Tally blocks until the other side is gone."""
    import gc
    import signal

    # For systems on which nothing else keeps it away.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    backtest = Backtest(rules, **events)
    gc.freeze()
    try:
        with Path(path or os.devnull).open("rb") as stream:
            while True:
                first_line, block = connection.recv()
                if type(block) is slice:
                    block = _read(stream, block)
                connection.send(backtest.tally(block, first_line))
    except (EOFError, OSError):
        return


def _read(stream: BinaryIO, place: slice) -> bytes:
    stream.seek(place.start)
    return stream.read(place.stop - place.start)
