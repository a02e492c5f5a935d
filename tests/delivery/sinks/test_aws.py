"""The aws sink: what moto_server is given by it and boto3 then reads, and every error."""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from evcli.context import Context, Outcome, SystemClock
from evcli.delivery.sinks import find_sink
from evcli.delivery.sinks.aws import AwsSink, Clients, judge_error, judge_response
from evcli.delivery.sinks.conformance import check_sink, make_delivery
from evcli.delivery.targets import build_request
from evcli.errors import ConfigurationError
from evcli.operations import call as call_operation
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.context import VirtualClock

    Send = Callable[..., tuple[str, str | None, str | None]]

# moto's own.
ACCOUNT = "123456789012"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/events"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Emulator:
    """A moto_server, and boto3's clients for it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, name: str) -> Any:
        return boto3.client(
            name,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def ask(self, path: str, value: object = None) -> str:
        """Use the API that moto has for itself."""
        response = requests.post(f"{self.url}/moto-api/{path}", json=value)
        response.raise_for_status()
        return response.text


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield Emulator(f"http://{host}:{port}")
    running.stop()


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    server.ask("reset")
    return server


@pytest.fixture
def account(emulator: Emulator, state_directory: Path) -> Iterator[Context]:
    """moto's account, where the emulator stands for every target."""
    context = Context(
        store=open_store(str(state_directory)),
        clock=SystemClock(),  # logs refuse what is old
        account_id=ACCOUNT,
        region=REGION,
        configuration={
            "sinks": [{"arn": "*", "kind": "aws", "endpoint_url": emulator.url}]
        },
    )
    yield context
    context.close()


@pytest.fixture
def send(account: Context) -> Send:
    """Put an event that goes to one target: the payload, the error, what the sink said."""

    def put(arn: str, **members: Any) -> tuple[str, str | None, str | None]:
        call_operation(
            account, "PutRule", {"Name": "r", "EventPattern": '{"source":["s"]}'}
        )
        target = {"Id": "1", "Arn": arn, **members}
        call_operation(account, "PutTargets", {"Rule": "r", "Targets": [target]})
        entry = {"Source": "s", "DetailType": "d", "Detail": '{"ä":1.50}'}
        call_operation(account, "PutEvents", {"Entries": [entry]})
        (delivery,) = account.store.ledger.list_deliveries()
        error = (
            delivery.error_code and f"{delivery.error_code}: {delivery.error_message}"
        )
        (attempt,) = account.store.ledger.list_attempts(delivery.delivery_key)
        return delivery.payload, error, attempt.output

    return put


def make_arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def test_a_queue_has_the_message(emulator: Emulator, send: Send) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]

    payload, error, output = send(make_arn("sqs", "q"))

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert (message["Body"], error) == (payload, None)
    assert json.loads(output or "")["MessageId"] == message["MessageId"]


def test_a_fifo_queue_has_the_message_in_its_group(
    emulator: Emulator, send: Send
) -> None:
    sqs = emulator.client("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="q.fifo", Attributes=attributes)["QueueUrl"]

    payload, error, _ = send(
        make_arn("sqs", "q.fifo"), SqsParameters={"MessageGroupId": "g"}
    )

    found = sqs.receive_message(QueueUrl=url, AttributeNames=["MessageGroupId"])
    (message,) = found["Messages"]
    assert (message["Body"], error) == (payload, None)
    assert message["Attributes"] == {"MessageGroupId": "g"}


def test_a_topic_sends_the_message_to_its_queue(emulator: Emulator, send: Send) -> None:
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_arn("sqs", "q"))

    payload, error, _ = send(topic)

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert (json.loads(message["Body"])["Message"], error) == (payload, None)


def test_a_function_is_invoked_with_the_event(
    emulator: Emulator, send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where moto writes its recording
    emulator.ask("config", {"lambda": {"use_docker": False}})
    function = make_function(emulator)
    emulator.ask("recorder/reset-recording")
    emulator.ask("recorder/start-recording")

    payload, error, output = send(function)

    emulator.ask("recorder/stop-recording")
    recording = requests.get(f"{emulator.url}/moto-api/recorder/download-recording")
    (call,) = [
        each
        for each in map(json.loads, recording.text.splitlines())
        if each["url"].endswith("/invocations")
    ]
    assert (base64.b64decode(call["body"]).decode(), error) == (payload, None)
    assert call["headers"]["X-Amz-Invocation-Type"] == "Event"
    assert json.loads(output or "")["StatusCode"] == 202


def make_function(emulator: Emulator) -> str:
    iam = emulator.client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context): pass")
    made = emulator.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def test_a_stream_has_the_record(emulator: Emulator, send: Send) -> None:
    kinesis = emulator.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)

    payload, error, _ = send(make_arn("kinesis", "stream/s"), RoleArn=ROLE)

    iterator = kinesis.get_shard_iterator(
        StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    (record,) = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert (record["Data"].decode(), error) == (payload, None)
    assert record["PartitionKey"] == json.loads(payload)["id"]


def test_a_delivery_stream_writes_the_record_to_its_bucket(
    emulator: Emulator, send: Send
) -> None:
    s3 = emulator.client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="records", CreateBucketConfiguration=place)
    emulator.client("firehose").create_delivery_stream(
        DeliveryStreamName="d",
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::records",
        },
    )

    payload, error, _ = send(make_arn("firehose", "deliverystream/d"), RoleArn=ROLE)

    (found,) = s3.list_objects_v2(Bucket="records")["Contents"]
    body = s3.get_object(Bucket="records", Key=found["Key"])["Body"].read().decode()
    assert (body, error) == (payload, None)


def test_a_state_machine_runs_with_the_event(emulator: Emulator, send: Send) -> None:
    states = emulator.client("stepfunctions")
    definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'
    machine = states.create_state_machine(
        name="m", definition=definition, roleArn=ROLE
    )["stateMachineArn"]

    payload, error, _ = send(machine, RoleArn=ROLE)

    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    found = states.describe_execution(executionArn=execution["executionArn"])
    assert (found["input"], error) == (payload, None)
    assert found["name"].startswith(json.loads(payload)["id"])


def test_a_log_group_has_the_event_in_a_stream_of_its_own(
    emulator: Emulator, send: Send, account: Context
) -> None:
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="/aws/events/g")

    arn = make_arn("logs", "log-group:/aws/events/g")
    payload, error, _ = send(arn)
    (delivery,) = account.store.ledger.list_deliveries()
    request = build_request(delivery)
    assert isinstance(request, dict)
    again = find_sink(account, arn).deliver(delivery, request)

    (stream,) = logs.describe_log_streams(logGroupName="/aws/events/g")["logStreams"]
    events = logs.get_log_events(
        logGroupName="/aws/events/g", logStreamName=stream["logStreamName"]
    )["events"]
    assert ([each["message"] for each in events], error) == ([payload, payload], None)
    assert again.error_code is None


@pytest.mark.parametrize(
    ("arn", "members", "error"),
    [
        (
            make_arn("sqs", "gone"),
            {},
            "NO_RESOURCE: AWS.SimpleQueueService.NonExistentQueue: ",
        ),
        (make_arn("sns", "gone"), {}, "NO_RESOURCE: NotFound: "),
        (
            make_arn("kinesis", "stream/gone"),
            {"RoleArn": ROLE},
            "NO_RESOURCE: ResourceNotFoundException: ",
        ),
        (
            make_arn("logs", "log-group:gone"),
            {},
            "NO_RESOURCE: ResourceNotFoundException: ",
        ),
        (
            make_arn("glue", "workflow/w"),
            {"RoleArn": ROLE},
            "INVALID_PARAMETER: glue:NotifyEvent is no call of an API that botocore"
            " knows.",
        ),
        (
            make_arn("execute-api", "abc/test/GET/x"),
            {},
            "INVALID_PARAMETER: execute-api:Invoke is no call of an API that botocore"
            " knows.",
        ),
    ],
)
def test_what_is_not_there_fails_for_good(
    send: Send, account: Context, arn: str, members: dict[str, Any], error: str
) -> None:
    _, found, _ = send(arn, **members)

    # The rest is the emulator's.
    assert (found or "").startswith(error)
    (delivery,) = account.store.ledger.list_deliveries()
    assert delivery.state == "FAILED"


def test_a_log_event_that_is_too_old_fails_for_good(
    emulator: Emulator, account: Context, clock: VirtualClock, send: Send
) -> None:
    emulator.client("logs").create_log_group(logGroupName="g")
    account.clock = clock

    _, error, output = send(make_arn("logs", "log-group:g"))

    assert error == (
        "ERROR_FROM_TARGET: The service took the call and not its content:"
        " rejectedLogEventsInfo."
    )
    assert "tooOldLogEventEndIndex" in (output or "")


@pytest.mark.parametrize(
    ("name", "status", "meaning"),
    [
        ("ThrottlingException", 400, ("THROTTLING", True)),
        ("Throttled", 400, ("THROTTLING", True)),
        ("TooManyRequestsException", 429, ("THROTTLING", True)),
        ("ProvisionedThroughputExceededException", 400, ("THROTTLING", True)),
        ("ExecutionLimitExceeded", 400, ("RESOURCE_LIMIT_EXCEEDED", True)),
        ("Whatever", 429, ("THROTTLING", True)),
        ("Whatever", 503, ("ERROR_FROM_TARGET", True)),
        ("InternalFailure", 500, ("INTERNAL_ERROR", True)),
        ("ServiceUnavailableException", 503, ("INTERNAL_ERROR", True)),
        ("AccessDeniedException", 400, ("NO_PERMISSIONS", False)),
        ("KMSAccessDeniedException", 400, ("NO_PERMISSIONS", False)),
        ("Whatever", 403, ("NO_PERMISSIONS", False)),
        ("StateMachineDoesNotExist", 400, ("NO_RESOURCE", False)),
        ("ClusterNotFoundException", 400, ("NO_RESOURCE", False)),
        ("404", 404, ("NO_RESOURCE", False)),
        ("ExecutionAlreadyExists", 400, ("RESOURCE_ALREADY_EXISTS", False)),
        ("ConflictException", 409, ("RESOURCE_MODIFICATION_COLLISION", False)),
        ("InvalidRequestContentException", 400, ("INVALID_JSON", False)),
        ("InvalidParameterValue", 400, ("INVALID_PARAMETER", False)),
        ("ValidationException", 400, ("INVALID_PARAMETER", False)),
        ("Whatever", 400, ("SDK_CLIENT_ERROR", False)),
    ],
)
def test_an_error_becomes_what_eventbridge_records(
    name: str, status: int, meaning: tuple[str, bool]
) -> None:
    outcome = judge_error(
        {
            "Error": {"Code": name, "Message": "m"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
    )

    assert (outcome.error_code, outcome.retry) == meaning
    assert outcome.message == f"{name}: m"


def test_an_answer_that_says_that_nothing_was_done_is_a_failure() -> None:
    failures = [{"arn": "a", "reason": "RESOURCE:MEMORY"}]

    outcome = judge_response(
        {"tasks": [], "failures": failures, "ResponseMetadata": {}}
    )

    assert (outcome.error_code, outcome.retry, outcome.output) == (
        "ERROR_FROM_TARGET",
        True,
        '{"tasks": [], "failures": [{"arn": "a", "reason": "RESOURCE:MEMORY"}]}',
    )


def deliver(url: str, call: dict[str, Any], limit_seconds: float = 5.0) -> Outcome:
    clients = Clients(url, limit_seconds)
    try:
        return AwsSink(url, clients).deliver(make_delivery("{}"), call)
    finally:
        clients.close()


PUBLISH = {"action": "sns:Publish", "request": {"TopicArn": "arn:t", "Message": "m"}}


def test_it_conforms(place: Any) -> None:
    place.answer = b'{"MessageId":"1"}'
    url = place.url.partition("/in")[0]
    clients = Clients(url)

    check_sink(
        lambda: AwsSink(url, clients),
        lambda: [json.loads(body)["MessageBody"] for body in place.payloads],
    )

    clients.close()


def test_who_does_not_answer_is_asked_again(place: Any) -> None:
    place.release.clear()
    slow = deliver(place.url.partition("/in")[0], PUBLISH, limit_seconds=0.2)
    place.release.set()
    nobody = deliver("http://127.0.0.1:9", PUBLISH)

    assert (slow.error_code, slow.retry) == ("TIMEOUT", True)
    assert (nobody.error_code, nobody.retry, nobody.message) == (
        "CONNECTION_FAILURE",
        True,
        'Could not connect to the endpoint URL: "http://127.0.0.1:9/"',
    )


def test_a_request_that_the_service_could_not_read_fails_for_good() -> None:
    call = {"action": "sns:Publish", "request": {"TopicArn": 5}}

    outcome = deliver("http://127.0.0.1:9", call)

    assert (outcome.error_code, outcome.retry) == ("INVALID_PARAMETER", False)


def test_nothing_of_the_machines_aws_settings_goes_along(
    place: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place.answer = b"<R><PublishResult/></R>"
    settings = "[profile p]\naws_access_key_id=REAL\naws_secret_access_key=REAL\n"
    (tmp_path / "config").write_text(settings)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "REAL",
        "AWS_SECRET_ACCESS_KEY": "REAL",
        "AWS_SESSION_TOKEN": "REAL",
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "9",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)

    call = {**PUBLISH, "headers": {"X-Amzn-Trace-Id": "Root=1"}}
    outcome = deliver(place.url.partition("/in")[0], call)

    ((_, _, headers, body),) = place.requests
    assert (outcome.error_code, body) == (
        None,
        "Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Message=m",
    )
    assert "Credential=111111111111/" in headers["Authorization"]
    assert "us-east-1/sns" in headers["Authorization"]
    assert headers["X-Amzn-Trace-Id"] == "Root=1"
    assert "X-Amz-Security-Token" not in headers
    assert "REAL" not in str(headers)


def test_other_hosts_are_not_called_unless_they_are_allowed() -> None:
    clients = Clients("http://localstack:4566")

    with pytest.raises(ConfigurationError, match="evcli does not call localstack; to "):
        AwsSink("http://localstack:4566", clients)
    AwsSink("http://localstack:4566", clients, allowed_hosts=["localstack"])


def test_without_the_extra_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "botocore", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ConfigurationError) as caught:
        AwsSink("http://127.0.0.1:9", Clients("http://127.0.0.1:9"))

    assert caught.value.message == (
        "the sink kind 'aws' needs botocore: pip install 'evcli[aws]'"
    )


CASES = Path(__file__).parent.parent / "cases" / "requests.json"
# They have no API: a plain HTTP request, or an action that no SDK has.
NO_API = {"appsync:GraphQL", "execute-api:Invoke", "glue:NotifyEvent"}


def test_every_action_of_the_table_is_one_that_botocore_knows() -> None:
    cases = json.loads(CASES.read_text("utf-8"))["cases"]
    actions = {case["action"] for case in cases if "action" in case}
    clients = Clients("http://127.0.0.1:9")

    known = {
        action
        for action in actions - NO_API
        if action.partition(":")[2]
        in clients.get(
            action.partition(":")[0], "arn:aws:x:us-east-1:111111111111:r"
        ).meta.service_model.operation_names
    }

    clients.close()
    assert actions - known <= NO_API | {"events:InvokeApiDestination"}
    assert len(known) > 15
