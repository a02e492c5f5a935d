"""Pages of lists: the items after a place, and the token that names the place.

Source: [aws] a token only while items remain, and page sizes may change between pages;
[doc] at most 100 on a page; [guess] ascending by name, and the token's inside.
"""

from __future__ import annotations

import binascii

from evcli.errors import InvalidToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from evcli.context import Context
    from evcli.store.records import Record

    R = TypeVar("R", bound=Record)
    T = TypeVar("T")

PAGE_SIZE = 100


def list_page(
    ctx: Context,
    request: dict[str, Any],
    kind: type[R],
    *scope: str,
    where: dict[str, object] | None = None,
    keep: Callable[[R], bool] | None = None,
    limit: str = "Limit",
) -> tuple[list[R], dict[str, str]]:
    """List one page of records, ascending by the key column after `scope`.

    Args:
        request: may hold `NamePrefix`, `NextToken` and the member named by `limit`.
        scope: the leading key columns of the records to list.
        where: further columns and the values that they must have.
        keep: says which records belong, where a column cannot; reading goes on until
            the page is full. Every record needs a value of its own to sort by.

    Returns:
        The records, and `{"NextToken": …}` or `{}` to put at the response's end.

    Raises: InvalidToken: the token is not one of this list.
    """
    size = request.get(limit, PAGE_SIZE)
    column = kind.KEY[len(scope)]
    after = parse_token(kind.TABLE, request.get("NextToken"))
    records: list[R] = []
    while len(records) <= size:
        batch = ctx.store.list_records(
            kind,
            *scope,
            prefix=request.get("NamePrefix", ""),
            after=after,
            limit=size + 1,
            where=where,
        )
        records += filter(keep, batch) if keep is not None else batch
        if len(batch) <= size:
            break
        after = getattr(batch[-1], column)
    return cut_page(
        kind.TABLE, records[: size + 1], size, lambda item: getattr(item, column)
    )


def cut_page(
    list_name: str, items: list[T], size: int, name_of: Callable[[T], str]
) -> tuple[list[T], dict[str, str]]:
    """Cut a page from a list that was asked for one item more than the page holds.

    Args:
        name_of: what the items are sorted by; the token keeps the last one's.

    Returns:
        The items, and `{"NextToken": …}` or `{}`.
    """
    if len(items) <= size:
        return items, {}
    return items[:size], {
        "NextToken": format_token(list_name, name_of(items[size - 1]))
    }


def format_token(list_name: str, last: str) -> str:
    """Name the place after `last` in a list."""
    text = f"{list_name}\n{last}".encode()
    return binascii.b2a_base64(text, newline=False).decode()


def parse_token(list_name: str, token: str | None) -> str:
    """The last item before the place that a token names; "" for the beginning.

    Raises: InvalidToken: the token is not one of this list.
    """
    if token is None:
        return ""
    try:
        name, _, last = (
            binascii.a2b_base64(token, strict_mode=True).decode().partition("\n")
        )
    except ValueError:
        raise InvalidToken from None
    if name != list_name or not last:
        raise InvalidToken
    return last
