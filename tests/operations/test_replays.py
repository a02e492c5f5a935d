"""Replays. Each test marks its source."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.scheduled.replays import run_replay
from evcli.errors import ParamValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]
    Start = Callable[..., dict[str, Any]]

ARN = "arn:aws:events:us-east-1:000000000000:"
BUS_ARN = f"{ARN}event-bus/default"
ARCHIVE_ARN = f"{ARN}archive/a"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:q"
FROM = datetime(2024, 5, 14, 11, 0, tzinfo=UTC)
TO = datetime(2024, 5, 14, 12, 0, tzinfo=UTC)
NO_TIME = (
    "ValidationException: Parameter EventEndTime is not valid. Reason: EventStartTime"
    " must be before EventEndTime."
)
CROSS_BUS = (
    "ValidationException: Parameter Destination.Arn is not valid. Reason: Cross event bus"
    " replay is not permitted."
)
NOT_ON_BUS = (
    "ValidationException: Parameter Destination.FilterArns is not valid. Reason: Rule"
    " must be on the destination event bus."
)
ONE_FILTER = (
    "ValidationException: At most one filter is allowed for ListReplays. Use either :"
    " State, EventSourceArn, or NamePrefix."
)


@pytest.fixture
def start(ctx: Context, call: Call) -> Start:
    """Start a replay of archive `a`, which is made on first use."""

    def run(name: str = "p", **request: Any) -> dict[str, Any]:
        return call("StartReplay", **{**build_request(name), **request})

    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)
    return run


def build_request(name: str = "p") -> dict[str, Any]:
    return {
        "ReplayName": name,
        "EventSourceArn": ARCHIVE_ARN,
        "EventStartTime": FROM,
        "EventEndTime": TO,
        "Destination": {"Arn": BUS_ARN},
    }


def put_rule(call: Call, name: str = "r", **request: Any) -> None:
    request.setdefault("EventPattern", '{"source":["shop"]}')
    call("PutRule", Name=name, **request)
    call("PutTargets", Rule=name, Targets=[{"Id": name, "Arn": QUEUE_ARN}])


def send(call: Call, time: datetime | None = None, **entry: Any) -> str:
    if time is not None:
        entry["Time"] = time
    entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}", **entry}
    event_id: str = call("PutEvents", Entries=[entry])["Entries"][0]["EventId"]
    return event_id


# -- StartReplay


def test_start_answers_starting_without_a_reason(start: Start, now: datetime) -> None:
    response = start()

    assert response == {
        "ReplayArn": f"{ARN}replay/p",
        "State": "STARTING",
        "ReplayStartTime": now,
    }  # [aws]
    assert list(response) == ["ReplayArn", "State", "ReplayStartTime"]  # [doc]


def test_start_stays_starting_until_somebody_works_it_off(
    start: Start, call: Call, now: datetime
) -> None:
    start(Description="again")

    response = call("DescribeReplay", ReplayName="p")

    assert response == {
        "ReplayName": "p",
        "ReplayArn": f"{ARN}replay/p",
        "Description": "again",
        "State": "STARTING",
        "EventSourceArn": ARCHIVE_ARN,
        "Destination": {"Arn": BUS_ARN},
        "EventStartTime": FROM,
        "EventEndTime": TO,
        "ReplayStartTime": now,
    }  # [aws]
    assert list(response) == [
        "ReplayName",
        "ReplayArn",
        "Description",
        "State",
        "EventSourceArn",
        "Destination",
        "EventStartTime",
        "EventEndTime",
        "ReplayStartTime",
    ]  # [doc]


def test_the_destination_is_echoed_as_given(start: Start, call: Call) -> None:
    put_rule(call)
    destination = {"Arn": BUS_ARN, "FilterArns": [f"{ARN}rule/r"]}

    start(Destination=destination)

    assert call("DescribeReplay", ReplayName="p")["Destination"] == destination  # [aws]


@pytest.mark.parametrize("seconds", [0, -1])
def test_an_end_that_is_not_after_the_start_is_refused(
    start: Start, refused: Refused, seconds: int
) -> None:
    end = FROM + timedelta(seconds=seconds)

    text = refused("StartReplay", **{**build_request(), "EventEndTime": end})

    assert text == NO_TIME  # [aws]


def test_two_times_inside_of_one_second_are_equal(
    start: Start, refused: Refused
) -> None:
    request = build_request()
    request["EventStartTime"] = "2024-05-14T11:00:00.100Z"
    request["EventEndTime"] = "2024-05-14T11:00:00.900Z"

    assert refused("StartReplay", **request) == NO_TIME  # [aws]


def test_an_end_and_a_start_in_the_future_are_accepted(
    start: Start, clock: VirtualClock
) -> None:
    later = clock.now() + timedelta(days=1)

    assert start("p", EventEndTime=later)["State"] == "STARTING"  # [aws]
    response = start("q", EventStartTime=later, EventEndTime=later + timedelta(days=1))
    assert response["State"] == "STARTING"  # [guess]


def test_the_times_are_checked_before_the_buses_are_compared(
    start: Start, call: Call, refused: Refused
) -> None:
    call("CreateEventBus", Name="b")
    request = {**build_request(), "Destination": {"Arn": f"{ARN}event-bus/b"}}

    wrong_time = refused("StartReplay", **{**request, "EventEndTime": FROM})
    wrong_bus = refused("StartReplay", **request)

    assert (wrong_time, wrong_bus) == (NO_TIME, CROSS_BUS)  # [aws]


@pytest.mark.parametrize(
    "arn", [f"{ARN}archive/a", QUEUE_ARN, "no arn", f"{ARN}event-bus/"]
)
def test_a_destination_that_is_no_event_bus_is_refused_first(
    refused: Refused, arn: str
) -> None:
    request = {**build_request(), "EventEndTime": FROM, "EventSourceArn": BUS_ARN}

    text = refused("StartReplay", **{**request, "Destination": {"Arn": arn}})

    assert text == (
        "ValidationException: Parameter Destination.Arn is not valid. Reason: Must"
        " contain an event bus ARN."
    )  # [peer]


def test_a_source_that_is_no_archive_is_refused_before_the_times(
    refused: Refused,
) -> None:
    request = {**build_request(), "EventEndTime": FROM, "EventSourceArn": BUS_ARN}

    text = refused("StartReplay", **request)

    assert text == (
        "ValidationException: Parameter EventSourceArn is not valid. Reason: Must"
        " contain an archive ARN."
    )  # [peer]


@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}event-bus/nope",
        "arn:aws:events:us-east-1:111111111111:event-bus/nope",
        "arn:aws:events:eu-west-1:000000000000:event-bus/nope",
    ],
)
def test_an_unknown_event_bus_is_told_before_an_unknown_archive(
    refused: Refused, arn: str
) -> None:
    text = refused("StartReplay", **{**build_request(), "Destination": {"Arn": arn}})

    assert text == "ResourceNotFoundException: Event bus nope does not exist."  # [aws]


@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}archive/nope",
        "arn:aws:events:us-east-1:111111111111:archive/nope",
        "arn:aws:events:eu-west-1:000000000000:archive/nope",
    ],
)
def test_an_unknown_archive_is_a_validation_error(
    start: Start, refused: Refused, arn: str
) -> None:
    text = refused("StartReplay", **{**build_request(), "EventSourceArn": arn})

    assert text == (
        "ValidationException: Parameter EventSourceArn is not valid. Reason: Archive"
        " nope does not exist."
    )  # [aws], [guess] foreign ones


def test_a_taken_name_is_told_before_an_unknown_archive(
    start: Start, call: Call, refused: Refused
) -> None:
    start()
    call("CreateEventBus", Name="b")
    request = build_request()
    request["EventSourceArn"] = f"{ARN}archive/nope"
    request["Destination"] = {"Arn": f"{ARN}event-bus/b"}

    text = refused("StartReplay", **request)

    assert text == "ResourceAlreadyExistsException: Replay p already exists."  # [aws]


def test_the_name_of_a_finished_replay_stays_taken(
    ctx: Context, start: Start, refused: Refused
) -> None:
    start()
    run_replay(ctx, "p")

    text = refused("StartReplay", **build_request())

    assert text == "ResourceAlreadyExistsException: Replay p already exists."  # [peer]


@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}rule/b/elsewhere",
        f"{ARN}archive/a",
        "arn:aws:events:us-east-1:111111111111:rule/r",
        "arn:aws:events:eu-west-1:000000000000:rule/r",
        "r",
    ],
)
def test_a_filter_that_is_no_rule_of_the_bus_is_refused(
    start: Start, call: Call, refused: Refused, arn: str
) -> None:
    call("CreateEventBus", Name="b")
    call(
        "PutRule",
        Name="elsewhere",
        EventBusName="b",
        EventPattern='{"source":["shop"]}',
    )
    destination = {"Arn": BUS_ARN, "FilterArns": [arn]}

    text = refused("StartReplay", **{**build_request(), "Destination": destination})

    assert text == NOT_ON_BUS  # [peer]


def test_a_filter_that_does_not_exist_is_not_found(
    start: Start, refused: Refused
) -> None:
    destination = {"Arn": BUS_ARN, "FilterArns": [f"{ARN}rule/nope"]}

    text = refused("StartReplay", **{**build_request(), "Destination": destination})

    assert text == (
        "ResourceNotFoundException: Rule nope does not exist on EventBus default."
    )  # [peer]


def test_ten_replays_may_be_under_way_and_no_more(
    ctx: Context, start: Start, call: Call, refused: Refused
) -> None:
    for number in range(10):
        start(f"p{number}")

    text = refused("StartReplay", **build_request("p10"))

    assert text == (
        "LimitExceededException: The requested resource exceeds the maximum number"
        " allowed."
    )  # [aws]
    run_replay(ctx, "p3")
    call("CancelReplay", ReplayName="p4")
    assert start("p10")["State"] == start("p11")["State"] == "STARTING"


def test_start_refuses_names_like_the_service(refused: Refused) -> None:
    text = refused("StartReplay", **build_request("!" * 65))

    value = f"Value '{'!' * 65}' at 'replayName' failed to satisfy constraint:"
    assert text == (
        f"ValidationException: 2 validation errors detected: {value} Member must satisfy"
        rf" regular expression pattern: [\.\-_A-Za-z0-9]+; {value} Member must have"
        " length less than or equal to 64"
    )  # [aws]


def test_the_client_misses_the_arn_of_the_destination(call: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call("StartReplay", **{**build_request(), "Destination": {}})

    assert caught.value.problems == [
        'Missing required parameter in Destination: "Arn"'
    ]  # [aws]


# -- CancelReplay


def test_cancel_right_behind_the_start_answers_cancelling(
    start: Start, call: Call, now: datetime
) -> None:
    start()

    response = call("CancelReplay", ReplayName="p")

    assert response == {"ReplayArn": f"{ARN}replay/p", "State": "CANCELLING"}  # [aws]
    assert call("DescribeReplay", ReplayName="p") == {
        "ReplayName": "p",
        "ReplayArn": f"{ARN}replay/p",
        "State": "CANCELLING",
        "EventSourceArn": ARCHIVE_ARN,
        "Destination": {"Arn": BUS_ARN},
        "EventStartTime": FROM,
        "EventEndTime": TO,
        "ReplayStartTime": now,
    }  # [aws] neither an end nor a last replayed time


def test_a_cancelled_replay_ends_without_sending(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink, now: datetime
) -> None:
    put_rule(call)
    send(call)
    start()
    call("CancelReplay", ReplayName="p")

    run_replay(ctx, "p")

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "CANCELLED"
    assert described["ReplayEndTime"] == now  # [guess]
    assert "EventLastReplayedTime" not in described  # [aws]
    assert len(memory_sink.deliveries) == 1


def test_cancel_keeps_the_last_replayed_time_of_a_replay_under_way(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    put_rule(call)
    send(call, FROM)
    send(call, FROM + timedelta(minutes=5))
    start()

    run_replay(
        ctx, "p", lambda done, total: call("CancelReplay", ReplayName="p") and None
    )

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "CANCELLED"
    assert described["EventLastReplayedTime"] == FROM  # [guess]
    assert len(memory_sink.deliveries) == 3


@pytest.mark.parametrize("end", ["COMPLETED", "CANCELLED", "FAILED", "CANCELLING"])
def test_only_a_replay_under_way_can_be_cancelled(
    ctx: Context, start: Start, call: Call, refused: Refused, end: str
) -> None:
    start()
    if end == "FAILED":
        call("DeleteArchive", ArchiveName="a")
    elif end != "COMPLETED":
        call("CancelReplay", ReplayName="p")
    if end != "CANCELLING":
        run_replay(ctx, "p")

    text = refused("CancelReplay", ReplayName="p")

    assert text == (
        "IllegalStatusException: Replay p is not in a valid state for this operation."
    )  # [peer] text, [doc] rule
    assert call("DescribeReplay", ReplayName="p")["State"] == end


@pytest.mark.parametrize("name", ["CancelReplay", "DescribeReplay"])
def test_an_unknown_replay_is_not_found(refused: Refused, name: str) -> None:
    text = refused(name, ReplayName="nope")

    assert text == "ResourceNotFoundException: Replay nope does not exist."  # [aws]


# -- ListReplays


def test_list_shows_neither_arn_nor_description_nor_destination(
    ctx: Context, start: Start, call: Call, now: datetime
) -> None:
    send(call, FROM)
    start(Description="d")
    run_replay(ctx, "p")

    response = call("ListReplays")

    item = {
        "ReplayName": "p",
        "EventSourceArn": ARCHIVE_ARN,
        "State": "COMPLETED",
        "EventStartTime": FROM,
        "EventEndTime": TO,
        "EventLastReplayedTime": FROM,
        "ReplayStartTime": now,
        "ReplayEndTime": now,
    }
    assert response == {"Replays": [item]}  # [aws]
    assert list(response["Replays"][0]) == list(item)  # [doc]


def test_list_filters_by_prefix_state_and_archive(
    ctx: Context, start: Start, call: Call
) -> None:
    call("CreateArchive", ArchiveName="b", EventSourceArn=BUS_ARN)
    start("ab")
    start("ac")
    start("b", EventSourceArn=f"{ARN}archive/b")
    run_replay(ctx, "ac")

    def names(**request: str) -> list[str]:
        return [
            each["ReplayName"] for each in call("ListReplays", **request)["Replays"]
        ]

    assert names(NamePrefix="a") == ["ab", "ac"]
    assert names(NamePrefix="ab") == ["ab"]  # [aws] a full name
    assert names(State="COMPLETED") == ["ac"]
    assert names(EventSourceArn=f"{ARN}archive/b") == ["b"]


def test_list_of_an_unknown_archive_is_empty(call: Call) -> None:
    response = call("ListReplays", EventSourceArn=f"{ARN}archive/nope")

    assert response == {"Replays": []}  # [doc] no error is declared


@pytest.mark.parametrize(
    "filters",
    [
        {"NamePrefix": "a", "State": "COMPLETED"},
        {"NamePrefix": "a", "EventSourceArn": ARCHIVE_ARN},
        {"State": "COMPLETED", "EventSourceArn": ARCHIVE_ARN},
    ],
)
def test_list_takes_one_filter_at_most(
    refused: Refused, filters: dict[str, str]
) -> None:
    assert refused("ListReplays", **filters) == ONE_FILTER  # [peer]


def test_list_refuses_an_unknown_state(refused: Refused) -> None:
    text = refused("ListReplays", State="nonsense")

    assert text == (
        "ValidationException: 1 validation error detected: Value 'nonsense' at 'state'"
        " failed to satisfy constraint: Member must satisfy enum value set: [CANCELLED,"
        " CANCELLING, COMPLETED, FAILED, RUNNING, STARTING]"
    )  # [peer]


def test_list_pages_by_name(start: Start, call: Call) -> None:
    for name in "cab":
        start(name)

    first = call("ListReplays", Limit=2)
    second = call("ListReplays", Limit=2, NextToken=first["NextToken"])

    assert [each["ReplayName"] for each in first["Replays"]] == ["a", "b"]
    assert [each["ReplayName"] for each in second["Replays"]] == ["c"]
    assert "NextToken" not in second  # [aws]


# -- what a replay sends


def test_an_empty_replay_completes_without_a_last_replayed_time(
    ctx: Context, start: Start, call: Call, now: datetime
) -> None:
    start()

    run_replay(ctx, "p")

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "COMPLETED"
    assert described["ReplayEndTime"] == now
    assert "EventLastReplayedTime" not in described  # [aws]
    assert "StateReason" not in described


def test_a_replayed_event_has_its_replay_name_before_the_resources(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    put_rule(call)
    tricky = 'x,"resources":["y'
    event_id = send(
        call, FROM, DetailType=tricky, Detail='{"n": 1.10}', Resources=["r,é"]
    )
    start()

    run_replay(ctx, "p")

    live, replayed = memory_sink.payloads
    assert replayed == (
        f'{{"version":"0","id":"{event_id}","detail-type":{json.dumps(tricky)},'
        '"source":"shop","account":"000000000000","time":"2024-05-14T11:00:00Z",'
        '"region":"us-east-1","replay-name":"p","resources":["r,é"],"detail":{"n":1.10}}'
    )  # [aws]
    assert replayed.replace('"replay-name":"p",', "") == live


def test_replayed_events_are_never_archived_again(
    ctx: Context, start: Start, call: Call
) -> None:
    call(
        "CreateArchive",
        ArchiveName="all",
        EventSourceArn=BUS_ARN,
        EventPattern='{"source":[{"exists":true}]}',
    )
    send(call, FROM)
    start()

    run_replay(ctx, "p")

    archives = call("ListArchives")["Archives"]
    assert [each["EventCount"] for each in archives] == [1, 1]  # [doc]


@pytest.mark.parametrize(
    ("seconds", "is_sent"), [(-1, False), (0, True), (3599, True), (3600, False)]
)
def test_the_span_is_that_of_event_times_and_open_at_its_end(
    ctx: Context,
    start: Start,
    call: Call,
    memory_sink: MemorySink,
    seconds: int,
    is_sent: bool,
) -> None:
    put_rule(call)
    send(call, FROM + timedelta(seconds=seconds))
    start()

    run_replay(ctx, "p")

    assert len(memory_sink.deliveries) == 1 + is_sent  # [doc] end, [guess] start


@pytest.mark.parametrize(
    ("start_second", "end_second", "seconds"),
    [(30, 40, [30, 35]), (0, 61, [0, 29, 30, 35, 40, 60]), (29, 30, [29])],
)
def test_a_span_cuts_minutes_by_the_second(
    ctx: Context,
    start: Start,
    call: Call,
    memory_sink: MemorySink,
    start_second: int,
    end_second: int,
    seconds: list[int],
) -> None:
    for second in (0, 29, 30, 35, 40, 60, 61):
        send(call, FROM + timedelta(seconds=second))
    put_rule(call)
    start(
        EventStartTime=FROM + timedelta(seconds=start_second),
        EventEndTime=FROM + timedelta(seconds=end_second),
    )

    run_replay(ctx, "p")

    times = [json.loads(payload)["time"] for payload in memory_sink.payloads]
    assert [datetime.fromisoformat(time) - FROM for time in times] == [
        timedelta(seconds=second) for second in seconds
    ]  # [doc]


def test_windows_go_by_the_minute_and_inside_of_one_by_arrival(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    seconds = (130, 70, 10, 61, 5, 119)
    for second in seconds:
        send(call, FROM + timedelta(seconds=second))
    put_rule(call)
    start()

    run_replay(ctx, "p")

    times = [json.loads(payload)["time"] for payload in memory_sink.payloads]
    assert [datetime.fromisoformat(time) - FROM for time in times] == [
        timedelta(seconds=second) for second in (10, 5, 70, 61, 119, 130)
    ]  # [doc] windows, [guess] inside of one


def test_events_before_1970_replay_in_order(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for second in (30, -30, -90, 0):
        send(call, epoch + timedelta(seconds=second))
    put_rule(call)
    start(EventStartTime=epoch - timedelta(seconds=90), EventEndTime=epoch)

    run_replay(ctx, "p")

    times = [json.loads(payload)["time"] for payload in memory_sink.payloads]
    assert times == ["1969-12-31T23:58:30Z", "1969-12-31T23:59:30Z"]


def test_without_filters_every_enabled_rule_with_a_pattern_takes_part(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    for name in ("one", "two", "off"):
        put_rule(call, name)
    put_rule(call, "other", EventPattern='{"source":["bank"]}')
    put_rule(
        call,
        "timer",
        EventPattern='{"source":["none"]}',
        ScheduleExpression="rate(1 day)",
    )
    call("DisableRule", Name="off")
    send(call, FROM)
    memory_sink.deliveries.clear()
    start()

    run_replay(ctx, "p")

    assert [each.target_id for each in memory_sink.deliveries] == [
        "one",
        "two",
    ]  # [doc]


def test_filters_restrict_the_rules_which_still_have_to_match(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    for name in ("one", "two"):
        put_rule(call, name)
    put_rule(call, "other", EventPattern='{"source":["bank"]}')
    send(call, FROM)
    memory_sink.deliveries.clear()
    filters = [f"{ARN}rule/two", f"{ARN}rule/other"]
    start(Destination={"Arn": BUS_ARN, "FilterArns": filters})

    run_replay(ctx, "p")

    assert [each.target_id for each in memory_sink.deliveries] == ["two"]  # [aws] [doc]


def test_patterns_may_ask_for_the_replay_name(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    put_rule(call, "again", EventPattern='{"replay-name":["p"]}')
    put_rule(call, "fresh", EventPattern='{"replay-name":[{"exists":false}]}')
    send(call, FROM)
    start()

    run_replay(ctx, "p")

    assert [each.target_id for each in memory_sink.deliveries] == ["fresh", "again"]


def test_replayed_events_go_through_input_settings(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    target = {"Id": "1", "Arn": QUEUE_ARN, "InputPath": "$.replay-name"}
    send(call, FROM)
    call("PutTargets", Rule="r", Targets=[target])
    start()

    run_replay(ctx, "p")

    assert memory_sink.payloads == ['"p"']


def test_the_last_replayed_time_is_the_latest_event_time(
    ctx: Context, start: Start, call: Call
) -> None:
    for second in (50, 130, 125):
        send(call, FROM + timedelta(seconds=second))
    start()

    seen = []
    run_replay(
        ctx,
        "p",
        lambda done, total: seen.append(
            call("DescribeReplay", ReplayName="p")["EventLastReplayedTime"]
        ),
    )

    assert seen == [
        FROM + timedelta(seconds=50),
        FROM + timedelta(seconds=130),
    ]  # [doc]


def test_a_custom_bus_replays_to_itself(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    call("CreateEventBus", Name="b")
    call("CreateArchive", ArchiveName="x", EventSourceArn=f"{ARN}event-bus/b")
    send(call, FROM, EventBusName="b")
    call("PutRule", Name="r", EventBusName="b", EventPattern='{"source":["shop"]}')
    call(
        "PutTargets",
        Rule="r",
        EventBusName="b",
        Targets=[{"Id": "1", "Arn": QUEUE_ARN}],
    )
    start(
        EventSourceArn=f"{ARN}archive/x",
        Destination={
            "Arn": f"{ARN}event-bus/b",
            "FilterArns": [f"{ARN}rule/b/r"],
        },
    )

    run_replay(ctx, "p")

    assert [each.rule_arn for each in memory_sink.deliveries] == [f"{ARN}rule/b/r"]


def test_expired_events_are_not_replayed(
    ctx: Context, start: Start, call: Call, clock: VirtualClock, memory_sink: MemorySink
) -> None:
    send(call, FROM)
    clock.advance(86_400)
    send(call, FROM)
    call("UpdateArchive", ArchiveName="a", RetentionDays=2)
    put_rule(call)
    clock.advance(86_400)
    start()

    run_replay(ctx, "p")

    assert len(memory_sink.deliveries) == 1
    assert call("DescribeReplay", ReplayName="p")["State"] == "COMPLETED"


# -- an archive that goes away


def test_deleting_the_archive_fails_a_replay_that_is_starting(
    start: Start, call: Call, now: datetime
) -> None:
    start()

    call("DeleteArchive", ArchiveName="a")

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "FAILED"
    assert described["StateReason"] == "Archive a does not exist."  # [guess]
    assert described["ReplayEndTime"] == now


def test_deleting_the_archive_stops_a_replay_under_way(
    ctx: Context, start: Start, call: Call, memory_sink: MemorySink
) -> None:
    put_rule(call)
    send(call, FROM)
    send(call, FROM + timedelta(minutes=1))
    memory_sink.deliveries.clear()
    start()

    run_replay(
        ctx, "p", lambda done, total: call("DeleteArchive", ArchiveName="a") and None
    )

    described = call("DescribeReplay", ReplayName="p")
    assert described["State"] == "FAILED"
    assert described["EventLastReplayedTime"] == FROM
    assert len(memory_sink.deliveries) == 1


def test_a_finished_replay_of_a_deleted_archive_stays_listed(
    ctx: Context, start: Start, call: Call
) -> None:
    start()
    run_replay(ctx, "p")

    call("DeleteArchive", ArchiveName="a")

    assert [each["State"] for each in call("ListReplays")["Replays"]] == ["COMPLETED"]
