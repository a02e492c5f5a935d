"""Graphs of `inspection.graph` as text: Mermaid, which GitHub draws, and DOT of Graphviz.

A target that several rules have is one node, and one that is an event bus of the graph is
that event bus. Nodes have made-up names; what others called things stands in labels only,
and those are quoted.
"""

from __future__ import annotations

import re

from evcli.arns import format_event_bus_arn
from evcli.cli.output.short_forms import shorten_target_arn
from evcli.cli.output.visible import make_visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Value = dict[str, Any]

WORDS = {"Delivered": "delivered", "Failed": "failed", "Waiting": "waiting"}
# Everything but these could mean something in a label.
_ODD = re.compile(r"[^\w .,:/*@+=()-]", re.ASCII)
SHAPES = {
    "bus": ("[({})]", "shape=cylinder"),
    "rule": ("({})", "shape=box, style=rounded"),
    "target": ("[{}]", "shape=box"),
}


class Drawing:
    """Nodes and edges of a graph, before they are written in a language.

    `groups` has the nodes of each account and region behind a title, `nodes` those
    outside: name, kind and label each. `edges` go from a name to a name and have a label,
    which is `None` on an edge that must always be, and "" where nothing came this way.
    """

    def __init__(self, graph: list[Value]) -> None:
        self.groups: list[tuple[str, list[tuple[str, str, str]]]] = []
        self.nodes: list[tuple[str, str, str]] = []
        self.edges: list[tuple[str, str, str | None]] = []
        self._names: dict[str, str] = {}
        for region_graph in graph:
            self._add_region(region_graph)
        for region_graph in graph:
            for bus in region_graph["EventBuses"]:
                for rule in bus["Rules"]:
                    self._add_targets(rule)

    def _add_region(self, region_graph: Value) -> None:
        account_id, region = region_graph["Account"], region_graph["Region"]
        nodes: list[tuple[str, str, str]] = []
        self.groups.append((f"{account_id} {region}", nodes))
        for bus in region_graph["EventBuses"]:
            arn = format_event_bus_arn(region, account_id, bus["Name"])
            bus_node = self._name(arn)
            nodes.append((bus_node, "bus", bus["Name"]))
            for rule in bus["Rules"]:
                unused = f" ({rule['Unused']})" if "Unused" in rule else ""
                node = self._name(rule["Arn"])
                nodes.append((node, "rule", f"{rule['Name']}{unused}"))
                self.edges.append((bus_node, node, None))

    def _add_targets(self, rule: Value) -> None:
        for target in rule["Targets"]:
            arn = target["Arn"]
            if arn not in self._names:
                label = shorten_target_arn(arn)
                self.nodes.append((self._name(arn), "target", label))
            edge = (self._name(rule["Arn"]), self._name(arn), format_counts(target))
            self.edges.append(edge)

    def _name(self, arn: str) -> str:
        return self._names.setdefault(arn, f"n{len(self._names) + 1}")


def format_counts(target: Value) -> str:
    """Say what became of what a target was to get: `2 delivered, 1 failed`."""
    counts = [f"{target[key]:,} {word}" for key, word in WORDS.items() if target[key]]
    return ", ".join(counts)


def format_mermaid(graph: list[Value]) -> str:
    """Format a flowchart of Mermaid, to be put between fences that say `mermaid`."""
    drawing = Drawing(graph)
    lines = ["flowchart LR"]
    for number, (title, nodes) in enumerate(drawing.groups, 1):
        lines.append(f"    subgraph group{number}[{_quote_mermaid(title)}]")
        lines += [f"        {_format_mermaid_node(*node)}" for node in nodes]
        lines.append("    end")
    lines += [f"    {_format_mermaid_node(*node)}" for node in drawing.nodes]
    for source, node, label in drawing.edges:
        text = f"|{_quote_mermaid(label)}|" if label else ""
        arrow = "-.->" if label == "" else "-->"
        lines.append(f"    {source} {arrow}{text} {node}")
    return "\n".join(lines) + "\n"


def _format_mermaid_node(name: str, kind: str, label: str) -> str:
    return name + SHAPES[kind][0].format(_quote_mermaid(label))


def _quote_mermaid(text: str) -> str:
    """Quote a label; odd characters become codes, `#34;`. Source: [doc] flowcharts."""
    return f'"{_ODD.sub(lambda match: f"#{ord(match[0])};", make_visible(text))}"'


def format_dot(graph: list[Value]) -> str:
    """Format a directed graph of Graphviz."""
    drawing = Drawing(graph)
    lines = ["digraph events {", "    rankdir=LR;"]
    for number, (title, nodes) in enumerate(drawing.groups, 1):
        lines.append(f"    subgraph cluster{number} {{")
        lines.append(f"        label={_quote_dot(title)};")
        lines += [f"        {_format_dot_node(*node)}" for node in nodes]
        lines.append("    }")
    lines += [f"    {_format_dot_node(*node)}" for node in drawing.nodes]
    for source, node, label in drawing.edges:
        style = f" [label={_quote_dot(label)}]" if label else ""
        style = " [style=dashed]" if label == "" else style
        lines.append(f"    {source} -> {node}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _format_dot_node(name: str, kind: str, label: str) -> str:
    return f"{name} [label={_quote_dot(label)}, {SHAPES[kind][1]}];"


def _quote_dot(text: str) -> str:
    """Quote a label; a backslash would else begin an escape."""
    text = make_visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
