"""Input transformers: what templates become, and what put-targets says to bad ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.delivery import transform as transform_module
from evcli.delivery.envelopes import format_json, parse_detail
from evcli.delivery.event_paths import MISSING
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.payloads import build_payload
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.delivery.transform import (
    PLACEHOLDER,
    ResultTooLargeError,
    check_input_template,
    fill_template,
    is_string_template,
    transform,
)
from evcli.errors import ValidationException
from evcli.store.deliveries import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.store.deliveries import Delivery

TABLE = json.loads(
    (Path(__file__).parent / "cases" / "templates.json").read_text("utf-8")
)
QUEUE_ARN = "arn:aws:sqs:us-east-1:111111111111:q"
RULE_ARN = "arn:aws:events:us-east-1:111111111111:rule/my-bus/my-rule"


def make_target(template: str, paths: dict[str, str] | None = None) -> dict[str, Any]:
    transformer: dict[str, Any] = {"InputTemplate": template}
    if paths is not None:
        transformer["InputPathsMap"] = paths
    return {"Id": "t1", "Arn": QUEUE_ARN, "InputTransformer": transformer}


def make_event(**detail: Any) -> AcceptedEvent:
    envelope = {**TABLE["event"], "detail": detail}
    accepted_at = datetime(2024, 6, 11, 8, 33, 14, tzinfo=UTC)
    event_bus = ("111111111111", "us-east-1", "my-bus")
    text = format_json(envelope)
    return AcceptedEvent(envelope, event_bus, accepted_at, text=text)


def fill(template: str, **detail: Any) -> str:
    """Fill a template in which `<x>` stands for the value `x` of the detail."""
    event = make_event(**detail)
    paths = {name: f"$.detail.{name}" for name in detail}
    text, problem = transform(
        {"InputTemplate": template, "InputPathsMap": paths},
        event,
        RULE_ARN,
    )
    assert problem is None
    return text


def name_case(case: dict[str, Any]) -> str:
    return f"{case['number']}{case['source']}"


def select_cases(outcome: str) -> list[dict[str, Any]]:
    return [case for case in TABLE["cases"] if outcome in case]


@pytest.mark.parametrize("case", select_cases("payload"), ids=name_case)
def test_template_becomes_the_payload_of_the_table(
    case: dict[str, Any],
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    put_rule(make_target(case["template"], TABLE["paths"]), event_bus_name="my-bus")

    deliveries = put_event(TABLE["event"], event_bus_name="my-bus")

    assert [each.payload for each in deliveries] == [case["payload"]]


@pytest.mark.parametrize("case", select_cases("fails"), ids=name_case)
def test_template_that_does_not_become_json_delivers_nothing_and_says_so(
    case: dict[str, Any],
    account: Context,
    put_rule: Callable[..., None],
    put_event: Callable[..., list[Delivery]],
) -> None:
    put_rule(make_target(case["template"], TABLE["paths"]), event_bus_name="my-bus")

    deliveries = put_event(TABLE["event"], event_bus_name="my-bus")

    assert [(each.state, each.error_code, each.payload) for each in deliveries] == [
        (FAILED, case["fails"], "")
    ]
    assert not (Path(account.store.path) / "sinks").exists()


@pytest.mark.parametrize("case", select_cases("refused"), ids=name_case)
def test_template_is_refused_by_put_targets(
    case: dict[str, Any], put_rule: Callable[..., None]
) -> None:
    with pytest.raises(ValidationException) as caught:
        put_rule(make_target(case["template"], TABLE["paths"]))

    assert caught.value.message == case["refused"]


def test_table_has_every_row_of_the_reference_and_a_basis_for_each() -> None:
    numbers = [case["number"] for case in TABLE["cases"]]

    assert numbers == list(range(1, 58))
    assert {case["source"] for case in TABLE["cases"]} == {"[aws]", "[doc]", "[guess]"}


def test_event_variables_are_the_envelope_and_the_event_without_detail(
    put_rule: Callable[..., None], put_event: Callable[..., list[Delivery]]
) -> None:
    template = '{"a": <aws.events.event>, "b": <aws.events.event.json>}'
    put_rule(make_target(template), event_bus_name="my-bus")

    (delivery,) = put_event(TABLE["event"], event_bus_name="my-bus")

    made = json.loads(delivery.payload)
    envelope = json.loads(delivery.event.envelope)
    # The form of this time is not recorded.
    del made["a"]["time"]
    assert list(made["a"].items()) == [
        ("id", envelope["id"]),
        ("account", "111111111111"),
        ("detailType", "core.update-account-command"),
        ("source", "core.update-account-command"),
        ("region", "us-east-1"),
        ("resources", ["arn:aws:x:r0", "arn:aws:x:r1"]),
        ("version", "0"),
    ]
    assert list(made["b"].items()) == list(envelope.items())


def test_paths_map_may_be_absent_when_only_reserved_variables_are_used(
    put_rule: Callable[..., None], put_event: Callable[..., list[Delivery]]
) -> None:
    put_rule(make_target('"<aws.events.rule-arn>"'))

    (delivery,) = put_event(TABLE["event"])

    arn = "arn:aws:events:us-east-1:111111111111:rule/my-rule"
    assert delivery.payload == f'"{arn}"'


def test_input_settings_of_one_target_leave_the_event_to_the_next(
    put_rule: Callable[..., None], put_event: Callable[..., list[Delivery]]
) -> None:
    put_rule(
        {"Id": "1", "Arn": QUEUE_ARN, "InputPath": "$.detail.payload"},
        {**make_target("<aws.events.event>"), "Id": "2"},
        {"Id": "3", "Arn": QUEUE_ARN, "Input": "{}"},
        {"Id": "4", "Arn": QUEUE_ARN},
    )

    deliveries = put_event(TABLE["event"])

    payloads = {each.target_id: each.payload for each in deliveries}
    envelope = deliveries[0].event.envelope
    assert payloads["1"] == '{"acc_id":"0a787ecb-4015","sf_id":"baz"}'
    assert payloads["3"] == "{}"
    assert payloads["4"] == envelope
    assert json.loads(envelope)["detail"] == TABLE["event"]["detail"]


def test_number_keeps_the_text_that_it_was_sent_with() -> None:
    detail = parse_detail('{"price": 1.10, "big": 0.10000000000000000001}')
    assert detail is not None

    assert fill('{"p": <price>, "b": [<big>]}', **detail) == (
        '{"p": 1.10, "b": [0.10000000000000000001]}'
    )
    assert fill('"<price> and <big>"', **detail) == '"1.10 and 0.10000000000000000001"'


def test_text_that_a_value_brings_in_is_not_a_placeholder() -> None:
    assert fill('"<x>"', x="<y>", y="z") == '"<y>"'
    assert fill('{"a": <x>, "b": <y>}', x='"<y>', y=1) == '{"a": "\\"<y>", "b": 1}'


def test_comma_and_brace_inside_a_string_do_not_end_it() -> None:
    assert fill('{"a": "b, <x>} <x>", "c": <x>}', x="v") == '{"a": "b, v} v", "c": "v"}'


def test_escaped_quote_does_not_end_a_string_and_an_escaped_backslash_does() -> None:
    assert fill(r'{"a": "\"<x>", "b": <x>}', x="v") == r'{"a": "\"v", "b": "v"}'
    assert fill(r'{"a": "\\", "b": <x>}', x="v") == r'{"a": "\\", "b": "v"}'


def test_bracket_cannot_be_escaped() -> None:
    template = r'{"a": "\\<x>"}'

    assert fill(template, x="v") == r'{"a": "\\v"}'


def test_half_a_surrogate_pair_arrives_as_its_escape() -> None:
    assert fill('{"a": "<x>", "b": <x>}', x="\ud83d") == (
        r'{"a": "\ud83d", "b": "\ud83d"}'
    )


def test_value_named_like_a_path_that_is_none_is_missing() -> None:
    event = make_event(a=1)
    target = make_target('{"x": <x>}', {"x": "$['detail']"})

    payload = build_payload(target, event, RULE_ARN)

    assert payload == '{"x": ""}'


def test_payload_with_a_very_long_number_is_json() -> None:
    digits = "1" * 5000
    event = make_event()
    target = make_target(f'{{"x": {digits}, "y": <aws.events.rule-name>}}')

    payload = build_payload(target, event, RULE_ARN)

    assert payload == f'{{"x": {digits}, "y": "my-rule"}}'


def test_failure_names_the_place_and_quotes_what_stands_there() -> None:
    event = make_event(q='say "hi"')
    target = make_target('{\n  "q": "<q>"\n}', {"q": "$.detail.q"})

    payload = build_payload(target, event, RULE_ARN)

    assert isinstance(payload, InvalidRequest)
    assert payload.error_code == "INVALID_JSON"
    assert payload.message == (
        "The input template did not become JSON: Expecting ',' delimiter, at line 2,"
        ' column 14 of {\n  "q": "say "hi""\n}.'
    )


@pytest.mark.parametrize(
    ("template", "position"),
    [
        ("<x> is in state y", "line: 1, column: 5"),
        ("<x><x>", "line: 1, column: 4"),
        ('{"a": <x>', "line: 1, column: 10"),
        ('{"a": "<x>}', "line: 1, column: 7"),
        ('{<x>: "a"}', "line: 1, column: 2"),
        ('{"a": 1,\n "b<x>": 2}', "line: 2, column: 4"),
        ('"a" b', "line: 1, column: 5"),
        ("{'a': <x>}", "line: 1, column: 2"),
        ('{"a": NaN}', "line: 1, column: 1"),
        ('"a\nb"', "line: 1, column: 3"),
        (r'"\<x>"', "line: 1, column: 1"),
    ],
)
def test_template_that_cannot_become_json_is_refused_with_the_place(
    template: str, position: str
) -> None:
    problems = check_input_template("t1", template, ["x"])

    assert problems == [
        f'Invalid InputTemplate for target t1 : [Source: (String)"{template}";'
        f" {position}]."
    ]


@pytest.mark.parametrize(
    "template",
    [
        "<x>",
        '"<x>"',
        '"a <x>"\n"b <x>"',
        '{"a": [<x>, "<x><x>"]}',
        '{"a > b": "c < d"}',
        '\n {"a": <x>} ',
        r'"\"<x>\""',
        "42",
    ],
)
def test_template_that_can_become_json_is_accepted(template: str) -> None:
    assert check_input_template("t1", template, ["x"]) == []


def test_every_unknown_placeholder_and_key_is_a_problem_once() -> None:
    problems = check_input_template("t1", '"<a> <b> <a> <>"', ["AWSx", "x"])

    assert problems == [
        "InputPathsMap for target t1 contains invalid key AWSx.",
        "InputTemplate for target t1 contains invalid placeholder a.",
        "InputTemplate for target t1 contains invalid placeholder b.",
        "InputTemplate for target t1 contains invalid placeholder .",
    ]


# Signs that matter to the scanner, and text; values of every kind.
TEMPLATES = st.lists(
    st.sampled_from(['"', "\\", "<x>", "<y>", "<", ">", "{", "}", ":", ",", "a", "\n"])
    | st.text(max_size=3)
).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(TEMPLATES, VALUES)
@settings(max_examples=300)
def test_filling_never_raises_and_sends_only_what_can_be_sent(
    template: str, value: Any
) -> None:
    event = make_event(x=value)

    text, problem = transform(
        {"InputTemplate": template, "InputPathsMap": {"x": "$.detail.x"}},
        event,
        RULE_ARN,
    )

    text.encode()
    if problem is None and not is_string_template(template):
        json.loads(text, parse_int=str)


@pytest.mark.parametrize("value", ["x" * 100, "€" * 34])
def test_filling_stops_once_the_result_is_too_large(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transform_module, "MOST_BYTES", 1000)
    asked = []

    def find_value(name: str) -> str:
        asked.append(name)
        return value

    with pytest.raises(ResultTooLargeError):
        fill_template('"' + "<x>" * 1600 + '"', find_value)

    assert len(asked) == 10


def test_the_largest_result_still_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transform_module, "MOST_BYTES", 22)

    filled = fill_template('"<x><x>"', lambda _: "x" * 10)

    assert filled == '"' + "x" * 20 + '"'
    with pytest.raises(ResultTooLargeError):
        fill_template('"<x><x> "', lambda _: "x" * 10)


@given(TEMPLATES)
@settings(max_examples=300)
def test_no_placeholder_is_left(template: str) -> None:
    filled = fill_template(template, lambda _: 0)

    # Brackets around what was a placeholder can make a run that was none before.
    expected = PLACEHOLDER.sub("0", template)
    assert filled == expected.encode("utf-8", "backslashreplace").decode()


@given(TEMPLATES, st.text())
@settings(max_examples=300)
def test_template_that_put_targets_accepts_becomes_json_with_plain_values(
    template: str, text: str
) -> None:
    plain = text.replace('"', "").replace("\\", "")
    plain = "".join(each for each in plain if each >= " ")
    accepted = not check_input_template("t1", template, ["x", "y"])

    filled = fill_template(template, lambda name: plain if name == "x" else MISSING)

    if accepted:
        decoder = json.JSONDecoder()
        position = len(filled) - len(filled.lstrip(" \t\r\n"))
        while position < len(filled):
            _, end = decoder.raw_decode(filled, position)
            rest = filled[end:]
            position = end + len(rest) - len(rest.lstrip(" \t\r\n"))


@given(TEMPLATES)
@settings(max_examples=300)
def test_checking_never_raises(template: str) -> None:
    problems = check_input_template("t1", template, ["x"])

    assert all(isinstance(problem, str) for problem in problems)
