"""`--output yaml` and `yaml-stream` against the library of the official client."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from evcli.cli.output.rendering import format_local_time, shape_value
from evcli.cli.yaml import format_yaml
from evcli.model.shapes import Operation

# The library in Python; the official client's is bound to libyaml, which differs in line
# breaks, single quotes, characters beyond the first plane, and where lines are folded: it
# waits for the first space behind column 80, the one in Python looks ahead. See the table
# below; the texts here are too short to be folded.
MAX_CHARACTERS = 40
TEXTS = (
    st.text(
        st.characters(
            max_codepoint=0xFFFF, exclude_categories=("C", "Z"), exclude_characters="'"
        ),
        max_size=MAX_CHARACTERS,
    )
    | st.text('yestrufalnoONIF~=<.-+_0123456789exb:# "{}[],&*!|>%@`\t\\', max_size=9)
    | st.lists(st.text("ab1:#é", max_size=9), max_size=4).map(" ".join)
)
NAMES = st.text("yesnO:# 1é", min_size=1, max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)


def format_as_peer(value: Any) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()


def test_yaml_equals_the_peer_for_every_operation(
    operation: Operation, make_response: Callable[[int], dict[str, Any]]
) -> None:
    values = [
        _join_lines(
            shape_value(operation.response, make_response(seed), format_local_time)
        )
        for seed in range(5)
    ]

    written = [format_yaml(value) for value in values]

    assert written == [format_as_peer(value) for value in values]


def _join_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _join_lines(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_join_lines(inner) for inner in value]
    return value.replace("\n", " ") if isinstance(value, str) else value


@given(value=VALUES.filter(lambda value: isinstance(value, list | dict)))
def test_yaml_equals_the_peer_for_any_query_result(value: Any) -> None:
    assert format_yaml(value) == format_as_peer(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"Targets": [{"Input": '{"a":1}', "Id": "1", "Arn": "arn:aws:lambda:x:f"}]},
            "Targets:\n- Arn: arn:aws:lambda:x:f\n  Id: '1'\n  Input: '{\"a\":1}'\n",
        ),
        ({"Replays": []}, "Replays: []\n"),
        (["yes", "on", "a: b # c"], "- yes\n- on\n- 'a: b # c'\n"),
        (["2024-01-01T00:00:00+00:00"], "- '2024-01-01T00:00:00+00:00'\n"),
        # Recorded from ruamel.yaml 0.17.21 with libyaml.
        (["two\nlines"], "- 'two\n\n  lines'\n"),
        (["\U0001f600"], '- "\\U0001F600"\n'),
        # As libyaml folds: no line ends before column 80.
        ([" ".join(["12345678"] * 9)], f"- {' '.join(['12345678'] * 9)}\n"),
        (
            [" ".join(["12345678"] * 12)],
            f"- {' '.join(['12345678'] * 9)}\n  {' '.join(['12345678'] * 3)}\n",
        ),
        (["x" * 100 + " y"], f"- {'x' * 100}\n  y\n"),
        ([1e-05, -1e16, 0.5], "- 1e-05\n- -1e+16\n- 0.5\n"),
        ([float("inf"), -float("inf")], "- .inf\n- -.inf\n"),
        (["'", "it's"], "- ''''\n- it's\n"),
        ({"": None}, "'': null\n"),
        ("a-rule", '"a-rule"\n'),
        (None, "null\n"),
        (True, "true\n"),
        (3, "3\n"),
    ],
)
def test_yaml_of_recorded_answers(value: Any, expected: str) -> None:
    assert format_yaml(value) == expected
