"""Lines of bulk input: those that fill a frame are as those that are made one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from orjson import dumps

from evcli.bulk.line_writer import LineWriter
from evcli.delivery.envelopes import build_envelope, format_json, format_time
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import RuleTarget
from evcli.delivery.targets import RequestBuilder
from evcli.ids import new_uuid
from tests.delivery.test_requests import RULE_ARN, TABLE, make_target

if TYPE_CHECKING:
    from evcli.bulk.line_writer import Line
    from evcli.context import Context

NOW = datetime(2024, 6, 11, 8, 33, 14, tzinfo=UTC)
DETAILS: list[dict[str, Any]] = [
    {"command": "update-account"},
    {"text": 'a "quote", \\ and \u2028 é \x00'},
    {"long": "x" * 200_000},
    {},
]


def make_event(detail: dict[str, Any]) -> AcceptedEvent:
    """An event that is read from its text, as lines are."""
    members = build_envelope(
        event_id=new_uuid(),
        detail_type="d",
        source="s",
        account_id="1" * 12,
        time=NOW,
        region="us-east-1",
        resources=[],
        detail=detail,
    )
    text = format_json(members)
    return AcceptedEvent(members, ("1" * 12, "us-east-1", "default"), NOW, text=text)


def write(writer: LineWriter, event: AcceptedEvent) -> Line | None:
    """Write the line of an event."""
    row = event.row
    return writer.write(row.event_id, row.envelope, format_time(NOW), lambda: event)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_each_line_is_as_if_it_were_the_first(
    case: dict[str, Any], ctx: Context
) -> None:
    target = RuleTarget(ctx, make_target(case["target"]), None)
    writer = LineWriter(0, RULE_ARN, target, dumps)

    for event in map(make_event, DETAILS):
        first = LineWriter(0, RULE_ARN, target, dumps)
        assert write(writer, event) == write(first, event)


@pytest.mark.parametrize("kind", ["lambda:f", "sns:t", "sqs:q", "sqs:q.fifo"])
def test_what_most_targets_get_needs_no_event(kind: str, ctx: Context) -> None:
    service, _, name = kind.partition(":")
    resource = f"function:{name}" if service == "lambda" else name
    arn = f"arn:aws:{service}:us-east-1:{'1' * 12}:{resource}"
    target = RuleTarget(ctx, {"Id": "t", "Arn": arn}, None)
    writer = LineWriter(0, RULE_ARN, target, dumps)
    first, second = map(make_event, DETAILS[:2])
    write(writer, first)

    def refuse() -> AcceptedEvent:
        raise AssertionError("not needed")

    row = second.row
    line = writer.write(row.event_id, row.envelope, format_time(NOW), refuse)
    assert line == write(LineWriter(0, RULE_ARN, target, dumps), second)
    assert RequestBuilder(arn).most_repeated > 10_000
