"""A backtest by several processes: each holds all rules and gets every so-manieth block.

A process has one block at a time, and answers are taken in the order of blocks, so what
comes out is the same however many processes there are, and memory is bounded. They are
spawned and not forked, which is safe on every system and beside every thread.
"""

from __future__ import annotations

from evcli.operations.backtest import Backtest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from typing import Any

    from evcli.operations.backtest import Tally


def tally_blocks(
    blocks: Iterable[tuple[int, bytes]], rules: dict[str, str], jobs: int, **events: Any
) -> Iterator[Tally]:
    """Match blocks of lines, each with the number of its first line; tallies in order.

    Args:
        rules: name → event pattern, all of them valid.
        jobs: how many processes; with one it is this one.
        events: what `Backtest` has to know besides the rules.

    Raises: ChildProcessError: a process was killed.
    """
    if jobs == 1:
        backtest = Backtest(rules, **events)
        for first_line, block in blocks:
            yield backtest.tally(block, first_line)
        return
    started = [_start(rules, events) for _ in range(jobs)]
    try:
        yield from _share(blocks, [connection for connection, _ in started])
    except (EOFError, OSError) as error:
        raise ChildProcessError("A process that was to match has died.") from error
    finally:
        # A process ends when nobody is left to talk to.
        for connection, _ in started:
            connection.close()
        for _, process in started:
            process.join()


def _share(
    blocks: Iterable[tuple[int, bytes]], connections: list[Connection]
) -> Iterator[Tally]:
    sent = taken = 0
    for block in blocks:
        connection = connections[sent % len(connections)]
        if sent - taken == len(connections):
            tally: Tally = connection.recv()
            taken += 1
            connection.send(block)
            yield tally
        else:
            connection.send(block)
        sent += 1
    while taken < sent:
        yield connections[taken % len(connections)].recv()
        taken += 1


def _start(
    rules: dict[str, str], events: dict[str, Any]
) -> tuple[Connection, BaseProcess]:
    from multiprocessing import get_context

    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, rules, events), daemon=True)
    process.start()
    theirs.close()
    return mine, process


def serve(
    connection: Connection, rules: dict[str, str], events: dict[str, Any]
) -> None:
    """Tally blocks until the other side is gone."""
    import gc
    import signal

    # Whoever is at the terminal interrupts the other side, which then is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    backtest = Backtest(rules, **events)
    gc.freeze()
    try:
        while True:
            first_line, block = connection.recv()
            connection.send(backtest.tally(block, first_line))
    except (EOFError, OSError):
        return
