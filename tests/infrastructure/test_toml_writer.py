"""TOML for people: whatever is written reads back as it was, and legibly."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.infrastructure.toml_writer import format_string, format_toml

# Everything that UTF-8 can carry, with what means something to TOML more often.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("'\"\\\n\r\t\x7f{}=#[].a"),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_written_reads_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(format_toml(table)) == table


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        ("", '""'),
        ("it's", '"it\'s"'),
        ('{"a":["b"]}', '\'{"a":["b"]}\''),
        ("back\\slash", "'back\\slash'"),
        ('"it\'s"', '"\\"it\'s\\""'),
        ('{\n  "a": 1\n}', "'''\n{\n  \"a\": 1\n}'''"),
        ("a\n'''\n", "\"a\\n'''\\n\""),
        ("a\n'", '"a\\n\'"'),
        ("a\r\nb", '"a\\r\\nb"'),
        ("tab\t", '"tab\\t"'),
        ("\x7f", '"\\u007f"'),
        ("ünïcode", '"ünïcode"'),
    ],
)
def test_a_text_is_written_as_legibly_as_it_can_be(text: str, written: str) -> None:
    assert format_string(text) == written
    assert tomllib.loads(f"a = {written}") == {"a": text}


def test_tables_have_headings_and_lists_a_line_for_each_item() -> None:
    table = {
        "a": {
            "b.c": {"n": 1, "on": True, "d": {"x": "y"}},
            "none": {},
            "list": [1, {"k": "v", "deep": [{}]}],
        }
    }

    assert format_toml(table) == (
        "[a]\n"
        "list = [\n"
        "    1,\n"
        '    { k = "v", deep = [{}] },\n'
        "]\n"
        "\n"
        '[a."b.c"]\n'
        "n = 1\n"
        "on = true\n"
        "\n"
        '[a."b.c".d]\n'
        'x = "y"\n'
        "\n"
        "[a.none]\n"
    )
