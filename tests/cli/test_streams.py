"""Standard streams that are closed, full, or that nobody reads."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evcli.cli.main import run
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parent.parent.parent


def test_a_reader_that_leaves_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = "from evcli import main; main()"

    process = subprocess.run(
        [sys.executable, "-c", command, "create-connection", "help"],
        cwd=ROOT,
        stdout=write_end,
        stderr=subprocess.PIPE,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    os.close(write_end)

    assert (process.returncode, process.stderr) == (0, b"")


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams_change_no_exit_code(closed: str) -> None:
    command = "from evcli import main; main()"
    script = f'exec "$0" -c "{command}" put-rule --bogus {closed}'

    process = subprocess.run(
        ["sh", "-c", script, sys.executable],
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert process.returncode == 252


def test_a_full_disk_is_told(entry: str) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    stderr = io.StringIO()

    code = run(
        ["put-rule", "--generate-cli-skeleton"],
        io.StringIO(),
        Full(),
        stderr,
        os.environ,
    )

    assert (code, stderr.getvalue()) == (
        255,
        "\nevcli: [ERROR]: [Errno 28] No space left on device\n",
    )


class Deaf(io.StringIO):
    """A stream that takes nothing."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["put-rule"], 252),
        (["describe-rule", "--name", "nope"], 254),
        (["describe-rule", "--name", "nope", "--cli-error-format", "json"], 254),
        (["list-rules", "--debug"], 0),
        (["put-rule", "--debug"], 252),
    ],
)
def test_a_standard_error_that_takes_nothing_changes_no_exit_code(
    argv: list[str], code: int, entry: str
) -> None:
    environ = os.environ

    assert run(argv, io.StringIO(), io.StringIO(), Deaf(), environ) == code


def test_a_bug_that_nobody_can_be_told_of_is_255(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("evcli.cli.main.run_command", fail)

    assert run([], io.StringIO(), io.StringIO(), Deaf(), os.environ) == 255


def test_an_interrupt_when_nobody_reads_any_more_is_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def be_interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evcli.cli.main.run_command", be_interrupted)

    assert run([], io.StringIO(), Deaf(), io.StringIO(), os.environ) == 130
