"""`evcli local failover`: chooses the event bus of a global endpoint that serves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EAST = "arn:aws:events:us-east-1:000000000000:event-bus/orders"
WEST = "arn:aws:events:us-west-2:000000000000:event-bus/orders"
ROUTING = (
    "FailoverConfig={Primary={HealthCheck=arn:aws:route53:::healthcheck/0a},"
    "Secondary={Route=us-west-2}}"
)


@pytest.fixture
def endpoint_id(evcli_command: Callable[..., Any]) -> str:
    """The id of an endpoint over two event buses with a queue each."""
    for region in ("us-east-1", "us-west-2"):
        on_bus = ("--event-bus-name", "orders", "--region", region)
        queue = f"Id=q,Arn=arn:aws:sqs:{region}:000000000000:q"
        for words in (
            ("create-event-bus", "--name", "orders", "--region", region),
            ("put-rule", "--name", "r", *on_bus, "--event-pattern", '{"source":["s"]}'),
            ("put-targets", "--rule", "r", *on_bus, "--targets", queue),
        ):
            assert evcli_command(*words).code == 0, words
    made = evcli_command(
        *("create-endpoint", "--name", "global", "--routing-config", ROUTING),
        *("--replication-config", "State=DISABLED", "--event-buses"),
        *(f"EventBusArn={EAST}", f"EventBusArn={WEST}"),
    )
    assert made.code == 0, made
    shown = evcli_command("describe-endpoint", "--name", "global")
    return str(json.loads(shown.stdout)["EndpointId"])


def count_lines(state_directory: Path) -> dict[str, int]:
    """How many messages the queue of each region has."""
    return {
        region: len(path.read_text().splitlines()) if path.exists() else 0
        for region in ("us-east-1", "us-west-2")
        for path in [state_directory / f"sinks/sqs/000000000000/{region}/q.jsonl"]
    }


def test_failover_prints_the_event_bus_that_entries_then_reach(
    evcli_command: Callable[..., Any], endpoint_id: str, state_directory: Path
) -> None:
    put = (
        *("put-events", "--endpoint-id", endpoint_id),
        *("--entries", 'Source=s,DetailType=d,Detail="{}"'),
    )
    seen = []

    for to in ("secondary", "primary"):
        outcome = evcli_command("local", "failover", "global", to)
        assert evcli_command(*put).code == 0
        seen.append((tuple(outcome), count_lines(state_directory)))

    assert seen == [
        ((0, f"{WEST}\n", ""), {"us-east-1": 0, "us-west-2": 1}),
        ((0, f"{EAST}\n", ""), {"us-east-1": 1, "us-west-2": 1}),
    ]


def test_failover_of_an_unknown_endpoint_says_so(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command("local", "failover", "nope", "primary")

    assert tuple(outcome) == (
        254,
        "",
        "\nevcli: [ERROR]: An error occurred (ResourceNotFoundException):"
        " Endpoint nope does not exist.\n",
    )


@pytest.mark.usefixtures("endpoint_id")
def test_failover_looks_in_the_region_that_is_chosen(
    evcli_command: Callable[..., Any],
) -> None:
    words = ("local", "failover", "global", "secondary")

    assert evcli_command(*words, "--region", "us-west-2").code == 254
    assert evcli_command(*words, "--region", "us-east-1").code == 0


def test_failover_knows_two_places_only(evcli_command: Callable[..., Any]) -> None:
    outcome = evcli_command("local", "failover", "global", "tertiary")

    assert outcome.code == 252
    assert "'tertiary' is not one of 'primary', 'secondary'" in outcome.stderr


def test_failover_alone_shows_the_side_and_changes_nothing(
    evcli_command: Callable[..., Any], endpoint_id: str
) -> None:
    first = evcli_command("local", "failover", "global")
    evcli_command("local", "failover", "global", "secondary")

    shown = [evcli_command("local", "failover", "global") for _ in range(2)]

    assert tuple(first) == (0, f"primary\t{EAST}\n", "")
    assert [tuple(each) for each in shown] == 2 * [(0, f"secondary\t{WEST}\n", "")]
    assert evcli_command("local", "failover", "nope").code == 254
