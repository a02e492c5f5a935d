"""What became of a few events, a line each, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.cli.local.output import STATE_STYLES
from evcli.cli.output.short_forms import shorten_rule_arn, shorten_target_arn
from evcli.cli.output.visible import make_visible

if TYPE_CHECKING:
    from typing import Any

    from rich.text import Text

    from evcli.cli.session import Session

    Value = dict[str, Any]


def write_arrival(session: Session, arrival: Value) -> None:
    """Write an event and where it went: a line, and one more for each further delivery.

    Args:
        arrival: from `describe_arrival`.
    """
    deliveries = arrival["Deliveries"]
    mark, style = _mark(deliveries)
    short = arrival["ShortId"]
    cut = "…" if short != arrival["EventId"] else ""
    head = f'{arrival["Source"]} "{arrival["DetailType"]}" {short}{cut}  '
    if not deliveries:
        _write_row(session, mark, style, head, arrival["Reason"], "dim")
        return
    for delivery in deliveries:
        state = delivery["State"]
        _write_row(
            session, mark, style, head, _describe(delivery), STATE_STYLES.get(state, "")
        )
        mark, head = " ", "  "


def write_prospect(session: Session, prospect: Value) -> None:
    """Write what an event would come to.

    Args:
        prospect: from `DryRun.add`.
    """
    head = (
        f'{prospect["Source"]} "{prospect["DetailType"]}"'
        f" {prospect['SizeBytes']:,} bytes  "
    )
    if prospect["Rules"]:
        rules = ", ".join(prospect["Rules"])
        _write_row(session, "✔", "green", head, f"→ {rules}", "")
    else:
        _write_row(session, "○", "dim", head, prospect["Reason"], "dim")


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
        f"→ {shorten_rule_arn(delivery['RuleArn'])}"
        f" → {shorten_target_arn(delivery['TargetArn'])}"
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
