"""One run of the program: what it was given, and what follows from that.

Operations and the commands of `evcli local` get the same session.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from evcli.cli.errors import GeneralError, SettingError
from evcli.cli.settings import CliSettings, has_profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, TextIO

    from evcli.context import Context


class Session:
    """Streams, environment, global options; opens the state directory.

    `program` is the name in messages. `options` are the global ones, by destination, such
    as `state_dir`; `settings` are known once `load_settings` was called. `operation_name`
    is the operation being called, for messages; `is_carried_out` says that it was, whatever
    becomes of the answer.
    """

    __slots__ = (
        "_started",
        "_working_directory",
        "environ",
        "is_carried_out",
        "operation_name",
        "options",
        "program",
        "settings",
        "stderr",
        "stdin",
        "stdout",
    )

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        environ: Mapping[str, str],
        *,
        program: str = "evcli",
        working_directory: str | None = None,
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environ = environ
        self.program = program
        self.options: dict[str, Any] = {}
        self.operation_name = ""
        self.is_carried_out = False
        self._working_directory = working_directory
        self._started = time.monotonic()

    def load_settings(self) -> None:
        """Read the settings that the options leave open.

        Raises: SettingError: a setting cannot be used.
        """
        self.settings = CliSettings(self.options, self.environ)

    def check_profile(self) -> None:
        """Refuse a profile that no file knows. Raises: GeneralError."""
        profile = self.settings.profile
        if profile is None or has_profile(self.environ, profile):
            return
        # Only now, because reading TOML costs something.
        if profile not in self._read_own_profiles():
            raise GeneralError(f"The config profile ({profile}) could not be found")

    def find_state_directory(self) -> str:
        """Find the state directory; it need not exist yet."""
        from evcli.store.directory.state_directory import (
            find_state_directory,
            name_state_directory,
        )

        chosen = self.options.get("state_dir")
        try:
            here = self.find_working_directory()
        except SettingError:
            # What is named in full is found from nowhere, too.
            here = ""
            if not os.path.isabs(name_state_directory(chosen, self.environ) or ""):
                raise
        return find_state_directory(chosen, self.environ, here)

    def find_working_directory(self) -> str:
        """Name the directory that relative paths start from.

        Raises: SettingError: it was removed.
        """
        if self._working_directory is None:
            try:
                self._working_directory = os.getcwd()
            except FileNotFoundError as error:
                raise SettingError("The working directory was removed.") from error
        return self._working_directory

    def open_context(self) -> Context:
        """Open the state directory as the account and in the region of the settings.

        Raises: ConfigurationError: the directory or its `config.toml` cannot be used.
        """
        from evcli.context import open_context

        directory = self.find_state_directory()
        self.debug(f"state directory {directory}")
        ctx = open_context(
            directory,
            account_id=self.settings.account_id,
            region=self.settings.region,
            profile=self.settings.profile,
            debug=self.get_debug_hook(),
            warn=self.warn_at_once,
            environ=self.environ,
            stdout=self.stdout,
        )
        self.debug(f"account {ctx.account_id}, region {ctx.region}")
        return ctx

    def find_output(self, configuration: Mapping[str, Any]) -> str:
        """Name the output format; `configuration` is that of `config.toml`."""
        profile = configuration.get("profiles", {}).get(
            self.settings.profile or "default", {}
        )
        return str(
            self.settings.output
            or profile.get("output")
            or configuration.get("output", "json")
        )

    def debug(self, line: str) -> None:
        """With `--debug`, say on stderr what is being done, and when."""
        if self.options.get("debug"):
            elapsed = (time.monotonic() - self._started) * 1000
            self.warn(f"{self.program}: {elapsed:9.3f} ms  {line}")

    @contextmanager
    def open_output(self) -> Iterator[TextIO]:
        """Give a stream for the response: standard output, on a terminal the pager.

        Raises: PagerError: the pager cannot be started.
        """
        if self.stdout.isatty() and not self.options.get("no_cli_pager"):
            from evcli.cli.output.pager import Pager, find_pager

            command = find_pager(self.environ, self.settings.pager)
            if command:
                with Pager(command, self.stdout, self.environ) as pager:
                    yield pager  # type: ignore[misc]  # enough of a stream
                return
        yield self.stdout

    def write(self, text: str) -> None:
        """Write text to stdout that may be somebody else's."""
        if self.stdout.isatty():
            from evcli.cli.output.visible import make_visible

            text = make_visible(text)
        self.stdout.write(text)

    def warn(self, line: str) -> None:
        """Say something beside the answer, on stderr."""
        try:
            from evcli.cli.output.visible import make_visible

            self.stderr.write(f"{make_visible(line)}\n")
        except OSError:
            # Nobody is left to tell, and what was done stays done.
            return

    def warn_notices(self, ctx: Context, most: int | None = None) -> int:
        """Say what the context has noted for people, and drop it; give how many it was.

        Args:
            most: as many are said, the others only counted.
        """
        notices = ctx.notices.copy()
        ctx.notices.clear()
        for notice in notices[:most]:
            self.warn(notice)
        return len(notices)

    def warn_at_once(self, line: str) -> None:
        """Say something before a command goes on, for whoever is waiting for it."""
        self.warn(f"{self.program}: {line}")
        try:
            self.stderr.flush()
        except OSError:
            return  # as `warn`

    def show_trace(self) -> None:
        """With `--debug`, show where the error that is being handled comes from."""
        if self.options.get("debug"):
            import traceback

            self.warn(traceback.format_exc().rstrip("\n"))

    def flush_output(self) -> None:
        """Send what was already written, so that it stands before an error."""
        try:
            self.stdout.flush()
        except OSError:
            # The error that is about to be told matters more.
            return

    def read_input(self) -> str:
        """Read standard input to its end."""
        return self.stdin.read()

    def get_debug_hook(self) -> Callable[[str], None] | None:
        """The function that takes debug lines, if they are wanted."""
        return self.debug if self.options.get("debug") else None

    def _read_own_profiles(self) -> Mapping[str, Any]:
        from evcli.store.directory.configuration_file import get_configuration

        configuration = get_configuration(self.find_state_directory())
        profiles: dict[str, Any] = configuration.get("profiles", {})
        return profiles
