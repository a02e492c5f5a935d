"""Tags. Each test marks its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

ARN = "arn:aws:events:us-east-1:000000000000:"
PATTERN = '{"source":["shop"]}'
LIMIT_EXCEEDED = (
    "LimitExceededException: The requested resource exceeds the maximum number allowed."
)
# What the three operations need besides the ARN.
REST: dict[str, dict[str, Any]] = {
    "TagResource": {"Tags": [{"Key": "k", "Value": "v"}]},
    "UntagResource": {"TagKeys": ["k"]},
    "ListTagsForResource": {},
}


def make_tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


@pytest.fixture
def resources(call: Call) -> list[str]:
    """The ARNs of one resource of every kind that can have tags."""
    call("CreateEventBus", Name="my-event-bus")
    call("PutRule", Name="r", EventPattern=PATTERN)
    call("PutRule", Name="r", EventBusName="my-event-bus", EventPattern=PATTERN)
    return [
        f"{ARN}event-bus/default",
        f"{ARN}event-bus/my-event-bus",
        f"{ARN}rule/r",
        f"{ARN}rule/my-event-bus/r",
    ]


def test_event_buses_and_rules_start_without_tags(
    call: Call, resources: list[str]
) -> None:
    tags = [call("ListTagsForResource", ResourceARN=arn) for arn in resources]

    assert tags == [{"Tags": []}] * 4  # [aws]


def test_each_resource_has_its_own_tags(call: Call, resources: list[str]) -> None:
    for number, arn in enumerate(resources):
        call("TagResource", ResourceARN=arn, Tags=make_tags(number=str(number)))

    tags = [call("ListTagsForResource", ResourceARN=arn) for arn in resources]

    assert tags == [{"Tags": make_tags(number=str(number))} for number in range(4)]


def test_tagging_appends_new_keys_and_keeps_the_place_of_known_ones(
    call: Call, resources: list[str]
) -> None:
    arn = resources[0]
    call("TagResource", ResourceARN=arn, Tags=make_tags(z="1", a="2"))

    response = call("TagResource", ResourceARN=arn, Tags=make_tags(m="3", z="4"))

    assert response == {}
    assert call("ListTagsForResource", ResourceARN=arn) == {  # [doc] [aws]
        "Tags": make_tags(z="4", a="2", m="3")
    }


def test_untagging_removes_the_named_keys_only(
    call: Call, resources: list[str]
) -> None:
    arn = resources[2]
    call("TagResource", ResourceARN=arn, Tags=make_tags(a="1", b="2", c="3"))

    response = call("UntagResource", ResourceARN=arn, TagKeys=["a", "c", "absent"])

    assert response == {}  # [aws] an absent key is fine
    assert call("ListTagsForResource", ResourceARN=arn) == {"Tags": make_tags(b="2")}


def test_a_tag_put_again_after_its_removal_stands_at_the_end(
    call: Call, resources: list[str]
) -> None:
    arn = resources[0]
    call("TagResource", ResourceARN=arn, Tags=make_tags(a="1", b="2"))
    call("UntagResource", ResourceARN=arn, TagKeys=["a"])

    call("TagResource", ResourceARN=arn, Tags=make_tags(a="3"))

    assert call("ListTagsForResource", ResourceARN=arn) == {
        "Tags": make_tags(b="2", a="3")
    }


def test_tags_on_the_default_event_bus_persist_when_it_changes(call: Call) -> None:
    arn = f"{ARN}event-bus/default"
    call("TagResource", ResourceARN=arn, Tags=make_tags(a="1"))

    call("UpdateEventBus", Description="changed")

    assert call("ListTagsForResource", ResourceARN=arn) == {"Tags": make_tags(a="1")}


@pytest.mark.parametrize("operation", REST)
@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("event-bus/nope", "Event bus nope does not exist."),
        ("rule/nope", "Rule nope does not exist on EventBus default."),
        (
            "rule/my-event-bus/nope",
            "Rule nope does not exist on EventBus my-event-bus.",
        ),
        ("rule/nope/r", "Event bus nope does not exist."),
    ],
)
def test_a_missing_resource_has_the_same_text_in_all_three_operations(
    refused: Refused,
    resources: list[str],
    operation: str,
    resource: str,
    message: str,
) -> None:
    refusal = refused(operation, ResourceARN=ARN + resource, **REST[operation])

    assert refusal == f"ResourceNotFoundException: {message}"  # [aws]


@pytest.mark.parametrize("operation", REST)
def test_tags_die_with_their_rule(
    call: Call, refused: Refused, resources: list[str], operation: str
) -> None:
    call("TagResource", ResourceARN=resources[2], Tags=make_tags(a="1"))
    call("DeleteRule", Name="r")

    refusal = refused(operation, ResourceARN=resources[2], **REST[operation])

    assert refusal == (
        "ResourceNotFoundException: Rule r does not exist on EventBus default."
    )


@pytest.mark.parametrize("operation", REST)
@pytest.mark.parametrize(
    "arn",
    [
        "rule/r",
        f"{ARN}archive/a",
        f"{ARN}rules/r",
        "arn:aws:sqs:us-east-1:000000000000:event-bus/default",
        "arn:aws:events:::event-bus/default",
        "arn:aws:events:us-east-1::event-bus/default",
        "arn:aws:events::000000000000:event-bus/default",
    ],
)
def test_other_arns_are_refused(refused: Refused, operation: str, arn: str) -> None:
    refusal = refused(operation, ResourceARN=arn, **REST[operation])

    assert refusal == (  # [peer]
        f"ValidationException: Parameter {arn} is not valid. Reason: Provided Arn is"
        " not in correct format."
    )


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("TagResource", {"ResourceARN": f"{ARN}event-bus/default"}),
        ("CreateEventBus", {"Name": "b"}),
        ("PutRule", {"Name": "r", "EventPattern": PATTERN}),
    ],
)
@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (
            [*make_tags(a="1"), *make_tags(a="2")],
            "ValidationException: Invalid parameter: Duplicated keys are not allowed.",
        ),  # [peer]
        (
            [{"Key": "aws:x", "Value": ""}],
            "ValidationException: aws: prefixed tag key names are not allowed for"
            " external use.",
        ),  # [doc] rule, [guess] text
        (
            [{"Key": f"k{i}", "Value": ""} for i in range(51)],
            LIMIT_EXCEEDED,
        ),  # [doc] count, [guess] text
        (
            [{"Key": "k" * 129, "Value": "v"}],
            f"ValidationException: 1 validation error detected: Value '{'k' * 129}' at"
            " 'tags.1.member.key' failed to satisfy constraint: Member must have length"
            " less than or equal to 128",
        ),
    ],
)
def test_tags_that_will_not_do_are_refused_wherever_they_come(
    refused: Refused,
    operation: str,
    request_: dict[str, Any],
    tags: list[dict[str, str]],
    message: str,
) -> None:
    assert refused(operation, **request_, Tags=tags) == message


def test_50_tags_fit_and_a_known_key_does_not_count_twice(
    ctx: Context, call: Call, refused: Refused
) -> None:
    arn = f"{ARN}event-bus/default"
    tags = [{"Key": f"k{i}", "Value": ""} for i in range(50)]
    call("TagResource", ResourceARN=arn, Tags=tags)

    call("TagResource", ResourceARN=arn, Tags=[{"Key": "k0", "Value": "new"}])

    assert refused("TagResource", ResourceARN=arn, Tags=make_tags(one_more="")) == (
        LIMIT_EXCEEDED
    )
    tags[0]["Value"] = "new"
    assert call("ListTagsForResource", ResourceARN=arn) == {"Tags": tags}


def test_a_partner_rule_is_split_at_the_last_slash(
    call: Call, refused: Refused
) -> None:
    name = "aws.partner/shop.example/orders/eu"

    refusal = refused("ListTagsForResource", ResourceARN=f"{ARN}rule/{name}/r")

    assert refusal == f"ResourceNotFoundException: Event bus {name} does not exist."


def test_the_arn_says_in_which_account_and_region_to_look(
    call: Call, call_as: Call
) -> None:
    call_as("2" * 12, "eu-west-1", "CreateEventBus", Name="b", Tags=make_tags(a="1"))

    response = call(
        "ListTagsForResource",
        ResourceARN="arn:aws:events:eu-west-1:222222222222:event-bus/b",
    )

    assert response == {"Tags": make_tags(a="1")}
