"""Sending an input: from its mark on, under a lock, with a file for what is refused."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evcli.bulk.send import digest, get_mark, make_mark, skip_to
from evcli.cli.errors import GeneralError
from evcli.cli.local.send_and_see.bulk_input import find_file, locate
from evcli.cli.local.signals import handling_signals
from evcli.cli.replay_progress import SHOWN_NOTICES, warn_of_more
from evcli.delivery.worker import recover
from evcli.errors import InspectionError
from evcli.store.directory.locks import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from evcli.bulk.send import Sender
    from evcli.cli.local.send_and_see.bulk_input import Lines
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


def send_all(
    report: Report,
    sender: Sender,
    batches: Iterable[list[bytes]],
    lines: Lines | None,
    hint: str,
    *,
    jobs: int = 1,
) -> None:
    """Send batches of lines, and say what became of each.

    Args:
        lines: the input that they are of; `None` for one event again and again.
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
            with report.open_bar(lines) as show, sender.hire(jobs) as crew:
                path = None
                if lines is not None and lines.is_plain:
                    path = find_file(session, lines.path, lines.stream)
                before = sender.mark
                show(before.position_bytes, before.lines)
                sent = sender.send_all(batches, crew, path)
                for number, keys in enumerate(sent):
                    mark, told = sender.mark, len(before.failures)
                    failed = mark.failed - before.failed
                    report.add(keys, failed, mark.failures[told:])
                    before = mark
                    show(mark.position_bytes, mark.lines)
                    warn()
                    _collect(number)
                recover(ctx)
        except (KeyboardInterrupt, InspectionError):
            session.warn(f"Stopped after line {sender.mark.lines}{hint}.")
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


def choose_jobs(lines: Lines, start: SendMark) -> int:
    """Say how many processes pay for what is behind a mark: one for each core at most.

    Of what is no file nobody knows how much is to come, or how soon.
    """
    if lines.size_bytes is None:
        return 1
    size = lines.size_bytes - start.position_bytes
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
    session: Session, rejects: str | None, source: str, mark: SendMark
) -> Iterator[BinaryIO | None]:
    """Open the file for refused lines, with what it had at the mark; `None` for none.

    Raises: GeneralError: it cannot be written, or is the input.
    """
    if rejects is None:
        yield None
        return
    path = locate(session, rejects)
    if (
        os.path.exists(path)
        and os.path.exists(source)
        and os.path.samefile(path, source)
    ):
        raise GeneralError("The input cannot be the file for rejected lines as well.")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise GeneralError(f"Cannot write {rejects}: {error.strerror}.") from error
    with open(descriptor, "r+b") as stream:
        # A killed command may have written lines that then did not count.
        stream.truncate(mark.rejects_bytes)
        stream.seek(mark.rejects_bytes)
        yield stream
