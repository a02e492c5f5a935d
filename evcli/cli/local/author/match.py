"""`evcli local match`: which rules would match which events."""

from __future__ import annotations

import gc
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import click

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.backtest import Backtest, Tally, tally_blocks
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.output import choose_output, write_columns, write_document
from evcli.cli.local.send_and_see.bulk_input import (
    find_file,
    locate,
    measure,
    open_bar,
    open_input,
    read_blocks,
)
from evcli.cli.output.columns import CUT, Column
from evcli.cli.output.short_forms import shorten_id
from evcli.errors import EntryError
from evcli.inspection.matches import list_patterns, read_patterns
from evcli.inspection.misses import explain_misses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from evcli.cli.session import Session

# How many events are looked at to explain why a rule matched none.
EXPLAINED_EVENTS = 1_000
# With many such rules there are fewer, so that it takes seconds.
EXPLAINED_PAIRS = 50_000
SHOWN_PROBLEMS = 5
TIMES = "\N{MULTIPLICATION SIGN}"

COLUMNS = (
    Column("Name", "RULE", fit=CUT, least=20),
    Column(
        "MatchCount", "MATCHES", lambda rule: f"{rule['MatchCount']:,}", align="right"
    ),
    Column(
        "Examples",
        "FIRST EVENTS",
        lambda rule: ", ".join(map(shorten_id, rule["Examples"])),
        drop=1,
    ),
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--event-bus-name",
    metavar="NAME",
    help="The event bus whose rules are tried; default if you name none.",
)
@click.option(
    "--rules",
    "rules_file",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Try the rules of a file instead.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that share the work.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Say why a rule matched none, going by the first"
    f" {EXPLAINED_EVENTS:,} events at most.",
)
@click.pass_obj
def match_command(
    session: Session,
    file: str,
    event_bus_name: str | None,
    rules_file: str | None,
    jobs: int,
    explain: bool,
) -> None:
    """Match each line of FILE, or of standard input for -, against the enabled rules of an
    event bus, and change nothing. Managed rules, those of archives, are left out.

    A line is a whole event, matched as it is, or an entry of put-events. Prints how many
    events each rule matches, with the ids of the first ones (`line N` where there is no
    id), and what no rule matches.

    A file of rules is the answer of list-rules, or an object of names and event patterns.
    """
    if rules_file is not None and event_bus_name is not None:
        raise ParamError("Name either an event bus or a file of rules.")
    with closing(session.open_context()) as ctx, open_input(session, file) as stream:
        if rules_file is None:
            rules = list_patterns(ctx, event_bus_name or DEFAULT_EVENT_BUS)
        else:
            rules = read_rules_file(session, rules_file)
        total = Tally()
        lines: list[bytes] = []
        settings: dict[str, Any] = {
            "account_id": ctx.account_id,
            "region": ctx.region,
            "now": ctx.clock.now(),
        }
        # The rules are here to stay.
        gc.freeze()
        done = 0

        def count(blocks: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
            nonlocal done
            for first_line, block in blocks:
                done += len(block)
                wanted = EXPLAINED_EVENTS - len(lines) if explain else 0
                lines.extend(block.split(b"\n", wanted)[:wanted] if wanted else ())
                yield first_line, block

        with open_bar(session, "Matching", measure(stream)) as show:
            show(0, 0)
            for tally in tally_blocks(
                count(read_blocks(stream)),
                rules,
                jobs,
                find_file(session, file, stream),
                **settings,
            ):
                total.add(tally)
                show(done, total.events + total.problem_count)
        found = total.describe(rules)
        if explain:
            add_misses(found, rules, lines, Backtest({}, **settings))
        write_matches(session, found, choose_output(session, ctx))


def add_misses(
    found: dict[str, Any], rules: dict[str, str], lines: list[bytes], backtest: Backtest
) -> None:
    """Add to what is found why rules matched none, going by the first lines."""
    unmatched = [rule for rule in found["Rules"] if not rule["MatchCount"]]
    patterns = {rule["Name"]: rules[rule["Name"]] for rule in unmatched}
    lines = lines[: EXPLAINED_PAIRS // max(len(patterns), 1)]
    misses = explain_misses(read_events(lines, backtest), patterns)
    for rule in unmatched:
        rule["Misses"] = misses[rule["Name"]]


def write_matches(session: Session, found: dict[str, Any], output: str) -> None:
    """Write what was found: a table for people, else one document."""
    if output != "table" or session.options.get("query") is not None:
        write_document(session, "Match", found, output)
        return
    write_columns(
        session,
        found["Rules"],
        COLUMNS,
        note=format_misses,
        footer=summarize(found),
    )


def read_events(lines: Iterable[bytes], backtest: Backtest) -> Iterator[Any]:
    """Read the lines that are events or entries; others were counted already."""
    for line in lines:
        with suppress(EntryError):
            if line.strip():
                yield backtest.read(line)


def format_misses(rule: dict[str, Any]) -> str:
    """List how often a rule missed for which reason, a line each."""
    misses = rule.get("Misses", ())
    return "\n".join(f"{each['Count']:,} {TIMES}: {each['Reason']}" for each in misses)


def summarize(found: dict[str, Any]) -> str:
    """Say what became of all events, and which lines are none."""
    count, unmatched = found["EventCount"], found["UnmatchedCount"]
    examples = ", ".join(found["UnmatchedExamples"])
    text = f"{count:,} events; {unmatched:,} of them match no rule"
    lines = [
        f"{text}: {examples}{', …' * (unmatched > len(found['UnmatchedExamples']))}"
    ]
    lines = lines if unmatched else [text]
    unreadable = found["Unreadable"][:SHOWN_PROBLEMS]
    lines += [f"line {each['Line']}: {each['Problem']}" for each in unreadable]
    if found["UnreadableCount"] > len(unreadable):
        lines.append(
            f"{found['UnreadableCount']:,} lines are neither events nor entries"
        )
    return "\n".join(lines)


def read_rules_file(session: Session, path: str) -> dict[str, str]:
    """Read a file of rules. Raises: GeneralError, InspectionError: it is none."""
    try:
        with open(locate(session, path), "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise GeneralError(f"Cannot read {path}: {error.strerror}.") from error
    return read_patterns(content, path)
