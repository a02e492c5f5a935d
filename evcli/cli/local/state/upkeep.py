"""`evcli local check` and `prune`: what is damaged or exposed, and what is old."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.cli.local.output import find_asked_output, write_document, write_lines
from evcli.cli.local.time.times import read_instant, read_shifted
from evcli.cli.output.folding import fold
from evcli.store.epoch import format_instant
from evcli.store.upkeep.pruning import Pruned, prune, tidy_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context

# Events that one transaction looks at, so that other processes can write in between.
BATCH = 500


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended without loss.")
@click.pass_context
def check_command(ctx: click.Context, repair: bool) -> None:
    """Look at everything in the state directory, a line for each finding; exit code 1 if
    there is one.

    The database is read page by page and row by row, the counters of archives are
    counted anew, every delivery to a file is looked for in it, and the modes and owners
    of files are compared with what evcli makes. Others may work meanwhile.

    Notes are nothing wrong: a sink's file that was removed, emptied or rotated, say.
    With --repair what was mended is said, and is no finding any more.
    """
    from evcli.inspection.checks import check_state, describe_findings

    session: Session = ctx.obj
    found = check_state(session.find_state_directory(), session.warn_at_once)
    findings = describe_findings(found, session.warn, repair=repair)
    output = find_asked_output(session)
    if output is None:
        has_findings = write_findings(session, findings)
    else:
        listed = list(findings)
        write_document(session, "Findings", listed, output)
        has_findings = any(each["Kind"] == "finding" for each in listed)
    ctx.exit(1 if has_findings else 0)


def write_findings(session: Session, findings: Iterator[dict[str, Any]]) -> bool:
    """Write a line for each; say whether there was one that is no note."""
    has_findings = False
    for each in findings:
        has_findings = has_findings or each["Kind"] == "finding"
        line = f"{each['Kind']}: {each['Area']}: {each['Text']}"
        session.write(f"{fold(line, session.stdout)}\n")
        session.stdout.flush()
    if not has_findings:
        session.stdout.write("No findings.\n")
    return has_findings


@click.command()
@click.option(
    "--before",
    metavar="TIME",
    help="Delete events accepted before TIME, or longer ago than it says.",
)
@click.option(
    "--older-than",
    metavar="DURATION",
    help="Delete events older than DURATION, such as 7d or 12h.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.pass_obj
def prune_command(
    session: Session, before: str | None, older_than: str | None, dry_run: bool
) -> None:
    """Remove old events from the ledger, with their deliveries, and say how many.

    Name one of --before and --older-than. Events with deliveries still under way stay.
    Archives and files of sinks are not touched.

    TIME is like 2026-11-23T12:00:00Z, epoch seconds, or 7d, which is a week ago.
    """
    if (before is None) == (older_than is None):
        raise ParamError("Name either --before TIME or --older-than DURATION.")
    with closing(session.open_context()) as ctx:
        if before is not None:
            instant = read_instant(ctx, before, "--before", ahead=False)
        else:
            instant = read_shifted(ctx, str(older_than), "--older-than", ago=True)
        pruned = prune_all(ctx, instant, dry_run=dry_run)
    value = {
        "Before": format_instant(instant),
        "Events": pruned.events,
        "Deliveries": pruned.deliveries,
        "WaitingEvents": pruned.waiting_events,
        "DryRun": dry_run,
    }
    line = summarize(pruned, instant, dry_run=dry_run)
    write_lines(session, "Prune", [line], value)


def prune_all(ctx: Context, before: datetime, *, dry_run: bool) -> Pruned:
    """Remove finished events accepted before an instant; count what went."""
    total = Pruned()
    after = None
    while True:
        with ctx.store.snapshot() if dry_run else ctx.store.transaction():
            pruned, after = prune(
                ctx.store.database, before, after, BATCH, dry_run=dry_run
            )
        total.add(pruned)
        if after is None:
            break
    if total.events and not dry_run:
        tidy_up(ctx.store.database)
    return total


def summarize(total: Pruned, before: datetime, *, dry_run: bool) -> str:
    """Say what went, or would."""
    summary = (
        f"{'Would remove' if dry_run else 'Removed'} {_count(total.events, 'event')}"
        f" accepted before {format_instant(before)}, with"
        f" {_count(total.deliveries, 'delivery')}."
    )
    if total.waiting_events:
        waiting = _count(total.waiting_events, "event")
        verb = "stays" if total.waiting_events == 1 else "stay"
        summary += f" {waiting} {verb}: deliveries are still under way."
    return summary


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
