"""`evcli local trace`: the story of an event, or of the last ones."""

from __future__ import annotations

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
from evcli.inspection.trace_lines import MATCHED, MISSED, TITLE, list_lines
from evcli.inspection.traces import trace_event, trace_last_events

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from evcli.cli.session import Session
    from evcli.inspection.deliveries import Value
    from evcli.inspection.trace_lines import Line

STYLES = {TITLE: "bold", MATCHED: "green", MISSED: "dim", **STATE_STYLES}


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

    lines = list_lines(story, shorten_delivery)
    branches = [Tree(_make_text(next(lines)))]
    for line in lines:
        del branches[line.depth :]
        branches.append(branches[-1].add(_make_text(line)))
    return branches[0]


def shorten_delivery(delivery: Value) -> tuple[str, str]:
    """Name where a delivery goes, and itself, so that both fit a line and can be typed."""
    route = shorten_target_arn(delivery["TargetArn"])
    # A dead letter is its delivery's, and no rule's.
    if "DeadLetterOf" not in delivery:
        route = f"{shorten_rule_arn(delivery['RuleArn'])} → {route}"
    return route, shorten_delivery_id(delivery["DeliveryId"])


def _make_text(line: Line) -> Text:
    from rich.text import Text

    return Text(make_visible(line.text), STYLES.get(line.role, ""))
