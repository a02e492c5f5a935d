"""One upload from `trigger` to the end: rule, transformer, sinks, failure, retry, dead
letter, archive, replay.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Any]

EVENTS = "arn:aws:events:us-east-1:000000000000"
THUMB = "arn:aws:lambda:us-east-1:000000000000:function:thumb"
BROKEN = "arn:aws:lambda:us-east-1:000000000000:function:broken"
LETTERS = "arn:aws:sqs:us-east-1:000000000000:letters"
PATTERN = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"object": {"key": [{"suffix": ".png"}], "size": [{"numeric": [">", 0]}]}},
}  # fmt: skip
TARGETS = [
    {
        "Id": "thumb",
        "Arn": THUMB,
        "InputTransformer": {
            "InputPathsMap": {"key": "$.detail.object.key", "size": "$.detail.object.size"},
            "InputTemplate": '{"key": <key>, "bytes": <size>}',
        },
    },
    {
        "Id": "broken",
        "Arn": BROKEN,
        "RetryPolicy": {"MaximumRetryAttempts": 1},
        "DeadLetterConfig": {"Arn": LETTERS},
    },
]  # fmt: skip


@pytest.fixture
def evcli(evcli_command: Callable[..., Outcome]) -> Run:
    """Run a command that has to succeed; what it printed, as JSON where it is."""

    def run(*argv: str) -> Any:
        outcome = evcli_command(*argv)
        assert outcome.code == 0, (argv, outcome)
        return (
            json.loads(outcome.stdout)
            if outcome.stdout.startswith(("{", "["))
            else None
        )

    return run


def list_states(evcli: Run) -> list[tuple[str, str, int]]:
    return sorted(
        (each["TargetArn"], each["State"], each["Attempts"])
        for each in evcli("local", "deliveries")
    )


def read_payloads(state_directory: Path, service: str, name: str) -> list[str]:
    path = state_directory / "sinks" / service / "000000000000" / "us-east-1"
    lines = (path / f"{name}.jsonl").read_text().splitlines()
    return [json.loads(line)["payload"] for line in lines]


def test_an_upload_is_transformed_retried_buried_archived_and_replayed(
    evcli: Run, state_directory: Path
) -> None:
    evcli("local", "clock", "set", "2026-03-04T10:00:00Z")
    evcli("put-rule", "--name", "thumbs", "--event-pattern", json.dumps(PATTERN))
    evcli("put-targets", "--rule", "thumbs", "--targets", json.dumps(TARGETS))
    archive = (
        "--archive-name",
        "all",
        "--event-source-arn",
        f"{EVENTS}:event-bus/default",
    )
    evcli("create-archive", *archive)
    evcli("local", "sinks", "add", THUMB, "--kind", "file", "--fail-first", "1")
    evcli("local", "sinks", "add", BROKEN, "--kind", "null", "--fail-rate", "1")
    evcli("local", "sinks", "add", "*", "--kind", "file")

    upload = ("s3/object-created", "--set", "detail.object.key=in/a.png")
    arrival = evcli("local", "trigger", *upload, "--set", "detail.object.size:=12")

    assert [each["State"] for each in arrival["Deliveries"]] == ["RETRYING", "RETRYING"]
    evcli("local", "tick", "--until", "+1h")
    assert list_states(evcli) == [
        (BROKEN, "FAILED", 2),
        (THUMB, "DELIVERED", 2),
        (LETTERS, "DELIVERED", 1),
    ]
    sent = '{"key": "in/a.png", "bytes": 12}'
    assert read_payloads(state_directory, "lambda", "function%3Athumb") == [sent]
    [buried] = map(json.loads, read_payloads(state_directory, "sqs", "letters"))
    assert (buried["id"], buried["time"]) == (
        arrival["EventId"],
        "2026-03-04T10:00:00Z",
    )

    replay = {
        "ReplayName": "again",
        "EventSourceArn": f"{EVENTS}:archive/all",
        "EventStartTime": "2026-03-04T09:00:00Z",
        "EventEndTime": "2026-03-04T11:00:00Z",
        "Destination": {"Arn": f"{EVENTS}:event-bus/default"},
    }
    evcli("start-replay", "--cli-input-json", json.dumps(replay))
    evcli("local", "tick", "--until", "+1h")
    assert evcli("describe-replay", "--replay-name", "again")["State"] == "COMPLETED"
    assert read_payloads(state_directory, "lambda", "function%3Athumb") == [sent, sent]
    letters = [
        json.loads(each) for each in read_payloads(state_directory, "sqs", "letters")
    ]
    assert [each.get("replay-name") for each in letters] == [None, "again"]
    assert letters[1]["id"] == arrival["EventId"]


def test_an_upload_of_another_kind_says_what_is_missing(evcli: Run) -> None:
    evcli("put-rule", "--name", "thumbs", "--event-pattern", json.dumps(PATTERN))
    evcli("put-targets", "--rule", "thumbs", "--targets", json.dumps(TARGETS[:1]))

    upload = ("s3/object-created", "--set", "detail.object.key=in/a.PNG")
    arrival = evcli("local", "trigger", *upload)

    assert arrival["Deliveries"] == []
    assert arrival["Reason"].startswith(
        'nothing matched; nearest rule thumbs: detail.object.key: "in/a.PNG"'
    )
