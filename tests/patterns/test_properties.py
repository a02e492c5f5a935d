"""What must hold for every pattern and event."""

from __future__ import annotations

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.errors import InvalidEventPatternException
from evcli.patterns import EventTree, compile_pattern, literal_keys, match, read_event
from evcli.patterns.explain import (
    PatternVerdict,
    explain,
    find_reason,
    format_verdict,
    verdict_to_dict,
)
from evcli.patterns.explain.verdicts import AlternativeVerdict
from tests.patterns.naive import naive_match
from tests.patterns.random_cases import make_event, make_pattern, write

# A seed shrinks badly but draws fast; the failing texts are in the assertion.
SEEDS = st.integers(0, 2**32)


@settings(max_examples=1500)
@given(SEEDS)
def test_match_is_what_trying_every_choice_gives(seed: int) -> None:
    rng = Random(seed)
    pattern, event = make_pattern(rng), make_event(rng)
    texts = (write(pattern), write(event))

    actual = match(compile_pattern(texts[0]), read_event(texts[1]))

    assert (texts, actual) == (texts, naive_match(pattern, event))


@settings(max_examples=500)
@given(SEEDS)
def test_match_inside_of_one_array_is_what_trying_every_choice_gives(seed: int) -> None:
    rng = Random(seed)
    rows = [make_event(rng, 1) for _ in range(rng.randint(1, 4))]
    pattern = type(rows[0])([("r", make_pattern(rng, 1))])
    event = type(rows[0])([("r", rows)])
    texts = (write(pattern), write(event))

    actual = match(compile_pattern(texts[0]), read_event(texts[1]))

    assert (texts, actual) == (texts, naive_match(pattern, event))


@settings(max_examples=300)
@given(SEEDS)
def test_explanation_equals_match_and_has_its_texts(seed: int) -> None:
    rng = Random(seed)
    pattern = compile_pattern(write(make_pattern(rng)))
    event = read_event(write(make_event(rng)))

    verdict = explain(pattern, event)

    assert verdict.matched == match(pattern, event)
    assert verdict_to_dict(verdict)["matched"] == verdict.matched
    assert format_verdict(verdict).startswith("✔" if verdict.matched else "✘")
    assert verdict.matched or find_reason(verdict) != "The pattern does not match."
    for alternative in list_alternatives(verdict):
        misses = sum(field.misses for field in alternative.fields)
        assert alternative.matched == (alternative.misses == 0)
        if alternative.note is None:
            assert alternative.matched == (misses == 0)


def list_alternatives(verdict: PatternVerdict) -> list[AlternativeVerdict]:
    """All alternatives, those of every `$or` among them."""
    found = list(verdict.alternatives)
    for alternative in found:
        for field in alternative.fields:
            if isinstance(field, PatternVerdict):
                found += field.alternatives
    return found


@settings(max_examples=500)
@given(SEEDS)
def test_a_matching_event_has_one_of_the_literal_keys(seed: int) -> None:
    rng = Random(seed)
    tree = make_pattern(rng, 2)
    for name in ("source", "detail-type"):
        if rng.random() < 0.6:
            leaf = [rng.choice(["x", "y", "10.0.0.1"]) for _ in range(2)]
            tree.insert(rng.randrange(len(tree) + 1), (name, leaf))
    pattern = compile_pattern(write(tree))
    keys = literal_keys(pattern)
    event = make_event(rng)
    own = {"source": rng.choice(["x", "y", "010.0.0.1"]), "detail-type": "x"}
    event = type(event)([*((n, v) for n, v in event if n not in own), *own.items()])

    is_filed = any(
        source in (None, own["source"]) and kind in (None, own["detail-type"])
        for source, kind in keys
    )

    assert is_filed or not match(pattern, read_event(write(event)))
    assert len(set(keys)) == len(keys) <= 16


def compile_or_refuse(text: str) -> str:
    """Compile; nothing but a pattern with that text or the reason may come of it."""
    try:
        pattern = compile_pattern(text)
    except InvalidEventPatternException as error:
        return error.reason
    assert pattern.alternatives
    return pattern.text


JSON_PIECES = st.lists(
    st.sampled_from(
        ['{', '}', '[', ']', ':', ',', '"a"', '"$or"', '"prefix"', '"anything-but"',
         '"numeric"', '"wildcard"', '"cidr"', '"exists"', '"**"', '"x/8"', '"<"',
         '1', '-', '0', '1e999', 'true', 'null', 'x', '"', '\\', ' ', '\n', '\ud800']
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=1000)
@given(JSON_PIECES.map("".join) | st.text())
def test_every_text_is_a_pattern_or_has_a_reason(text: str) -> None:
    outcome = compile_or_refuse(text)

    assert outcome == text or outcome.encode()


@settings(max_examples=500)
@given(SEEDS, st.integers(0, 200), st.sampled_from('{}[]":,\\0e\n'))
def test_a_damaged_pattern_is_a_pattern_or_has_a_reason(
    seed: int, offset: int, character: str
) -> None:
    text = write(make_pattern(Random(seed)))
    offset %= len(text)
    damaged = text[:offset] + character + text[offset + 1 :]

    outcome = compile_or_refuse(damaged)

    assert outcome == damaged or outcome.encode()


@settings(max_examples=300)
@given(SEEDS)
def test_a_parsed_event_matches_as_its_text_does(seed: int) -> None:
    rng = Random(seed)
    pattern = compile_pattern(write(make_pattern(rng)))
    # Repeated keys and spellings of numbers go first: both are lost in parsing.
    value = json.loads(write(make_event(rng)).replace("1e400", "7"))

    from_text = match(pattern, read_event(json.dumps(value)))

    assert match(pattern, EventTree(value)) == from_text
