"""The command line's own errors, and how every error becomes text and an exit code.

    EvcliError
    ├── UsageError            the words do not fit the grammar of options; usage follows
    ├── UnknownOptionsError   words that no option asked for; usage comes first
    ├── ParamError            a value that cannot be read, or options that exclude
    ├── SettingError          the surroundings say something that evcli cannot use
    │   └── PagerError        the pager among them
    └── GeneralError          anything else that has one line to say

Raisers state facts. `show_error` is the only place that words, lays out and numbers
them: 252 request, 253 configuration, 254 service, 255 anything else.

Source: [cli] layout of every class, the structured forms of `--cli-error-format`.
"""

from __future__ import annotations

from evcli.errors import (
    ConfigurationError,
    EvcliError,
    ParamValidationError,
    ServiceError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

PARAM_VALIDATION_CODE = 252
CONFIGURATION_CODE = 253
SERVICE_CODE = 254
GENERAL_CODE = 255
INTERRUPT_CODE = 130

STRUCTURED_FORMATS = ("json", "yaml", "text", "table")


class UsageError(EvcliError):
    """The words do not fit: missing, ambiguous or unusable options."""


class UnknownOptionsError(EvcliError):
    """Words that are left over; no error format changes how this is told."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(f"Unknown options: {', '.join(words)}")
        self.words = words


class ParamError(EvcliError):
    """A value that cannot be read, or options that exclude each other."""


class ValueSyntaxError(ParamError):
    """The value of one option cannot be read; `option` as the message spells it."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"Error parsing parameter '{option}': {problem}")
        self.option = option


class SettingError(EvcliError):
    """A setting of the environment or of a configuration file is unusable."""


class PagerError(SettingError):
    """The pager cannot be started. Source: [peer] the first sentence."""

    def __init__(self, command: str, problem: str) -> None:
        super().__init__(
            "Unable to redirect output to pager. Received the following error when "
            f"opening pager:\n{problem}\n\n"
            f"The pager is {command!r}; AWS_PAGER names another one, and an empty "
            "AWS_PAGER or --no-cli-pager uses none."
        )


class GeneralError(EvcliError):
    """One line, exit code 255, never dressed up."""


def format_usage(program: str) -> str:
    """Say how commands are formed; `program` is the name that evcli was called by."""
    return (
        f"usage: {program} [options] <command> <subcommand> [<subcommand> ...]"
        " [parameters]\n"
        "To see help text, you can run:\n"
        "\n"
        f"  {program} help\n"
        f"  {program} <command> help\n"
        f"  {program} <command> <subcommand> help\n"
    )


def describe_error(error: EvcliError) -> tuple[int, str | None]:
    """Give the exit code and the class that messages name, if they name one."""
    if isinstance(error, ServiceError):
        return SERVICE_CODE, error.code
    if isinstance(error, UsageError | ParamError | ParamValidationError):
        return PARAM_VALIDATION_CODE, "ParamValidation"
    if isinstance(error, UnknownOptionsError):
        return PARAM_VALIDATION_CODE, None
    if isinstance(error, PagerError):
        return CONFIGURATION_CODE, "Pager"
    if isinstance(error, SettingError | ConfigurationError):
        return CONFIGURATION_CODE, "Configuration"
    return GENERAL_CODE, None


def show_error(
    error: EvcliError,
    stderr: TextIO,
    *,
    program: str = "evcli",
    error_format: str = "enhanced",
    operation_name: str = "",
) -> int:
    """Write an error the way the official command line does; give the exit code.

    Args:
        error: what happened.
        stderr: where to tell it.
        program: the name at the start of the line.
        error_format: legacy, json, yaml, text, table or enhanced.
        operation_name: the operation that was called, for the service's answers.
    """
    from evcli.cli.visible import make_visible

    code, class_name = describe_error(error)
    message = error.message
    if isinstance(error, UsageError):
        message = f"{message}\n\n{format_usage(program)}"
    if isinstance(error, UnknownOptionsError):
        stderr.write(f"\n{format_usage(program)}\n")
    elif class_name is not None and error_format in STRUCTURED_FORMATS:
        is_service = isinstance(error, ServiceError)
        text = _format_structured(class_name, message, error_format, is_service)
        stderr.write(make_visible(text))
        return code
    line = _dress(error, class_name, message, error_format, operation_name)
    stderr.write(f"\n{program}: [ERROR]: {make_visible(line).strip()}\n")
    return code


def _dress(
    error: EvcliError,
    class_name: str | None,
    message: str,
    error_format: str,
    operation_name: str,
) -> str:
    if isinstance(error, ServiceError):
        return (
            f"An error occurred ({class_name}) when calling the {operation_name}"
            f" operation: {message}"
        )
    if class_name is None or error_format == "legacy":
        return message
    return f"An error occurred ({class_name}): {message}"


def _format_structured(
    class_name: str, message: str, error_format: str, is_service: bool
) -> str:
    from io import StringIO

    from evcli.cli.output import write_answer
    from evcli.model.shapes import Member, Operation, string, structure

    members = [Member("Code", string("Code")), Member("Message", string("Message"))]
    if is_service:  # the wire's order, as received
        members.reverse()
    shape = structure("error", *members)
    text = StringIO()
    write_answer(
        Operation("error", "", request=shape, response=shape, errors=()),
        iter([{"Code": class_name, "Message": message.strip()}]),
        output=error_format,
        query=None,
        color="auto",
        timestamp_format="iso8601",
        stream=text,
        is_terminal=False,
    )
    return text.getvalue()
