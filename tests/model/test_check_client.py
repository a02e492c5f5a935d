"""The client's layer: required, unknown, type, minimum; as the official client words it.

Source: [aws]; the generated requests go through the installed client's own validator.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evcli.errors import ParamValidationError
from evcli.model import INDEX, find_operation
from evcli.model.check import check_request, find_client_problems
from evcli.model.secrets import may_hold_secret
from evcli.model.shapes import (
    BOOLEAN,
    INTEGER,
    LIST,
    LONG,
    MAP,
    STRING,
    STRUCTURE,
    TIMESTAMP,
    Operation,
    Shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICIAL = ServiceModel(Loader().load_service_model("events", "service-2"), "events")
ENTRY_MEMBERS = "Time, Source, Resources, DetailType, Detail, EventBusName, TraceHeader"

LINES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("PutRule", {}, ['Missing required parameter in input: "Name"']),
    (
        "PutTargets",
        {"Rule": "r", "Targets": [{"Id": "1"}]},
        ['Missing required parameter in Targets[0]: "Arn"'],
    ),
    (
        "PutTargets",
        {"Targets": [{}]},
        [
            'Missing required parameter in input: "Rule"',
            'Missing required parameter in Targets[0]: "Id"',
            'Missing required parameter in Targets[0]: "Arn"',
        ],
    ),
    (
        "PutEvents",
        {"Entries": [{"Foo": 1}], "Bar": 2},
        [
            'Unknown parameter in input: "Bar", must be one of: Entries, EndpointId',
            'Unknown parameter in Entries[0]: "Foo", must be one of: ' + ENTRY_MEMBERS,
        ],
    ),
    (
        "PutRule",
        {"Tags": [{"a": "b"}]},
        [
            'Missing required parameter in input: "Name"',
            'Missing required parameter in Tags[0]: "Key"',
            'Missing required parameter in Tags[0]: "Value"',
            'Unknown parameter in Tags[0]: "a", must be one of: Key, Value',
        ],
    ),
    (
        "TagResource",
        {"Tags": [{"Value": 1, "Key": "k"}], "ResourceARN": ""},
        [
            "Invalid type for parameter Tags[0].Value, value: 1, "
            "type: <class 'int'>, valid types: <class 'str'>",
            "Invalid length for parameter ResourceARN, value: 0, valid min length: 1",
        ],
    ),
    (
        "PutRule",
        {"Name": None},
        [
            "Invalid type for parameter Name, value: None, "
            "type: <class 'NoneType'>, valid types: <class 'str'>"
        ],
    ),
    (
        "PutRule",
        {"Name": "r", "Tags": "x"},
        [
            "Invalid type for parameter Tags, value: x, type: <class 'str'>, "
            "valid types: <class 'list'>, <class 'tuple'>"
        ],
    ),
    (
        "PutPermission",
        {"Condition": ["x", "y"]},
        [
            "Invalid type for parameter Condition, value: ['x', 'y'], "
            "type: <class 'list'>, valid types: <class 'dict'>"
        ],
    ),
    (
        "PutEvents",
        {"Entries": [{"Detail": OrderedDict(a=1)}]},
        [
            f"Invalid type for parameter Entries[0].Detail, value: "
            f"{OrderedDict(a=1)}, type: <class 'collections.OrderedDict'>, "
            "valid types: <class 'str'>"
        ],
    ),
    (
        "ListRules",
        {"Limit": "5"},
        [
            "Invalid type for parameter Limit, value: 5, type: <class 'str'>, "
            "valid types: <class 'int'>"
        ],
    ),
    (
        "DeleteRule",
        {"Name": "r", "Force": "true"},
        [
            "Invalid type for parameter Force, value: true, type: <class 'str'>, "
            "valid types: <class 'bool'>"
        ],
    ),
    (
        "PutEvents",
        {"Entries": [{"Time": "yesterday"}]},
        [
            "Invalid type for parameter Entries[0].Time, value: yesterday, type: "
            "<class 'str'>, valid types: <class 'datetime.datetime'>, timestamp-string"
        ],
    ),
    (
        "ListRules",
        {"Limit": 0},
        ["Invalid value for parameter Limit, value: 0, valid min value: 1"],
    ),
    (
        "CreateArchive",
        {"ArchiveName": "", "EventSourceArn": "a", "RetentionDays": -1},
        [
            "Invalid length for parameter ArchiveName, value: 0, valid min length: 1",
            "Invalid value for parameter RetentionDays, value: -1, valid min value: 0",
        ],
    ),
    (
        "PutEvents",
        {"Entries": []},
        ["Invalid length for parameter Entries, value: 0, valid min length: 1"],
    ),
    (
        "CreatePartnerEventSource",
        {"Name": "n", "Account": "123"},
        ["Invalid length for parameter Account, value: 3, valid min length: 12"],
    ),
    (
        "PutTargets",
        {
            "Rule": "r",
            "Targets": [
                {
                    "Id": "1",
                    "Arn": "a",
                    "RetryPolicy": {"MaximumEventAgeInSeconds": 1},
                    "HttpParameters": {"HeaderParameters": {"k": 1}},
                    "InputTransformer": {
                        "InputTemplate": "t",
                        "InputPathsMap": {"": "$.a"},
                    },
                }
            ],
        },
        [
            "Invalid value for parameter "
            "Targets[0].RetryPolicy.MaximumEventAgeInSeconds, "
            "value: 1, valid min value: 60",
            "Invalid type for parameter Targets[0].HttpParameters.HeaderParameters.k, "
            "value: 1, type: <class 'int'>, valid types: <class 'str'>",
            "Invalid length for parameter "
            "Targets[0].InputTransformer.InputPathsMap (key: ), "
            "value: 0, valid min length: 1",
        ],
    ),
]

REACH_THE_SERVICE = [
    ("PutRule", {"Name": "n" * 70}),
    ("PutRule", {"Name": "bad name!"}),
    ("PutRule", {"Name": "r", "State": "FOO"}),
    ("PutRule", {"Name": "r", "Description": ""}),
    ("ListRules", {"Limit": 101}),
    ("CreateConnection", {"Name": "c", "AuthorizationType": "X", "AuthParameters": {}}),
    ("PutEvents", {"Entries": [{}] * 11}),
]


# What no shape accepts as it stands, and what some do.
STRANGE = st.sampled_from(
    [None, 0, -1, 1.5, True, "", "x", b"x", [], ["x"], {}, {"x": 1}]
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    STRING: st.sampled_from(["", "x", "longer than any minimum there is"]),
    INTEGER: st.integers(-1, 61) | st.booleans(),
    LONG: st.integers(-1, 61),
    BOOLEAN: st.booleans(),
    TIMESTAMP: st.sampled_from([0, "2024-01-01", "1e3", "yesterday", "", 10**12]),
}


def draw_value(draw: Callable[..., Any], shape: Shape, depth: int) -> Any:
    """Draw a value that may be wrong anywhere, yet has the right look most of the time.

    Places of secrets always look right: ours are masked where the official client shows
    what is wrong with them.
    """
    if not may_hold_secret(shape, "") and draw(st.integers(0, 7)) == 0:
        return draw(STRANGE)
    if shape.kind == STRUCTURE:
        return draw_structure(draw, shape, depth)
    if shape.kind == LIST:
        assert shape.element
        size = draw(st.integers(0, 2))
        return [draw_value(draw, shape.element, depth + 1) for _ in range(size)]
    if shape.kind == MAP:
        assert shape.value
        keys = draw(st.lists(st.sampled_from(["", "k", "a.b"]), unique=True))
        return {key: draw_value(draw, shape.value, depth + 1) for key in keys}
    return draw(GOOD[shape.kind])


def draw_structure(draw: Callable[..., Any], shape: Shape, depth: int) -> Any:
    # Deep down only few members, or no request would ever be drawn to its end.
    most = max(1, 6 - depth)
    names = draw(st.lists(st.sampled_from([*shape.members, "Foo"]), max_size=most))
    given_: dict[str, Any] = draw(st.sampled_from([dict, OrderedDict]))()
    for name in names:
        member = shape.members.get(name)
        given_[name] = (
            1 if member is None else draw_value(draw, member.shape, depth + 1)
        )
    return given_


@st.composite
def requests(draw: Callable[..., Any]) -> tuple[Operation, Any]:
    operation = find_operation(draw(st.sampled_from(list(INDEX))))
    return operation, draw_structure(draw, operation.request, 0)


@pytest.mark.parametrize(("name", "request_", "lines"), LINES)
def test_problems_are_worded_line_by_line(
    name: str, request_: dict[str, Any], lines: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as raised:
        check_request(find_operation(name), request_)

    assert raised.value.problems == lines
    assert raised.value.message == "\n".join(["Parameter validation failed:", *lines])


@pytest.mark.parametrize(("name", "request_", "lines"), LINES)
def test_official_client_words_the_same_lines(
    name: str, request_: dict[str, Any], lines: list[str]
) -> None:
    shape = OFFICIAL.operation_model(name).input_shape

    report = ParamValidator().validate(request_, shape).generate_report()

    assert report == "\n".join(lines)


@pytest.mark.parametrize(("name", "request_"), REACH_THE_SERVICE)
def test_maximum_regex_and_enum_are_left_to_the_service(
    name: str, request_: dict[str, Any]
) -> None:
    problems = find_client_problems(find_operation(name).request, request_)

    assert problems == []


@given(requests())
@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.data_too_large],
)
@example((find_operation("PutEvents"), {"Entries": [{"Time": "1e30"}]}))
def test_any_request_gets_the_official_report(drawn: tuple[Operation, Any]) -> None:
    operation, request_ = drawn
    shape = OFFICIAL.operation_model(operation.name).input_shape
    try:
        official = ParamValidator().validate(request_, shape).generate_report()
    except RuntimeError:
        # It gives up on times before year 1 or far beyond 9999, without a report; for
        # evcli they are times like others that nobody can read.
        official = None

    problems = find_client_problems(operation.request, request_)

    if official is None:
        assert any("timestamp-string" in problem for problem in problems)
    else:
        assert "\n".join(problems) == official


@pytest.mark.parametrize("name", INDEX)
def test_empty_request_misses_what_the_official_client_misses(name: str) -> None:
    shape = OFFICIAL.operation_model(name).input_shape
    official = ParamValidator().validate({}, shape).generate_report()

    problems = find_client_problems(find_operation(name).request, {})

    assert "\n".join(problems) == official


@pytest.mark.parametrize("request_", [[], "x", None, 1])
def test_request_that_is_no_object_is_refused(request_: object) -> None:
    problems = find_client_problems(find_operation("ListRules").request, request_)

    assert problems == [
        f"Invalid type for parameter input, value: {request_}, "
        f"type: {type(request_)}, valid types: <class 'dict'>"
    ]


def test_secret_of_the_wrong_type_is_not_shown() -> None:
    secret = {"Username": "u", "Password": 31_415}
    request = {
        "Name": "c",
        "AuthorizationType": "BASIC",
        "AuthParameters": {"BasicAuthParameters": secret},
    }

    problems = find_client_problems(find_operation("CreateConnection").request, request)

    assert problems == [
        "Invalid type for parameter AuthParameters.BasicAuthParameters.Password, "
        "value: ***, type: <class 'int'>, valid types: <class 'str'>"
    ]


def test_request_is_left_as_it_was() -> None:
    request = {"Entries": [{"Time": "2024-01-01", "Source": "s"}]}
    before = json.dumps(request)

    check_request(find_operation("PutEvents"), request)

    assert json.dumps(request) == before
