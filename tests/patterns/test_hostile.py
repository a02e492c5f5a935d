"""Patterns and events made to cost time: an answer or an error, within a second or so.

That is ten yardsticks; the limit is twice as much.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from evcli.errors import InvalidEventPatternException
from evcli.patterns import EventTextError, compile_pattern, match, read_event
from evcli.patterns.explain import explain, format_verdict
from tests.yardstick import measure

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.slow

LIMIT_YARDSTICKS = 20


def judge(pattern: str, event: str) -> bool | str:
    """Match; give the result, or the first line of the reason."""
    try:
        compiled = compile_pattern(pattern)
        parsed = read_event(event)
    except (InvalidEventPatternException, EventTextError) as error:
        return getattr(error, "reason", str(error)).partition("\n")[0]
    return match(compiled, parsed)


def join(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def random_text(rng: Random, length: int) -> str:
    return "".join(rng.choice("abcdefgh") for _ in range(length))


def satisfiability(variables: int, clauses: int) -> tuple[str, str]:
    """State a random 3-satisfiability problem as arrays that repeat one key."""
    rng = Random(1)
    problem = [
        [(rng.randrange(variables), rng.random() < 0.5) for _ in range(3)]
        for _ in range(clauses)
    ]
    arrays = [
        [
            join(
                f'"c{n}": 1' for n, clause in enumerate(problem) if (v, sign) in clause
            )
            for sign in (True, False)
        ]
        for v in range(variables)
    ]
    wanted = join(f'"c{number}": [1]' for number in range(clauses))
    event = join(f'"a": [{{{yes}}}, {{{no}}}]' for yes, no in arrays)
    return f'{{"a": {{{wanted}}}}}', f"{{{event}}}"


RNG = Random(7)
TOO_DEEP = "Document nesting depth (1001) exceeds the maximum allowed (1000)"
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating"
    " character sequences after a wildcard character"
)
TOO_MANY = (
    "Rule is too complex - the $or arrays multiply to more than 1000 alternatives"
)
PAIRS = [
    ("brackets", "[" * 100_000, "{}", "Filter is not an object"),
    ("braces", '{"a":' * 100_000, "{}", TOO_DEEP),
    ("deep alternatives", '{"$or":[' * 100_000, "{}", TOO_DEEP),
    ("a thousand levels", '{"a":' * 999 + '["x"]' + "}" * 999, "{}", False),
    (
        "deep event of arrays",
        '{"a": ["x"]}',
        '{"a":' + "[" * 100_000 + '"x"' + "]" * 100_000 + "}",
        "Document nesting depth (10001) exceeds the maximum allowed (10000).",
    ),
    (
        "deep event of objects",
        '{"a": ["x"]}',
        '{"a":' * 9_999 + '"x"' + "}" * 9_999,
        False,
    ),
    (
        "two fields below deep arrays",
        '{"a": {"b": [1], "c": [1]}}',
        '{"a":' + "[" * 9_990 + '{"b": 1, "c": 1}' + "]" * 9_990 + "}",
        True,
    ),
    (
        "alternatives that multiply",
        "{" + join(f'"{n}": {{"$or": [{{"a": [1]}}, {{"b": [1]}}]}}' for n in range(99)) + "}",
        "{}",
        TOO_MANY,
    ),
    (
        "many alternatives of many fields",
        "{" + join([
            *(f'"{n}": {{"$or": [{{"a": [1]}}, {{"b": [1]}}]}}' for n in range(9)),
            *(f'"x{n}": ["y"]' for n in range(300)),
        ]) + "}",
        "{" + join(f'"x{n}": "y"' for n in range(300)) + "}",
        False,
    ),
    (
        "nested alternatives",
        '{"$or": [{"a": [1]},' * 200 + '{"b": [1]}' + "]}" * 200,
        '{"b": 1}',
        True,
    ),
    (
        "a wildcard that repeats itself",
        '{"a": [{"wildcard": "*' + "ab" * 2_000 + '"}]}',
        "{}",
        TOO_COMPLEX,
    ),
    (
        "a long wildcard without repetition",
        '{"a": [{"wildcard": "*' + "".join(map(chr, range(0x4E00, 0x5D00))) + '*"}]}',
        '{"a": "x"}',
        False,
    ),
    (
        "two long random parts",
        f'{{"a": [{{"wildcard": "*{random_text(RNG, 2_000)}*{random_text(RNG, 2_000)}*"}}]}}',
        '{"a": "x"}',
        False,
    ),
    (
        "four long random wildcards",
        '{"a": [' + join(
            f'{{"wildcard": "*{random_text(RNG, 400)}*{random_text(RNG, 400)}"}}'
            for _ in range(4)
        ) + "]}",
        '{"a": "x"}',
        TOO_COMPLEX,
    ),
    (
        "many stars over a long text",
        '{"a": [{"wildcard": "*a*b*c*d*e*"}]}',
        '{"a": "' + "abcd" * 200_000 + '"}',
        False,
    ),
    (
        "a part that nearly fits everywhere",
        '{"a": [{"wildcard": "*' + "a" * 9 + 'b*"}]}',
        '{"a": "' + "a" * 800_000 + '"}',
        TOO_COMPLEX,
    ),
    (
        "letters of two forms",
        '{"a": [{"suffix": {"equals-ignore-case": "' + "ß" * 4_000 + '"}}]}',
        '{"a": "' + "S" * 100_000 + '"}',
        True,
    ),
    ("a long number", '{"a": [1' + "1" * 4_000 + "]}", '{"a": ' + "1" * 900_000 + "}", False),
    (
        "a number of many zeros",
        '{"a": [0.1]}',
        '{"a": 0.1' + "0" * 400_000 + "e" + "0" * 400_000 + "}",
        True,
    ),
    (
        "many addresses",
        '{"a": [' + join(f'"10.0.0.{n}"' for n in range(250)) + "]}",
        '{"a": [' + join(f'"10.0.1.{n % 255}"' for n in range(15_000)) + "]}",
        False,
    ),
    (
        "many elements that meet one half",
        '{"a": {"b": [1], "c": [1]}}',
        '{"a": [' + join('{"b": 1}, {"c": 1}' for _ in range(40_000)) + "]}",
        False,
    ),
    (
        "many fields in many elements",
        '{"a": {' + join(f'"b{n}": [1]' for n in range(300)) + "}}",
        '{"a": [' + join(f'{{"b{n % 300}": 1}}' for n in range(80_000)) + "]}",
        False,
    ),
    (
        "arrays that take turns in the order of names",
        "{" + join(
            f'"{name}": ["x"], "{name}.k": [1], "{name}.l": [1]'
            for name in ("a", "a!", "a!!", "a!!!", "a!!!!")
        ) + "}",
        "{" + join(
            f'"{name}": [' + join('["x", {"k": 1}], ["x", {"l": 1}]' for _ in range(25)) + "]"
            for name in ("a", "a!", "a!!", "a!!!", "a!!!!")
        ) + "}",
        False,
    ),
    ("a hard satisfiability problem", *satisfiability(40, 200), False),
    (
        "a long key above many fields",
        '{"' + "k" * 4_000 + '": ["x"]}',
        '{"' + "k" * 500_000 + '": {' + join(f'"a{n}": 1' for n in range(40_000)) + "}}",
        False,
    ),
    ("a key of dots", '{"' + "." * 4_000 + '": ["x"]}', '{"' + "." * 500_000 + '": "x"}', False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "event", "outcome"),
    [pair[1:] for pair in PAIRS],
    ids=[pair[0] for pair in PAIRS],
)
def test_hostile_input_gets_its_answer_in_time(
    pattern: str, event: str, outcome: bool | str
) -> None:
    actual, cost = measure(lambda: judge(pattern, event), LIMIT_YARDSTICKS)

    assert actual == outcome
    assert cost < LIMIT_YARDSTICKS


@pytest.mark.parametrize(
    ("pattern", "event"),
    [pair[1:3] for pair in PAIRS if isinstance(pair[3], bool)],
    ids=[pair[0] for pair in PAIRS if isinstance(pair[3], bool)],
)
def test_hostile_input_is_explained_in_time(pattern: str, event: str) -> None:
    compiled, parsed = compile_pattern(pattern), read_event(event)
    matched = match(compiled, parsed)

    def tell() -> tuple[bool, str]:
        verdict = explain(compiled, parsed)
        return verdict.matched, format_verdict(verdict)

    (is_match, text), cost = measure(tell, LIMIT_YARDSTICKS)

    assert (is_match, text != "") == (matched, True)
    assert cost < LIMIT_YARDSTICKS


def test_a_search_that_is_given_up_is_no_match_and_says_so() -> None:
    pattern, event = satisfiability(60, 250)

    verdict = explain(compile_pattern(pattern), read_event(event))

    assert [(item.matched, item.note) for item in verdict.alternatives] == [
        (
            False,
            "Too many combinations of array elements; the search was given up, which"
            " counts as no match.",
        )
    ]
