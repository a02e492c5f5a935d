"""`evcli local trace`: the story of an event, or of the last ones."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.output import (
    STATE_STYLES,
    choose_output,
    write_document,
    write_trees,
)
from evcli.cli.output.short_forms import (
    shorten_delivery_id,
    shorten_rule_arn,
    shorten_target_arn,
)
from evcli.cli.output.visible import make_visible
from evcli.inspection.traces import trace_event, trace_last_events

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from evcli.cli.session import Session
    from evcli.inspection.deliveries import Value


@click.command()
@click.argument("event_id", required=False, metavar="[EVENT_ID]")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    metavar="N",
    help="The last N events instead, as a list, the last one at the end.",
)
@click.pass_obj
def trace_command(session: Session, event_id: str | None, last: int | None) -> None:
    """Show an event, which rules it matches or why not, and what became of its deliveries.

    EVENT_ID may be cut short, as long as only one id begins like that; without it, it is
    the event that arrived last.

    A tree on a terminal, JSON elsewhere; --output json or yaml chooses. A delivery has a
    payload there only if that differs from the event, and an arrival has an event only
    if that differs from the first one of this id. Rules are judged as they are now,
    which need not be how they were when the event came; why no delivery came of it, is
    what was so then.
    """
    if event_id is not None and last is not None:
        raise ParamError("Name either an EVENT_ID or --last.")
    with closing(session.open_context()) as ctx:
        if event_id is not None:
            stories = [trace_event(ctx, event_id)]
        else:
            stories = trace_last_events(ctx, last or 1)
        if not stories:
            raise GeneralError("There is no event in the ledger.")
        output = choose_output(session, ctx)
        if output in ("table", "text") and session.options.get("query") is None:
            write_trees(session, map(build_tree, stories))
        else:
            value = stories[0] if last is None else stories
            write_document(session, "Trace", value, output)


def build_tree(story: Value) -> Tree:
    """Draw the story."""
    from rich.tree import Tree

    event = story["Event"]
    tree = Tree(_make_text(f"{_name(event)}  {story['EventId']}", "bold"))
    tree.add(_make_detail(event))
    for arrival in story["Arrivals"]:
        branch = tree.add(
            _make_text(
                f"{arrival['EventBusName']}  {arrival['Account']} {arrival['Region']}"
                f"  {arrival['AcceptedAt']}",
                "bold",
            )
        )
        own = arrival.get("Event")
        if own is not None:
            if _name(own) != _name(event):
                branch.add(_make_text(_name(own)))
            if own["detail"] != event["detail"]:
                branch.add(_make_detail(own))
        if "Reason" in arrival:
            branch.add(_make_text(f"○ {arrival['Reason']}"))
        for rule in arrival["Rules"]:
            mark, style = ("✔", "green") if rule["Matched"] else ("✘", "dim")
            reason = f"  {rule['Reason']}" if "Reason" in rule else ""
            branch.add(_make_text(f"{mark} {rule['Name']}{reason}", style))
        for delivery in arrival["Deliveries"]:
            _add_delivery(branch, delivery, "→")
    return tree


def _name(event: Value) -> str:
    return f"{event['source']}: {event['detail-type']}"


def _make_detail(event: Value) -> Text:
    return _make_text(json.dumps(event["detail"], ensure_ascii=False))


def _add_delivery(branch: Tree, delivery: Value, arrow: str) -> None:
    route = shorten_target_arn(delivery["TargetArn"])
    # A dead letter is its delivery's, and no rule's.
    if "DeadLetterOf" not in delivery:
        route = f"{shorten_rule_arn(delivery['RuleArn'])} → {route}"
    short = shorten_delivery_id(delivery["DeliveryId"])
    line = f"{arrow} {route}  {delivery['State']}  {short}"
    node = branch.add(_make_text(line, STATE_STYLES.get(delivery["State"], "")))
    if "Payload" in delivery:
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
