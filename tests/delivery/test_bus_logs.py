"""What event buses log: every sequence of records, whole; levels, sinks, and nothing at OFF."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.bulk.send import Sender, make_mark
from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery import bus_log_details
from evcli.delivery.bus_log_details import derive_invocation_id, format_record
from evcli.delivery.bus_logs import LEVELS, MESSAGE_TYPES
from evcli.delivery.redelivery import redeliver
from evcli.delivery.scheduled.scheduler import tick
from evcli.delivery.sinks.memory import MemorySink
from evcli.errors import AccessDeniedException
from evcli.store.accepted_events import EventConditions
from evcli.store.epoch import to_epoch_ms
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    Record = dict[str, Any]

BUS = "arn:aws:events:us-east-1:000000000000:event-bus/orders"
GROUP = (
    "arn:aws:logs:us-east-1:000000000000"
    ":log-group:/aws/vendedlogs/events/event-bus/orders"
)
RULE = "arn:aws:events:us-east-1:000000000000:rule/orders/big"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
OTHER = "arn:aws:lambda:us-east-1:000000000000:function:f"
LETTERS = "arn:aws:sqs:us-east-1:000000000000:dlq"
ROLE = "arn:aws:iam::000000000000:role/r"
REQUEST_ID, EVENT_ID = "id-1", "id-2"
DETAIL = '{"n": 1}'
ENTRY = {
    "Source": "shop",
    "DetailType": "order",
    "Detail": DETAIL,
    "EventBusName": "orders",
    "Time": NOW - timedelta(hours=1),
}
AT_MS = to_epoch_ms(NOW)
EVENT = {
    "caller_account_id": "000000000000",
    "source_time_ms": AT_MS - 3_600_000,
    "source": "shop",
    "detail_type": "order",
    "resources": [],
}
TARGET = {"rule_arn": RULE, "target_arn": QUEUE}


@pytest.fixture
def sinks(ctx: Context) -> dict[str, MemorySink]:
    """The sinks of all targets, and that of the log group; ids are counted."""
    ids = count(1)
    ctx.new_id = lambda: f"id-{next(ids)}"
    sinks = {arn: MemorySink() for arn in (QUEUE, OTHER, LETTERS, GROUP)}
    ctx.sinks.update(sinks)
    return sinks


@pytest.fixture
def put(call: Callable[..., Any]) -> Callable[..., None]:
    """Make the event bus, a rule with targets, and put an event."""

    def put_all(*targets: Record, level: str = "TRACE", **config: str) -> None:
        call("CreateEventBus", Name="orders", LogConfig={"Level": level, **config})
        where = {"EventBusName": "orders"}
        call("PutRule", Name="big", EventPattern='{"source":["shop"]}', **where)
        given = [{"Id": f"t{i}", **each} for i, each in enumerate(targets, 1)]
        if given:
            call("PutTargets", Rule="big", Targets=given, **where)
        call("PutEvents", Entries=[ENTRY])

    return put_all


def read(sinks: dict[str, MemorySink]) -> list[Record]:
    return [json.loads(each) for each in sinks[GROUP].payloads]


def list_types(sinks: dict[str, MemorySink]) -> list[str]:
    return [each["message_type"] for each in read(sinks)]


def record(
    message_type: str,
    details: Record,
    *,
    error: Record | None = None,
    at_ms: int = AT_MS,
    **ids: str,
) -> Record:
    """A record as AWS has it, in its order."""
    return {
        "resource_arn": BUS,
        "event_bus_name": "orders",
        **ids,
        "message_timestamp_ms": at_ms,
        "message_type": message_type,
        "log_level": MESSAGE_TYPES[message_type],
        "details": details,
        **({} if error is None else {"error": error}),
    }


def invocation_id(records: list[Record], position: int = 0) -> str:
    """The id that the rule's match gives a target's invocation."""
    (match,) = [each for each in records if each["message_type"] == "RULE_MATCH"]
    found: str = match["details"]["invocation_ids"][position]
    return found


OF_REQUEST = {"request_id": REQUEST_ID, "event_id": EVENT_ID}
ARRIVING = ("EVENT_RECEIPT", "EVENT_INGEST_SUCCESS", "RULE_MATCH_START")
ARRIVAL = [record(name, EVENT, **OF_REQUEST) for name in ARRIVING]


def match(
    target_arns: list[str],
    invocations: list[str],
    rule_arn: str = RULE,
    ids: Record | None = None,
) -> Record:
    """The record of a rule that matched."""
    details = {
        "rule_arn": rule_arn,
        "target_arns": target_arns,
        "invocation_ids": invocations,
    }
    return record("RULE_MATCH", details, **(OF_REQUEST if ids is None else ids))


def begin(
    invocation: str, target: Record | None = None, ids: Record | None = None
) -> Record:
    """The record of an invocation that begins."""
    return record(
        "INVOCATION_START",
        {**(target or TARGET), "attempt_count": 1},
        **(OF_REQUEST if ids is None else ids),
        invocation_id=invocation,
    )


def succeed(
    invocation: str,
    target: Record | None = None,
    ids: Record | None = None,
    at_ms: int = AT_MS,
) -> list[Record]:
    """The records of a first attempt that succeeds at once."""
    ids = {**(ids or {"event_id": EVENT_ID}), "invocation_id": invocation}
    target = target or TARGET
    return [
        record(
            "INVOCATION_ATTEMPT_START",
            {**target, "attempt_count": 1},
            at_ms=at_ms,
            **ids,
        ),
        record(
            "INVOCATION_ATTEMPT_SUCCESS",
            {
                **target,
                "attempt_type": "FIRST",
                "attempt_count": 1,
                "invocation_status": "SUCCESS",
                "target_duration_ms": 0,
            },
            at_ms=at_ms,
            **ids,
        ),
        record(
            "INVOCATION_SUCCESS",
            {
                **target,
                "total_attempts": 1,
                "final_invocation_status": "SUCCESS",
                "ingestion_to_start_latency_ms": at_ms - AT_MS,
                "ingestion_to_complete_latency_ms": at_ms - AT_MS,
                "ingestion_to_success_latency_ms": at_ms - AT_MS,
                "target_duration_ms": 0,
            },
            at_ms=at_ms,
            **ids,
        ),
    ]


def start(invocation: str) -> list[Record]:
    """What comes before the first attempt at the one target."""
    return [*ARRIVAL, match([QUEUE], [invocation]), begin(invocation)]


def test_an_event_that_is_delivered_at_once_leaves_eight_records(
    sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put({"Arn": QUEUE})

    records = read(sinks)
    invocation = invocation_id(records)
    assert records == [*start(invocation), *succeed(invocation)]
    assert list(records[3]) == [
        "resource_arn",
        "event_bus_name",
        "request_id",
        "event_id",
        "message_timestamp_ms",
        "message_type",
        "log_level",
        "details",
    ]


def test_an_event_that_no_rule_matches_says_so(
    sinks: dict[str, MemorySink], call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "TRACE"})

    call("PutEvents", Entries=[ENTRY])

    none = record(
        "NO_STANDARD_RULES_MATCHED", {}, request_id=REQUEST_ID, event_id=EVENT_ID
    )
    assert read(sinks) == [*ARRIVAL, none]


def test_each_rule_matches_in_a_record_and_each_target_has_an_invocation_of_its_own(
    sinks: dict[str, MemorySink], call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "TRACE"})
    where = {"EventBusName": "orders"}
    targets = {
        "all": [{"Id": "1", "Arn": LETTERS}],
        "big": [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": OTHER, "RoleArn": ROLE}],
    }
    for name, given in targets.items():
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}', **where)
        call("PutTargets", Rule=name, Targets=given, **where)
    call("PutEvents", Entries=[ENTRY])

    records = read(sinks)
    matches = [each for each in records if each["message_type"] == "RULE_MATCH"]
    (one,), (two, three) = (each["details"]["invocation_ids"] for each in matches)
    assert len({one, two, three}) == 3
    every = RULE.replace("big", "all")
    letters = {"rule_arn": every, "target_arn": LETTERS}
    other = {"rule_arn": RULE, "role_arn": ROLE, "target_arn": OTHER}
    assert records == [
        *ARRIVAL,
        match([LETTERS], [one], every),
        begin(one, letters),
        match([QUEUE, OTHER], [two, three]),
        begin(two),
        begin(three, other),
        *succeed(one, letters),
        *succeed(two),
        *succeed(three, other),
    ]


def test_retries_that_end_leave_every_attempt_the_failure_and_the_letter(
    ctx: Context,
    clock: VirtualClock,
    sinks: dict[str, MemorySink],
    put: Callable[..., None],
) -> None:
    sinks[QUEUE].outcome = Outcome("INTERNAL_ERROR", "broken", retry=True)
    policy = {"MaximumRetryAttempts": 1}
    put({"Arn": QUEUE, "RetryPolicy": policy, "DeadLetterConfig": {"Arn": LETTERS}})
    tick(ctx, NOW + timedelta(seconds=60))

    records = read(sinks)
    invocation = invocation_id(records)
    ids: Record = {"event_id": EVENT_ID, "invocation_id": invocation}
    failure: Record = {"error": {"error_message": "broken", "aws_service": "sqs"}}
    later: Record = {"at_ms": AT_MS + 2_000}

    def attempt(number: int, kind: str) -> Record:
        return {
            **TARGET,
            "attempt_type": kind,
            "attempt_count": number,
            "invocation_status": "INTERNAL_ERROR",
            "target_duration_ms": 0,
        }

    retryable = "INVOCATION_ATTEMPT_RETRYABLE_FAILURE"
    ended = {
        **TARGET,
        "total_attempts": 2,
        "final_invocation_status": "INTERNAL_ERROR",
    }
    attempts = [
        record("INVOCATION_ATTEMPT_START", {**TARGET, "attempt_count": 1}, **ids),
        record(retryable, attempt(1, "FIRST"), **ids, **failure),
        record(
            "INVOCATION_ATTEMPT_START", {**TARGET, "attempt_count": 2}, **ids, **later
        ),
        record(retryable, attempt(2, "RETRY"), **ids, **failure, **later),
        record(
            "INVOCATION_FAILURE",
            {**ended, "target_duration_ms": 0},
            **ids,
            **failure,
            **later,
        ),
        record("INVOCATION_DLQ", ended, **ids, **later),
    ]
    assert records == [*start(invocation), *attempts]


def test_a_permanent_failure_ends_after_one_attempt(
    sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    sinks[QUEUE].outcome = Outcome("NO_PERMISSIONS", "denied")
    sinks[LETTERS].outcome = Outcome("NO_RESOURCE", "no such queue")
    put({"Arn": QUEUE, "DeadLetterConfig": {"Arn": LETTERS}}, level="ERROR")

    records = read(sinks)
    ids: Record = {
        "event_id": EVENT_ID,
        "invocation_id": records[0]["invocation_id"],
    }
    denied: Record = {"error": {"error_message": "denied", "aws_service": "sqs"}}
    lost: Record = {"error": {"error_message": "no such queue", "aws_service": "sqs"}}
    ended = {
        **TARGET,
        "total_attempts": 1,
        "final_invocation_status": "NO_PERMISSIONS",
    }
    latencies = {
        "ingestion_to_start_latency_ms": 0,
        "ingestion_to_complete_latency_ms": 0,
        "target_duration_ms": 0,
    }
    attempt = {
        **TARGET,
        "attempt_type": "FIRST",
        "attempt_count": 1,
        "invocation_status": "NO_PERMISSIONS",
        "target_duration_ms": 0,
    }
    assert records == [
        record("INVOCATION_ATTEMPT_PERMANENT_FAILURE", attempt, **ids, **denied),
        record("INVOCATION_FAILURE", {**ended, **latencies}, **ids, **denied),
        record("INVOCATION_DLQ", ended, **ids, **lost),
    ]


def test_an_attempt_after_a_throttled_one_is_of_that_type(
    ctx: Context,
    clock: VirtualClock,
    sinks: dict[str, MemorySink],
    put: Callable[..., None],
) -> None:
    sinks[QUEUE].outcome = Outcome(
        "THROTTLING", "slow down", retry=True, http_status=429
    )
    put({"Arn": QUEUE})
    sinks[QUEUE].outcome = Outcome()
    tick(ctx, NOW + timedelta(seconds=60))

    records = read(sinks)
    invocation = invocation_id(records)
    ids: Record = {"event_id": EVENT_ID, "invocation_id": invocation}
    later: Record = {"at_ms": AT_MS + 2_000}
    slow = {"error_message": "slow down", "aws_service": "sqs", "http_status_code": 429}
    assert records == [
        *start(invocation),
        record("INVOCATION_ATTEMPT_START", {**TARGET, "attempt_count": 1}, **ids),
        record(
            "INVOCATION_ATTEMPT_THROTTLE",
            {
                **TARGET,
                "attempt_type": "FIRST",
                "attempt_count": 1,
                "invocation_status": "THROTTLING",
                "target_duration_ms": 0,
            },
            **ids,
            error=slow,
        ),
        record(
            "INVOCATION_ATTEMPT_START", {**TARGET, "attempt_count": 2}, **ids, **later
        ),
        record(
            "INVOCATION_ATTEMPT_SUCCESS",
            {
                **TARGET,
                "attempt_type": "THROTTLE",
                "attempt_count": 2,
                "invocation_status": "SUCCESS",
                "target_duration_ms": 0,
            },
            **ids,
            **later,
        ),
        record(
            "INVOCATION_SUCCESS",
            {
                **TARGET,
                "total_attempts": 2,
                "final_invocation_status": "SUCCESS",
                "ingestion_to_success_latency_ms": 2_000,
                "target_duration_ms": 0,
            },
            **ids,
            **later,
        ),
    ]


def test_what_is_sent_once_more_is_an_invocation_of_its_own(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put({"Arn": QUEUE})
    before = len(read(sinks))
    (delivery,) = ctx.store.ledger.list_deliveries()
    (twin,) = redeliver(ctx, delivery)

    records = read(sinks)
    invocation = derive_invocation_id(twin)
    assert invocation != invocation_id(records)
    ids = {"event_id": EVENT_ID}
    assert records[before:] == [begin(invocation, ids=ids), *succeed(invocation)]


def test_a_dead_letter_that_is_sent_once_more_starts_no_invocation(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    sinks[QUEUE].outcome = Outcome("NO_PERMISSIONS", "denied")
    put({"Arn": QUEUE, "DeadLetterConfig": {"Arn": LETTERS}})
    _, letter = ctx.store.ledger.list_deliveries()
    before = read(sinks)
    list(redeliver(ctx, letter))

    assert read(sinks) == [*before, before[-1]]
    assert before[-1]["message_type"] == "INVOCATION_DLQ"


def test_an_invocation_that_is_held_back_says_so_before_its_attempt(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    until = NOW + timedelta(seconds=5)
    sinks[QUEUE].outcome = Outcome(
        "THROTTLING", "rate limit", retry=True, postponed_until=until
    )
    put({"Arn": QUEUE}, level="ERROR")

    (held,) = read(sinks)

    assert held == record(
        "INVOCATION_THROTTLE_START",
        {**TARGET, "attempt_count": 1},
        event_id=EVENT_ID,
        invocation_id=held["invocation_id"],
        error={"error_message": "rate limit", "aws_service": "sqs"},
    )


def test_an_entry_that_is_refused_leaves_its_receipt_and_the_reason(
    sinks: dict[str, MemorySink], call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "TRACE"})

    call("PutEvents", Entries=[{**ENTRY, "Source": "aws.s3"}])

    details = {**EVENT, "source": "aws.s3"}
    error = {
        "error_message": "NotAuthorizedForSourceException: Not authorized for the source.",
        "aws_service": "events",
    }
    assert read(sinks) == [
        record("EVENT_RECEIPT", details, request_id=REQUEST_ID),
        record("EVENT_INGEST_FAILURE", details, request_id=REQUEST_ID, error=error),
    ]


def test_a_payload_that_cannot_be_made_fails_without_an_attempt(
    sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put({"Arn": QUEUE, "InputPath": "$.detail.nothing"})

    assert list_types(sinks)[3:] == [
        "RULE_MATCH",
        "INVOCATION_START",
        "INVOCATION_FAILURE",
    ]
    assert read(sinks)[-1]["details"]["total_attempts"] == 0


def test_a_schedule_starts_at_the_match_of_its_rule(
    ctx: Context,
    clock: VirtualClock,
    sinks: dict[str, MemorySink],
    call: Callable[..., Any],
) -> None:
    group = GROUP.replace("orders", "default")
    ctx.sinks[group] = sinks[GROUP]
    call("UpdateEventBus", Name="default", LogConfig={"Level": "TRACE"})
    call("PutRule", Name="tick", ScheduleExpression="rate(1 minute)")
    call("PutTargets", Rule="tick", Targets=[{"Id": "1", "Arn": QUEUE}])

    tick(ctx, NOW + timedelta(seconds=60))

    records = read(sinks)
    invocation = invocation_id(records)
    rule_arn = "arn:aws:events:us-east-1:000000000000:rule/tick"
    target = {"rule_arn": rule_arn, "target_arn": QUEUE}
    (event,) = ctx.store.accepted_events.list_after(EventConditions(), 0)
    ids = {"event_id": event.event_id}
    at_ms = to_epoch_ms(event.accepted_at)
    of_default = {
        "resource_arn": BUS.replace("orders", "default"),
        "event_bus_name": "default",
    }
    expected = [
        match([QUEUE], [invocation], rule_arn, ids),
        begin(invocation, target, ids),
        *succeed(invocation, target, ids),
    ]
    assert records == [
        {**each, **of_default, "message_timestamp_ms": at_ms} for each in expected
    ]


def test_an_archive_is_no_rule_and_a_replay_is_logged_like_an_arrival(
    ctx: Context,
    clock: VirtualClock,
    sinks: dict[str, MemorySink],
    call: Callable[..., Any],
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "TRACE"})
    call("CreateArchive", ArchiveName="all", EventSourceArn=BUS)
    call("PutEvents", Entries=[ENTRY])
    for name in ("big", "left-out"):
        where = {"EventBusName": "orders"}
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}', **where)
        call("PutTargets", Rule=name, Targets=[{"Id": "1", "Arn": QUEUE}], **where)
    archive = "arn:aws:events:us-east-1:000000000000:archive/all"
    call(
        "StartReplay",
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=NOW - timedelta(days=1),
        EventEndTime=NOW,
        Destination={"Arn": BUS, "FilterArns": [RULE]},
    )

    tick(ctx, NOW + timedelta(seconds=1))

    records = read(sinks)
    (arrival,) = ctx.store.accepted_events.list_after(EventConditions(), 1)
    ids = {"event_id": arrival.event_id}
    invocation = invocation_id(records)
    # The archive has an id, too.
    first = {"request_id": "id-2", "event_id": "id-3"}
    assert records == [
        *(record(name, EVENT, **first) for name in ARRIVING),
        record("NO_STANDARD_RULES_MATCHED", {}, **first),
        *(record(name, EVENT, **ids) for name in ARRIVING),
        match([QUEUE], [invocation], ids=ids),
        begin(invocation, ids=ids),
        *succeed(invocation, ids=ids),
    ]


@pytest.mark.parametrize(
    ("level", "types"), [("ERROR", 7), ("INFO", 12), ("TRACE", 16)]
)
def test_each_level_writes_its_own_types_and_those_below(
    level: str, types: int
) -> None:
    written = [each for each in MESSAGE_TYPES.values() if LEVELS[each] <= LEVELS[level]]

    assert len(written) == types


def test_full_detail_adds_event_input_and_parameters_without_secrets(
    sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    cluster = "arn:aws:redshift:us-east-1:000000000000:cluster:c"
    parameters = {"Database": "dev", "Sql": "SELECT 'top secret'"}
    sinks[cluster] = MemorySink()

    put(
        {"Arn": QUEUE, "Input": '{"a": 1}', "SqsParameters": {"MessageGroupId": "g"}},
        {"Arn": cluster, "RoleArn": ROLE, "RedshiftDataParameters": parameters},
        level="INFO",
        IncludeDetail="FULL",
    )

    arrived, _, queue, redshift, *_ = read(sinks)
    assert arrived["details"] == {**EVENT, "event_detail": DETAIL}
    assert queue["details"] == {
        **TARGET,
        "attempt_count": 1,
        "target_input": '{"a": 1}',
        "target_properties": '{"SqsParameters":{"MessageGroupId":"g"}}',
    }
    assert json.loads(redshift["details"]["target_properties"]) == {
        "RedshiftDataParameters": {"Database": "dev", "Sql": "***"}
    }
    assert "top secret" not in "".join(sinks[GROUP].payloads)


def test_a_record_that_is_too_large_loses_members_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bus_log_details, "LIMIT_BYTES", 150)
    details = {
        "target_input": "i" * 100,
        "target_properties": "p" * 100,
        "target_response_body": "b" * 10,
    }
    given = {"event_id": "e", "details": details, "dropped_fields": None, "error": {}}

    assert json.loads(format_record(given, is_full=True)) == {
        "event_id": "e",
        "details": {"target_response_body": "b" * 10},
        "dropped_fields": ["target_input", "target_properties"],
        "error": {},
    }


def test_records_stand_in_a_private_file_as_they_are(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "INFO"})
    before = os.umask(0)
    try:
        call("PutEvents", Entries=[ENTRY])
    finally:
        os.umask(before)

    (path,) = Path(ctx.store.path, "sinks", "logs").rglob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [each["message_type"] for each in lines] == [
        "EVENT_INGEST_SUCCESS",
        "NO_STANDARD_RULES_MATCHED",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_is_synced_for_a_record(
    ctx: Context, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "INFO"})
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    call("PutEvents", Entries=[ENTRY])

    assert list(Path(ctx.store.path, "sinks").rglob("*.jsonl"))
    assert synced == []


def test_a_sink_that_fails_loses_records_and_nothing_else(
    ctx: Context, sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    sinks[GROUP].outcome = Outcome("NO_RESOURCE", "gone")

    put({"Arn": QUEUE})

    assert len(sinks[QUEUE].payloads) == 1
    assert ctx.notices == [f"What event buses log was not written to {GROUP}: gone"]


def test_what_a_refused_request_undid_leaves_no_records(
    ctx: Context, sinks: dict[str, MemorySink], call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "TRACE"})
    foreign = "arn:aws:events:us-east-1:999999999999:event-bus/default"
    entries = [ENTRY, {**ENTRY, "EventBusName": foreign}]
    with pytest.raises(AccessDeniedException):
        call("PutEvents", Entries=entries)

    call("PutEvents", Entries=[ENTRY])

    assert list_types(sinks).count("EVENT_RECEIPT") == 1


def test_an_event_bus_that_is_off_logs_nothing(
    sinks: dict[str, MemorySink], put: Callable[..., None]
) -> None:
    put({"Arn": QUEUE}, level="OFF", IncludeDetail="FULL")

    assert read(sinks) == []


def test_a_line_that_is_refused_in_bulk_is_logged_like_an_entry(
    ctx: Context, sinks: dict[str, MemorySink], call: Callable[..., Any]
) -> None:
    call("CreateEventBus", Name="orders", LogConfig={"Level": "ERROR"})
    entry = {k: v for k, v in ENTRY.items() if k != "Time"} | {"Source": "aws.s3"}
    sender = Sender(ctx, make_mark(ctx, "f"))

    sender.send([json.dumps(entry).encode() + b"\n"])

    (refused,) = read(sinks)
    assert refused["message_type"] == "EVENT_INGEST_FAILURE"
    assert refused["details"]["source"] == "aws.s3"
