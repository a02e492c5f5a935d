"""Tokens of pages: opaque, of one list only, and never page one by mistake."""

from __future__ import annotations

import base64
import itertools
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:q"
LISTS: dict[str, dict[str, Any]] = {
    "ListEventBuses": {},
    "ListRules": {},
    "ListRuleNamesByTarget": {"TargetArn": QUEUE_ARN},
    "ListTargetsByRule": {"Rule": "r0"},
}


@pytest.fixture(autouse=True)
def things(call: Call) -> None:
    """Two of everything that can be listed."""
    call("CreateEventBus", Name="b")
    targets = [{"Id": name, "Arn": QUEUE_ARN} for name in ("t0", "t1")]
    for name in ("r0", "r1"):
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}')
        call("PutTargets", Rule=name, Targets=targets)


def get_token(call: Call, name: str) -> str:
    token: str = call(name, Limit=1, **LISTS[name])["NextToken"]
    return token


@pytest.mark.parametrize("name", LISTS)
def test_a_token_goes_from_the_first_page_to_the_last(call: Call, name: str) -> None:
    first = call(name, Limit=1, **LISTS[name])
    last = call(name, Limit=1, NextToken=first["NextToken"], **LISTS[name])

    (items,) = [key for key in first if key != "NextToken"]
    assert first[items] + last[items] == call(name, **LISTS[name])[items]
    assert list(first) == [items, "NextToken"]
    assert list(last) == [items]  # [aws] no token on the last page


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "AAAA",
        "*",
        "\xe4",
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"rules\n").decode(),
        base64.b64encode(b"planets\nmars").decode(),
    ],
)
def test_a_token_that_nobody_gave_out_is_refused(
    refused: Refused, name: str, token: str
) -> None:
    refusal = refused(name, NextToken=token, **LISTS[name])

    assert refusal == "InvalidToken: Invalid NextToken."  # [doc] code, [guess] text


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(LISTS, 2)))
def test_a_token_of_another_list_is_refused(
    call: Call, refused: Refused, name: str, other: str
) -> None:
    token = get_token(call, other)

    refusal = refused(name, NextToken=token, **LISTS[name])

    assert refusal == "InvalidToken: Invalid NextToken."


def test_a_page_goes_on_when_the_last_item_is_gone(call: Call) -> None:
    token = get_token(call, "ListRules")
    call("RemoveTargets", Rule="r0", Ids=["t0", "t1"])
    call("DeleteRule", Name="r0")

    page = call("ListRules", NextToken=token)

    assert [rule["Name"] for rule in page["Rules"]] == ["r1"]


@pytest.mark.parametrize("name", LISTS)
def test_tokens_fit_the_declared_length(call: Call, name: str) -> None:
    assert 1 <= len(get_token(call, name)) <= 2048
