"""start-replay in the command line: the work behind the answer."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.main import run
from evcli.delivery.scheduled import replays as replaying

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Command = Callable[..., Any]

ARN = "arn:aws:events:us-east-1:000000000000:"
START = (
    "start-replay",
    "--replay-name",
    "p",
    "--event-source-arn",
    f"{ARN}archive/a",
    "--event-start-time",
    "0",
    "--event-end-time",
    "2100-01-01T00:00:00Z",
    "--destination",
    f"Arn={ARN}event-bus/default",
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.fixture
def archive(evcli_command: Command) -> None:
    """An archive with one event, and a rule that sends to a queue."""
    bus = f"{ARN}event-bus/default"
    target = "Id=q,Arn=arn:aws:sqs:us-east-1:000000000000:q"
    pattern = '{"source":["shop"]}'
    entries = '[{"Source":"shop","DetailType":"sold","Detail":"{}"}]'
    for words in (
        ("create-archive", "--archive-name", "a", "--event-source-arn", bus),
        ("put-events", "--entries", entries),
        ("put-rule", "--name", "r", "--event-pattern", pattern),
        ("put-targets", "--rule", "r", "--targets", target),
    ):
        assert evcli_command(*words).code == 0


def describe(evcli_command: Command) -> dict[str, Any]:
    outcome = evcli_command("describe-replay", "--replay-name", "p")
    described: dict[str, Any] = json.loads(outcome.stdout)
    return described


def read_sink(state_directory: Path) -> list[str]:
    path = state_directory / "sinks/sqs/000000000000/us-east-1/q.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_the_answer_says_starting_and_the_replay_is_completed(
    evcli_command: Command, archive: None, state_directory: Path, entry: str
) -> None:
    outcome = evcli_command(*START, entry=entry)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout)["State"] == "STARTING"  # [aws]
    assert describe(evcli_command)["State"] == "COMPLETED"
    assert len(read_sink(state_directory)) == 1


def test_no_wait_leaves_the_work_to_a_worker(
    evcli_command: Command, archive: None, state_directory: Path, entry: str
) -> None:
    outcome = evcli_command(*START, "--no-wait", entry=entry)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout)["State"] == "STARTING"
    assert describe(evcli_command)["State"] == "STARTING"
    assert read_sink(state_directory) == []


def test_a_tick_works_off_what_was_left_to_it(
    evcli_command: Command, archive: None, state_directory: Path
) -> None:
    evcli_command(*START, "--no-wait")

    outcome = evcli_command("local", "tick")

    assert outcome.code == 0
    assert describe(evcli_command)["State"] == "COMPLETED"
    assert len(read_sink(state_directory)) == 1


def test_a_tick_settles_a_cancellation(
    evcli_command: Command, archive: None, state_directory: Path
) -> None:
    evcli_command(*START, "--no-wait")
    evcli_command("cancel-replay", "--replay-name", "p")
    before = describe(evcli_command)["State"]

    evcli_command("local", "tick")

    assert (before, describe(evcli_command)["State"]) == ("CANCELLING", "CANCELLED")
    assert read_sink(state_directory) == []


def test_a_refused_replay_is_not_worked_off(
    evcli_command: Command, archive: None, state_directory: Path
) -> None:
    evcli_command(*START)

    outcome = evcli_command(*START)

    assert outcome.code == 254
    assert len(read_sink(state_directory)) == 1


def test_a_terminal_gets_a_bar_on_standard_error_alone(
    archive: None, evcli_command: Command
) -> None:
    stdout, stderr = io.StringIO(), Terminal()

    code = run(START, io.StringIO(), stdout, stderr, {**os.environ, "TERM": "xterm"})

    assert code == 0
    assert json.loads(stdout.getvalue())["State"] == "STARTING"
    assert "Replaying p" in stderr.getvalue()
    assert "1/1" in stderr.getvalue()


def test_an_interrupted_replay_says_how_it_goes_on(
    archive: None, evcli_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(replaying, "deliver", interrupt)

    outcome = evcli_command(*START)

    assert outcome.code == 130
    assert outcome.stderr == (
        "The replay p has stopped on its way; `evcli local run` or `evcli local tick`"
        " goes on with it.\n"
    )
    assert describe(evcli_command)["State"] == "RUNNING"


def test_failing_deliveries_are_told_in_a_bounded_number_of_lines(
    ctx: Context,
) -> None:
    from evcli.cli.replay_progress import SHOWN_NOTICES, warn_of_more
    from evcli.cli.session import Session

    stderr = io.StringIO()
    session = Session(io.StringIO(), io.StringIO(), stderr, {})

    ctx.notices += [f"n{number}" for number in range(12)]

    warn_of_more(session, session.warn_notices(ctx, SHOWN_NOTICES))

    assert stderr.getvalue().splitlines() == [
        *(f"n{number}" for number in range(10)),
        "2 more; `evcli local deliveries --failed` lists them.",
    ]


def test_a_cancellation_behind_the_replay_says_how_to_have_one_in_time(
    evcli_command: Command, archive: None, entry: str
) -> None:
    evcli_command(*START)

    outcome = evcli_command("cancel-replay", "--replay-name", "p", entry=entry)

    assert outcome == (
        254,
        "",
        "The replay p has ended: evcli works replays off at once. To have one to cancel,"
        " start it with --no-wait, or have workers hold replays with windows_per_second"
        " under [replays] of config.toml.\n"
        "\nevcli: [ERROR]: An error occurred (IllegalStatusException) when calling the"
        " CancelReplay operation: Replay p is not in a valid state for this operation.\n",
    )
