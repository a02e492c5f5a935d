"""`evcli local graph`: a tree for people, diagrams, JSON, and what is unused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context
from evcli.delivery.sinks.memory import MemorySink

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture(autouse=True)
def rules(ctx: Context, call: Callable[..., Any]) -> None:
    """A rule that delivered an event, and one without targets."""
    ctx.sinks[QUEUE] = MemorySink()
    for name in ("big", "bare"):
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="big", Targets=[{"Id": "1", "Arn": QUEUE}])
    call("PutEvents", Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])


TREE = [
    "000000000000 us-east-1",
    "└── default",
    "    ├── bare  no targets",
    "    └── big",
    "        └── sqs:q  1 delivered",
]


def test_a_terminal_gets_a_tree_and_so_does_who_asks(
    evcli_command: Callable[..., Outcome], run_on_terminal: Callable[..., list[str]]
) -> None:
    asked = evcli_command("local", "graph", "--format", "tree").stdout

    assert run_on_terminal("local", "graph") == TREE
    assert asked.splitlines() == TREE


def test_elsewhere_it_is_json_and_can_be_queried(
    evcli_command: Callable[..., Outcome],
) -> None:
    query = "[].EventBuses[].Rules[].Targets[].Delivered"

    [place] = json.loads(evcli_command("local", "graph").stdout)
    asked = evcli_command("local", "graph", "--query", query)

    assert [bus["Name"] for bus in place["EventBuses"]] == ["default"]
    assert json.loads(asked.stdout) == [1]


def test_diagrams_are_text_wherever_they_go(
    evcli_command: Callable[..., Outcome], run_on_terminal: Callable[..., list[str]]
) -> None:
    mermaid = evcli_command("local", "graph", "--format", "mermaid")
    dot = evcli_command("local", "graph", "--format", "dot")

    assert mermaid.stdout.startswith("flowchart LR\n")
    assert dot.stdout.startswith("digraph events {\n")
    assert run_on_terminal("local", "graph", "--format", "mermaid") == (
        mermaid.stdout.splitlines()
    )


def test_unused_is_a_list_of_its_own(
    evcli_command: Callable[..., Outcome], run_on_terminal: Callable[..., list[str]]
) -> None:
    found = json.loads(evcli_command("local", "graph", "--unused").stdout)
    as_text = evcli_command("local", "graph", "--unused", "--output", "text").stdout
    refused = evcli_command("local", "graph", "--unused", "--format", "dot")

    assert [(each["RuleName"], each["Reason"]) for each in found] == [
        ("bare", "no targets")
    ]
    assert as_text == "000000000000\tus-east-1\tdefault\tbare\tNone\tno targets\n"
    assert run_on_terminal("local", "graph", "--unused")[1].split() == [
        "000000000000", "us-east-1", "default", "bare", "no", "targets",
    ]  # fmt: skip
    assert (refused.code, refused.stdout) == (252, "")
