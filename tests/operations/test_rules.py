"""Rules. Each test marks its source.

Long, because seven operations change one record, which matching and schedules read.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError
from evcli.store.records import Rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

ARN = "arn:aws:events:us-east-1:000000000000:"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:q"
PATTERN = '{ "source" : ["shop"] }'
ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
LIMIT_EXCEEDED = (
    "LimitExceededException: The requested resource exceeds the maximum number allowed."
)
MANAGED = (
    "ManagedRuleException: r is a managed rule. Set 'force' parameter to true to"
    " override."
)
NAME_REGEX = r"[\.\-_A-Za-z0-9]+"


@pytest.fixture
def bus(call: Call) -> str:
    call("CreateEventBus", Name="b")
    return "b"


def put_target(call: Call, rule: str, target_id: str = "1", **request: Any) -> None:
    call(
        "PutTargets",
        Rule=rule,
        Targets=[{"Id": target_id, "Arn": QUEUE_ARN}],
        **request,
    )


# -- PutRule


def test_put_answers_the_arn_both_times(call: Call) -> None:
    first = call("PutRule", Name="r", EventPattern=PATTERN)
    second = call("PutRule", Name="r", EventPattern=PATTERN)

    assert first == second == {"RuleArn": f"{ARN}rule/r"}  # [aws]


def test_put_on_a_custom_event_bus_names_the_bus_in_the_arn(
    call: Call, bus: str
) -> None:
    response = call("PutRule", Name="r", EventPattern=PATTERN, EventBusName=bus)

    assert response == {"RuleArn": f"{ARN}rule/b/r"}  # [aws]


def test_put_takes_the_event_bus_by_arn(call: Call, bus: str) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN, EventBusName=f"{ARN}event-bus/b")

    assert call("DescribeRule", Name="r", EventBusName=bus)["EventBusName"] == "b"


def test_put_keeps_the_event_pattern_byte_for_byte_and_enables(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)

    assert call("DescribeRule", Name="r") == {
        "Name": "r",
        "Arn": f"{ARN}rule/r",
        "EventPattern": PATTERN,
        "State": "ENABLED",  # [aws]
        "EventBusName": "default",
        "CreatedBy": "000000000000",  # [aws]
    }


def test_put_replaces_the_rule_as_a_whole(call: Call) -> None:
    call(
        "PutRule",
        Name="r",
        EventPattern=PATTERN,
        State="DISABLED",
        Description="d",
        RoleArn="arn:aws:iam::000000000000:role/r",
    )

    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")

    assert call("DescribeRule", Name="r") == {  # [doc]
        "Name": "r",
        "Arn": f"{ARN}rule/r",
        "ScheduleExpression": "rate(1 hour)",
        "State": "ENABLED",
        "EventBusName": "default",
        "CreatedBy": "000000000000",
    }


def test_put_keeps_the_targets_of_the_rule_it_replaces(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)
    put_target(call, "r")

    call("PutRule", Name="r", EventPattern='{"source":["other"]}')

    assert call("ListTargetsByRule", Rule="r") == {  # [aws]
        "Targets": [{"Id": "1", "Arn": QUEUE_ARN}]
    }


def test_put_ignores_tags_on_update(call: Call) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    call("PutRule", Name="r", EventPattern=PATTERN, Tags=tags)

    call("PutRule", Name="r", EventPattern=PATTERN, Tags=[{"Key": "b", "Value": "2"}])

    response = call("ListTagsForResource", ResourceARN=f"{ARN}rule/r")
    assert response == {"Tags": tags}  # [doc]; both peers apply them


def test_one_name_on_two_event_buses_is_two_rules(call: Call, bus: str) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN, Description="one")
    call("PutRule", Name="r", EventPattern=PATTERN, EventBusName=bus)

    assert "Description" not in call("DescribeRule", Name="r", EventBusName=bus)
    assert call("DescribeRule", Name="r")["Description"] == "one"  # [aws]


def test_a_rule_may_have_a_pattern_and_a_schedule(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN, ScheduleExpression="rate(1 hour)")

    response = call("DescribeRule", Name="r")

    assert (response["EventPattern"], response["ScheduleExpression"]) == (
        PATTERN,
        "rate(1 hour)",
    )


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (
            {},
            "ValidationException: Parameter(s) EventPattern or ScheduleExpression must"
            " be specified.",
        ),  # [aws]
        (
            {"EventPattern": "", "ScheduleExpression": ""},
            "ValidationException: Parameter(s) EventPattern or ScheduleExpression must"
            " be specified.",
        ),  # [peer]
        (
            {"EventPattern": PATTERN, "EventBusName": "nope"},
            "ResourceNotFoundException: Event bus nope does not exist.",
        ),  # [aws]
        (
            {"ScheduleExpression": "rate(1 hour)", "EventBusName": "b"},
            "ValidationException: ScheduleExpression is supported only on the default"
            " event bus.",
        ),  # [aws]
        (
            {"ScheduleExpression": "rate(1 hours)"},
            "ValidationException: Parameter ScheduleExpression is not valid.",
        ),  # [aws]
        (
            {"ScheduleExpression": "rate(1 hour)", "State": ALL_EVENTS},
            f"ValidationException: {ALL_EVENTS} rule state is not supported with"
            " scheduled rule expressions.",
        ),  # [aws]
        (
            {
                "EventPattern": PATTERN,
                "EventBusName": "arn:aws:events:eu-west-1:000000000000:event-bus/b",
            },
            "ValidationException: Cross-region API call is not allowed.",
        ),  # [aws]
        (
            {"Name": "a" * 65, "EventPattern": PATTERN},
            f"ValidationException: 1 validation error detected: Value '{'a' * 65}' at"
            " 'name' failed to satisfy constraint: Member must have length less than"
            " or equal to 64",
        ),  # [aws]
        (
            {"Name": "a b", "EventPattern": PATTERN},
            "ValidationException: 1 validation error detected: Value 'a b' at 'name'"
            " failed to satisfy constraint: Member must satisfy regular expression"
            f" pattern: {NAME_REGEX}",
        ),  # [aws]
        (
            {"EventPattern": PATTERN, "State": "ON"},
            "ValidationException: 1 validation error detected: Value 'ON' at 'state'"
            " failed to satisfy constraint: Member must satisfy enum value set:"
            f" [ENABLED, DISABLED, {ALL_EVENTS}]",
        ),
    ],
)
def test_put_refusals(
    call: Call, refused: Refused, bus: str, request_: dict[str, Any], refusal: str
) -> None:
    assert refused("PutRule", **{"Name": "r", **request_}) == refusal
    assert call("ListRules") == {"Rules": []}


@pytest.mark.parametrize("state", ["ENABLED", "DISABLED"])
def test_put_refuses_an_invalid_pattern_in_any_state(
    call: Call, refused: Refused, state: str
) -> None:
    refusal = refused("PutRule", Name="r", EventPattern='{"source":[]}', State=state)

    reason = "InvalidEventPatternException: Event pattern is not valid. Reason: "
    assert refusal.startswith(reason)  # [aws]; reasons are tested with the patterns
    assert call("ListRules") == {"Rules": []}


def test_put_takes_patterns_up_to_the_accounts_quota(
    ctx: Context, call: Call, refused: Refused
) -> None:  # [doc] the quota, [guess] the error
    long = '{"source":["' + "s" * (2048 - 15) + '"]}'

    assert call("PutRule", Name="r", EventPattern=long) == {"RuleArn": f"{ARN}rule/r"}
    assert refused("PutRule", Name="r", EventPattern=long + " ") == (
        "LimitExceededException: The requested resource exceeds the maximum number"
        " allowed."
    )
    assert ctx.notices == [
        "the quota event_pattern_characters is 2048; [quotas] in config.toml changes it"
    ]


def test_put_takes_patterns_up_to_4096_characters_once_the_quota_was_raised(
    ctx: Context, call: Call, refused: Refused
) -> None:
    ctx.quotas["event_pattern_characters"] = 5000
    long = '{"source":["' + "s" * (4096 - 15) + '"]}'

    assert len(long) == 4096
    assert call("PutRule", Name="r", EventPattern=long) == {"RuleArn": f"{ARN}rule/r"}
    assert refused("PutRule", Name="r", EventPattern=long + " ") == (
        f"ValidationException: 1 validation error detected: Value '{long} ' at"
        " 'eventPattern' failed to satisfy constraint: Member must have length less"
        " than or equal to 4096"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "rate(10 seconds)",
        "rate(10 years)",
        "rate(1 minutes)",
        "rate(1 days)",
        "rate(10 minute)",
        "rate()",
        "rate(0 minutes)",
        "rate(10 MINUTES)",
        " rate(10 minutes)",
        "cron(0 1 * * * *)",
        "cron(INVALID)",
        "cron(71 1 * * ? *)",
    ],
)
def test_put_refuses_recorded_bad_schedules(refused: Refused, expression: str) -> None:
    assert refused("PutRule", Name="r", ScheduleExpression=expression) == (
        "ValidationException: Parameter ScheduleExpression is not valid."  # [aws]
    )


def test_put_refuses_a_new_rule_beyond_the_quota_but_still_replaces(
    ctx: Context, call: Call, refused: Refused, bus: str
) -> None:
    ctx.quotas["rules_per_event_bus"] = 2
    for name in ("r1", "r2"):
        call("PutRule", Name=name, EventPattern=PATTERN)

    assert refused("PutRule", Name="r3", EventPattern=PATTERN) == LIMIT_EXCEEDED
    assert call("PutRule", Name="r2", EventPattern=PATTERN, Description="again")
    assert call("PutRule", Name="r3", EventPattern=PATTERN, EventBusName=bus)
    assert [each["Name"] for each in call("ListRules")["Rules"]] == ["r1", "r2"]


@pytest.mark.parametrize(
    ("region", "quota"), [("us-east-1", 300), ("af-south-1", 100), ("eu-south-1", 100)]
)
def test_the_quota_of_rules_depends_on_the_region(
    ctx: Context, region: str, quota: int
) -> None:
    assert ctx.act_as("0" * 12, region).quotas["rules_per_event_bus"] == quota  # [doc]


def test_put_leaves_nothing_behind_when_its_tags_are_refused(
    ctx: Context, call: Call, refused: Refused
) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]

    refused("PutRule", Name="r", EventPattern=PATTERN, Tags=tags)

    assert call("ListRules") == {"Rules": []}
    assert list_candidates(ctx, "shop") == []


def test_a_rule_on_another_accounts_event_bus_lives_there(
    call: Call, call_as: Call
) -> None:
    call_as("2" * 12, "us-east-1", "CreateEventBus", Name="theirs")
    arn = "arn:aws:events:us-east-1:222222222222:event-bus/theirs"

    response = call("PutRule", Name="r", EventPattern=PATTERN, EventBusName=arn)

    assert response == {
        "RuleArn": "arn:aws:events:us-east-1:222222222222:rule/theirs/r"
    }
    rule = call_as(
        "2" * 12, "us-east-1", "DescribeRule", Name="r", EventBusName="theirs"
    )
    assert rule["CreatedBy"] == "000000000000"  # [aws] the caller's account


def test_a_replaced_rule_keeps_its_creator(call: Call, call_as: Call) -> None:
    arn = "arn:aws:events:us-east-1:222222222222:event-bus/default"
    call("PutRule", Name="r", EventPattern=PATTERN, EventBusName=arn)

    call_as("2" * 12, "us-east-1", "PutRule", Name="r", EventPattern=PATTERN)

    rule = call("DescribeRule", Name="r", EventBusName=arn)
    assert rule["CreatedBy"] == "000000000000"  # [guess]


# -- where matching looks for rules


def list_candidates(ctx: Context, source: str, bus: str = "default") -> list[str]:
    key = (ctx.account_id, ctx.region, bus)
    rows = ctx.store.rules.list_candidates(key, source, "any")
    return [name for name, _ in rows]


def test_only_an_enabled_rule_with_a_pattern_takes_part_in_matching(
    ctx: Context, call: Call
) -> None:
    call("PutRule", Name="on", EventPattern=PATTERN)
    call("PutRule", Name="off", EventPattern=PATTERN, State="DISABLED")
    call("PutRule", Name="trail", EventPattern=PATTERN, State=ALL_EVENTS)
    call("PutRule", Name="timer", ScheduleExpression="rate(1 hour)")

    assert list_candidates(ctx, "shop") == ["on", "trail"]  # [doc]
    assert list_candidates(ctx, "other") == []


def test_disable_and_enable_take_a_rule_out_of_matching_and_back(
    ctx: Context, call: Call
) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)

    call("DisableRule", Name="r")
    while_disabled = list_candidates(ctx, "shop")
    call("EnableRule", Name="r")

    assert while_disabled == []
    assert list_candidates(ctx, "shop") == ["r"]


def test_a_replaced_pattern_is_found_under_its_new_keys_only(
    ctx: Context, call: Call
) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)

    call("PutRule", Name="r", EventPattern='{"source":["other"]}')

    assert list_candidates(ctx, "shop") == []
    assert list_candidates(ctx, "other") == ["r"]


def test_a_deleted_rule_is_not_found_any_more(ctx: Context, call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)

    call("DeleteRule", Name="r")

    assert list_candidates(ctx, "shop") == []


# -- schedules


def get_schedule(ctx: Context, name: str = "r") -> tuple[Any, Any]:
    rule = ctx.store.get(Rule, ctx.account_id, ctx.region, "default", name)
    assert rule is not None
    return rule.schedule_anchor_at, rule.next_fire_at


HOUR = timedelta(hours=1)


def test_a_rate_starts_when_the_rule_is_created(
    ctx: Context, call: Call, now: datetime
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")

    assert get_schedule(ctx) == (now, now + HOUR)


def test_putting_the_same_schedule_again_keeps_the_beat(
    ctx: Context, call: Call, clock: VirtualClock, now: datetime
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")
    clock.advance(600)

    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)", Description="new")
    call("EnableRule", Name="r")

    assert get_schedule(ctx) == (now, now + HOUR)


def test_a_changed_schedule_starts_anew(
    ctx: Context, call: Call, clock: VirtualClock, now: datetime
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")
    clock.advance(600)

    call("PutRule", Name="r", ScheduleExpression="rate(2 hours)")

    later = now + timedelta(seconds=600)
    assert get_schedule(ctx) == (later, later + 2 * HOUR)


def test_a_disabled_schedule_never_fires_and_starts_anew_when_enabled(
    ctx: Context, call: Call, clock: VirtualClock, now: datetime
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")
    call("DisableRule", Name="r")
    while_disabled = get_schedule(ctx)
    clock.advance(600)

    call("EnableRule", Name="r")

    later = now + timedelta(seconds=600)
    assert while_disabled == (None, None)
    assert get_schedule(ctx) == (later, later + HOUR)


def test_a_schedule_that_is_over_has_no_next_instant(ctx: Context, call: Call) -> None:
    call("PutRule", Name="r", ScheduleExpression="cron(0 12 1 6 ? 2020)")

    assert get_schedule(ctx)[1] is None


def test_a_rule_without_a_schedule_has_no_next_instant(
    ctx: Context, call: Call
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")

    call("PutRule", Name="r", EventPattern=PATTERN)

    assert get_schedule(ctx) == (None, None)


# -- DescribeRule


def test_describe_answers_every_set_member_in_model_order(
    call: Call, manage: Callable[[str], None]
) -> None:
    call(
        "PutRule",
        Name="r",
        EventPattern=PATTERN,
        ScheduleExpression="rate(1 hour)",
        Description="d",
        RoleArn="arn:aws:iam::000000000000:role/r",
    )
    manage("r")

    response = call("DescribeRule", Name="r")

    assert list(response) == [
        "Name",
        "Arn",
        "EventPattern",
        "ScheduleExpression",
        "State",
        "Description",
        "RoleArn",
        "ManagedBy",
        "EventBusName",
        "CreatedBy",
    ]
    assert response["ManagedBy"] == "prod.vhs.events.aws.internal"


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("DescribeRule", "Name"),
        ("EnableRule", "Name"),
        ("DisableRule", "Name"),
        ("ListTargetsByRule", "Rule"),
    ],
)
@pytest.mark.parametrize(
    ("event_bus", "message"),
    [
        ("default", "Rule r does not exist on EventBus default."),
        ("b", "Rule r does not exist on EventBus b."),
        (f"{ARN}event-bus/b", "Rule r does not exist on EventBus b."),
        ("nope", "Event bus nope does not exist."),
    ],
)
def test_a_missing_rule_is_named_with_its_event_bus(
    refused: Refused,
    bus: str,
    operation: str,
    member: str,
    event_bus: str,
    message: str,
) -> None:
    refusal = refused(operation, **{member: "r", "EventBusName": event_bus})

    assert refusal == f"ResourceNotFoundException: {message}"  # [aws] [peer]


# -- ListRules


def test_list_items_have_no_created_by(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN, Description="d")

    assert call("ListRules") == {
        "Rules": [
            {
                "Name": "r",
                "Arn": f"{ARN}rule/r",
                "EventPattern": PATTERN,
                "State": "ENABLED",
                "Description": "d",
                "EventBusName": "default",
            }
        ]
    }


def test_list_shows_one_event_bus_only(call: Call, bus: str) -> None:
    call("PutRule", Name="here", EventPattern=PATTERN)
    call("PutRule", Name="there", EventPattern=PATTERN, EventBusName=bus)

    names = [each["Name"] for each in call("ListRules", EventBusName=bus)["Rules"]]

    assert names == ["there"]


def test_list_of_an_unknown_event_bus_is_refused(refused: Refused) -> None:
    assert refused("ListRules", EventBusName="nope") == (
        "ResourceNotFoundException: Event bus nope does not exist."
    )


def test_list_is_empty_after_deletion(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)
    call("DeleteRule", Name="r")

    assert call("ListRules") == {"Rules": []}  # [aws]


def test_list_page_size_may_change_between_pages(call: Call) -> None:
    for i in range(6):
        call("PutRule", Name=f"r{i}", EventPattern=PATTERN)

    first = call("ListRules", Limit=3)
    second = call("ListRules", Limit=5, NextToken=first["NextToken"])

    pages = [[each["Name"] for each in page["Rules"]] for page in (first, second)]
    assert pages == [["r0", "r1", "r2"], ["r3", "r4", "r5"]]  # [aws]
    assert "NextToken" not in second


def test_list_prefix_is_applied_before_paging(call: Call) -> None:
    for name in ("a1", "b1", "b2", "b3", "c1", "B4"):
        call("PutRule", Name=name, EventPattern=PATTERN)

    first = call("ListRules", NamePrefix="b", Limit=2)
    rest = call("ListRules", NamePrefix="b", NextToken=first["NextToken"])

    assert [each["Name"] for each in first["Rules"]] == ["b1", "b2"]
    assert [each["Name"] for each in rest["Rules"]] == ["b3"]
    assert "NextToken" not in rest


# -- DeleteRule


def test_delete_of_a_missing_rule_succeeds(call: Call) -> None:
    assert call("DeleteRule", Name="nope") == {}  # [doc]


def test_delete_on_a_missing_event_bus_is_refused(refused: Refused) -> None:
    assert refused("DeleteRule", Name="r", EventBusName="nope") == (
        "ResourceNotFoundException: Event bus nope does not exist."
    )


@pytest.mark.parametrize("force", [False, True])
def test_delete_refuses_a_rule_with_targets_whatever_force_says(
    call: Call, refused: Refused, force: bool
) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)
    put_target(call, "r")

    refusal = refused("DeleteRule", Name="r", Force=force)

    assert refusal == (  # [aws]; a peer deletes with Force
        "ValidationException: Rule can't be deleted since it has targets."
    )
    assert len(call("ListRules")["Rules"]) == 1


def test_a_recreated_rule_has_no_tags(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN, Tags=[{"Key": "a", "Value": "b"}])
    call("DeleteRule", Name="r")

    call("PutRule", Name="r", EventPattern=PATTERN)

    response = call("ListTagsForResource", ResourceARN=f"{ARN}rule/r")
    assert response == {"Tags": []}  # [aws]


# -- EnableRule, DisableRule


def test_disable_and_enable_are_idempotent_and_say_nothing(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)

    answers = [
        call(name, Name="r")
        for name in ("DisableRule", "DisableRule", "EnableRule", "EnableRule")
    ]

    assert answers == [{}] * 4  # [aws]
    assert call("DescribeRule", Name="r")["State"] == "ENABLED"


def test_disable_sets_the_state(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)

    call("DisableRule", Name="r")

    assert call("DescribeRule", Name="r")["State"] == "DISABLED"  # [aws]


def test_enable_of_the_cloudtrail_state_enables_plainly(call: Call) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN, State=ALL_EVENTS)

    call("EnableRule", Name="r")

    assert call("DescribeRule", Name="r")["State"] == "ENABLED"


# -- managed rules


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutRule", {"Name": "r", "EventPattern": PATTERN}),
        ("EnableRule", {"Name": "r"}),
        ("DisableRule", {"Name": "r"}),
        ("DeleteRule", {"Name": "r"}),
        ("DeleteRule", {"Name": "r", "Force": False}),
        ("PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE_ARN}]}),
        ("RemoveTargets", {"Rule": "r", "Ids": ["1"]}),
        (
            "TagResource",
            {"ResourceARN": f"{ARN}rule/r", "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        ("UntagResource", {"ResourceARN": f"{ARN}rule/r", "TagKeys": ["a"]}),
    ],
)
def test_a_managed_rule_is_not_touched(
    call: Call,
    refused: Refused,
    manage: Callable[[str], None],
    operation: str,
    request_: dict[str, Any],
) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)
    manage("r")

    assert refused(operation, **request_) == MANAGED  # [aws] [doc]


def test_force_removes_targets_and_a_managed_rule(
    call: Call, manage: Callable[[str], None]
) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)
    put_target(call, "r")
    manage("r")

    removed = call("RemoveTargets", Rule="r", Ids=["1"], Force=True)
    call("DeleteRule", Name="r", Force=True)

    assert removed == {"FailedEntryCount": 0, "FailedEntries": []}  # [doc]
    assert call("ListRules") == {"Rules": []}


# -- ListRuleNamesByTarget


def test_names_by_target_lists_each_rule_once_and_exactly(call: Call, bus: str) -> None:
    for name in ("r1", "r2", "other"):
        call("PutRule", Name=name, EventPattern=PATTERN)
    call("PutRule", Name="elsewhere", EventPattern=PATTERN, EventBusName=bus)
    put_target(call, "r2", "1")
    put_target(call, "r2", "2")
    put_target(call, "r1", "1")
    put_target(call, "elsewhere", EventBusName=bus)

    response = call("ListRuleNamesByTarget", TargetArn=QUEUE_ARN)

    assert response == {"RuleNames": ["r1", "r2"]}  # [aws] [peer]


@pytest.mark.parametrize("arn", [QUEUE_ARN.upper(), QUEUE_ARN[:-1], "no arn at all"])
def test_names_by_target_without_a_match_are_an_empty_list(
    call: Call, arn: str
) -> None:
    call("PutRule", Name="r", EventPattern=PATTERN)
    put_target(call, "r")

    assert call("ListRuleNamesByTarget", TargetArn=arn) == {"RuleNames": []}  # [aws]


def test_names_by_target_page_by_rule_and_not_by_target(call: Call) -> None:
    for i in range(5):
        call("PutRule", Name=f"r{i}", EventPattern=PATTERN)
        put_target(call, f"r{i}", "1")
        put_target(call, f"r{i}", "2")

    pages = [call("ListRuleNamesByTarget", TargetArn=QUEUE_ARN, Limit=2)]
    while "NextToken" in pages[-1] and len(pages) < 9:
        token = pages[-1]["NextToken"]
        pages.append(
            call("ListRuleNamesByTarget", TargetArn=QUEUE_ARN, Limit=2, NextToken=token)
        )

    assert [page["RuleNames"] for page in pages] == [  # [aws] 2, 2, 1
        ["r0", "r1"],
        ["r2", "r3"],
        ["r4"],
    ]


def test_names_by_target_of_an_unknown_event_bus_are_refused(refused: Refused) -> None:
    refusal = refused("ListRuleNamesByTarget", TargetArn=QUEUE_ARN, EventBusName="nope")

    assert refusal == "ResourceNotFoundException: Event bus nope does not exist."


# -- names that never leave the client


@pytest.mark.parametrize(
    ("operation", "request_", "problems"),
    [
        (
            "PutRule",
            {"Name": ""},
            ["Invalid length for parameter Name, value: 0, valid min length: 1"],
        ),
        ("DescribeRule", {}, ['Missing required parameter in input: "Name"']),
    ],
)
def test_the_client_refuses_first(
    call: Call, operation: str, request_: dict[str, Any], problems: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call(operation, **request_)

    assert caught.value.problems == problems
