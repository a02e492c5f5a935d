"""Run one invocation: request, call, answer, notices."""

from __future__ import annotations

from evcli import load
from evcli.cli.output.rendering import write_response
from evcli.cli.parsing.requests import merge_document, read_values
from evcli.cli.parsing.values import ValueReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TextIO

    from evcli.cli.output.rendering import Pages
    from evcli.cli.parsing.arguments import Invocation
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.model.shapes import Operation

    # (session, context, request, response, options) -> exit code
    FollowUp = Callable[
        [Session, Context, dict[str, Any], dict[str, Any], dict[str, Any]], int
    ]

# What evcli does after the answer: operation -> module of this package, which has a
# function `follow_up`. Standard output stays what the official client would print.
FOLLOW_UPS = {"StartReplay": "replaying", "TestEventPattern": "explaining"}


def invoke(session: Session, invocation: Invocation) -> int:
    """Run an operation and write its answer; give the exit code.

    The order of checks is the official client's: paging options, values, profile,
    document, skeleton, region, parameters. Source: [aws] [peer].

    Raises: EvcliError: whatever went wrong on the way.
    """
    operation = invocation.operation
    session.operation_name = operation.name
    options = {**session.options, **invocation.options}
    if follows_pages(operation):
        from evcli.cli.output.pagination import check_paging_options

        check_paging_options(operation, invocation.values, options)
    request = read_values(invocation, ValueReader(session.read_input))
    options.update(invocation.options)
    session.check_profile()
    request = merge_document(operation, request, options)
    skeleton = options.get("generate_cli_skeleton")
    if skeleton is not None and skeleton != "output":
        from evcli.cli.output.skeletons import write_skeleton

        write_skeleton(str(skeleton), operation, session.stdout)
        return 0
    session.settings.check_region()
    if skeleton == "output":
        return _answer_sample(session, operation, request)
    ctx = session.open_context()
    try:
        response = _call_and_write(session, ctx, operation, request, options)
        follow_up = find_follow_up(operation.name)
        if follow_up is None:
            return 0
        session.stdout.flush()
        return follow_up(session, ctx, request, response, options)
    finally:
        ctx.close()


def _call_and_write(
    session: Session,
    ctx: Context,
    operation: Operation,
    request: dict[str, Any],
    options: dict[str, Any],
) -> dict[str, Any]:
    """Call an operation, then write its answer; give the response.

    The pages of a list are fetched while they are written; they give no response.
    """
    output = session.find_output(ctx.configuration)
    try:
        if follows_pages(operation):
            pages = _fetch_pages(session, ctx, operation, request, options)
            if pages is not None:
                write(session, operation, pages, output)
                return {}
        response = call_operation(session, ctx, operation, request)
        write(session, operation, response, output)
        return response
    finally:
        session.warn_notices(ctx)


def follows_pages(operation: Operation) -> bool:
    """Say whether the official client follows the pages of an operation by itself."""
    return operation.pagination is not None and operation.pagination.automatic


def _fetch_pages(
    session: Session,
    ctx: Context,
    operation: Operation,
    request: dict[str, Any],
    options: dict[str, Any],
) -> Pages | None:
    """Follow the pages, called one by one as they are written; `None`: one call is all."""
    from evcli.cli.output.pagination import choose_pagination, fetch_pages

    pagination = choose_pagination(operation, request, options, session.warn)
    if pagination is None:
        return None

    def fetch(page_request: dict[str, Any]) -> dict[str, Any]:
        return call_operation(session, ctx, operation, page_request)

    return fetch_pages(fetch, pagination, request, options)


def call_operation(
    session: Session, ctx: Context, operation: Operation, request: dict[str, Any]
) -> dict[str, Any]:
    """Call an operation once, with a line about it for `--debug`."""
    from evcli.operations import call

    if session.get_debug_hook():
        from evcli.model.secrets import hide_secrets

        session.debug(f"{operation.name} {hide_secrets(operation.request, request)}")
    response = call(
        ctx, operation.name, request, client=session.settings.checks_parameters
    )
    session.is_carried_out = True
    return response


def find_follow_up(name: str) -> FollowUp | None:
    """Load what an operation does after its answer was written, if it does something."""
    module_name = FOLLOW_UPS.get(name)
    if module_name is None:
        return None
    found: FollowUp = load(f"evcli.cli.{module_name}", "follow_up")
    return found


def write(
    session: Session,
    operation: Operation,
    response: dict[str, Any] | Pages,
    output: str,
) -> None:
    """Write an answer to standard output, on a terminal through the pager."""
    options = session.options

    def write_to(stream: TextIO, _is_terminal: bool) -> None:
        write_response(
            operation,
            response,
            output=output,
            query=options.get("query"),
            color=options.get("color", "auto"),
            timestamp_format=session.settings.timestamp_format,
            stream=stream,
        )

    session.show(write_to)


def _answer_sample(
    session: Session, operation: Operation, request: dict[str, Any]
) -> int:
    """Answer with a sample; the request is checked, and so is the sample itself.

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
    write(session, operation, sample, session.settings.output or "json")
    return 0
