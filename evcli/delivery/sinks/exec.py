"""The exec sink: a command gets the payload on its standard input.

Its exit status is the outcome, what it prints goes to the ledger, up to a limit. It runs
in a process group of its own, so that its time limit ends all that it started.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading

from evcli.context import Outcome
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

    from evcli.store.deliveries import Delivery

LIMIT_SECONDS = 30.0

# How long output may still come once the command is gone: what it left running in the
# background can hold the pipe open for ever.
LAST_WORDS_SECONDS = 0.2


class ExecSink:
    """Runs a command for each delivery.

    Args:
        command: a line for the shell, or the words of a program and its arguments.
        environ: the environment it starts with; the delivery's variables are added.
        limit_seconds: after this, it and all it started are killed.
    """

    is_buffered = False
    is_exactly_once = False

    def __init__(
        self,
        command: str | list[str],
        environ: Mapping[str, str],
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._command = command
        self._environ = environ
        self._limit_seconds = limit_seconds

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Run the command to its end."""
        try:
            with tempfile.TemporaryFile() as payload:
                payload.write(delivery.payload.encode("utf-8", "replace"))
                payload.seek(0)
                return self._run(payload, self._describe(delivery, request))
        except (FileNotFoundError, PermissionError) as error:
            return Outcome("NO_RESOURCE", f"{self._command}: {error.strerror}")
        except (OSError, ValueError) as error:
            return Outcome("INTERNAL_ERROR", str(error), retry=True)

    def flush(self) -> None:
        """Nothing to do."""

    def _describe(self, delivery: Delivery, request: dict[str, Any]) -> dict[str, str]:
        header = delivery.event.trace_header
        return {
            **self._environ,
            "EVCLI_ACTION": request["action"],
            "EVCLI_ATTEMPT": str(delivery.attempts + 1),
            "EVCLI_EVENT_ID": delivery.event.event_id,
            "EVCLI_RULE_ARN": delivery.rule_arn,
            "EVCLI_TARGET_ARN": delivery.target_arn,
            "EVCLI_TARGET_ID": delivery.target_id,
            # Where Lambda puts it, and where X-Ray's SDKs look for it. [doc]
            **({} if header is None else {"_X_AMZN_TRACE_ID": header}),
        }

    def _run(self, payload: IO[bytes], environ: dict[str, str]) -> Outcome:
        process = subprocess.Popen(
            self._command,
            shell=isinstance(self._command, str),
            stdin=payload,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            start_new_session=True,
        )
        try:
            output = Output(process.stdout)
            status = process.wait(self._limit_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process)
            return Outcome(
                "TIMEOUT",
                f"The command took longer than {self._limit_seconds:g} s.",
                retry=True,
                output=output.read(),
            )
        except BaseException:
            kill_group(process)
            raise
        text = output.read()
        if status == 0:
            return Outcome(output=text)
        return Outcome(
            "ERROR_FROM_TARGET",
            describe_status(status, "command"),
            retry=True,
            output=text,
        )


class Output:
    """The beginning of what a process prints; the rest is read and dropped."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._pipe = pipe
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def read(self) -> str | None:
        """Give what was printed, `None` when nothing was."""
        self._thread.join(LAST_WORDS_SECONDS)
        return read_output(bytes(self._kept)) or None

    def _collect(self) -> None:
        if self._pipe is None:
            return
        with self._pipe as pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                self._kept += chunk[: OUTPUT_BYTES - len(self._kept)]
