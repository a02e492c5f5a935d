"""The program that calls a handler: one line of JSON in, one line of JSON out, a call.

    python child.py DIRECTORY MODULE.FUNCTION

It runs in whatever Python a person has chosen, so it imports nothing of evcli and keeps
to what Python has had for long. A call is

    {"token": TEXT, "payload": TEXT, "arn": TEXT, "request_id": TEXT, "name": TEXT,
     "seconds": NUMBER, "environ": {NAME: VALUE}}

and gets `{"token": TEXT, "loaded": true}` once the module is loaded and the time counts,
and in the end a line with one of

    "returned": TEXT      what the handler returned, as JSON, cut off at `MOST_CHARACTERS`
    "error": [NAME, TEXT, TRACEBACK]
    "stale": true         a file of the handler's has changed: nothing was called

and `"over": true` when the process is of no further use. Other lines are nobody's.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_CHARACTERS = 8192
MEMORY_MB = "128"
VERSION = "$LATEST"


class Context:
    """What a handler gets beside the event. Source: [doc], the memory as text [peer]."""

    def __init__(self, call: dict[str, Any], log_stream_name: str) -> None:
        self.function_name = call["name"]
        self.function_version = VERSION
        self.invoked_function_arn = call["arn"]
        self.memory_limit_in_mb = MEMORY_MB
        self.aws_request_id = call["request_id"]
        self.log_group_name = f"/aws/lambda/{call['name']}"
        self.log_stream_name = log_stream_name
        self.identity = None
        self.client_context = None
        self._deadline = time.monotonic() + call["seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still take."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        """Print a message."""
        sys.stdout.write(str(message))


class Program:
    """A handler, loaded by the first call, and the files that it was loaded from."""

    def __init__(
        self, directory: str, name: str, write: Callable[[bytes], object]
    ) -> None:
        module, _, self._function_name = name.rpartition(".")
        self._module_name = module.replace("/", ".")
        self._directory = os.path.join(os.path.realpath(directory), "")
        self._write = write
        self._function: Any = None
        self._files: dict[str, tuple[int, int]] = {}
        self._known: set[str] = set()
        stream = os.urandom(16).hex()
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self._log_stream_name = f"{day}/[{VERSION}]{stream}"

    def answer(self, call: dict[str, Any]) -> bool:
        """Make a call and write what came of it; say whether there can be another one."""
        pid = os.getpid()
        try:
            answer = self._call(call)
        # A handler may raise anything; what ends Python ends this process only.
        except BaseException as error:
            answer = {"error": describe(error)}
            if self._function is None or not isinstance(error, Exception):
                answer["over"] = True
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                continue  # the handler closed it, or put something else there
        if os.getpid() != pid:  # a fork that the handler let return
            os._exit(0)
        self._send(call, answer)
        return "over" not in answer

    def _call(self, call: dict[str, Any]) -> dict[str, Any]:
        if self._has_changed():
            return {"stale": True, "over": True}
        os.environ.update(call["environ"])
        REQUEST.request_id = call["request_id"]
        if self._function is None:
            self._function = self._load()
        self._send(call, {"loaded": True})
        try:
            event = json.loads(call["payload"])
        except ValueError:
            event = call["payload"]  # of a target that takes any text
        context = Context(call, self._log_stream_name)
        returned = self._function(event, context)
        self._note_files()
        try:
            text = json.dumps(returned, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            message = f"Unable to marshal response: {error}"
            return {"error": ["Runtime.MarshalError", message, ""]}
        return {"returned": text[:MOST_CHARACTERS]}

    def _load(self) -> Any:
        module = importlib.import_module(self._module_name)
        self._note_files()
        return getattr(module, self._function_name)

    def _note_files(self) -> None:
        """Remember how the files looked that modules of the directory came from."""
        for name in sys.modules.keys() - self._known:
            path = getattr(sys.modules.get(name), "__file__", None)
            if isinstance(path, str) and self._owns(path):
                self._files[path] = read_stamp(path)
            self._known.add(name)

    def _owns(self, path: str) -> bool:
        # What was installed changes with a person's next start of evcli.
        return os.path.realpath(path).startswith(self._directory) and (
            f"{os.sep}site-packages{os.sep}" not in path
        )

    def _has_changed(self) -> bool:
        return any(read_stamp(path) != stamp for path, stamp in self._files.items())

    def _send(self, call: dict[str, Any], answer: dict[str, Any]) -> None:
        line = json.dumps({"token": call["token"], **answer})
        # The first newline ends whatever the handler may have written here.
        self._write(f"\n{line}\n".encode())


def read_stamp(path: str) -> tuple[int, int]:
    """Tell one state of a file from another."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def describe(error: BaseException) -> list[str]:
    """The name, the message and the traceback of an exception, this file's lines left out."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename not in (__file__, importlib.__file__)
        and not frame.filename.startswith("<frozen ")
    ]
    lines = traceback.format_list(frames)
    lines += traceback.format_exception_only(type(error), error)
    text = "".join(
        ["Traceback (most recent call last):\n"] * bool(frames) + lines
    ).rstrip()
    return [
        type(error).__name__,
        str(error)[:MOST_CHARACTERS],
        text[-MOST_CHARACTERS:],  # it ends with what went wrong
    ]


class Request(logging.Filter):
    """Writes the id of the request into each line of the log."""

    request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        record.aws_request_id = self.request_id
        return True


REQUEST = Request()


def start_log() -> None:
    """Let log records be printed as Lambda prints them, from the level WARNING on."""
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
        "%Y-%m-%dT%H:%M:%S",
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(REQUEST)
    logging.getLogger().addHandler(handler)


def read_calls(descriptor: int, calls: queue.SimpleQueue[bytes]) -> None:
    """Pass on the lines that evcli writes; when it is gone, so is everything here."""
    pending = b""
    while True:
        chunk = os.read(descriptor, 65536)
        if not chunk:
            end()
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            calls.put(line)


def end() -> None:
    """End this process and, where it leads a group, all that the handler started."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def take_pipes() -> tuple[int, int]:
    """Take the two pipes away from the handler's hands; give where calls and answers go."""
    calls, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return calls, answers


def main() -> None:
    """Make calls until evcli is gone, or the process of no further use."""
    directory, name = sys.argv[1:3]
    # The folder of this file is nothing that a handler should import from.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [directory, *(each for each in sys.path if each != here)]
    sys.argv = [name]
    # Python takes two versions of a file of one size and second for one, if it compiles.
    sys.dont_write_bytecode = True
    source, answers = take_pipes()
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=read_calls, args=(source, calls), daemon=True).start()
    start_log()

    def write(data: bytes) -> None:
        while data:
            data = data[os.write(answers, data) :]

    program = Program(directory, name, write)
    while program.answer(json.loads(calls.get())):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
