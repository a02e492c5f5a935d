"""The wildcard operator against regular expressions, its score against brute force."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.patterns.language.wildcards import (
    MAX_COMPLEXITY,
    WildcardError,
    fits,
    is_too_complex,
    parse_wildcard,
)

WILDCARDS = st.text(r"ab*\\", max_size=8)


@given(WILDCARDS, st.text(r"ab*\\", max_size=8))
def test_fits_is_what_the_equivalent_regular_expression_says(
    wildcard: str, text: str
) -> None:
    try:
        parts = parse_wildcard(wildcard)
    except WildcardError:
        return
    regex = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)

    assert fits(parts, text) == (regex.fullmatch(text) is not None)


@given(st.text(r"é*\\", max_size=8))
def test_parse_wildcard_refuses_two_stars_and_stray_backslashes_only(
    wildcard: str,
) -> None:
    tokens = re.findall(r"\\.|\\$|.", wildcard)
    faults = [
        sum(len(before.encode()) for before in tokens[:index]) + 1
        for index, token in enumerate(tokens)
        if (token[0] == "\\" and token not in ("\\*", "\\\\"))
        or tokens[index : index + 2] == ["*", "*"]
    ]

    try:
        parse_wildcard(wildcard)
        actual = None
    except WildcardError as error:
        actual = int(str(error).rpartition(" ")[2])

    assert actual == (faults[0] if faults else None)


def score(wildcards: list[str], longest: int) -> int:
    """Count, for the best of all inputs up to a length, the prefixes that fit it."""
    prefixes = []
    for wildcard in wildcards:
        quoted = f'"{wildcard}"'
        prefixes += [
            re.compile(quoted[:end].replace("*", "[^|]*"))
            for end in range(1, len(quoted) + 1)
        ]
    inputs = (
        '"' + "".join(choice)
        for length in range(longest + 1)
        for choice in product('ab"', repeat=length)
    )
    return max(
        sum(prefix.fullmatch(text) is not None for prefix in prefixes)
        for text in inputs
    )


@pytest.mark.parametrize(
    "wildcards",
    [
        ["*a*a"],
        ["*aba"],
        ["a*b", "*ab"],
        ["a*", "b*"],
        ["*a", "*b", "ab"],
        ["*", "*", "a"],
        ["*a*b*", "*b*a*"],
        ["a*a*a"],
    ],
)
def test_score_is_the_number_of_prefixes_that_one_input_fits(
    wildcards: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [parse_wildcard(wildcard) for wildcard in wildcards]
    expected = score(wildcards, longest=6)

    # The score itself is not kept: the highest limit that is passed betrays it.
    passed = []
    for limit in range(MAX_COMPLEXITY + 10):
        monkeypatch.setattr("evcli.patterns.language.wildcards.MAX_COMPLEXITY", limit)
        if is_too_complex(parts):
            passed.append(limit)

    assert passed == list(range(expected))
