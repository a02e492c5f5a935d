"""`evcli local transform`: the payload of a target, with nothing put anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.local.author.previews import transform_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RULES = "arn:aws:events:us-east-1:222222222222:rule"
QUEUE_ARN = "arn:aws:sqs:us-east-1:111111111111:q"
EVENT = {
    "detail": {"name": "naïve ☃", "q": 'say "hi"', "n": 42},
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "t",
    "source": "shop",
    "account": "111111111111",
    "time": "2024-06-11T08:33:13Z",
    "region": "eu-west-1",
}
PAYLOAD = (
    '{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"t",'
    '"source":"shop","account":"111111111111","time":"2024-06-11T08:33:13Z",'
    '"region":"eu-west-1","resources":[],'
    '"detail":{"name":"naïve ☃","q":"say \\"hi\\"","n":42}}'
)

Run = Any


@pytest.fixture
def transform(evcli_command: Callable[..., Any], tmp_path: Path) -> Run:
    """Run the command with a target and `EVENT`, or another event, from a file."""

    def run(
        target: dict[str, Any] | str,
        *words: str,
        event: object = EVENT,
        stdin: str = "",
    ) -> Any:
        path = tmp_path / "event.json"
        path.write_text(event if isinstance(event, str) else json.dumps(event), "utf-8")
        text = target if isinstance(target, str) else json.dumps(target)
        return evcli_command(
            "local",
            "transform",
            "--target",
            text,
            "--event",
            f"file://{path}",
            *words,
            stdin=stdin,
        )

    return run


def with_template(template: str, **paths: str) -> dict[str, Any]:
    transformer = {"InputTemplate": template, "InputPathsMap": paths}
    return {"Arn": QUEUE_ARN, "InputTransformer": transformer}


@pytest.mark.parametrize(
    ("target", "payload"),
    [
        ({"Arn": QUEUE_ARN}, PAYLOAD),
        ({"Arn": QUEUE_ARN, "Input": ' {"a": 1}'}, ' {"a": 1}'),
        ({"Arn": QUEUE_ARN, "InputPath": "$.detail.name"}, '"naïve ☃"'),
        (with_template('{"a": <n>}', n="$.detail.n"), '{"a": 42}'),
        (with_template('"<q>"', q="$.detail.q"), '"say "hi""'),
    ],
)
def test_payload_is_printed_and_nothing_else(
    transform: Run, target: dict[str, Any], payload: str, state_directory: Path
) -> None:
    answer = transform(target)

    assert answer == (0, f"{payload}\n", "")
    assert not state_directory.exists()


def test_request_is_what_the_service_would_be_called_with(transform: Run) -> None:
    answer = transform({"Arn": QUEUE_ARN, "InputPath": "$.detail.name"}, "--request")

    assert answer.code == 0
    assert answer.stdout == (
        "{\n"
        '    "action": "sqs:SendMessage",\n'
        '    "request": {\n'
        '        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/q",\n'
        '        "MessageBody": "\\"naïve ☃\\""\n'
        "    }\n"
        "}\n"
    )


def test_target_may_be_shorthand_and_the_event_on_standard_input(
    evcli_command: Callable[..., Any],
) -> None:
    answer = evcli_command(
        *("local", "transform", "--target", f"Arn={QUEUE_ARN},InputPath=$.detail.n"),
        *("--event", "-"),
        stdin=json.dumps(EVENT),
    )

    assert answer == (0, "42\n", "")


def test_target_and_event_may_both_be_words_or_files(
    evcli_command: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "target.json"
    path.write_text(json.dumps({"Arn": QUEUE_ARN, "InputPath": "$.source"}))

    answer = evcli_command(
        *("local", "transform", "--target", f"file://{path}"),
        *("--event", json.dumps(EVENT)),
    )

    assert answer == (0, '"shop"\n', "")


TEMPLATE = (
    '"<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>"'
)


@pytest.mark.parametrize(
    ("words", "payload"),
    [
        (
            [],
            "arn:aws:events:eu-west-1:111111111111:rule/rule rule 2024-06-11T08:33:13Z",
        ),
        (
            ["--rule-name", "r"],
            "arn:aws:events:eu-west-1:111111111111:rule/r r 2024-06-11T08:33:13Z",
        ),
        (
            ["--rule-arn", "arn:aws:events:us-east-1:222222222222:rule/b/r"],
            "arn:aws:events:us-east-1:222222222222:rule/b/r r 2024-06-11T08:33:13Z",
        ),
        (
            [*("--rule-arn", f"{RULES}/aws.partner/x/y/r"), "--rule-name", "r"],
            f"{RULES}/aws.partner/x/y/r r 2024-06-11T08:33:13Z",
        ),
        (
            ["--ingestion-time", "2024-06-11T10:33:14+02:00"],
            "arn:aws:events:eu-west-1:111111111111:rule/rule rule 2024-06-11T08:33:14Z",
        ),
    ],
)
def test_rule_and_ingestion_time_are_what_the_options_say(
    transform: Run, words: list[str], payload: str
) -> None:
    answer = transform(with_template(TEMPLATE), *words)

    assert answer == (0, f'"{payload}"\n', "")


@pytest.mark.parametrize("words", [[], ["--request"]])
@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (
            {"Arn": QUEUE_ARN, "InputPath": "$.none"},
            "INVALID_PARAMETER: InputPath $.none matches nothing.",
        ),
        (
            with_template('{"q": "<q>"}', q="$.detail.q"),
            "INVALID_JSON: The input template did not become JSON: Expecting ','"
            ' delimiter, at line 1, column 13 of {"q": "say "hi""}.',
        ),
        (
            {
                **with_template('"a"\n"b"'),
                "Arn": "arn:aws:lambda:us-east-1:111111111111:function:f",
            },
            "INVALID_JSON: The payload is not JSON: Extra data: line 2 column 1"
            " (char 4).",
        ),
    ],
)
def test_what_would_not_be_delivered_is_said_on_stderr(
    transform: Run, target: dict[str, Any], reason: str, words: list[str]
) -> None:
    answer = transform(target, *words)

    assert answer == (1, "", f"Nothing would be delivered: {reason}\n")


def test_target_that_put_targets_refuses_is_refused_alike(transform: Run) -> None:
    answer = transform(with_template("<x>"))

    assert (answer.code, answer.stdout) == (254, "")
    assert answer.stderr.endswith(
        "An error occurred (ValidationException):"
        " InputTemplate for target 1 contains invalid placeholder x.\n"
    )


def test_target_without_an_arn_is_refused_as_by_the_client(transform: Run) -> None:
    answer = transform({"Input": "1"})

    assert (answer.code, answer.stdout) == (252, "")
    assert 'Missing required parameter in Targets[0]: "Arn"' in answer.stderr


@pytest.mark.parametrize(
    ("event", "words", "problem"),
    [
        ("[1]", [], "'--event': it is not a JSON object"),
        ("{'a': 1}", [], "'--event': it is not JSON: Expecting property name enclosed"),
        (
            {**EVENT, "detail": {"n": 2**63}},
            [],
            "'--event': the integer 9223372036854775808 is beyond the limits of"
            " EventBridge, -9223372036854775808 to 9223372036854775807",
        ),
        ('{"a":' * 1001 + "1" + "}" * 1001, [], "is nested more than 1,000 levels"),
        ({"id": "1"}, [], "it has no account, detail-type, region, source, time"),
        ({**EVENT, "source": 1}, [], "'--event': its source is not a string"),
        ({**EVENT, "time": "mon"}, [], "'--event': 'mon' is not a time; write 2026-"),
        (EVENT, ["--rule-arn", "r"], "'--rule-arn': 'r' is not an ARN"),
        (EVENT, ["--ingestion-time", "x"], "'--ingestion-time': 'x' is not a time"),
        (EVENT, ["--ingestion-time", "5"], "'--ingestion-time': '5' is not a time"),
        (
            EVENT,
            ["--rule-arn", QUEUE_ARN],
            f"'--rule-arn': '{QUEUE_ARN}' is not the ARN of a rule",
        ),
        (
            EVENT,
            ["--rule-arn", f"{RULES}/b/r", "--rule-name", "b"],
            "'--rule-name': 'b' is not the rule of --rule-arn, 'r'",
        ),
    ],
)
def test_what_cannot_be_read_is_a_parameter_error(
    transform: Run, event: object, words: list[str], problem: str
) -> None:
    answer = transform({"Arn": QUEUE_ARN}, *words, event=event)

    assert (answer.code, answer.stdout) == (252, "")
    assert problem in answer.stderr


def test_missing_file_is_named(evcli_command: Callable[..., Any]) -> None:
    answer = evcli_command(
        *("local", "transform", "--target", f"Arn={QUEUE_ARN}"),
        *("--event", "file:///no/such/event.json"),
    )

    assert (answer.code, answer.stdout) == (252, "")
    assert "file:///no/such/event.json" in answer.stderr


def test_path_that_can_match_nothing_is_a_warning(transform: Run) -> None:
    answer = transform(with_template('"<x>"', x="$['a']"))

    assert answer == (
        0,
        '""\n',
        "target 1: path 'x' \"$['a']\" can match nothing; paths are like"
        " $.detail.items[0].sku\n",
    )


def test_help_tells_every_option(evcli_command: Callable[..., Any]) -> None:
    answer = evcli_command("local", "transform", "--help")

    assert answer.code == 0
    for parameter in transform_command.params:
        assert parameter.opts[0] in answer.stdout


TRACE_HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"


@pytest.mark.parametrize(
    ("arn", "added"),
    [
        (
            "arn:aws:lambda:eu-west-1:111111111111:function:f",
            [("headers", {"X-Amzn-Trace-Id": TRACE_HEADER})],
        ),
        (QUEUE_ARN, []),
    ],
)
def test_a_trace_header_shows_where_it_goes(
    transform: Run, arn: str, added: list[tuple[str, Any]]
) -> None:
    words = ("--trace-header", TRACE_HEADER)
    done = transform({"Arn": arn}, "--request", *words)

    call = json.loads(done.stdout)
    assert list(call) == ["action", "request", *dict(added)]
    assert list(call.items())[2:] == added
    assert (TRACE_HEADER in json.dumps(call["request"])) is not bool(added)
    assert transform({"Arn": arn}, *words).stdout == f"{PAYLOAD}\n"


def test_a_malformed_trace_header_goes_nowhere(transform: Run) -> None:
    done = transform({"Arn": QUEUE_ARN}, "--request", "--trace-header", "Root=1")

    assert list(json.loads(done.stdout)["request"]) == ["QueueUrl", "MessageBody"]
    assert done.stderr.endswith("The trace header is malformed, so it goes nowhere.\n")


def test_a_payload_over_the_limit_of_its_target_would_not_be_delivered(
    transform: Run,
) -> None:
    event = {**EVENT, "detail": {"a": "x" * 262_144}}
    topic = "arn:aws:sns:eu-west-1:111111111111:t"

    done = transform({"Arn": topic}, event=event)

    assert (done.code, done.stdout) == (1, "")
    assert "sns:Publish takes at most 262,144 bytes" in done.stderr


# -- API destinations

HTTP_PARAMETERS = {
    "PathParameterValues": ["$.detail.name"],
    "HeaderParameters": {"X-N": "$.detail.n"},
    "QueryStringParameters": {"$.source": "$.detail.none"},
}
UNKNOWN = "arn:aws:events:us-east-1:000000000000:api-destination/d/0c1d2e3f"


def make_api_destination(evcli_command: Callable[..., Any]) -> str:
    """Make an API destination out of reach, whose connection has secrets; its ARN."""

    def parameters(value: str) -> str:
        return json.dumps([{"Key": "k", "Value": value, "IsValueSecret": True}])

    authorization = (
        '{"ApiKeyAuthParameters":{"ApiKeyName":"X-Key","ApiKeyValue":"s3cret"},'
        f'"InvocationHttpParameters":{{"BodyParameters":{parameters("s3cret")}}}}}'
    )
    connection = evcli_command(
        "create-connection", "--name", "c", "--authorization-type", "API_KEY",
        "--auth-parameters", authorization,
    )  # fmt: skip
    destination = evcli_command(
        "create-api-destination", "--name", "d", "--http-method", "PUT",
        "--invocation-endpoint", "https://api.example.test/v1/*",
        "--connection-arn", json.loads(connection.stdout)["ConnectionArn"],
    )  # fmt: skip
    arn: str = json.loads(destination.stdout)["ApiDestinationArn"]
    return arn


def make_target(arn: str) -> dict[str, Any]:
    role = "arn:aws:iam::000000000000:role/r"
    target = {"Id": "1", "Arn": arn, "RoleArn": role, "Input": '{"a": 1}'}
    return {**target, "HttpParameters": HTTP_PARAMETERS}


def test_the_request_of_an_api_destination_is_that_of_the_sinks_line(
    transform: Run, evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    target = make_target(make_api_destination(evcli_command))
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", json.dumps([target]))
    detail = json.dumps(EVENT["detail"])
    entry = {"Source": "shop", "DetailType": "t", "Detail": detail}
    evcli_command("put-events", "--entries", json.dumps([entry]))

    shown = transform(target, "--request")

    (file,) = (state_directory / "sinks").rglob("*.jsonl")
    line = json.loads(file.read_text())
    request = {"action": line["action"], "request": line["request"]}
    assert shown == (0, json.dumps(request, ensure_ascii=False, indent=4) + "\n", "")
    assert line["request"] == {
        "method": "PUT",
        "url": "https://api.example.test/v1/na%C3%AFve%20%E2%98%83?shop=",
        "headers": {
            "User-Agent": "Amazon/EventBridge/ApiDestinations",
            "Content-Type": "application/json; charset=utf-8",
            "Range": "bytes=0-1048575",
            "Accept-Encoding": "gzip,deflate",
            "Connection": "close",
            "X-N": "42",
            "X-Key": "***",
        },
        "body": '{"a":1,"k":"***"}',
    }


@pytest.mark.parametrize("has_state", [False, True])
def test_an_api_destination_that_is_not_there_stands_by_its_arn(
    transform: Run,
    evcli_command: Callable[..., Any],
    state_directory: Path,
    has_state: bool,
) -> None:
    if has_state:
        make_api_destination(evcli_command)

    answer = transform(make_target(UNKNOWN), "--request")

    assert json.loads(answer.stdout) == {
        "action": "events:InvokeApiDestination",
        "request": {
            "apiDestinationArn": UNKNOWN,
            "pathParameterValues": ["naïve ☃"],
            "queryStringParameters": {"shop": ""},
            "headers": {"X-N": "42"},
            "body": '{"a": 1}',
        },
    }
    assert state_directory.exists() == has_state
