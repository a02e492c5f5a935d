"""What the service of each kind of target is called with, from put-events on."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.arns import Arn, find_arn
from evcli.delivery.api_destinations.urls import add_query
from evcli.delivery.envelopes import parse_detail
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.targets import build_request
from evcli.delivery.targets.http import fill_wildcards
from evcli.delivery.targets.logs import read_timestamp
from evcli.delivery.targets.target_kinds import (
    TARGET_KINDS,
    InvalidRequest,
    get_target_kind,
)
from evcli.delivery.targets.tasks import START_BUILD_MEMBERS, START_PIPELINE_MEMBERS
from evcli.ids import derive_uuid
from evcli.operations import call as call_operation
from evcli.store.deliveries import DELIVERED, FAILED, Delivery, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

CASES = Path(__file__).parent / "cases"
# Read as details are, because 1.10 has to stay 1.10.
TABLE: dict[str, Any] = parse_detail((CASES / "requests.json").read_text("utf-8")) or {}
EVENT_ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
RULE_ARN = "arn:aws:events:us-east-1:111111111111:rule/my-rule"
ROLE_ARN = "arn:aws:iam::111111111111:role/r"


def derive(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, " ".join(parts)))


def fill_request(value: Any, payload: str) -> Any:
    """Put into an expected request what its marks stand for."""
    if isinstance(value, dict):
        return {key: fill_request(each, payload) for key, each in value.items()}
    if isinstance(value, list):
        return [fill_request(each, payload) for each in value]
    if not isinstance(value, str):
        return value
    text = value.replace("⟨rule, target⟩", derive(RULE_ARN, "t1"))
    text = text.replace("⟨event, rule, target⟩", derive(EVENT_ID, RULE_ARN, "t1"))
    return text.replace("⟨P⟩", payload)


def make_target(target: dict[str, Any]) -> dict[str, Any]:
    return {"Id": "t1", "RoleArn": ROLE_ARN, **target}


def make_delivery(target: dict[str, Any], payload: str | None = None) -> Delivery:
    envelope = {
        "version": "0",
        "id": EVENT_ID,
        "detail-type": "core.update-account-command",
        "source": "core.update-account-command",
        "account": "111111111111",
        "time": "2024-06-11T08:33:13Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"command": "update-account"},
    }
    text = json.dumps(envelope, separators=(",", ":"))
    event = Event(
        event_id=EVENT_ID,
        account_id="111111111111",
        region="us-east-1",
        event_bus_name="default",
        accepted_at=datetime(2024, 6, 11, 8, 33, 14, tzinfo=UTC),
        envelope=text,
    )
    return Delivery(
        event=event,
        rule_arn=RULE_ARN,
        target=make_target(target),
        payload=text if payload is None else payload,
    )


def select_cases(outcome: str) -> list[dict[str, Any]]:
    return [case for case in TABLE["cases"] if outcome in case]


@pytest.mark.parametrize("case", select_cases("request"), ids=lambda case: case["name"])
def test_service_is_called_as_the_table_says(
    case: dict[str, Any],
    account: Context,
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    sink = MemorySink()
    account.sinks["*"] = sink
    put_rule(make_target(case["target"]))

    (delivery,) = put_event(TABLE["event"])

    assert delivery.state == DELIVERED
    assert sink.requests == [
        {
            "action": case["action"],
            "request": fill_request(case["request"], delivery.payload),
        }
    ]


@pytest.mark.parametrize("case", select_cases("fails"), ids=lambda case: case["name"])
def test_payload_that_its_service_would_refuse_fails_without_retry(
    case: dict[str, Any],
    account: Context,
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    sink = MemorySink()
    account.sinks["*"] = sink
    put_rule(make_target(case["target"]))

    (delivery,) = put_event(TABLE["event"])

    assert sink.requests == []
    assert (
        delivery.state,
        delivery.attempts,
        delivery.error_code,
        delivery.error_message,
    ) == (FAILED, 1, case["fails"], case["message"])


def test_every_kind_of_target_has_a_case_and_every_case_a_source() -> None:
    arns = [find_arn(case["target"]["Arn"]) for case in TABLE["cases"]]
    kinds = {id(get_target_kind(arn)) for arn in arns}

    # These two are not handed to a sink; their requests are below.
    missing = {name for name, kind in TARGET_KINDS.items() if id(kind) not in kinds}
    assert missing == {"event-bus", "api-destination"}
    assert all(case["source"].startswith("[") for case in TABLE["cases"])


def test_every_case_is_a_target_that_put_targets_accepts(
    account: Context, put_rule: Callable[..., None]
) -> None:
    put_rule(make_target(TABLE["cases"][0]["target"]))

    for case in TABLE["cases"]:
        answer = call_operation(
            account,
            "PutTargets",
            {"Rule": "my-rule", "Targets": [make_target(case["target"])]},
        )
        assert answer == {"FailedEntryCount": 0, "FailedEntries": []}


def test_file_sink_has_a_line_with_the_request_of_each_target(
    account: Context,
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    queue = "arn:aws:sqs:us-east-1:111111111111:q"
    stream = "arn:aws:kinesis:us-east-1:111111111111:stream/s"
    put_rule(
        {"Id": "1", "Arn": queue, "InputPath": "$.detail.price"},
        {"Id": "2", "Arn": stream, "RoleArn": ROLE_ARN, "Input": '{"a": 1}'},
    )

    deliveries = put_event(TABLE["event"])

    sinks = Path(account.store.path) / "sinks"
    lines = {
        path.relative_to(sinks).parts[0]: json.loads(path.read_text("utf-8"))
        for path in sinks.rglob("*.jsonl")
    }
    common = {
        "eventId": EVENT_ID,
        "time": "2024-06-11T08:33:14Z",
        "ruleArn": RULE_ARN,
    }
    ids = {each.target_id: each.delivery_id for each in deliveries}
    assert lines == {
        "sqs": {
            "deliveryId": ids["1"],
            **common,
            "targetId": "1",
            "targetArn": queue,
            "action": "sqs:SendMessage",
            "request": {
                "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/q",
                "MessageBody": "1.10",
            },
            "payload": "1.10",
        },
        "kinesis": {
            "deliveryId": ids["2"],
            **common,
            "targetId": "2",
            "targetArn": stream,
            "action": "kinesis:PutRecord",
            "request": {
                "StreamName": "s",
                "Data": '{"a": 1}',
                "PartitionKey": EVENT_ID,
            },
            "payload": '{"a": 1}',
        },
    }


def test_event_bus_gets_the_entry_and_what_the_entry_has_no_member_for() -> None:
    arn = "arn:aws:events:eu-west-1:222222222222:event-bus/b"

    call = build_request(make_delivery({"Arn": arn}))

    assert call == {
        "action": "events:PutEvents",
        "request": {
            "Entries": [
                {
                    "EventBusName": arn,
                    "Source": "core.update-account-command",
                    "DetailType": "core.update-account-command",
                    "Detail": '{"command":"update-account"}',
                    "Resources": [],
                    "Time": "2024-06-11T08:33:13Z",
                }
            ]
        },
        "envelope": {
            "id": EVENT_ID,
            "account": "111111111111",
            "region": "us-east-1",
        },
    }


def test_api_destination_gets_what_the_target_adds_without_forbidden_headers() -> None:
    arn = "arn:aws:events:us-east-1:111111111111:api-destination/d/0c1d2e3f"
    parameters = {
        "PathParameterValues": ["$.detail.command", "b"],
        "HeaderParameters": {"X-A": "$.source", "Host": "h", "X-Amz-Date": "d"},
        "QueryStringParameters": {"$.id": "$.none"},
    }

    call = build_request(make_delivery({"Arn": arn, "HttpParameters": parameters}, "P"))

    assert call == {
        "action": "events:InvokeApiDestination",
        "request": {
            "apiDestinationArn": arn,
            "pathParameterValues": ["update-account", "b"],
            "queryStringParameters": {EVENT_ID: ""},
            "headers": {"X-A": "core.update-account-command"},
            "body": "P",
        },
    }


def test_partition_key_is_cut_at_256_characters_and_never_empty() -> None:
    target = {
        "Arn": "arn:aws:kinesis:us-east-1:111111111111:stream/s",
        "KinesisParameters": {"PartitionKeyPath": "$.detail.key"},
    }
    keys = {}
    for key in ("k" * 300, ""):
        delivery = make_delivery(target)
        envelope = {**json.loads(delivery.event.envelope), "detail": {"key": key}}
        delivery.event.envelope = json.dumps(envelope)
        call = build_request(delivery)
        assert not isinstance(call, InvalidRequest)
        keys[key] = call["request"]["PartitionKey"]

    assert keys == {"k" * 300: "k" * 256, "": EVENT_ID}


def test_target_of_no_kind_is_an_invalid_request() -> None:
    for arn in ("nonsense", "arn:aws:iam::111111111111:role/r"):
        call = build_request(make_delivery({"Arn": arn}))

        assert isinstance(call, InvalidRequest)
        assert (call.error_code, call.message) == (
            "INVALID_PARAMETER",
            f"{arn} is no kind of target.",
        )


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2024-06-11T08:33:13Z", 1718094793000),
        ("2024-06-11T08:33:13.250Z", 1718094793250),
        ("2024-06-11T10:33:13+02:00", 1718094793000),
        ("2024-06-11T08:33:13", 1718094793000),
        ("0001-01-01T00:00:00+14:00", -62135647200000),
        ("yesterday", None),
        ("", None),
        (1718094793000, None),
        (None, None),
    ],
)
def test_timestamp_of_a_log_event_is_epoch_milliseconds(
    text: object, milliseconds: int | None
) -> None:
    assert read_timestamp(text) == milliseconds


def test_wildcard_takes_its_value_encoded_and_nothing_when_values_run_out() -> None:
    assert fill_wildcards("/a/*/*/*", iter(["x y/z?", "100%25"])) == (
        "/a/x%20y/z%3F/100%25/"
    )


def test_query_is_added_behind_the_one_that_is_there() -> None:
    assert add_query("https://h/p", []) == "https://h/p"
    assert add_query("https://h/p", [("a b", "c&d")]) == "https://h/p?a%20b=c%26d"
    assert add_query("https://h/p?x=1", [("y", "2")]) == "https://h/p?x=1&y=2"


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_derived_uuid_is_version_5_in_the_namespace_of_urls(parts: list[str]) -> None:
    encodable = [part.encode("utf-8", "ignore").decode() for part in parts]

    assert derive_uuid(*encodable) == derive(*encodable)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_members_of_start_build_and_pipeline_are_those_of_the_service_model() -> None:
    session = botocore.session.get_session()
    build = session.get_service_model("codebuild").operation_model("StartBuild")
    pipeline = session.get_service_model("codepipeline").operation_model(
        "StartPipelineExecution"
    )
    build_members = set(build.input_shape.members) - {"projectName"}

    assert set(START_BUILD_MEMBERS) == build_members
    assert set(START_PIPELINE_MEMBERS) < set(pipeline.input_shape.members)


# action -> the operation of botocore that takes the request.
SDK_OPERATIONS = {
    "states": "stepfunctions",
    "redshift-data": "redshift-data",
}
NO_SDK_OPERATION = {"execute-api:Invoke", "appsync:GraphQL", "glue:NotifyEvent"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_requests_have_only_members_that_the_real_api_knows() -> None:
    session = botocore.session.get_session()
    unknown = []
    for case in select_cases("request"):
        service, _, name = case["action"].partition(":")
        if case["action"] in NO_SDK_OPERATION:
            continue
        model = session.get_service_model(SDK_OPERATIONS.get(service, service))
        shape = model.operation_model(name).input_shape
        unknown += find_unknown(shape, case["request"], case["action"])

    assert unknown == []


def find_unknown(shape: Any, value: Any, path: str) -> list[str]:
    if shape.type_name == "structure":
        found = [f"{path}.{name}" for name in value if name not in shape.members]
        for name, each in value.items():
            if name in shape.members:
                found += find_unknown(shape.members[name], each, f"{path}.{name}")
        return found
    if shape.type_name == "list":
        return [x for each in value for x in find_unknown(shape.member, each, path)]
    if shape.type_name == "map":
        return [
            x for each in value.values() for x in find_unknown(shape.value, each, path)
        ]
    return []


def test_every_builder_of_the_table_exists() -> None:
    for kind in TARGET_KINDS.values():
        assert callable(kind.load_builder())


ARNS = sorted(
    {case["target"]["Arn"] for case in TABLE["cases"]}
    | {
        "arn:aws:events:us-east-1:111111111111:event-bus/b",
        "arn:aws:events:us-east-1:111111111111:api-destination/d/0c1d2e3f",
    }
)
TARGETS = {case["target"]["Arn"]: case["target"] for case in TABLE["cases"]}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.text()
            | st.sampled_from(
                [
                    "parameters",
                    "ContainerOverrides",
                    "DependsOn",
                    "operationalData",
                    "title",
                    "resources",
                    "timestamp",
                    "message",
                    "value",
                    "cpu",
                ]
            ),
            inner,
        )
    ),
    max_leaves=8,
)


@given(
    arn=st.sampled_from(ARNS),
    payload=st.text() | JSON_VALUES.map(json.dumps),
    has_parameters=st.booleans(),
)
@settings(max_examples=600)
def test_building_never_raises_whatever_the_payload(
    arn: str, payload: str, has_parameters: bool
) -> None:
    target = dict(TARGETS.get(arn, {"Arn": arn})) if has_parameters else {"Arn": arn}
    for name in ("Input", "InputPath", "InputTransformer"):
        target.pop(name, None)

    call = build_request(make_delivery({**target, "Input": payload}, payload))

    if not isinstance(call, InvalidRequest):
        assert {"action", "request"} <= call.keys()
        json.dumps(call["request"])


@pytest.mark.parametrize(
    ("service_and_resource", "kind"),
    [
        (("lambda", "function:f:1"), "lambda"),
        (("lambda", "function:"), None),
        (("lambda", "layer:f"), None),
        (("sqs", "q.fifo"), "sqs-fifo"),
        (("sqs", ".fifo"), "sqs"),
        (("sqs", "a\n.fifo"), "sqs-fifo"),
        (("sqs", ""), None),
        (("ssm", "opsitem"), "ssm-ops-item"),
        (("ssm", "opsitem/1"), None),
        (("events", "event-bus/a/b"), "event-bus"),
        (("events", "event-busv2/a/b"), "custom-event-bus"),
        (("events", "event-busv2/a/b/c"), None),
        (("events", "target/stop-instance"), "ec2"),
        (("events", "target/stop-instances"), None),
        (("inspector", "target/a/template/b/c"), "inspector"),
        (("inspector", "target/a/b"), None),
        (("execute-api", "api/stage/GET/a"), "api-gateway"),
        (("execute-api", "api/stage"), None),
    ],
    ids=lambda value: "/".join(value) if isinstance(value, tuple) else value,
)
def test_the_kind_of_a_target_is_told_by_its_arn(
    service_and_resource: tuple[str, str], kind: str | None
) -> None:
    service, resource = service_and_resource

    found = get_target_kind(Arn("aws", service, "us-east-1", "111111111111", resource))

    assert found is (kind and TARGET_KINDS[kind])
