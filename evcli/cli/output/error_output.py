"""How errors are written to standard error: one line, or a document where that is wanted.

Source: [aws] layout of every class, the structured forms of `--cli-error-format`.
"""

from __future__ import annotations

from evcli.cli.errors import UnknownOptionsError, UsageError, describe_error
from evcli.cli.output import DEFAULT_ERROR_FORMAT, ERROR_FORMATS, FORMATTERS
from evcli.cli.session import DEFAULT_PROFILE, find_profile, read_profile
from evcli.errors import EvcliError, ServiceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TextIO

    from evcli.cli.session import Session


def find_error_format(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Say how errors are laid out; unusable values mean `enhanced`. Source: [aws]."""
    chosen = options.get("cli_error_format") or environ.get("AWS_CLI_ERROR_FORMAT")
    if not chosen:
        profile = find_profile(options, environ) or DEFAULT_PROFILE
        chosen = (read_profile(environ, profile) or {}).get("cli_error_format")
    return chosen if chosen in ERROR_FORMATS else DEFAULT_ERROR_FORMAT


def report_error(session: Session, error: EvcliError) -> int:
    """Write an error in the form that the session asks for; give the exit code."""
    try:
        error_format = find_error_format(session.options, session.environ)
    except EvcliError:
        error_format = DEFAULT_ERROR_FORMAT
    session.show_trace()
    return show_error(
        error,
        session.stderr,
        program=session.program,
        error_format=error_format,
        operation_name=session.operation_name,
    )


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


def show_error(
    error: EvcliError,
    stderr: TextIO,
    *,
    program: str = "evcli",
    error_format: str = DEFAULT_ERROR_FORMAT,
    operation_name: str = "",
) -> int:
    """Write an error the way the official command line does; give the exit code.

    Args:
        error: what happened.
        stderr: where to write it.
        program: the name at the start of the line.
        error_format: one of `ERROR_FORMATS`.
        operation_name: the operation that was called, for the service's answers; empty
            for a local command, which calls none.
    """
    from evcli.cli.output.folding import fold
    from evcli.cli.output.visible import make_visible

    code, class_name = describe_error(error)
    message = error.message
    if isinstance(error, UsageError):
        message = f"{message}\n\n{format_usage(program)}"
    if isinstance(error, UnknownOptionsError):
        stderr.write(f"\n{format_usage(program)}\n")
    elif class_name is not None and error_format in FORMATTERS:
        is_service = isinstance(error, ServiceError)
        text = _format_structured(class_name, message, error_format, is_service)
        stderr.write(make_visible(text))
        return code
    line = _dress(error, class_name, message, error_format, operation_name)
    text = f"{program}: [ERROR]: {make_visible(line).strip()}"
    if error.advice:
        text += f"\n{make_visible(error.advice)}"
    stderr.write(f"\n{fold(text, stderr, 0)}\n")
    return code


def _dress(
    error: EvcliError,
    class_name: str | None,
    message: str,
    error_format: str,
    operation_name: str,
) -> str:
    if isinstance(error, ServiceError) and operation_name:
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

    from evcli.cli.output.rendering import write_response
    from evcli.model.shapes import Member, Operation, string

    members = [Member("Code", string("Code")), Member("Message", string("Message"))]
    if is_service:  # the wire's order, as received
        members.reverse()
    text = StringIO()
    write_response(
        Operation("error", "", request=(), response=tuple(members), errors=()),
        {"Code": class_name, "Message": message.strip()},
        output=error_format,
        query=None,
        color="auto",
        timestamp_format="iso8601",
        stream=text,
    )
    return text.getvalue()
