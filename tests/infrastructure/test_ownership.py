"""Pruning: what a stack made and has no longer goes, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.changes import list_changes
from evcli.operations import call
from evcli.store.records import OwnerMark, Rule, Target
from tests.infrastructure.conftest import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.infrastructure.description import Description

    Describe = Callable[..., Description]

SCOPE = (ACCOUNT, REGION)
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"


def rule(
    name: str, *targets: str, bus: str | None = None, **others: Any
) -> dict[str, Any]:
    properties = {
        "Name": name,
        "ScheduleExpression" if bus is None else "EventPattern": "rate(1 day)"
        if bus is None
        else {"source": ["s"]},
        "Targets": [{"Id": each, "Arn": QUEUE} for each in targets],
    }
    if bus is not None:
        properties["EventBusName"] = bus
    return {"Type": "AWS::Events::Rule", "Properties": properties, **others}


BUS = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "b"}}
FULL = {"Resources": {"B": BUS, "One": rule("one", "q"), "Two": rule("two", bus="b")}}
LESS = {"Resources": {"One": rule("one", "q")}}


@pytest.fixture
def owner(ctx: Context) -> Context:
    """The account and region of the templates."""
    return ctx.act_as(*SCOPE)


def list_names(ctx: Context) -> list[str]:
    return [
        f"{each.event_bus_name}/{each.name}" for each in ctx.store.list_records(Rule)
    ]


def test_pruning_removes_what_the_stack_has_no_longer(
    owner: Context, describe: Describe
) -> None:
    carry_out(owner, describe(FULL))

    changes = list_changes(owner, describe(LESS), is_pruning=True)
    carry_out(owner, describe(LESS), is_pruning=True)

    assert [(each.action, each.key[2:]) for each in changes] == [
        ("remove", ("event_bus", ("b",))),
        ("remove", ("rule", ("b", "two"))),
    ]
    assert list_names(owner) == ["default/one"]
    assert [
        each["Name"] for each in call(owner, "ListEventBuses", {})["EventBuses"]
    ] == ["default"]
    assert owner.notices == []


def test_without_pruning_it_stays(owner: Context, describe: Describe) -> None:
    carry_out(owner, describe(FULL))

    carry_out(owner, describe(LESS))

    assert list_names(owner) == ["b/two", "default/one"]


def test_nothing_of_another_file_or_stack_or_hand_is_pruned(
    owner: Context, describe: Describe
) -> None:
    carry_out(owner, describe(FULL))
    carry_out(owner, describe({"Resources": {"O": rule("other")}}, name="other.yaml"))
    carry_out(owner, describe({"Resources": {"S": rule("stack")}}, stack_name="prod"))
    call(owner, "PutRule", {"Name": "hand", "ScheduleExpression": "rate(1 day)"})

    carry_out(owner, describe(LESS), is_pruning=True)

    assert list_names(owner) == [
        "default/hand", "default/one", "default/other", "default/stack",
    ]  # fmt: skip


def test_what_was_there_before_is_not_the_stacks(
    owner: Context, describe: Describe
) -> None:
    call(owner, "PutRule", {"Name": "one", "ScheduleExpression": "rate(2 days)"})
    carry_out(owner, describe(LESS))

    carry_out(owner, describe({"Resources": {}}), is_pruning=True)

    assert list_names(owner) == ["default/one"]


def test_what_was_deleted_and_made_by_hand_is_not_the_stacks(
    owner: Context, describe: Describe
) -> None:
    carry_out(owner, describe({"Resources": {"One": rule("one")}}))
    call(owner, "DeleteRule", {"Name": "one"})
    call(owner, "PutRule", {"Name": "one", "ScheduleExpression": "rate(1 day)"})

    carry_out(owner, describe({"Resources": {}}), is_pruning=True)

    assert list_names(owner) == ["default/one"]


def test_an_event_bus_with_rules_of_others_stays_and_is_named(
    owner: Context, describe: Describe
) -> None:
    carry_out(owner, describe(FULL))
    call(owner, "PutRule", {"Name": "hand", "EventBusName": "b", "EventPattern": '{"source":["s"]}'})  # fmt: skip

    carry_out(owner, describe(LESS), is_pruning=True)

    assert list_names(owner) == ["b/hand", "default/one"]
    assert owner.notices == [
        "The event bus b is kept: it has rules that are not of this file."
    ]


def test_what_is_to_be_retained_is_kept(owner: Context, describe: Describe) -> None:
    kept = {"Resources": {"One": rule("one", DeletionPolicy="Retain")}}
    carry_out(owner, describe(kept))

    carry_out(owner, describe({"Resources": {}}), is_pruning=True)

    assert list_names(owner) == ["default/one"]
    assert owner.notices == [
        "The rule default/one is kept: its DeletionPolicy says so."
    ]


def test_a_target_that_its_rule_drops_goes_and_others_stay(
    owner: Context, describe: Describe
) -> None:
    carry_out(owner, describe({"Resources": {"One": rule("one", "a", "b")}}))
    call(
        owner, "PutTargets", {"Rule": "one", "Targets": [{"Id": "hand", "Arn": QUEUE}]}
    )

    carry_out(owner, describe({"Resources": {"One": rule("one", "b", "c")}}))

    found = [each.target_id for each in owner.store.list_records(Target)]
    assert found == ["b", "c", "hand"]


def test_a_statement_that_the_stack_drops_goes_and_others_stay(
    owner: Context, describe: Describe
) -> None:
    def policy(name: str) -> dict[str, Any]:
        properties = {
            "StatementId": name, "Action": "events:PutEvents", "Principal": "111122223333",
        }  # fmt: skip
        return {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}

    carry_out(owner, describe({"Resources": {"A": policy("a"), "B": policy("b")}}))
    call(owner, "PutPermission", {"Action": "events:PutEvents", "Principal": "*", "StatementId": "hand"})  # fmt: skip

    carry_out(owner, describe({"Resources": {"B": policy("b")}}), is_pruning=True)

    answer = call(owner, "DescribeEventBus", {})
    assert '"a"' not in answer["Policy"]
    assert '"Sid":"b"' in answer["Policy"]
    assert '"Sid":"hand"' in answer["Policy"]


def test_importing_again_keeps_the_marks(owner: Context, describe: Describe) -> None:
    carry_out(owner, describe(FULL))
    marks = owner.store.list_records(OwnerMark)

    carry_out(owner, describe(FULL))

    assert owner.store.list_records(OwnerMark) == marks
    assert [(each.kind, each.name, each.logical_id) for each in marks] == [
        ("event_bus", "b", "B"),
        ("rule", "b/two", "Two"),
        ("rule", "default/one", "One"),
        ("target", "default/one/q", "One"),
    ]


def test_a_difference_changes_nothing(owner: Context, describe: Describe) -> None:
    carry_out(owner, describe(FULL))
    before = list(owner.store.database.connection.iterdump())

    changes = list_changes(owner, describe(LESS), is_pruning=True)

    assert changes != []
    assert list(owner.store.database.connection.iterdump()) == before
