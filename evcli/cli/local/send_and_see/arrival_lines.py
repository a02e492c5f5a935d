"""What became of a few events, a line each, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.arns import parse_arn
from evcli.cli.local.output import STATE_STYLES
from evcli.cli.output.short_forms import shorten_rule_arn, shorten_target_arn
from evcli.cli.output.visible import make_visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from rich.text import Text

    from evcli.cli.session import Session

    Value = dict[str, Any]


def write_arrival(session: Session, arrival: Value) -> None:
    """Write an event and where it went: a line, and one more for each further delivery.

    What another event bus delivered is on a line together with how it came there.

    Args:
        arrival: from `describe_arrivals`.
    """
    routes = list(_list_routes(arrival))
    mark, style = _mark(routes)
    short = arrival["ShortId"]
    cut = "…" if short != arrival["EventId"] else ""
    head = f'{arrival["Source"]} "{arrival["DetailType"]}" {short}{cut}  '
    for state, line in routes:
        _write_row(session, mark, style, head, line, STATE_STYLES.get(state, "dim"))
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


def _list_routes(arrival: Value, before: str = "") -> Iterator[tuple[str, str]]:
    """Give each route through event buses to its end: the state there, "" for none."""
    if not arrival["Deliveries"]:
        yield "", f"{before}  {arrival['Reason']}".lstrip()
    # An event bus that the line names need not be named again with its rules.
    said = f"{arrival['EventBusName']}/" if before else ""
    for delivery in arrival["Deliveries"]:
        line = f"{before} {_describe_target(delivery, said)}".lstrip()
        if "Arrival" in delivery:
            yield from _list_routes(delivery["Arrival"], line)
        else:
            yield delivery["State"], f"{line} {_describe_state(delivery)}"


def _mark(routes: list[tuple[str, str]]) -> tuple[str, str]:
    states = {state for state, _ in routes} - {""}
    if not states:
        return "○", "dim"
    if states == {"DELIVERED"}:
        return "✔", "green"
    return ("✘", "red") if "FAILED" in states else ("…", "magenta")


def _describe_target(delivery: Value, said: str) -> str:
    arn = parse_arn(delivery["TargetArn"])
    target = shorten_target_arn(delivery["TargetArn"])
    if arn is not None and arn.resource.startswith("event-bus/"):
        target = f"bus {arn.resource.removeprefix('event-bus/')}"
    return f"→ {shorten_rule_arn(delivery['RuleArn']).removeprefix(said)} → {target}"


def _describe_state(delivery: Value) -> str:
    state: str = delivery["State"]
    if "ErrorCode" not in delivery:
        return state
    message = delivery.get("ErrorMessage", "")
    return f"{state} {delivery['ErrorCode']}  {message}".rstrip()


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
