"""What the surroundings say: options, environment, `~/.aws/config`, in this order.

`config.toml` of the state directory comes after them and is read with the store. A
profile may stand in either file. Credentials are never read; of the credentials file
only the headings count, because a profile that stands there exists.

The files are read by hand, by configparser's rules: its import costs more than
everything else here.

Source: [aws] names and precedence of every setting; [peer] the form of the file.
"""

from __future__ import annotations

import os
import re

from evcli.cli.errors import GeneralError, ParamError, SettingError
from evcli.cli.output import DEFAULT_ERROR_FORMAT, ERROR_FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeVar

    V = TypeVar("V")

TIMESTAMP_FORMATS = ("wire", "iso8601")

# Texts, because most commands need none of them compiled.
_REGION = r"(?![0-9]+$)(?!-)[a-zA-Z0-9-]{,63}(?<!-)"
_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]*:"
_ACCOUNT_ID = r"[0-9]{12}"


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
        """Read them. Raises: SettingError: one has a value that cannot be used."""
        self.profile = find_profile(options, environ)
        section = read_profile(environ, self.profile or "default") or {}
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
            raise SettingError(
                f"Unknown cli_timestamp_format value: {self.timestamp_format},"
                ' valid values are "wire" or "iso8601"'
            )
        if self.account_id and not re.fullmatch(_ACCOUNT_ID, self.account_id):
            raise SettingError(
                f"EVCLI_ACCOUNT_ID is {self.account_id!r}; an account has 12 digits."
            )

    def check_region(self) -> None:
        """Refuse a region that no endpoint could have. Raises: GeneralError."""
        if self.region is not None and not re.fullmatch(_REGION, self.region):
            raise GeneralError(
                f"Provided region_name '{self.region}' doesn't match a supported format."
            )


def check_globals(options: Mapping[str, Any]) -> None:
    """Check the values of global options, before the command is looked at.

    Raises:
        ParamError: a query that does not compile, an endpoint without a scheme.
        GeneralError: a timeout that is no number.
    """
    query = options.get("query")
    if query is not None:
        from evcli.cli.output.query import Query

        Query(query)
    url = options.get("endpoint_url")
    if url is not None and not re.match(_SCHEME, url):
        raise ParamError(
            f'Bad value for --endpoint-url "{url}": scheme is missing.  Must be of the'
            " form http://<hostname>/ or https://<hostname>/"
        )
    for dest in ("cli_read_timeout", "cli_connect_timeout"):
        if dest in options:
            try:
                int(options[dest])
            except ValueError as error:
                raise GeneralError(str(error)) from error
    if options.get("cli_auto_prompt") and options.get("no_cli_auto_prompt"):
        raise ParamError(
            "Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the"
            " same time."
        )


def find_profile(options: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """Name the profile that was asked for; `None` where nobody asked.

    Source: [peer] which variable goes first; an empty one is a profile without a name.
    """
    option = options.get("profile")
    if option:
        return str(option)
    return environ.get("AWS_DEFAULT_PROFILE", environ.get("AWS_PROFILE"))


def find_error_format(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Say how errors are laid out; unusable values mean `enhanced`. Source: [aws]."""
    chosen = options.get("cli_error_format") or environ.get("AWS_CLI_ERROR_FORMAT")
    if not chosen:
        profile = find_profile(options, environ) or "default"
        chosen = (read_profile(environ, profile) or {}).get("cli_error_format")
    return chosen if chosen in ERROR_FORMATS else DEFAULT_ERROR_FORMAT


def has_profile(environ: Mapping[str, str], name: str) -> bool:
    """Say whether the official client's files name a profile."""
    if name == "default" or read_profile(environ, name) is not None:
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
    if heading == "default":
        return heading
    if not heading.startswith("profile"):
        return None
    import shlex

    try:
        words = shlex.split(heading)
    except ValueError:
        return None
    return words[1] if len(words) == 2 and words[0] == "profile" else None


def _read_sections(path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Read an INI file: headings with their settings, lines that continue left out.

    Raises: GeneralError: it exists and cannot be read. Source: [peer].
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError) as error:
        raise GeneralError(f"Unable to parse config file: {path}") from error
    try:
        yield from _parse_sections(text).items()
    except ValueError as error:
        raise GeneralError(f"Unable to parse config file: {path}") from error


def _parse_sections(text: str) -> dict[str, dict[str, str]]:
    """Part a text into sections. Raises: ValueError: it is no INI text."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    depth: int | None = None
    for line in text.split("\n"):
        content = line.strip()
        if not content or content[0] in "#;":
            continue
        indent = len(line) - len(line.lstrip())
        if depth is not None and indent > depth:
            continue  # nested settings, deeper than the one that they belong to
        heading = re.match(r"\[(.+)\]", content)
        if heading is not None:
            depth = None
            section = _add(sections, heading[1], {})
        elif section is None:
            raise ValueError(line)
        else:
            depth = indent
            name, value = _split_setting(content)
            _add(section, name, value)
    return sections


def _split_setting(content: str) -> tuple[str, str]:
    """Split `name = value` or `name: value` at the first sign."""
    match = re.search("[=:]", content)
    if match is None or match.start() == 0:
        raise ValueError(content)
    return content[: match.start()].strip().lower(), content[match.end() :].strip()


def _add(values: dict[str, V], name: str, value: V) -> V:
    if name in values:
        raise ValueError(name)
    values[name] = value
    return value
