"""Sending an input: from its mark on, under a lock, with a file for what is refused."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evcli.bulk.blocks import read_batches
from evcli.bulk.send import digest, get_mark, make_mark, skip_to
from evcli.bulk.sources import STDIN
from evcli.cli.errors import GeneralError
from evcli.cli.local.send_and_see.bulk_input import find_file, locate
from evcli.cli.local.signals import handling_signals
from evcli.cli.replay_progress import SHOWN_NOTICES, warn_of_more
from evcli.delivery.worker import recover
from evcli.errors import InspectionError
from evcli.store.directory.locks import FileLock

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from typing import BinaryIO

    from evcli.bulk.send import Sender
    from evcli.cli.local.send_and_see.bulk_input import Inputs, Lines
    from evcli.cli.local.send_and_see.send_report import Report
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.records import SendMark

# Batches between two looks for cyclic garbage, of which there is hardly any.
COLLECT_BATCHES = 25
# So many bytes pay for another process, which takes a tenth of a second to start. More than
# a few have nothing to do: there is but one who writes.
BYTES_FOR_PROCESS = 8_000_000
MOST_JOBS = 4
# How soon a stop is tried again that came amid a transaction, in seconds.
STOP_LOOK_SECONDS = 0.01


class MarkedInputs:
    """The lines of inputs in batches, from the mark of each on.

    `start` is the mark at which the input that was opened last is begun, and `tail` the
    bytes before it. `ended` has label and mark of inputs that are done.
    """

    def __init__(self, ctx: Context, inputs: Inputs, *, resume: bool) -> None:
        self.inputs = inputs
        self.sender: Sender | None = None
        self.ended: list[tuple[str, SendMark]] = []
        self.start = make_mark(ctx, STDIN)
        self.tail = b""
        self.lines: Lines | None = None
        self._ctx = ctx
        self._resume = resume

    def open_each(
        self, session: Session, count: int
    ) -> Generator[Iterator[list[bytes]], None, None]:
        """Open inputs one after the other, and tell `sender`; batches of so many lines.

        Raises: GeneralError, InspectionError: an input is not the one that was begun, is
            being sent by another process, or cannot be read.
        """
        for lines in self.inputs.open_each():
            with lock_input(self._ctx, lines.path):
                start = find_start(session, self._ctx, lines, resume=self._resume)
                self.lines, (self.start, self.tail) = lines, start
                if self.sender is not None:
                    self.sender.take_up(*start)
                yield read_batches(lines.stream, count, lines.name)
                self.ended.append((lines.label, self.mark))

    @property
    def mark(self) -> SendMark:
        """How far the input is that was opened last."""
        return self.start if self.sender is None else self.sender.mark

    @property
    def label(self) -> str:
        """What the input that was opened last is called, if there may be several."""
        return "" if self.lines is None else self.lines.label

    def find_file(self) -> str | None:
        """Find a file that has the lines of the input that was opened last."""
        return None if self.lines is None else find_file(self.lines)

    def find_rejects_end(self) -> int:
        """Find how many bytes of the file for refused lines count already."""
        if not self._resume:
            return 0
        marks = [get_mark(self._ctx, each.key) for each in self.inputs.sources]
        return max(
            (mark.rejects_bytes for mark in marks if mark is not None), default=0
        )

    def measure_progress(self) -> tuple[int, int]:
        """Say how many bytes and lines are done of all inputs."""
        before = sum(mark.lines for _, mark in self.ended)
        done = self.inputs.measure_progress(self.mark.position_bytes)
        return done, before + self.mark.lines


def send_all(
    report: Report,
    sender: Sender,
    inputs: Iterable[Iterable[list[bytes]]],
    marked: MarkedInputs | None,
    hint: str,
    *,
    jobs: int = 1,
) -> None:
    """Send batches of lines, and say what became of each.

    Args:
        inputs: batches of each; a next one is opened when the one before is done.
        marked: the inputs that they are of; `None` for one event again and again.
        hint: what to say to who stops it, behind the number of lines.
        jobs: processes that share the work.
    """
    session, ctx = report.session, report.ctx
    warned = 0

    def warn() -> None:
        nonlocal warned
        warned += session.warn_notices(ctx, max(SHOWN_NOTICES - warned, 0))

    with _stopping_between_transactions(ctx):
        ctx.store.database.prepare_for_bulk()
        # What a killed command accepted comes before what this one accepts.
        recover(ctx)
        try:
            total = None if marked is None else marked.inputs.size_bytes
            with report.open_bar(total) as update, sender.hire(jobs) as crew:

                def show() -> None:
                    if marked is None:
                        update(sender.mark.position_bytes, sender.mark.lines)
                    else:
                        update(*marked.measure_progress())

                show()
                number = 0
                for batches in inputs:
                    path = None if marked is None else marked.find_file()
                    before = sender.mark
                    for keys in sender.send_all(batches, crew, path):
                        mark, told = sender.mark, len(before.failures)
                        failed = mark.failed - before.failed
                        report.add(keys, failed, mark.failures[told:])
                        before = mark
                        show()
                        warn()
                        _collect(number)
                        number += 1
                recover(ctx)
        except (KeyboardInterrupt, InspectionError):
            file = f" of {marked.label}" if marked is not None and marked.label else ""
            session.warn(f"Stopped after line {sender.mark.lines}{file}{hint}.")
            raise
        finally:
            warn()
            warn_of_more(session, warned)


def _collect(number: int) -> None:
    """Keep memory bounded although the collector is off; rules are here to stay."""
    if number == 0:
        gc.freeze()
    elif number % COLLECT_BATCHES == 0:
        gc.collect()


@contextmanager
def _stopping_between_transactions(ctx: Context) -> Iterator[None]:
    """Let Ctrl-Z stop this process only outside of transactions, for which others wait."""

    def stop(*_: object) -> None:
        if ctx.store.database.in_transaction:
            signal.setitimer(signal.ITIMER_REAL, STOP_LOOK_SECONDS)
        else:
            os.kill(os.getpid(), signal.SIGSTOP)

    with handling_signals(stop, signal.SIGTSTP, signal.SIGALRM):
        try:
            yield
        finally:
            # While it is still handled: by itself SIGALRM ends a process.
            signal.setitimer(signal.ITIMER_REAL, 0)


def choose_jobs(marked: MarkedInputs) -> int:
    """Say how many processes pay for what is behind marks: one for each core at most.

    Of what is no file nobody knows how much is to come, or how soon.
    """
    if marked.inputs.size_bytes is None:
        return 1
    size = marked.inputs.size_bytes - marked.start.position_bytes
    return max(1, min(count_cores(), size // BYTES_FOR_PROCESS, MOST_JOBS))


def count_cores() -> int:
    """Count the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def lock_input(ctx: Context, path: str) -> Iterator[None]:
    """Keep others from the same input. Raises: GeneralError: it is being sent."""
    name = digest(f"{ctx.account_id} {ctx.region} {path}".encode())[:16]
    lock = FileLock(ctx.store.path, f"send-{name}")
    if not lock.acquire():
        raise GeneralError(f"Another process sends {path}.")
    try:
        yield
    finally:
        lock.release()


def find_start(
    session: Session, ctx: Context, lines: Lines, *, resume: bool
) -> tuple[SendMark, bytes]:
    """Find where to begin, and the bytes before.

    Raises: GeneralError: it is not the input that was begun.
    """
    path = lines.path
    mark = get_mark(ctx, path)
    if mark is None or not resume:
        size = lines.size_bytes if lines.is_plain else None
        if mark is not None and size is not None and mark.position_bytes < size:
            session.warn(
                f"{path} was sent up to line {mark.lines} before and now from its"
                " start; --resume goes on instead."
            )
        return make_mark(ctx, path), b""
    tail = skip_to(mark, lines.stream)
    if tail is None:
        raise GeneralError(
            f"{path} is not the input of which {mark.lines} lines were sent;"
            " without --resume it is sent from its start."
        )
    return mark, tail


@contextmanager
def open_rejects(
    session: Session, rejects: str | None, marked: MarkedInputs
) -> Iterator[BinaryIO | None]:
    """Open the file for refused lines, with what it had at the marks; `None` for none.

    Raises: GeneralError: it cannot be written, or is an input.
    """
    if rejects is None:
        yield None
        return
    path = locate(session, rejects)
    paths = [source.path for source in marked.inputs.sources]
    if os.path.exists(path) and any(
        os.path.exists(each) and os.path.samefile(path, each) for each in paths
    ):
        raise GeneralError("The input cannot be the file for rejected lines as well.")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise GeneralError(f"Cannot write {rejects}: {error.strerror}.") from error
    with open(descriptor, "r+b") as stream:
        # A killed command may have written lines that then did not count.
        end = marked.find_rejects_end()
        stream.truncate(end)
        stream.seek(end)
        yield stream
