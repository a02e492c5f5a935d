"""`evcli local match`: which rules would match which events."""

from __future__ import annotations

import gc
import re
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import click

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.backtest import Backtest, Tally
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.author.match_inputs import (
    EXPLAINED_EVENTS,
    PART_SIZE,
    Feed,
    read_address,
    read_first_lines,
    read_size,
    tally_feed,
    tally_on_cluster,
)
from evcli.cli.local.output import choose_output, write_columns, write_document
from evcli.cli.local.send_and_see.bulk_input import (
    Inputs,
    locate,
    open_bar,
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

# With many such rules there are fewer, so that it takes seconds.
EXPLAINED_PAIRS = 50_000
SHOWN_PROBLEMS = 5
# Examples that have no id: of one input, and of several.
LINE = re.compile(r"line \d+|.+:\d+")
TIMES = "\N{MULTIPLICATION SIGN}"

COLUMNS = (
    Column("Name", "RULE", fit=CUT, least=20),
    Column(
        "MatchCount", "MATCHES", lambda rule: f"{rule['MatchCount']:,}", align="right"
    ),
    Column(
        "Examples",
        "FIRST EVENTS",
        lambda rule: ", ".join(map(shorten_example, rule["Examples"])),
        drop=1,
    ),
)


def shorten_example(text: str) -> str:
    """Cut an id, but not the number of a line."""
    return text if LINE.fullmatch(text) else shorten_id(text)


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
    "--cluster",
    metavar="ADDRESS",
    help="Share it among the workers of a Dask scheduler, tcp://HOST:PORT, or among as"
    " many processes of this machine: local:8.",
)
@click.option(
    "--part-size",
    metavar="SIZE",
    default=PART_SIZE,
    show_default=True,
    help="With --cluster: about how much one worker reads at a time.",
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
    files: tuple[str, ...],
    event_bus_name: str | None,
    rules_file: str | None,
    jobs: int,
    cluster: str | None,
    part_size: str,
    explain: bool,
) -> None:
    """Match each line of FILE, or of standard input for -, against the enabled rules of an
    event bus, and change nothing. Managed rules, those of archives, are left out.

    A line is a whole event, matched as it is, or an entry of put-events. Prints how many
    events each rule matches, with the ids of the first ones (`line N` where there is no
    id), and what no rule matches.

    FILE may be any number of files, quoted patterns such as 'captured/*.jsonl.gz', and
    URLs such as s3://bucket/key; of whatever form: see `evcli help inputs`.

    A file of rules is the answer of list-rules, or an object of names and event patterns.

    Name no Dask scheduler that you do not trust: it can run code here, and whoever
    reaches it can run code on its workers.
    """
    if rules_file is not None and event_bus_name is not None:
        raise ParamError("Name either an event bus or a file of rules.")
    if cluster is not None and jobs != 1:
        raise ParamError("Name either --jobs or --cluster.")
    address = None if cluster is None else read_address(cluster)
    part_bytes = read_size(part_size)
    with closing(session.open_context()) as ctx:
        if rules_file is None:
            rules = list_patterns(ctx, event_bus_name or DEFAULT_EVENT_BUS)
        else:
            rules = read_rules_file(session, rules_file)
        settings: dict[str, Any] = {
            "account_id": ctx.account_id,
            "region": ctx.region,
            "now": ctx.clock.now(),
        }
        # The rules are here to stay.
        gc.freeze()
        inputs = Inputs(session, files)
        feed = Feed(inputs, EXPLAINED_EVENTS if explain else 0)
        if address is None:
            tallies = tally_feed(feed, rules, jobs, settings)
        else:
            tallies = tally_on_cluster(
                inputs, rules, address, part_bytes, settings, session.warn
            )
        total = Tally()
        with open_bar(session, "Matching", inputs.size_bytes) as show:
            show(0, 0)
            try:
                for tally, done_bytes in tallies:
                    total.add(tally)
                    show(done_bytes, total.events + total.problem_count)
            except ChildProcessError as error:
                raise GeneralError(str(error)) from error
        found = total.describe(rules)
        if explain:
            first = feed.lines if address is None else read_first_lines(inputs)
            add_misses(found, rules, first, Backtest({}, **settings))
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
    lines += [f"{name_line(each)}: {each['Problem']}" for each in unreadable]
    if found["UnreadableCount"] > len(unreadable):
        lines.append(
            f"{found['UnreadableCount']:,} lines are neither events nor entries"
        )
    return "\n".join(lines)


def name_line(found: dict[str, Any]) -> str:
    """Name a line, and its file where there may be several."""
    line = f"{found['Line']}"
    return f"{found['File']}:{line}" if "File" in found else f"line {line}"


def read_rules_file(session: Session, path: str) -> dict[str, str]:
    """Read a file of rules. Raises: GeneralError, InspectionError: it is none."""
    try:
        with open(locate(session, path), "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise GeneralError(f"Cannot read {path}: {error.strerror}.") from error
    return read_patterns(content, path)
