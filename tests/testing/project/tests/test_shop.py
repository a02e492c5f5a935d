"""What the template, the code and the handlers do together."""

import pytest
from shop.handlers import clear_carts, make_thumbnail
from shop.orders import place_order

pytestmark = pytest.mark.eventbridge("template.yaml", clock="2026-01-01T00:00:00Z")


@pytest.mark.parametrize("total", [100, 250])
def test_a_large_order_is_packed(eventbridge, total):
    place_order("o-17", total)

    [delivery] = eventbridge.deliveries(rule="large-orders")
    assert (delivery.target_id, delivery.state) == ("packing", "DELIVERED")
    assert delivery.payload == {"order": "o-17", "total": total}
    assert delivery.action == "sqs:SendMessage"


def test_a_small_order_is_not(eventbridge):
    place_order("o-18", 99)

    [event] = eventbridge.events(source="shop.orders")
    assert event.deliveries == {}
    assert not eventbridge.explain(
        event.envelope, "large-orders", event_bus_name="orders"
    )


def test_an_order_waits_for_the_queue(eventbridge):
    eventbridge.fail("packing", times=1)
    place_order("o-19", 100)
    assert [each.state for each in eventbridge.deliveries(target="packing")] == [
        "RETRYING"
    ]

    eventbridge.clock.advance(minutes=10)

    delivery = eventbridge.wait_for_delivery(target="packing")
    assert delivery.attempts == 2


def test_an_order_that_cannot_be_packed_is_not_lost(eventbridge):
    eventbridge.fail("packing")
    place_order("o-20", 100)

    eventbridge.clock.advance(days=1)

    letter = eventbridge.wait_for_delivery(target="lost-test")
    assert letter.is_dead_letter
    assert letter.payload["detail"] == {"id": "o-20", "total": 100}


def test_a_picture_gets_a_thumbnail(eventbridge):
    eventbridge.trigger("s3/object-created", {"detail.object.key": "cat.png"})

    [delivery] = eventbridge.deliveries(target="thumbnails-test")
    assert make_thumbnail(delivery.payload, None) == {"thumbnail": "thumbnails/cat.png"}


def test_carts_are_cleared_every_night(eventbridge):
    eventbridge.clock.advance(days=2)

    nights = eventbridge.deliveries(target="clear-carts-test")
    assert [clear_carts(each.payload, None) for each in nights] == [
        {"before": "2025-12-25T03:00:00+00:00"},
        {"before": "2025-12-26T03:00:00+00:00"},
    ]


@pytest.mark.eventbridge("template.yaml", parameters={"Stage": "live"})
def test_queues_are_named_after_the_stage():
    place_order("o-21", 100)


def test_an_alarm_names_the_queue(eventbridge):
    target = eventbridge.client.list_targets_by_rule(
        Rule="large-orders", EventBusName="orders"
    )["Targets"][0]

    assert target["Arn"].endswith(":packing-test")
