"""`evcli local trigger`: play a sample event as its service would, or list the samples."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.authoring import samples
from evcli.authoring.changes import apply_change, parse_change
from evcli.cli.errors import ParamError
from evcli.cli.event_schemas import check_event
from evcli.cli.local.output import choose_output, write_document, write_list
from evcli.cli.local.send_and_see.arrival_lines import write_arrival
from evcli.cli.output.columns import CUT, Column
from evcli.delivery.envelopes import format_json
from evcli.errors import InspectionError
from evcli.inspection.arrivals import describe_arrivals, has_matches
from evcli.operations.whole_events import MEMBERS, complete_event, send_whole_events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from evcli.authoring.samples import SampleHead
    from evcli.cli.session import Session
    from evcli.context import Context

    Value = dict[str, Any]

COLUMNS = (
    Column("Name", "NAME"),
    Column("DetailType", "DETAIL TYPE", fit=CUT, least=20),
    Column("Source", "SOURCE", fit=CUT, least=10, drop=1),
)
TEXT_MEMBERS = ("Name", "Source", "DetailType")
# As grep and diff say no, unlike every error.
NO_MATCH = 1
# Of one command; bulk is what `send` is for.
MOST_EVENTS = 10_000


@click.command()
@click.argument("sample", required=False, metavar="[NAME]")
@click.option(
    "--set",
    "assignments",
    metavar="PATH=TEXT",
    multiple=True,
    help="Set a value of the event: detail.object.key=a.png, or detail.object.size:=12"
    " for JSON. More than once for more values.",
)
@click.option(
    "--add", is_flag=True, help="Let --set add what the sample does not have."
)
@click.option("--at", metavar="TIME", help="The event's time; now if absent.")
@click.option(
    "--event-bus-name",
    metavar="NAME",
    help="The event bus that gets it; default if you name none.",
)
@click.option(
    "--repeat",
    metavar="N",
    type=click.IntRange(1, MOST_EVENTS),
    help="Play N of them, each with an id of its own.",
)
@click.option("--print", "prints", is_flag=True, help="Print the event, send nothing.")
@click.option(
    "--expect-match", is_flag=True, help="Exit with 1 when no rule matched the event."
)
@click.option("--service", metavar="SERVICE", help="List the samples of a service.")
@click.option(
    "--search",
    "words",
    metavar="WORD",
    multiple=True,
    help="List the samples with WORD in their name, source or detail-type.",
)
@click.pass_obj
def trigger_command(
    session: Session,
    sample: str | None,
    assignments: tuple[str, ...],
    add: bool,
    at: str | None,
    event_bus_name: str | None,
    repeat: int | None,
    prints: bool,
    expect_match: bool,
    service: str | None,
    words: tuple[str, ...],
) -> int:
    """Play the sample event NAME as its service would; without NAME, list the samples.

    The event has a new id, the time is now, and it comes from your account and region.
    A project's own samples are whole events in the nearest .evcli/events, one file each:
    order-placed.json is order-placed. They keep the account and region that they name.

    Prints what became of the event: lines on a terminal, JSON elsewhere.
    """
    own_directory = samples.find_own_directory(
        session.environ, session.find_working_directory()
    )
    if sample is None:
        if any((assignments, add, at, event_bus_name, repeat, prints, expect_match)):
            raise ParamError(
                "Name the sample to play; without options they are listed."
            )
        list_heads(session, own_directory, service, words)
        return 0
    if service is not None or words:
        raise ParamError("--service and --search list samples; leave NAME out.")
    with closing(session.open_context()) as ctx:
        found = samples.find_sample(sample, own_directory)
        event = samples.make_event(ctx, found, read_time(ctx, at))
        fresh_id = event["id"]
        change(session, event, assignments, adds=add)
        if prints:
            print_event(session, ctx, event)
            return 0
        check_event(session, ctx, json.loads(format_json(event)))
        events = [event]
        for _ in range((repeat or 1) - 1):
            event_id = ctx.new_id() if event["id"] == fresh_id else event["id"]
            events.append({**event, "id": event_id})
        keys = play(session, ctx, events, event_bus_name, is_single=repeat is None)
        return NO_MATCH if expect_match and not has_matches(ctx, keys) else 0


def list_heads(
    session: Session,
    own_directory: str | None,
    service: str | None,
    words: Sequence[str],
) -> None:
    """List the samples that were asked for. Raises: ParamError: an unknown service."""
    known = samples.list_services()
    if service is not None and service not in known:
        near = samples.suggest_names(service, known)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ParamError(f"There are no samples of a service {service}.{hint}")
    listed = samples.list_samples(own_directory, service)
    heads = samples.search([samples.read_head(each) for each in listed], words)
    output = choose_output(session)
    values = [describe(head) for head in heads]
    write_list(
        session, "Samples", values, COLUMNS, TEXT_MEMBERS, output,
        note=lambda value: str(value.get("Problem", "")),
        footer="" if values else "No sample has that in its name, source or detail-type.",
    )  # fmt: skip


def describe(head: SampleHead) -> Value:
    """Lay out a sample as a JSON value; of one that cannot be read, the problem."""
    value = {"Name": head.sample.name}
    if head.problem:
        value["Problem"] = head.problem
    else:
        value |= {"Source": head.source, "DetailType": head.detail_type}
    if not head.sample.service:
        value["Path"] = head.sample.path
    return value


def read_time(ctx: Context, at: str | None) -> datetime | None:
    """Read `--at`. Raises: ValueSyntaxError: it is no point in time."""
    if at is None:
        return None
    from evcli.cli.local.time.times import read_instant

    return read_instant(ctx, at, "--at")


def change(
    session: Session, event: Value, assignments: Sequence[str], *, adds: bool
) -> None:
    """Set what was asked for, in place. Raises: InspectionError: what cannot be set."""
    for assignment in assignments:
        warning = apply_change(event, parse_change(assignment), adds=adds)
        if warning is not None:
            session.warn(warning)
    unknown = sorted(event.keys() - MEMBERS.keys())
    if unknown:
        raise InspectionError(
            f"an event has no member {unknown[0]}; what is your own goes below detail",
            "set",
        )


def print_event(session: Session, ctx: Context, event: Value) -> None:
    """Print an event as rules would see it."""
    shown = json.loads(format_json(complete_event(ctx, event)))
    write_document(session, "Event", shown, session.find_output(ctx.configuration))


def play(
    session: Session,
    ctx: Context,
    events: list[Value],
    event_bus_name: str | None,
    *,
    is_single: bool,
) -> list[int]:
    """Send events and write what became of them: of a single one no list.

    Returns: their keys.
    """
    keys = [each.event_key for each in send_whole_events(ctx, events, event_bus_name)]
    arrivals = list(describe_arrivals(ctx, keys))
    output = choose_output(session, ctx)
    is_plain = session.options.get("query") is None and output == "table"
    if is_plain and session.stdout.isatty():
        for arrival in arrivals:
            write_arrival(session, arrival)
    else:
        value = arrivals[0] if is_single else arrivals
        write_document(session, "Trigger", value, output)
    session.warn_notices(ctx)
    return keys
