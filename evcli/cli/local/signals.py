"""What ends a local command from outside: signals, and readers that go."""

from __future__ import annotations

import os
import select
import signal
import stat
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import TextIO

    Handler = Callable[[int, FrameType | None], object]


@contextmanager
def handling_signals(handle: Handler, *numbers: int) -> Iterator[None]:
    """Have signals handled; afterwards they do what they did before."""
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt(*_: object) -> None:
    """Take a signal like Ctrl-C."""
    raise KeyboardInterrupt


class SignalRelay:
    """What SIGINT and SIGTERM do around a command: before it they end this process.

    Once it was started they are the command's. SIGTERM is handed on to it; SIGINT it has
    from the terminal, and here that only must not end what is around. This holds after
    the command's end too: what is left then is to tidy up, and to pass on its exit code.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_started = False
        self._is_terminated = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if not self._is_started:
            raise KeyboardInterrupt
        if number == signal.SIGTERM:
            self._is_terminated = True
            if self._process is not None:
                self._process.terminate()

    def start(
        self, argv: tuple[str, ...], environ: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start the command. Raises: as `subprocess.Popen`."""
        # The command may run long before this process knows of it.
        self._is_started = True
        self._process = subprocess.Popen(argv, env=environ)
        if self._is_terminated:
            self._process.terminate()
        return self._process


def make_wait(stream: TextIO) -> Callable[[float], None]:
    """Make a sleep for a command without an end, which ends once nobody reads it.

    Who writes nothing would never learn that the other end of a pipe is closed.

    Args:
        stream: what the command writes to.

    Returns:
        A function that sleeps for some seconds. Raises: BrokenPipeError: nobody reads.
    """
    try:
        descriptor = stream.fileno()
        is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except (OSError, ValueError):
        is_pipe = False
    if not is_pipe:
        return time.sleep
    poll = select.poll()
    # Nothing is asked for, but errors are always told.
    poll.register(descriptor, 0)

    def wait(seconds: float) -> None:
        if poll.poll(seconds * 1000):
            raise BrokenPipeError

    return wait
