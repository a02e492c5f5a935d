"""Whole events: kept as they are, filled in, played in the command's own account."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.delivery.envelopes import format_json, parse_envelope
from evcli.delivery.routing import Router
from evcli.delivery.scheduled.scheduler import tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.errors import ServiceError
from evcli.operations.whole_events import (
    accept_whole_event,
    complete_event,
    find_own_event_bus,
    is_whole_event,
    send_whole_events,
)
from evcli.store.upkeep.pruning import prune

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]

ACCOUNT, REGION = "0" * 12, "us-east-1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:thumbs"
LETTERS = f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# [aws] member by member; the values are made up.
OBJECT_CREATED = {
    "version": "0",
    "id": "not-a-uuid",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "account": "111122223333",
    "time": "2020-03-04T10:20:30Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:s3:::example-bucket"],
    "detail": {
        "version": "0",
        "bucket": {"name": "example-bucket"},
        "object": {"key": "in/photo.png", "size": 20480, "etag": "0f343b0931126a20"},
        "reason": "PutObject",
    },
}
PATTERN = json.dumps(
    {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": "in/"}]}},
    }
)


@pytest.fixture
def thumbs(call: Call) -> None:
    """A rule for new objects, its target with a transformer and a dead-letter queue."""
    call("PutRule", Name="thumbs", EventPattern=PATTERN)
    transformer = {
        "InputPathsMap": {"key": "$.detail.object.key", "account": "$.account"},
        "InputTemplate": '{"key":<key>,"of":<account>,"by":<aws.events.rule-arn>}',
    }
    target = {
        "Id": "q",
        "Arn": QUEUE,
        "InputTransformer": transformer,
        "DeadLetterConfig": {"Arn": LETTERS},
        "RetryPolicy": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 3600},
    }
    call("PutTargets", Rule="thumbs", Targets=[target])


@pytest.mark.usefixtures("thumbs")
def test_an_object_created_is_transformed_retried_dead_lettered_archived_and_replayed(
    ctx: Context, call: Call, clock: VirtualClock
) -> None:
    queue, letters = MemorySink(), MemorySink()
    ctx.sinks.update({QUEUE: queue, LETTERS: letters})
    queue.outcome = Outcome("INTERNAL_ERROR", "down", retry=True)
    bus = ctx.event_bus_arn("default")
    call("CreateArchive", ArchiveName="all", EventSourceArn=bus)

    (arrived,) = send_whole_events(ctx, [OBJECT_CREATED])
    tick(ctx, clock.now() + timedelta(hours=1))

    assert json.loads(arrived.envelope) == OBJECT_CREATED
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/thumbs"
    transformed = {"key": "in/photo.png", "of": "111122223333", "by": rule}
    # The event is years old and has its one retry: its age counts from its arrival.
    assert [json.loads(each) for each in queue.payloads] == [transformed] * 2
    assert [json.loads(each) for each in letters.payloads] == [OBJECT_CREATED]
    states = [each.state for each in ctx.store.ledger.list_deliveries()]
    assert states == ["FAILED", "DELIVERED"]
    assert call("DescribeArchive", ArchiveName="all")["EventCount"] == 1

    queue.outcome = Outcome()
    call(
        "StartReplay",
        ReplayName="again",
        EventSourceArn=f"arn:aws:events:{REGION}:{ACCOUNT}:archive/all",
        EventStartTime="2020-03-04T10:20:00Z",
        EventEndTime="2020-03-04T10:21:00Z",
        Destination={"Arn": bus},
    )
    tick(ctx, clock.now() + timedelta(hours=1))

    assert call("DescribeReplay", ReplayName="again")["State"] == "COMPLETED"
    assert json.loads(queue.payloads[-1]) == transformed
    assert len(queue.payloads) == 3
    replayed = ctx.store.accepted_events.list_arrivals("not-a-uuid")[1]
    assert json.loads(replayed.envelope) == {**OBJECT_CREATED, "replay-name": "again"}
    assert call("DescribeArchive", ArchiveName="all")["EventCount"] == 1


@pytest.mark.usefixtures("thumbs")
def test_the_same_event_twice_is_two_arrivals(
    ctx: Context, memory_sink: MemorySink
) -> None:
    first, second = send_whole_events(ctx, [OBJECT_CREATED, OBJECT_CREATED])

    assert first.event_key != second.event_key
    assert len({each.delivery_id for each in memory_sink.deliveries}) == 2
    arrivals = ctx.store.accepted_events.list_arrivals("not-a-uuid")
    assert [each.event_key for each in arrivals] == [first.event_key, second.event_key]


def test_what_an_event_lacks_is_filled_in(ctx: Context, clock: VirtualClock) -> None:
    (arrived,) = send_whole_events(ctx, [{"source": "aws.x", "detail-type": "y"}])

    assert UUID.fullmatch(arrived.event_id)
    assert list(json.loads(arrived.envelope).items()) == [
        ("version", "0"),
        ("id", arrived.event_id),
        ("detail-type", "y"),
        ("source", "aws.x"),
        ("account", ACCOUNT),
        ("time", "2024-05-14T11:23:22Z"),
        ("region", REGION),
        ("resources", []),
        ("detail", {}),
    ]
    assert (arrived.account_id, arrived.region) == (ACCOUNT, REGION)
    assert (arrived.event_bus_name, arrived.accepted_at) == ("default", clock.now())


def test_what_an_envelope_has_besides_is_left_out_but_for_the_name_of_a_replay(
    ctx: Context,
) -> None:
    given = {"_note": 1, **OBJECT_CREATED, "replay-name": "r"}

    completed = complete_event(ctx, given)

    assert list(completed) == [
        "version", "id", "detail-type", "source", "account", "time", "region",
        "replay-name", "resources", "detail",
    ]  # fmt: skip


def test_numbers_of_a_detail_keep_their_text(ctx: Context) -> None:
    text = '{"source":"aws.x","detail-type":"y","detail":{"n":1.10,"m":0.1e1}}'
    event = parse_envelope(text)
    assert event is not None

    (arrived,) = send_whole_events(ctx, [event])

    assert arrived.envelope.endswith('"detail":{"n":1.10,"m":0.1e1}}')


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-03-04T10:20:30.123Z", "2026-03-04T10:20:30.123Z"),
        ("2026-03-04T10:20:30+02:00", "2026-03-04T10:20:30+02:00"),
        ("2026-03-04T10:20:30", "2026-03-04T10:20:30Z"),
        ("2026-03-04", "2026-03-04T00:00:00Z"),
        (1772619630, "2026-03-04T10:20:30Z"),
    ],
)
def test_a_time_stays_as_it_was_written_if_it_says_its_offset(
    ctx: Context, given: object, kept: str
) -> None:
    assert complete_event(ctx, {**OBJECT_CREATED, "time": given})["time"] == kept


def test_an_archive_keeps_an_event_at_its_own_time_and_ages_it_from_its_arrival(
    ctx: Context, call: Call, clock: VirtualClock
) -> None:
    call(
        "CreateArchive",
        ArchiveName="all",
        EventSourceArn=ctx.event_bus_arn("default"),
        RetentionDays=1,
    )
    event = {**OBJECT_CREATED, "time": "2020-03-04T10:20:30.5+02:00"}

    send_whole_events(ctx, [event])

    clock.advance(86_399)
    assert call("DescribeArchive", ArchiveName="all")["EventCount"] == 1
    clock.advance(1)
    assert call("DescribeArchive", ArchiveName="all")["EventCount"] == 0


def test_pruning_counts_from_arrival(ctx: Context, clock: VirtualClock) -> None:
    send_whole_events(ctx, [OBJECT_CREATED])

    with ctx.store.transaction():
        before, _ = prune(ctx.store.database, clock.now(), None, 10)
        clock.advance(1)
        after, _ = prune(ctx.store.database, clock.now(), None, 10)

    assert (before.events, after.events) == (0, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": ""}, "source is not a string that is not empty"),
        ({"detail-type": None}, "detail-type is not a string that is not empty"),
        ({"detail": "{}"}, "detail is not an object"),
        ({"resources": "arn"}, "resources is not a list of strings"),
        ({"time": "soon"}, "time is not a time"),
        ({"account": 111122223333}, "account is not a string"),
        *(
            (
                {"id": each},
                "id is not 1 to 256 visible ASCII characters, no quotes, no backslashes",
            )
            for each in ("", "a b", 'a"b', "a\\b", "ä", "a\nb", "a" * 257, 7)
        ),
    ],
)
def test_an_event_that_is_none_is_refused_and_nothing_of_the_others_arrives(
    ctx: Context, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        send_whole_events(ctx, [OBJECT_CREATED, {**OBJECT_CREATED, **changes}])

    assert str(caught.value) == f"The event's {message}."
    assert ctx.store.accepted_events.list_arrivals("not-a-uuid") == []


@pytest.mark.parametrize("name", ["source", "detail-type"])
def test_nobody_can_fill_in_what_an_event_is(ctx: Context, name: str) -> None:
    event = {key: value for key, value in OBJECT_CREATED.items() if key != name}

    with pytest.raises(ServiceError, match=rf"^The event has no {name}\.$"):
        complete_event(ctx, event)


def test_an_event_has_the_limit_of_size_that_entries_have(ctx: Context) -> None:
    ctx.quotas["put_events_bytes"] = 100
    event = {"source": "aws.x", "detail-type": "y"}
    # [aws] 14 bytes are the time.
    fits = {**event, "detail": {"a": "x" * (100 - 14 - 6 - len('{"a":""}'))}}
    large = {**event, "detail": {"a": fits["detail"]["a"] + "x"}}

    send_whole_events(ctx, [fits])

    with pytest.raises(ServiceError, match="over the limit"):
        send_whole_events(ctx, [large])


def test_an_event_arrives_in_the_account_and_region_of_the_command(
    ctx: Context,
) -> None:
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/orders"
    other = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/orders"

    assert find_own_event_bus(ctx, arn) == (ACCOUNT, REGION, "orders")
    with pytest.raises(ServiceError, match="another account or region"):
        find_own_event_bus(ctx, other)


def test_an_unknown_event_bus_swallows_an_event(ctx: Context) -> None:
    (arrived,) = send_whole_events(ctx, [OBJECT_CREATED], "nowhere")

    assert arrived.event_bus_name == "nowhere"
    assert list(ctx.store.ledger.list_deliveries()) == []


def test_what_is_written_reads_back(ctx: Context) -> None:
    with ctx.store.transaction():
        event, deliveries = accept_whole_event(
            ctx, Router(ctx), OBJECT_CREATED, (ACCOUNT, REGION, "default")
        )

    assert (event.envelope, deliveries) == (format_json(OBJECT_CREATED), [])


@pytest.mark.parametrize(
    ("value", "is_whole"),
    [
        ({"source": "a"}, True),
        ({"detail": {}}, True),
        ({"Source": "a", "detail-type": "b"}, False),
        ({"Detail": "{}"}, False),
        ({"anything": 1}, False),
    ],
)
def test_members_tell_a_whole_event_from_an_entry(
    value: dict[str, Any], is_whole: bool
) -> None:
    assert is_whole_event(value) is is_whole


@pytest.mark.parametrize(
    ("event_id", "name"),
    [
        (
            "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        ),
        ("a" * 37, None),
        ("a/b", None),
    ],
)
def test_an_execution_has_a_name_that_step_functions_takes(
    ctx: Context, call: Call, event_id: str, name: str | None
) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"
    call("PutRule", Name="r", EventPattern='{"source":["aws.s3"]}')
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    call("PutTargets", Rule="r", Targets=[{"Id": "m", "Arn": machine, "RoleArn": role}])
    sink = ctx.sinks[machine] = MemorySink()

    send_whole_events(ctx, [{**OBJECT_CREATED, "id": event_id}])

    (request,) = sink.requests
    first, _, second = request["request"]["name"].partition("_")
    assert first == name if name else UUID.fullmatch(first)
    assert UUID.fullmatch(second)
