"""The index over many patterns; the evaluator is its referee.

The long comparison of a hundred thousand random cases runs as

    python -m tests.patterns.matching.test_index 100000
"""

from __future__ import annotations

import json
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.patterns import (
    EventPattern,
    EventTextError,
    EventTree,
    compile_pattern,
    match,
    read_event,
)
from evcli.patterns.matching.index import PatternIndex
from tests.patterns.cases import load_cases
from tests.patterns.random_cases import Obj, make_event, make_pattern, write

VALID = [case for case in load_cases() if case.error is None]
RULES_PER_INDEX = 12
EVENTS_PER_INDEX = 8


@pytest.mark.slow
def test_every_case_matches_in_an_index_of_all_cases_as_it_does_alone() -> None:
    patterns = {case.id: compile_pattern(case.pattern) for case in VALID}
    index = PatternIndex()
    for name, pattern in patterns.items():
        index.add(name, pattern)

    for case in VALID:
        for text in (case.event, case.whole_event):
            event = read_event(text)
            expected = {name for name in patterns if match(patterns[name], event)}
            actual = index.match(text)
            assert (case.id, sorted(actual)) == (case.id, sorted(expected))
            assert (case.id in expected) == case.matches


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.id)
def test_case_matches_in_an_index_of_its_own(case: object) -> None:
    index = PatternIndex()
    index.add("only", compile_pattern(case.pattern))  # type: ignore[attr-defined]

    actual = index.match(case.event)  # type: ignore[attr-defined]

    assert actual == ["only"] * case.matches  # type: ignore[attr-defined]


def make_rule(rng: Random) -> Obj:
    """Make a pattern; most pin source and detail-type somehow, as rules do."""
    tree = make_pattern(rng, rng.choice([1, 1, 2, 3]))
    for name in ("source", "detail-type"):
        if rng.random() < 0.75:
            texts = [rng.choice(["x", "y", "z", "10.0.0.1"])]
            if rng.random() < 0.3:
                texts.append(rng.choice(["x", Obj([("prefix", "y")]), True]))
            tree.insert(rng.randrange(len(tree) + 1), (name, texts))
    return tree


def make_envelope(rng: Random) -> Obj:
    """Make an event, mostly with one plain source and detail-type."""
    event = make_event(rng)
    for name in ("source", "detail-type"):
        kind = rng.random()
        if kind < 0.8:
            event = Obj(member for member in event if member[0] != name)
        if kind < 0.9:
            event.append((name, rng.choice(["x", "y", "010.0.0.1"])))
        elif kind < 0.95:
            event.append((name, ["x", ["y"], True]))
    return event


def compare_with_evaluator(seed: int) -> int:
    """Compare an index through additions and removals; give the number of matches."""
    rng = Random(seed)
    index = PatternIndex()
    patterns: dict[object, EventPattern] = {}
    matches = 0
    for _ in range(EVENTS_PER_INDEX):
        for _ in range(RULES_PER_INDEX // 3):
            name = rng.randrange(RULES_PER_INDEX)
            if rng.random() < 0.25 and name in patterns:
                index.remove(name)
                del patterns[name]
            else:
                patterns[name] = compile_pattern(write(make_rule(rng)))
                index.add(name, patterns[name])
        text = write(make_envelope(rng))
        for given_event, event in [
            (text, read_event(text)),
            (value := json.loads(text), EventTree(value)),
        ]:
            actual = index.match(given_event)
            expected = [name for name in patterns if match(patterns[name], event)]
            texts = {name: patterns[name].text for name in {*actual, *expected}}
            assert sorted(actual) == sorted(expected), (seed, text, texts)
            matches += len(actual)
    assert len(index) == len(patterns)
    return matches


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_index_equals_the_evaluator_while_patterns_come_and_go(seed: int) -> None:
    compare_with_evaluator(seed)


def test_a_name_is_reported_once_however_often_it_matches() -> None:
    index = PatternIndex()
    index.add("r", compile_pattern('{"$or": [{"a": ["x", "y"]}, {"b": [1]}]}'))

    assert index.match('{"a": ["x", "y", "x"], "b": 1}') == ["r"]


def test_adding_under_a_known_name_replaces_the_pattern() -> None:
    index = PatternIndex()
    index.add("r", compile_pattern('{"a": [1]}'))
    index.add("r", compile_pattern('{"a": [2]}'))

    assert [index.match('{"a": 1}'), index.match('{"a": 2}')] == [[], ["r"]]
    assert len(index) == 1


def test_removing_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        PatternIndex().remove("r")


def test_names_are_anything_hashable() -> None:
    index = PatternIndex()
    pattern = compile_pattern('{"a": [{"exists": true}]}')
    for name in (1, "1", ("default", "r"), None):
        index.add(name, pattern)

    assert set(index.match({"a": 5})) == {1, "1", ("default", "r"), None}


def test_a_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(EventTextError):
        PatternIndex().match("{")


def test_a_value_that_is_no_object_has_no_fields() -> None:
    index = PatternIndex()
    index.add("absent", compile_pattern('{"a": [{"exists": false}]}'))
    index.add("present", compile_pattern('{"a": [{"exists": true}]}'))

    assert [index.match(value) for value in ([], 5, None)] == [["absent"]] * 3


def test_very_deep_paths_are_read_without_recursion() -> None:
    path, depth = '{"a": ' * 900, 900
    index = PatternIndex()
    index.add("deep", compile_pattern(path + '["x"]' + "}" * depth))
    index.add("flat", compile_pattern('{"b": [1]}'))

    actual = index.match(path + '"x"' + "}" * depth)

    assert actual == ["deep"]


def test_thousands_of_patterns_come_and_go_leaving_nothing_behind() -> None:
    index = PatternIndex()
    rules = [
        compile_pattern(f'{{"source": ["s"], "detail-type": ["d"], "a": ["{number}"]}}')
        for number in range(2000)
    ]
    for number, pattern in enumerate(rules):
        index.add(number, pattern)
    event = {"source": "s", "detail-type": "d", "a": "1999"}
    before = index.match(event)

    for number in range(2000):
        index.remove(number)

    assert (before, index.match(event), len(index)) == ([1999], [], 0)


if __name__ == "__main__":
    RUNS = int(sys.argv[1]) // EVENTS_PER_INDEX
    TOTAL = sum(map(compare_with_evaluator, range(RUNS)))
    sys.stdout.write(
        f"{RUNS * EVENTS_PER_INDEX} events, {TOTAL} matches, no difference\n"
    )
