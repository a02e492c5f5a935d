"""`evcli local trace`: the story of one event."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import STATE_STYLES, choose_output, write_document
from evcli.cli.output.visible import make_visible
from evcli.inspection.traces import trace_event

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from evcli.cli.session import Session
    from evcli.inspection.deliveries import Value


@click.command()
@click.argument("event_id")
@click.pass_obj
def trace_command(session: Session, event_id: str) -> None:
    """Show an event, which rules it matches or why not, and what became of its deliveries.

    A tree on a terminal, JSON elsewhere; --output json or yaml chooses. Rules are
    judged as they are now, which need not be how they were when the event came.
    """
    with closing(session.open_context()) as ctx:
        story = trace_event(ctx, event_id)
        output = choose_output(session, ctx)
        if output in ("table", "text") and session.options.get("query") is None:
            _show_tree(session, story)
        else:
            write_document(session, "Trace", story, output)


def _show_tree(session: Session, story: Value) -> None:
    from rich.console import Console

    # Lines are cut for nobody but a terminal, which wraps them inside the tree.
    width = None if session.stdout.isatty() else 1_000_000
    Console(file=session.stdout, highlight=False, width=width).print(build_tree(story))


def build_tree(story: Value) -> Tree:
    """Draw the story."""
    from rich.tree import Tree

    event = story["Event"]
    tree = Tree(
        _make_text(
            f"{event['source']}: {event['detail-type']}  {story['EventId']}", "bold"
        )
    )
    tree.add(_make_text(json.dumps(event["detail"], ensure_ascii=False)))
    for arrival in story["Arrivals"]:
        branch = tree.add(
            _make_text(
                f"{arrival['EventBusName']}  {arrival['Account']} {arrival['Region']}"
                f"  {arrival['AcceptedAt']}",
                "bold",
            )
        )
        for rule in arrival["Rules"]:
            mark, style = ("✔", "green") if rule["Matched"] else ("✘", "dim")
            reason = f"  {rule['Reason']}" if "Reason" in rule else ""
            branch.add(_make_text(f"{mark} {rule['Name']}{reason}", style))
        for delivery in arrival["Deliveries"]:
            _add_delivery(branch, delivery, "→")
    return tree


def _add_delivery(branch: Tree, delivery: Value, arrow: str) -> None:
    line = f"{arrow} {delivery['TargetArn']}  {delivery['State']}  {delivery['DeliveryId']}"
    node = branch.add(_make_text(line, STATE_STYLES.get(delivery["State"], "")))
    node.add(_make_text(f"payload {delivery['Payload']}"))
    for attempt in delivery.get("AttemptLog", ()):
        said = [attempt.get(key) for key in ("ErrorCode", "ErrorMessage", "Output")]
        result = "  ".join(text for text in said if text) or "delivered"
        number, at = attempt["Number"], attempt["AttemptedAt"]
        node.add(_make_text(f"attempt {number}  {at}  {result}"))
    if not delivery.get("AttemptLog") and "ErrorCode" in delivery:
        node.add(
            _make_text(f"{delivery['ErrorCode']}  {delivery.get('ErrorMessage', '')}")
        )
    for letter in delivery.get("DeadLetters", ()):
        _add_delivery(node, letter, "☠")


def _make_text(line: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(make_visible(line), style)
