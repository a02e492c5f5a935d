"""The exec sink: payload in, environment, status, time limit, bounded output."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from evcli.context import Outcome
from evcli.delivery.processes import OUTPUT_BYTES
from evcli.delivery.sinks.conformance import make_delivery, make_request
from evcli.delivery.sinks.exec import ExecSink
from tests.patience import PATIENCE_SECONDS, wait_for

PATH = {"PATH": "/usr/bin:/bin"}


def run(
    command: str | list[str],
    payload: str = "{}",
    limit_seconds: float = PATIENCE_SECONDS,
) -> Outcome:
    delivery = make_delivery(payload)
    sink = ExecSink(command, PATH, limit_seconds)
    return sink.deliver(delivery, make_request(delivery))


def tell(outcome: Outcome) -> tuple[str | None, str | None, bool, str | None]:
    return outcome.error_code, outcome.message, outcome.retry, outcome.output


def test_the_payload_is_standard_input_byte_for_byte() -> None:
    assert tell(run("cat", '{"é":"\\u2028 \N{FOX FACE}"}')) == (
        None,
        None,
        False,
        '{"é":"\\u2028 \N{FOX FACE}"}',
    )


def test_the_environment_names_the_delivery() -> None:
    outcome = run("env | grep ^EVCLI_ | sort")

    assert outcome.output == (
        "EVCLI_ACTION=sqs:SendMessage\n"
        "EVCLI_ATTEMPT=1\n"
        "EVCLI_EVENT_ID=6a7e8feb-b491-4cf7-a9f1-bf3703467718\n"
        "EVCLI_RULE_ARN=arn:aws:events:us-east-1:111111111111:rule/my-rule\n"
        "EVCLI_TARGET_ARN=arn:aws:sqs:us-east-1:111111111111:q\n"
        "EVCLI_TARGET_ID=t1"
    )


def test_the_environment_has_the_trace_header_where_lambda_has_it() -> None:
    delivery = make_delivery("{}")
    delivery.event.trace_header = "Root=1-5759e988-bd862e3fe1be46a994272793"
    sink = ExecSink("echo $_X_AMZN_TRACE_ID", PATH)

    outcome = sink.deliver(delivery, {"action": "lambda:Invoke", "request": {}})

    assert outcome.output == delivery.event.trace_header


def test_words_run_without_a_shell() -> None:
    assert run(["printf", "%s", "$HOME;"]).output == "$HOME;"


def test_another_exit_status_is_a_failure_to_retry_with_what_was_printed() -> None:
    assert tell(run("echo out; echo err >&2; exit 3")) == (
        "ERROR_FROM_TARGET",
        "The command exited with status 3.",
        True,
        "out\nerr",
    )


def test_death_by_a_signal_is_a_failure_to_retry() -> None:
    assert tell(run("kill -9 $$")) == (
        "ERROR_FROM_TARGET",
        "The command was ended by signal 9.",
        True,
        None,
    )


def test_a_program_that_is_not_there_is_a_failure_without_retry() -> None:
    assert tell(run(["/nowhere/program"])) == (
        "NO_RESOURCE",
        "['/nowhere/program']: No such file or directory",
        False,
        None,
    )


def test_a_command_that_does_not_read_its_input_is_no_failure() -> None:
    assert tell(run("true", "x" * 1_000_000)) == (None, None, False, None)


def test_the_time_limit_ends_the_command_and_all_that_it_started(
    tmp_path: Path,
) -> None:
    mark = tmp_path / "child"
    command = f"sh -c 'echo $$ > {mark}; echo begun; sleep 1000' & wait"

    # However slow the machine, one of these is long enough to begin.
    for limit_seconds in (0.5, 5, 50):
        outcome = run(command, limit_seconds=limit_seconds)
        if outcome.output is not None:
            break

    assert tell(outcome) == (
        "TIMEOUT",
        f"The command took longer than {limit_seconds:g} s.",
        True,
        "begun",
    )
    child = int(mark.read_text())
    wait_for(lambda: not is_running(child))


def is_running(process: int) -> bool:
    """Say whether a process does anything; a zombie waits only to be collected."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:
        status = Path(f"/proc/{process}/stat").read_text()
        return status.rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_left_in_the_background_keeps_nobody_waiting() -> None:
    outcome = run("sleep 1000 & echo $!")

    assert outcome.output is not None
    process = int(outcome.output)
    was_running = is_running(process)
    os.kill(process, signal.SIGKILL)
    assert tell(outcome) == (None, None, False, str(process))
    assert was_running


def test_endless_output_is_cut() -> None:
    outcome = run("head -c 5000000 /dev/zero | tr '\\0' x; exit 1")

    assert (outcome.error_code, outcome.output) == (
        "ERROR_FROM_TARGET",
        "x" * OUTPUT_BYTES,
    )


@pytest.mark.parametrize("printed", ["\\377\\376", "\\000"])
def test_output_that_is_no_text_becomes_text(printed: str) -> None:
    output = run(f"printf '{printed}'").output

    assert output is not None
    assert set(output) == {"\N{REPLACEMENT CHARACTER}"}


def test_an_interrupt_ends_the_command(tmp_path: Path) -> None:
    mark = tmp_path / "child"

    def interrupt(*_: object) -> None:
        if mark.exists() and mark.read_text():
            # Once: a second one could meet the sink while it ends the command.
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(f"echo $$ > {mark}; exec sleep 60")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert not is_running(int(mark.read_text()))
