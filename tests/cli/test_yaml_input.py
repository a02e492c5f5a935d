"""YAML 1.2 scalars, and text that is no YAML."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.cli.yaml import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("OFF", "OFF"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("12", 12),
        ("-12", -12),
        ("+12", 12),
        ("010", 10),
        ("0o10", 8),
        ("0x1f", 31),
        ("-0x1f", -31),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        (".inf", float("inf")),
        ("1.2.3", "1.2.3"),
        ("2024-01-01", date(2024, 1, 1)),
        ("'010'", "010"),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x {c: 1}\nb:\n  <<: *x", {"a": {"c": 1}, "b": {"c": 1}}),
        ('{"a": "b"}', {"a": "b"}),
        ("", None),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    read = parse_yaml(text)

    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    "text", ["a: [", "a: b: c", "- a\nb", "!!python/name:os.x", "\x00"]
)
def test_text_that_is_no_plain_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_yaml(text)


@given(text=st.text(max_size=30))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_yaml(text)
