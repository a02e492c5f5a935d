"""The pull parser: the order of tokens, and how far it has read after each."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.errors import InvalidEventPatternException
from evcli.patterns.language.reader import MAX_DEPTH, Reader


def read_tokens(text: str) -> list[tuple[str, int]]:
    """Step through a text without taking strings."""
    reader = Reader(text)
    tokens = []
    while reader.advance():
        tokens.append((reader.token, reader.consumed))
    return tokens


def test_consumed_follows_the_pull_parser() -> None:
    text = '{"a": ["b", 12, {"c": null, "d": "e", "f": -1}]} '

    actual = [(token, text[:end]) for token, end in read_tokens(text)]

    assert actual == [
        ("{", "{"),
        ("name", '{"a": ['),
        ("[", '{"a": ['),
        ("string", '{"a": ["'),
        ("number", '{"a": ["b", 12'),
        ("{", '{"a": ["b", 12, {'),
        ("name", '{"a": ["b", 12, {"c": null'),
        ("null", '{"a": ["b", 12, {"c": null'),
        ("name", '{"a": ["b", 12, {"c": null, "d": "'),
        ("string", '{"a": ["b", 12, {"c": null, "d": "'),
        ("name", '{"a": ["b", 12, {"c": null, "d": "e", "f": -1'),
        ("number", '{"a": ["b", 12, {"c": null, "d": "e", "f": -1'),
        ("}", '{"a": ["b", 12, {"c": null, "d": "e", "f": -1}'),
        ("]", '{"a": ["b", 12, {"c": null, "d": "e", "f": -1}]'),
        ("}", '{"a": ["b", 12, {"c": null, "d": "e", "f": -1}]}'),
    ]


def test_a_string_is_consumed_once_it_is_taken() -> None:
    reader = Reader(r'["a\u0062\n", 1]')
    reader.advance()
    reader.advance()
    before = reader.consumed

    text = reader.take_text()

    assert (before, text, reader.consumed) == (2, "ab\n", 12)
    assert reader.take_text() == "ab\n"
    assert (reader.advance(), reader.value) == ("number", "1")


def test_the_value_of_a_token_is_its_text() -> None:
    reader = Reader('{"a": 1.50}')

    steps = [(reader.advance(), reader.value) for _ in range(4)]

    assert steps == [("{", "{"), ("name", "a"), ("number", "1.50"), ("}", "}")]


def test_a_fault_behind_the_current_token_is_not_noticed_yet() -> None:
    reader = Reader('["a" "b"]')
    reader.advance()
    reader.advance()

    with pytest.raises(InvalidEventPatternException) as caught:
        reader.advance()

    assert caught.value.reason == (
        "Unexpected character ('\"' (code 34)): was expecting comma to separate Array"
        ' entries\n at [Source: (String)"["a" "b"]"; line: 1, column: 6]'
    )


def test_nesting_is_limited() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH

    assert len(read_tokens(deepest)) == 2 * MAX_DEPTH
    with pytest.raises(InvalidEventPatternException) as caught:
        read_tokens(f"[{deepest}]")
    assert caught.value.reason.startswith(
        "Document nesting depth (1001) exceeds the maximum allowed (1000)\n at [Source"
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON_VALUES.filter(lambda value: value not in (float("inf"), float("-inf"))))
def test_every_json_text_is_read_to_its_end(value: object) -> None:
    try:
        text = json.dumps(value, allow_nan=False, indent=1)
    except ValueError:  # infinity somewhere inside is no JSON
        return
    reader = Reader(text)

    while reader.advance():
        pass

    assert reader.consumed == len(text)


def is_document(text: str) -> bool:
    """Read one value and see whether only blanks follow."""
    reader = Reader(text)
    depth = 0
    try:
        while token := reader.advance():
            depth += (token in "{[") - (token in "}]")
            if token == "string":
                reader.take_text()
            if depth == 0:
                break
    except InvalidEventPatternException:
        return False
    return token != "" and not text[reader.consumed :].strip(" \n")


def is_json(text: str) -> bool:
    """Ask Python, whose only extensions are these three names."""
    if "NaN" in text or "Infinity" in text:
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@given(st.text("{}[]\",:\\ \n01.-+eEtrufalsn/ux#'", max_size=30))
def test_a_text_is_read_to_its_end_exactly_if_it_is_json(text: str) -> None:
    assert is_document(text) == is_json(text)
