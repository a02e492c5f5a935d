"""One run of the program: what it was given, and what follows from that.

Operations and the commands of `evcli local` get the same session. Its settings come from
options, environment and `~/.aws/config`, in this order; `config.toml` of the state
directory comes after them and is read with the store. A profile may stand in either
file. Credentials are never read; of the credentials file only the headings count,
because a profile that stands there exists.

Source: [aws] names and precedence of every setting.
"""

from __future__ import annotations

import os
import time

from evcli.arns import is_account_id, is_region
from evcli.cli.errors import GeneralError
from evcli.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TextIO

    from evcli.context import Context

DEFAULT_PROFILE = "default"
TIMESTAMP_FORMATS = ("wire", "iso8601")


class Session:
    """Streams, environment, global options; opens the state directory.

    `program` is the name in messages. `options` are the global ones, by destination, such
    as `state_dir`; `settings` are known once `load_settings` was called. `operation_name`
    is the operation being called, for messages; `is_carried_out` says that it was, whatever
    becomes of the answer. `kept` is what sinks keep, see `Context`, closed at the end.
    """

    __slots__ = (
        "_started",
        "_working_directory",
        "environ",
        "is_carried_out",
        "kept",
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
        self.kept: dict[Any, Any] = {}
        self._working_directory = working_directory
        self._started = time.monotonic()

    def load_settings(self) -> None:
        """Read the settings that the options leave open.

        Raises: ConfigurationError: a setting cannot be used.
        """
        self.settings = CliSettings(self.options, self.environ)

    def check_profile(self) -> None:
        """Refuse a profile that no file knows. Raises: GeneralError."""
        profile = self.settings.profile
        if profile is None or has_profile(self.environ, profile):
            return
        # Only now, because reading TOML costs something.
        if profile not in self.read_configured_profiles():
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
        except ConfigurationError:
            # What is named in full is found from nowhere, too.
            here = ""
            if not os.path.isabs(name_state_directory(chosen, self.environ) or ""):
                raise
        return find_state_directory(chosen, self.environ, here)

    def find_working_directory(self) -> str:
        """Name the directory that relative paths start from.

        Raises: ConfigurationError: it was removed.
        """
        if self._working_directory is None:
            try:
                self._working_directory = os.getcwd()
            except FileNotFoundError as error:
                raise ConfigurationError(
                    "The working directory was removed."
                ) from error
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
            debug=self.debug if self.options.get("debug") else None,
            warn=self.warn_at_once,
            environ=self.environ,
            stdout=self.stdout,
            stderr=self.stderr,
            kept=self.kept,
        )
        self.debug(f"account {ctx.account_id}, region {ctx.region}")
        return ctx

    def find_output(self, configuration: Mapping[str, Any]) -> str:
        """Name the output format; `configuration` is that of `config.toml`."""
        profile = configuration.get("profiles", {}).get(
            self.settings.profile or DEFAULT_PROFILE, {}
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

    def write_output(
        self, write: Callable[[TextIO], None], *, paged: bool = True
    ) -> None:
        """Have a response written: to standard output, on a terminal to the pager.

        Args:
            paged: false where others may follow, so that there is no pager.

        Raises: PagerError: the pager cannot be started.
        """
        if paged and self.stdout.isatty() and not self.options.get("no_cli_pager"):
            from evcli.cli.output.pager import Pager, find_pager

            command = find_pager(self.environ, self.settings.pager)
            if command:
                with Pager(command, self.stdout, self.environ) as pager:
                    write(pager)  # type: ignore[arg-type]  # enough of a stream
                return
        write(self.stdout)

    def is_watched(self) -> bool:
        """Say whether a person reads the answer, and what stands beside it."""
        return self.stdout.isatty() and self.stderr.isatty()

    def write(self, text: str) -> None:
        """Write text to stdout that may be somebody else's."""
        if self.stdout.isatty():
            from evcli.cli.output.visible import make_visible

            text = make_visible(text)
        self.stdout.write(text)

    def warn(self, line: str) -> None:
        """Say something beside the answer, on stderr."""
        try:
            from evcli.cli.output.folding import fold
            from evcli.cli.output.visible import make_visible

            self.stderr.write(f"{fold(make_visible(line), self.stderr)}\n")
        except OSError:
            # Nobody reads; what was done stays done.
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
            # The error that is printed next matters more.
            return

    def read_input(self) -> str:
        """Read standard input to its end."""
        return self.stdin.read()

    def read_configured_profiles(self) -> Mapping[str, Any]:
        """Read the profiles of `config.toml`, by name."""
        from evcli.store.directory.configuration_file import get_configuration

        configuration = get_configuration(self.find_state_directory())
        profiles: dict[str, Any] = configuration.get("profiles", {})
        return profiles


# -- settings


class CliSettings:
    """What holds for one command.

    `region`, `account_id` and `output` are `None` where only the state directory's
    `config.toml` or the default can say. `pager` is `cli_pager`. `checks_parameters` is
    false where the profile leaves all checks to the service.
    """

    __slots__ = (
        "account_id",
        "checks_parameters",
        "output",
        "pager",
        "profile",
        "region",
        "timestamp_format",
    )

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        """Read them. Raises: ConfigurationError: one has a value that cannot be used."""
        self.profile = find_profile(options, environ)
        section = read_profile(environ, self.profile or DEFAULT_PROFILE) or {}
        self.account_id = environ.get("EVCLI_ACCOUNT_ID") or None
        self.region = (
            options.get("region")
            or environ.get("AWS_REGION")
            or environ.get("AWS_DEFAULT_REGION")
            or section.get("region")
        )
        self.output = (
            options.get("output")
            or environ.get("AWS_DEFAULT_OUTPUT")
            or section.get("output")
        )
        self.pager = section.get("cli_pager")
        self.checks_parameters = section.get("parameter_validation") != "false"
        self.timestamp_format = section.get("cli_timestamp_format", "iso8601")
        if self.timestamp_format not in TIMESTAMP_FORMATS:
            raise ConfigurationError(
                f"Unknown cli_timestamp_format value: {self.timestamp_format},"
                ' valid values are "wire" or "iso8601"'
            )
        if self.account_id and not is_account_id(self.account_id):
            raise ConfigurationError(
                f"EVCLI_ACCOUNT_ID is {self.account_id!r}; an account has 12 digits."
            )

    def check_region(self) -> None:
        """Refuse a region that no endpoint could have. Raises: GeneralError."""
        if self.region is not None and not is_region(self.region):
            raise GeneralError(
                f"Provided region_name '{self.region}' doesn't match a supported format."
            )


def find_profile(options: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """Name the profile that was asked for; `None` where nobody asked.

    Source: [peer] which variable goes first; an empty one is a profile without a name.
    """
    option = options.get("profile")
    if option:
        return str(option)
    return environ.get("AWS_DEFAULT_PROFILE", environ.get("AWS_PROFILE"))


def has_profile(environ: Mapping[str, str], name: str) -> bool:
    """Say whether the official client's files name a profile."""
    if name == DEFAULT_PROFILE or read_profile(environ, name) is not None:
        return True
    path = _find_file(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
    return any(heading == name for heading, _ in _read_sections(path))


def read_profile(environ: Mapping[str, str], name: str) -> dict[str, str] | None:
    """Read a profile of the official client's configuration file.

    Returns:
        Settings by lower-case name, nested ones left out; `None` when there is no such
        profile.
    """
    path = _find_file(environ, "AWS_CONFIG_FILE", "config")
    found = None
    for heading, section in _read_sections(path):
        if _read_heading(heading) == name:
            found = {**(found or {}), **section}
    return found


def list_profiles(environ: Mapping[str, str]) -> list[str]:
    """List the profiles of the official client's files, in their order."""
    path = _find_file(environ, "AWS_CONFIG_FILE", "config")
    names = [_read_heading(heading) for heading, _ in _read_sections(path)]
    path = _find_file(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
    names += [heading for heading, _ in _read_sections(path)]
    return list(dict.fromkeys(name for name in names if name is not None))


def _find_file(environ: Mapping[str, str], variable: str, name: str) -> str:
    path = environ.get(variable) or os.path.join("~", ".aws", name)
    if path.startswith("~") and "HOME" in environ:
        path = environ["HOME"] + path[1:] if path[1:2] in ("", "/") else path
    return os.path.expanduser(os.path.expandvars(path))


def _read_heading(heading: str) -> str | None:
    """Name the profile of `profile NAME` (quotes allowed) or `default`."""
    if heading == DEFAULT_PROFILE:
        return heading
    if not heading.startswith("profile"):
        return None
    import shlex

    try:
        words = shlex.split(heading)
    except ValueError:
        return None
    return words[1] if len(words) == 2 and words[0] == "profile" else None


def _read_sections(path: str) -> list[tuple[str, dict[str, str]]]:
    """Read an INI file: headings with their settings; empty when there is none.

    Raises: GeneralError: it exists and cannot be read. Source: [peer].
    """
    try:
        with open(path, encoding="utf-8") as file:
            from evcli.cli.ini import parse_sections

            return list(parse_sections(file.read()).items())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise GeneralError(f"Unable to parse config file: {path}") from error
