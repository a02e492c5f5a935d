"""The program under strace: which system calls it makes, and one of them made to fail.

A call is named by what it is and by how many of its kind came before it in the process,
which is what strace counts by as well. A call is `own` when it concerns the state
directory or a standard stream; all others are the interpreter's, which finds its modules.

Source: [doc] strace(1), "Tampering": an injected error stands in for the call, which is
not made. So a descriptor whose close fails stays open here, where Linux would free it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from evcli import main; main()")
# What an injected failure of each call can be.
ERRORS = {
    "fsync": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO", "ENOSPC"),
    "write": ("EIO", "ENOSPC"),
    "pwrite64": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO",),
    "close": ("EIO",),
    "flock": ("EIO",),
    "fcntl": ("EIO",),
    "openat": ("EIO", "ENOSPC", "EMFILE"),
}
# A command that takes a third of a second; whoever reaches this waits for ever.
PATIENCE_SECONDS = 120
# `1234  fsync(3</tmp/state/state.db>) = 0`
LINE = re.compile(r"^\d+\s+(\w+)\((.*)")
STREAM = re.compile(r"write\([012]<")


class Call(NamedTuple):
    """One system call; `number` counts those of its kind from 1."""

    syscall: str
    number: int
    text: str
    own: bool


class Fault(NamedTuple):
    """What is to go wrong: `call` the so-numbered one, or with `onward` all from it on."""

    syscall: str
    effect: str
    number: int
    onward: bool = False

    def __str__(self) -> str:
        return f"{self.syscall}:{self.effect}:when={self.number}{'+' * self.onward}"


class Run(NamedTuple):
    """What a command left behind; `code` is `None` when it had to be stopped."""

    code: int | None
    stdout: str
    stderr: str
    calls: list[Call]
    injected: list[str]


def run_traced(
    argv: Sequence[str],
    state_directory: Path,
    faults: Sequence[Fault] = (),
) -> Run:
    """Run evcli under strace, with what is to go wrong."""
    syscalls = {fault.syscall for fault in faults} or set(ERRORS)
    # Several times quicker, but injected signals get lost.
    quick = all("signal" not in fault.effect for fault in faults)
    with tempfile.NamedTemporaryFile(prefix="strace-") as log:
        command = [
            *("strace", "-f", "-qq", "-y", "-s", "24", *["--seccomp-bpf"] * quick),
            *("-o", log.name, "-e", "signal=none", "-e", f"trace={','.join(syscalls)}"),
            *(word for fault in faults for word in ("-e", f"inject={fault}")),
            *PROGRAM,
            *argv,
        ]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=make_environment(state_directory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        code: int | None
        try:
            stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            stdout, stderr = process.communicate()
            code = None
        lines = Path(log.name).read_text(errors="replace").splitlines()
    injected = [line.split(None, 1)[1] for line in lines if "(INJECTED)" in line]
    return Run(code, stdout, stderr, parse_calls(lines, state_directory), injected)


def make_environment(state_directory: Path) -> dict[str, str]:
    """Give a command nothing that differs from one run to the next."""
    return {
        "EVCLI_STATE_DIR": str(state_directory),
        "HOME": str(state_directory.parent),
        "PATH": "/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
    }


def parse_calls(lines: Sequence[str], state_directory: Path) -> list[Call]:
    """Read what strace wrote, in the order of the calls."""
    calls = []
    counts: dict[str, int] = {}
    for line in lines:
        found = LINE.match(line)
        if found is None:
            continue
        syscall, text = found.groups()
        counts[syscall] = number = counts.get(syscall, 0) + 1
        own = is_own(f"{syscall}({text}", state_directory)
        calls.append(Call(syscall, number, text, own))
    return calls


def is_own(line: str, state_directory: Path) -> bool:
    """Say whether a line of strace is about the program's files, or what it prints."""
    return str(state_directory) in line or STREAM.match(line) is not None


@cache
def find_obstacle() -> str | None:
    """Say why nothing can be traced on this machine, if that is so."""
    try:
        done = subprocess.run(
            [
                *("strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull),
                *("-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "true"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return f"no strace: {error.strerror}"
    return f"strace cannot trace: {done.stderr.strip()}" if done.returncode else None
