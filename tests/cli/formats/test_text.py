"""`--output text` against the official client's."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.cli.errors import GeneralError
from evcli.cli.output.rendering import format_local_time, shape_value
from evcli.cli.output.text import format_lines
from evcli.model.shapes import Operation

SCALARS = st.none() | st.booleans() | st.integers() | st.text("ab\u00e4 ", max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("aBc", max_size=2), inner)
    ),
    max_leaves=12,
)
RULES = [
    {"Name": "a-rule", "Arn": "arn:a", "EventPattern": "{}", "EventBusName": "default"},
    {"Name": "b-rule", "Arn": "arn:b", "State": "DISABLED", "EventBusName": "default"},
]


def format_text(value: Any) -> str:
    return "".join(line + "\n" for line in format_lines(value))


def test_text_equals_the_peer_for_every_operation(
    operation: Operation,
    make_response: Callable[[int], dict[str, Any]],
    peer: Callable[..., str],
) -> None:
    values = [
        shape_value(operation.response, make_response(seed), format_local_time)
        for seed in range(5)
    ]

    written = [format_text(value) for value in values]

    assert written == [peer("text", operation.name, value) for value in values]


@given(value=VALUES)
def test_text_equals_the_peer_for_any_query_result(value: Any) -> None:
    expected = _format_as_peer(value)

    try:
        written: str | None = format_text(value)
    except GeneralError:
        written = None

    assert written == expected


def _format_as_peer(value: Any) -> str | None:
    """The peer's text, `None` where it fails on the data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from awscli import text
    stream = io.StringIO()
    try:
        text.format_text(value, stream)
    except AttributeError:
        return None
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"Rules": RULES},
            "RULES\tarn:a\tdefault\t{}\ta-rule\t\n"
            "RULES\tarn:b\tdefault\t\tb-rule\tDISABLED\n",
        ),
        (
            {
                "Targets": [
                    {"Id": "1", "Arn": "arn:f", "Input": '{"a":1}'},
                    {
                        "Id": "2",
                        "Arn": "arn:q",
                        "RetryPolicy": {
                            "MaximumRetryAttempts": 3,
                            "MaximumEventAgeInSeconds": 60,
                        },
                        "InputTransformer": {
                            "InputTemplate": '"<x>"',
                            "InputPathsMap": {"x": "$.detail.x"},
                        },
                        "DeadLetterConfig": {"Arn": "arn:dlq"},
                    },
                ]
            },
            'TARGETS\tarn:f\t1\t{"a":1}\n'
            "TARGETS\tarn:q\t2\t\n"
            "DEADLETTERCONFIG\tarn:dlq\n"
            'INPUTTRANSFORMER\t"<x>"\n'
            "INPUTPATHSMAP\t$.detail.x\n"
            "RETRYPOLICY\t60\t3\n",
        ),
        (
            {"FailedEntryCount": 0, "Entries": [{"EventId": "11710aed"}]},
            "0\nENTRIES\t11710aed\n",
        ),
        ({"RuleNames": ["a-rule", "b-rule"]}, "RULENAMES\ta-rule\nRULENAMES\tb-rule\n"),
        ({"Archives": [], "NextToken": "zzz"}, "zzz\n"),
        (["a", "b"], "a\tb\n"),
        ([["a", None], [True]], "a\tNone\nTrue\n"),
        ([{"N": None}], "None\n"),
        (None, "None\n"),
    ],
)
def test_text_of_recorded_answers(value: Any, expected: str) -> None:
    assert format_text(value) == expected
