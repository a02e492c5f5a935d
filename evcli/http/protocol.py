"""AWS JSON 1.1, as EventBridge speaks it: HTTP in, `operations.call`, HTTP out.

The operation stands in a header, the request is a JSON object, times are epoch seconds.
Signatures are read for who calls and where, never verified.

Source: [model] protocol, target prefix and content type; [peer] bodies of errors.
"""

from __future__ import annotations

import json
from datetime import datetime

from evcli.errors import EvcliError, InternalException, ServiceError
from evcli.model import INDEX, get_operation
from evcli.operations import call, has_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from evcli.context import Context

    OpenContext = Callable[[str | None, str | None], Context]

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "AWSEvents."
# Ten entries of a megabyte and what surrounds them; AWS's own limit is not recorded.
MAX_BODY_BYTES = 16 * 1024 * 1024


class Reply:
    """An HTTP answer: status line, JSON body, further headers."""

    __slots__ = ("body", "headers", "status")

    def __init__(
        self,
        body: dict[str, Any] | None,
        status: str = "200 OK",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.status = status
        # Operations without output answer an empty body. Source: [aws].
        self.body = b"" if body is None else json.dumps(body, default=_wire).encode()
        self.headers = headers


def _wire(value: object) -> object:
    if isinstance(value, datetime):
        seconds = value.timestamp()
        return int(seconds) if seconds.is_integer() else seconds
    raise TypeError(value)


def refuse(code: str, message: str, status: str = "400 Bad Request") -> Reply:
    """Answer an error the way the protocol does: its code as `__type`."""
    return Reply(
        {"__type": code, "message": message}, status, (("x-amzn-ErrorType", code),)
    )


def answer(
    open_context: OpenContext,
    method: str,
    path: str,
    headers: Mapping[str, str],
    read_body: Callable[[], bytes],
) -> Reply:
    """Answer one HTTP request; never raises.

    Args:
        open_context: (access key, region) → context; `None` for what is not said.
        headers: by lower-case name.
        read_body: called once, and only for a body of bearable length.
    """
    if method == "GET":
        return _describe_health(path)
    if method != "POST":
        return refuse(
            "UnknownOperationException", f"{method} is not supported; use POST.",
            "405 Method Not Allowed",
        )  # fmt: skip
    problem = _check_headers(headers)
    if problem is not None:
        return problem
    name = headers["x-amz-target"].removeprefix(TARGET_PREFIX)
    try:
        request = json.loads(read_body() or b"{}")
    except (ValueError, RecursionError):
        return refuse("SerializationException", "The request body is not valid JSON.")
    if not isinstance(request, dict):
        return refuse("SerializationException", "The request body is not an object.")
    access_key, region = parse_authorization(headers.get("authorization", ""))
    try:
        return _call(open_context(access_key, region), name, request)
    except EvcliError as error:
        return refuse("InternalException", error.message, "500 Internal Server Error")


def _describe_health(path: str) -> Reply:
    if path != "/":
        return refuse("UnknownOperationException", "Not found.", "404 Not Found")
    operations = sum(map(has_handler, INDEX))
    return Reply({"service": "events", "status": "running", "operations": operations})


def _check_headers(headers: Mapping[str, str]) -> Reply | None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (CONTENT_TYPE, "application/x-amz-json-1.0", "application/json"):
        return refuse(
            "UnknownOperationException",
            f"The content type must be {CONTENT_TYPE}, not {kind or 'absent'}.",
            "415 Unsupported Media Type",
        )
    target = headers.get("x-amz-target", "")
    name = target.removeprefix(TARGET_PREFIX)
    if name == target or not has_handler(name):
        said = target or "no X-Amz-Target header"
        return refuse("UnknownOperationException", f"Unknown operation: {said}.")
    if int(headers.get("content-length") or 0) > MAX_BODY_BYTES:
        return refuse(
            "RequestEntityTooLargeException",
            f"The request body is longer than {MAX_BODY_BYTES} bytes.",
            "413 Content Too Large",
        )
    return None


def _call(ctx: Context, name: str, request: dict[str, Any]) -> Reply:
    try:
        response = call(ctx, name, request, client=False)
    except InternalException as error:
        return refuse(error.code, error.message, "500 Internal Server Error")
    except ServiceError as error:
        return refuse(error.code, error.message)
    operation = get_operation(name)
    assert operation is not None
    return Reply(None if operation.response is None else response)


def parse_authorization(text: str) -> tuple[str | None, str | None]:
    """Read access key and region from a signature's credential scope.

    `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/events/aws4_request, …`. A signature in
    another form says nothing.
    """
    _, found, rest = text.partition("Credential=")
    scope = rest.partition(",")[0].strip().split("/")
    if not found or len(scope) != 5:
        return None, None
    return scope[0] or None, scope[2] or None
