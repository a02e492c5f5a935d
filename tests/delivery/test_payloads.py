"""Input, InputPath, and the paths that lead into events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.delivery.envelopes import parse_detail
from evcli.delivery.event_paths import (
    MISSING,
    fill_paths,
    find_by_path,
    format_bare,
    is_path,
)
from evcli.store.deliveries import DELIVERED, FAILED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.store.deliveries import Delivery

QUEUE_ARN = "arn:aws:sqs:us-east-1:111111111111:q"
EVENT: dict[str, Any] = {
    "source": "core.update-account-command",
    "detail-type": "core.update-account-command",
    "time": "2024-06-11T08:33:13Z",
    "resources": [],
    "detail": {
        "command": "update-account",
        "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"},
    },
}
ENVELOPE = (
    '{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718",'
    '"detail-type":"core.update-account-command",'
    '"source":"core.update-account-command","account":"111111111111",'
    '"time":"2024-06-11T08:33:13Z","region":"us-east-1","resources":[],'
    '"detail":{"command":"update-account",'
    '"payload":{"acc_id":"0a787ecb-4015","sf_id":"baz"}}}'
)


@pytest.mark.parametrize(
    ("settings", "payload"),
    [
        ({}, ENVELOPE),  # [aws]
        ({"Input": '{"greeting":"hi"}'}, '{"greeting":"hi"}'),  # [aws]
        ({"Input": '"hello"'}, '"hello"'),  # [doc] [guess]
        ({"Input": ' {"a" :\n1.10} '}, ' {"a" :\n1.10} '),  # [guess] verbatim
        (
            {"InputPath": "$.detail"},
            '{"command":"update-account",'
            '"payload":{"acc_id":"0a787ecb-4015","sf_id":"baz"}}',
        ),  # [aws]
        (
            {"InputPath": "$.detail.payload"},
            '{"acc_id":"0a787ecb-4015","sf_id":"baz"}',
        ),  # [aws]
        ({"InputPath": "$.detail.payload.sf_id"}, '"baz"'),  # [aws]
        ({"InputPath": "$"}, ENVELOPE),  # [guess]
        ({"InputPath": "$."}, ENVELOPE),  # [guess]
        ({"InputPath": "$.detail-type"}, '"core.update-account-command"'),  # [doc]
        ({"InputPath": "$.resources"}, "[]"),  # [guess]
    ],
)
def test_input_setting_makes_the_payload_of_the_reference(
    settings: dict[str, str],
    payload: str,
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    put_rule({"Id": "1", "Arn": QUEUE_ARN, **settings})

    deliveries = put_event(EVENT)

    assert [(each.state, each.payload) for each in deliveries] == [(DELIVERED, payload)]


@pytest.mark.parametrize("path", ["$.notexisting", "$.detail.command[0]", "$['a']"])
def test_input_path_without_a_match_delivers_nothing_and_says_so(
    path: str,
    state_directory: Path,
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    put_rule({"Id": "1", "Arn": QUEUE_ARN, "InputPath": path})

    (delivery,) = put_event(EVENT)

    assert (
        delivery.state,
        delivery.payload,
        delivery.error_code,
        delivery.error_message,
    ) == (FAILED, "", "INVALID_PARAMETER", f"InputPath {path} matches nothing.")
    assert not (state_directory / "sinks").exists()


TREE: dict[str, Any] = {
    "a-b_c/d": 1,
    "list": [10, [20, 21], {"x": 1}, {"x": 2}, {"y": 3}],
    "deep": [{"l": [1, 2]}, {"l": [3]}],
    "null": None,
    "false": False,
    "empty": [],
    "object": {"0": "zero"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a-b_c/d", 1),
        ("$.list[0]", 10),
        ("$.list[1][1]", 21),
        ("$.list[1]", [20, 21]),
        ("$.list[*]", TREE["list"]),
        ("$.list[*].x", [1, 2]),
        ("$.list[*].y", [3]),
        ("$.deep[*].l[*]", [1, 2, 3]),
        ("$.deep[*].l[0]", [1, 3]),
        ("$.deep[*].l[1]", [2]),
        ("$.null", None),
        ("$.false", False),
        ("$.empty", []),
        ("$.object.0", "zero"),
        ("$.list[00]", 10),
    ],
)
def test_path_finds_its_value(path: str, value: object) -> None:
    assert find_by_path(TREE, path) == value


@pytest.mark.parametrize(
    "path",
    [
        "$.none",
        "$.list.x",
        "$.object[0]",
        "$.list[5]",
        f"$.list[{'9' * 5000}]",
        "$.empty[*]",
        "$.list[*].none",
        "$.null.x",
        "$..x",
        "$['list']",
        "$[0]",
        "$.list[-1]",
        "$.list[0:2]",
        "$.list[?(@.x)]",
        "$.list[]",
        "$.list[0",
        "$.naïve",
        "$.list[\u0660]",
        "$.a b",
        "$.list[0]x",
        "$.list\n",
        "list",
        "@.list",
        "",
        " $.list",
    ],
)
def test_path_finds_nothing_beside_the_grammar_or_the_event(path: str) -> None:
    assert find_by_path(TREE, path) is MISSING


@given(st.text() | st.lists(st.sampled_from("$.a[0*]-")).map("".join))
def test_any_text_is_a_path_that_finds_something_or_nothing(text: str) -> None:
    found = find_by_path({"a": [{"a": 0}], "0": 1}, text)

    # Nothing is found by what is no path, but for the dot at the end.
    assert found is MISSING or is_path(text.removesuffix("."))


def test_parameters_are_filled_where_a_whole_value_is_a_path() -> None:
    envelope = parse_detail(
        '{"id": "i", "detail": {"n": 1.10, "o": {"a": [1]}, "s": "", "z": null}}'
    )
    assert envelope is not None
    parameters = {
        "$.id": ["$.id", "$.detail.n", "$.detail.o", "$.detail.z", "$.detail.s"],
        "Nested": {"Miss": "$.none", "Text": "x $.id", "Number": 5, "Flag": True},
    }
    before = json.dumps(parameters)

    filled = fill_paths(parameters, envelope)

    assert filled == {
        "$.id": ["i", "1.10", '{"a":[1]}', "null", ""],
        "Nested": {"Miss": "", "Text": "x $.id", "Number": 5, "Flag": True},
    }
    assert json.dumps(parameters) == before


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ('"a"', '"a"'),
        ("", ""),
        (True, "true"),
        (None, "null"),
        (0, "0"),
        ({"a": ["b"]}, '{"a":["b"]}'),
    ],
)
def test_bare_value_is_json_but_for_strings(value: object, text: str) -> None:
    assert format_bare(value) == text
