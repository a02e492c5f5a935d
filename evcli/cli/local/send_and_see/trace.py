"""`evcli local trace`: the story of one event."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.send_and_see.delivery_output import (
    choose_output,
    describe_attempt,
    describe_delivery,
    format_instant,
)
from evcli.cli.local.state.document_output import write_document
from evcli.cli.output.visible import make_visible
from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain
from evcli.store.records import Rule

if TYPE_CHECKING:
    from typing import Any

    from rich.text import Text
    from rich.tree import Tree

    from evcli.cli.local.send_and_see.delivery_output import Row
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.patterns.explain import PatternVerdict
    from evcli.store.deliveries import Delivery, Event

STYLES = {"FAILED": "red", "RETRYING": "yellow", "DELIVERED": "green"}


@click.command(short_help="Tell where an event went, and why not elsewhere")
@click.argument("event_id")
@click.pass_obj
def command(session: Session, event_id: str) -> None:
    """Show an event, which rules it matches or why not, and what became of its deliveries.

    A tree on a terminal, JSON elsewhere; --output json or yaml chooses. Rules are
    judged as they are now, which need not be how they were when the event came.
    """
    with closing(session.open_context()) as ctx:
        story = describe_event(ctx, event_id)
        output = choose_output(session, ctx)
        if output in ("table", "text") and session.options.get("query") is None:
            _show_tree(session, story)
        else:
            write_document(session, "Trace", story, output)


def describe_event(ctx: Context, event_id: str) -> Row:
    """Tell an event's story as a JSON value, one arrival for each event bus it came to.

    Raises: GeneralError: the ledger does not know the event.
    """
    arrivals = ctx.store.ledger.list_events(event_id)
    if not arrivals:
        raise GeneralError(f"There is no event {event_id} in the ledger.")
    deliveries = list(ctx.store.ledger.list_deliveries(event_id=event_id))
    return {
        "EventId": event_id,
        "Event": _load_printable(arrivals[0].envelope),
        "Arrivals": [
            {
                "EventBusName": event.event_bus_name,
                "Account": event.account_id,
                "Region": event.region,
                "AcceptedAt": format_instant(event.accepted_at),
                "Rules": _judge_rules(ctx, event),
                "Deliveries": _nest(
                    ctx, [each for each in deliveries if _is_of(each, event)]
                ),
            }
            for event in arrivals
        ],
    }


def _load_printable(text: str) -> Any:
    """Load JSON; half a surrogate pair, which no stream takes, becomes `?`."""
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return json.loads(whole.encode("utf-8", "replace"))


def _is_of(delivery: Delivery, event: Event) -> bool:
    return delivery.event.event_key == event.event_key


def _judge_rules(ctx: Context, event: Event) -> list[Row]:
    bus = (event.account_id, event.region, event.event_bus_name)
    leaves, envelope = read_event(event.envelope), json.loads(event.envelope)
    judged = []
    for rule in ctx.store.list_records(Rule, *bus):
        matched, reason = False, None
        if rule.state == "DISABLED":
            reason = "The rule is disabled."
        elif rule.event_pattern is None:
            # A scheduled event names the rule that it comes from.
            matched = rule.arn in envelope["resources"]
            matched = matched and envelope["source"] == "aws.events"
            if not matched:
                reason = "The rule has a schedule and no event pattern."
        else:
            verdict = explain(compile_pattern(rule.event_pattern), leaves)
            matched = verdict.matched
            reason = None if matched else find_reason(verdict)
        row = {"Name": rule.name, "Matched": matched, "Reason": reason}
        judged.append({key: value for key, value in row.items() if value is not None})
    return judged


def find_reason(verdict: PatternVerdict) -> str:
    """Word the first thing that keeps a pattern from matching."""
    for alternative in verdict.alternatives:
        for field in alternative.fields:
            if not field.matched:
                found = ", ".join(field.values) or "nothing"
                hint = f" ({field.hint})" if field.hint else ""
                return f"{field.path}: {found} is not {field.constraint}{hint}"
        if alternative.note:
            return alternative.note
    return "The pattern does not match."


def _nest(ctx: Context, deliveries: list[Delivery]) -> list[Row]:
    """Lay deliveries out, each dead letter inside the delivery that it reports."""
    rows: dict[int, Row] = {}
    top = []
    for delivery in deliveries:
        row = describe_delivery(delivery)
        attempts = ctx.store.ledger.list_attempts(delivery.delivery_key)
        if attempts:
            row["AttemptLog"] = list(map(describe_attempt, attempts))
        rows[delivery.delivery_key] = row
        parent = rows.get(delivery.dead_letter_of or 0)
        if parent is None:
            top.append(row)
        else:
            parent.setdefault("DeadLetters", []).append(row)
    return top


# -- the tree


def _show_tree(session: Session, story: Row) -> None:
    from rich.console import Console

    # Lines are cut for nobody but a terminal, which wraps them inside the tree.
    width = None if session.stdout.isatty() else 1_000_000
    Console(file=session.stdout, highlight=False, width=width).print(build_tree(story))


def build_tree(story: Row) -> Tree:
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
        for row in arrival["Deliveries"]:
            _add_delivery(branch, row, "→")
    return tree


def _add_delivery(branch: Tree, row: Row, arrow: str) -> None:
    line = f"{arrow} {row['TargetArn']}  {row['State']}  {row['DeliveryId']}"
    node = branch.add(_make_text(line, STYLES.get(row["State"], "")))
    node.add(_make_text(f"payload {row['Payload']}"))
    for attempt in row.get("AttemptLog", ()):
        said = [attempt.get(key) for key in ("ErrorCode", "ErrorMessage", "Output")]
        words = "  ".join(text for text in said if text) or "delivered"
        node.add(
            _make_text(
                f"attempt {attempt['Number']}  {attempt['AttemptedAt']}  {words}"
            )
        )
    if not row.get("AttemptLog") and "ErrorCode" in row:
        node.add(_make_text(f"{row['ErrorCode']}  {row.get('ErrorMessage', '')}"))
    for letter in row.get("DeadLetters", ()):
        _add_delivery(node, letter, "☠")


def _make_text(line: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(make_visible(line), style)
