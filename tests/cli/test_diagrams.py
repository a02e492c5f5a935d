"""Graphs as text: nodes are shared, and names of others stay inside of their labels."""

from __future__ import annotations

import re
from typing import Any

import pytest

from evcli.cli.output.diagrams import format_dot, format_mermaid

PREFIX = "arn:aws:events:us-east-1:000000000000"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
HOSTILE = 'a"]; end\nsubgraph x #quot; `b` <b>&amp; \\" | -->  %%{init}%% \x1b[31m é'


def make_target(arn: str, delivered: int = 0, failed: int = 0) -> dict[str, Any]:
    return {
        "Id": "1",
        "Arn": arn,
        "Delivered": delivered,
        "Failed": failed,
        "Waiting": 0,
    }


def make_graph(*names: str) -> list[dict[str, Any]]:
    rules = [
        {
            "Name": name,
            "Arn": f"{PREFIX}:rule/{name}",
            "State": "ENABLED",
            "Targets": [
                make_target(QUEUE, 1_200, 1),
                make_target(f"{PREFIX}:event-bus/b"),
            ],
        }
        for name in names
    ]
    rules[-1]["Unused"] = "disabled"
    buses = [{"Name": "default", "Rules": rules}, {"Name": "b", "Rules": []}]
    return [{"Account": "000000000000", "Region": "us-east-1", "EventBuses": buses}]


def test_a_target_of_two_rules_and_an_event_bus_are_one_node_each() -> None:
    assert format_mermaid(make_graph("x", "y")).splitlines() == [
        "flowchart LR",
        '    subgraph group1["000000000000 us-east-1"]',
        '        n1[("default")]',
        '        n2("x")',
        '        n3("y (disabled)")',
        '        n4[("b")]',
        "    end",
        '    n5["sqs:q"]',
        "    n1 --> n2",
        "    n1 --> n3",
        '    n2 -->|"1,200 delivered, 1 failed"| n5',
        "    n2 -.-> n4",
        '    n3 -->|"1,200 delivered, 1 failed"| n5',
        "    n3 -.-> n4",
    ]


def test_dot_says_the_same() -> None:
    assert format_dot(make_graph("x")).splitlines() == [
        "digraph events {",
        "    rankdir=LR;",
        "    subgraph cluster1 {",
        '        label="000000000000 us-east-1";',
        '        n1 [label="default", shape=cylinder];',
        '        n2 [label="x (disabled)", shape=box, style=rounded];',
        '        n3 [label="b", shape=cylinder];',
        "    }",
        '    n4 [label="sqs:q", shape=box];',
        "    n1 -> n2;",
        '    n2 -> n4 [label="1,200 delivered, 1 failed"];',
        "    n2 -> n3 [style=dashed];",
        "}",
    ]


def test_mermaid_gets_codes_for_whatever_could_mean_something() -> None:
    page = format_mermaid(make_graph(HOSTILE, "y"))

    [line] = [line for line in page.splitlines() if line.startswith("        n2")]
    assert re.fullmatch(r'        n2\("[\w .,:/*@+=()#;-]*"\)', line, re.ASCII)
    label = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), line)[12:-2]
    assert label == HOSTILE.replace("\x1b", "␛")
    assert len(page.splitlines()) == len(
        format_mermaid(make_graph("x", "y")).splitlines()
    )


def test_dot_escapes_quotes_and_backslashes() -> None:
    page = format_dot(make_graph('a"b\\'))

    assert r'label="a\"b\\ (disabled)"' in page


@pytest.mark.parametrize("write", [format_mermaid, format_dot])
def test_an_empty_graph_is_a_diagram(write: Any) -> None:
    assert len(write([]).splitlines()) in (1, 3)
