"""Scale: what commands cost in a store that holds much, by what they cost in a small one.

    python tests/benchmarks/bench_scale.py [--rules 100000] [--bus 10000]
        [--deliveries 5000000] [--runs N]

The large store has `--rules` rules, `--bus` of them on one event bus, and a ledger of
`--deliveries` deliveries; the small one ten rules and ten deliveries. Both are filled
straight through the store. Commands run in turn; medians. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from evcli.context import Context, VirtualClock, open_context
from evcli.operations import call
from evcli.operations.rules import ENABLED, store_rule
from evcli.store.deliveries import DELIVERED, Delivery, Event
from evcli.store.ledger_batch import LedgerBatch
from evcli.store.records import Rule
from evcli.store.upkeep.pruning import prune
from tests.benchmarks.measure import Command, evcli_environ, format_table, measure

BIN = Path(sys.executable).parent
EVCLI = str(BIN / "evcli")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
START = datetime(2024, 5, 14, 11, 0, tzinfo=UTC)
RULES_PER_BUS = 100
BATCH = 10_000
PATTERN = '{"source":["shop"],"detail-type":["kind-7"]}'
EVENT_ID = "00000000-0000-4000-8000-000000000005"
ENTRY = 'Source=shop,DetailType=kind-7,Detail="{}"'


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rules", type=int, default=100_000)
    parser.add_argument("--bus", type=int, default=10_000)
    parser.add_argument("--deliveries", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        fill(small, 10, 10, 10)
        fill(large, options.rules, options.bus, options.deliveries)
        sizes = [
            sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
            for path in (small, large)
        ]
        rows = measure_commands(small, large, options.runs)
        rows += measure_pruning(small, large)
    header = ("command", "ms, small store", "ms, large store", "ratio")
    print(format_table(header, rows))  # noqa: T201
    print(  # noqa: T201
        f"\nLarge: {options.rules:,} rules, {options.bus:,} of them on one event bus,"
        f" {options.deliveries:,} deliveries, {sizes[1] / 1e6:,.0f} MB."
    )


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


def measure_commands(small: Path, large: Path, runs: int) -> list[tuple[str, ...]]:
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
    }
    commands = []
    for name, each in words.items():
        for path in (small, large):
            environ = evcli_environ(path)
            commands.append(Command(f"{path.name} {name}", [EVCLI, *each], environ))
    tab = {"EVCLI_COMPLETE": "bash", "COMP_POINT": "37"}
    tab["COMP_LINE"] = "evcli describe-rule --name rule-00000"
    for path in (small, large):
        environ = {**evcli_environ(path), **tab}
        commands.append(Command(f"{path.name} TAB", [EVCLI], environ))
    medians = measure(commands, runs)
    return [
        format_row(name, medians[f"small {name}"], medians[f"large {name}"])
        for name in (*words, "TAB")
    ]


def measure_pruning(small: Path, large: Path) -> list[tuple[str, ...]]:
    """Prune where nothing is old enough, then a step of five events."""
    rows = []
    for name, age in (
        ("prune step, nothing to remove", START),
        ("prune step, five events", START + timedelta(milliseconds=5)),
    ):
        seconds = []
        for path in (small, large):
            ctx = open_context(str(path))
            begin = time.perf_counter()
            with ctx.store.transaction():
                prune(ctx.store.database, age, None, 500)
            seconds.append(time.perf_counter() - begin)
            ctx.close()
        rows.append(format_row(name, *seconds))
    return rows


def format_row(name: str, small: float, large: float) -> tuple[str, ...]:
    """Lay a measurement out."""
    return name, f"{small * 1000:.1f}", f"{large * 1000:.1f}", f"{large / small:.2f}"


if __name__ == "__main__":
    main()
