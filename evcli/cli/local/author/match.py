"""`evcli local match`: which rules would match which events."""

from __future__ import annotations

import gc
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.backtest import Tally, tally_blocks
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.output import choose_output, write_document
from evcli.cli.local.send_and_see.bulk_input import (
    find_file,
    locate,
    measure,
    open_bar,
    open_input,
    read_blocks,
)
from evcli.inspection.matches import list_patterns, read_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.cli.session import Session


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
@click.pass_obj
def match_command(
    session: Session,
    file: str,
    event_bus_name: str | None,
    rules_file: str | None,
    jobs: int,
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
        # The rules are here to stay.
        gc.freeze()
        done = 0

        def count(blocks: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
            nonlocal done
            for first_line, block in blocks:
                done += len(block)
                yield first_line, block

        with open_bar(session, "Matching", measure(stream)) as show:
            show(0, 0)
            try:
                for tally in tally_blocks(
                    count(read_blocks(stream)),
                    rules,
                    jobs,
                    find_file(session, file, stream),
                    account_id=ctx.account_id,
                    region=ctx.region,
                    now=ctx.clock.now(),
                ):
                    total.add(tally)
                    show(done, total.events + total.problem_count)
            except ChildProcessError as error:
                raise GeneralError(str(error)) from error
        output = choose_output(session, ctx)
        write_document(session, "Match", total.describe(rules), output)


def read_rules_file(session: Session, path: str) -> dict[str, str]:
    """Read a file of rules. Raises: GeneralError, InspectionError: it is none."""
    try:
        with open(locate(session, path), "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise GeneralError(f"Cannot read {path}: {error.strerror}.") from error
    return read_patterns(content, path)
