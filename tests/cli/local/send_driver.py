"""A program that sends a file in children, killing each until one comes through.

    send_driver.py STATE_DIRECTORY INPUT REJECTS SEED JOBS

A child is killed before a line of evcli's code drawn at random, so that every place has
its chance; the next one resumes. Prints how many were killed.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import tempfile

from evcli.cli.main import run
from tests.delivery.crash_driver import count_lines, kill_before_line


def send(state_directory: str, source: str, rejects: str, jobs: str) -> int:
    """Run the command in this process."""
    argv = ["local", "send", source, "--resume", "--batch", "7", "--rejects", rejects]
    argv += ["--jobs", jobs]
    environ = {"EVCLI_STATE_DIR": state_directory, "HOME": state_directory}
    return run(argv, io.StringIO(), io.StringIO(), sys.stderr, environ)


def main() -> None:
    """Kill and resume."""
    state_directory, source, rejects, seed, jobs = sys.argv[1:]
    draw = random.Random(int(seed))
    # Once undisturbed, elsewhere: modules are imported, and its lines are counted.
    with tempfile.TemporaryDirectory() as elsewhere:
        send(elsewhere, source, f"{elsewhere}/rejects", jobs)
    with tempfile.TemporaryDirectory() as elsewhere:
        rest = (elsewhere, source, f"{elsewhere}/rejects", jobs)
        lines = count_lines(lambda: send(*rest))
    killed = 0
    while True:
        line = draw.randint(1, lines // 3)
        child = os.fork()
        if child == 0:
            kill_before_line(line)
            os._exit(send(state_directory, source, rejects, jobs))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert status == 0, f"a child failed with status {status}"
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        killed += 1
    sys.stdout.write(f"{killed}\n")


if __name__ == "__main__":
    main()
