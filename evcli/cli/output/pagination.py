"""Following the pages of a list operation, and the tokens that continue it later.

Three operations are followed automatically: their pages are fetched until no token
comes back or `--max-items` is reached. A cut list gets a token of the command line's
own: base64 of JSON that says which page to ask for again and how many of its items were
already given. All others make one call. Source: [aws] tokens byte for byte, [peer].
"""

from __future__ import annotations

import json

from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.output.rendering import TOKEN, Pages
from evcli.errors import ParamValidationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from typing import Any

    from evcli.cli.output.rendering import Step
    from evcli.model.shapes import Operation, Pagination

    Call = Callable[[dict[str, Any]], dict[str, Any]]

# botocore's own name, on every laptop's clipboard since.
OFFSET = "boto_truncate_amount"
PAGING_OPTIONS = ("starting_token", "page_size", "max_items")


def choose_pagination(
    operation: Operation,
    request: dict[str, Any],
    options: Mapping[str, Any],
    warn: Callable[[str], None] | None = None,
) -> Pagination | None:
    """Say how the pages of a request are followed; `None` where one call is all.

    Args:
        options: `no_paginate`, `max_items`, `page_size`, `starting_token`; absent or
            `None` where not given.
        warn: takes a line for stderr.

    Raises: ParamValidationError: paging options beside a page asked for in a document.
    """
    pagination = operation.automatic_pagination
    if pagination is None:
        return None
    if options.get("max_items") is not None and options["max_items"] <= 0 and warn:
        warn(
            "warning: Non-positive values for --max-items may result in "
            "undefined behavior."
        )
    if options.get("no_paginate") or _asks_for_page(pagination, request):
        _check_no_paging_left(operation, options)
        return None
    return pagination


def fetch_pages(
    call: Call,
    pagination: Pagination,
    request: dict[str, Any],
    options: Mapping[str, Any],
) -> Pages:
    """Make the calls that a request and its paging options ask for, when iterated.

    Args:
        call: request to response.
        options: as for `choose_pagination`.
    """
    return Pages(_follow(call, request, options, pagination), pagination.result)


def check_paging_options(
    operation: Operation, given: Container[str], options: Mapping[str, Any]
) -> None:
    """Refuse paging options when pages are not followed.

    Args:
        given: names of the members that have an option on the command line; a page
            asked for by hand (`--next-token`, `--limit`) turns following off.

    Raises:
        ParamError: names those of the three that are used, in the client's order.
    """
    pagination = operation.automatic_pagination
    if pagination is None:
        return
    if options.get("no_paginate") or _asks_for_page(pagination, given):
        # Zero and the empty string do not count as used. Source: [peer].
        used = [name for name in PAGING_OPTIONS if options.get(name)]
        if used:
            names = ", ".join("--" + name.replace("_", "-") for name in used)
            raise ParamError(
                "Cannot specify --no-paginate along with pagination arguments: " + names
            )


def _asks_for_page(pagination: Pagination, members: Container[str]) -> bool:
    return TOKEN in members or pagination.limit in members


def _check_no_paging_left(operation: Operation, options: Mapping[str, Any]) -> None:
    """Word the official client's accident: the options become a member unknown to it."""
    if any(options.get(name) is not None for name in PAGING_OPTIONS):
        names = ", ".join(operation.request.members)
        raise ParamValidationError(
            [f'Unknown parameter in input: "PaginationConfig", must be one of: {names}']
        )


def _follow(
    call: Call,
    request: dict[str, Any],
    options: Mapping[str, Any],
    pagination: Pagination,
) -> Iterator[Step]:
    """Yield each page with the token that continues after it, if it is the last."""
    position, offset = parse_token(options.get("starting_token"))
    if options.get("page_size") is not None:
        request = {**request, pagination.limit: options["page_size"]}
    left = options.get("max_items")
    while True:
        asked = {name: value for name, value in position.items() if value is not None}
        response = call({**request, **asked})
        items = response.get(pagination.result, [])[offset:]
        if left is not None and len(items) > left:
            # [peer] A negative number cuts from the end and counts below zero.
            position[OFFSET] = offset + left
            yield {**response, pagination.result: items[:left]}, format_token(position)
            return
        if left is not None:
            left -= len(items)
        position, offset = {TOKEN: response.get(TOKEN)}, 0
        is_cut = left == 0 and bool(position[TOKEN])
        yield (
            {**response, pagination.result: items},
            format_token(position) if is_cut else "",
        )
        if is_cut or not position[TOKEN]:
            return


def format_token(position: dict[str, Any]) -> str:
    """Format the token that `--starting-token` takes.

    Args:
        position: the service's token of a page (null for the first one), and how many
            of its items were given, if any were.
    """
    import binascii

    text = json.dumps(position).encode()
    return binascii.b2a_base64(text, newline=False).decode()


def parse_token(token: str | None) -> tuple[dict[str, Any], int]:
    """Split a starting token into the members that ask for a page and an offset in it.

    Text that is no token of the command line is a token of the service, with the offset
    behind three underscores in the oldest form.

    Raises:
        GeneralError: a token that is neither. Source: [peer] for the exit code.
    """
    import binascii

    if token is None:
        return {TOKEN: None}, 0
    try:
        position = json.loads(binascii.a2b_base64(token.encode()).decode())
    except ValueError:
        return _parse_old_token(token)
    offset = position.pop(OFFSET, 0) if isinstance(position, dict) else None
    if not isinstance(offset, int):
        raise GeneralError(f"Bad starting token: {token}")
    return position, offset


def _parse_old_token(token: str) -> tuple[dict[str, Any], int]:
    text, separator, offset = token.partition("___")
    if "___" in offset:
        raise GeneralError(f"Bad starting token: {token}")
    try:
        number = int(offset) if separator else 0
    except ValueError:
        text, number = token, 0
    return {TOKEN: None if text == "None" else text}, number
