"""PutPartnerEvents. Each test marks its source."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]

CUSTOMER = "0" * 12
PARTNER = "1" * 12
NAME = "aws.partner/example.com/shop/orders"
ENTRY = {"Source": NAME, "DetailType": "order", "Detail": '{"total":250}'}


@pytest.fixture
def partner(call_as: Call) -> Call:
    """Run an operation as the partner; `call` is the customer."""

    def run(name: str, **request: Any) -> dict[str, Any]:
        return call_as(PARTNER, "us-east-1", name, **request)

    return run


def send_all_to_queue(call: Call, event_bus_name: str, queue: str) -> None:
    """Give an event bus a rule that matches every event of the source."""
    pattern = json.dumps({"source": [{"prefix": "aws.partner"}]})
    call("PutRule", Name="all", EventBusName=event_bus_name, EventPattern=pattern)
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue}"
    call(
        "PutTargets",
        Rule="all",
        EventBusName=event_bus_name,
        Targets=[{"Id": "q", "Arn": arn}],
    )


@pytest.fixture
def taken(call: Call, partner: Call) -> None:
    """A source that the customer took, and rules on its event bus and the default one."""
    partner("CreatePartnerEventSource", Name=NAME, Account=CUSTOMER)
    call("CreateEventBus", Name=NAME, EventSourceName=NAME)
    send_all_to_queue(call, NAME, "partner")
    send_all_to_queue(call, "default", "default")


@pytest.mark.usefixtures("taken")
def test_an_event_reaches_the_customers_partner_event_bus_alone(
    partner: Call, memory_sink: MemorySink
) -> None:
    response = partner("PutPartnerEvents", Entries=[{**ENTRY, "Resources": ["r"]}])

    event_id = response["Entries"][0]["EventId"]
    assert response == {"FailedEntryCount": 0, "Entries": [{"EventId": event_id}]}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event_id)
    arrivals = [
        (delivery.target_arn, delivery.rule_arn) for delivery in memory_sink.deliveries
    ]
    assert arrivals == [  # [doc] not the default event bus
        (
            "arn:aws:sqs:us-east-1:000000000000:partner",
            f"arn:aws:events:us-east-1:000000000000:rule/{NAME}/all",  # [aws]
        )
    ]
    assert list(json.loads(memory_sink.payloads[0]).items()) == [
        ("version", "0"),
        ("id", event_id),
        ("detail-type", "order"),
        ("source", NAME),
        ("account", CUSTOMER),  # [peer]
        ("time", "2024-05-14T11:23:22Z"),
        ("region", "us-east-1"),
        ("resources", ["r"]),
        ("detail", {"total": 250}),
    ]


@pytest.mark.usefixtures("taken")
def test_events_meet_the_rules_of_the_partner_event_bus(
    call: Call, partner: Call, memory_sink: MemorySink
) -> None:
    pattern = '{"detail":{"total":[{"numeric":[">",100]}]}}'
    call("PutRule", Name="all", EventBusName=NAME, EventPattern=pattern)

    response = partner(
        "PutPartnerEvents", Entries=[{**ENTRY, "Detail": '{"total":12}'}, ENTRY]
    )

    assert response["FailedEntryCount"] == 0
    assert [json.loads(each)["id"] for each in memory_sink.payloads] == [
        response["Entries"][1]["EventId"]
    ]


def withdraw(call: Call, partner: Call) -> None:
    partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)


def deactivate(call: Call, partner: Call) -> None:
    call("DeactivateEventSource", Name=NAME)


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize("stop", [withdraw, deactivate])
def test_events_of_a_source_that_is_not_active_are_taken_and_dropped(
    ctx: Context,
    call: Call,
    partner: Call,
    memory_sink: MemorySink,
    stop: Callable[[Call, Call], None],
) -> None:
    stop(call, partner)

    response = partner("PutPartnerEvents", Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0  # [aws] for PENDING
    assert set(response["Entries"][0]) == {"EventId"}
    assert memory_sink.deliveries == []
    assert ctx.store.database.execute("SELECT COUNT(*) FROM events").fetchone() == (0,)


def test_events_of_a_source_that_nobody_took_are_taken_and_dropped(
    call: Call, partner: Call, memory_sink: MemorySink
) -> None:
    partner("CreatePartnerEventSource", Name=NAME, Account=CUSTOMER)
    send_all_to_queue(call, "default", "default")

    response = partner("PutPartnerEvents", Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0  # [aws]
    assert memory_sink.deliveries == []


@pytest.mark.usefixtures("taken")
def test_an_activated_source_delivers_again(
    call: Call, partner: Call, memory_sink: MemorySink
) -> None:
    call("DeactivateEventSource", Name=NAME)
    call("ActivateEventSource", Name=NAME)

    partner("PutPartnerEvents", Entries=[ENTRY])

    assert len(memory_sink.deliveries) == 1


UNKNOWN = {  # [guess]
    "ErrorCode": "ResourceNotFoundException",
    "ErrorMessage": f"Event source {NAME} does not exist.",
}


def test_an_unknown_source_fails_its_entry(partner: Call) -> None:
    response = partner("PutPartnerEvents", Entries=[ENTRY])

    assert response == {"FailedEntryCount": 1, "Entries": [UNKNOWN]}


@pytest.mark.usefixtures("taken")
def test_only_the_partner_that_offers_a_source_sends_for_it(
    call: Call, call_as: Call, memory_sink: MemorySink
) -> None:
    answers = [
        call("PutPartnerEvents", Entries=[ENTRY]),
        call_as("2" * 12, "us-east-1", "PutPartnerEvents", Entries=[ENTRY]),
        call_as(PARTNER, "eu-west-1", "PutPartnerEvents", Entries=[ENTRY]),
    ]

    assert answers == [{"FailedEntryCount": 1, "Entries": [UNKNOWN]}] * 3
    assert memory_sink.deliveries == []


def test_an_expired_source_is_unknown(partner: Call, clock: VirtualClock) -> None:
    partner("CreatePartnerEventSource", Name=NAME, Account=CUSTOMER)
    clock.advance(14 * 86_400)

    response = partner("PutPartnerEvents", Entries=[ENTRY])

    assert response["Entries"] == [UNKNOWN]


@pytest.mark.usefixtures("taken")
def test_entries_fail_one_by_one_in_their_places(
    partner: Call, memory_sink: MemorySink
) -> None:
    def without(name: str) -> dict[str, str]:
        return {key: value for key, value in ENTRY.items() if key != name}

    response = partner(
        "PutPartnerEvents",
        Entries=[
            {},
            without("Source"),
            without("DetailType"),
            without("Detail"),
            {**ENTRY, "Detail": "[]"},
            {**ENTRY, "Detail": "{"},
            ENTRY,
        ],
    )

    def required(name: str) -> tuple[str, str]:
        return (
            "InvalidArgument",
            f"Parameter {name} is not valid. Reason: {name} is a required argument.",
        )

    malformed = ("MalformedDetail", "Detail is malformed.")
    errors = [
        (each.get("ErrorCode"), each.get("ErrorMessage"))
        for each in response["Entries"]
    ]
    assert errors == [  # [doc] per entry, [guess] the texts: PutEvents'
        required("Source"),
        required("Source"),
        required("DetailType"),
        required("Detail"),
        malformed,
        malformed,
        (None, None),
    ]
    assert response["FailedEntryCount"] == 6
    assert len(memory_sink.deliveries) == 1


def put_refused(partner: Call, entries: list[dict[str, Any]]) -> str:
    with pytest.raises(ServiceError) as caught:
        partner("PutPartnerEvents", Entries=entries)
    return f"{caught.value.code}: {caught.value.message}"


def test_a_source_of_another_form_fails_the_request(partner: Call) -> None:
    refusal = put_refused(partner, [ENTRY, {**ENTRY, "Source": "shop"}])

    assert refusal == (  # [doc]
        "ValidationException: 1 validation error detected: Value 'shop' at"
        " 'entries.2.member.source' failed to satisfy constraint: Member must satisfy"
        r" regular expression pattern: aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"
    )


@pytest.mark.usefixtures("taken")
def test_twenty_entries_are_taken_and_not_one_more(
    partner: Call, memory_sink: MemorySink
) -> None:
    response = partner("PutPartnerEvents", Entries=[ENTRY] * 20)

    refusal = put_refused(partner, [ENTRY] * 21)

    assert response["FailedEntryCount"] == 0
    assert len(memory_sink.deliveries) == 20
    one = (
        f"PutPartnerEventsRequestEntry(time=null, source={NAME}, resources=null,"
        ' detailType=order, detail={"total":250})'
    )
    assert refusal == (  # [doc] the limit, [guess] the rendering
        "ValidationException: 1 validation error detected: Value"
        f" '[{', '.join([one] * 21)}]' at 'entries' failed to satisfy constraint: Member"
        " must have length less than or equal to 20"
    )


def test_no_entries_are_refused_by_the_client(partner: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        partner("PutPartnerEvents", Entries=[])

    assert caught.value.problems == [
        "Invalid length for parameter Entries, value: 0, valid min length: 1"
    ]


@pytest.mark.usefixtures("taken")
def test_the_size_limit_is_that_of_put_events(partner: Call) -> None:
    size = len(NAME) + len("order")
    filler = "x" * (1_048_576 - size - len('{"a":""}'))
    entry = {**ENTRY, "Detail": json.dumps({"a": filler}, separators=(",", ":"))}

    response = partner("PutPartnerEvents", Entries=[entry])

    assert response["FailedEntryCount"] == 0
    assert put_refused(partner, [{**entry, "DetailType": "orders"}]) == (  # [doc]
        "ValidationException: Total size of the entries in the request is over the limit."
    )


@pytest.mark.usefixtures("taken")
def test_an_entrys_time_becomes_the_events(
    partner: Call, memory_sink: MemorySink
) -> None:
    partner(
        "PutPartnerEvents", Entries=[{**ENTRY, "Time": "2022-01-01T01:00:00.9+01:00"}]
    )

    assert json.loads(memory_sink.payloads[0])["time"] == "2022-01-01T00:00:00Z"


@pytest.mark.usefixtures("taken")
def test_put_events_cannot_reach_a_partner_event_bus(call: Call) -> None:
    entry = {"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": NAME}

    with pytest.raises(ServiceError) as caught:
        call("PutEvents", Entries=[entry])

    assert "at 'entries.1.member.eventBusName'" in caught.value.message  # [aws]
