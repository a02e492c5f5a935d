"""`evcli local graph`: event buses, rules and targets, and what came of them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import (
    STATE_STYLES,
    choose_output,
    write_document,
    write_list,
    write_trees,
)
from evcli.cli.output.columns import CUT, Column
from evcli.cli.output.diagrams import (
    WORDS,
    format_counts,
    format_dot,
    format_mermaid,
)
from evcli.cli.output.short_forms import shorten_target_arn
from evcli.cli.output.visible import make_visible
from evcli.inspection.graph import describe_graph, list_unused
from evcli.store.deliveries import DELIVERED, FAILED, RETRYING

if TYPE_CHECKING:
    from typing import Any

    from rich.text import Text
    from rich.tree import Tree

    from evcli.cli.session import Session

    Value = dict[str, Any]

TREE = "tree"
DIAGRAMS = {"mermaid": format_mermaid, "dot": format_dot}
STYLES = {
    "Delivered": STATE_STYLES[DELIVERED],
    "Failed": STATE_STYLES[FAILED],
    "Waiting": STATE_STYLES[RETRYING],
}

UNUSED_COLUMNS = (
    Column("Account", "ACCOUNT", drop=2),
    Column("Region", "REGION", drop=1),
    Column("EventBusName", "EVENT BUS", fit=CUT, least=12),
    Column("RuleName", "RULE", fit=CUT, least=16),
    Column(
        "TargetArn",
        "TARGET",
        lambda value: shorten_target_arn(value.get("TargetArn", "")),
        fit=CUT,
        least=12,
    ),
    Column("Reason", "WHY"),
)
UNUSED_MEMBERS = ("Account", "Region", "EventBusName", "RuleName", "TargetId", "Reason")


@click.command()
@click.option(
    "--format",
    "diagram",
    type=click.Choice([TREE, *DIAGRAMS]),
    help="A tree, a flowchart of Mermaid or a graph of Graphviz; a tree on a terminal"
    " and JSON elsewhere if absent.",
)
@click.option(
    "--unused",
    is_flag=True,
    help="List the rules and targets that nothing came to, and why.",
)
@click.pass_obj
def graph_command(session: Session, diagram: str | None, unused: bool) -> None:
    """Show which event bus has which rules, and these which targets, with how much was
    delivered to each, failed, or waits; for all accounts and regions.

    With --unused, list rules that have no targets, are disabled or never matched, and
    targets that were never reached though others of their rule were. Nothing that was
    pruned is counted, and of rules without targets nobody knows whether they match.
    """
    if unused and diagram is not None:
        raise click.UsageError("--unused is a list and has no --format.")
    with closing(session.open_context()) as ctx:
        graph = describe_graph(ctx)
        output = choose_output(session, ctx)
    if unused:
        found = list_unused(graph)
        write_list(session, "Unused", found, UNUSED_COLUMNS, UNUSED_MEMBERS, output)
    elif diagram in DIAGRAMS:
        session.write(DIAGRAMS[diagram](graph))
    elif diagram == TREE or (output == "table" and not session.options.get("query")):
        write_trees(session, map(build_tree, graph))
    else:
        write_document(session, "Graph", graph, output)


def build_tree(account: Value) -> Tree:
    """Draw the event buses of an account in a region."""
    from rich.tree import Tree

    tree = Tree(_to_text(f"{account['Account']} {account['Region']}", "bold"))
    for bus in account["EventBuses"]:
        branch = tree.add(_to_text(bus["Name"], "bold"))
        for rule in bus["Rules"]:
            node = branch.add(_describe(rule["Name"], rule))
            for target in rule["Targets"]:
                line = _describe(shorten_target_arn(target["Arn"]), target)
                for key in WORDS:
                    counts = format_counts(
                        {**dict.fromkeys(WORDS, 0), key: target[key]}
                    )
                    line.append(f"  {counts}" if counts else "", STYLES[key])
                node.add(line)
    return tree


def _describe(name: str, value: Value) -> Text:
    line = _to_text(name)
    if "Unused" in value:
        line.append(f"  {value['Unused']}", "dim")
    return line


def _to_text(line: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(make_visible(line), style)
