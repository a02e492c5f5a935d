"""Archives. Each test marks its source."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ParamValidationError
from evcli.operations import archives
from evcli.store.records import Archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock
    from evcli.delivery.sinks.memory import MemorySink

    Call = Callable[..., dict[str, Any]]
    Refused = Callable[..., str]

ARN = "arn:aws:events:us-east-1:000000000000:"
BUS_ARN = f"{ARN}event-bus/default"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:q"
NAME_REGEX = r"[\.\-_A-Za-z0-9]+"
PATTERN = '{ "source" : ["shop"] }'
MANAGED = (
    "ManagedRuleException: Events-Archive-a is a managed rule. Set 'force' parameter to"
    " true to override."
)
ONE_FILTER = (
    "ValidationException: At most one filter is allowed for ListArchives. Use either :"
    " State, EventSourceArn, or NamePrefix."
)
NOTHING_GIVEN = (
    "ValidationException: At least one of EventPattern, RetentionDays or Description must"
    " be provided."
)


@pytest.fixture
def archive(call: Call) -> str:
    """An archive of everything on the default event bus."""
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)
    return "a"


def send(call: Call, source: str = "shop", **entry: Any) -> None:
    call(
        "PutEvents",
        Entries=[{"Source": source, "DetailType": "sold", "Detail": "{}", **entry}],
    )


def count(call: Call, name: str = "a") -> int:
    events: int = call("DescribeArchive", ArchiveName=name)["EventCount"]
    return events


# -- CreateArchive


def test_create_answers_an_enabled_archive_without_a_reason(
    call: Call, now: datetime
) -> None:
    response = call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)

    assert response == {
        "ArchiveArn": f"{ARN}archive/a",
        "State": "ENABLED",
        "CreationTime": now,
    }  # [aws]
    assert list(response) == ["ArchiveArn", "State", "CreationTime"]  # [doc]


def test_create_drops_the_fraction_of_the_creation_time(
    call: Call, clock: VirtualClock, now: datetime
) -> None:
    clock.advance(0.7)

    response = call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN)

    assert response["CreationTime"] == now  # [guess]


def test_create_stores_every_setting(call: Call, now: datetime) -> None:
    settings = {"Description": "old", "EventPattern": PATTERN}
    key = {"KmsKeyIdentifier": "alias/key", "RetentionDays": 7}

    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, **settings, **key)

    response = call("DescribeArchive", ArchiveName="a")
    assert response == {
        "ArchiveArn": f"{ARN}archive/a",
        "ArchiveName": "a",
        "EventSourceArn": BUS_ARN,
        **settings,
        "State": "ENABLED",
        **key,
        "SizeBytes": 0,
        "EventCount": 0,
        "CreationTime": now,
    }  # [aws] [doc]
    assert list(response) == [
        "ArchiveArn",
        "ArchiveName",
        "EventSourceArn",
        "Description",
        "EventPattern",
        "State",
        "KmsKeyIdentifier",
        "RetentionDays",
        "SizeBytes",
        "EventCount",
        "CreationTime",
    ]  # [doc]


def test_create_without_retention_keeps_for_ever_and_says_zero(
    call: Call, archive: str, now: datetime
) -> None:
    response = call("DescribeArchive", ArchiveName=archive)

    assert response == {
        "ArchiveArn": f"{ARN}archive/a",
        "ArchiveName": "a",
        "EventSourceArn": BUS_ARN,
        "State": "ENABLED",
        "RetentionDays": 0,
        "SizeBytes": 0,
        "EventCount": 0,
        "CreationTime": now,
    }  # [aws]


def test_create_refuses_a_name_that_is_taken(refused: Refused, archive: str) -> None:
    text = refused("CreateArchive", ArchiveName=archive, EventSourceArn=BUS_ARN)

    assert text == (
        "ResourceAlreadyExistsException: Archive a already exists."
    )  # [aws]


def test_create_refuses_a_taken_name_on_another_bus_too(
    call: Call, refused: Refused, archive: str
) -> None:
    call("CreateEventBus", Name="b")

    text = refused(
        "CreateArchive", ArchiveName=archive, EventSourceArn=f"{ARN}event-bus/b"
    )

    assert text == "ResourceAlreadyExistsException: Archive a already exists."  # [aws]


def test_names_are_case_sensitive(call: Call, archive: str) -> None:
    call("CreateArchive", ArchiveName="A", EventSourceArn=BUS_ARN)

    names = [each["ArchiveName"] for each in call("ListArchives")["Archives"]]
    assert names == ["A", archive]  # [aws]


@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}event-bus/nope",
        "arn:aws:events:us-east-1:111111111111:event-bus/nope",
        "arn:aws:events:eu-west-1:000000000000:event-bus/nope",
        "arn:aws:events:us-east-1::event-bus/nope",
        "arn:aws:events:us-east-1:000000000000:rule/nope",
    ],
)
def test_create_refuses_an_unknown_event_bus_by_its_bare_name(
    refused: Refused, arn: str
) -> None:
    text = refused("CreateArchive", ArchiveName="a", EventSourceArn=arn)

    assert text == "ResourceNotFoundException: Event bus nope does not exist."  # [aws]


@pytest.mark.parametrize("place", ["us-east-1:111111111111", "eu-west-1:000000000000"])
def test_create_refuses_a_foreign_bus_like_an_unknown_one(
    refused: Refused, place: str
) -> None:
    text = refused(
        "CreateArchive",
        ArchiveName="a",
        EventSourceArn=f"arn:aws:events:{place}:event-bus/default",
    )

    assert text == (
        "ResourceNotFoundException: Event bus default does not exist."
    )  # [aws]


def test_create_tells_of_the_unknown_bus_before_the_taken_name(
    refused: Refused, archive: str
) -> None:
    text = refused(
        "CreateArchive", ArchiveName=archive, EventSourceArn=f"{ARN}event-bus/nope"
    )

    assert text == "ResourceNotFoundException: Event bus nope does not exist."  # [peer]


def test_create_tells_of_the_invalid_pattern_before_the_unknown_bus(
    refused: Refused,
) -> None:
    text = refused(
        "CreateArchive",
        ArchiveName="a",
        EventSourceArn=f"{ARN}event-bus/nope",
        EventPattern='{"source": "shop"}',
    )

    assert text == (
        "InvalidEventPatternException: Event pattern is not valid. Reason: "
        '"source" must be an object or an array\n'
        ' at [Source: (String)"{"source": "shop"}"; line: 1, column: 13]'
    )  # [peer]


def test_create_with_an_invalid_pattern_leaves_nothing_behind(
    call: Call, refused: Refused
) -> None:
    refused("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, EventPattern="x")

    assert call("ListArchives") == {"Archives": []}
    assert call("ListRules") == {"Rules": []}


def test_create_refuses_a_name_of_49_characters(refused: Refused) -> None:
    name = "n" * 49

    text = refused("CreateArchive", ArchiveName=name, EventSourceArn=BUS_ARN)

    assert text == (
        f"ValidationException: 1 validation error detected: Value '{name}' at"
        " 'archiveName' failed to satisfy constraint: Member must have length less than"
        " or equal to 48"
    )  # [peer]


def test_create_lists_all_violations_pattern_before_length(refused: Refused) -> None:
    name = "!" * 49

    text = refused("CreateArchive", ArchiveName=name, EventSourceArn=BUS_ARN)

    assert text == (
        f"ValidationException: 2 validation errors detected: Value '{name}' at"
        " 'archiveName' failed to satisfy constraint: Member must satisfy regular"
        f" expression pattern: {NAME_REGEX}; Value '{name}' at 'archiveName' failed to"
        " satisfy constraint: Member must have length less than or equal to 48"
    )  # [aws]


def test_the_longest_name_fits_into_the_name_of_the_rule(call: Call) -> None:
    name = "n" * 48

    call("CreateArchive", ArchiveName=name, EventSourceArn=BUS_ARN)

    assert [each["Name"] for each in call("ListRules")["Rules"]] == [
        f"Events-Archive-{name}"
    ]  # [aws]


def test_the_client_refuses_a_negative_retention(call: Call) -> None:
    with pytest.raises(ParamValidationError) as caught:
        call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=-1)

    assert caught.value.problems == [
        "Invalid value for parameter RetentionDays, value: -1, valid min value: 0"
    ]  # [aws]


# -- the managed rule


def test_create_makes_the_managed_rule(call: Call) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, EventPattern=PATTERN)

    rule = call("DescribeRule", Name="Events-Archive-a")

    assert json.loads(rule.pop("EventPattern")) == {
        "source": ["shop"],
        "replay-name": [{"exists": False}],
    }  # [aws]
    assert rule == {
        "Name": "Events-Archive-a",
        "Arn": f"{ARN}rule/Events-Archive-a",
        "State": "ENABLED",
        "ManagedBy": "prod.vhs.events.aws.internal",
        "EventBusName": "default",
        "CreatedBy": "000000000000",
    }  # [aws], [peer] what is absent


def test_the_managed_rule_of_an_archive_of_everything_has_one_clause(
    call: Call, archive: str
) -> None:
    rule = call("DescribeRule", Name=f"Events-Archive-{archive}")

    assert rule["EventPattern"] == '{"replay-name":[{"exists":false}]}'  # [aws]


def test_the_managed_rule_has_one_target_without_account(
    ctx: Context, call: Call, archive: str
) -> None:
    response = call("ListTargetsByRule", Rule=f"Events-Archive-{archive}")

    stored = ctx.store.get(Archive, ctx.account_id, ctx.region, archive)
    assert stored is not None
    template = (
        f'{{"archive-arn": "{ARN}archive/a:{stored.archive_id}",'
        ' "event": <aws.events.event.json>,'
        ' "ingestion-time": <aws.events.event.ingestion-time>}'
    )
    assert response == {
        "Targets": [
            {
                "Id": "Events-Archive-a",
                "Arn": "arn:aws:events:us-east-1:::",
                "InputTransformer": {"InputPathsMap": {}, "InputTemplate": template},
            }
        ]
    }  # [aws], [peer] id and template


def test_the_managed_rule_is_on_the_source_bus(call: Call) -> None:
    call("CreateEventBus", Name="b")

    call("CreateArchive", ArchiveName="a", EventSourceArn=f"{ARN}event-bus/b")

    names = [rule["Name"] for rule in call("ListRules", EventBusName="b")["Rules"]]
    assert names == ["Events-Archive-a"]  # [aws]
    assert call("ListRules") == {"Rules": []}


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("PutRule", {"Name": "Events-Archive-a", "EventPattern": PATTERN}),
        ("EnableRule", {"Name": "Events-Archive-a"}),
        ("DisableRule", {"Name": "Events-Archive-a"}),
        ("DeleteRule", {"Name": "Events-Archive-a"}),
        (
            "PutTargets",
            {"Rule": "Events-Archive-a", "Targets": [{"Id": "1", "Arn": QUEUE_ARN}]},
        ),
        ("RemoveTargets", {"Rule": "Events-Archive-a", "Ids": ["Events-Archive-a"]}),
    ],
)
def test_the_managed_rule_is_not_changed_by_hand(
    refused: Refused, archive: str, name: str, request_: dict[str, Any]
) -> None:
    assert refused(name, **request_) == MANAGED  # [aws]


def test_force_removes_the_managed_rule_and_ends_the_archiving(
    call: Call, archive: str
) -> None:
    rule = f"Events-Archive-{archive}"
    call("RemoveTargets", Rule=rule, Ids=[rule], Force=True)
    call("DeleteRule", Name=rule, Force=True)

    send(call)

    assert call("ListRules") == {"Rules": []}  # [aws]
    assert count(call) == 0


def test_delete_copes_with_a_managed_rule_that_force_removed(
    call: Call, archive: str
) -> None:
    rule = f"Events-Archive-{archive}"
    call("RemoveTargets", Rule=rule, Ids=[rule], Force=True)
    call("DeleteRule", Name=rule, Force=True)

    assert call("DeleteArchive", ArchiveName=archive) == {}


def test_an_event_bus_with_an_archive_is_not_deleted(
    call: Call, refused: Refused
) -> None:
    call("CreateEventBus", Name="b")
    call("CreateArchive", ArchiveName="a", EventSourceArn=f"{ARN}event-bus/b")

    text = refused("DeleteEventBus", Name="b")

    assert text == (
        "ValidationException: EventBus can't be deleted since it has rules."
    )  # [aws]


@pytest.mark.parametrize(
    ("pattern", "managed"),
    [
        ('{"a":[1]}', '{"a":[1],"replay-name":[{"exists":false}]}'),
        (' { "a" : [3.0e2] } ', ' { "a" : [3.0e2],"replay-name":[{"exists":false}]}'),
        ('{"a":["}"]} what', '{"a":["}"],"replay-name":[{"exists":false}]}'),
        (
            '{"$or":[{"a":[1]},{"b":[{"exists":true}]}]}',
            '{"$or":[{"a":[1]},{"b":[{"exists":true}]}],"replay-name":[{"exists":false}]}',
        ),
    ],
    ids=["compact", "written number", "text behind", "or"],
)
def test_the_clause_is_added_to_the_text_of_the_pattern(
    call: Call, pattern: str, managed: str
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, EventPattern=pattern)

    assert call("DescribeRule", Name="Events-Archive-a")["EventPattern"] == managed
    assert call("DescribeArchive", ArchiveName="a")["EventPattern"] == pattern  # [aws]


def test_a_replay_name_of_the_user_is_overridden_by_the_clause(call: Call) -> None:
    pattern = '{"replay-name":["mine"],"source":["shop"]}'
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, EventPattern=pattern)

    send(call)

    rule = call("DescribeRule", Name="Events-Archive-a")
    assert json.loads(rule["EventPattern"])["replay-name"] == [{"exists": False}]
    assert count(call) == 1  # [peer]


# -- UpdateArchive


def test_update_answers_the_original_creation_time(
    call: Call, archive: str, clock: VirtualClock, now: datetime
) -> None:
    clock.advance(100)

    response = call("UpdateArchive", ArchiveName=archive, Description="new")

    assert response == {
        "ArchiveArn": f"{ARN}archive/a",
        "State": "ENABLED",
        "CreationTime": now,
    }  # [aws], [peer] the time


def test_update_keeps_what_is_not_given(call: Call) -> None:
    call(
        "CreateArchive",
        ArchiveName="a",
        EventSourceArn=BUS_ARN,
        EventPattern=PATTERN,
        Description="d",
        RetentionDays=3,
    )
    before = call("DescribeArchive", ArchiveName="a")

    call("UpdateArchive", ArchiveName="a", KmsKeyIdentifier="alias/key")

    after = call("DescribeArchive", ArchiveName="a")
    assert after == {**before, "KmsKeyIdentifier": "alias/key"}


def test_update_to_zero_days_is_for_ever_and_an_empty_description_clears(
    call: Call,
) -> None:
    call(
        "CreateArchive",
        ArchiveName="a",
        EventSourceArn=BUS_ARN,
        Description="d",
        RetentionDays=3,
    )

    call("UpdateArchive", ArchiveName="a", RetentionDays=0, Description="")

    after = call("DescribeArchive", ArchiveName="a")
    assert after["RetentionDays"] == 0
    assert "Description" not in after  # [guess]


def test_update_without_anything_to_change_is_refused(
    refused: Refused, archive: str
) -> None:
    assert refused("UpdateArchive", ArchiveName=archive) == NOTHING_GIVEN  # [aws]


def test_update_of_an_unknown_archive_without_anything_says_so_first(
    refused: Refused,
) -> None:
    assert refused("UpdateArchive", ArchiveName="nope") == NOTHING_GIVEN  # [aws]


def test_update_refuses_an_invalid_pattern_before_an_unknown_name(
    refused: Refused,
) -> None:
    text = refused("UpdateArchive", ArchiveName="nope", EventPattern="[]")

    assert text.startswith(
        "InvalidEventPatternException: Event pattern is not valid. Reason: Filter is not"
    )  # [peer]


def test_update_of_an_unknown_archive_is_refused(refused: Refused) -> None:
    text = refused("UpdateArchive", ArchiveName="nope", RetentionDays=1)

    assert text == "ResourceNotFoundException: Archive nope does not exist."  # [peer]


def test_a_new_pattern_rewrites_the_rule_and_keeps_the_events(
    call: Call, archive: str
) -> None:
    send(call, "shop")

    call("UpdateArchive", ArchiveName=archive, EventPattern='{"source":["bank"]}')

    send(call, "shop")
    send(call, "bank")
    assert call("DescribeRule", Name="Events-Archive-a")["EventPattern"] == (
        '{"source":["bank"],"replay-name":[{"exists":false}]}'
    )
    assert count(call) == 2  # [peer]


def test_a_new_retention_holds_for_stored_events_as_well(
    call: Call, archive: str, clock: VirtualClock
) -> None:
    send(call)
    clock.advance(2 * 86_400)
    send(call)

    call("UpdateArchive", ArchiveName=archive, RetentionDays=1)

    assert count(call) == 1  # [peer]


def test_a_new_pattern_needs_the_event_bus_that_force_let_go(
    call: Call, refused: Refused
) -> None:
    call("CreateEventBus", Name="b")
    call("CreateArchive", ArchiveName="a", EventSourceArn=f"{ARN}event-bus/b")
    rule = {"Rule": "Events-Archive-a", "EventBusName": "b", "Force": True}
    call("RemoveTargets", Ids=["Events-Archive-a"], **rule)
    call("DeleteRule", Name=rule.pop("Rule"), **rule)
    call("DeleteEventBus", Name="b")

    text = refused("UpdateArchive", ArchiveName="a", EventPattern=PATTERN)
    call("CreateEventBus", Name="b")

    assert text == "ResourceNotFoundException: Event bus b does not exist."  # [guess]
    assert call("ListRules", EventBusName="b") == {"Rules": []}
    assert "EventPattern" not in call("DescribeArchive", ArchiveName="a")


# -- DeleteArchive


def test_delete_answers_nothing_and_takes_the_managed_rule_along(
    call: Call, refused: Refused, archive: str
) -> None:
    response = call("DeleteArchive", ArchiveName=archive)

    assert response == {}  # [aws]
    assert call("ListRules") == {"Rules": []}  # [aws]
    assert call("ListArchives") == {"Archives": []}
    text = refused("ListTargetsByRule", Rule="Events-Archive-a")
    assert text == (
        "ResourceNotFoundException: Rule Events-Archive-a does not exist on EventBus"
        " default."
    )


def test_delete_removes_the_stored_events(
    ctx: Context, call: Call, archive: str
) -> None:
    send(call)

    call("DeleteArchive", ArchiveName=archive)

    assert not ctx.store.archived_events.has_abandoned()
    rows = ctx.store.database.execute("SELECT COUNT(*) FROM archived_events").fetchone()
    assert rows == (0,)


def test_delete_leaves_other_archives_alone(call: Call, archive: str) -> None:
    call("CreateArchive", ArchiveName="b", EventSourceArn=BUS_ARN)
    send(call)

    call("DeleteArchive", ArchiveName=archive)

    assert count(call, "b") == 1
    assert [each["Name"] for each in call("ListRules")["Rules"]] == ["Events-Archive-b"]


@pytest.mark.parametrize("name", ["DeleteArchive", "DescribeArchive"])
def test_an_unknown_archive_is_not_found(refused: Refused, name: str) -> None:
    text = refused(name, ArchiveName="nope")

    assert text == "ResourceNotFoundException: Archive nope does not exist."  # [aws]


def test_a_new_archive_of_an_old_name_begins_empty(call: Call, archive: str) -> None:
    send(call)
    call("DeleteArchive", ArchiveName=archive)

    call("CreateArchive", ArchiveName=archive, EventSourceArn=BUS_ARN)

    assert count(call) == 0  # [guess]


# -- ListArchives


def test_list_shows_neither_arn_nor_description_nor_pattern(
    call: Call, now: datetime
) -> None:
    call(
        "CreateArchive",
        ArchiveName="a",
        EventSourceArn=BUS_ARN,
        Description="d",
        EventPattern=PATTERN,
        KmsKeyIdentifier="alias/key",
    )

    response = call("ListArchives")

    item = {
        "ArchiveName": "a",
        "EventSourceArn": BUS_ARN,
        "State": "ENABLED",
        "RetentionDays": 0,
        "SizeBytes": 0,
        "EventCount": 0,
        "CreationTime": now,
    }
    assert response == {"Archives": [item]}  # [aws]
    assert list(response["Archives"][0]) == list(item)  # [doc]


def test_list_filters_by_case_sensitive_prefix(call: Call) -> None:
    for name in ("abc", "abd", "Abc", "b"):
        call("CreateArchive", ArchiveName=name, EventSourceArn=BUS_ARN)

    def names(prefix: str) -> list[str]:
        archives = call("ListArchives", NamePrefix=prefix)["Archives"]
        return [each["ArchiveName"] for each in archives]

    assert names("ab") == ["abc", "abd"]  # [aws]
    assert names("abc") == ["abc"]  # [aws] a full name
    assert names("x") == []  # [aws]


def test_list_filters_by_event_bus(call: Call, archive: str) -> None:
    call("CreateEventBus", Name="b")
    call("CreateArchive", ArchiveName="x", EventSourceArn=f"{ARN}event-bus/b")

    archives = call("ListArchives", EventSourceArn=f"{ARN}event-bus/b")["Archives"]

    assert [each["ArchiveName"] for each in archives] == ["x"]


def test_list_of_an_unknown_event_bus_is_refused(refused: Refused) -> None:
    text = refused("ListArchives", EventSourceArn=f"{ARN}event-bus/nope")

    assert text == "ResourceNotFoundException: Event bus nope does not exist."  # [aws]


@pytest.mark.parametrize(
    "state", ["DISABLED", "CREATING", "UPDATING", "CREATE_FAILED", "UPDATE_FAILED"]
)
def test_list_accepts_every_state_and_finds_only_enabled_ones(
    call: Call, archive: str, state: str
) -> None:
    assert call("ListArchives", State=state) == {"Archives": []}
    assert len(call("ListArchives", State="ENABLED")["Archives"]) == 1


@pytest.mark.parametrize(
    "filters",
    [
        {"NamePrefix": "a", "State": "ENABLED"},
        {"NamePrefix": "a", "EventSourceArn": f"{ARN}event-bus/nope"},
        {"State": "ENABLED", "EventSourceArn": BUS_ARN},
    ],
)
def test_list_takes_one_filter_at_most(
    refused: Refused, filters: dict[str, str]
) -> None:
    assert refused("ListArchives", **filters) == ONE_FILTER  # [peer]


def test_list_refuses_an_unknown_state(refused: Refused) -> None:
    text = refused("ListArchives", State="nonsense")

    assert text == (
        "ValidationException: 1 validation error detected: Value 'nonsense' at 'state'"
        " failed to satisfy constraint: Member must satisfy enum value set: [ENABLED,"
        " DISABLED, CREATING, UPDATING, CREATE_FAILED, UPDATE_FAILED]"
    )  # [peer]


def test_list_pages_by_name_with_a_token_only_while_something_is_left(
    call: Call,
) -> None:
    for name in "cab":
        call("CreateArchive", ArchiveName=name, EventSourceArn=BUS_ARN)

    first = call("ListArchives", Limit=2)
    second = call("ListArchives", Limit=1, NextToken=first["NextToken"])

    assert [each["ArchiveName"] for each in first["Archives"]] == ["a", "b"]
    assert [each["ArchiveName"] for each in second["Archives"]] == ["c"]
    assert "NextToken" not in second  # [aws]


def test_list_refuses_a_token_of_another_list(call: Call, refused: Refused) -> None:
    for name in "ab":
        call("PutRule", Name=name, EventPattern=PATTERN)
    token = call("ListRules", Limit=1)["NextToken"]

    assert refused("ListArchives", NextToken=token) == (
        "InvalidToken: Invalid NextToken."
    )


def test_archives_of_other_accounts_and_regions_are_out_of_sight(
    call: Call, call_as: Callable[..., dict[str, Any]], archive: str
) -> None:
    for place in (("1" * 12, "us-east-1"), ("0" * 12, "eu-west-1")):
        assert call_as(*place, "ListArchives") == {"Archives": []}


# -- what is archived


def test_a_matching_event_is_kept_whole_and_a_missing_one_is_not(
    ctx: Context, call: Call, now: datetime
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, EventPattern=PATTERN)
    response = call(
        "PutEvents",
        Entries=[
            {"Source": "bank", "DetailType": "paid", "Detail": "{}"},
            {
                "Source": "shop",
                "DetailType": "sold",
                "Detail": '{"n": 1.10}',
                "Resources": ["r"],
            },
        ],
    )

    rows = ctx.store.database.execute("SELECT envelope FROM archived_events").fetchall()

    event_id = response["Entries"][1]["EventId"]
    assert rows == [
        (
            f'{{"version":"0","id":"{event_id}","detail-type":"sold","source":"shop",'
            '"account":"000000000000","time":"2024-05-14T11:23:22Z",'
            '"region":"us-east-1","resources":["r"],"detail":{"n":1.10}}',
        )
    ]  # [doc] all fields, the id included
    assert count(call) == 1


def test_an_archive_is_no_target_and_makes_no_delivery(
    ctx: Context, call: Call, archive: str, memory_sink: MemorySink
) -> None:
    send(call)

    assert memory_sink.deliveries == []
    assert list(ctx.store.ledger.list_deliveries()) == []


def test_every_archive_of_a_bus_keeps_its_own_copy(call: Call, archive: str) -> None:
    call("CreateArchive", ArchiveName="b", EventSourceArn=BUS_ARN, EventPattern=PATTERN)
    call("CreateEventBus", Name="other")
    call("CreateArchive", ArchiveName="c", EventSourceArn=f"{ARN}event-bus/other")

    send(call, "shop")
    send(call, "bank")

    assert [count(call, name) for name in "abc"] == [2, 1, 0]  # [doc]


def test_ten_events_weigh_what_the_recording_says(call: Call, archive: str) -> None:
    detail = '{"numbers": [1, 2, 3], "texts": ["a", "b"], "deep": {"x": 1}}'
    detail = detail[:-1] + " " * (85 - len(detail)) + "}"
    entry = {"Source": "s" * 27, "DetailType": "t" * 27, "Detail": detail}

    call("PutEvents", Entries=[entry] * 10)

    described = call("DescribeArchive", ArchiveName=archive)
    assert described["EventCount"] == 10
    assert described["SizeBytes"] == 1590  # [aws]


def test_a_rolled_back_request_archives_nothing(
    ctx: Context, call: Call, archive: str
) -> None:
    identifiers = iter(["1"])
    ctx.new_id = lambda: next(identifiers)

    with pytest.raises(StopIteration):
        call(
            "PutEvents",
            Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}] * 2,
        )

    assert count(call) == 0


# -- retention


def test_an_event_is_gone_after_its_days_at_once_and_without_a_write(
    call: Call, clock: VirtualClock
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=2)
    send(call)

    clock.advance(2 * 86_400 - 1)
    assert count(call) == 1
    clock.advance(1)
    described = call("DescribeArchive", ArchiveName="a")
    listed = call("ListArchives")["Archives"][0]

    assert (described["EventCount"], described["SizeBytes"]) == (0, 0)  # [doc]
    assert (listed["EventCount"], listed["SizeBytes"]) == (0, 0)


def test_days_count_from_arrival_and_not_from_the_time_of_the_event(
    call: Call, clock: VirtualClock
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=2)
    send(call, Time=clock.now() - timedelta(days=30))

    assert count(call) == 1  # [guess]


def test_an_archive_without_days_keeps_for_ever(
    call: Call, archive: str, clock: VirtualClock
) -> None:
    send(call)

    clock.advance(100 * 366 * 86_400)

    assert count(call) == 1  # [doc]


def test_more_days_than_there_are_dates_keep_for_ever(
    call: Call, clock: VirtualClock
) -> None:
    call(
        "CreateArchive",
        ArchiveName="a",
        EventSourceArn=BUS_ARN,
        RetentionDays=2_147_483_647,
    )
    send(call)

    clock.advance(366 * 86_400)

    assert count(call) == 1


@pytest.mark.parametrize("days", [0, 9])
def test_a_longer_retention_brings_nothing_back_that_had_expired(
    call: Call, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr(archives, "STEP_EVENTS", 2)
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=1)
    for _ in range(5):
        send(call)
    clock.advance(86_400 - 1)
    for _ in range(2):
        send(call)
    clock.advance(1)
    before = call("DescribeArchive", ArchiveName="a")

    call("UpdateArchive", ArchiveName="a", RetentionDays=days)

    after = call("DescribeArchive", ArchiveName="a")
    assert before["EventCount"] == 2
    assert after == {**before, "RetentionDays": days}


def test_put_events_drops_expired_rows_on_its_way(
    ctx: Context, call: Call, clock: VirtualClock
) -> None:
    call("CreateArchive", ArchiveName="a", EventSourceArn=BUS_ARN, RetentionDays=1)
    send(call)
    clock.advance(86_400)

    send(call)

    rows = ctx.store.database.execute("SELECT COUNT(*) FROM archived_events").fetchone()
    assert rows == (1,)
    assert count(call) == 1
