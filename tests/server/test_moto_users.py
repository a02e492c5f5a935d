"""What users of the moto package rely on, asked of evcli and of moto in one run.

Each case is a conversation through boto3: `given` calls, then the one asked about.
evcli's answer must be the expected one. Where moto answers otherwise, `moto` says how,
and `source` where AWS's answer is from: AWS wins. Where `moto` is missing, moto has to
answer the same, so nobody has to change a test because of these.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from evcli.context import open_context
from evcli.delivery.scheduled.replays import run_replay
from tests.server import story

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # moto tells its users that it is going to be wrong.
    pytest.mark.filterwarnings("ignore:EventDetail should be:UserWarning"),
]

# moto's own account, and the default of its users' tests.
ACCOUNT = "123456789012"
REGION = "us-east-1"

CASES = json.loads((Path(__file__).parent / "cases" / "moto.json").read_text("utf-8"))


def converse(client: Any, case: dict[str, Any]) -> Any:
    """Have the conversation; the last answer, without what no two runs share."""
    for method, request in case.get("given", ()):
        getattr(client, method)(**request)
    method, request = case["ask"]
    try:
        answer = getattr(client, method)(**request)
    except ClientError as error:
        return {key: error.response["Error"][key] for key in ("Code", "Message")}
    answer.pop("ResponseMetadata")
    return mask(answer)


def mask(value: Any) -> Any:
    """Replace ids by a dot and instants by an @."""
    if isinstance(value, dict):
        return {name: mask(item) for name, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return "@" if isinstance(value, datetime) else story.mask(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"])
def test_evcli_answers_as_aws(
    make_client: Callable[..., Any], case: dict[str, Any]
) -> None:
    answer = converse(make_client(ACCOUNT, REGION), case)

    assert answer == case["expected"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"])
def test_moto_answers_the_same_unless_the_case_says_how_not(
    case: dict[str, Any],
) -> None:
    with mock_aws():
        client = boto3.client("events", region_name=REGION)
        answer = converse(client, case)

    assert (answer != case["expected"]) is ("moto" in case)


def test_a_replay_sends_archived_events_once_more(
    make_client: Callable[..., Any], state_directory: Path
) -> None:
    client = make_client(ACCOUNT, REGION)
    bus_arn = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    archive = client.create_archive(ArchiveName="a", EventSourceArn=bus_arn)
    client.put_rule(Name="r", EventPattern='{"source":["shop"]}')
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    client.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": queue_arn}])
    entries = [
        {
            "Source": source,
            "DetailType": "d",
            "Detail": '{"n":1}',
            "Time": "2024-05-14T11:23:22Z",
        }
        for source in ("shop", "other")
    ]
    sent = client.put_events(Entries=entries)
    client.start_replay(
        ReplayName="p",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime="2024-05-14T11:00:00Z",
        EventEndTime="2024-05-14T12:00:00Z",
        Destination={"Arn": bus_arn},
    )

    # What the worker beside the server does.
    ctx = open_context(str(state_directory), account_id=ACCOUNT, region=REGION)
    run_replay(ctx, "p")
    ctx.close()

    path = state_directory / "sinks" / "sqs" / ACCOUNT / REGION / "q.jsonl"
    payloads = [
        json.loads(json.loads(line)["payload"])
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [(each["id"], each.get("replay-name")) for each in payloads] == [
        (sent["Entries"][0]["EventId"], None),
        (sent["Entries"][0]["EventId"], "p"),
    ]
    assert client.describe_replay(ReplayName="p")["State"] == "COMPLETED"
