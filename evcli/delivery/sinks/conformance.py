"""What every sink must do; run it on a sink of your own before you ship it.

    def test_my_sink(tmp_path):
        check_sink(lambda: MySink(tmp_path / "kept"))

Raises AssertionError that says what the sink did.
"""

from __future__ import annotations

from datetime import UTC, datetime

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.context import Outcome
from evcli.store.deliveries import Delivery, Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.context import Sink

# Payloads that have broken somebody: other scripts, line ends and quotes inside, no JSON,
# nothing at all, a large one.
PAYLOADS = (
    '{"a":1}',
    '{"name":"J\u00e9r\u00f4me \U0001f98a \u65e5\u672c \u2028"}',
    "one\ntwo\r\nthree",
    '"deliveryId":"x" \\ \' $HOME `id`',
    "",
    '"' + "x" * 300_000 + '"',
)


def check_sink(
    make_sink: Callable[[], Sink],
    read_payloads: Callable[[], list[str]] | None = None,
) -> None:
    """Hold a sink against what the worker expects of it.

    Args:
        make_sink: opens the sink, always on the same storage, where all is well.
        read_payloads: lists what arrived there, in order of arrival; `None`
            for a sink that keeps nothing.
    """
    sink = make_sink()
    assert isinstance(sink.is_buffered, bool), "is_buffered is no bool"
    assert isinstance(sink.is_exactly_once, bool), "is_exactly_once is no bool"
    assert sink.flush() is None, "flush returned something"  # type: ignore[func-returns-value]

    deliveries = [make_delivery(text, key) for key, text in enumerate(PAYLOADS, 1)]
    for delivery in deliveries:
        _check_one(sink, delivery)
    sink.flush()
    sink.flush()

    if read_payloads is not None:
        arrived = read_payloads()
        assert arrived == list(PAYLOADS), f"these arrived: {arrived!r}"
    _check_takeover(make_sink, deliveries[0], read_payloads)


def _check_takeover(
    make_sink: Callable[[], Sink],
    delivery: Delivery,
    read_payloads: Callable[[], list[str]] | None,
) -> None:
    """A new process makes a delivery that a dead one may have made, then a new one."""
    delivery.resumed = True
    fresh = make_delivery('{"fresh":true}', len(PAYLOADS) + 1)
    sink = make_sink()
    _check_one(sink, delivery)
    _check_one(sink, fresh)
    sink.flush()
    if read_payloads is not None:
        arrived = read_payloads()
        assert arrived[: len(PAYLOADS)] == list(PAYLOADS), "what had arrived changed"
        later = arrived[len(PAYLOADS) :]
        again = [delivery.payload, fresh.payload]
        assert later in (again, again[1:]), f"a takeover brought {later!r}"


def _check_one(sink: Sink, delivery: Delivery) -> None:
    request = make_request(delivery)
    before = {name: getattr(delivery, name) for name in Delivery.__slots__}
    outcome: object = sink.deliver(delivery, request)
    assert isinstance(outcome, Outcome), f"deliver returned {outcome!r}, no Outcome"
    assert outcome.error_code is None, f"{outcome.error_code}: {outcome.message}"
    assert outcome.output is None or isinstance(outcome.output, str), (
        "output is no text"
    )
    after = {name: getattr(delivery, name) for name in Delivery.__slots__}
    assert after == before, "the sink changed the delivery"
    assert request == make_request(delivery), "the sink changed the request"


def make_delivery(payload: str, key: int = 1) -> Delivery:
    """Make a delivery such as the ledger would give out."""
    event = Event(
        event_id="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        account_id="111111111111",
        region="us-east-1",
        event_bus_name=DEFAULT_EVENT_BUS,
        accepted_at=datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC),
        envelope='{"version":"0"}',
    )
    return Delivery(
        event=event,
        rule_arn="arn:aws:events:us-east-1:111111111111:rule/my-rule",
        target={"Id": "t1", "Arn": "arn:aws:sqs:us-east-1:111111111111:q"},
        payload=payload,
        delivery_key=key,
    )


def make_request(delivery: Delivery) -> dict[str, Any]:
    """Make the request that goes with `make_delivery`."""
    return {
        "action": "sqs:SendMessage",
        "request": {"QueueUrl": "https://q", "MessageBody": delivery.payload},
    }
