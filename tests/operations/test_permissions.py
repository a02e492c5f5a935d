"""Permissions. Each test marks its source."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/default"
FRIEND = "222222222222"
ORGANIZATION = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}
NAME_REGEX = r"[\.\-_A-Za-z0-9]+"


def allow(call: Call, statement_id: str, principal: str = FRIEND, **more: Any) -> None:
    call(
        "PutPermission",
        Action="events:PutEvents",
        Principal=principal,
        StatementId=statement_id,
        **more,
    )


def get_policy(call: Call, name: str = "default") -> str | None:
    return call("DescribeEventBus", Name=name).get("Policy")


def list_ids(call: Call) -> list[str]:
    return [each["Sid"] for each in json.loads(get_policy(call) or "{}")["Statement"]]


# -- PutPermission


def test_put_writes_the_recorded_policy_text(call: Call) -> None:
    allow(call, "SID")

    assert get_policy(call) == (  # [aws]
        '{"Version":"2012-10-17","Statement":[{"Sid":"SID","Effect":"Allow",'
        '"Principal":{"AWS":"arn:aws:iam::222222222222:root"},'
        f'"Action":"events:PutEvents","Resource":"{BUS_ARN}"}}]}}'
    )


def test_put_writes_everybody_as_a_bare_star(call: Call) -> None:
    allow(call, "SID", "*")

    assert get_policy(call) == (  # [aws]; a peer wraps it in an ARN
        '{"Version":"2012-10-17","Statement":[{"Sid":"SID","Effect":"Allow",'
        f'"Principal":"*","Action":"events:PutEvents","Resource":"{BUS_ARN}"}}]}}'
    )


def test_put_writes_the_condition_last(call: Call) -> None:
    allow(call, "SID", "*", Condition=ORGANIZATION)

    assert get_policy(call) == (  # [peer]
        '{"Version":"2012-10-17","Statement":[{"Sid":"SID","Effect":"Allow",'
        f'"Principal":"*","Action":"events:PutEvents","Resource":"{BUS_ARN}",'
        '"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}'
    )


def test_put_names_the_partition_of_the_region(call_as: Call) -> None:
    def run(name: str, **request: Any) -> dict[str, Any]:
        return call_as("1" * 12, "cn-north-1", name, **request)

    allow(run, "SID")

    (statement,) = json.loads(get_policy(run) or "")["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws-cn:iam::{FRIEND}:root"}


def test_put_replaces_the_statement_with_the_same_id_in_its_place(call: Call) -> None:
    allow(call, "a")
    allow(call, "b")

    allow(call, "a", "*")

    statements = json.loads(get_policy(call) or "")["Statement"]
    assert [(each["Sid"], each["Principal"]) for each in statements] == [  # [aws]
        ("a", "*"),
        ("b", {"AWS": f"arn:aws:iam::{FRIEND}:root"}),
    ]


def test_put_keeps_two_statements_for_one_principal(call: Call) -> None:
    allow(call, "a")
    allow(call, "b")

    assert list_ids(call) == ["a", "b"]  # [aws]; a peer keeps the last


def test_a_policy_replaces_the_whole_one_and_is_kept_as_given(call: Call) -> None:
    policy = (
        '{ "Statement": [{"Sid":"x","Effect":"Allow","Principal":'
        '{"Service":"s.example"},"Action":"events:ListRules","Resource":"*"}] }'
    )
    allow(call, "a")

    call("PutPermission", Policy=policy)

    assert get_policy(call) == policy  # [aws]


def test_a_policy_wins_over_the_other_members(call: Call) -> None:
    allow(call, "a", Policy="{}")

    assert get_policy(call) == "{}"


def test_a_statement_joins_a_given_policy(call: Call) -> None:
    call("PutPermission", Policy='{"Id": "mine", "Statement": {"Sid": "lone"}}')

    allow(call, "a")

    policy = json.loads(get_policy(call) or "")
    assert list(policy) == ["Id", "Statement"]
    assert list_ids(call) == ["lone", "a"]


def test_put_says_nothing_and_touches_the_event_bus(
    call: Call, clock: VirtualClock, now: datetime
) -> None:
    clock.advance(5)

    response = call("PutPermission", Policy="{}")

    assert response == {}  # [aws]
    assert call("DescribeEventBus") == {
        "Name": "default",
        "Arn": BUS_ARN,
        "Policy": "{}",
        "CreationTime": now,
        "LastModifiedTime": now + timedelta(seconds=5),  # [peer]
    }


def test_put_changes_the_named_event_bus_only(call: Call) -> None:
    call("CreateEventBus", Name="b")

    allow(call, "a", EventBusName="b")

    assert get_policy(call) is None
    assert '"Sid":"a"' in (get_policy(call, "b") or "")


GOOD = {"Action": "events:PutEvents", "Principal": FRIEND, "StatementId": "s"}
CONSTRAINT = "ValidationException: 1 validation error detected: Value "


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (
            {**GOOD, "EventBusName": "nope"},
            "ResourceNotFoundException: Event bus nope does not exist.",
        ),  # [aws]
        (
            {**GOOD, "StatementId": "s" * 65},
            f"{CONSTRAINT}'{'s' * 65}' at 'statementId' failed to satisfy constraint:"
            " Member must have length less than or equal to 64",
        ),  # [aws]
        (
            {**GOOD, "EventBusName": BUS_ARN},
            f"{CONSTRAINT}'{BUS_ARN}' at 'eventBusName' failed to satisfy constraint:"
            f" Member must satisfy regular expression pattern: {NAME_REGEX}",
        ),  # [aws]
        (
            {**GOOD, "Principal": "everybody"},
            f"{CONSTRAINT}'everybody' at 'principal' failed to satisfy constraint:"
            r" Member must satisfy regular expression pattern: (\d{12}|\*)",
        ),  # [doc]
        (
            {**GOOD, "Action": "events:PutRule"},
            "ValidationException: Provided value in parameter 'action' is not"
            " supported.",
        ),  # [peer], rule [aws]
        (
            {"Action": "events:PutEvents", "StatementId": "s"},
            "ValidationException: Parameter Principal must be specified.",
        ),  # [peer]
        (
            {"Action": "events:PutEvents", "Principal": "*"},
            "ValidationException: Parameter StatementId must be specified.",
        ),
        ({}, "ValidationException: Parameter Action must be specified."),
        (
            {"Policy": "{nope}"},
            "ValidationException: This policy contains invalid Json",
        ),  # [peer]
        ({"Policy": "[]"}, "ValidationException: This policy contains invalid Json"),
        ({"Policy": ""}, "ValidationException: This policy contains invalid Json"),
        (
            {"Policy": "[" * 9000},
            "ValidationException: This policy contains invalid Json",
        ),
        (
            {"Policy": '{"a":' * 1001 + "1" + "}" * 1001},
            "ValidationException: This policy contains invalid Json",
        ),
        (
            {**GOOD, "Condition": ORGANIZATION},
            "ValidationException: Value of the parameter 'principal' must be '*' when"
            " the parameter 'condition' is set.",
        ),  # [peer]
        (
            {
                **GOOD,
                "Principal": "*",
                "Condition": {**ORGANIZATION, "Type": "StringLike"},
            },
            "ValidationException: Provided value in parameter 'condition' is not"
            " supported.",
        ),  # [doc] rule, [guess] text
    ],
)
def test_put_refusals_leave_the_policy_alone(
    call: Call, refused: Refused, request_: dict[str, Any], refusal: str
) -> None:
    assert refused("PutPermission", **request_) == refusal
    assert get_policy(call) is None


def test_a_policy_of_10240_characters_fits_and_one_more_does_not(
    call: Call, refused: Refused
) -> None:
    policy = '{"Id":"' + "x" * (10_240 - 9) + '"}'

    call("PutPermission", Policy=policy)
    refusal = refused("PutPermission", Policy=policy + " ")

    assert len(policy) == 10_240
    assert refusal == (  # [aws], size [doc]
        "PolicyLengthExceededException: Policy size would be larger than the maximum"
        " allowed."
    )
    assert get_policy(call) == policy


def test_a_statement_too_many_is_refused(
    ctx: Context, call: Call, refused: Refused
) -> None:
    ctx.quotas["event_bus_policy_characters"] = 300
    allow(call, "a")

    refusal = refused("PutPermission", **{**GOOD, "StatementId": "b"})

    assert refusal.startswith("PolicyLengthExceededException: ")
    assert list_ids(call) == ["a"]


# -- RemovePermission


def test_remove_takes_one_statement_out(call: Call) -> None:
    allow(call, "a")
    allow(call, "b")

    response = call("RemovePermission", StatementId="a")

    assert response == {}
    assert list_ids(call) == ["b"]  # [aws]


def test_remove_of_the_last_statement_leaves_no_policy(call: Call) -> None:
    allow(call, "a")

    call("RemovePermission", StatementId="a")

    assert get_policy(call) is None


@pytest.mark.parametrize("has_policy", [True, False])
def test_remove_of_an_unknown_statement_is_refused_with_or_without_a_policy(
    call: Call, refused: Refused, has_policy: bool
) -> None:
    if has_policy:
        allow(call, "a")

    assert refused("RemovePermission", StatementId="nope") == (  # [aws]
        "ResourceNotFoundException: Statement with the provided id does not exist."
    )


def test_remove_all_clears_the_policy(call: Call) -> None:
    allow(call, "a")
    allow(call, "b")

    call("RemovePermission", RemoveAllPermissions=True)

    assert get_policy(call) is None  # [aws]


def test_remove_all_without_a_policy_is_refused(refused: Refused) -> None:
    assert refused("RemovePermission", RemoveAllPermissions=True) == (  # [peer]
        "ResourceNotFoundException: EventBus does not have a policy."
    )


def test_not_removing_all_with_an_id_removes_that_one(call: Call) -> None:
    allow(call, "a")
    allow(call, "b")

    call("RemovePermission", RemoveAllPermissions=False, StatementId="b")

    assert list_ids(call) == ["a"]  # [aws]


def test_remove_of_nothing_is_refused(refused: Refused) -> None:
    assert refused("RemovePermission") == (  # [peer]
        "ValidationException: Parameter StatementId is required."
    )


def test_remove_on_an_unknown_event_bus_is_refused(refused: Refused) -> None:
    assert refused("RemovePermission", StatementId="a", EventBusName="nope") == (
        "ResourceNotFoundException: Event bus nope does not exist."
    )
