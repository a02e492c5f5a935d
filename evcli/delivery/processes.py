"""What exec and handler sinks have in common: the output of a process, and its end."""

from __future__ import annotations

import contextlib
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

# How much of what a process prints the ledger keeps.
OUTPUT_BYTES = 8192


def read_output(data: bytes) -> str:
    """Make text of what was printed, such as the ledger can keep."""
    return replace_nul(data.decode("utf-8", "replace").rstrip())


def replace_nul(text: str) -> str:
    """Replace the one character that the ledger cannot keep."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything that it started in its group."""
    kill = getattr(os, "killpg", None)
    if kill is None:  # not POSIX
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            kill(process.pid, signal.SIGKILL)
    process.wait()


def describe_status(status: int, what: str) -> str:
    """Word the exit status of the command or process `what`; negative ones are signals."""
    if status < 0:
        return f"The {what} was ended by signal {-status}."
    return f"The {what} exited with status {status}."
