"""What commands that work say of it: lines for people, JSON Lines, nothing when quiet."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.local.reporting import Reporter, format_line
from evcli.cli.main import run
from evcli.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
RULE = "arn:aws:events:us-east-1:000000000000:rule/big"
AT = "2024-05-01T00:00:00Z"
ATTEMPT = {
    "Time": AT,
    "Clock": "virtual",
    "Type": "Attempt",
    "RuleArn": RULE,
    "TargetArn": QUEUE,
    "Attempt": 1,
    "State": "DELIVERED",
}
VIRTUAL = {"Time": AT, "Clock": "virtual"}


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (ATTEMPT, "✔ big → sqs:q"),
        ({**ATTEMPT, "Attempt": 2}, "✔ big → sqs:q attempt 2"),
        ({**ATTEMPT, "DeadLetter": True}, "✔ big → sqs:q dead letter"),
        (
            {**ATTEMPT, "State": "FAILED", "ErrorCode": "X", "ErrorMessage": "a\nb"},
            "✘ big → sqs:q attempt 1 X: a b",
        ),
        (
            {
                **ATTEMPT,
                "State": "RETRYING",
                "ErrorCode": "TIMEOUT",
                "NextAttemptAt": "2024-05-01T00:00:02Z",
            },
            "↻ big → sqs:q attempt 1 TIMEOUT (again in 2 s)",
        ),
        ({**VIRTUAL, "Type": "Schedule", "RuleArn": RULE, "DueAt": AT}, "✔ big fired"),
        (
            {**VIRTUAL, "Type": "Schedule", "RuleArn": RULE, "DueAt": "2024-04-30T23:00:00Z"},
            "✔ big fired, due at 2024-04-30T23:00:00Z",
        ),
        (
            {
                **VIRTUAL,
                "Type": "Replay",
                "ReplayArn": "arn:aws:events:us-east-1:000000000000:replay/again",
                "Events": 1200,
                "State": "COMPLETED",
            },
            "✔ replay again: 1,200 events, COMPLETED",
        ),
        (
            {
                **VIRTUAL,
                "Type": "Expiry",
                "ArchiveArn": "arn:aws:events:us-east-1:000000000000:archive/all",
                "Events": 1,
            },
            "✔ archive all: 1 event expired",
        ),
        (
            {
                **VIRTUAL,
                "Type": "Request",
                "Operation": "PutEvents",
                "Status": 200,
                "DurationMs": 2,
                "Entries": 2,
                "FailedEntries": 1,
            },
            "PutEvents 200 2 ms 2 entries, 1 failed",
        ),
        (
            {
                **VIRTUAL,
                "Type": "Request",
                "Operation": "DescribeRule",
                "Status": 400,
                "DurationMs": 0,
                "ErrorCode": "ResourceNotFoundException",
            },
            "DescribeRule 400 0 ms ResourceNotFoundException",
        ),
    ],
)  # fmt: skip
def test_a_thing_is_a_line_that_names_a_virtual_clock(
    report: dict[str, Any], line: str
) -> None:
    assert format_line(report) == f"{AT} virtual {line}"


def test_the_machines_clock_is_shown_as_a_watch_shows_it() -> None:
    now = datetime.now(UTC).isoformat()
    report = {**ATTEMPT, "Time": now}
    del report["Clock"]

    time, _, line = format_line(report).partition(" ")

    assert line == "✔ big → sqs:q"
    assert len(time) == len("16:04:48")


def make_session(stdout: Any, stderr: Any, output: str | None = None) -> Session:
    session = Session(io.StringIO(), stdout, stderr, os.environ)
    session.options["output"] = output
    return session


def test_control_characters_of_others_reach_no_line() -> None:
    stderr = io.StringIO()
    report = {**ATTEMPT, "State": "FAILED", "ErrorCode": "X", "ErrorMessage": "\x1b[2J"}

    Reporter(make_session(io.StringIO(), stderr), quiet=False)(report)

    assert stderr.getvalue() == f"{AT} virtual ✘ big → sqs:q attempt 1 X: ␛[2J\n"


@pytest.mark.parametrize("output", [None, "json"])
def test_quiet_says_nothing_and_counts_all_the_same(output: str | None) -> None:
    stdout, stderr = io.StringIO(), io.StringIO()
    reporter = Reporter(make_session(stdout, stderr, output), quiet=True)

    reporter(ATTEMPT)
    reporter.say("evcli stopped.")

    assert (stdout.getvalue(), stderr.getvalue()) == ("", "")
    assert reporter.summarize()["Attempts"] == 1


class ClosedPipe(io.StringIO):
    """Nobody reads it."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_closed_pipe_ends_the_command_or_is_told_once() -> None:
    told: list[str] = []
    session = make_session(ClosedPipe(), io.StringIO(), "json")

    with pytest.raises(BrokenPipeError):
        Reporter(session, quiet=False)(ATTEMPT)
    reporter = Reporter(session, quiet=False, leave=lambda: told.append("left"))
    reporter(ATTEMPT)
    reporter(ATTEMPT)

    assert told == ["left"]


@pytest.fixture
def schedule(evcli_command: Callable[..., Outcome]) -> None:
    """A rule every five minutes, on a virtual clock."""
    evcli_command("local", "clock", "set", AT)
    evcli_command("put-rule", "--name", "s", "--schedule-expression", "rate(5 minutes)")
    evcli_command("put-targets", "--rule", "s", "--targets", f"Id=1,Arn={QUEUE}")


def read_ids(state_directory: Path) -> list[str]:
    path = state_directory / "sinks/sqs/000000000000/us-east-1/q.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line)["deliveryId"] for line in lines]


@pytest.mark.usefixtures("schedule")
def test_the_clock_advances_through_what_falls_due(
    evcli_command: Callable[..., Outcome], state_directory: Path
) -> None:
    outcome = evcli_command("local", "clock", "advance", "6m")

    assert outcome == (
        0,
        "2024-05-01T00:06:00Z virtual\n",
        "2024-05-01T00:05:00Z virtual ✔ s fired\n"
        "2024-05-01T00:05:00Z virtual ✔ s → sqs:q\n"
        "2024-05-01T00:06:00Z virtual 1 schedule fired, 1 attempt.\n",
    )
    assert len(read_ids(state_directory)) == 1


@pytest.mark.usefixtures("schedule")
def test_with_no_run_the_clock_alone_moves(
    evcli_command: Callable[..., Outcome], state_directory: Path
) -> None:
    outcome = evcli_command("local", "clock", "advance", "6m", "--no-run")

    assert outcome == (0, "2024-05-01T00:06:00Z virtual\n", "")
    assert read_ids(state_directory) == []


def test_a_clock_that_leaves_the_machines_says_that_time_stands(
    evcli_command: Callable[..., Outcome],
) -> None:
    first = evcli_command("local", "clock", "advance", "1m", "--no-run")
    second = evcli_command("local", "clock", "advance", "1m", "--no-run")

    assert first.stderr == (
        "Time stands still there from now on, until `clock advance` or `tick --until`"
        " moves it; `clock reset` goes back to the machine's clock.\n"
    )
    assert second.stderr == ""


@pytest.mark.usefixtures("schedule")
def test_json_lines_hold_all_that_was_done(
    evcli_command: Callable[..., Outcome], state_directory: Path
) -> None:
    outcome = evcli_command("local", "tick", "--until", "+6m", "--output", "json")

    (delivery_id,) = read_ids(state_directory)
    rule = "arn:aws:events:us-east-1:000000000000:rule/s"
    due = {"Time": "2024-05-01T00:05:00Z", "Clock": "virtual"}
    assert [json.loads(line) for line in outcome.stdout.splitlines()] == [
        {**due, "Type": "Schedule", "RuleArn": rule, "DueAt": due["Time"]},
        {
            **due,
            "Type": "Attempt",
            "DeliveryId": delivery_id,
            "RuleArn": rule,
            "TargetArn": QUEUE,
            "Attempt": 1,
            "State": "DELIVERED",
        },
        {
            "Time": "2024-05-01T00:06:00Z",
            "Clock": "virtual",
            "Type": "Summary",
            "Schedules": 1,
            "Attempts": 1,
            "Failed": 0,
            "Retrying": 0,
            "Replays": 0,
            "Archives": 0,
        },
    ]
    assert (outcome.code, outcome.stderr) == (0, "")


@pytest.mark.usefixtures("schedule")
def test_json_lines_can_be_queried(evcli_command: Callable[..., Outcome]) -> None:
    words = ("--until", "+6m", "--output", "json", "--query", "Type")

    outcome = evcli_command("local", "tick", *words)

    assert outcome.stdout == '"Schedule"\n"Attempt"\n"Summary"\n'


@pytest.mark.usefixtures("schedule")
def test_a_reader_that_leaves_ends_a_tick_quietly_and_loses_nothing(
    evcli_command: Callable[..., Outcome], state_directory: Path
) -> None:
    argv = ("local", "tick", "--until", "+6m", "--output", "json")
    stderr = io.StringIO()

    code = run(argv, io.StringIO(), ClosedPipe(), stderr, os.environ)
    evcli_command("local", "tick", "--until", "+6m")

    assert (code, stderr.getvalue()) == (0, "")
    assert len(read_ids(state_directory)) == len(set(read_ids(state_directory))) == 2


def test_where_nothing_was_due_tick_says_so(
    evcli_command: Callable[..., Outcome],
) -> None:
    evcli_command("local", "clock", "set", AT)

    assert evcli_command("local", "tick") == (0, "", f"{AT} virtual Nothing was due.\n")


def test_import_names_what_it_makes_and_changes(
    evcli_command: Callable[..., Outcome], tmp_path: Path
) -> None:
    evcli_command("local", "clock", "set", AT)
    file = tmp_path / "state.toml"
    bus = '["000000000000".us-east-1.event_buses.orders]\n'
    rule = (
        '["000000000000".us-east-1.event_buses.orders.rules.big]\n'
        'EventPattern = \'{"source":["shop"]}\'\n'
    )
    said = []
    for text in (bus + rule, bus + rule + 'Description = "d"\n'):
        file.write_text(text)
        said.append(evcli_command("local", "import", str(file)).stderr)

    scope = "in 000000000000 us-east-1"
    assert said == [
        f"{AT} virtual ✔ event bus orders added {scope}\n"
        f"{AT} virtual ✔ rule orders/big added {scope}\n",
        f"{AT} virtual ✔ rule orders/big changed {scope}\n",
    ]


def test_a_request_is_reported_behind_its_answer_with_what_that_says(
    state_directory: Path,
) -> None:
    from evcli.server.application import Application

    reports: list[dict[str, Any]] = []
    application = Application(str(state_directory), report=reports.append)
    entry = {"Source": "shop", "DetailType": "d", "Detail": "{}"}

    def post(name: str, request: dict[str, Any]) -> None:
        body, reported = json.dumps(request).encode(), len(reports)
        answer = application(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/",
                "CONTENT_TYPE": "application/x-amz-json-1.1",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_HOST": "127.0.0.1",
                "HTTP_X_AMZ_TARGET": f"AWSEvents.{name}",
                "wsgi.input": io.BytesIO(body),
            },
            lambda *_: None,
        )
        assert len(reports) == reported
        answer.close()
        assert len(reports) > reported

    post("PutEvents", {"Entries": [entry, {**entry, "Source": "aws.x"}]})
    post("DescribeRule", {"Name": "nope"})
    application(
        {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "127.0.0.1"},
        lambda *_: None,
    ).close()
    application.close()

    for each in reports:
        del each["Time"], each["DurationMs"]
    assert reports == [
        {
            "Type": "Request",
            "Operation": "PutEvents",
            "Status": 200,
            "Entries": 2,
            "FailedEntries": 1,
        },
        {
            "Type": "Request",
            "Operation": "DescribeRule",
            "Status": 400,
            "ErrorCode": "ResourceNotFoundException",
        },
    ]
