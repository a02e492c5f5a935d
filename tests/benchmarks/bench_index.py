"""How many events per second the index matches, by parsing them, and what adding costs.

`orjson.loads` alone is the yardstick; the index's time includes it. All in processor time,
with the collector off as in evcli's commands, and the matches are counted in every round.
moto's matcher tries rule by rule, so it gets fewer events.
"""

from __future__ import annotations

import gc
import json
import math
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import orjson

from evcli.bulk.backtest import Backtest
from evcli.patterns import compile_pattern
from evcli.patterns.matching.index import PatternIndex
from tests.benchmarks import city_lots
from tests.benchmarks.measure import ROUNDS, Row, measure_in_turn
from tests.benchmarks.shapes import make_events, make_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

COUNTS = (1, 100, 1_000, 10_000)
ADDED = (1_000, 100_000)
ADDED_QUICKLY = (1_000, 10_000)
PROFILES = ("mixed", "exact")
# moto gets so many pairs of rule and event.
PAIRS = 100_000


def list_rows(quick: bool) -> list[Row]:
    """Measure adding, and matching of rules by number and of city lots by kind."""
    rounds, count = (1, 1_000) if quick else (ROUNDS, 10_000)
    gc.disable()
    rows = measure_adding(ADDED_QUICKLY if quick else ADDED, rounds)
    events = [text.encode() for text in make_events(count)]
    for profile in PROFILES:
        for number in COUNTS:
            rules = make_rules(number, profile)
            what = f"match, {number:,} {profile}"
            rows.append(measure_matching(what, rules, events, rounds))
    for number in COUNTS[:-1]:
        rows.append(measure_backtest(make_rules(number, "mixed"), events, rounds))
    rows.append(measure_moto(make_rules(1_000, "mixed"), events, 1 if quick else 3))
    lots = [text.encode() for text in city_lots.make_events(count // 5)]
    sets = [
        measure_matching(f"match, {name}", rules, lots, rounds)
        for name, rules in city_lots.RULE_SETS.items()
    ]
    mean = math.exp(sum(math.log(row.value) for row in sets) / len(sets))
    what = "match, 16 sets for city lots, geometric mean ÷ orjson.loads"
    return [*rows, *sets, Row(what, mean, "", sets[0].given, rounds)]


def build_index(rules: Sequence[str]) -> PatternIndex:
    """File the rules under their numbers."""
    index = PatternIndex()
    for number, text in enumerate(rules):
        index.add(number, compile_pattern(text))
    return index


def measure_adding(counts: Sequence[int], rounds: int) -> list[Row]:
    """Compile and add rules, by their number."""
    all_rules = make_rules(max(counts), "mixed")
    runs = {}
    for count in counts:
        rules = all_rules[:count]
        # What is added is filed when an event of its kind comes.
        events = {
            pair: {"source": pair[0], "detail-type": pair[1]}
            for pair in map(read_pair, rules)
        }
        runs[str(count)] = partial(time_cpu, partial(add_all, rules, events.values()))
    seconds = measure_in_turn(runs, rounds)
    each = {count: seconds[str(count)] / count * 1e6 for count in counts}
    given = "mixed rules, compiled, added and filed"
    rows = [
        Row(f"adding a rule, at {count:,}, µs", cost, "", given, rounds)
        for count, cost in each.items()
    ]
    small, large = each.values()
    what = f"adding a rule, at {counts[1]:,} ÷ at {counts[0]:,}"
    figures = f"{large:.0f} µs ÷ {small:.0f} µs"
    return [*rows, Row(what, large / small, figures, given, rounds)]


def read_pair(rule: str) -> tuple[str, str]:
    """Read the source and detail-type that a rule is for."""
    pattern = json.loads(rule)
    return pattern["source"][0], pattern["detail-type"][0]


def add_all(rules: Sequence[str], events: Iterable[dict[str, str]]) -> None:
    """Build an index, and let an event of each kind come."""
    index = build_index(rules)
    for event in events:
        index.match(event)


def measure_matching(
    name: str, rules: Sequence[str], events: Sequence[bytes], rounds: int
) -> Row:
    """Match events with an index of rules, and parse them only, in turn."""
    index = build_index(rules)
    matches = run_index(index, events)
    gc.freeze()

    def run() -> None:
        if run_index(index, events) != matches:
            raise SystemExit(f"{name}: not {matches} matches")

    seconds = measure_in_turn(
        {
            "index": partial(time_cpu, run),
            "parser": partial(time_cpu, partial(run_parser, events)),
        },
        rounds,
    )
    rates = {what: len(events) / each for what, each in seconds.items()}
    return Row(
        f"{name} ÷ orjson.loads",
        rates["index"] / rates["parser"],
        f"{rates['index']:,.0f}/s ÷ {rates['parser']:,.0f}/s",
        f"{len(events):,} events of {len(b''.join(events)) // len(events)} bytes,"
        f" {matches / len(events):.2f} matches each",
        rounds,
    )


def measure_backtest(rules: Sequence[str], events: Sequence[bytes], rounds: int) -> Row:
    """Hold rules against lines as `local match` does, and parse them only, in turn."""
    backtest = Backtest(
        {str(number): text for number, text in enumerate(rules)},
        account_id="000000000000",
        region="us-east-1",
        now=datetime(2024, 5, 14, tzinfo=UTC),
    )
    block = b"\n".join(events)
    seconds = measure_in_turn(
        {
            "tally": partial(time_cpu, lambda: backtest.tally(block, 1)),
            "parser": partial(time_cpu, partial(run_parser, events)),
        },
        rounds,
    )
    return Row(
        f"local match, lines, {len(rules):,} mixed ÷ orjson.loads",
        seconds["parser"] / seconds["tally"],
        f"{len(events) / seconds['tally']:,.0f}/s",
        "one block, nothing lost of a line, no process started",
        rounds,
    )


def measure_moto(rules: Sequence[str], events: Sequence[bytes], rounds: int) -> Row:
    """Match parsed events with the index, and some of them with moto's matcher."""
    from moto.events.models import EventPattern

    patterns = [EventPattern(text, json.loads(text)) for text in rules]
    values = [json.loads(event) for event in events]
    few = values[: max(PAIRS // len(rules), 5)]
    index = build_index(rules)

    def run_moto() -> int:
        return sum(each.matches_event(value) for value in few for each in patterns)

    seconds = measure_in_turn(
        {
            "index": partial(time_cpu, lambda: [*map(index.match, values)]),
            "moto": partial(time_cpu, run_moto),
        },
        rounds,
    )
    ours, theirs = len(values) / seconds["index"], len(few) / seconds["moto"]
    return Row(
        f"match, {len(rules):,} mixed ÷ moto's matcher",
        ours / theirs,
        f"{ours:,.0f}/s ÷ {theirs:,.0f}/s",
        "parsed events",
        rounds,
    )


def run_parser(events: Sequence[bytes]) -> None:
    """Parse only."""
    loads = orjson.loads
    for event in events:
        loads(event)


def run_index(index: PatternIndex, events: Sequence[bytes]) -> int:
    """Parse and match; count the matches."""
    loads, match = orjson.loads, index.match
    count = 0
    for event in events:
        count += len(match(loads(event)))
    return count


def time_cpu(work: Callable[[], object]) -> float:
    """Do something; the seconds of processor time."""
    begin = time.process_time()
    work()
    return time.process_time() - begin
