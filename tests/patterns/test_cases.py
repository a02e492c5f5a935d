"""Every case through the evaluator and the explanation."""

from __future__ import annotations

import pytest

from evcli.errors import InvalidEventPatternException
from evcli.patterns import compile_pattern, match, read_event
from evcli.patterns.explain import explain
from tests.patterns.cases import Case, load_cases

CASES = load_cases()
VALID = [case for case in CASES if case.error is None]
REFUSED = [case for case in CASES if case.error is not None]


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.id)
def test_match_of_fragment_and_whole_event_is_that_of_the_case(case: Case) -> None:
    pattern = compile_pattern(case.pattern)
    texts = [case.event, case.whole_event]

    actual = [match(pattern, read_event(text)) for text in texts]

    assert actual == [case.matches, case.matches], case.comment


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.id)
def test_explanation_agrees_with_the_case(case: Case) -> None:
    pattern = compile_pattern(case.pattern)
    texts = [case.event, case.whole_event]

    actual = [explain(pattern, read_event(text)).matched for text in texts]

    assert actual == [case.matches, case.matches], case.comment


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_refused_pattern_has_the_reason_of_the_case(case: Case) -> None:
    with pytest.raises(InvalidEventPatternException) as caught:
        compile_pattern(case.pattern)

    assert caught.value.reason == case.error, case.comment


def test_cases_say_where_they_come_from_and_differ_from_each_other() -> None:
    marks = ("[aws]", "[doc]", "[peer]", "[guess]")

    unsourced = [case.id for case in CASES if not case.source.startswith(marks)]
    pairs = {(case.pattern, case.event) for case in CASES}

    assert unsourced == []
    assert len(pairs) == len(CASES) >= 450
