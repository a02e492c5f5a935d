"""Partner event sources. Each test marks its source."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import VirtualClock

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

CUSTOMER = "0" * 12
PARTNER = "1" * 12
NAME = "aws.partner/example.com/shop/orders"
ARN = f"arn:aws:events:us-east-1::event-source/{NAME}"
TWO_WEEKS = timedelta(days=14)
NAME_REGEX = r"aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"


@pytest.fixture
def partner(call_as: Call) -> Call:
    """Run an operation as the partner; `call` is the customer."""

    def run(name: str, **request: Any) -> dict[str, Any]:
        return call_as(PARTNER, "us-east-1", name, **request)

    return run


@pytest.fixture
def partner_refused(partner: Call) -> Refused:
    """Run an operation as the partner that has to be refused: `CODE: message`."""

    def run(name: str, **request: Any) -> str:
        with pytest.raises(ServiceError) as caught:
            partner(name, **request)
        return f"{caught.value.code}: {caught.value.message}"

    return run


def offer(partner: Call, name: str = NAME, account: str = CUSTOMER) -> dict[str, Any]:
    return partner("CreatePartnerEventSource", Name=name, Account=account)


def take(call: Call, name: str = NAME) -> None:
    call("CreateEventBus", Name=name, EventSourceName=name)


def see(call: Call, partner: Call) -> tuple[str, str]:
    """The state of the source as customer and partner see it."""
    accounts = partner("ListPartnerEventSourceAccounts", EventSourceName=NAME)
    return (
        call("DescribeEventSource", Name=NAME)["State"],
        accounts["PartnerEventSourceAccounts"][0]["State"],
    )


# -- CreatePartnerEventSource


def test_create_answers_the_arn_without_an_account(partner: Call) -> None:
    response = offer(partner)

    assert response == {"EventSourceArn": ARN}  # [doc]


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_arn_is_in_the_regions_partition(
    call_as: Call, region: str, partition: str
) -> None:
    response = call_as(
        PARTNER, region, "CreatePartnerEventSource", Name=NAME, Account=CUSTOMER
    )

    assert response == {  # [guess]
        "EventSourceArn": f"arn:{partition}:events:{region}::event-source/{NAME}"
    }


def test_an_offer_is_pending_for_two_weeks_on_both_sides(
    call: Call, partner: Call, now: datetime
) -> None:
    offer(partner)

    described = call("DescribeEventSource", Name=NAME)
    listed = call("ListEventSources")
    accounts = partner("ListPartnerEventSourceAccounts", EventSourceName=NAME)

    expected = {
        "Arn": ARN,
        "CreatedBy": "example.com",  # [doc]
        "CreationTime": now,
        "ExpirationTime": now + TWO_WEEKS,  # [doc]
        "Name": NAME,
        "State": "PENDING",  # [doc]
    }
    assert described == expected
    assert list(described) == list(expected)  # [doc] the order
    assert listed == {"EventSources": [expected]}
    assert accounts == {
        "PartnerEventSourceAccounts": [
            {
                "Account": CUSTOMER,
                "CreationTime": now,
                "ExpirationTime": now + TWO_WEEKS,
                "State": "PENDING",
            }
        ]
    }


@pytest.mark.parametrize("account", [CUSTOMER, "2" * 12])
def test_a_name_is_offered_once_whoever_it_is_for(
    partner: Call, partner_refused: Refused, refused: Refused, account: str
) -> None:
    offer(partner)

    message = f"ResourceAlreadyExistsException: Event source {NAME} already exists."
    request = {"Name": NAME, "Account": account}
    assert partner_refused("CreatePartnerEventSource", **request) == message  # [doc]
    assert refused("CreatePartnerEventSource", **request) == message


def test_the_same_name_may_be_offered_in_another_region(
    partner: Call, call_as: Call
) -> None:
    offer(partner)

    response = call_as(
        PARTNER, "eu-west-1", "CreatePartnerEventSource", Name=NAME, Account=CUSTOMER
    )

    assert response["EventSourceArn"].startswith("arn:aws:events:eu-west-1::")


@pytest.mark.parametrize(
    ("request_", "where", "value", "phrase"),
    [
        (
            {"Name": NAME, "Account": "1" * 13},
            "account",
            "1" * 13,
            r"Member must satisfy regular expression pattern: \d{12}",
        ),
        (
            {"Name": NAME, "Account": "abcdefghijkl"},
            "account",
            "abcdefghijkl",
            r"Member must satisfy regular expression pattern: \d{12}",
        ),
        (
            {"Name": "aws.partner/one", "Account": CUSTOMER},
            "name",
            "aws.partner/one",
            f"Member must satisfy regular expression pattern: {NAME_REGEX}",
        ),
        (
            {"Name": "example.com/shop/orders", "Account": CUSTOMER},
            "name",
            "example.com/shop/orders",
            f"Member must satisfy regular expression pattern: {NAME_REGEX}",
        ),
    ],
)
def test_create_refuses_names_and_accounts_of_another_form(
    partner_refused: Refused,
    request_: dict[str, str],
    where: str,
    value: str,
    phrase: str,
) -> None:
    refusal = partner_refused("CreatePartnerEventSource", **request_)

    assert refusal.startswith("ValidationException: ")
    assert (  # [doc] + [aws] format
        f"Value '{value}' at '{where}' failed to satisfy constraint: {phrase}"
        in refusal
    )


def test_a_long_account_also_breaks_the_length(partner_refused: Refused) -> None:
    refusal = partner_refused("CreatePartnerEventSource", Name=NAME, Account="1" * 13)

    assert refusal.endswith(
        "failed to satisfy constraint: Member must have length less than or equal to 12"
    )


def test_a_short_account_is_refused_by_the_client(partner: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        offer(partner, account="123")

    assert caught.value.problems == [
        "Invalid length for parameter Account, value: 3, valid min length: 12"
    ]


# -- the life of a source


def test_the_event_bus_activates_and_its_removal_makes_wait_again(
    call: Call, partner: Call, clock: VirtualClock, now: datetime
) -> None:
    offer(partner)
    clock.advance(86_400)

    take(call)
    taken = call("DescribeEventSource", Name=NAME)
    states = [see(call, partner)]
    call("DeleteEventBus", Name=NAME)
    states.append(see(call, partner))

    assert states == [("ACTIVE",) * 2, ("PENDING",) * 2]  # [doc], [guess]
    assert taken == {  # [guess] no ExpirationTime while active
        "Arn": ARN,
        "CreatedBy": "example.com",
        "CreationTime": now,
        "Name": NAME,
        "State": "ACTIVE",
    }
    waiting = call("DescribeEventSource", Name=NAME)
    assert waiting["ExpirationTime"] == clock.now() + TWO_WEEKS


def test_deactivation_waits_two_weeks_anew_and_leaves_event_bus_and_rules(
    call: Call, partner: Call, clock: VirtualClock
) -> None:
    offer(partner)
    take(call)
    call("PutRule", Name="r", EventBusName=NAME, EventPattern='{"source":["s"]}')
    clock.advance(86_400)

    response = call("DeactivateEventSource", Name=NAME)

    source = call("DescribeEventSource", Name=NAME)
    assert response == {}
    assert see(call, partner) == ("PENDING", "PENDING")  # [doc]
    assert source["ExpirationTime"] == clock.now() + TWO_WEEKS  # [doc]
    assert call("DescribeEventBus", Name=NAME)["Name"] == NAME
    assert call("DescribeRule", Name="r", EventBusName=NAME)["Name"] == "r"


def test_activation_ends_the_waiting(
    call: Call, partner: Call, clock: VirtualClock
) -> None:
    offer(partner)
    take(call)
    call("DeactivateEventSource", Name=NAME)

    response = call("ActivateEventSource", Name=NAME)
    clock.advance(15 * 86_400)

    assert response == {}
    assert see(call, partner) == ("ACTIVE", "ACTIVE")  # [doc]


def test_activating_the_active_and_deactivating_the_waiting_change_nothing(
    call: Call, partner: Call, clock: VirtualClock
) -> None:
    offer(partner)
    take(call)
    call("ActivateEventSource", Name=NAME)
    active = call("DescribeEventSource", Name=NAME)
    call("DeactivateEventSource", Name=NAME)
    waiting = call("DescribeEventSource", Name=NAME)
    clock.advance(60)

    call("DeactivateEventSource", Name=NAME)

    assert active["State"] == "ACTIVE"
    assert call("DescribeEventSource", Name=NAME) == waiting  # [guess]


def test_removing_the_event_bus_of_a_waiting_source_lengthens_nothing(
    call: Call, partner: Call, clock: VirtualClock
) -> None:
    offer(partner)
    take(call)
    call("DeactivateEventSource", Name=NAME)
    waiting = call("DescribeEventSource", Name=NAME)
    clock.advance(86_400)

    call("DeleteEventBus", Name=NAME)

    assert call("DescribeEventSource", Name=NAME) == waiting  # [guess]


@pytest.mark.parametrize("operation", ["ActivateEventSource", "DeactivateEventSource"])
@pytest.mark.parametrize("is_offered", [False, True])
def test_activation_needs_the_source_and_its_event_bus(
    partner: Call, refused: Refused, operation: str, is_offered: bool
) -> None:
    if is_offered:
        offer(partner)

    assert refused(operation, Name=NAME) == (  # [aws]
        f"ResourceNotFoundException: Event source {NAME} or event bus {NAME} does not"
        " exist."
    )


@pytest.mark.parametrize("is_active", [True, False])
def test_a_source_that_is_withdrawn_from_an_event_bus_is_deleted(
    call: Call, partner: Call, refused: Refused, is_active: bool
) -> None:
    offer(partner)
    take(call)
    if not is_active:
        call("DeactivateEventSource", Name=NAME)

    response = partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)

    assert response == {}
    assert see(call, partner) == ("DELETED", "DELETED")  # [doc]
    assert "ExpirationTime" not in call("DescribeEventSource", Name=NAME)
    assert call("DescribeEventBus", Name=NAME)["Name"] == NAME  # [doc] it remains
    for operation in ("ActivateEventSource", "DeactivateEventSource"):
        assert refused(operation, Name=NAME) == (  # [guess] the text
            f"InvalidStateException: Event source {NAME} is not in a valid state for"
            " this operation."
        )


def test_a_withdrawn_source_goes_with_its_event_bus(
    call: Call, partner: Call, partner_refused: Refused
) -> None:
    offer(partner)
    take(call)
    partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)

    call("DeleteEventBus", Name=NAME)

    assert call("ListEventSources") == {"EventSources": []}  # [guess]
    assert partner_refused("ListPartnerEventSourceAccounts", EventSourceName=NAME) == (
        f"ResourceNotFoundException: Event source {NAME} does not exist."
    )


def test_a_withdrawn_source_without_event_bus_is_gone(
    call: Call, partner: Call, refused: Refused
) -> None:
    offer(partner)

    partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)

    assert call("ListEventSources") == {"EventSources": []}  # [guess]
    assert refused("CreateEventBus", Name=NAME, EventSourceName=NAME) == (  # [peer]
        f"ResourceNotFoundException: Event source {NAME} does not exist."
    )


def test_withdrawing_what_is_not_there_is_fine(call: Call, partner: Call) -> None:
    offer(partner)

    answers = [
        partner("DeletePartnerEventSource", Name=f"{NAME}/x", Account=CUSTOMER),
        partner("DeletePartnerEventSource", Name=NAME, Account="2" * 12),
        # The customer is no partner of its own.
        call("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER),
    ]

    assert answers == [{}] * 3  # [guess] no such error is modelled
    assert see(call, partner) == ("PENDING", "PENDING")


def test_a_withdrawn_source_can_be_offered_again_and_activated(
    call: Call, partner: Call
) -> None:
    offer(partner)
    take(call)
    partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)

    offer(partner)
    offered = see(call, partner)
    call("ActivateEventSource", Name=NAME)

    assert offered == ("PENDING", "PENDING")  # [guess]
    assert see(call, partner) == ("ACTIVE", "ACTIVE")


def test_a_source_withdrawn_from_one_account_can_be_offered_to_another(
    call: Call, call_as: Call, partner: Call
) -> None:
    offer(partner)
    take(call)
    partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)

    offer(partner, account="2" * 12)

    accounts = partner("ListPartnerEventSourceAccounts", EventSourceName=NAME)
    sources = partner("ListPartnerEventSources", NamePrefix="aws.partner/example.com/")
    states = [
        (each["Account"], each["State"])
        for each in accounts["PartnerEventSourceAccounts"]
    ]
    assert states == [(CUSTOMER, "DELETED"), ("2" * 12, "PENDING")]  # [guess]
    assert sources == {"PartnerEventSources": [{"Arn": ARN, "Name": NAME}]}
    other = call_as("2" * 12, "us-east-1", "DescribeEventSource", Name=NAME)
    assert other["State"] == "PENDING"


def test_one_account_can_be_partner_and_customer(call: Call) -> None:
    call("CreatePartnerEventSource", Name=NAME, Account=CUSTOMER)

    take(call)

    assert see(call, call) == ("ACTIVE", "ACTIVE")


# -- expiry


def read_everything(call: Call, partner: Call) -> list[dict[str, Any]]:
    return [
        call("ListEventSources"),
        partner("ListPartnerEventSources", NamePrefix="aws.partner/example.com/"),
    ]


NOTHING = [{"EventSources": []}, {"PartnerEventSources": []}]


def test_an_offer_is_gone_after_two_weeks_and_not_before(
    call: Call,
    partner: Call,
    partner_refused: Refused,
    refused: Refused,
    clock: VirtualClock,
) -> None:
    offer(partner)
    clock.advance(TWO_WEEKS.total_seconds() - 1)
    before = see(call, partner)

    clock.advance(1)

    message = f"ResourceNotFoundException: Event source {NAME} does not exist."
    assert before == ("PENDING", "PENDING")
    assert read_everything(call, partner) == NOTHING  # [doc]
    assert refused("DescribeEventSource", Name=NAME) == message
    assert partner_refused("DescribePartnerEventSource", Name=NAME) == message
    assert refused("CreateEventBus", Name=NAME, EventSourceName=NAME) == message


def test_an_expired_name_can_be_offered_again(
    call: Call, partner: Call, clock: VirtualClock
) -> None:
    offer(partner)
    clock.advance(TWO_WEEKS.total_seconds())

    offer(partner)

    source = call("DescribeEventSource", Name=NAME)
    assert source["CreationTime"] == clock.now()
    assert source["ExpirationTime"] == clock.now() + TWO_WEEKS


def test_a_deactivated_source_expires_and_its_event_bus_stays(
    call: Call, partner: Call, refused: Refused, clock: VirtualClock
) -> None:
    offer(partner)
    take(call)
    call("DeactivateEventSource", Name=NAME)

    clock.advance(TWO_WEEKS.total_seconds())

    assert read_everything(call, partner) == NOTHING
    assert call("DescribeEventBus", Name=NAME)["Name"] == NAME
    assert refused("ActivateEventSource", Name=NAME) == (
        f"ResourceNotFoundException: Event source {NAME} or event bus {NAME} does not"
        " exist."
    )


# -- who sees what


def test_other_accounts_and_regions_see_nothing(
    call: Call, call_as: Call, partner: Call, refused: Refused
) -> None:
    offer(partner)

    prefix = {"NamePrefix": "aws.partner/example.com/"}
    seen = [
        # The customer offers nothing, the partner was offered nothing.
        call("ListPartnerEventSources", **prefix)["PartnerEventSources"],
        partner("ListEventSources")["EventSources"],
        call_as("2" * 12, "us-east-1", "ListEventSources")["EventSources"],
        call_as(CUSTOMER, "eu-west-1", "ListEventSources")["EventSources"],
    ]
    message = f"ResourceNotFoundException: Event source {NAME} does not exist."
    assert seen == [[]] * 4
    assert refused("DescribePartnerEventSource", Name=NAME) == message  # [guess]
    assert refused("ListPartnerEventSourceAccounts", EventSourceName=NAME) == message


def test_a_partner_describes_name_and_arn(partner: Call) -> None:
    offer(partner)

    response = partner("DescribePartnerEventSource", Name=NAME)

    assert list(response.items()) == [("Arn", ARN), ("Name", NAME)]  # [doc]


def test_a_partner_no_longer_finds_by_name_what_it_withdrew(
    call: Call, partner: Call, partner_refused: Refused
) -> None:
    offer(partner)
    take(call)

    partner("DeletePartnerEventSource", Name=NAME, Account=CUSTOMER)

    listed = partner("ListPartnerEventSources", NamePrefix="aws.partner/example.com/")
    assert listed == {"PartnerEventSources": []}  # [guess]
    assert partner_refused("DescribePartnerEventSource", Name=NAME) == (
        f"ResourceNotFoundException: Event source {NAME} does not exist."
    )


# -- lists


def test_the_prefix_of_a_partners_list_has_to_name_the_partner(
    partner_refused: Refused, partner: Call
) -> None:
    refusal = partner_refused("ListPartnerEventSources", NamePrefix="aws.partner/p")

    assert refusal == (  # [doc] + [aws] format
        "ValidationException: 1 validation error detected: Value 'aws.partner/p' at"
        " 'namePrefix' failed to satisfy constraint: Member must satisfy regular"
        r" expression pattern: aws\.partner/[\.\-_A-Za-z0-9]+/[/\.\-_A-Za-z0-9]*"
    )
    with pytest.raises(ParamValidationError):  # [doc] required
        partner("ListPartnerEventSources")


def test_lists_page_by_name_and_keep_to_the_prefix(call: Call, partner: Call) -> None:
    names = [f"aws.partner/example.com/n{number}" for number in range(6)]
    for name in [*names, "aws.partner/example.org/n0"]:
        offer(partner, name)
    prefix = {"NamePrefix": "aws.partner/example.com/"}

    pages = []
    for run, operation, key in (
        (call, "ListEventSources", "EventSources"),
        (partner, "ListPartnerEventSources", "PartnerEventSources"),
    ):
        first = run(operation, Limit=4, **prefix)
        second = run(operation, Limit=5, NextToken=first["NextToken"], **prefix)
        assert "NextToken" not in second
        pages.append([[each["Name"] for each in page[key]] for page in (first, second)])

    assert pages == [[names[:4], names[4:]]] * 2


def test_lists_have_full_pages_where_offers_expired_or_were_withdrawn(
    call: Call, partner: Call, clock: VirtualClock
) -> None:
    names = [f"aws.partner/example.com/n{number:02}" for number in range(12)]
    for name in names[::2]:
        offer(partner, name)
    clock.advance(TWO_WEEKS.total_seconds())
    for name in names[1::2]:
        offer(partner, name)

    first = call("ListEventSources", Limit=3)
    offered = partner(
        "ListPartnerEventSources", NamePrefix="aws.partner/example.com/", Limit=3
    )

    assert [each["Name"] for each in first["EventSources"]] == names[1:6:2]
    assert [each["Name"] for each in offered["PartnerEventSources"]] == names[1:6:2]
    assert "NextToken" in first
    assert "NextToken" in offered


def test_sources_of_all_states_are_listed(call: Call, partner: Call) -> None:
    for name in ("a", "b", "c"):
        offer(partner, f"aws.partner/example.com/{name}")
    take(call, "aws.partner/example.com/b")
    take(call, "aws.partner/example.com/c")
    partner(
        "DeletePartnerEventSource", Name="aws.partner/example.com/c", Account=CUSTOMER
    )

    states = [each["State"] for each in call("ListEventSources")["EventSources"]]

    assert states == ["PENDING", "ACTIVE", "DELETED"]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("ListEventSources", {}),
        ("ListPartnerEventSources", {"NamePrefix": "aws.partner/example.com/"}),
        ("ListPartnerEventSourceAccounts", {"EventSourceName": NAME}),
    ],
)
def test_lists_refuse_a_token_that_they_did_not_give(
    partner: Call,
    partner_refused: Refused,
    operation: str,
    request_: dict[str, str],
) -> None:
    offer(partner)

    assert partner_refused(operation, NextToken="bad", **request_) == (  # [doc]
        "InvalidToken: Invalid NextToken."
    )
