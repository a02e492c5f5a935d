"""The playground: each part says its own mistake, and hides no other's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ResourceNotFoundException
from evcli.inspection.page.playground import list_verdicts, try_pattern, try_transformer

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]

EVENT = json.dumps(
    {
        "id": "1",
        "account": "000000000000",
        "source": "shop",
        "time": "2024-05-14T11:23:22Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "order",
        "detail": {"id": 7, "price": 1.50},
    }
)


def test_a_verdict_comes_with_its_tree(ctx: Context) -> None:
    found = try_pattern(ctx, '{"source":["shop"]}', EVENT)

    assert found == {
        "Matched": True,
        "Explanation": {
            "matched": True,
            "alternatives": [
                {
                    "matched": True,
                    "fields": [
                        {
                            "field": "source",
                            "matched": True,
                            "constraint": ["shop"],
                            "values": ["shop"],
                        }
                    ],
                }
            ],
        },
    }


def test_a_pattern_s_error_has_its_position_and_advice(ctx: Context) -> None:
    found = try_pattern(ctx, '{\n  "source": [{"prefx": "s"}]}', EVENT)

    error = found["Error"]
    assert (found["Of"], error["Line"], error["Column"]) == ("Pattern", 2, 25)
    assert "Unrecognized match type prefx" in error["Message"]
    assert "prefix" in error["Advice"]


def test_a_position_that_a_pattern_spells_is_not_taken_for_one(ctx: Context) -> None:
    found = try_pattern(ctx, '{"a; line: 7, column: 9]": "x"}', EVENT)

    assert (found["Error"]["Line"], found["Error"]["Column"]) != (7, 9)


def test_an_event_s_error_does_not_hide_the_pattern_s(ctx: Context) -> None:
    assert try_pattern(ctx, '{"source":["s"]}', "{}")["Of"] == "Event"
    assert try_pattern(ctx, '{"source":"s"}', "{}")["Of"] == "Pattern"


def test_a_transformer_makes_the_payload_that_a_target_gets(ctx: Context) -> None:
    paths = {"id": "$.detail.id"}

    made = try_transformer(ctx, paths, '{"order": <id>}', EVENT)
    text = try_transformer(ctx, None, '"from <aws.events.rule-name>"', EVENT)

    assert made == {"Payload": '{"order": 7}'}
    assert text == {"Payload": '"from rule"'}


@pytest.mark.parametrize(
    ("template", "event", "words"),
    [
        ("<nope>", EVENT, "nope"),
        ("<id>", "[]", "The event cannot be used"),
        ("<id>", '{"id":"1"}', "it has no account"),
    ],
)
def test_what_gives_no_payload_says_why(
    ctx: Context, template: str, event: str, words: str
) -> None:
    found = try_transformer(ctx, {"id": "$.detail.id"}, template, event)

    assert words in found["Error"]["Message"]


def test_enabled_rules_are_tried_one_by_one(ctx: Context, call: Call) -> None:
    call("PutRule", Name="hit", EventPattern='{"source":["shop"]}')
    call("PutRule", Name="miss", EventPattern='{"source":["else"]}')
    call("PutRule", Name="off", EventPattern='{"source":["shop"]}', State="DISABLED")

    assert list_verdicts(ctx, "default", EVENT) == [
        {"Name": "hit", "Matched": True},
        {
            "Name": "miss",
            "Matched": False,
            "Reason": 'source: "shop" is not ["else"]',
        },
    ]
    with pytest.raises(ResourceNotFoundException):
        list_verdicts(ctx, "nope", EVENT)
