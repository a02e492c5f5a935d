"""The process behind a handler sink: started by a call, warm until evcli ends.

One call at a time. Whatever happens to it, a call ends: with an answer, at its time limit
or with the process, and what cannot be used any more is killed with all that it started.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import threading
import time
from typing import NamedTuple

from evcli.delivery.processes import (
    OUTPUT_BYTES,
    describe_status,
    kill_group,
    read_output,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO, Any

CHILD = os.path.join(os.path.dirname(__file__), "child.py")

# How long a module may take to load. [guess] Lambda's ten seconds, for slow machines.
LOAD_SECONDS = 60.0
# How long a call waits for the one before it. A handler that puts an event which comes
# back to it waits for that call itself, so this must end.
BUSY_SECONDS = 1.0
# How often a look is taken at whether the process is still there: what it started can
# hold its pipes open.
LOOK_SECONDS = 0.1
# How much of a line is kept, more than any answer has; and how much a pipe holds.
LINE_BYTES = 1_048_576
PIPE_BYTES = 1_048_576


class BusyError(Exception):
    """The handler is at another call."""


class CallError(Exception):
    """A call got no answer; `error_code` is one of EventBridge's delivery error codes."""

    def __init__(self, error_code: str, message: str, output: str) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message
        self.output = output


class Reply(NamedTuple):
    """What the child answered, see `child.py`, and what was printed meanwhile."""

    answer: dict[str, Any]
    output: str


class HandlerProcess:
    """A process that calls one handler.

    Args:
        command: the Python that runs it, and where that is.
        directory: where modules are looked for, and the working directory.
        handler: `MODULE.FUNCTION`.
    """

    def __init__(
        self, command: str, directory: str, handler: str, environ: Mapping[str, str]
    ) -> None:
        self._argv = [command, "-u", "-X", "utf8", CHILD, directory, handler]
        self._directory = directory
        self._environ = environ
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, call: dict[str, Any], limit_seconds: float) -> Reply:
        """Make a call, in a new process if there is none or the handler has changed.

        Args:
            call: as `child.py` describes it, without the token.

        Raises:
            BusyError: another call does not end.
            CallError: this one brought no answer.
            OSError, ValueError: the process cannot be started.
        """
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise BusyError
        try:
            reply = self._call_once(call, limit_seconds)
            if "stale" in reply.answer:
                reply = self._call_once(call, limit_seconds)
            return reply
        except BaseException:
            self._kill()
            raise
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process, and what the handler left running in it."""
        process = self._process
        if process is not None:
            kill_group(process)  # which ends a call that is under way, too
        with self._lock:
            self._kill()

    def _call_once(self, call: dict[str, Any], limit_seconds: float) -> Reply:
        if self._process is None or self._process.poll() is not None:
            self._kill()
            self._process = self._start()
        reply = _Exchange(self._process, call, limit_seconds).run()
        if "over" in reply.answer:
            self._kill()
        return reply

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self._directory,
            env=self._environ,
            start_new_session=True,
        )
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        return process

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        kill_group(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


class _Exchange:
    """One call: writes it, reads answers and output side by side, watches the time."""

    def __init__(
        self, process: subprocess.Popen[bytes], call: dict[str, Any], seconds: float
    ) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._stdin: IO[bytes] = process.stdin
        self._answers: IO[bytes] = process.stdout
        self._prints: IO[bytes] = process.stderr
        self._seconds = seconds
        # So that nothing else which comes here is taken for the answer.
        self._token = os.urandom(8).hex()
        self._unsent = json.dumps({**call, "token": self._token}).encode() + b"\n"
        self._line = b""
        self._answer: dict[str, Any] | None = None
        self._is_loaded = False
        self._output = Output()

    def run(self) -> Reply:
        """Wait for the answer. Raises: CallError: there will be none."""
        deadline = time.monotonic() + LOAD_SECONDS + self._seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdin, selectors.EVENT_WRITE, self._write)
            selector.register(self._answers, selectors.EVENT_READ, self._read_answer)
            selector.register(self._prints, selectors.EVENT_READ, self._read_output)
            while self._answer is None:
                for key, _ in selector.select(LOOK_SECONDS):
                    if not key.data():
                        selector.unregister(key.fileobj)
                if self._is_loaded:
                    self._is_loaded = False
                    deadline = time.monotonic() + self._seconds
                if self._answer is None:
                    self._check_alive()
                    if time.monotonic() > deadline:
                        self._fail("TIMEOUT", self._describe_limit())
        self._drain()
        return Reply(self._answer, self._output.text())

    def _describe_limit(self) -> str:
        return f"The handler took longer than {self._seconds:g} s."

    def _check_alive(self) -> None:
        status = self._process.poll()
        if status is None:
            return
        # It may have answered with its last breath.
        self._read_answer()
        if self._answer is None:
            self._fail(
                "ERROR_FROM_TARGET", describe_status(status, "handler's process")
            )

    def _fail(self, error_code: str, message: str) -> None:
        self._drain()
        raise CallError(error_code, message, self._output.text())

    # Each says whether there may be more to do.

    def _write(self) -> bool:
        try:
            self._unsent = self._unsent[os.write(self._stdin.fileno(), self._unsent) :]
        except BlockingIOError:
            return True
        except OSError:
            return False  # it is gone, which is noticed elsewhere
        return bool(self._unsent)

    def _read_answer(self) -> bool:
        chunk = _read(self._answers)
        if chunk is None:
            return True
        *lines, self._line = (self._line + chunk).split(b"\n")
        self._line = self._line[:LINE_BYTES]
        for line in lines:
            self._take(line)
        return bool(chunk)

    def _take(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(answer, dict) or answer.get("token") != self._token:
            return
        if "loaded" in answer:
            self._is_loaded = True
        elif self._answer is None:
            self._answer = answer

    def _read_output(self) -> bool:
        chunk = _read(self._prints)
        self._output.add(chunk or b"")
        return chunk != b""

    def _drain(self) -> None:
        """Read what was printed before now, and no more than a pipe can hold."""
        for _ in range(PIPE_BYTES // READ_BYTES):
            chunk = _read(self._prints)
            if not chunk:
                return
            self._output.add(chunk)


READ_BYTES = 65536


def _read(pipe: IO[bytes]) -> bytes | None:
    """Read what is there; `None` when nothing is yet, nothing at all at the end."""
    try:
        return os.read(pipe.fileno(), READ_BYTES)
    except BlockingIOError:
        return None


class Output:
    """The beginning of what a handler prints, and how much more it was."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._dropped = 0

    def add(self, chunk: bytes) -> None:
        """Take some more."""
        free = OUTPUT_BYTES - len(self._kept)
        self._kept += chunk[:free]
        self._dropped += max(0, len(chunk) - free)

    def text(self) -> str:
        """What the ledger keeps of it."""
        text = read_output(bytes(self._kept))
        return f"{text}\n… and {self._dropped:,} bytes more" if self._dropped else text
