"""What a state directory holds when the fault comes, and what the command is to do.

Prepared by the program itself, killed where a killed process leaves what matters.
"""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING, NamedTuple

from evcli.cli.main import run
from tests.injection.tracing import Fault, make_environment, run_traced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.injection.tracing import Call

NOW = "2024-05-14T11:30:00Z"
IN_AN_HOUR = "2024-05-14T12:30:00Z"
# Before an event is too old for another attempt.
LATER = "2024-05-15T07:30:00Z"
QUEUES = [f"arn:aws:sqs:us-east-1:000000000000:q{n}" for n in (1, 2)]
SENT_LINES = 60
REFUSED_EVERY = 10


class Scenario(NamedTuple):
    """`prepare` fills a state directory; `argv` is the command that meets the fault."""

    prepare: Callable[[Path], None]
    argv: tuple[str, ...]
    # Entries that the command is to accept, all or none.
    entries: int = 0
    # What goes on after a command that failed; `None` is `local tick` alone.
    resume: tuple[str, ...] | None = None


def call(state_directory: Path, *argv: str) -> str:
    """Run evcli in this process; gives what it printed."""
    stdout, stderr = io.StringIO(), io.StringIO()
    environment = make_environment(state_directory)
    code = run(argv, io.StringIO(), stdout, stderr, environ=environment)
    assert (code, stderr.getvalue()) == (0, ""), (argv, code, stderr.getvalue())
    return stdout.getvalue()


def word_put_events(number: int, text: str = "é") -> tuple[str, ...]:
    """Word the command that puts so many events."""
    detail = json.dumps({"text": text})
    entry = {"Source": "shop", "DetailType": "sold", "Detail": detail}
    return ("put-events", "--entries", json.dumps([entry] * number))


def prepare_rule(state_directory: Path) -> None:
    """A rule with two file sinks that are not there yet, and an archive."""
    call(state_directory, "local", "clock", "set", NOW)
    call(state_directory, "put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')  # fmt: skip
    targets = [{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(QUEUES)]
    call(state_directory, "put-targets", "--rule", "r", "--targets", json.dumps(targets))  # fmt: skip
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    call(state_directory, "create-archive", "--archive-name", "a", "--event-source-arn", bus)  # fmt: skip


def prepare_sinks(state_directory: Path) -> None:
    """The same, and a line in each file."""
    prepare_rule(state_directory)
    call(state_directory, *word_put_events(1))


def prepare_orphans(state_directory: Path, text: str = "é") -> None:
    """Deliveries of killed commands: one has its line, one a torn line, two have none."""
    prepare_sinks(state_directory)
    kill(word_put_events(1, text), state_directory, "write", "q1.jsonl")
    kill(word_put_events(1, text), state_directory, "fsync", "q2.jsonl")
    (last,) = state_directory.rglob("q2.jsonl")
    last.write_bytes(last.read_bytes()[:-100])


def prepare_retries(state_directory: Path) -> None:
    """Orphans, two deliveries that a disk refused, and a schedule that is due."""
    prepare_orphans(state_directory)
    # The disk fails at the events' own lines; nothing is written for the orphans before.
    faults = [Fault("fsync", "error=EIO", 1, onward=True)]
    run_traced(word_put_events(1), state_directory, faults)
    call(state_directory, "put-rule", "--name", "s", "--schedule-expression", "rate(1 hour)")  # fmt: skip
    call(state_directory, "put-targets", "--rule", "s", "--targets", f"Id=t,Arn={QUEUES[0]}")  # fmt: skip


def prepare_input(state_directory: Path) -> None:
    """Lines for bulk input, some of them refused, beside orphans."""
    prepare_orphans(state_directory)
    lines = [
        json.dumps({"Source": "shop", "DetailType": f"line {n}", "Detail": "{}"})
        if n % REFUSED_EVERY
        else f"refused {n}"
        for n in range(SENT_LINES)
    ]
    (state_directory / "input.jsonl").write_text("\n".join(lines) + "\n")


def kill(
    argv: Sequence[str], state_directory: Path, syscall: str, file_name: str
) -> None:
    """Kill a command at its first such call on a file."""
    numbers = [
        each.number
        for each in list_calls(argv, state_directory)
        if each.syscall == syscall and f"/{file_name}>" in each.text
    ]
    fault = Fault(syscall, "signal=KILL", numbers[0])
    killed = run_traced(argv, state_directory, [fault])
    assert killed.code == -9, killed


def list_calls(argv: Sequence[str], state_directory: Path) -> list[Call]:
    """List the calls that a command would make on a state directory."""
    trial = state_directory.with_name("trial")
    # The first run may have to compile what it imports.
    for _ in range(2):
        copy(state_directory, trial)
        done = run_traced(name_directory(argv, trial), trial)
        assert (done.code, done.stderr) == (0, ""), done
    shutil.rmtree(trial)
    return done.calls


def name_directory(argv: Sequence[str], state_directory: Path) -> list[str]:
    """Put the state directory into a command's words."""
    return [each.replace("{state}", str(state_directory)) for each in argv]


def copy(state_directory: Path, to: Path) -> None:
    """Copy a state directory to where nothing else remains."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(state_directory, to)


def send(*more: str) -> tuple[str, ...]:
    """Word the bulk input of the lines in the state directory."""
    return (
        *("local", "send", "{state}/input.jsonl", "--batch", "20"),
        *("--rejects", "{state}/rejects.jsonl", *more),
    )


SCENARIOS = {
    "new sinks": Scenario(prepare_rule, word_put_events(2), entries=2),
    "old sinks": Scenario(prepare_sinks, word_put_events(2), entries=2),
    "orphans": Scenario(prepare_orphans, word_put_events(1), entries=1),
    "tick": Scenario(prepare_retries, ("local", "tick", "-q", "--until", IN_AN_HOUR)),
    "send": Scenario(prepare_input, send(), resume=send("--resume")),
}
