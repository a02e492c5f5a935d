"""`evcli local match`: which rules would match which events."""

from __future__ import annotations

import gc
import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.bulk.backtest import Tally, tally_blocks
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.send_and_see.bulk_input import (
    find_file,
    locate,
    measure,
    open_bar,
    open_input,
    read_blocks,
)
from evcli.cli.local.send_and_see.delivery_output import choose_output
from evcli.cli.local.state.document_output import write_document
from evcli.errors import InvalidEventPatternException
from evcli.patterns import compile_pattern
from evcli.store.records import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context


@click.command(short_help="Tell which rules would match which events")
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
def command(
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
            rules = _list_rules(ctx, event_bus_name or DEFAULT_EVENT_BUS)
        else:
            rules = _read_rules(session, rules_file)
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
        answer = describe(total, list(rules))
        write_document(session, "Match", answer, choose_output(session, ctx))


def describe(total: Tally, names: list[str]) -> dict[str, Any]:
    """Lay out what became of all events, rules by name."""
    rules = []
    for name in sorted(names):
        count, examples = total.rules.get(name, (0, []))
        rules.append({"Name": name, "MatchCount": count, "Examples": examples})
    return {
        "EventCount": total.events,
        "UnmatchedCount": total.unmatched_count,
        "UnmatchedExamples": total.unmatched,
        "UnreadableCount": total.problem_count,
        "Unreadable": [
            {"Line": line, "Problem": problem} for line, problem in total.problems
        ],
        "Rules": rules,
    }


def _list_rules(ctx: Context, event_bus_name: str) -> dict[str, str]:
    """List the enabled rules of an event bus that somebody made, not an archive.

    Raises: ResourceNotFoundException: there is no such event bus.
    """
    from evcli.operations.resources import find_event_bus

    with ctx.store.snapshot():
        bus = find_event_bus(ctx, event_bus_name)
        return {
            rule.name: rule.event_pattern
            for rule in ctx.store.list_records(
                Rule, bus.account_id, bus.region, bus.name
            )
            if rule.event_pattern is not None
            and rule.state != "DISABLED"
            and rule.managed_by is None
        }


def _read_rules(session: Session, path: str) -> dict[str, str]:
    """Read a file of rules. Raises: GeneralError: it is none, or a pattern is not valid."""
    try:
        with open(locate(session, path), encoding="utf-8") as stream:
            value = json.load(stream)
    except OSError as error:
        raise GeneralError(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise GeneralError(f"{path} is not JSON: {error}.") from error
    rules = _find_patterns(value)
    if rules is None:
        raise GeneralError(
            f"{path} is neither an answer of list-rules nor an object of names and event"
            " patterns."
        )
    for name, pattern in rules.items():
        try:
            compile_pattern(pattern)
        except InvalidEventPatternException as error:
            raise GeneralError(f"{path}: rule {name}: {error.message}") from error
    return rules


def _find_patterns(value: object) -> dict[str, str] | None:
    """Find names and event patterns, as texts; `None` if there are none to find."""
    if not isinstance(value, dict):
        return None
    listed = value.get("Rules")
    if isinstance(listed, list):
        value = {
            rule["Name"]: rule["EventPattern"]
            for rule in listed
            if isinstance(rule, dict)
            and "Name" in rule
            and "EventPattern" in rule
            and rule.get("State") != "DISABLED"
            and "ManagedBy" not in rule
        }
    patterns = {
        name: json.dumps(pattern) if isinstance(pattern, dict) else pattern
        for name, pattern in value.items()
    }
    are_texts = all(isinstance(pattern, str) for pattern in patterns.values())
    return patterns if are_texts else None
