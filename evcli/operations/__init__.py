"""What each operation DOES; `call` is the only door.

The command line, the HTTP server, the tests and Python users all come through it: check
the request, run the family's handler in one transaction, then do what had to wait for
the commit. Each family module exports its `HANDLERS`, wire name → function of
(context, request) → response.
"""

from __future__ import annotations

from evcli import load
from evcli.errors import CommitUnknownError, ConflictError, EvcliError
from evcli.model import INDEX, find_operation
from evcli.model.check import check_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from evcli.context import Context

    T = TypeVar("T")
    Handler = Callable[[Context, dict[str, Any]], dict[str, Any]]


# Operations that write events, and change nothing of what events meet.
ACCEPTING = frozenset({"PutEvents", "PutPartnerEvents"})
# Families that change what belongs to two accounts.
ACROSS_ACCOUNTS = frozenset({"event_buses", "event_sources"})
# How often an operation is begun that others are in the way of.
ATTEMPTS = 10


def call(
    ctx: Context, name: str, request: dict[str, Any], *, client: bool = True
) -> dict[str, Any]:
    """Run one operation, such as `PutRule`.

    Args:
        request: members in wire spelling.
        client: check like the official client first; a server gets requests that some
            client already sent, and answers like the service.

    Returns:
        The response in wire spelling, times as aware UTC datetimes; `{}` where the
        operation answers nothing.

    Raises:
        ParamValidationError: the request does not fit its shape.
        ServiceError: what EventBridge would answer.
        KeyError: there is no such operation.
    """
    operation = find_operation(name)
    checked = check_request(operation, request, client=client)
    handler = load_handlers(INDEX[name][0])[name]
    store = ctx.store
    ctx.after_commit.clear()
    ctx.log_records.clear()
    if operation.reads_only:
        with store.snapshot():
            return handler(ctx, checked)
    response = change(
        ctx, lambda: handler(ctx, checked), _list_event_ids, _find_scope(ctx, name)
    )
    for follow_up in ctx.after_commit:
        try:
            follow_up()
        except Exception as error:
            # What is committed is answered, whatever comes after it: an error would have
            # the caller do it again.
            ctx.notices.append(
                f"{name} was carried out, but not what follows from it:"
                f" {describe(error)} `evcli local tick` goes on with deliveries."
            )
    return response


def change(
    ctx: Context,
    work: Callable[[], T],
    list_event_ids: Callable[[T], list[str]],
    alone_in: tuple[str, ...] | None,
) -> T:
    """Do something in a transaction, again where others were in its way.

    Args:
        list_event_ids: of what `work` returns, the ids of events that it accepts.
        alone_in: as `Database.transaction` takes it.

    Raises: CommitUnknownError: names the events that may have been accepted.
    """
    told = len(ctx.notices)
    for number in range(1, ATTEMPTS + 1):
        event_ids: list[str] = []
        try:
            with ctx.store.transaction(alone_in=alone_in):
                done = work()
                event_ids = list_event_ids(done)
        except ConflictError:
            if number == ATTEMPTS:
                raise
        except CommitUnknownError as error:
            raise _name_events(error, event_ids) from error
        else:
            return done
        # Nothing of it has happened.
        ctx.after_commit.clear()
        ctx.log_records.clear()
        del ctx.notices[told:]
    raise AssertionError


def _find_scope(ctx: Context, name: str) -> tuple[str, ...] | None:
    """Say where an operation is to be alone: events are accepted beside each other."""
    if name in ACCEPTING:
        return None
    return () if INDEX[name][0] in ACROSS_ACCOUNTS else (ctx.account_id, ctx.region)


def _list_event_ids(response: dict[str, Any]) -> list[str]:
    entries = response.get("Entries", ())
    return [each["EventId"] for each in entries if "EventId" in each]


def _name_events(error: CommitUnknownError, event_ids: list[str]) -> CommitUnknownError:
    if not event_ids:
        return error
    return CommitUnknownError(
        f"{error.message} `evcli local trace ID` says whether these were accepted:"
        f" {' '.join(event_ids)}"
    )


def describe(error: Exception) -> str:
    """Say in a sentence what went wrong; one that evcli did not expect has its name."""
    if isinstance(error, EvcliError):
        return error.message
    return f"{type(error).__name__}: {error}."


def call_within(ctx: Context, name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Run one operation inside a transaction of the caller's, as a part of something.

    What has to wait for the commit is left in `ctx.after_commit`, for the caller to do.
    Arguments, answer and errors are those of `call`.
    """
    checked = check_request(find_operation(name), request)
    return load_handlers(INDEX[name][0])[name](ctx, checked)


def load_handlers(family: str) -> dict[str, Handler]:
    """Import `evcli.operations.FAMILY` and hand out its `HANDLERS`, by wire name."""
    handlers: dict[str, Handler] = load(f"evcli.operations.{family}", "HANDLERS")
    return handlers
