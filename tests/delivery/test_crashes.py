"""Processes killed anywhere: no event is lost, file sinks hold each delivery once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.delivery.scheduled.scheduler import set_clock, tick
from evcli.operations import call as call_operation
from evcli.store.deliveries import DELIVERED
from evcli.store.directory.configuration_file import write_configuration
from tests.delivery.crash_driver import crash

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

pytestmark = pytest.mark.slow

QUEUES = [f"arn:aws:sqs:us-east-1:000000000000:q{n}" for n in (1, 2)]


@pytest.fixture
def rule(call: Callable[..., Any]) -> None:
    """A rule with two file sinks behind it."""
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    targets = [{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(QUEUES)]
    call("PutTargets", Rule="r", Targets=targets)


def read_lines(state_directory: Path) -> Counter[str]:
    """Count the lines of all file sinks by delivery id."""
    return Counter(
        json.loads(line)["deliveryId"]
        for path in (state_directory / "sinks").rglob("*.jsonl")
        for line in path.read_text().splitlines()
    )


def read_ledger(ctx: Context) -> dict[str, str]:
    """Say for every delivery in which state it is."""
    deliveries = ctx.store.ledger.list_deliveries()
    return {each.delivery_id: each.state for each in deliveries}


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("how", ["lines", "moments"])
def test_put_events_killed_anywhere_loses_and_repeats_nothing(
    ctx: Context, state_directory: Path, how: str, kills: int
) -> None:
    killed, left = crash(state_directory, how, "put", kills)

    # Any later put-events makes what is left, whatever it is about.
    entry = {"Source": "other", "DetailType": "x", "Detail": "{}"}
    with_real_clock = open_context(str(state_directory))
    call_operation(with_real_clock, "PutEvents", {"Entries": [entry]})
    with_real_clock.close()

    assert killed == kills
    # How many of twenty moments fall between commit and delivery is up to the machine.
    assert left > 0 or how == "moments"
    ledger = read_ledger(ctx)
    assert set(ledger.values()) == {DELIVERED}
    assert read_lines(state_directory) == dict.fromkeys(ledger, 1)


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("how", ["lines", "moments"])
def test_workers_killed_between_retries_lose_and_repeat_nothing(
    ctx: Context, state_directory: Path, how: str, kills: int
) -> None:
    sinks = [{"arn": "*", "kind": "file", "fail_first": 1}]
    write_configuration(str(state_directory / "config.toml"), {"sinks": sinks})
    set_clock(ctx, ctx.clock.now())

    killed, _ = crash(state_directory, how, "tick", kills)

    assert killed == kills
    worker = open_context(str(state_directory))
    tick(worker, worker.clock.now() + timedelta(days=1))
    attempts = {each.attempts for each in worker.store.ledger.list_deliveries()}
    worker.close()
    ledger = read_ledger(ctx)
    assert set(ledger.values()) == {DELIVERED}
    assert attempts == {2}
    assert read_lines(state_directory) == dict.fromkeys(ledger, 1)


@pytest.mark.usefixtures("rule")
def test_an_interrupt_in_the_middle_leaves_the_rest_to_the_next_command(
    ctx: Context, call: Callable[..., Any], state_directory: Path
) -> None:
    class Interrupted:
        """Lets one delivery through and is interrupted at the next one."""

        is_buffered = False
        is_exactly_once = False

        def __init__(self) -> None:
            self.ids: list[str] = []
            self.interrupted = False

        def deliver(self, delivery: Any, _request: Any) -> Any:
            from evcli.context import Outcome

            if len(self.ids) == 1 and not self.interrupted:
                self.interrupted = True
                raise KeyboardInterrupt
            self.ids.append(delivery.delivery_id)
            return Outcome()

        def flush(self) -> None:
            """Nothing to do."""

    entries = [{"Source": "shop", "DetailType": "x", "Detail": "{}"}] * 3
    ctx.sinks[QUEUES[1]] = sink = Interrupted()

    with pytest.raises(KeyboardInterrupt):
        call("PutEvents", Entries=entries)
    call("PutEvents", Entries=[{**entries[0], "Source": "other"}])

    ledger = read_ledger(ctx)
    assert len(ledger) == 6
    assert set(ledger.values()) == {DELIVERED}
    ids = read_lines(state_directory)
    assert len(ids) == 3
    ids.update(sink.ids)
    assert ids == dict.fromkeys(ledger, 1)
