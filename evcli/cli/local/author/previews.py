"""`evcli local transform` and `schedule`: what a target would receive, and when."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import find_asked_output, write_document, write_lines
from evcli.cli.local.time.times import read_instant, read_point
from evcli.cli.parsing.requests import ValueReader
from evcli.delivery.envelopes import format_time
from evcli.delivery.trace_headers import is_trace_header
from evcli.inspection.schedules import list_instants
from evcli.model.shared import PLAIN_STRING
from evcli.model.targets import TARGET
from evcli.store.directory.state_directory import read_identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.cli.session import Session
    from evcli.context import Context


@click.command()
@click.option(
    "--target",
    required=True,
    metavar="STRUCTURE",
    help="The target as for put-targets: JSON, shorthand, file://PATH or -. An Id is"
    " not needed.",
)
@click.option(
    "--event",
    required=True,
    metavar="JSON",
    help="The event as rules see it: JSON, file://PATH or -.",
)
@click.option("--rule-arn", metavar="ARN", help="The rule that matched the event.")
@click.option(
    "--rule-name",
    metavar="NAME",
    help="Its name, which --rule-arn has to agree with; without one, a rule on the default"
    " event bus of the event's account and region. `rule` if neither is given.",
)
@click.option(
    "--ingestion-time",
    metavar="TIME",
    help="When the event was received; its own time if absent.",
)
@click.option(
    "--trace-header",
    metavar="TEXT",
    help="The X-Ray trace header that came with the event; --request shows where it"
    " goes.",
)
@click.option(
    "--request",
    "wants_request",
    is_flag=True,
    help="Show what the target's service would be called with instead.",
)
@click.pass_context
def transform_command(
    ctx: click.Context,
    target: str,
    event: str,
    rule_arn: str | None,
    rule_name: str | None,
    ingestion_time: str | None,
    trace_header: str | None,
    wants_request: bool,
) -> None:
    """Print the payload that a target would receive of an event, and a line end.

    Nothing is put, nothing is stored, and no state directory is needed. Where nothing
    would be delivered, nothing is printed; the reason is on stderr, the exit code is 1.

    The request of an API destination is shown whole, secrets hidden, where the state
    directory has it and its connection; elsewhere it is what the target adds to it.
    """
    from evcli.inspection.transforms import (
        accept_target,
        find_rule_arn,
        read_event,
        rehearse,
    )
    from evcli.operations.targets import list_warnings

    session: Session = ctx.obj
    reader = ValueReader(session.read_input)
    wanted = reader.read("--target", TARGET, target)
    envelope = read_event(read_text(reader, event))
    read_point(envelope["time"], "--event")
    arn = find_rule_arn(rule_arn, rule_name, envelope)
    accepted = accept_target(wanted, arn)
    for warning in list_warnings(accepted):
        session.warn(warning)
    received_at = read_point(ingestion_time or envelope["time"], "--ingestion-time")
    if trace_header is not None and not is_trace_header(trace_header):
        session.warn("The trace header is malformed, so it goes nowhere.")
        trace_header = None
    with open_for_api_destination(session, accepted["Arn"]) as context:
        rehearsal = rehearse(
            accepted, envelope, arn, received_at, trace_header, context
        )
    if rehearsal.reason is not None:
        session.warn(f"Nothing would be delivered: {rehearsal.reason}")
        ctx.exit(1)
    if wants_request:
        text = json.dumps(rehearsal.request, ensure_ascii=False, indent=4)
        value = rehearsal.request
    else:
        text = str(rehearsal.payload)
        value = {"Payload": text}
    output = find_asked_output(session)
    if output is None:
        # Exactly what arrives: no line of it is folded.
        session.write(f"{text}\n")
    else:
        write_document(session, "Transform", value, output)


@contextmanager
def open_for_api_destination(session: Session, arn: str) -> Iterator[Context | None]:
    """Open the state directory if there is one and the target wants it; else `None`."""
    directory = session.find_state_directory()
    if ":api-destination/" not in arn or read_identity(directory) is None:
        yield None
        return
    with closing(session.open_context()) as ctx:
        yield ctx


def read_text(reader: ValueReader, value: str) -> str:
    """Read the text that --event leads to."""
    if value == "-":
        return reader.read_standard_input()
    content = reader.read("--event", PLAIN_STRING, value)
    is_binary = isinstance(content, bytes)
    return content.decode("utf-8", "replace") if is_binary else str(content)


@click.command()
@click.argument("what", metavar="RULE|EXPRESSION")
@click.option(
    "--count", type=click.IntRange(min=1), default=10, metavar="N", help="How many; 10."
)
@click.option("--from", "after", metavar="TIME", help="Only after TIME; now if absent.")
@click.pass_obj
def schedule_command(
    session: Session, what: str, count: int, after: str | None
) -> None:
    """Print when a rule of the default event bus fires next, one instant a line.

    Or when an expression would, such as 'cron(0 12 * * ? *)'. A rate counts from when
    the rule was made or enabled; that of an expression from TIME, which is like
    2026-11-23T12:00:00Z, 7d (ago) or +1h (ahead).
    """
    with closing(session.open_context()) as ctx:
        start = ctx.clock.now()
        if after is not None:
            start = read_instant(ctx, after, "--from")
        instants = islice(list_instants(ctx, what, start), count)
        times = [format_time(instant) for instant in instants]
    write_lines(session, "Schedule", times, times)
