"""Why rules match none of many events: grouped, counted, nearest first."""

from __future__ import annotations

import json
from typing import Any

from evcli.inspection.misses import explain_misses


def make_event(source: str, **detail: Any) -> dict[str, Any]:
    return {"source": source, "detail-type": "Order", "detail": detail}


def list_misses(events: list[Any], **pattern: Any) -> list[tuple[int, str]]:
    [misses] = explain_misses(events, {"r": json.dumps(pattern)}).values()
    return [(each["Count"], each["Reason"]) for each in misses]


def test_events_that_miss_at_one_condition_share_a_line() -> None:
    events = [make_event("shop", total=number) for number in range(200)]

    assert list_misses(events, detail={"total": [{"numeric": [">", 900]}]}) == [
        (200, 'detail.total is 0, 1, 2, …, not [{"numeric": [">", 900]}]')
    ]


def test_an_absent_field_names_the_one_that_is_there() -> None:
    events = [make_event("shop", total=5)] * 200

    assert list_misses(events, detail={"totl": [5]}) == [
        (
            200,
            "detail.totl is absent; did you mean detail.total, where it would match?",
        )
    ]


def test_events_of_another_kind_come_last_however_many_they_are() -> None:
    events = [make_event("other", n=1)] * 9 + [make_event("shop", n=1)]

    assert list_misses(events, source=["shop"], detail={"n": [2]}) == [
        (1, "detail.n is 1, not [2]"),
        (9, 'source is "other", not ["shop"]'),
    ]


def test_events_that_match_are_not_counted() -> None:
    events = [make_event("shop", n=number) for number in (1, 2, 1)]

    assert list_misses(events, detail={"n": [1]}) == [(1, "detail.n is 2, not [1]")]
    assert list_misses([], detail={"n": [1]}) == []


def test_what_is_beyond_the_most_frequent_reasons_is_one_line() -> None:
    events = [make_event("shop", **{f"f{n}": 1, "n": 1}) for n in range(3)]
    events += [
        make_event("shop", n=1, **dict.fromkeys("abcdefg"[:n], 1)) for n in range(8)
    ]
    pattern = {name: [1] for name in "abcdefg"}

    misses = list_misses(events, detail=pattern)

    assert [count for count, _ in misses] == [4, 1, 1, 1, 1, 2]
    assert misses[0][1].startswith("detail.a is absent")
    assert misses[-1] == (2, "other reasons")
