"""`evcli local clock`, `tick`, `run` and `schedule`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
PARAMETER = (
    "\nevcli: [ERROR]: An error occurred (ParamValidation): Error parsing parameter"
)
EXAMPLES = "write 2026-11-23T12:00:00Z, 1795435200 (epoch seconds)"
AGO, AHEAD = ", or 7d, 90m, 1h30m (ago)", ", or +7d, +90m, +1h30m (ahead)"


def read_payload_times(state_directory: Path) -> list[str]:
    """The times of the events that a file sink got."""
    path = state_directory / "sinks/sqs/000000000000/us-east-1/q.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(json.loads(line)["payload"])["time"] for line in lines]


@pytest.fixture
def schedule(evcli_command: Callable[..., Any]) -> None:
    """A rule every five minutes, on a virtual clock."""
    evcli_command("local", "clock", "set", "2024-05-01T00:00:00Z")
    evcli_command("put-rule", "--name", "s", "--schedule-expression", "rate(5 minutes)")
    evcli_command("put-targets", "--rule", "s", "--targets", f"Id=1,Arn={QUEUE}")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["set", "2024-05-01T00:00:00Z"], "2024-05-01T00:00:00Z virtual\n"),
        (["set", "1714521600.25"], "2024-05-01T00:00:00.250Z virtual\n"),
        (["set", "2024-05-01"], "2024-05-01T00:00:00Z virtual\n"),
        (["set", "2024-05-01 02:00+02:00"], "2024-05-01T00:00:00Z virtual\n"),
        (
            ["set", "2024-05-01T00:00:00.123456789Z"],
            "2024-05-01T00:00:00.123Z virtual\n",
        ),
        (["set", "1h30m"], "2023-12-31T22:30:00Z virtual\n"),
        (["set", "+7d"], "2024-01-08T00:00:00Z virtual\n"),
        (["advance", "90s", "--no-run"], "2024-01-01T00:01:30Z virtual\n"),
        (["advance", "1h30m", "--no-run"], "2024-01-01T01:30:00Z virtual\n"),
        (["advance", "2w", "--no-run"], "2024-01-15T00:00:00Z virtual\n"),
        (["advance", "1.5d", "--no-run"], "2024-01-02T12:00:00Z virtual\n"),
    ],
)
def test_the_clock_stands_where_it_was_put(
    evcli_command: Callable[..., Any], words: list[str], shown: str
) -> None:
    evcli_command("local", "clock", "set", "2024-01-01T00:00:00Z")

    outcome = evcli_command("local", "clock", *words)

    assert outcome == (0, shown, "")
    assert evcli_command("local", "clock", "show") == (0, shown, "")


def test_operations_go_by_the_clock(evcli_command: Callable[..., Any]) -> None:
    evcli_command("local", "clock", "set", "2024-01-01T00:00:00Z")

    evcli_command("create-event-bus", "--name", "b")

    described = evcli_command("describe-event-bus", "--name", "b").stdout
    assert json.loads(described)["CreationTime"].startswith("2024-01-01T00:00:00")


def test_the_clock_goes_back_to_the_machines(evcli_command: Callable[..., Any]) -> None:
    evcli_command("local", "clock", "set", "2024-01-01T00:00:00Z")

    outcome = evcli_command("local", "clock", "reset")

    time, kind = outcome.stdout.split()
    shown = datetime.fromisoformat(time)
    assert kind == "system"
    assert abs((datetime.now(UTC) - shown).total_seconds()) < 60


@pytest.mark.parametrize(
    ("words", "message"),
    [
        *(
            (
                ["set", text],
                f"{PARAMETER} 'TIME': {text!r} is not a time; {EXAMPLES}{AGO}{AHEAD}.\n",
            )
            # What looser readers take for a day, an hour, a year or 1970.
            for text in (
                *("noon?", "mon", "5", "12", "10:30", "2024-01", "20240101", "99999"),
                *("1e9", "1h-", "2024-13-01", "99999999999999", "May 1 2024", "today"),
            )
        ),
        *(
            (
                ["advance", text],
                f"{PARAMETER} 'DURATION': {text!r} is not a duration; write 90s, 30m,"
                " 1h30m, 7d or 2w.\n",
            )
            for text in ("5 minutes", "90", "+1h", "h", "")
        ),
        (["advance", "9999999w"], f"{PARAMETER} 'DURATION': '9999999w' is too long.\n"),
        (["advance", "999999w"], f"{PARAMETER} 'DURATION': '999999w' is too long.\n"),
        (["set", "+999999w"], f"{PARAMETER} 'TIME': '+999999w' is too long.\n"),
        (["set", "999999w"], f"{PARAMETER} 'TIME': '999999w' is too long.\n"),
    ],
)
def test_what_is_no_time_is_refused_with_an_example(
    evcli_command: Callable[..., Any], words: list[str], message: str
) -> None:
    assert evcli_command("local", "clock", *words) == (252, "", message)


@pytest.mark.parametrize(
    ("words", "option", "examples"),
    [
        (["prune", "--before", "+1h"], "--before", AGO),
        (["tick", "--until", "1h"], "--until", AHEAD),
        (["schedule", "rate(1 hour)", "--from", "mon"], "--from", AGO + AHEAD),
    ],
)
def test_spans_count_in_the_direction_that_makes_sense(
    evcli_command: Callable[..., Any], words: list[str], option: str, examples: str
) -> None:
    outcome = evcli_command("local", *words)

    message = f"{words[-1]!r} is not a time; {EXAMPLES}{examples}."
    assert outcome == (252, "", f"{PARAMETER} '{option}': {message}\n")


@pytest.mark.usefixtures("schedule")
def test_tick_goes_so_far_ahead(
    evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    outcome = evcli_command("local", "tick", "--until", "+6m")

    assert outcome == (
        0,
        "",
        "2024-05-01T00:05:00Z virtual ✔ s fired\n"
        "2024-05-01T00:05:00Z virtual ✔ s → sqs:q\n"
        "2024-05-01T00:06:00Z virtual 1 schedule fired, 1 attempt.\n",
    )
    assert read_payload_times(state_directory) == ["2024-05-01T00:05:00Z"]


@pytest.mark.usefixtures("schedule")
def test_tick_moves_a_virtual_clock_through_all_that_is_due(
    evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    outcome = evcli_command("local", "tick", "--until", "2024-05-01T00:12:00Z", "-q")

    assert outcome == (0, "", "")
    assert read_payload_times(state_directory) == [
        "2024-05-01T00:05:00Z",
        "2024-05-01T00:10:00Z",
    ]
    assert evcli_command("local", "clock", "show").stdout == (
        "2024-05-01T00:12:00Z virtual\n"
    )


@pytest.mark.usefixtures("schedule")
def test_tick_says_which_deliveries_failed(
    evcli_command: Callable[..., Any],
) -> None:
    evcli_command("local", "sinks", "add", "*", "--kind", "exec", "--command", "exit 1")

    outcome = evcli_command("local", "tick", "--until", "2024-05-01T00:05:00Z")

    at = "2024-05-01T00:05:00Z virtual"
    assert outcome == (
        0,
        "",
        f"{at} ✔ s fired\n"
        f"{at} ↻ s → sqs:q attempt 1 ERROR_FROM_TARGET: The command exited with status 1."
        " (again in 2 s)\n"
        f"{at} 1 schedule fired, 1 attempt, 1 without success.\n",
    )


def test_tick_stops_after_many_firings_and_says_how_to_go_on(
    evcli_command: Callable[..., Any],
    schedule: None,
    state_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("evcli.delivery.scheduled.scheduler.FIRINGS", 2)
    monkeypatch.setattr("evcli.cli.local.time.worker.FIRINGS", 2)

    stopped = evcli_command("local", "tick", "--until", "2024-05-01T00:19:00Z", "-q")
    words = re.findall("`evcli (.*)`", stopped.stderr)
    again = evcli_command(*words[0].split())

    assert (stopped.code, stopped.stdout, stopped.stderr) == (
        255,
        "",
        "\nevcli: [ERROR]: Stopped after 2 firings of schedules, at"
        " 2024-05-01T00:10:00Z. `evcli local tick --until 2024-05-01T00:19:00Z` goes on"
        " from there.\n",
    )
    assert again.code == 0
    assert again.stderr.endswith(
        "2024-05-01T00:19:00Z virtual 1 schedule fired, 1 attempt.\n"
    )
    assert read_payload_times(state_directory) == [
        "2024-05-01T00:05:00Z",
        "2024-05-01T00:10:00Z",
        "2024-05-01T00:15:00Z",
    ]


def test_tick_does_not_wait_for_the_machines_clock(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command("local", "tick", "--until", "2999-01-01T00:00:00Z")

    assert outcome == (
        255,
        "",
        "\nevcli: [ERROR]: 2999-01-01T00:00:00Z is in the future, and the clock is the"
        " machine's. `evcli local clock set` makes it a virtual one, which tick can"
        " move.\n",
    )


def test_expressions_show_their_next_instants(
    evcli_command: Callable[..., Any],
) -> None:
    words = ("--count", "2", "--from", "2026-11-22T12:00:00Z")

    cron = evcli_command("local", "schedule", "cron(0 12 * * ? *)", *words)
    rate = evcli_command("local", "schedule", "rate(1 hour)", *words)

    assert cron == (0, "2026-11-23T12:00:00Z\n2026-11-24T12:00:00Z\n", "")
    assert rate == (0, "2026-11-22T13:00:00Z\n2026-11-22T14:00:00Z\n", "")


@pytest.mark.usefixtures("schedule")
def test_a_rule_shows_when_it_fires_counted_from_when_it_was_made(
    evcli_command: Callable[..., Any],
) -> None:
    evcli_command("local", "clock", "advance", "7m")

    outcome = evcli_command("local", "schedule", "s", "--count", "2")

    assert outcome == (0, "2024-05-01T00:10:00Z\n2024-05-01T00:15:00Z\n", "")


def test_a_schedule_that_never_fires_shows_nothing(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command("local", "schedule", "cron(0 12 1 1 ? 1999)")

    assert outcome == (0, "", "")


def test_ten_instants_are_shown_unless_told_otherwise(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command("local", "schedule", "rate(1 day)")

    assert len(outcome.stdout.splitlines()) == 10


@pytest.mark.parametrize(
    ("what", "code", "message"),
    [
        (
            "nope",
            254,
            "An error occurred (ResourceNotFoundException): Rule nope does not exist on"
            " EventBus default.",
        ),
        ("pattern", 255, "Rule pattern has no schedule."),
    ],
)
def test_what_has_no_schedule_is_told_without_naming_an_operation(
    evcli_command: Callable[..., Any], what: str, code: int, message: str
) -> None:
    evcli_command("put-rule", "--name", "pattern", "--event-pattern", '{"a":["b"]}')

    outcome = evcli_command("local", "schedule", what)

    assert outcome == (code, "", f"\nevcli: [ERROR]: {message}\n")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (
            "cron(nope)",
            "cron() takes six fields (minutes, hours, day of month, month, day of week,"
            " year), not 1.",
        ),
        (
            "cron(61 24 * * ? *)",
            "minutes takes 0-59, not 61; hours takes 0-23, not 24.",
        ),
        (
            "cron({} 0 32 FOO ? 1969)",
            "minutes takes 0-59, not {}; day of month takes 1-31, L, LW, 15W, ?, not 32;"
            " month takes 1-12, JAN-DEC, not FOO; year takes 1970-2199, not 1969.",
        ),
        (
            "cron(0 0 ? * 8 *)",
            "day of week takes 1-7, SUN-SAT, FRIL, FRI#2, ?, not 8.",
        ),
        (
            "cron(0 0 * * * *)",
            "One of day of month and day of week has to be ?, the other must not.",
        ),
        (
            "cron(0 0 ? * ? *)",
            "One of day of month and day of week has to be ?, the other must not.",
        ),
        (
            "cron( 0 0 * * ? *)",
            "Fields are parted by blanks, with none next to the parentheses.",
        ),
        (
            "rate(5 minute)",
            "rate() takes a whole number above 0 and minute, hour or day, with an s from 2"
            " on: rate(1 hour), rate(5 minutes).",
        ),
        ("at(2024-01-01)", "It is neither cron(…) nor rate(…)."),
    ],
)
def test_a_malformed_expression_is_told_with_the_field_that_is_wrong(
    evcli_command: Callable[..., Any], expression: str, reason: str
) -> None:
    outcome = evcli_command("local", "schedule", expression)

    assert outcome == (
        254,
        "",
        "\nevcli: [ERROR]: An error occurred (ValidationException): Parameter"
        f" ScheduleExpression is not valid. Reason: {reason}\n",
    )


# -- the worker in the foreground


class Worker:
    """`evcli local run` in a process of its own."""

    def __init__(self) -> None:
        self.process = start("run")
        self.patience = PATIENCE_SECONDS
        self.first_line = self.read_line()

    def read_line(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def let_work(self) -> None:
        """Give it a moment; it must not end by itself, nor take for ever."""
        self.patience -= 0.05
        assert self.patience > 0
        with pytest.raises(subprocess.TimeoutExpired):
            self.process.wait(0.05)

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, rest


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from evcli import main; main()",
            "local",
            *words,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A running worker, killed in the end if need be."""
    running = Worker()
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_worker_says_where_it_works_and_stops_cleanly(
    worker: Worker, state_directory: Path, number: signal.Signals
) -> None:
    stopped = worker.stop(number)

    assert worker.first_line == f"evcli works on {state_directory}; Ctrl-C stops it.\n"
    assert stopped == (0, "evcli stopped.\n")


@pytest.mark.parametrize("second", ["run", "tick"])
def test_the_second_of_two_workers_says_so_and_exits(
    worker: Worker, state_directory: Path, second: str
) -> None:
    other = start(second)

    stdout, stderr = other.communicate(timeout=PATIENCE_SECONDS)

    assert (other.returncode, stdout, stderr) == (
        255,
        "",
        "\nevcli: [ERROR]: Another worker is running on the state directory"
        f" {state_directory}; there can be one `evcli local run` or `tick` at a time.\n",
    )
    assert worker.stop(signal.SIGINT)[0] == 0


@pytest.mark.slow
def test_the_worker_makes_retries_when_they_are_due(
    evcli_command: Callable[..., Any], worker: Worker, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    script = f"test -e {mark} || {{ touch {mark}; exit 1; }}"
    evcli_command("local", "sinks", "add", "*", "--kind", "exec", "--command", script)
    put_rule_and_event(evcli_command)

    listed: list[dict[str, Any]] = []
    while not listed or listed[0]["State"] != "DELIVERED":
        listed = json.loads(evcli_command("local", "deliveries").stdout)
        worker.let_work()

    code, told = worker.stop(signal.SIGTERM)
    assert listed[0]["Attempts"] == 2
    assert code == 0
    assert [line.partition(" ")[2] for line in told.splitlines()] == [
        "✔ r → sqs:q attempt 2",
        "stopped.",
    ]


def test_the_worker_tells_a_mistake_in_config_toml_once_and_goes_on(
    evcli_command: Callable[..., Any], worker: Worker, state_directory: Path
) -> None:
    (state_directory / "config.toml").write_text("sinks = 1\n")
    told = worker.read_line()
    for _ in range(10):
        worker.let_work()
    (state_directory / "config.toml").unlink()
    evcli_command("local", "clock", "set", "2024-05-01T00:00:00Z")
    put_rule_and_event(evcli_command)

    stopped = worker.stop(signal.SIGINT)

    assert told == (f"{state_directory}/config.toml: sinks: 1 is not of type array.\n")
    assert stopped == (0, "evcli stopped.\n")


def put_rule_and_event(evcli_command: Callable[..., Any]) -> None:
    """Put a rule with a target, and an event for it."""
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    entry = {"Source": "shop", "DetailType": "x", "Detail": "{}"}
    evcli_command("put-events", "--entries", json.dumps([entry]))


@pytest.mark.usefixtures("schedule")
def test_the_worker_follows_a_virtual_clock_that_others_move(
    evcli_command: Callable[..., Any], worker: Worker, state_directory: Path
) -> None:
    evcli_command("local", "clock", "advance", "11m")

    while len(read_payload_times(state_directory)) < 2:
        worker.let_work()

    assert worker.stop(signal.SIGINT)[0] == 0
    assert read_payload_times(state_directory) == [
        "2024-05-01T00:05:00Z",
        "2024-05-01T00:10:00Z",
    ]


def test_the_worker_goes_on_in_the_directory_that_comes_after_a_removed_one(
    evcli_command: Callable[..., Any], worker: Worker, state_directory: Path
) -> None:
    shutil.rmtree(state_directory)
    told = worker.read_line()
    # Whoever removes it must not find it there again.
    for _ in range(10):
        worker.let_work()
    is_there = state_directory.exists()
    evcli_command("local", "clock", "set", "2024-05-01T00:00:00Z")
    told += worker.read_line()
    put = ("put-rule", "--name", "r", "--schedule-expression", "rate(5 minutes)")
    evcli_command(*put)
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    evcli_command("local", "clock", "advance", "6m")

    while len(read_payload_times(state_directory)) < 1:
        worker.let_work()

    assert told == (
        f"{state_directory} was removed or replaced; evcli goes on with a new one.\n"
        f"evcli works on {state_directory}; Ctrl-C stops it.\n"
    )
    assert is_there is False
    code, rest = worker.stop(signal.SIGINT)
    assert (code, rest.splitlines()[0], rest.splitlines()[-1]) == (
        0,
        "2024-05-01T00:05:00Z virtual ✔ r fired",
        "evcli stopped.",
    )
