"""Rules in an index: the same matches as rules fetched one event at a time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import StoredRules
from evcli.delivery.rule_index import IndexedRules
from evcli.patterns import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)


def make_event(number: int, draw: Random) -> dict[str, Any]:
    return {
        "id": str(number),
        "source": draw.choice("abc"),
        "detail-type": draw.choice("de"),
        "detail": {"n": number, "lines": [{"k": draw.choice("xy")} for _ in range(2)]},
    }


def make_pattern(draw: Random) -> str:
    conditions = {
        "source": [draw.choice("abc")],
        "detail-type": [{"prefix": draw.choice("de")}],
        "detail": {"lines": {"k": [draw.choice("xy")]}},
    }
    names = draw.sample(list(conditions), draw.randint(1, 3))
    return json.dumps({name: conditions[name] for name in names})


def test_both_ways_to_find_rules_agree_while_rules_come_and_go(
    ctx: Context, call: Callable[..., Any]
) -> None:
    draw = Random(5)
    call("CreateEventBus", Name="other")
    call("PutRule", Name="timed", ScheduleExpression="rate(1 hour)")
    indexed = IndexedRules(ctx.store)
    matched = 0
    for number in range(150):
        bus, name = draw.choice(["default", "other"]), f"r{draw.randrange(12)}"
        rule = {"Name": name, "EventBusName": bus}
        change = draw.random()
        if change < 0.6:
            call("PutRule", **rule, EventPattern=make_pattern(draw))
        elif change < 0.8:
            call("DeleteRule", **rule)
        else:
            call("PutRule", **rule, EventPattern=make_pattern(draw), State="DISABLED")
        indexed.refresh()

        for bus in ("default", "other"):
            arrival = ("0" * 12, "us-east-1", bus), NOW
            envelope = make_event(number, draw)
            written = AcceptedEvent(envelope, *arrival)
            names = StoredRules(ctx.store).match(written)
            assert indexed.match(written) == names
            text = json.dumps(envelope)
            read = AcceptedEvent(parse_json(text), *arrival, text=text)
            assert indexed.match(read) == StoredRules(ctx.store).match(read) == names
            matched += len(names)

    assert matched > 150
