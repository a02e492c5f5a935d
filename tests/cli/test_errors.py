"""Bytes and exit codes of every kind of error."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from evcli.cli.errors import (
    GeneralError,
    PagerError,
    ParamError,
    UnknownOptionsError,
    UsageError,
    ValueSyntaxError,
)
from evcli.cli.output.error_output import format_usage, show_error
from evcli.errors import (
    ConfigurationError,
    EvcliError,
    ParamValidationError,
    ResourceNotFoundException,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Spy

USAGE = (
    "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n"
    "To see help text, you can run:\n"
    "\n"
    "  aws help\n"
    "  aws <command> help\n"
    "  aws <command> <subcommand> help\n"
)
MISSING = "the following arguments are required: --name"
NO_BUS = ResourceNotFoundException("Event bus nope does not exist.")


def test_a_local_command_blames_no_operation() -> None:
    stream = io.StringIO()

    code = show_error(NO_BUS, stream)

    assert (code, stream.getvalue()) == (
        254,
        "\nevcli: [ERROR]: An error occurred (ResourceNotFoundException): Event bus nope"
        " does not exist.\n",
    )


def show(error: EvcliError, error_format: str = "enhanced") -> tuple[int, str]:
    stream = io.StringIO()
    code = show_error(
        error,
        stream,
        program="aws",
        error_format=error_format,
        operation_name="DescribeEventBus",
    )
    return code, stream.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (
            UsageError(MISSING),
            252,
            "\naws: [ERROR]: An error occurred (ParamValidation): the following"
            f" arguments are required: --name\n\n{USAGE}",
        ),
        (
            UnknownOptionsError(["--bogus", "y"]),
            252,
            f"\n{USAGE}\n\naws: [ERROR]: Unknown options: --bogus, y\n",
        ),
        (
            ParamValidationError(['Missing required parameter in Tags[0]: "Value"']),
            252,
            "\naws: [ERROR]: An error occurred (ParamValidation): Parameter validation"
            ' failed:\nMissing required parameter in Tags[0]: "Value"\n',
        ),
        (
            ValueSyntaxError("--ids", "Invalid JSON:\n["),
            252,
            "\naws: [ERROR]: An error occurred (ParamValidation): Error parsing"
            " parameter '--ids': Invalid JSON:\n[\n",
        ),
        (
            ParamError(" stripped\n\n"),
            252,
            "\naws: [ERROR]: An error occurred (ParamValidation):  stripped\n",
        ),
        (
            ConfigurationError("Unknown cli_timestamp_format value: foo"),
            253,
            "\naws: [ERROR]: An error occurred (Configuration): Unknown"
            " cli_timestamp_format value: foo\n",
        ),
        (
            ConfigurationError("config.toml is no TOML."),
            253,
            "\naws: [ERROR]: An error occurred (Configuration): config.toml is no"
            " TOML.\n",
        ),
        (
            NO_BUS,
            254,
            "\naws: [ERROR]: An error occurred (ResourceNotFoundException) when calling"
            " the DescribeEventBus operation: Event bus nope does not exist.\n",
        ),
        (
            GeneralError("invalid literal for int() with base 10: 'x'"),
            255,
            "\naws: [ERROR]: invalid literal for int() with base 10: 'x'\n",
        ),
        (EvcliError("something else"), 255, "\naws: [ERROR]: something else\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_error_is_laid_out_as_by_the_official_client(
    error: EvcliError, code: int, text: str
) -> None:
    assert show(error) == (code, text)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UsageError(MISSING), f"\naws: [ERROR]: {MISSING}\n\n{USAGE}"),
        (ConfigurationError("Bad."), "\naws: [ERROR]: Bad.\n"),
        (
            NO_BUS,
            "\naws: [ERROR]: An error occurred (ResourceNotFoundException) when calling"
            " the DescribeEventBus operation: Event bus nope does not exist.\n",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_legacy_leaves_the_classes_of_the_client_out(
    error: EvcliError, text: str
) -> None:
    assert show(error, "legacy")[1] == text


@pytest.mark.parametrize(
    ("error_format", "text"),
    [
        (
            "json",
            '{\n    "Message": "Event bus nope does not exist.",\n'
            '    "Code": "ResourceNotFoundException"\n}\n',
        ),
        (
            "yaml",
            "Code: ResourceNotFoundException\nMessage: Event bus nope does not exist.\n",
        ),
        ("text", "ResourceNotFoundException\tEvent bus nope does not exist.\n"),
        (
            "table",
            "-----------------------------------------------------------------\n"
            "|                             error                             |\n"
            "+----------------------------+----------------------------------+\n"
            "|            Code            |             Message              |\n"
            "+----------------------------+----------------------------------+\n"
            "|  ResourceNotFoundException |  Event bus nope does not exist.  |\n"
            "+----------------------------+----------------------------------+\n",
        ),
    ],
)
def test_structured_formats_have_no_prefix(error_format: str, text: str) -> None:
    code, shown = show(NO_BUS, error_format)

    if error_format == "table":
        rows = [[cell.strip() for cell in row.split("|")] for row in shown.split("\n")]
        wanted = [[cell.strip() for cell in row.split("|")] for row in text.split("\n")]
        shown, text = str(rows[1::2]), str(wanted[1::2])
    assert (code, shown) == (254, text)


def test_the_client_names_the_class_first() -> None:
    code, shown = show(ParamError("Bad."), "json")

    assert (code, shown) == (
        252,
        '{\n    "Code": "ParamValidation",\n    "Message": "Bad."\n}\n',
    )


def test_a_structured_usage_error_holds_the_usage() -> None:
    _, shown = show(UsageError(MISSING), "json")

    assert json.loads(shown) == {
        "Code": "ParamValidation",
        "Message": f"{MISSING}\n\n{USAGE}".strip(),
    }


@pytest.mark.parametrize("error_format", ["legacy", "json", "yaml", "text", "table"])
def test_no_format_changes_unknown_options_and_general_errors(
    error_format: str,
) -> None:
    unknown, general = UnknownOptionsError(["x"]), GeneralError("Bad.")

    assert show(unknown, error_format) == show(unknown)
    assert show(general, error_format) == show(general)


def test_a_pager_that_cannot_start_is_a_class_of_its_own() -> None:
    code, shown = show(PagerError("nope", "No such file"))

    assert code == 253
    assert shown.startswith("\naws: [ERROR]: An error occurred (Pager): Unable to")


def test_usage_names_the_program_that_was_called() -> None:
    assert format_usage("aws") == USAGE
    assert format_usage("evcli") == USAGE.replace("aws", "evcli")


@pytest.mark.parametrize(
    ("argv", "environ"),
    [
        (["--cli-error-format", "json"], {}),
        ([], {"AWS_CLI_ERROR_FORMAT": "json"}),
    ],
)
def test_a_command_lays_errors_out_as_asked(
    argv: list[str],
    environ: dict[str, str],
    entry: str,
    evcli_command: Callable[..., Outcome],
    spy: Spy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy.responses = [NO_BUS]
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    outcome = evcli_command(
        "describe-event-bus", *argv, "--output", "text", entry=entry
    )

    assert outcome == (254, "", show(NO_BUS, "json")[1])


def test_the_environment_lays_out_what_the_parser_refuses(
    entry: str, evcli_command: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CLI_ERROR_FORMAT", "text")

    outcome = evcli_command("list-rules", "--output", "xml", entry=entry)

    assert outcome.code == 252
    assert outcome.stderr.startswith(
        "ParamValidation\targument --output: Found invalid choice 'xml'"
    )
