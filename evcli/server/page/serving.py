"""The page for browsers: its files, and who may call what is behind it.

Nothing of it is loaded before a browser asks. Its files stand beside this module and are
public; the only thing put into one is the token that calls which write need.
"""

from __future__ import annotations

import json
import os
import threading

from evcli.errors import EvcliError
from evcli.server.protocol import (
    BAD_REQUEST,
    FORBIDDEN,
    INTERNAL_ERROR,
    MAX_BODY_BYTES,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNSUPPORTED_TYPE,
    RefusalError,
    ServerResponse,
    parse_request,
    read_media_type,
    refuse,
    refuse_large_body,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evcli.context import Context

PREFIX = "/_evcli/"
FILES_PREFIX = f"{PREFIX}page/"
DIRECTORY = os.path.dirname(os.path.abspath(__file__))
START = "index.html"
TOKEN_HEADER = "x-evcli-token"
TOKEN_MARK = b"{{token}}"
# Calls that are here at a time, and those of them that are answered while the others
# wait: the other threads of the server, and most of its time, are for SDKs.
MOST_CALLS = 8
MOST_ANSWERED = 4
JSON = "application/json"
BUSY = "503 Service Unavailable"

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Nothing from other hosts, no script and no style in the document itself, and no frames.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Vary", "Accept"),
]


class Page:
    """What a server has for browsers."""

    def __init__(self) -> None:
        self._token = os.urandom(16).hex()
        self._slots = threading.BoundedSemaphore(MOST_CALLS)
        self._answering = threading.BoundedSemaphore(MOST_ANSWERED)

    def respond(
        self,
        open_context: Callable[[], Context],
        method: str,
        path: str,
        headers: Mapping[str, str],
        read_body: Callable[[], bytes],
    ) -> ServerResponse:
        """Respond to a request that `is_for_page`; arguments as of `protocol.respond`."""
        if method in ("GET", "HEAD"):
            name = START if path == "/" else path.removeprefix(FILES_PREFIX)
            return self._send_file(name)
        if method != "POST":
            return refuse(
                "UnknownOperationException",
                f"{method} is not supported; use POST.",
                METHOD_NOT_ALLOWED,
            )
        refusal = self._refuse_call(path.removeprefix(PREFIX), headers)
        if refusal is not None:
            return refusal
        if not self._slots.acquire(blocking=False):
            return refuse("Busy", "Other pages are asking; ask again soon.", BUSY)
        try:
            with self._answering:
                return _call(open_context, path.removeprefix(PREFIX), read_body())
        finally:
            self._slots.release()

    def _send_file(self, name: str) -> ServerResponse:
        kind = CONTENT_TYPES.get(os.path.splitext(name)[1])
        if kind is None or name not in os.listdir(DIRECTORY):
            return refuse("UnknownOperationException", "Not found.", NOT_FOUND)
        with open(os.path.join(DIRECTORY, name), "rb") as file:
            content = file.read()
        if name == START:
            content = content.replace(TOKEN_MARK, self._token.encode())
        return _finish(ServerResponse(content, content_type=kind))

    def _refuse_call(
        self, name: str, headers: Mapping[str, str]
    ) -> ServerResponse | None:
        """Refuse a call that is none or may be forged; `None`: it is fine."""
        import hmac

        from evcli.server.page.calls import CALLS

        if name not in CALLS:
            return refuse("UnknownOperationException", "Not found.", NOT_FOUND)
        # A form, which another page could send unasked, has other types.
        if read_media_type(headers) != JSON:
            return refuse(
                "UnknownOperationException",
                f"The content type must be {JSON}.",
                UNSUPPORTED_TYPE,
            )
        if int(headers.get("content-length") or 0) > MAX_BODY_BYTES:
            return refuse_large_body()
        said = headers.get(TOKEN_HEADER, "").encode()
        if CALLS[name][1] and not hmac.compare_digest(said, self._token.encode()):
            return refuse(
                "AccessDeniedException",
                "This page is not of the server that runs now: load it again.",
                FORBIDDEN,
            )
        return None


def is_for_page(method: str, path: str, headers: Mapping[str, str]) -> bool:
    """Say whether a browser asks for the page, or the page for something."""
    if path == "/":
        is_read = method in ("GET", "HEAD")
        return is_read and "text/html" in headers.get("accept", "")
    return path.startswith(PREFIX)


def _call(
    open_context: Callable[[], Context], name: str, body: bytes
) -> ServerResponse:
    from evcli.server.page.calls import answer

    try:
        value = answer(open_context(), name, parse_request(body))
    except RefusalError as refusal:
        return refusal.response
    except EvcliError as error:
        # The state directory or its config.toml; the person who runs the server must act.
        return refuse("InternalException", error.message, INTERNAL_ERROR)
    status = BAD_REQUEST if "Error" in value else "200 OK"
    text = json.dumps(value, allow_nan=False)
    return _finish(ServerResponse(text.encode(), status, content_type=JSON))


def _finish(response: ServerResponse) -> ServerResponse:
    response.headers += HEADERS
    return response
