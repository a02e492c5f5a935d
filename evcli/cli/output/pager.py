"""Long output on a terminal goes through a pager, as `aws` does it.

The process starts with the first text, so a command that prints nothing opens none.
Nothing here is for pipes and files: they get the plain stream.
"""

from __future__ import annotations

from evcli.cli.errors import PagerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from subprocess import Popen
    from typing import TextIO

DEFAULT_PAGER = "less"
# Quit if it fits one screen, keep colors, leave the text on the screen. Source: [aws].
LESS_OPTIONS = "FRX"


def find_pager(environ: Mapping[str, str], configured: str | None = None) -> str:
    """Name the pager's command; "" where it is switched off.

    Args:
        configured: `cli_pager` of the profile.

    Source: [aws] `AWS_PAGER`, then `cli_pager`, then `PAGER`, then `less`.
    """
    for command in (environ.get("AWS_PAGER"), configured, environ.get("PAGER")):
        if command is not None:
            return command
    return DEFAULT_PAGER


class Pager:
    """A stream to a pager on a terminal; used as a context manager.

    Its file number is the terminal's, so that tables can ask for the width.
    """

    def __init__(
        self, command: str, terminal: TextIO, environ: Mapping[str, str]
    ) -> None:
        self._command = command
        self._terminal = terminal
        self._environ = {"LESS": LESS_OPTIONS, **environ}
        self._process: Popen[str] | None = None
        self._is_left = False

    def __enter__(self) -> Pager:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, text: str) -> int:
        """Send text; once the reader has left, forget it.

        Raises:
            PagerError: the command cannot be started.
        """
        if text and self._process is None:
            self._process = self._start()
        if self._process is not None and self._process.stdin and not self._is_left:
            try:
                self._process.stdin.write(text)
            except BrokenPipeError:
                self._is_left = True
        return len(text)

    def flush(self) -> None:
        """Nothing to do: the pager gets the rest when it is closed."""

    def fileno(self) -> int:
        """The terminal's file number."""
        return self._terminal.fileno()

    def isatty(self) -> bool:
        """Always: there is no pager without a terminal."""
        return True

    def close(self) -> None:
        """Say that there is no more text and wait for the reader to leave."""
        if self._process is None:
            return
        import signal

        # Ctrl-C belongs to the pager while it has the terminal.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process.communicate()
        except BrokenPipeError:
            self._process.wait()
        finally:
            signal.signal(signal.SIGINT, before)

    def _start(self) -> Popen[str]:
        import shlex
        import subprocess

        try:
            return subprocess.Popen(
                shlex.split(self._command),
                stdin=subprocess.PIPE,
                stdout=self._terminal,
                env=self._environ,
                encoding="utf-8",
            )
        except (OSError, ValueError, IndexError) as error:
            raise PagerError(self._command, str(error)) from error
