"""Where in a file a value stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.infrastructure.sources import JsonPositions, parse_source

YAML = """\
# comment
Resources:
  A: {Type: x, Properties: {Name: !Sub "a"}}
  B:
    Type: y
    Properties:
      List:
        - one
        - {two: 2}
      Join: !Join
        - ","
        - [a, b]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("Resources", "A"), 3),
        (("Resources", "A", "Properties", "Name", "Fn::Sub"), 3),
        (("Resources", "B", "Properties"), 6),
        (("Resources", "B", "Properties", "List", 1, "two"), 9),
        (("Resources", "B", "Properties", "Join", "Fn::Join", 1), 10),
        (("Resources", "B", "Nope", "Deeper"), 4),
    ],
)
def test_a_value_in_yaml_is_located(path: tuple[Any, ...], line: int) -> None:
    assert parse_source("x.yaml", YAML).locate(path) == line


def test_a_value_in_json_is_located() -> None:
    source = parse_source(
        "x.json", '{"a": [1, {"b":\n\n {"c\\/": 1}}],\n "\\ud83d\\ude00": {},\n "z": 1}'
    )

    paths = [(), ("a", 1, "b", "c/"), ("\U0001f600",), ("z",), ("nope",)]
    assert [source.locate(path) for path in paths] == [1, 3, 4, 5, 1]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
)


def list_paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [
        path,
        *(found for key, item in parts for found in list_paths(item, (*path, key))),
    ]


@given(VALUES)
def test_every_value_of_any_json_is_found_in_order(value: Any) -> None:
    """Written a part a line, the lines of values only grow, as json.dumps goes."""
    text = json.dumps(value, indent=1)
    positions = JsonPositions(text)

    lines = [positions.locate(path) for path in list_paths(value)]

    assert lines == sorted(set(lines))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("on", "on"), ("2010-09-09", "2010-09-09"), ("12:30:00", "12:30:00"),
        ("012345670123", "012345670123"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("=", "="),
        ("1e3", 1000.0), ("-12", -12), ("1.5", 1.5), ("true", True), ("~", None), ("'1'", "1"),
        ("!Ref A", {"Ref": "A"}), ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}), ("!Sub [a, {b: c}]", {"Fn::Sub": ["a", {"b": "c"}]}),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
        ("{<<: {a: 1, b: 2}, b: 3}", {"a": 1, "b": 3}),
        ("{<<: [{a: 1}, {a: 2, c: 3}]}", {"a": 1, "c": 3}),
    ],
)  # fmt: skip
def test_scalars_tags_and_anchors_are_those_of_templates(text: str, value: Any) -> None:
    assert parse_source("x.yaml", f"k: {text}\n").value == {"k": value}
