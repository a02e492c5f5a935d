"""`evcli local deliveries` and `redeliver`: what became of events, and another attempt.

Formats: table on a terminal, else what `--output` or the configuration says. Each
delivery is written as it comes, so memory does not grow with the ledger.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.cli.local.output import STATE_STYLES, choose_output, write_document
from evcli.cli.output.visible import TerminalStream, make_visible
from evcli.delivery.redelivery import redeliver_failed
from evcli.inspection.deliveries import (
    describe_delivery,
    follow_deliveries,
    list_deliveries,
    redeliver_by_id,
)
from evcli.store.deliveries import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TextIO

    from evcli.cli.session import Session
    from evcli.inspection.deliveries import Value
    from evcli.store.deliveries import Delivery

# Columns of the line formats: key, heading, width on a terminal; 0 takes what is left.
COLUMNS = (
    ("AcceptedAt", "Accepted", 20),
    ("State", "State", 9),
    ("Attempts", "Tries", 5),
    ("RuleArn", "Rule", 24),
    ("TargetArn", "Target", 32),
    ("ErrorCode", "Error", 20),
    ("DeliveryId", "Delivery", 0),
)


@click.command()
@click.option("--event-id", metavar="ID", help="Only deliveries of this event.")
@click.option("--rule", metavar="NAME|ARN", help="Only deliveries through this rule.")
@click.option("--target-arn", metavar="ARN", help="Only deliveries to this target.")
@click.option("--failed", is_flag=True, help="Only deliveries that failed for good.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N."
)
@click.option(
    "--follow", is_flag=True, help="Go on with what happens next, until interrupted."
)
@click.pass_obj
def deliveries_command(
    session: Session,
    event_id: str | None,
    rule: str | None,
    target_arn: str | None,
    failed: bool,
    limit: int | None,
    follow: bool,
) -> None:
    """List deliveries, oldest first: one event on its way to one target each.

    A table on a terminal, JSON elsewhere; --output chooses. With --follow a delivery
    is shown when it appears and again after each attempt, and JSON comes one object a
    line.
    """
    with closing(session.open_context()) as ctx:
        conditions: dict[str, Any] = {
            "event_id": event_id,
            "rule_name": rule,
            "target_arn": target_arn,
            "state": FAILED if failed else None,
        }
        after = 0
        if limit is not None:
            after = ctx.store.ledger.find_newest(limit, **conditions)
        find = follow_deliveries if follow else list_deliveries
        output = choose_output(session, ctx)
        write_deliveries(session, find(ctx, conditions, after), output, endless=follow)


@click.command()
@click.argument("delivery_id", required=False, metavar="DELIVERY_ID")
@click.option("--failed", is_flag=True, help="All deliveries that failed for good.")
@click.pass_obj
def redeliver_command(session: Session, delivery_id: str | None, failed: bool) -> None:
    """Attempt a delivery again, now, with the payload that it had.

    One that failed gets another attempt; one that was made already is made anew, under
    an id of its own. Where input settings left no payload there is nothing to send.
    """
    if failed == (delivery_id is not None):
        raise ParamError("Name either one DELIVERY_ID or --failed.")
    with closing(session.open_context()) as ctx:
        if delivery_id is None:
            made = redeliver_failed(ctx)
        else:
            made = redeliver_by_id(ctx, delivery_id)
        write_deliveries(session, made, choose_output(session, ctx), endless=False)
        session.warn_notices(ctx)


def write_deliveries(
    session: Session, deliveries: Iterable[Delivery], output: str, *, endless: bool
) -> None:
    """Write deliveries as they come.

    Args:
        output: json, text, table, yaml, yaml-stream or off.
        endless: there may always be another one: JSON goes line by line.
    """
    values = map(describe_delivery, deliveries)
    stream: Any = session.stdout
    if stream.isatty() and output != "table":
        stream = TerminalStream(stream, output)
    if session.options.get("query") is not None:
        # A query may need them all; endless ones are asked one by one.
        for asked in ([value] for value in values) if endless else [list(values)]:
            write_document(session, "Deliveries", asked, output)
    elif output == "table":
        write_table(values, stream)
    elif output == "json" and not endless:
        write_json(values, stream)
    else:
        for value in values:
            stream.write(FORMATS[output](value))
            stream.flush()


def write_json(values: Iterable[Value], stream: TextIO) -> None:
    """Write one JSON array, indented like every answer."""
    separator = "[\n"
    for value in values:
        text = json.dumps(value, ensure_ascii=False, indent=4)
        indented = "\n".join(f"    {line}" for line in text.split("\n"))
        stream.write(f"{separator}{indented}")
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _format_json_line(value: Value) -> str:
    return f"{json.dumps(value, ensure_ascii=False)}\n"


def _format_text(value: Value) -> str:
    cells = (str(value.get(key, "None")) for key, _, _ in COLUMNS)
    return "\t".join(cells) + "\n"


def _format_yaml(value: Value) -> str:
    from evcli.cli.yaml import format_yaml

    return format_yaml([value])


# Formats in which each delivery is written by itself.
FORMATS = {
    "json": _format_json_line,
    "off": lambda _: "",
    "text": _format_text,
    "yaml": _format_yaml,
    "yaml-stream": _format_yaml,
}


def write_table(values: Iterable[Value], stream: TextIO) -> None:
    """Write aligned columns; one is shown before the next is known."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=True)
    console.print(Text(_lay_out([heading for _, heading, _ in COLUMNS]), style="bold"))
    for value in values:
        cells = [
            make_visible(shorten(key, str(value.get(key, "")))) for key, _, _ in COLUMNS
        ]
        console.print(Text(_lay_out(cells), style=STATE_STYLES.get(value["State"], "")))
        stream.flush()


def shorten(key: str, value: str) -> str:
    """Leave of ARNs and instants what tells them from others."""
    if key.endswith("Arn"):
        parts = value.split(":", 5)
        return parts[-1] if key == "RuleArn" else ":".join(parts[2::3])
    return f"{value[:19]}Z" if key.endswith("At") else value


def _lay_out(cells: list[str]) -> str:
    from rich.cells import set_cell_size

    parts = []
    for cell, (_, _, width) in zip(cells, COLUMNS, strict=True):
        if width and len(cell) > width:
            cell = f"{cell[: width - 1]}…"
        parts.append(set_cell_size(cell, width) if width else cell)
    return "  ".join(parts).rstrip()
