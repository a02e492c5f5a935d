"""`evcli local send`: entries and whole events of a file, one or a million."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING

import click

from evcli.bulk.blocks import read_batches
from evcli.bulk.dry_run import DryRun
from evcli.bulk.send import KEPT_FAILURES, Sender, make_mark
from evcli.bulk.sources import STDIN
from evcli.cli.errors import ParamError
from evcli.cli.event_schemas import make_check
from evcli.cli.local.send_and_see.bulk_input import Inputs
from evcli.cli.local.send_and_see.bulk_sending import (
    MarkedInputs,
    choose_jobs,
    open_rejects,
    send_all,
)
from evcli.cli.local.send_and_see.one_event import read_rate, repeat_line, take_one
from evcli.cli.local.send_and_see.send_report import FEW, Report
from evcli.cli.local.time.times import read_instant
from evcli.inspection.reasons import ReasonFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from evcli.cli.session import Session
    from evcli.store.records import SendMark

    Value = dict[str, Any]

# More gain little, and others wait for a tenth of a second already.
BATCH = 4_000
# As grep and diff say no, unlike every error.
NO = 1


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True),
)
@click.option(
    "--event-bus-name",
    metavar="NAME",
    help="Where events go, and entries that name no event bus; default if you name none.",
)
@click.option("--at", metavar="TIME", help="When the one event in FILE happened.")
@click.option(
    "--repeat",
    "count",
    metavar="N",
    type=click.IntRange(min=1),
    help="Send the one event in FILE so many times.",
)
@click.option(
    "--rate", metavar="N/s", help="With --repeat: so many a second; N/m, N/h as well."
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing; say how large events are and which rules would match.",
)
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(min=1),
    default=BATCH,
    show_default=True,
    help="Lines that are accepted together.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Processes that share the work; by default one, and more for large files.",
)
@click.option("--resume", is_flag=True, help="Go on after the last accepted line.")
@click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Keep the lines that were not accepted.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a line failed.")
@click.option(
    "--expect-match", is_flag=True, help="Exit with 1 when no rule matched any event."
)
@click.pass_obj
def send_command(
    session: Session,
    files: tuple[str, ...],
    event_bus_name: str | None,
    at: str | None,
    count: int | None,
    rate: str | None,
    dry_run: bool,
    batch: int,
    jobs: int | None,
    resume: bool,
    rejects: str | None,
    exit_code: bool,
    expect_match: bool,
) -> int:
    """Send entries and whole events: FILE, or standard input for -.

    FILE is one JSON object, an array, a file of entries for put-events, or one object on
    each line, compressed or not, or Parquet. There may be any number of files, quoted
    patterns such as 'captured/*.jsonl.gz', and URLs: see `evcli help inputs`. An entry becomes an event as put-events makes
    it, and is refused as there. A whole event is played as its service would, be it of
    aws.s3: id, time, account and region of its envelope stay, what it lacks is filled in,
    and it arrives now, on the event bus of your account and region.

    A few events are a line each on a terminal. Otherwise the answer counts what was
    accepted, and says which lines were not and why; of an array, an element is a line.

    Stopped or killed anywhere, --resume goes on: no line is lost and none comes twice.
    It reads arrays, Parquet and compressed files from their start to get there, and wants
    to read the same standard input from the start. Each file has a mark of its own.
    """
    is_single = at is not None or count is not None
    if rate is not None and count is None:
        raise ParamError("--rate goes with --repeat.")
    if (resume or rejects) and (is_single or dry_run):
        raise ParamError(
            "--resume and --rejects go with none of --at, --repeat and --dry-run."
        )
    pace = None if rate is None else read_rate(rate)
    with closing(session.open_context()) as ctx:
        inputs = Inputs(session, files)
        report = Report(session, ctx, asks_for_match=expect_match)
        batches = _read_batches(inputs, batch)
        if is_single:
            instant = None if at is None else read_instant(ctx, at, "--at")
            line, count = take_one((lines for _, lines in batches), instant), count or 1
            report.is_few = count <= FEW
            repeated = repeat_line(line, count, pace, batch)
            batches = (("", lines) for lines in repeated)
        if dry_run:
            document = _try(report, batches, event_bus_name)
        elif is_single:
            document = _send_repeated(
                report, (lines for _, lines in batches), event_bus_name
            )
        else:
            marked = MarkedInputs(ctx, inputs, resume=resume)
            document = _send_lines(report, marked, batch, event_bus_name, jobs, rejects)
        report.write(document)
    is_no = (exit_code and report.failed) or (expect_match and not report.matched)
    return NO if is_no else 0


def _read_batches(inputs: Inputs, count: int) -> Iterator[tuple[str, list[bytes]]]:
    """Read batches of lines, each with what its input is called if there may be several."""
    for lines in inputs.open_each():
        for batch in read_batches(lines.stream, count, lines.name):
            yield lines.label, batch


def _send_lines(
    report: Report,
    marked: MarkedInputs,
    batch: int,
    event_bus_name: str | None,
    jobs: int | None,
    rejects: str | None,
) -> Value:
    """Send inputs and keep a mark of how far; arguments as on the command line."""
    session, ctx = report.session, report.ctx
    with closing(marked.open_each(session, batch)) as opened:
        batches = next(opened)
        first = next(batches, [])
        # One that is not full is the last one, unless its lines are of megabytes.
        is_short = len(first) < min(batch, FEW + 1)
        report.is_few = is_short and not marked.inputs.may_be_many
        with open_rejects(session, rejects, marked) as kept:
            marked.sender = sender = Sender(
                ctx,
                marked.start,
                tail=marked.tail,
                event_bus_name=event_bus_name,
                rejects=kept,
                is_short=is_short and len(marked.inputs.sources) == 1,
                check=make_check(session, ctx),
            )
            inputs = chain([chain([first] if first else [], batches)], opened)
            send_all(
                report,
                sender,
                inputs,
                marked,
                hint="; --resume goes on from there",
                jobs=jobs or choose_jobs(marked),
            )
    return describe(*marked.ended)


def _send_repeated(
    report: Report, batches: Iterable[list[bytes]], event_bus_name: str | None
) -> Value:
    """Send one event, once or again and again; no mark is kept."""
    sender = Sender(
        report.ctx,
        make_mark(report.ctx, STDIN),
        event_bus_name=event_bus_name,
        is_short=True,
        keeps_mark=False,
        check=make_check(report.session, report.ctx),
    )
    send_all(report, sender, [batches], None, hint="")
    return describe(("", sender.mark))


def _try(
    report: Report,
    batches: Iterator[tuple[str, list[bytes]]],
    event_bus_name: str | None,
) -> Value:
    """Say what sending would come to, and write nothing."""
    first = next(batches, ("", []))
    report.is_few = report.is_few and len(first[1]) <= FEW and not first[0]
    check = make_check(report.session, report.ctx)
    dry_run = DryRun(report.ctx, event_bus_name, is_short=report.is_few, check=check)
    reasons = ReasonFinder(report.ctx)
    with report.open_bar(None) as show:
        number = position = 0
        file = ""
        for label, lines in chain([first], batches):
            if label != file:
                dry_run.begin(label)
                file = label
            for line in lines:
                number += 1
                found = dry_run.add(line)
                if (
                    report.shows_lines
                    and isinstance(found, dict)
                    and not found["Rules"]
                ):
                    event = dry_run.get_event()
                    envelope = json.loads(event.envelope)
                    found["Reason"] = reasons.find(event, envelope)
                if found is not None:
                    report.add_prospect(number, found)
            position += sum(map(len, lines))
            show(position, number)
    return dry_run.describe()


def describe(*ended: tuple[str, SendMark]) -> Value:
    """Lay out what became of inputs, each from its first line on.

    Args:
        ended: what an input is called if there may be several, and its mark.
    """
    failures = [
        {
            **({"File": file} if file else {}),
            "Line": line,
            "ErrorCode": code,
            "ErrorMessage": message,
        }
        for file, mark in ended
        for line, code, message in mark.failures
    ]
    marks = [mark for _, mark in ended]
    return {
        "Lines": sum(mark.lines for mark in marks),
        "AcceptedCount": sum(mark.accepted for mark in marks),
        "FailedCount": sum(mark.failed for mark in marks),
        "DeliveryCount": sum(mark.deliveries for mark in marks),
        "Failures": failures[:KEPT_FAILURES],
    }
