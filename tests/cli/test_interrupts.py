"""SIGINT at any instant: 130, no traceback, and nothing that was committed is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evcli.cli.main import _comes_from_interrupt

ROOT = Path(__file__).parents[2]

# Sends SIGINT to itself at the N-th step from the first line of `main` on. A step is a line
# of evcli, or of what it imports. Says how many there were when it was not interrupted.
DRIVER = """
import os, signal, sys
from evcli import main

stop_at, again = int(sys.argv[1]), int(sys.argv[2])
steps = 0

def step(frame, event, argument):
    global steps
    if event == "line":
        steps += 1
        if steps == stop_at or (again and steps == stop_at + again):
            os.kill(os.getpid(), signal.SIGINT)
    return step

leave = os._exit
def count(code):
    sys.settrace(None)
    with open(os.environ["STEPS"], "w") as file:
        file.write(str(steps))
    leave(code)
os._exit = count

sys.argv[:] = ["evcli", *sys.argv[3:]]
sys.settrace(step)
main()
"""
COMMANDS = {
    "operation": ("put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}'),
    "events": ("put-events", "--entries", '[{"Source":"s","DetailType":"d","Detail":"{}"}]'),
    "click": ("local", "deliveries"),
    "usage": ("put-rule", "--nope"),
    "local run": ("local", "tick", "-q"),
}  # fmt: skip
# So many instants of each command, evenly over all its steps.
INSTANTS = 8


def drive(
    tmp_path: Path, words: tuple[str, ...], stop_at: int, again: int
) -> tuple[int, str, int]:
    """Run a command with an interrupt; its exit code, stderr and how many steps it took."""
    steps = tmp_path / "steps"
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(stop_at), str(again), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "STEPS": str(steps)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stderr, int(steps.read_text())


@pytest.mark.parametrize(
    ("command", "again"),
    [*((command, 0) for command in COMMANDS), ("operation", 1), ("click", 7)],
)
def test_an_interrupt_at_any_step_is_130_without_a_traceback(
    tmp_path: Path, command: str, again: int
) -> None:
    words = COMMANDS[command]
    code, usual, total = drive(tmp_path, words, 0, 0)
    # The first steps and the last ones, and those between. The very first one is the line
    # `try:` of `main`, and what was before that is Python's.
    stride = max(1, total // INSTANTS)
    instants = sorted({2, 3, 5, 8, total - 3, total - 1, *range(stride, total, stride)})

    for stop_at in instants:
        found, stderr, _ = drive(tmp_path, words, stop_at, again)

        assert found in (130, code), (stop_at, stderr)
        # What was told before is told, and nothing else.
        assert usual.startswith(stderr), stop_at


def test_an_interrupt_while_the_answer_is_flushed_is_130(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from evcli import main\n"
        "class Stream:\n"
        "    def __init__(self, stream): self.stream, self.count = stream, 0\n"
        "    def __getattr__(self, name): return getattr(self.stream, name)\n"
        "    def flush(self):\n"
        "        self.count += 1\n"
        "        if self.count == int(os.environ['FLUSH']):\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "        self.stream.flush()\n"
        "sys.stdout = Stream(sys.stdout)\n"
        "main()\n"
    )

    for flush in range(1, 4):
        done = subprocess.run(
            [sys.executable, "-c", script, "list-rules"],
            env={**os.environ, "FLUSH": str(flush)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode in ((130,) if flush < 3 else (0, 130))
        assert done.stderr == ""


def test_an_interrupt_that_python_can_raise_nowhere_ends_the_program() -> None:
    script = (
        "import evcli, evcli.cli.main as program, os, signal\n"
        "class Late:\n"
        "    def __del__(self): os.kill(os.getpid(), signal.SIGINT); [].append(0)\n"
        "def run(*_, **__):\n"
        "    Late()\n"
        "    return 0\n"
        "program.run = run\n"
        "evcli.main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_job_in_the_background_ignores_interrupts_as_it_was_told() -> None:
    script = (
        "import evcli, os, signal\n"
        "from evcli.cli import main as program\n"
        "run = program.run\n"
        "def run_interrupted(*arguments, **settings):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return run(*arguments, **settings)\n"
        "program.run = run_interrupted\n"
        "evcli.main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, "list-rules"],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, json.loads(done.stdout), done.stderr) == (
        0,
        {"Rules": []},
        "",
    )


def test_an_interrupt_that_became_another_error_is_still_one() -> None:
    def raise_as(kind: type[Exception]) -> Exception:
        try:
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as interrupt:
                raise kind("Error calling __set_name__") from interrupt
        except Exception as error:
            return error

    assert _comes_from_interrupt(raise_as(RuntimeError))
    assert not _comes_from_interrupt(RuntimeError())
