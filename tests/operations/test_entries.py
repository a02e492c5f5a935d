"""PutEvents and TestEventPattern: results entry by entry, envelopes, pattern cases."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.envelopes import parse_detail
from evcli.errors import InvalidEventPatternException, ParamValidationError
from tests.patterns.cases import Case, load_cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from tests.conftest import MemorySink

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"a": 1}'}
CASES = load_cases()


@pytest.fixture
def catch_all(call: Call, memory_sink: MemorySink) -> MemorySink:
    """A rule on the default event bus that lets everything through to one target."""
    call("PutRule", Name="all", EventPattern='{"version":["0"]}')
    call("PutTargets", Rule="all", Targets=[{"Id": "1", "Arn": QUEUE}])
    return memory_sink


def put_one(call: Call, **changes: Any) -> dict[str, Any]:
    """Put one entry; give its result."""
    entry = {
        name: value for name, value in {**ENTRY, **changes}.items() if value is not None
    }
    response = call("PutEvents", Entries=[entry])
    result: dict[str, Any] = response["Entries"][0]
    assert response["FailedEntryCount"] == ("ErrorCode" in result)
    return result


# -- results


def test_an_accepted_entry_gets_a_lower_case_uuid4(call: Call) -> None:
    result = put_one(call)

    assert list(result) == ["EventId"]
    assert UUID4.fullmatch(result["EventId"])


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"Source": None}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"DetailType": None}, "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."),
        ({"DetailType": ""}, "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."),
        ({"Detail": None}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Detail": ""}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Source": "aws.ec2"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
        ({"Detail": "text"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "{{}}"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '"quoted"'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "7"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "null"}, "MalformedDetail", "Detail is malformed."),
        # First failing check first.
        ({"Source": None, "Detail": "x"}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"Source": "aws.s3", "Detail": "x"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)  # fmt: skip
def test_a_bad_entry_fails_alone_with_awss_words(
    call: Call, changes: dict[str, Any], code: str, message: str
) -> None:
    assert put_one(call, **changes) == {"ErrorCode": code, "ErrorMessage": message}


def test_an_empty_entry_is_a_legal_request(call: Call) -> None:
    response = call("PutEvents", Entries=[{}])

    assert response["FailedEntryCount"] == 1


def test_results_stand_in_request_order(catch_all: MemorySink, call: Call) -> None:
    good = [{**ENTRY, "Source": f"s{number}"} for number in range(3)]

    response = call(
        "PutEvents", Entries=[good[0], {}, good[1], {**ENTRY, "Detail": "[]"}, good[2]]
    )

    assert response["FailedEntryCount"] == 2
    assert ["EventId" in result for result in response["Entries"]] == [
        True,
        False,
        True,
        False,
        True,
    ]
    ids = [result["EventId"] for result in response["Entries"] if "EventId" in result]
    assert [json.loads(text)["id"] for text in catch_all.payloads] == ids


def test_no_entries_is_a_clients_error(call: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call("PutEvents", Entries=[])

    assert caught.value.problems == [
        "Invalid length for parameter Entries, value: 0, valid min length: 1"
    ]


def test_eleven_entries_are_refused_with_all_of_them_in_the_text(
    refused: Refused,
) -> None:
    entries = [{**ENTRY, "EventBusName": "b"}] + [{"Source": "s"}] * 10

    message = refused("PutEvents", Entries=entries)

    first = (
        'PutEventsRequestEntry(time=null, source=shop, resources=null, detailType=order, detail={"a": 1},'
        " eventBusName=b, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)"
    )
    other = (
        "PutEventsRequestEntry(time=null, source=s, resources=null, detailType=null, detail=null,"
        " eventBusName=null, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)"
    )
    assert message == (
        f"ValidationException: 1 validation error detected: Value '[{', '.join([first] + [other] * 10)}]'"
        " at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"
    )


def test_a_partner_event_bus_is_refused_by_the_regex(refused: Refused) -> None:
    message = refused(
        "PutEvents", Entries=[{**ENTRY, "EventBusName": "aws.partner/x/y"}]
    )

    assert message == (
        "ValidationException: 1 validation error detected: Value 'aws.partner/x/y' at"
        " 'entries.1.member.eventBusName' failed to satisfy constraint: Member must satisfy regular"
        r" expression pattern: (arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+"
    )


def test_the_size_of_a_request_is_the_sum_over_its_entries(
    ctx: Context, call: Call, refused: Refused
) -> None:
    # 14 for the time, 1 source, 2 for é, 11 for the detail, 3 for the resources.
    entry = {
        "Time": 1,
        "Source": "s",
        "DetailType": "é",
        "Detail": '{"abc":"d"}',
        "Resources": ["r", "rr"],
    }
    ctx.quotas["put_events_bytes"] = 2 * (14 + 1 + 2 + 11 + 3)

    accepted = call(
        "PutEvents",
        Entries=[entry, {**entry, "EventBusName": "b" * 100, "TraceHeader": "t"}],
    )
    message = refused("PutEvents", Entries=[entry, {**entry, "Source": "ss"}])

    assert accepted["FailedEntryCount"] == 0
    assert (
        message
        == "ValidationException: Total size of the entries in the request is over the limit."
    )
    assert ctx.notices == [
        "the quota put_events_bytes is 62; [quotas] in config.toml changes it"
    ]


def test_a_megabyte_passes_by_default_and_a_byte_more_does_not(
    call: Call, refused: Refused
) -> None:
    detail = (
        '{"a":"'
        + "x" * (1_048_576 - len("shop") - len("order") - len('{"a":""}'))
        + '"}'
    )

    accepted = put_one(call, Detail=detail)
    message = refused("PutEvents", Entries=[{**ENTRY, "Detail": detail + " "}])

    assert "EventId" in accepted
    assert (
        message
        == "ValidationException: Total size of the entries in the request is over the limit."
    )


def test_an_unknown_event_bus_swallows_the_event(
    catch_all: MemorySink, call: Call
) -> None:
    response = call("PutEvents", Entries=[{**ENTRY, "EventBusName": "nope"}, ENTRY])

    assert response["FailedEntryCount"] == 0
    assert [json.loads(text)["id"] for text in catch_all.payloads] == [
        response["Entries"][1]["EventId"]
    ]


def test_a_failing_target_never_changes_the_answer(
    catch_all: MemorySink, call: Call
) -> None:
    from evcli.context import Outcome

    catch_all.outcome = Outcome("NO_RESOURCE", "gone")

    assert list(put_one(call)) == ["EventId"]


# -- envelope and routing


def test_the_envelope_is_compact_and_in_awss_order(
    catch_all: MemorySink, call: Call
) -> None:
    event_id = put_one(
        call, Detail='{ "b" : [1, 2.50],\n "a": {"x": "é"} }', Resources=["r2", "r1"]
    )["EventId"]

    assert catch_all.payloads == [
        '{"version":"0","id":"' + event_id + '","detail-type":"order","source":"shop",'
        '"account":"000000000000","time":"2024-05-14T11:23:22Z","region":"us-east-1",'
        '"resources":["r2","r1"],"detail":{"b":[1,2.50],"a":{"x":"é"}}}'
    ]


def test_resources_are_an_empty_list_when_there_are_none(
    catch_all: MemorySink, call: Call
) -> None:
    put_one(call)

    assert json.loads(catch_all.payloads[0])["resources"] == []


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2022-01-01", "2022-01-01T00:00:00Z"),
        ("2022-01-01 00:00:00Z", "2022-01-01T00:00:00Z"),
        ("01-01-2022T00:00:00Z", "2022-01-01T00:00:00Z"),
        ("2022-01-01T02:00:00.987+02:00", "2022-01-01T00:00:00Z"),
        (1640995200, "2022-01-01T00:00:00Z"),
        (datetime(2022, 1, 1, 0, 0, 0, 999999, tzinfo=UTC), "2022-01-01T00:00:00Z"),
    ],
)
def test_time_becomes_whole_seconds_in_utc(
    catch_all: MemorySink, call: Call, time: object, shown: str
) -> None:
    put_one(call, Time=time)

    assert json.loads(catch_all.payloads[0])["time"] == shown


def test_event_bus_name_and_trace_header_stay_out_of_the_envelope(
    catch_all: MemorySink, call: Call
) -> None:
    trace_header = "Root=1-5759e988-bd862e3fe1be46a994272793"
    put_one(call, EventBusName="default", TraceHeader=trace_header)

    assert list(json.loads(catch_all.payloads[0])) == [
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    ]  # fmt: skip


def test_every_delivery_of_an_entry_carries_its_id(
    catch_all: MemorySink, call: Call
) -> None:
    call("PutRule", Name="second", EventPattern='{"source":["shop"]}')
    targets = [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": QUEUE}]
    call("PutTargets", Rule="second", Targets=targets)

    event_id = put_one(call)["EventId"]

    assert [json.loads(text)["id"] for text in catch_all.payloads] == [event_id] * 3


def test_disabled_rules_and_schedules_do_not_take_part(
    catch_all: MemorySink, call: Call
) -> None:
    call("DisableRule", Name="all")
    call("PutRule", Name="clock", ScheduleExpression="rate(5 minutes)")
    call("PutTargets", Rule="clock", Targets=[{"Id": "1", "Arn": QUEUE}])

    put_one(call)

    assert catch_all.payloads == []


def test_a_rule_with_the_cloudtrail_state_counts_as_enabled(
    call: Call, memory_sink: MemorySink
) -> None:
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}', State=state)
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])

    put_one(call)

    assert len(memory_sink.payloads) == 1


def test_one_targets_input_leaves_the_event_alone_for_the_next(
    call: Call, memory_sink: MemorySink
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    targets = [
        {"Id": "1", "Arn": QUEUE, "InputPath": "$.detail"},
        {"Id": "2", "Arn": QUEUE},
    ]
    call("PutTargets", Rule="r", Targets=targets)

    put_one(call)

    assert memory_sink.payloads[0] == '{"a":1}'
    assert json.loads(memory_sink.payloads[1])["detail"] == {"a": 1}


def test_an_event_bus_may_be_named_by_its_arn(
    call: Call, memory_sink: MemorySink
) -> None:
    arn = call("CreateEventBus", Name="orders")["EventBusArn"]
    call("PutRule", Name="r", EventBusName="orders", EventPattern='{"source":["shop"]}')
    call(
        "PutTargets",
        Rule="r",
        EventBusName="orders",
        Targets=[{"Id": "1", "Arn": QUEUE}],
    )

    put_one(call, EventBusName=arn)

    assert len(memory_sink.payloads) == 1


# -- TestEventPattern

WHOLE = {
    "id": "1",
    "account": "2",
    "source": "s",
    "time": "t",
    "region": "r",
    "detail-type": "d",
}


@pytest.mark.parametrize("missing", WHOLE)
def test_an_event_to_test_needs_six_keys(refused: Refused, missing: str) -> None:
    event = {name: value for name, value in WHOLE.items() if name != missing}

    message = refused(
        "TestEventPattern", EventPattern='{"source":["s"]}', Event=json.dumps(event)
    )

    assert message == "ValidationException: Parameter Event is not valid."


@pytest.mark.parametrize("event", ["text", "[]", "{", "7", '"s"'])
def test_an_event_to_test_is_a_json_object(refused: Refused, event: str) -> None:
    message = refused("TestEventPattern", EventPattern='{"source":["s"]}', Event=event)

    assert message == "ValidationException: Parameter Event is not valid."


def test_the_event_is_judged_before_the_pattern(refused: Refused) -> None:
    message = refused("TestEventPattern", EventPattern="{", Event="{")

    assert message == "ValidationException: Parameter Event is not valid."


def test_values_of_the_six_keys_may_be_anything(call: Call) -> None:
    event = {**WHOLE, "detail-type": ["a", "b"]}

    response = call(
        "TestEventPattern",
        EventPattern='{"detail-type":["b"]}',
        Event=json.dumps(event),
    )

    assert response == {"Result": True}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_test_event_pattern_agrees_with_the_case(call: Call, case: Case) -> None:
    request = {"EventPattern": case.pattern, "Event": case.whole_event}

    if case.error is None:
        assert call("TestEventPattern", **request) == {"Result": case.matches}
        return
    with pytest.raises(InvalidEventPatternException) as caught:
        call("TestEventPattern", **request)

    assert caught.value.message == f"Event pattern is not valid. Reason: {case.error}"


# -- the cases once more, from put-rule to a target


def is_sendable(case: Case) -> bool:
    """Whether the event survives PutEvents as it is.

    A detail is written anew, so repeated keys are gone, and numbers beyond 64 bits make
    it malformed.
    """

    def keep(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(members)) < len(members):
            raise ValueError(members)
        return dict(members)

    try:
        json.loads(case.event, object_pairs_hook=keep)
    except ValueError:
        return False
    return parse_detail(case.event) is not None


def wrap(pattern: str) -> str:
    """Apply a pattern to the detail; what follows its end is left out."""
    _, end = json.JSONDecoder().raw_decode(pattern.lstrip())
    return f'{{"detail": {pattern.lstrip()[:end]}}}'


SENDABLE = [case for case in CASES if case.error is None and is_sendable(case)]


def test_nearly_all_cases_can_be_sent() -> None:
    matching = [case for case in CASES if case.error is None]

    assert len(SENDABLE) > 400
    assert len(matching) - len(SENDABLE) < 20


@pytest.mark.slow
@pytest.mark.parametrize("case", SENDABLE, ids=lambda case: case.id)
def test_put_events_agrees_with_the_case(
    call: Call, memory_sink: MemorySink, case: Case
) -> None:
    call("PutRule", Name="r", EventPattern=wrap(case.pattern))
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])

    put_one(call, Detail=case.event)

    assert bool(memory_sink.payloads) is case.matches


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.error is not None], ids=lambda case: case.id
)
def test_put_rule_refuses_what_the_case_refuses(call: Call, case: Case) -> None:
    if not case.pattern:
        # An empty pattern counts as none at all for PutRule.
        return
    with pytest.raises(InvalidEventPatternException) as caught:
        call("PutRule", Name="r", EventPattern=case.pattern)

    assert caught.value.reason == case.error
