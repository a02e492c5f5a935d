"""HTTP calls: one request, one answer, within one time limit.

evcli is offline: it calls this machine, and the hosts that `[hosts]` in config.toml
gives an address. The request keeps the host's own name.

What goes wrong is worded without a word of the request or of the answer's text, since
either may hold a secret.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from evcli.context import Outcome
from evcli.delivery.api_destinations.http_exchange import exchange, make_connection
from evcli.delivery.api_destinations.loopback import is_loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from http.client import HTTPConnection, HTTPResponse
    from typing import Any

    from evcli.delivery.api_destinations.http_requests import HttpRequest

# Source: [doc].
LIMIT_SECONDS = 5.0
# How much of an answer is read.
ANSWER_BYTES = 1_048_576

# Nothing is retried for longer, so nothing has to be told to wait longer, in seconds.
LONGEST_RETRY_AFTER = 90_000.0


class HttpAnswer:
    """The answer to a call: `retry_after` and `date` are headers, as they were sent."""

    __slots__ = ("body", "date", "retry_after", "status")

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        retry_after: str | None = None,
        date: str | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.retry_after = retry_after
        self.date = date

    def describe(self) -> str:
        """Name the status, in the standard's words and not in the answer's."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)


def find_address(configuration: dict[str, Any], url: str) -> str | None:
    """Find where the host of a URL is called; `None` when it is not called at all."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    names = {name.lower(): to for name, to in configuration.get("hosts", {}).items()}
    netloc = parts.netloc.rpartition("@")[2]
    address: str | None = names.get(netloc.lower()) or names.get(host)
    if address is None and is_loopback(host):
        address = f"{parts.scheme}://{netloc}"
    return address


def send(
    request: HttpRequest, address: str, limit_seconds: float = LIMIT_SECONDS
) -> HttpAnswer | Outcome:
    """Make a call; never follows a redirect.

    Args:
        address: `SCHEME://HOST:PORT` to connect to.
        limit_seconds: for the whole exchange.

    Returns:
        The answer, or how the call failed.
    """
    parts = urlsplit(address)
    try:
        connection = make_connection(
            parts.scheme, parts.hostname or "", parts.port, limit_seconds
        )
    except ValueError:
        return Outcome("CONNECTION_FAILURE", f"{address} is no address.", retry=True)
    try:
        return exchange(connection, limit_seconds, partial(_talk, request))
    except TimeoutError:
        message = f"No complete answer within {limit_seconds:g} s."
        return Outcome("TIMEOUT", message, retry=True)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"The call to {address} failed: {reason}."
        return Outcome("CONNECTION_FAILURE", message, retry=True)
    except ValueError:
        message = "The request has characters that HTTP does not allow."
        return Outcome("INVALID_PARAMETER", message)


def _talk(request: HttpRequest, connection: HTTPConnection) -> HttpAnswer:
    parts = urlsplit(request.url)
    place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest(
        request.method, place, skip_host=True, skip_accept_encoding=True
    )
    for name, value in request.headers:
        connection.putheader(name, value.encode("utf-8", "replace"))
    connection.endheaders(request.body)
    response = connection.getresponse()
    return HttpAnswer(
        response.status,
        _read_body(response),
        response.getheader("Retry-After"),
        response.getheader("Date"),
    )


def _read_body(response: HTTPResponse) -> bytes:
    """Read what counts of a body; one that breaks off does not undo its status."""
    try:
        return response.read(ANSWER_BYTES)
    except (OSError, HTTPException):
        return b""


def read_retry_after(answer: HttpAnswer, now: datetime) -> float | None:
    """Read how many seconds an answer asks to wait; `None` when it does not.

    A date counts from the answer's own date, because the clock here may be another one.

    Source: [doc] that it counts, and that a negative number ends all retries; [guess]
    both forms.
    """
    text = (answer.retry_after or "").strip()
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        seconds = min(float(digits[:12]), LONGEST_RETRY_AFTER)
        return -seconds if text.startswith("-") else seconds
    until = _read_date(text)
    if until is None:
        return None
    since = _read_date(answer.date or "") or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _read_date(text: str) -> datetime | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
