"""Rows about deliveries, streamed in the format that was asked for.

Formats: table on a terminal, else what `--output` or the configuration says. Every row
is written as it comes, so memory does not grow with the ledger.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.cli.errors import GeneralError
from evcli.cli.output.visible import TerminalStream, make_visible
from evcli.store.deliveries import parse_delivery_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any, TextIO

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.deliveries import Attempt, Delivery

    Row = dict[str, Any]

# Columns of the line formats: key of the row, heading, width on a terminal; 0 takes
# what is left.
COLUMNS = (
    ("AcceptedAt", "Accepted", 20),
    ("State", "State", 9),
    ("Attempts", "Tries", 5),
    ("RuleArn", "Rule", 24),
    ("TargetArn", "Target", 32),
    ("ErrorCode", "Error", 20),
    ("DeliveryId", "Delivery", 0),
)


def describe_delivery(delivery: Delivery) -> Row:
    """Lay a delivery out as a JSON value; what it does not have is left out."""
    row: Row = {
        "DeliveryId": delivery.delivery_id,
        "EventId": delivery.event.event_id,
        "EventBusName": delivery.event.event_bus_name,
        "RuleArn": delivery.rule_arn,
        "TargetId": delivery.target_id,
        "TargetArn": delivery.target_arn,
        "State": delivery.state,
        "Attempts": delivery.attempts,
        "AcceptedAt": format_instant(delivery.event.accepted_at),
        "NextAttemptAt": format_instant(delivery.next_attempt_at),
        "FinishedAt": format_instant(delivery.finished_at),
        "ErrorCode": delivery.error_code,
        "ErrorMessage": delivery.error_message,
        "DeadLetterOf": None
        if delivery.dead_letter_of is None
        else f"{delivery.event.event_id}-{delivery.dead_letter_of}",
        "Payload": delivery.payload,
    }
    return {key: value for key, value in row.items() if value is not None}


def describe_attempt(attempt: Attempt) -> Row:
    """Lay an attempt out as a JSON value."""
    row: Row = {
        "Number": attempt.number,
        "AttemptedAt": format_instant(attempt.attempted_at),
        "ErrorCode": attempt.error_code,
        "ErrorMessage": attempt.error_message,
        "Output": attempt.output,
    }
    return {key: value for key, value in row.items() if value is not None}


def format_instant(instant: datetime | None) -> str | None:
    """Write an instant as UTC to the millisecond, `2024-05-14T11:23:22Z` when whole."""
    if instant is None:
        return None
    timespec = "milliseconds" if instant.microsecond else "seconds"
    return instant.isoformat(timespec=timespec).replace("+00:00", "Z")


def find_delivery(ctx: Context, delivery_id: str) -> Delivery:
    """Find a delivery by its id. Raises: GeneralError: there is none."""
    key = parse_delivery_id(delivery_id)
    found = None if key is None else ctx.store.ledger.get_delivery(key)
    if found is None or found.delivery_id != delivery_id:
        raise GeneralError(f"There is no delivery {delivery_id} in the ledger.")
    return found


def choose_output(session: Session, ctx: Context) -> str:
    """Name the output format: what was asked for, else a table on a terminal."""
    if session.settings.output is None and session.stdout.isatty():
        return "table"
    return session.find_output(ctx.configuration)


def write_deliveries(
    session: Session, deliveries: Iterable[Delivery], output: str, *, endless: bool
) -> None:
    """Write deliveries as they come.

    Args:
        output: json, text, table, yaml, yaml-stream or off.
        endless: there may always be another one: JSON goes line by line.
    """
    writers = {
        "text": write_text,
        "table": write_table,
        "yaml": write_yaml,
        "yaml-stream": write_yaml,
        "off": write_nothing,
    }
    rows = map(describe_delivery, deliveries)
    stream: Any = session.stdout
    if stream.isatty() and output != "table":
        stream = TerminalStream(stream, output)
    if session.options.get("query") is not None:
        # A query may need them all; endless ones are asked one by one.
        from evcli.cli.local.state.document_output import write_document

        for asked in ([row] for row in rows) if endless else [list(rows)]:
            write_document(session, "Deliveries", asked, output)
    elif output == "json":
        write_json_lines(rows, stream) if endless else write_json(rows, stream)
    else:
        writers[output](rows, stream)


def write_json(rows: Iterable[Row], stream: TextIO) -> None:
    """Write one JSON array, indented like every answer."""
    separator = "[\n"
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, indent=4)
        indented = "\n".join(f"    {line}" for line in text.split("\n"))
        stream.write(f"{separator}{indented}")
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def write_json_lines(rows: Iterable[Row], stream: TextIO) -> None:
    """Write one JSON object a line, each at once."""
    for row in rows:
        stream.write(f"{json.dumps(row, ensure_ascii=False)}\n")
        stream.flush()


def write_yaml(rows: Iterable[Row], stream: TextIO) -> None:
    """Write one YAML list."""
    import yaml

    for row in rows:
        stream.write(yaml.safe_dump([row], sort_keys=False, allow_unicode=True))
        stream.flush()


def write_nothing(rows: Iterable[Row], stream: TextIO) -> None:
    """Go through the rows and write none."""
    for _ in rows:
        stream.flush()


def write_text(rows: Iterable[Row], stream: TextIO) -> None:
    """Write the columns of each row with tabs between them."""
    for row in rows:
        cells = (str(row.get(key, "None")) for key, _, _ in COLUMNS)
        stream.write("\t".join(cells) + "\n")
        stream.flush()


def write_table(rows: Iterable[Row], stream: TextIO) -> None:
    """Write aligned columns; a row is shown before the next one is known."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=True)
    styles = {"FAILED": "red", "RETRYING": "yellow", "DELIVERED": "green"}
    console.print(Text(_lay_out([heading for _, heading, _ in COLUMNS]), style="bold"))
    for row in rows:
        cells = [
            make_visible(shorten(key, str(row.get(key, "")))) for key, _, _ in COLUMNS
        ]
        console.print(Text(_lay_out(cells), style=styles.get(row["State"], "")))
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


def page_through(ctx: Context, conditions: Row, after: int) -> Iterator[Delivery]:
    """List deliveries behind a delivery key; no long-lived reading of the store."""
    while True:
        page = list(
            ctx.store.ledger.list_deliveries(**conditions, after=after, limit=200)
        )
        yield from page
        if len(page) < 200:
            return
        after = page[-1].delivery_key
