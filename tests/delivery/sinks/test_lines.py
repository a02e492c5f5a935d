"""Lines of file sinks: put together from parts, and still what JSON says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from evcli.delivery.envelopes import format_json, format_time
from evcli.delivery.sinks.file import format_line
from evcli.store.deliveries import Delivery, Event

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
TEXTS = st.text(max_size=8) | st.text('"\\\n\x00\x7fé\u2028', max_size=8)
VALUES = TEXTS | st.integers() | st.none() | st.lists(TEXTS, max_size=2)


@given(
    TEXTS,
    st.dictionaries(TEXTS, VALUES | st.dictionaries(TEXTS, TEXTS, max_size=2)),
    TEXTS,
    st.booleans(),
    st.none() | st.dictionaries(TEXTS, TEXTS, max_size=2),
)
@example("\ud800", {}, "\ud800", True, None)
@example("".join(map(chr, range(0x300))), {"Data": "\x1f\x7f\u2028"}, "\\", True, {})
@example("{}", {"Data": {"Record": "x"}}, "rule", False, {"X-Amzn-Trace-Id": "Root=1"})
def test_a_line_is_the_json_of_its_parts(
    payload: str,
    request: dict[str, Any],
    name: str,
    is_in_request: bool,
    headers: dict[str, str] | None,
) -> None:
    if is_in_request:
        request = {**request, "MessageBody": payload}
    delivery = Delivery(
        event=Event(
            event_id="e",
            account_id="0" * 12,
            region="us-east-1",
            event_bus_name="default",
            accepted_at=NOW,
            envelope="{}",
        ),
        rule_arn=f"arn:{name}",
        target={"Id": name, "Arn": f"arn:target:{name}"},
        payload=payload,
        delivery_key=3,
    )

    time = format_time(NOW)
    call: dict[str, Any] = {"action": "sqs:SendMessage", "request": request}
    if headers is not None:
        call["headers"] = headers
    line = format_line(delivery, call, time)

    value = {
        "deliveryId": "e-3",
        "eventId": "e",
        "time": "2024-05-14T11:23:22Z",
        "ruleArn": f"arn:{name}",
        "targetId": name,
        "targetArn": f"arn:target:{name}",
        "action": "sqs:SendMessage",
        "request": request,
        **({} if headers is None else {"headers": headers}),
        "payload": payload,
    }
    assert line == format_json(value).encode() + b"\n"
    assert line == format_line(delivery, call, time, orjson.dumps)
    assert json.loads(line) == json.loads(json.dumps(value))
