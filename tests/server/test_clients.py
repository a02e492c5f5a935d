"""All operations through boto3 and the aws command: what they show is what is answered."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from evcli.context import Context
from evcli.errors import ServiceError
from evcli.model import INDEX
from evcli.model.names import to_kebab_case
from evcli.operations import call as call_operation
from evcli.store.epoch import to_epoch_ms
from evcli.store.store import open_store
from tests.patience import PATIENCE_SECONDS
from tests.server.story import ACCOUNT, REGION, STORY, mask, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import VirtualClock
    from tests.server.conftest import Running

pytestmark = pytest.mark.slow


def stop_clock(ctx: Context) -> None:
    """Let a state directory begin and stand at the clock's instant."""
    now = to_epoch_ms(ctx.clock.now())
    ctx.store.meta.put("created_at", now)
    ctx.store.meta.put("clock", now)


@pytest.fixture
def told(tmp_path: Path, clock: VirtualClock) -> list[dict[str, Any]]:
    """The story as the operations themselves tell it, in a directory of their own."""
    twin = Context(
        store=open_store(str(tmp_path / "twin")),
        clock=clock,
        account_id=ACCOUNT,
        region=REGION,
    )
    stop_clock(twin)

    def ask(name: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return call_operation(twin, name, request, client=False)
        except ServiceError as error:
            return {"Error": error.code, "Message": error.message}

    with contextlib.closing(twin):
        return tell(ask)


@pytest.fixture
def standing(running: Running, ctx: Context) -> Running:
    """The server, on a clock that stands where the twin's does."""
    stop_clock(ctx)
    return running


def test_the_story_has_every_operation() -> None:
    assert sorted({step.operation for step in STORY}) == sorted(INDEX)


def test_the_story_meets_the_refusals_that_it_should(
    told: list[dict[str, Any]],
) -> None:
    codes = [answer.get("Error", "") for answer in told]

    assert codes == [step.error for step in STORY]


def test_boto3_gets_what_the_operations_answer(
    standing: Running, make_client: Callable[..., Any], told: list[dict[str, Any]]
) -> None:
    client = make_client(ACCOUNT, REGION)
    methods = {
        name: method for method, name in client.meta.method_to_api_mapping.items()
    }

    def ask(name: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = getattr(client, methods[name])(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if type(error) is not getattr(client.exceptions, code, ClientError):
                # The classes of the service's own errors are those that it models.
                raise
            return {"Error": code, "Message": error.response["Error"]["Message"]}
        metadata = answer.pop("ResponseMetadata")
        assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (200, 0)
        return dict(answer)

    assert tell(ask) == told


def test_the_aws_command_gets_what_the_operations_answer(
    standing: Running, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import awscli
    from awscli import clidriver

    # Importing awscli sets it, for the first test only.
    data = Path(awscli.__file__).parent / "data"
    monkeypatch.setenv("AWS_DATA_PATH", str(data))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    driver = clidriver.create_clidriver()

    def ask(name: str, request: dict[str, Any]) -> dict[str, Any]:
        words = ["events", to_kebab_case(name), "--endpoint-url", standing.url]
        words += ["--cli-input-json", json.dumps(request), "--output", "json"]
        stdout, stderr = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            code = driver.main(words)
        if code:
            _, _, rest = stderr.getvalue().strip().partition("An error occurred (")
            error, _, message = rest.partition(f") when calling the {name} operation: ")
            return {"Error": error, "Message": message}
        return dict(json.loads(stdout.getvalue() or "{}"))

    assert tell(ask) == strip(told)


def strip(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers as the command shows them: without the tokens of pages, text stripped."""
    return [
        {name: value.strip() if name == "Message" else value for name, value in answer.items()}
        for answer in answers
    ]  # fmt: skip


def test_the_aws_command_as_a_process_finds_the_server_by_the_environment(
    running: Running, state_directory: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            Path(sys.executable).parent / "aws",
            *("events", "put-rule", "--name", "r", "--output", "text"),
            *("--schedule-expression", "rate(1 day)"),
        ],
        env={
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_EVENTBRIDGE": running.url,
            "HOME": str(tmp_path),
            "PATH": str(Path(sys.executable).parent),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r\n",
        "",
    )


# -- what boto3 has besides operations


def test_paginators_find_every_page(client: Any) -> None:
    names = [f"rule-{number:03}" for number in range(25)]
    for name in names:
        client.put_rule(Name=name, EventPattern='{"source":["shop"]}')
        client.put_targets(
            Rule=name, Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:1:q"}]
        )
    targets = [{"Id": str(i), "Arn": "arn:aws:sqs:us-east-1:1:x"} for i in range(5)]
    client.remove_targets(Rule=names[0], Ids=["q"])
    client.put_targets(Rule=names[0], Targets=targets)

    def collect(operation: str, member: str, **request: Any) -> list[Any]:
        config = {"PageSize": 2}
        paginator = client.get_paginator(operation)
        pages = list(paginator.paginate(**request, PaginationConfig=config))
        assert all(len(page[member]) <= 2 for page in pages)
        return [item for page in pages for item in page[member]]

    rules = collect("list_rules", "Rules")
    by_target = collect(
        "list_rule_names_by_target", "RuleNames", TargetArn="arn:aws:sqs:us-east-1:1:q"
    )
    listed = collect("list_targets_by_rule", "Targets", Rule=names[0])

    assert [rule["Name"] for rule in rules] == names
    assert by_target == names[1:]
    assert listed == targets


def test_there_are_no_waiters_to_serve(client: Any) -> None:
    assert client.waiter_names == []


def test_every_modelled_error_class_catches_its_error(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.describe_rule(Name="nope")

    assert mask(caught.value.response["Error"]) == {
        "Message": "Rule nope does not exist on EventBus default.",
        "Code": "ResourceNotFoundException",
    }
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    assert mask(request_id) == "·"


def test_an_entry_for_a_global_endpoint_needs_no_region_in_its_signature(
    client: Any, post: Callable[..., Any], make_client: Callable[..., Any]
) -> None:
    # boto3 signs these with SigV4A, which needs a package of its own; here by hand.
    for region in ("us-east-1", "eu-west-1"):
        make_client(region=region).create_event_bus(Name="orders")
    buses = [
        {"EventBusArn": f"arn:aws:events:{region}:000000000000:event-bus/orders"}
        for region in ("us-east-1", "eu-west-1")
    ]
    client.create_endpoint(
        Name="e",
        RoutingConfig={
            "FailoverConfig": {
                "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"},
                "Secondary": {"Route": "eu-west-1"},
            }
        },
        ReplicationConfig={"State": "DISABLED"},
        EventBuses=buses,
    )
    endpoint_id = client.describe_endpoint(Name="e")["EndpointId"]
    entry = {
        "Source": "shop",
        "DetailType": "d",
        "Detail": "{}",
        "EventBusName": "orders",
    }

    answer = post(
        "PutEvents",
        {"EndpointId": endpoint_id, "Entries": [entry]},
        {
            "Authorization": "AWS4-ECDSA-P256-SHA256 Credential=k/20240514/events/"
            "aws4_request, SignedHeaders=host, Signature=0",
            "X-Amz-Region-Set": "*",
        },
    )

    assert mask(answer.document) == {
        "FailedEntryCount": 0,
        "Entries": [{"EventId": "·"}],
    }
