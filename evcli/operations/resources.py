"""What the families have in common: event buses, columns and members, tags, pages.

Requests and responses have members in wire spelling, records have columns; each family
has tables, member → column, that say which belong together: `SETTINGS` for what its
requests set, `COLUMNS` for all that its responses show. Which of these an operation
shows, and in which order, is the model's to say.

Every account and region has a `default` event bus. It is stored only once it was
changed; until then `find_event_bus` makes it up.

Source: [aws] a token only while items remain, and page sizes may change between pages;
[doc] at most 100 on a page; [guess] ascending by name, and the token's inside.
"""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS, locate_event_bus, parse_arn
from evcli.errors import InvalidToken, ResourceNotFoundException, ValidationException
from evcli.model import find_operation
from evcli.store.epoch import from_epoch_ms, to_whole_second
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from evcli.context import Context
    from evcli.model.shapes import Shape
    from evcli.store.records import Record

    R = TypeVar("R", bound=Record)
    T = TypeVar("T")

PAGE_SIZE = 100
FILTERS = ("State", "EventSourceArn", "NamePrefix")


def find_event_bus(ctx: Context, name_or_arn: str | None = None) -> EventBus:
    """Fetch an event bus: by name in this account and region, by ARN in its own.

    `None` is the default one.

    Raises: ResourceNotFoundException: it does not exist; the text has the bare name,
        also when an ARN was given. [aws]
    """
    account_id, region, name = locate_event_bus(name_or_arn, ctx.account_id, ctx.region)
    event_bus = ctx.store.get(EventBus, account_id, region, name)
    if event_bus is not None:
        return event_bus
    if name != DEFAULT_EVENT_BUS:
        raise ResourceNotFoundException(f"Event bus {name} does not exist.")
    # As old as the state directory, whatever account or region asks.
    created_at = to_whole_second(from_epoch_ms(ctx.store.meta.all()["created_at"]))
    return EventBus(
        account_id=account_id,
        region=region,
        name=name,
        created_at=created_at,
        last_modified_at=created_at,
    )


def find_rule_event_bus(ctx: Context, name_or_arn: str | None = None) -> EventBus:
    """Fetch the event bus that a request about rules or targets names.

    [guess] The event bus of another account may be named, whatever its policy says.

    Raises:
        ValidationException: the event bus is in another region. [aws]
        ResourceNotFoundException: it does not exist.
    """
    arn = parse_arn(name_or_arn or "")
    if arn is not None and arn.region != ctx.region:
        raise ValidationException("Cross-region API call is not allowed.")
    return find_event_bus(ctx, name_or_arn)


def find_record(ctx: Context, kind: type[R], name: str) -> R:
    """Fetch an archive, a replay or an endpoint of this account and region.

    Raises: ResourceNotFoundException: there is no such. [aws], for endpoints [guess].
    """
    record = ctx.store.get(kind, ctx.account_id, ctx.region, name)
    if record is None:
        raise ResourceNotFoundException(f"{kind.__name__} {name} does not exist.")
    return record


# -- members and columns


def to_columns(request: dict[str, Any], members: dict[str, str]) -> dict[str, Any]:
    """Columns of the given members; an empty text or structure clears. [guess]

    A zero is a value: no days of retention mean for ever. [doc]
    """
    return {
        column: None if request[member] in ("", {}) else request[member]
        for member, column in members.items()
        if member in request
    }


def to_members(record: Record, members: dict[str, str]) -> dict[str, Any]:
    """Members of a record that are set, in the table's order."""
    values = {member: getattr(record, column) for member, column in members.items()}
    return {member: value for member, value in values.items() if value is not None}


def respond(
    name: str, record: Record, columns: dict[str, str], **computed: Any
) -> dict[str, Any]:
    """What an operation answers of a record: the members that the model declares.

    They are in the model's order. Those without a value are left out [aws], and so are
    those that evcli does not know.

    Args:
        columns: the family's table, member → column.
        computed: members that are not shown as a column has them.
    """
    shape = find_operation(name).response
    assert shape is not None
    return _fill(shape, record, columns, computed)


def respond_page(
    name: str,
    page: tuple[list[R], dict[str, str]],
    columns: dict[str, str],
    compute: Callable[[R], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What a list operation answers: its items, each as `respond` shows one, and a token.

    Args:
        page: of `list_page` or `cut_page`.
        compute: makes what `respond` calls `computed`, of one record.
    """
    response = find_operation(name).response
    assert response is not None
    member = next(iter(response.members.values()))
    shape = member.shape.element
    assert shape is not None
    records, token = page
    items = [
        _fill(shape, each, columns, compute(each) if compute is not None else {})
        for each in records
    ]
    return {member.name: items, **token}


def _fill(
    shape: Shape, record: Record, columns: dict[str, str], computed: dict[str, Any]
) -> dict[str, Any]:
    shown = {}
    for name in shape.members:
        value = computed.get(name)
        if name not in computed and name in columns:
            value = getattr(record, columns[name])
        if value is not None:
            shown[name] = value
    return shown


# -- tags


def put_tags(ctx: Context, resource_arn: str, tags: list[dict[str, str]]) -> None:
    """Put tags on a resource: new keys at the end, known keys stay where they are. [doc]

    Source: [peer] the text on duplicates, [doc] the limit and the reserved prefix,
    [guess] how the service words these two.

    Raises:
        ValidationException: a key occurs twice, or is reserved.
        LimitExceededException: the resource would have too many tags.
    """
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise ValidationException("Invalid parameter: Duplicated keys are not allowed.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise ValidationException(
            "aws: prefixed tag key names are not allowed for external use."
        )
    known = [key for key, _ in ctx.store.tags.list(resource_arn)]
    ctx.require_quota("tags_per_resource", len({*known, *keys}))
    for tag in tags:
        ctx.store.tags.put(resource_arn, tag["Key"], tag["Value"])


# -- pages of lists


def require_one_filter(operation: str, request: dict[str, Any]) -> None:
    """Refuse combined filters in the lists of archives and replays.

    Raises: ValidationException: more than one is given. [peer] the text, with the blank
        before its colon.
    """
    if sum(name in request for name in FILTERS) > 1:
        raise ValidationException(
            f"At most one filter is allowed for {operation}. Use either : State,"
            " EventSourceArn, or NamePrefix."
        )


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
    import binascii  # few commands page

    text = f"{list_name}\n{name_of(items[size - 1])}".encode()
    return items[:size], {
        "NextToken": binascii.b2a_base64(text, newline=False).decode()
    }


def parse_token(list_name: str, token: str | None) -> str:
    """Name the last item before the page that a token asks for; "" for the first page.

    Raises: InvalidToken: the token is not one of this list.
    """
    if token is None:
        return ""
    import binascii

    try:
        name, _, last = (
            binascii.a2b_base64(token, strict_mode=True).decode().partition("\n")
        )
    except ValueError:
        raise InvalidToken from None
    if name != list_name or not last:
        raise InvalidToken
    return last
