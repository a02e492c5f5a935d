"""Where rules come from, and that cases have them to themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import evcli.delivery.api_destinations.calls
from evcli.authoring.cases.comparing import find_differences
from evcli.infrastructure.state import read_state
from tests.authoring.cases.conftest import run_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from tests.authoring.cases.conftest import Done

    Call = Callable[..., dict[str, Any]]
    RunText = Callable[..., Done]

SAMPLES = Path(__file__).parent.parent.parent / "infrastructure" / "samples"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
PASSES: dict[str, str] = {"x": ""}


def case(**members: Any) -> dict[str, Any]:
    return {"name": "x", **members}


def test_rules_come_from_the_state_where_a_file_names_none(
    run_text: RunText, call: Call, ctx: Context
) -> None:
    call("CreateEventBus", Name="o")
    call("PutRule", Name="r", EventBusName="o", EventPattern='{"source":["s"]}')
    call("PutTargets", EventBusName="o", Rule="r", Targets=[{"Id": "q", "Arn": QUEUE}])
    call("PutRule", Name="hourly", ScheduleExpression="rate(1 hour)")
    before = list(ctx.store.ledger.list_deliveries())
    event = {"source": "s", "detail-type": "t"}
    targets = {"r/q": {"delivered": True}}

    done = run_text(
        {
            "tests": [
                case(bus="o", event=event, rules=["r"], targets=targets),
                {
                    "name": "rates count from the beginning of the test",
                    "schedule": "hourly",
                    "fires": ["2026-01-01T01:00:00Z"],
                },
            ]
        },
        state=read_state(ctx),
    )

    assert set(done.cases.values()) == {""}
    assert list(ctx.store.ledger.list_deliveries()) == before == []


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("same/template.yaml", "Big"),
        ("same/sam.yaml", "same-big"),
        ("same/serverless", "same-big"),
        ("cdk/cdk.out", "same-big"),
        ("same/plan.json", "aws_cloudwatch_event_rule.big"),
        ("same/state.toml", "same-big"),
    ],
)
def test_rules_come_from_files_of_every_format(
    run_text: RunText, source: str, rule: str
) -> None:
    event = {"source": "shop", "detail-type": "order placed", "detail": {"total": 10}}
    small = {"from": "placed", "set": {"detail.total": 9}}
    stack = {"stack_name": "Same"} if source.startswith("cdk") else {}

    done = run_text(
        {
            "from": str(SAMPLES / source),
            **stack,
            "account": "123456789012",
            "region": "eu-west-1",
            "events": {"placed": event},
            "tests": [
                {
                    "name": "large",
                    "bus": "same-orders",
                    "event": "placed",
                    "rules": [rule],
                    "fail": {f"{rule}/*": "always"},
                    "targets": {
                        f"{rule}/*": {
                            "attempts": 4,
                            "dead_letter": {"queue": "same-dead"},
                        }
                    },
                },
                {"name": "small", "bus": "same-orders", "event": small, "rules": []},
                {"name": "off", "schedule": "same-often", "fires": []},
            ],
        }
    )

    assert done.unreadable == []
    assert done.cases == {"large": "", "small": "", "off": ""}


def test_a_rule_without_a_name_goes_by_its_logical_id(
    run_text: RunText, tmp_path: Path
) -> None:
    write_rules(tmp_path, Mine={})
    event = {"source": "s", "detail-type": "t"}

    done = run_text({"from": "t.json", "tests": [case(event=event, rules=[])]})

    assert done.cases["x"].splitlines() == [
        "rules: Mine matches",
        "rule Mine (t.json:1: Mine)",
        "  ✔ match",
        '    ✔ source: ["s"]  event: "s"',
    ]


def test_what_cannot_be_worked_out_is_told(shop: Path) -> None:
    text = (shop / "orders.evtest.yaml").read_text()
    (shop / "orders.evtest.yaml").write_text(
        text.replace("parameters: {Stage: test}", "")
    )

    done = run_files(shop, "orders.evtest.yaml", expression="upload")

    assert "Stage" in "\n".join([*done.notes, *done.unreadable])


def write_rules(directory: Path, **rules: dict[str, Any]) -> None:
    """Write a template of rules by their logical ids, all for the source `s`."""
    resources = {
        name: {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": ["s"]}, **properties},
        }
        for name, properties in rules.items()
    }
    (directory / "t.json").write_text(json.dumps({"Resources": resources}))


def test_a_rule_of_the_test_file_stands_in_for_one_of_the_same_name(
    run_text: RunText, tmp_path: Path
) -> None:
    targets = [{"Id": "q", "Arn": QUEUE}]
    write_rules(tmp_path, R={"Name": "r", "Targets": targets})
    event = {"source": "other", "detail-type": "t"}
    other = {
        "EventPattern": '{"source": ["other"]}',
        "Targets": [{"Id": "p", "Arn": QUEUE}],
    }
    both = {"r/p": {"delivered": True}, "r/q": {"delivered": False}}

    done = run_text(
        {
            "from": "t.json",
            "rules": {"r": other},
            "tests": [case(event=event, rules=["r"], targets=both)],
        }
    )

    assert done.cases == {"x": "targets: rule r has no target q; it has p"}


def test_the_name_of_a_rule_goes_before_a_logical_id(
    run_text: RunText, tmp_path: Path
) -> None:
    write_rules(tmp_path, a={"Name": "b"}, b={"Name": "a", "State": "DISABLED"})
    event = {"source": "s", "detail-type": "t"}

    done = run_text({"from": "t.json", "tests": [case(event=event, rules=["b"])]})

    assert done.cases == PASSES


def test_an_event_bus_that_only_a_rule_names_is_made(run_text: RunText) -> None:
    rules = {"r": {"EventBusName": "o", "EventPattern": {"source": ["s"]}}}
    event = {"source": "s", "detail-type": "t"}

    done = run_text(
        {"rules": rules, "tests": [case(bus="o", event=event, rules=["r"])]}
    )

    assert done.cases == PASSES


def test_no_case_sees_what_another_one_did(run_text: RunText) -> None:
    target = {"Id": "q", "Arn": QUEUE}
    rules = {"r": {"EventPattern": {"source": ["s"]}, "Targets": [target]}}
    event = {"id": "the-same", "source": "s", "detail-type": "t"}
    waiting = {"r/q": {"attempts": 1, "delivered": False}}
    arrived = {"r/q": {"attempts": 1, "delivered": True}}
    again = {"event": event, "targets": arrived}

    done = run_text(
        {
            "rules": rules,
            "tests": [
                case(event=event, fail={"r/q": 1}, wait_seconds=1, targets=waiting),
                {"name": "again", **again},
                {"name": "and again", **again},
            ],
        }
    )

    assert done.cases == {"x": "", "again": "", "and again": ""}


def test_events_have_the_same_ids_and_times_every_time(run_text: RunText) -> None:
    target = {"Id": "q", "Arn": QUEUE}
    rules = {"r": {"EventPattern": {"source": ["s"]}, "Targets": [target]}}
    whole = {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000001",
        "detail-type": "t",
        "source": "s",
        "account": "111122223333",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {},
    }
    event = {"source": "s", "detail-type": "t"}

    done = run_text(
        {
            "account": "111122223333",
            "region": "eu-west-1",
            "rules": rules,
            "tests": [case(event=event, targets={"r/q": {"payload_is": whole}})],
        }
    )

    assert done.cases == PASSES


@pytest.mark.parametrize("host", ["127.0.0.1:9", "api.example.com"])
def test_no_api_destination_is_called(
    run_text: RunText, tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(
        evcli.delivery.api_destinations.calls, "send", lambda *each: calls.append(each)
    )
    key = {"ApiKeyName": "k", "ApiKeyValue": "v"}
    resources = {
        "C": {
            "Type": "AWS::Events::Connection",
            "Properties": {
                "Name": "c",
                "AuthorizationType": "API_KEY",
                "AuthParameters": {"ApiKeyAuthParameters": key},
            },
        },
        "D": {
            "Type": "AWS::Events::ApiDestination",
            "Properties": {
                "Name": "d",
                "ConnectionArn": {"Fn::GetAtt": ["C", "Arn"]},
                "HttpMethod": "POST",
                "InvocationEndpoint": f"https://{host}/x",
            },
        },
        "R": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "r",
                "EventPattern": {"source": ["s"]},
                "Targets": [
                    {
                        "Id": "d",
                        "Arn": {"Fn::GetAtt": ["D", "Arn"]},
                        "RoleArn": "arn:aws:iam::000000000000:role/r",
                    }
                ],
            },
        },
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": resources}))
    event = {"source": "s", "detail-type": "t", "detail": {"n": 1}}
    target = {
        "delivered": True,
        "attempts": 2,
        "action": "events:InvokeApiDestination",
        "request": {"method": "POST", "url": f"https://{host}/x"},
        "payload": {"detail": {"n": 1}},
    }

    done = run_text(
        {
            "from": "t.json",
            "tests": [case(event=event, fail={"r/d": 1}, targets={"r/d": target})],
        }
    )

    assert (done.unreadable, done.cases, calls) == ([], PASSES, [])


def test_a_template_that_needs_no_case_is_not_read(run_text: RunText) -> None:
    event = {"source": "s", "detail-type": "t"}
    tests = [case(event=event, rules=[])]

    done = run_text({"from": "no.yaml", "tests": tests}, expression="another")

    assert (done.unreadable, done.cases) == ([], {})


def test_what_is_skipped_need_not_be_there(run_text: RunText) -> None:
    later = case(skip="not written yet", event="file:later.json", rules=["later"])

    done = run_text({"rules": {}, "tests": [later]})

    assert (done.unreadable, done.cases) == ([], PASSES)


def test_of_many_instants_the_first_ones_are_shown(run_text: RunText) -> None:
    until = "2026-01-01T00:12:00Z"
    minutes = [f"2026-01-01T00:{minute:02}:00Z" for minute in range(1, 12)]

    done = run_text(
        {"tests": [case(schedule="rate(1 minute)", fires=minutes, until=until)]}
    )

    assert done.cases["x"].splitlines()[1:] == [
        f"  expected {', '.join(minutes[:10])} and 1 more",
        f"  got      {', '.join(minutes[:10])} and 2 more",
    ]


# -- values


@pytest.mark.parametrize(
    ("expected", "found", "is_whole", "differences"),
    [
        ({"a": 1}, {"a": 1.0, "b": 2}, False, []),
        ({"a": 1}, {"a": 1, "b": 2}, True, ["b: expected nothing, got 2"]),
        ({"a": {"b": 1}}, {"a": {}}, False, ["a.b: expected 1, got nothing"]),
        ({"a": True}, {"a": 1}, False, ["a: expected true, got 1"]),
        ({"a": 0}, {"a": False}, False, ["a: expected 0, got false"]),
        ({"a": None}, {"a": None}, True, []),
        ({"a": None}, {}, False, ["a: expected null, got nothing"]),
        ([1, {"a": 2}], [1, {"a": 2, "b": 3}], False, []),
        ([1, 2], [1, 3], False, ["payload[1]: expected 2, got 3"]),
        ([1], [1, 2], False, ["payload: expected 1 items, got 2: [1, 2]"]),
        ("x", ["x"], False, ['payload: expected "x", got ["x"]']),
        ({"a b.c": 1}, {"a b.c": 2}, True, ['"a b.c": expected 1, got 2']),
    ],
)
def test_values_differ_where_it_says(
    expected: Any, found: Any, is_whole: bool, differences: list[str]
) -> None:
    assert list(find_differences(expected, found, is_whole=is_whole)) == differences
