"""How many events per second the index matches, relative to parsing them.

    python -m tests.benchmarks.bench_index [--events 20000] [--rounds 5]

Prints Markdown. `orjson.loads` alone is the unit; the index's time includes it. Things are
measured in turn in processor time, medians are reported, and match counts are checked
in every round.

With `--peers`, those that can be imported are measured too: moto's matcher and PyPI's
`event-ruler` (where it knows all operators), both rule by rule over fewer events.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

from evcli.patterns import compile_pattern
from evcli.patterns.matching.index import PatternIndex
from tests.benchmarks import city_lots
from tests.benchmarks.measure import format_table
from tests.benchmarks.shapes import make_events, make_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COUNTS = (1, 100, 1_000, 10_000, 100_000)
MUST = {1: 0.40, 100: 0.25, 1_000: 0.12, 10_000: 0.06}
AIM = {1: 0.68, 100: 0.40, 1_000: 0.23, 10_000: 0.11}
# Peers that try rule by rule get this many rule-and-event pairs.
PAIRS_FOR_PEERS = 200_000


def build_index(rules: Sequence[str]) -> PatternIndex:
    """File the rules under their numbers."""
    index = PatternIndex()
    for number, text in enumerate(rules):
        index.add(number, compile_pattern(text))
    return index


def time_in_turn(
    runs: dict[str, Callable[[], int]], rounds: int
) -> dict[str, tuple[float, int]]:
    """Time each run once per round; give median seconds and the count it returned."""
    counts = {name: run() for name, run in runs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            count = run()
            seconds[name].append(time.process_time() - start)
            if count != counts[name]:
                raise SystemExit(f"{name}: {count} matches, {counts[name]} before")
    return {name: (statistics.median(seconds[name]), counts[name]) for name in runs}


def run_parser(events: Sequence[bytes]) -> int:
    """Parse only."""
    loads = orjson.loads
    for event in events:
        loads(event)
    return 0


def run_index(index: PatternIndex, events: Sequence[bytes]) -> int:
    """Parse and match; count the matches."""
    loads, match = orjson.loads, index.match
    return sum(len(match(loads(event))) for event in events)


def make_peers(rules: Sequence[str], events: Sequence[bytes]) -> dict[str, Any]:
    """Make runs of the peers that can be imported, over fewer events."""
    few = [
        json.loads(event) for event in events[: max(PAIRS_FOR_PEERS // len(rules), 5)]
    ]
    peers: dict[str, Any] = {}
    try:
        from moto.events.models import EventPattern
    except ImportError:
        pass
    else:
        patterns = [EventPattern(text, json.loads(text)) for text in rules]
        peers["moto"] = (
            len(few),
            lambda: sum(p.matches_event(event) for event in few for p in patterns),
        )
    try:
        from event_ruler import test_event_pattern
    except ImportError:
        return peers
    texts = [json.dumps(event) for event in few[: len(few) // 10 + 1]]
    try:
        for rule in rules:
            test_event_pattern(texts[0], rule)
    except RuntimeError:  # it does not know all operators
        return peers
    peers["event-ruler"] = (
        len(texts),
        lambda: sum(test_event_pattern(text, rule) for text in texts for rule in rules),
    )
    return peers


def measure_rules(
    name: str, rules: Sequence[str], events: Sequence[bytes], rounds: int, peers: bool
) -> list[object]:
    """Measure one set of rules; give a row of the table."""
    start = time.perf_counter()
    index = build_index(rules)
    building = (time.perf_counter() - start) / len(rules)
    gc.collect()
    gc.freeze()
    runs: dict[str, Callable[[], int]] = {
        "parser": lambda: run_parser(events),
        "index": lambda: run_index(index, events),
    }
    sizes = {"parser": len(events), "index": len(events)}
    for peer, (size, run) in make_peers(rules, events).items() if peers else ():
        sizes[peer] = size
        runs[peer] = run
    times = time_in_turn(runs, rounds)
    gc.unfreeze()
    rates = {run: sizes[run] / times[run][0] for run in runs}
    row: list[object] = [
        name,
        f"{rates['index']:,.0f}",
        f"{rates['index'] / rates['parser']:.3f}",
        f"{times['index'][1] / len(events):.3f}",
        f"{1e6 * building:.0f}",
    ]
    for peer in ("moto", "event-ruler"):
        row.append(f"{rates[peer]:,.0f}" if peer in rates else "-")
    return row


def name_rules(count: int, profile: str) -> str:
    """Name a set of rules, with its budget where it has one."""
    budget = f" (must {MUST[count]}, aim {AIM[count]})" if count in MUST else ""
    return f"{count} {profile}{budget}"


def main(arguments: Sequence[str]) -> None:
    """Measure everything and print tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["mixed", "exact", "lots"])
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args(arguments)
    head = [
        "rules", "events/s", "÷ orjson", "matches/event", "µs to add a rule",
        "moto events/s", "event-ruler events/s",
    ]  # fmt: skip
    events = [text.encode() for text in make_events(options.events)]
    for profile in ("mixed", "exact"):
        if options.only in (None, profile):
            rows = [
                measure_rules(
                    name_rules(count, profile),
                    make_rules(count, profile),
                    events,
                    options.rounds,
                    options.peers,
                )
                for count in COUNTS
            ]
            sys.stdout.write(format_table(head, rows) + "\n\n")
    if options.only in (None, "lots"):
        lots = [text.encode() for text in city_lots.make_events(options.events)]
        rows = [
            measure_rules(name, rules, lots, options.rounds, options.peers)
            for name, rules in city_lots.RULE_SETS.items()
        ]
        sys.stdout.write(format_table(head, rows) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
