"""An event on its way: one value, whatever it was made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from evcli.delivery.envelopes import build_envelope, format_json, parse_detail
from evcli.delivery.events import AcceptedEvent
from evcli.patterns import compile_pattern, match, parse_json

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
BUS = ("111111111111", "eu-west-1", "orders")
# A number that Python's own reader would change, and one that it would round.
DETAIL = '{"price":1.10,"digits":0.12345678901234567890}'


def make_envelope() -> dict[str, Any]:
    detail = parse_detail(DETAIL)
    assert detail is not None
    return build_envelope(
        event_id="e-1",
        detail_type="sold",
        source="shop",
        account_id="222222222222",
        time=NOW,
        region="us-east-1",
        resources=("r",),
        detail=detail,
    )


TEXT = format_json(make_envelope())
ORIGINS = {
    "put together": lambda: AcceptedEvent(make_envelope(), BUS, NOW),
    "read exactly": lambda: AcceptedEvent(parse_json(TEXT), BUS, NOW, text=TEXT),
    "read quickly": lambda: AcceptedEvent(json.loads(TEXT), BUS, NOW, text=TEXT),
}


@pytest.fixture(params=ORIGINS)
def event(request: pytest.FixtureRequest) -> AcceptedEvent:
    return ORIGINS[request.param]()


def test_the_row_says_where_it_arrived_and_its_text(event: AcceptedEvent) -> None:
    row = event.row
    arrival = (row.account_id, row.region, row.event_bus_name)

    assert (arrival, row.event_id, row.accepted_at) == (BUS, "e-1", NOW)
    assert row.envelope == TEXT
    assert f'"detail":{DETAIL}' in TEXT


def test_the_envelope_loses_nothing(event: AcceptedEvent) -> None:
    assert format_json(event.envelope) == TEXT
    assert event.envelope is event.envelope


def test_the_tree_is_matched_by_its_numbers(event: AcceptedEvent) -> None:
    pattern = compile_pattern('{"source": ["shop"], "detail": {"price": [1.1]}}')

    assert match(pattern, event.tree)
    assert event.tree is event.tree


def test_members_around_the_detail_are_exact(event: AcceptedEvent) -> None:
    exact = make_envelope()

    del exact["detail"], event.members["detail"]

    assert event.members == exact


def test_the_detail_counts_as_it_was_sent_if_it_was(event: AcceptedEvent) -> None:
    sent = AcceptedEvent(make_envelope(), BUS, NOW, detail_text='{ "price": 1.10 }')

    assert sent.detail_text == '{ "price": 1.10 }'
    assert event.detail_text == DETAIL


def test_only_what_is_asked_for_is_read_from_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = []
    monkeypatch.setattr(
        "evcli.delivery.events.parse_envelope", lambda text: reads.append(text)
    )
    monkeypatch.setattr("evcli.delivery.events.parse_json", reads.append)

    assert ORIGINS["put together"]().envelope == make_envelope()
    assert ORIGINS["read quickly"]().tree.value == json.loads(TEXT)
    assert reads == []
