"""Redelivery: failed ones go on, made ones get a twin, payloads stay what they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome
from evcli.delivery.redelivery import has_payload, redeliver, redeliver_failed
from evcli.delivery.sinks.memory import MemorySink
from evcli.store.deliveries import DELIVERED, FAILED, RETRYING

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture
def sink(ctx: Context, call: Callable[..., Any]) -> MemorySink:
    """The target of a rule."""
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    ctx.sinks[QUEUE] = sink = MemorySink()
    return sink


def put(call: Callable[..., Any], count: int = 1) -> None:
    entry = {"Source": "shop", "DetailType": "order", "Detail": '{"n":1}'}
    call("PutEvents", Entries=[entry] * count)


def tell(ctx: Context) -> list[tuple[int, str, int]]:
    deliveries = ctx.store.ledger.list_deliveries()
    return [(each.delivery_key, each.state, each.attempts) for each in deliveries]


@pytest.mark.sqlite_only
def test_failed_deliveries_go_on_under_their_own_ids(
    ctx: Context, call: Callable[..., Any], sink: MemorySink
) -> None:
    sink.outcome = Outcome("NO_RESOURCE", "gone")
    put(call, 9)
    sink.outcome = Outcome()
    put(call)

    made = [(each.delivery_key, each.state) for each in redeliver_failed(ctx)]

    assert made == [(key, DELIVERED) for key in range(1, 10)]
    assert tell(ctx) == [
        *((key, DELIVERED, 2) for key in range(1, 10)),
        (10, DELIVERED, 1),
    ]
    assert sink.payloads[:9] == sink.payloads[10:]


def test_deliveries_that_fail_once_more_are_met_once(
    ctx: Context, call: Callable[..., Any], sink: MemorySink
) -> None:
    sink.outcome = Outcome("NO_RESOURCE", "gone")
    put(call, 3)

    made = [each.delivery_key for each in redeliver_failed(ctx)]

    assert made == [1, 2, 3]
    assert tell(ctx) == [(key, FAILED, 2) for key in (1, 2, 3)]


def test_a_delivery_that_was_made_gets_a_twin(
    ctx: Context, call: Callable[..., Any], sink: MemorySink
) -> None:
    del ctx.sinks[QUEUE]
    put(call)
    (delivery,) = ctx.store.ledger.list_deliveries()

    (twin,) = redeliver(ctx, delivery)

    assert (twin.delivery_key, twin.state, twin.payload) == (
        2,
        DELIVERED,
        delivery.payload,
    )
    path = Path(ctx.store.path, "sinks/sqs/000000000000/us-east-1/q.jsonl")
    assert [line[:60] for line in path.read_text().splitlines()] == [
        f'{{"deliveryId":"{each.delivery_id}","eventId":"{each.event.event_id}"'[:60]
        for each in (delivery, twin)
    ]


def test_a_delivery_that_waits_is_attempted_at_once(
    ctx: Context, call: Callable[..., Any], sink: MemorySink
) -> None:
    sink.outcome = Outcome("THROTTLING", "slow down", retry=True)
    put(call)
    (delivery,) = ctx.store.ledger.list_deliveries()

    (again,) = redeliver(ctx, delivery)

    assert (again.delivery_key, again.state, again.attempts) == (1, RETRYING, 2)


def test_where_input_settings_left_no_payload_there_is_nothing_to_redeliver(
    ctx: Context, call: Callable[..., Any], sink: MemorySink
) -> None:
    transformer = {
        "InputPathsMap": {"d": "$.detail"},
        "InputTemplate": '{"text": "it is <d>"}',
    }
    target = {"Id": "1", "Arn": QUEUE, "InputTransformer": transformer}
    call("PutTargets", Rule="r", Targets=[target])
    put(call)
    (delivery,) = ctx.store.ledger.list_deliveries()

    assert not has_payload(delivery)
    assert list(redeliver_failed(ctx)) == []
    assert sink.payloads == []
