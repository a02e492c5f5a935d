"""Backtests: the same verdicts as the evaluator, by one process or several."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from evcli.bulk.backtest import Backtest, Tally, tally_blocks
from evcli.bulk.peeking import SAMPLE, Peeker, get_decoder
from evcli.bulk.processes import identify
from evcli.patterns import compile_pattern, match, read_event
from evcli.patterns.matching.index import PatternIndex
from tests.patterns.cases import load_cases
from tests.patterns.random_cases import make_event, make_pattern, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evcli.bulk.backtest import Block

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
EVENTS: dict[str, Any] = {
    "account_id": "000000000000",
    "region": "us-east-1",
    "now": NOW,
}
CASES = [case for case in load_cases() if case.error is None]


def describe(tally: Tally) -> dict[str, Any]:
    return {name: getattr(tally, name) for name in Tally.__slots__}


def to_line(event: str) -> str:
    """Put the text of an event on one line."""
    return event.replace("\n", " ").replace("\r", " ")


@pytest.mark.parametrize("uses_orjson", [True, False])
def test_a_backtest_agrees_with_the_cases(uses_orjson: bool) -> None:
    rules = {case.id: case.pattern for case in CASES}
    backtest = Backtest(rules, **EVENTS, uses_orjson=uses_orjson)

    verdicts = {}
    for case in CASES:
        tally = backtest.tally(to_line(case.whole_event).encode(), 1)
        assert (tally.events, tally.problems) == (1, [])
        verdicts[case.id] = case.id in tally.rules

    assert verdicts == {case.id: case.matches for case in CASES}


# Each is peeked at, after lines that match nothing.
PEEKED = [
    '{"detail-type": "sold", "source": "shop", "source": "other"}',
    '{"detail-type": "sold", "source": "other", "source": "shop"}',
    '{"source": "shop", "detail-type": "sold", "detail-type": "other"}',
    '{"source": "shop", "sour\\u0063e": "other", "detail-type": "sold"}',
    '{"source": "shop", "detail-type": "sold", "detail\\u002dtype": "other"}',
    '{"source": "sho\\u0070", "detail-type": "sold"}',
    '{"source": ["other", "shop"], "detail-type": "sold"}',
    '{"source": "other", "detail-type": "sold", "detail": {"source": "shop"}}',
    '{"source": "other", "detail-type": "sold", "note": "\\"source\\""}',
    '{"source": "other", "detail-type": "sold", "detail": {"a": 1, "a": 2}}',
    '{"source": "other", "detail-type": "sold", "detail": 1e400}',
    '{"source": "other", "detail-type": "sold", "detail": NaN}',
    '{"source": "other", "detail-type": "sold", "detail": {}',
    '{"source": "other", "detail-type": "sold"} {}',
    '{"Source": "other", "DetailType": "sold", "Detail": "{}"}',
    '{"Source": "other", "DetailType": "sold", "Detail": "{"}',
    '{"Source": "shop", "DetailType": "sold", "Detail": {}}',
    '[{"source": "other", "detail-type": "sold"}]',
    '{"source": "other", "detail-type": "sold", "detail": "\xff"}',
    '{"source": "other", "detail-type": "sold", "detail": "\\q"}',
    '{"source": "other", "detail-type": "sold", "detail": 01}',
]


@pytest.mark.parametrize("line", PEEKED)
def test_to_peek_at_a_line_changes_nothing(line: str) -> None:
    rules = {"r": '{"source": ["shop"], "detail-type": ["sold"]}'}
    before = b'{"source": "other", "detail-type": "sold", "id": "e"}\n' * 5
    block = before + line.encode("latin-1")

    actual = Backtest(rules, **EVENTS).tally(block, 1)

    expected = Backtest(rules, **EVENTS, peeks=False).tally(block, 1)
    assert describe(actual) == describe(expected)


def test_a_peek_finds_what_no_rule_is_for_until_most_lines_have_rules() -> None:
    index = PatternIndex()
    index.add("r", compile_pattern('{"source": ["shop"], "detail-type": ["sold"]}'))
    decode = get_decoder()
    assert decode is not None
    hit = b'{"source": "shop", "detail-type": "sold", "detail": {}}'
    miss = b'{"source": "other", "detail-type": "sold", "detail": {}}'

    def peek(*lines: bytes) -> list[bool]:
        return [*map(Peeker(index, decode).is_hopeless, lines)]

    assert peek(hit, miss) == [False, True]
    assert peek(*[miss] * SAMPLE, hit, miss)[-2:] == [False, True]
    assert peek(*[hit] * SAMPLE, miss) == [False] * (SAMPLE + 1)


def test_a_rule_without_a_source_or_detail_type_leaves_nothing_to_be_peeked_at() -> (
    None
):
    index = PatternIndex()
    index.add("r", compile_pattern('{"source": ["shop"]}'))

    assert index.has_candidates("other", "sold")


def make_random_input(seed: int, count: int) -> tuple[dict[str, str], list[str]]:
    draw = Random(seed)
    rules = {f"r{n}": write(make_pattern(draw)) for n in range(40)}
    events = []
    for number in range(count):
        event = make_event(draw)
        event += [("detail-type", "d"), ("id", f"e{number}")]
        events.append(write(event))
    return rules, events


@pytest.mark.parametrize("uses_orjson", [True, False])
def test_counts_and_examples_are_those_of_the_evaluator(uses_orjson: bool) -> None:
    rules, events = make_random_input(3, 400)
    backtest = Backtest(rules, **EVENTS, uses_orjson=uses_orjson)

    tally = backtest.tally("\n".join(events).encode(), 0)

    patterns = {name: compile_pattern(text) for name, text in rules.items()}
    matched: dict[str, list[str]] = {}
    unmatched = []
    for number, text in enumerate(events):
        event = read_event(text)
        names = [name for name, pattern in patterns.items() if match(pattern, event)]
        for name in names:
            matched.setdefault(name, []).append(f"e{number}")
        if not names:
            unmatched.append(f"e{number}")
    assert sum(map(len, matched.values())) > 400
    assert unmatched
    expected = {name: (len(ids), ids[:3]) for name, ids in matched.items()}
    # One with repeated keys is named by its line.
    named = {
        name: (
            count,
            [f"e{each}" if isinstance(each, int) else each for each in ids],
        )
        for name, (count, ids) in tally.rules.items()
    }
    assert named == expected
    assert (tally.events, tally.unmatched_count) == (400, len(unmatched))


def cut(events: list[str], size: int, path: str | None = None) -> Iterator[Block]:
    """Cut lines into blocks, those of a file if a path is given."""
    stop = 0
    for first in range(0, len(events), size):
        lines = events[first : first + size]
        data = "".join(f"{line}\n" for line in lines).encode()
        start, stop = stop, stop + len(data)
        yield (
            first + 1,
            data,
            None if path is None else (identify(path), start, stop - start),
        )


def add_up(tallies: Iterator[Tally]) -> dict[str, Any]:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return describe(total)


def test_several_processes_say_what_one_says() -> None:
    rules, events = make_random_input(4, 300)
    events[17] = events[170] = "no JSON"

    one = add_up(tally_blocks(cut(events, 300), rules, 1, **EVENTS))
    many = [
        add_up(tally_blocks(cut(events, size), rules, jobs, **EVENTS))
        for size, jobs in ((7, 1), (7, 2), (50, 3), (300, 2))
    ]

    assert one["events"] == 298
    assert [number for _, number, _ in one["problems"]] == [18, 171]
    assert many == [one] * 4


def test_processes_that_read_the_file_themselves_say_the_same(tmp_path: Path) -> None:
    rules, events = make_random_input(5, 300)
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{line}\n" for line in events))

    one = add_up(tally_blocks(cut(events, 300), rules, 1, **EVENTS))
    many = [
        add_up(tally_blocks(cut(events, size, str(path)), rules, jobs, **EVENTS))
        for size, jobs in ((7, 2), (50, 3), (300, 2))
    ]

    assert one["events"] == 300
    assert many == [one] * 3


def test_several_files_and_bytes_are_shared_in_any_mix(tmp_path: Path) -> None:
    rules, events = make_random_input(6, 200)
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{line}\n" for line in events[:100]))
    blocks = [
        *cut(events[:100], 9, str(path)),
        *cut(events[100:], 9),
        *cut(events[:100], 30, str(path)),
    ]

    one = add_up(tally_blocks(iter(blocks), rules, 1, **EVENTS))

    assert one["events"] == 300
    assert add_up(tally_blocks(iter(blocks), rules, 3, **EVENTS)) == one


def test_no_input_is_no_events() -> None:
    assert add_up(tally_blocks(iter(()), {}, 2, **EVENTS)) == describe(Tally())


def test_what_a_process_was_at_that_died_is_done_again(tmp_path: Path) -> None:
    import multiprocessing

    rules, events = make_random_input(4, 300)
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{line}\n" for line in events))

    def kill_all(path: str | None) -> Iterator[Block]:
        for number, block in enumerate(cut(events, 10, path)):
            if number == 12:
                for child in multiprocessing.active_children():
                    assert child.pid is not None
                    os.kill(child.pid, signal.SIGKILL)
                    child.join()
            yield block

    one = add_up(tally_blocks(cut(events, 300), rules, 1, **EVENTS))
    many = [
        add_up(tally_blocks(kill_all(given), rules, 3, **EVENTS))
        for given in (None, str(path))
    ]

    assert many == [one] * 2
    assert multiprocessing.active_children() == []


def match_line(pattern: str, line: str) -> Tally:
    return Backtest({"r": pattern}, **EVENTS).tally(line.encode(), 7)


def test_an_entry_is_matched_as_the_event_that_put_events_would_make() -> None:
    pattern = json.dumps(
        {
            "version": ["0"],
            "id": [{"exists": True}],
            "source": ["s"],
            "detail-type": ["d"],
            "account": ["000000000000"],
            "region": ["us-east-1"],
            "time": ["2024-05-14T11:23:22Z"],
            "detail": {"a": [1.5]},
        }
    )
    entry = {"Source": "s", "DetailType": "d", "Detail": {"a": 1.5}}
    lines = [
        json.dumps(entry),
        json.dumps({**entry, "Detail": '{"a":1.50}'}),
        json.dumps({**entry, "Detail": '{"a":1,"a":15e-1}'}),
        json.dumps({**entry, "Time": "2024-05-14T13:23:22+02:00", "Resources": None}),
        json.dumps({**entry, "Time": "2023-05-14T11:23:22Z"}),
    ]

    tally = match_line(pattern, "\n".join(lines))

    assert tally.rules == {"r": (4, [7, 8, 9])}
    assert tally.unmatched == [11]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x", "Not JSON: Expecting value: line 1, column 1."),
        ("[1]", "Not a JSON object."),
        ("{}", "Neither an event nor an entry."),
        ('{"Source":"s","DetailType":"d","Detail":"[]"}', "Detail is malformed."),
        ('{"Source":"s","DetailType":"d","Detail":1}', "Neither an event nor an entry."),
        ('{"DetailType":"d","Detail":"{}"}', "Source is a required argument."),
        ('{"Source":"s","Detail":{}}', "DetailType is a required argument."),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_matched_are_told(line: str, problem: str) -> None:
    tally = match_line('{"source":["s"]}', f"{line}\n\n")

    assert tally.problems == [("", 7, problem)]
    assert (tally.events, tally.problem_count) == (0, 1)


def test_of_many_problems_the_first_are_told_and_all_counted() -> None:
    tally = match_line('{"source":["s"]}', "x\n" * 250)
    tally.add(match_line('{"source":["s"]}', "x\n" * 250))

    assert tally.problem_count == 500
    assert [number for _, number, _ in tally.problems] == list(range(7, 107))


def test_an_interrupt_of_the_terminal_is_taken_by_the_first_process_alone() -> None:
    import multiprocessing

    rules, events = make_random_input(4, 100)

    def interrupt_all() -> Iterator[Block]:
        # They have just been started, and have come to nothing of their own yet.
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
        yield from cut(events, 10)

    many = add_up(tally_blocks(interrupt_all(), rules, 2, **EVENTS))

    assert many == add_up(tally_blocks(cut(events, 10), rules, 1, **EVENTS))
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
