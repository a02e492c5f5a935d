"""Growth: what commands cost in a store that holds much, by their cost in a small one.

The large store has many rules, many of them on one event bus, and a ledger of a million
deliveries; the small one ten rules and ten deliveries. Both are filled straight through the
store.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from evcli.context import Context, VirtualClock, open_context
from evcli.operations import call
from evcli.operations.rules import ENABLED, store_rule
from evcli.store.deliveries import DELIVERED, Delivery, Event
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import Rule
from evcli.store.upkeep.pruning import prune
from tests.benchmarks.measure import (
    PROGRAM,
    QUEUE,
    ROUNDS,
    Command,
    Row,
    evcli_environ,
    measure,
    measure_size,
    show_ms,
    time_work,
)

START = datetime(2024, 5, 14, 11, 0, tzinfo=UTC)
RULES_PER_BUS = 100
BATCH = 10_000
PATTERN = '{"source":["shop"],"detail-type":["kind-7"]}'
EVENT_ID = "00000000-0000-4000-8000-000000000005"
ENTRY = 'Source=shop,DetailType=kind-7,Detail="{}"'
# Rules, those of them on one event bus, deliveries.
LARGE = (100_000, 10_000, 1_000_000)
LARGE_QUICKLY = (1_000, 500, 20_000)


def list_rows(quick: bool) -> list[Row]:
    """Fill both stores and run the same in each."""
    sizes, rounds = (LARGE_QUICKLY, 2) if quick else (LARGE, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        fill(small, 10, 10, 10)
        fill(large, *sizes)
        rules, on_one_bus, deliveries = sizes
        given = (
            f"{rules:,} rules, {on_one_bus:,} on one event bus, {deliveries:,}"
            f" deliveries, {measure_size(large) / 1e6:,.0f} MB"
        )
        return [
            *measure_commands(small, large, rounds, given),
            *measure_pruning(small, large, given),
        ]


def fill(path: Path, rules: int, on_one_bus: int, deliveries: int) -> None:
    """Make a store: rules of the default event bus, of others, a ledger."""
    ctx = open_context(str(path))
    ctx.clock = VirtualClock(START)
    ctx.store.database.relax_durability()
    with ctx.store.transaction():
        for number in range(rules):
            other = (number - on_one_bus) // RULES_PER_BUS
            bus = "default" if number < on_one_bus else f"bus-{other}"
            add_rule(ctx, bus, number)
    target = {"Id": "q", "Arn": QUEUE}
    call(ctx, "PutTargets", {"Rule": "rule-000007", "Targets": [target]})
    for first in range(0, deliveries, BATCH):
        with ctx.store.transaction(), LedgerBatch(ctx.store.database) as batch:
            for number in range(first, min(first + BATCH, deliveries)):
                add_delivery(ctx, batch, number)
    ctx.close()


def add_rule(ctx: Context, bus: str, number: int) -> None:
    """Store a rule for a detail-type of its own."""
    store_rule(
        ctx,
        Rule(
            account_id=ctx.account_id,
            region=ctx.region,
            event_bus_name=bus,
            name=f"rule-{number:06}",
            event_pattern=f'{{"source":["shop"],"detail-type":["kind-{number}"]}}',
            state=ENABLED,
            created_by=ctx.account_id,
        ),
    )


def add_delivery(ctx: Context, batch: LedgerBatch, number: int) -> None:
    """Store a finished delivery, and its event."""
    at = START + timedelta(milliseconds=number)
    event = Event(
        event_id=f"00000000-0000-4000-8000-{number:012}",
        account_id=ctx.account_id,
        region=ctx.region,
        event_bus_name="default",
        accepted_at=at,
        envelope='{"source":"shop","detail-type":"kind-7","detail":{}}',
    )
    batch.add_event(event)
    batch.add_delivery(
        Delivery(
            event=event,
            rule_arn=ctx.rule_arn("default", "rule-000007"),
            target={"Id": "q", "Arn": QUEUE},
            payload=event.envelope,
            state=DELIVERED,
            attempts=1,
            finished_at=at,
        )
    )


def measure_commands(small: Path, large: Path, rounds: int, given: str) -> list[Row]:
    """Run the same commands in both stores."""
    words = {
        "describe-rule": ["describe-rule", "--name", "rule-000007"],
        "put-rule": ["put-rule", "--name", "rule-000007", "--event-pattern", PATTERN],
        "put-events, one entry": ["put-events", "--entries", ENTRY],
        "list-rules, one page": ["list-rules", "--max-items", "10"],
        "list-targets-by-rule": ["list-targets-by-rule", "--rule", "rule-000007"],
        "local deliveries, the newest 10": ["local", "deliveries", "--limit", "10"],
        "local deliveries --failed": ["local", "deliveries", "--failed"],
        "local deliveries of an event": ["local", "deliveries", "--event-id", EVENT_ID],
        "local tick": ["local", "tick"],
        "TAB": [],
    }
    tab = {"EVCLI_COMPLETE": "bash", "COMP_POINT": "37"}
    tab["COMP_LINE"] = "evcli describe-rule --name rule-00000"
    commands = []
    for name, each in words.items():
        for path in (small, large):
            environ = {**evcli_environ(path), **({} if each else tab)}
            commands.append(Command(f"{path.name} {name}", [*PROGRAM, *each], environ))
    medians = measure(commands, rounds)
    return [
        build_row(name, medians[f"small {name}"], medians[f"large {name}"], given, rounds)
        for name in words
    ]  # fmt: skip


def measure_pruning(small: Path, large: Path, given: str) -> list[Row]:
    """Prune where nothing is old enough, then a step of five events."""
    rows = []
    for name, age in (
        ("prune step, nothing to remove", START),
        ("prune step, five events", START + timedelta(milliseconds=5)),
    ):
        seconds = []
        for path in (small, large):
            ctx = open_context(str(path))
            with ctx.store.transaction():
                step = partial(prune, ctx.store.database, age, None, 500)
                seconds.append(time_work(step))
            ctx.close()
        rows.append(build_row(name, *seconds, given, 1))
    return rows


def build_row(name: str, small: float, large: float, given: str, rounds: int) -> Row:
    """Lay a measurement out."""
    figures = f"{show_ms(large)} ÷ {show_ms(small)}"
    return Row(f"{name}, large ÷ small", large / small, figures, given, rounds)
