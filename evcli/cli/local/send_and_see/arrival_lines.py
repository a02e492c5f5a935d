"""What became of a few events, a line each, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import parse_arn
from evcli.cli.local.output import STATE_STYLES
from evcli.cli.output.visible import make_visible

if TYPE_CHECKING:
    from typing import Any

    from rich.text import Text

    from evcli.cli.session import Session

    Value = dict[str, Any]

# Ids that were made together share their first eight digits.
ID_CHARACTERS = 13


def write_arrival(session: Session, arrival: Value) -> None:
    """Write an event and where it went: a line, and one more for each further delivery.

    Args:
        arrival: from `describe_arrival`.
    """
    deliveries = arrival["Deliveries"]
    mark, style = _mark(deliveries)
    head = (
        f'{arrival["Source"]} "{arrival["DetailType"]}"'
        f" {shorten_id(arrival['EventId'])}  "
    )
    if not deliveries:
        _write_row(session, mark, style, head, arrival["Reason"], "dim")
        return
    for delivery in deliveries:
        state = delivery["State"]
        _write_row(
            session, mark, style, head, _describe(delivery), STATE_STYLES.get(state, "")
        )
        mark, head = " ", "  "


def write_refusal(session: Session, number: int, code: str, message: str) -> None:
    """Write why a line of the input was not accepted; `number` counts from 1."""
    _write_row(session, "✘", "red", f"line {number}  ", f"{code}: {message}", "red")


def _mark(deliveries: list[Value]) -> tuple[str, str]:
    states = {delivery["State"] for delivery in deliveries}
    if not states:
        return "○", "dim"
    if states == {"DELIVERED"}:
        return "✔", "green"
    return ("✘", "red") if "FAILED" in states else ("…", "yellow")


def _describe(delivery: Value) -> str:
    line = (
        f"→ {delivery['RuleName']} → {shorten_arn(delivery['TargetArn'])}"
        f" {delivery['State']}"
    )
    if "ErrorCode" not in delivery:
        return line
    message = delivery.get("ErrorMessage", "")
    return f"{line} {delivery['ErrorCode']}  {message}".rstrip()


def _write_row(
    session: Session, mark: str, mark_style: str, head: str, text: str, style: str
) -> None:
    """Write a line; what does not fit goes on below, behind the mark."""
    from rich.console import Console
    from rich.table import Table

    row = _make_text(head)
    row.append_text(_make_text(text, style))
    grid = Table.grid(padding=(0, 1))
    grid.add_row(_make_text(mark, mark_style), row)
    Console(file=session.stdout, highlight=False).print(grid)


def _make_text(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(make_visible(text), style, overflow="fold")


def shorten_id(event_id: str) -> str:
    """Leave of a long id what tells it from others."""
    if len(event_id) <= ID_CHARACTERS + 1:
        return event_id
    return f"{event_id[:ID_CHARACTERS]}…"


def shorten_arn(text: str) -> str:
    """Leave of an ARN the service and the resource's own name: `lambda:thumb`."""
    arn = parse_arn(text)
    if arn is None:
        return text
    kind_end = min(
        (at for at in map(arn.resource.find, ":/") if at >= 0),
        default=-1,
    )
    return f"{arn.service}:{arn.resource[kind_end + 1 :]}"
