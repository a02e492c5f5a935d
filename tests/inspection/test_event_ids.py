"""Ids that are cut short: completed, refused, and cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import InspectionError
from evcli.inspection.deliveries import find_delivery
from evcli.inspection.event_ids import expand_event_id, shorten_event_id
from evcli.operations.whole_events import send_whole_events

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

IDS = ("order", "order-1", "order-22", "order-23", "payment-event-7")


@pytest.fixture(autouse=True)
def events(ctx: Context, call: Callable[..., Any]) -> None:
    """An event of each of `IDS`, the last one with two deliveries."""
    call("PutRule", Name="r", EventPattern='{"source":["pay"]}')
    queues = [{"Id": i, "Arn": f"arn:aws:sqs:us-east-1:000000000000:{i}"} for i in "ab"]
    call("PutTargets", Rule="r", Targets=queues)
    for event_id in (*IDS, "payment-event-7"):
        source = "pay" if event_id == IDS[-1] else "shop"
        event = {"id": event_id, "source": source, "detail-type": "x"}
        send_whole_events(ctx, [event])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order", "order"),
        ("order-1", "order-1"),
        ("order-22", "order-22"),
        ("p", "payment-event-7"),
        ("payment-event-7", "payment-event-7"),
        ("none", "none"),
        ("ORDER-1", "ORDER-1"),
        ("order%", "order%"),
        ("", ""),
    ],
)
def test_the_beginning_of_one_id_stands_for_it(
    ctx: Context, text: str, expected: str
) -> None:
    assert expand_event_id(ctx, text) == expected


def test_a_beginning_of_several_ids_is_answered_with_them(ctx: Context) -> None:
    with pytest.raises(InspectionError) as caught:
        expand_event_id(ctx, "order-2")

    assert caught.value.message == (
        "The event id order-2 is ambiguous; these begin like that: order-22, order-23."
    )


def test_of_many_candidates_a_few_are_named(ctx: Context) -> None:
    events = [{"id": f"x{i}", "source": "s", "detail-type": "d"} for i in range(9)]
    send_whole_events(ctx, events)

    with pytest.raises(InspectionError) as caught:
        expand_event_id(ctx, "x")

    assert caught.value.message == (
        "The event id x is ambiguous; these begin like that: x0, x1, x2, x3, x4 and more."
    )


@pytest.mark.parametrize(
    ("event_id", "expected"),
    [
        ("order", "order"),
        ("order-1", "order-1"),
        ("order-22", "order-22"),
        ("payment-event-7", "payment-"),
    ],
)
def test_an_id_is_cut_to_what_is_its_own(
    ctx: Context, event_id: str, expected: str
) -> None:
    assert shorten_event_id(ctx, event_id) == expected
    assert expand_event_id(ctx, expected) == event_id


def test_ids_with_much_in_common_are_shown_longer(ctx: Context) -> None:
    ids = ["5f0c1a2b-1111-x", "5f0c1a2b-1122-x"]
    events = [{"id": each, "source": "s", "detail-type": "d"} for each in ids]
    send_whole_events(ctx, events)

    assert [shorten_event_id(ctx, each) for each in ids] == [
        "5f0c1a2b-111",
        "5f0c1a2b-112",
    ]


def test_a_delivery_is_found_by_how_its_id_begins(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("RemoveTargets", Rule="r", Ids=["b"])
    send_whole_events(ctx, [{"id": "solo", "source": "pay", "detail-type": "x"}])

    for text in ("solo-5", "solo", "s", "s-5"):
        assert find_delivery(ctx, text).delivery_id == "solo-5"
    with pytest.raises(InspectionError) as caught:
        find_delivery(ctx, "pay")
    assert caught.value.message == (
        "The delivery id pay is ambiguous; these begin like that: payment-event-7-1,"
        " payment-event-7-2, payment-event-7-3, payment-event-7-4."
    )
    for text in ("", "solo-4", "-5", "5"):
        with pytest.raises(InspectionError) as caught:
            find_delivery(ctx, text)
        assert caught.value.message == f"There is no delivery {text} in the ledger."
