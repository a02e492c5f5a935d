"""`--output json` against the official client's."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from evcli.cli.output.pagination import Pages
from evcli.cli.output.rendering import (
    RenderedResponse,
    format_json,
    format_local_time,
    shape_value,
    write_response,
)
from evcli.model.shapes import Member, Operation, string

ANY = (Member("RuleArn", string("Arn")), Member("Name", string("N")))


def write(response: dict[str, Any], query: str | None = None) -> str:
    stream = io.StringIO()
    write_response(
        Operation("PutRule", "", request=(), response=ANY, errors=()),
        response,
        output="json",
        query=query,
        color="auto",
        timestamp_format="iso8601",
        stream=stream,
    )
    return stream.getvalue()


def test_json_equals_the_peer_for_every_operation(
    operation: Operation,
    make_response: Callable[[int], dict[str, Any]],
    peer: Callable[..., str],
) -> None:
    values = [
        shape_value(operation.response, make_response(seed), format_local_time)
        for seed in range(5)
    ]

    written = [format_json(value) + "\n" if value != {} else "" for value in values]

    assert written == [peer("json", operation.name, value) for value in values]


def test_members_stand_in_model_order_and_unknown_or_null_ones_are_dropped() -> None:
    written = write({"Other": 1, "Name": "ä", "RuleArn": "arn:r"})
    without = write({"Name": None, "RuleArn": ""})

    assert written == '{\n    "RuleArn": "arn:r",\n    "Name": "ä"\n}\n'
    assert without == '{\n    "RuleArn": ""\n}\n'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Missing", "null\n"),
        ("Name", '"a"\n'),
        ("`[]`", "[]\n"),
        ("`3`", "3\n"),
        ("`true`", "true\n"),
        ("`{}`", ""),
        ("{Z: Name, A: RuleArn}", '{\n    "Z": "a",\n    "A": "r"\n}\n'),
    ],
)
def test_any_result_but_an_empty_object_is_printed(query: str, expected: str) -> None:
    assert write({"Name": "a", "RuleArn": "r"}, query) == expected


def test_no_response_members_print_nothing_but_a_query_prints_null() -> None:
    assert (write({}), write({}, "Name")) == ("", "null\n")


def test_pages_are_not_fetched_before_they_are_formatted() -> None:
    def respond() -> Any:
        raise AssertionError
        yield {}, ""

    response = RenderedResponse(
        Operation("PutRule", "", request=(), response=ANY, errors=()),
        Pages(respond(), "Name"),
    )

    with pytest.raises(AssertionError):
        response.get_result()
