"""Events a screenful at a time: bounded answers, and cursors that miss nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.inspection.events import make_query
from evcli.inspection.page import event_windows
from evcli.inspection.page.event_windows import list_again, list_new, list_newest

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]


@pytest.fixture
def put(call: Call) -> Callable[..., None]:
    """Put events of some sources, one after the other."""

    def run(*sources: str) -> None:
        for source in sources:
            entry = {"Source": source, "DetailType": "d", "Detail": "{}"}
            call("PutEvents", Entries=[entry])

    return run


def list_sources(value: dict[str, Any]) -> list[str]:
    return [each["Source"] for each in value["Events"]]


def test_pages_from_the_newest_to_the_oldest_have_every_event_once(
    ctx: Context, put: Callable[..., None]
) -> None:
    put(*"abcdefg")
    query = make_query()

    pages = [list_newest(ctx, query, 3)]
    while pages[-1]["HasOlder"]:
        pages.append(list_newest(ctx, query, 3, pages[-1]["Oldest"]))

    assert list(map(list_sources, pages)) == [list("efg"), list("bcd"), ["a"]]


def test_looks_have_every_new_event_once(
    ctx: Context, put: Callable[..., None]
) -> None:
    put("old")
    newest = list_newest(ctx, make_query(), 3)["Newest"]
    put(*"abcde")

    seen = []
    for _ in range(4):
        look = list_new(ctx, make_query(), 2, newest)
        newest = look["Newest"]
        seen.append(list_sources(look))

    assert seen == [["a", "b"], ["c", "d"], ["e"], []]


@pytest.mark.parametrize(
    "asked", [{"text": '"X"'}, {"event_pattern": '{"source":["x"]}'}]
)
def test_an_answer_looks_at_so_many_events_and_the_next_goes_on(
    ctx: Context,
    put: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, Any],
) -> None:
    monkeypatch.setattr(event_windows, "LOOKED_AT", 3)
    monkeypatch.setattr(event_windows, "MATCHED", 3)
    put(*"xaaaxaaaa")
    query = make_query(**asked)

    pages = [list_newest(ctx, query, 10)]
    while pages[-1]["HasOlder"]:
        pages.append(list_newest(ctx, query, 10, pages[-1]["Oldest"]))
    looks = [list_new(ctx, query, 10, 0)]
    while looks[-1]["Newest"] < 9:
        looks.append(list_new(ctx, query, 10, looks[-1]["Newest"]))

    assert list(map(list_sources, pages)) == [[], ["x"], ["x"]]
    assert list(map(list_sources, looks)) == [["x"], ["x"], []]


def test_an_empty_ledger_has_nothing_at_either_end(ctx: Context) -> None:
    query = make_query()

    newest, new = list_newest(ctx, query, 5), list_new(ctx, query, 5, 0)

    assert newest == {"Events": [], "Oldest": 0, "Newest": 0, "HasOlder": False}
    assert new == {"Events": [], "Newest": 0}


def test_events_that_are_gone_are_not_listed_again(
    ctx: Context, put: Callable[..., None]
) -> None:
    put("a", "b")

    values = list_again(ctx, [2, 7, 1])

    assert [(each["Key"], each["Source"]) for each in values] == [(2, "b"), (1, "a")]
    assert all("Event" not in each for each in values)
