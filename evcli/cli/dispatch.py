"""Which command argv names, and how an operation is run: request, call, response.

`main.run` has taken completion and `evcli local` apart before; what comes here is an
operation, `help` or `--version`. click is not needed for any of them: its view of the
commands, in `commands`, asks the same functions.
"""

from __future__ import annotations

from evcli import load
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.output.rendering import write_response
from evcli.cli.parsing import arguments
from evcli.cli.parsing.requests import ValueReader, merge_document, read_values
from evcli.cli.parsing.scanner import VersionRequested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO

    from evcli.cli.output.rendering import Pages
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.model.shapes import Operation

    RunOperation = Callable[[Session, Operation, Sequence[str]], int]

# What evcli does after the response was written: operation -> module of this package,
# which has a function `follow_up` (session, context, request, response, options) -> exit
# code, and the options of which one has to ask for it, none if it is always done. Standard
# output stays what the official client would print.
FOLLOW_UPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "PutEvents": ("entries_exit_code", ("exit_code", "expect_match")),
    "StartReplay": ("replay_progress", ()),
    "TestEventPattern": ("explanation", ("explain", "exit_code")),
}

# Operations that may accept something and nothing comes of it: a terminal is told why, by
# `hints`, and what does not fit its schema, by `event_schemas`.
HINTED = ("PutEvents", "PutPartnerEvents")

# What evcli does with a request before the operation is called: operation -> module of
# this package, which has a function `prepare` (session, context, request).
PREPARATIONS = {"TestEventPattern": "explanation"}

SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]*:"


def begin(session: Session, argv: Sequence[str]) -> list[str]:
    """Take the global options and load what they decide; give the other tokens."""
    session.options, tokens = arguments.parse_globals(argv)
    check_globals(session.options)
    session.load_settings()
    if session.settings.region is not None and session.is_watched():
        from evcli.cli.hints import hint_at_region

        hint_at_region(session, session.settings.region)
    return tokens


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
    if url is not None and not _has_scheme(url):
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


def _has_scheme(url: str) -> bool:
    import re  # few commands have a URL

    return re.match(SCHEME, url) is not None


def run_operation(session: Session, operation: Operation, tokens: Sequence[str]) -> int:
    """Run an operation with the tokens behind its name; give the exit code.

    The order of checks is the official client's: options, paging options, values,
    profile, document, skeleton, region, parameters. Source: [aws] [peer].

    Raises: EvcliError: whatever went wrong on the way.
    """
    if session.options.get("help"):
        return show_help(session, operation)
    try:
        values, own_options = arguments.parse_operation(operation, tokens)
    except arguments.HelpRequested:
        return show_help(session, operation)
    session.operation_name = operation.name
    # Standard input is there only once, and the reader keeps it for further runs.
    reader = ValueReader(session.read_input)

    def run_once() -> int:
        return _run_invocation(session, operation, values, own_options, reader)

    if own_options.get("watch"):
        from evcli.cli.watching import list_files, run_on_every_save

        run_on_every_save(session, list_files(values, own_options), run_once)
    return run_once()


def _run_invocation(
    session: Session,
    operation: Operation,
    values: Mapping[str, Any],
    own_options: Mapping[str, Any],
    reader: ValueReader,
) -> int:
    options = {**session.options, **own_options}
    if operation.automatic_pagination is not None:
        from evcli.cli.output.pagination import check_paging_options

        check_paging_options(operation, values, options)
    request = read_values(operation, values, options, reader)
    session.check_profile()
    request = merge_document(operation, request, options)
    skeleton = options.get("generate_cli_skeleton")
    if skeleton in ("input", "yaml-input"):
        from evcli.cli.output.skeletons import write_skeleton

        write_skeleton(skeleton, operation, session.stdout)
        return 0
    session.settings.check_region()
    if skeleton == "output":
        return _write_sample(session, operation, request)
    ctx = session.open_context()
    try:
        if operation.name in PREPARATIONS:
            load(f"evcli.cli.{PREPARATIONS[operation.name]}", "prepare")(
                session, ctx, request
            )
        response = _call_and_write(session, ctx, operation, request, options)
        return _follow_up(session, ctx, request, response, options)
    finally:
        ctx.close()


def dispatch(
    session: Session, argv: Sequence[str], run: RunOperation = run_operation
) -> int:
    """Run what argv names, an operation by `run`; give the exit code."""
    try:
        tokens = begin(session, argv)
    except VersionRequested:
        return show_version(session)
    if not tokens and session.options.get("help"):
        return show_help(session, None)
    if tokens in ([], ["events"]) and session.is_watched():
        return show_overview(session)
    command, tokens = arguments.parse_command(tokens)
    if command == "help":
        return show_help(session, tokens[0] if tokens else None)
    return run(session, arguments.find_operation(command), tokens)


def _call_and_write(
    session: Session,
    ctx: Context,
    operation: Operation,
    request: dict[str, Any],
    options: dict[str, Any],
) -> dict[str, Any]:
    """Call an operation, then write its response; give it back.

    The pages of a list are fetched while they are written; they give no response.
    """
    output = session.find_output(ctx.configuration)

    def call(page_request: dict[str, Any]) -> dict[str, Any]:
        return call_operation(session, ctx, operation, page_request)

    try:
        if operation.automatic_pagination is not None:
            from evcli.cli.output.pagination import choose_pagination, fetch_pages

            pagination = choose_pagination(operation, request, options, session.warn)
            if pagination is not None:
                pages = fetch_pages(call, pagination, request, options)
                _write(session, operation, pages, output)
                return {}
        response = call_operation(session, ctx, operation, request)
        _write(session, operation, response, output)
        return response
    finally:
        session.warn_notices(ctx)


def call_operation(
    session: Session, ctx: Context, operation: Operation, request: dict[str, Any]
) -> dict[str, Any]:
    """Call an operation once, with a line about it for `--debug`."""
    from evcli.operations import call

    if session.options.get("debug"):
        from evcli.model.secrets import hide_secrets

        session.debug(f"{operation.name} {hide_secrets(operation.request, request)}")
    response = call(
        ctx, operation.name, request, client=session.settings.checks_parameters
    )
    session.is_carried_out = True
    return response


def _follow_up(
    session: Session,
    ctx: Context,
    request: dict[str, Any],
    response: dict[str, Any],
    options: dict[str, Any],
) -> int:
    """Do what evcli does after the response, if anything; give the exit code."""
    if session.operation_name in HINTED and session.is_watched():
        from evcli.cli.event_schemas import warn_of_misfits
        from evcli.cli.hints import hint_at_entries

        session.flush_output()
        hint_at_entries(session, ctx, request, response)
        warn_of_misfits(session, ctx, request, response)
    module_name, asking = FOLLOW_UPS.get(session.operation_name, ("", ()))
    if not module_name or (asking and not any(map(options.get, asking))):
        return 0
    session.stdout.flush()
    follow_up = load(f"evcli.cli.{module_name}", "follow_up")
    code: int = follow_up(session, ctx, request, response, options)
    return code


def _write(
    session: Session,
    operation: Operation,
    response: dict[str, Any] | Pages,
    output: str,
) -> None:
    """Write a response to standard output, on a terminal through the pager."""
    session.write_output(
        lambda stream: write_response(
            operation,
            response,
            output=output,
            query=session.options.get("query"),
            color=session.options.get("color", "auto"),
            timestamp_format=session.settings.timestamp_format,
            stream=stream,
        )
    )


def _write_sample(
    session: Session, operation: Operation, request: dict[str, Any]
) -> int:
    """Write a sample response; the request is checked, and so is the sample itself.

    Raises: ParamValidationError: of two operations the sample is invalid. Source: [aws].
    """
    from evcli.cli.output.skeletons import build_sample
    from evcli.errors import ParamValidationError
    from evcli.model.check import find_client_problems

    problems = find_client_problems(operation.request, request)
    sample: dict[str, Any] = {}
    if not problems and operation.response is not None:
        sample = build_sample(operation.response, operation.response.name)
        problems = find_client_problems(operation.response, sample)
    if problems:
        raise ParamValidationError(problems)
    _write(session, operation, sample, session.settings.output or "json")
    return 0


def show_help(session: Session, about: Operation | str | None) -> int:
    """Show the page of an operation, of a topic, or of the program.

    Args:
        about: the operation, or the name of one or of a topic.

    Raises: UsageError: there is neither of that name.
    """
    from evcli.cli.help.pages import format_operation_help, format_program_help
    from evcli.cli.help.topics import TOPICS, read_topic

    if isinstance(about, str) and about in TOPICS:
        page = read_topic(about)
    elif about is not None:
        operation = (
            arguments.find_operation(about, TOPICS) if isinstance(about, str) else about
        )
        page = format_operation_help(operation, session.program)
    else:
        page = format_program_help(session.program)
    write_page(session, page)
    return 0


def show_overview(session: Session) -> int:
    """Show where to begin; the exit code is that of a command line without a command."""
    from evcli.cli.errors import PARAM_VALIDATION_CODE
    from evcli.cli.help.overview import format_overview
    from evcli.cli.help.pages import find_caller

    session.stdout.write(format_overview(find_caller(session.program)))
    return PARAM_VALIDATION_CODE


def write_page(session: Session, page: str) -> None:
    """Write a page of help, on a terminal through the pager."""
    from evcli.cli.help.pages import embolden

    def write(stream: TextIO) -> None:
        stream.write(embolden(page) if stream.isatty() else page)

    session.write_output(write)


def show_version(session: Session) -> int:
    """Print one line in the form that the official client has."""
    import platform

    from evcli import __version__

    session.stdout.write(
        f"evcli/{__version__} Python/{platform.python_version()}"
        f" {platform.system()}/{platform.release()}\n"
    )
    return 0
