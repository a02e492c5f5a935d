"""The envelope: what becomes of a detail between the entry and its targets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.envelopes import (
    MAX_DEPTH,
    format_json,
    measure_depth,
    parse_detail,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MemorySink


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1.10}',
        '{"a":1e999,"b":-0.0}',
        '{"a":0.1234567890123456789}',
        '{"a":999999999999999999}',
        '{"a":"\ue8f1\ue8f2x","b":2.50}',
        '{"a":"naïve ☃"}',
    ],
)
def test_a_detail_keeps_its_numbers_and_letters(text: str) -> None:
    detail = parse_detail(text)

    assert format_json(detail) == text


@pytest.mark.parametrize(
    "text",
    [
        "[]", '"a"', "1", "null", "{", "{{}}", '{"a":NaN}', '{"a":Infinity}',
        '{"a":9223372036854775808}', '{"a":-9223372036854775809}', '{"a":1} x',
        '{"a":' + "1" * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_malformed(text: str) -> None:
    assert parse_detail(text) is None


def test_half_a_surrogate_pair_is_written_with_an_escape() -> None:
    detail = parse_detail('{"a":"\\ud800","b":1.50}')

    assert format_json(detail) == '{"a":"\\ud800","b":1.5}'


def test_depth_counts_brackets_outside_of_strings() -> None:
    assert measure_depth('{"a":["[[[\\"{",{}],"b":[]}') == 3


def test_a_detail_may_be_a_thousand_deep_and_no_deeper(
    call: Callable[..., dict[str, Any]], memory_sink: MemorySink
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["s"]}')
    call(
        "PutTargets",
        Rule="r",
        Targets=[{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}],
    )
    details = [
        '{"a":' + "[" * depth + "]" * depth + "}"
        for depth in (MAX_DEPTH - 1, MAX_DEPTH, 200_000)
    ]

    response = call(
        "PutEvents",
        Entries=[
            {"Source": "s", "DetailType": "d", "Detail": detail} for detail in details
        ],
    )

    assert [each.get("ErrorCode") for each in response["Entries"]] == [
        None,
        "MalformedDetail",
        "MalformedDetail",
    ]
    payload = memory_sink.payloads[0]
    assert payload.endswith(details[0] + "}")
    assert json.loads(payload)["id"] == response["Entries"][0]["EventId"]
