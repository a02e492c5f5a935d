"""`evcli local ingest`: put-events in bulk."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from evcli.bulk.send import Sender, digest, get_mark, make_mark, skip_to
from evcli.cli.errors import GeneralError
from evcli.cli.local.output import choose_output, write_document
from evcli.cli.local.send_and_see.bulk_input import (
    STDIN,
    locate,
    measure,
    open_bar,
    open_input,
    read_batches,
)
from evcli.cli.local.signals import handling_signals
from evcli.cli.replay_progress import SHOWN_NOTICES, warn_of_more
from evcli.delivery.worker import recover
from evcli.store.directory.locks import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

    from evcli.cli.local.send_and_see.bulk_input import Input
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.records import IngestMark

# More gain little, and others wait for a tenth of a second already.
BATCH = 4_000
# Batches between two looks for cyclic garbage, of which there is hardly any.
COLLECT_BATCHES = 25
# How soon a stop is tried again that came amid a transaction, in seconds.
STOP_LOOK_SECONDS = 0.01


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--event-bus-name",
    metavar="NAME",
    help="Where lines go that name no event bus; default if you name none.",
)
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(min=1),
    default=BATCH,
    show_default=True,
    help="Lines that are accepted together.",
)
@click.option("--resume", is_flag=True, help="Go on after the last accepted line.")
@click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Keep the lines that were not accepted.",
)
@click.pass_obj
def ingest_command(
    session: Session,
    file: str,
    event_bus_name: str | None,
    batch: int,
    resume: bool,
    rejects: str | None,
) -> None:
    """Accept each line of FILE, or of standard input for -, like an entry of put-events.

    A line is an entry of put-events, its Detail as text or as an object, or a whole
    event, of which source, detail-type, time, resources and detail count. Checks,
    archives, rules, targets and sinks are those of put-events. Prints how many lines
    were accepted and which were not, and why.

    Stopped or killed anywhere, --resume goes on: no line is lost and none comes twice.
    For standard input it wants to read the same lines from the start.
    """
    with closing(session.open_context()) as ctx, open_input(session, file) as stream:
        path = STDIN if file == STDIN else locate(session, file)
        with _lock(ctx, path):
            mark, tail = _find_start(session, ctx, path, stream, resume=resume)
            with _open_rejects(session, rejects, path, mark) as kept:
                ingest = Sender(
                    ctx, mark, tail=tail, event_bus_name=event_bus_name, rejects=kept
                )
                with _stopping_between_transactions(ctx):
                    _accept_all(session, ctx, ingest, stream, batch)
        output = choose_output(session, ctx)
        write_document(session, "Ingest", describe(ingest.mark), output)


def describe(mark: IngestMark) -> dict[str, Any]:
    """Lay out what became of an input, from its first line on."""
    return {
        "Lines": mark.lines,
        "AcceptedCount": mark.accepted,
        "FailedCount": mark.failed,
        "DeliveryCount": mark.deliveries,
        "Failures": [
            {"Line": line, "ErrorCode": code, "ErrorMessage": message}
            for line, code, message in mark.failures
        ],
    }


def _accept_all(
    session: Session, ctx: Context, ingest: Sender, stream: Input, batch: int
) -> None:
    ctx.store.database.prepare_for_bulk()
    # What a killed command accepted comes before what this one accepts.
    recover(ctx)
    warned = 0

    def warn() -> None:
        nonlocal warned
        warned += session.warn_notices(ctx, max(SHOWN_NOTICES - warned, 0))

    try:
        with open_bar(session, "Ingesting", measure(stream)) as show:
            show(ingest.mark.position_bytes, ingest.mark.lines)
            for number, lines in enumerate(read_batches(stream, batch)):
                ingest.send(lines)
                show(ingest.mark.position_bytes, ingest.mark.lines)
                warn()
                _collect(number)
            recover(ctx)
    except KeyboardInterrupt:
        session.warn(
            f"Stopped after line {ingest.mark.lines}; --resume goes on from there."
        )
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


@contextmanager
def _lock(ctx: Context, path: str) -> Iterator[None]:
    """Keep others from the same input. Raises: GeneralError: it is being ingested."""
    name = digest(f"{ctx.account_id} {ctx.region} {path}".encode())[:16]
    lock = FileLock(ctx.store.path, f"ingest-{name}")
    if not lock.acquire():
        raise GeneralError(f"Another process ingests {path}.")
    try:
        yield
    finally:
        lock.release()


def _find_start(
    session: Session, ctx: Context, path: str, stream: Input, *, resume: bool
) -> tuple[IngestMark, bytes]:
    """Find where to begin, and the bytes before.

    Raises: GeneralError: it is not the input that was begun.
    """
    mark = get_mark(ctx, path)
    if mark is None or not resume:
        size = measure(stream)
        if mark is not None and size is not None and mark.position_bytes < size:
            session.warn(
                f"{path} was ingested up to line {mark.lines} before and now from its"
                " start; --resume goes on instead."
            )
        return make_mark(ctx, path), b""
    tail = skip_to(mark, stream)
    if tail is None:
        raise GeneralError(
            f"{path} is not the input of which {mark.lines} lines were ingested;"
            " without --resume it is ingested from its start."
        )
    return mark, tail


@contextmanager
def _open_rejects(
    session: Session, rejects: str | None, source: str, mark: IngestMark
) -> Iterator[BinaryIO | None]:
    """Open the file for refused lines, with what it had at the mark.

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
