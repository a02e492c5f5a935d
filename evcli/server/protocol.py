"""AWS JSON 1.1, as EventBridge speaks it: HTTP in, `operations.call`, HTTP out.

The operation stands in a header, the request is a JSON object, times are epoch seconds.
Signatures are read for the access key and the region, and never verified.

Source: [doc] protocol, target prefix and content type; [peer] bodies of errors.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

from evcli import __version__
from evcli.delivery.envelopes import refuse_constant
from evcli.errors import (
    EvcliError,
    InternalException,
    ParamValidationError,
    ServiceError,
)
from evcli.ids import new_uuid
from evcli.model import INDEX, find_operation
from evcli.operations import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from evcli.context import Context

    # (access key, region) → context; `None` for what the request does not say.
    OpenContext = Callable[[str | None, str | None], Context]

CONTENT_TYPE = "application/x-amz-json-1.1"
CONTENT_TYPES = (CONTENT_TYPE, "application/x-amz-json-1.0", "application/json")
TARGET_PREFIX = "AWSEvents."
# Far beyond a megabyte of entries and what surrounds them; AWS's limit is not recorded.
MAX_BODY_BYTES = 16 * 1024 * 1024

BAD_REQUEST = "400 Bad Request"
FORBIDDEN = "403 Forbidden"
NOT_FOUND = "404 Not Found"
METHOD_NOT_ALLOWED = "405 Method Not Allowed"
TOO_LARGE = "413 Content Too Large"
UNSUPPORTED_TYPE = "415 Unsupported Media Type"
INTERNAL_ERROR = "500 Internal Server Error"

_REGION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class ServerResponse:
    """An HTTP response.

    `headers` are those besides the ones that every response has; `document` is what the
    body says, if it is JSON.
    """

    __slots__ = (
        "body",
        "content_type",
        "document",
        "headers",
        "request_id",
        "status",
    )

    def __init__(
        self, body: bytes, status: str = "200 OK", *, content_type: str = CONTENT_TYPE
    ) -> None:
        self.status = status
        self.body = body
        self.content_type = content_type
        self.document: Mapping[str, Any] = {}
        self.headers: list[tuple[str, str]] = []
        self.request_id = new_uuid()


def _wire(value: object) -> object:
    if isinstance(value, datetime):
        seconds = value.timestamp()
        return int(seconds) if seconds.is_integer() else seconds
    raise TypeError(value)


_ENCODER = json.JSONEncoder(default=_wire)
# Python would take NaN and Infinity.
_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def format_document(document: dict[str, Any]) -> bytes:
    """Write a JSON body; times are epoch seconds."""
    return _ENCODER.encode(document).encode()


def answer(document: dict[str, Any], status: str = "200 OK") -> ServerResponse:
    """Make a response of a JSON document."""
    response = ServerResponse(format_document(document), status)
    response.document = document
    return response


def refuse(code: str, message: str, status: str = BAD_REQUEST) -> ServerResponse:
    """Make an error response, its code as `__type`."""
    return answer({"__type": code, "message": message}, status)


def refuse_large_body() -> ServerResponse:
    """Refuse a body that is longer than any request needs. [guess] code and text."""
    return refuse(
        "RequestEntityTooLargeException",
        f"The request body is longer than {MAX_BODY_BYTES} bytes.",
        TOO_LARGE,
    )


class RefusalError(Exception):
    """A request that reaches no operation."""

    def __init__(self, code: str, message: str, status: str = BAD_REQUEST) -> None:
        super().__init__(message)
        self.response = refuse(code, message, status)


def respond(
    open_context: OpenContext,
    method: str,
    url: str,
    headers: Mapping[str, str],
    read_body: Callable[[], bytes],
) -> ServerResponse:
    """Respond to an HTTP request. [guess] all texts but those of the operations.

    Args:
        open_context: makes the context that the request acts through.
        url: the path, and what stands behind it.
        headers: by lower-case name.
        read_body: called once, and only for a body that is not too long.
    """
    if method in ("GET", "HEAD"):
        return _describe_health(url)
    if method != "POST":
        return refuse(
            "UnknownOperationException",
            f"{method} is not supported; use POST.",
            METHOD_NOT_ALLOWED,
        )
    if int(headers.get("content-length") or 0) > MAX_BODY_BYTES:
        return refuse_large_body()
    try:
        name = _find_operation_name(headers)
        request = parse_request(read_body())
        access_key, region = parse_authorization(headers)
        ctx = open_context(access_key, region)
        ctx.trace_header = headers.get("x-amzn-trace-id")
        return _call(ctx, name, request)
    except RefusalError as refusal:
        return refusal.response
    except InternalException as error:
        return refuse(error.code, error.message, INTERNAL_ERROR)
    except ServiceError as error:
        return refuse(error.code, error.message)
    except ParamValidationError as error:
        return refuse("ValidationException", error.message)
    except EvcliError as error:
        # The state directory or its config.toml; the person who runs the server must act.
        return refuse("InternalException", error.message, INTERNAL_ERROR)


def _describe_health(url: str) -> ServerResponse:
    """Say what runs here, for people and for scripts that wait until it does."""
    if url != "/":
        return refuse("UnknownOperationException", "Not found.", NOT_FOUND)
    document = {
        "service": "events",
        "status": "running",
        "version": __version__,
        "operations": len(INDEX),
    }
    return answer(document)


def _find_operation_name(headers: Mapping[str, str]) -> str:
    """Read which operation is meant. Raises: RefusalError: none, or not in JSON."""
    kind = read_media_type(headers)
    if kind not in CONTENT_TYPES:
        raise RefusalError(
            "UnknownOperationException",
            f"The content type must be {CONTENT_TYPE}, not {kind or 'absent'}.",
            UNSUPPORTED_TYPE,
        )
    target = headers.get("x-amz-target", "")
    name = target.removeprefix(TARGET_PREFIX)
    if name == target or name not in INDEX:
        said = target or "there is no X-Amz-Target header"
        raise RefusalError("UnknownOperationException", f"Unknown operation: {said}.")
    return name


def read_media_type(headers: Mapping[str, str]) -> str:
    """Read the content type without its parameters, lower-case; empty: there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_request(body: bytes) -> dict[str, Any]:
    """Read a JSON object in UTF-8; nothing at all is an empty one.

    Raises: RefusalError: it is something else.
    """
    try:
        # Python would guess UTF-16 from zero bytes.
        request = _DECODER.decode(body.decode("utf-8") or "{}")
    except (ValueError, RecursionError):
        raise RefusalError(
            "SerializationException", "The request body is not valid JSON."
        ) from None
    if not isinstance(request, dict):
        raise RefusalError(
            "SerializationException", "The request body is not a JSON object."
        )
    return request


def _call(ctx: Context, name: str, request: dict[str, Any]) -> ServerResponse:
    response = call(ctx, name, request, client=False)
    operation = find_operation(name)
    # Operations without output answer an empty body. Source: [aws].
    return ServerResponse(b"") if operation.response is None else answer(response)


def parse_authorization(headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read access key and region from a signature; `None` for what it does not say.

    `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/events/aws4_request, …`; a signature for
    several regions, as global endpoints want it, has none there and a header instead.
    Source: [doc] Signature Version 4 and 4A.

    Raises: RefusalError: the region is none that could be.
    """
    scope = read_scope(headers.get("authorization", ""))
    if scope is None:
        return None, None
    region: str | None = scope[2]
    if len(scope) == 4:
        # A set with wildcards or commas names no region in particular.
        region = headers.get("x-amz-region-set", "")
        if not _REGION.fullmatch(region):
            region = None
    elif not _REGION.fullmatch(scope[2]):
        raise RefusalError(
            "IncompleteSignatureException",
            f"{scope[2]!r} in the credential scope is not a region.",
        )
    return scope[0] or None, region


def read_scope(authorization: str) -> list[str] | None:
    """Read key, date, region (SigV4A has none), service and `aws4_request`; or `None`."""
    _, found, rest = authorization.partition("Credential=")
    scope = rest.partition(",")[0].strip().split("/")
    if not found or scope[-1] != "aws4_request" or len(scope) not in (4, 5):
        return None
    return scope
