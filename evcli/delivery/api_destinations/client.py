"""The HTTP client: one request, one response, within one deadline; for all that evcli calls.

    API destinations, their token endpoints, the http sink ─► send ─► HttpResponse, or
                                                                      an Outcome: it failed
    HttpResponse.judge ─► the Outcome that its status means

What goes wrong is worded without a word of the request or of the response's text, since
either may hold a secret.

Over `http.client`, because a request goes out to the byte as it was built, `localhost`
is this machine whatever a resolver says, and the deadline is one for the whole exchange.
urllib3 and httpx set a limit for each read alone, so a server that sends a byte now and
then holds them for ever, and both take several times as long to import.
"""

from __future__ import annotations

import socket
import threading
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from evcli.context import Outcome
from evcli.delivery.api_destinations.urls import is_localhost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

# How long a call may take, from connecting to the last byte. Source: [doc].
LIMIT_SECONDS = 5.0
# How much of a response's body is read.
MAX_BODY_BYTES = 1_048_576

# Where `localhost` is, the first that answers.
LOOPBACK_ADDRESSES = (
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET6, "::1"),
)

# Nothing is retried for longer, so nothing has to be told to wait longer, in seconds.
LONGEST_RETRY_AFTER = 90_000.0


class HttpRequest(NamedTuple):
    """An HTTP request, which may hold secrets.

    `url` is absolute; `headers` are in order, with `Host` and `Content-Length`; `body` is
    `None` where there is none.
    """

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes | None


class HttpResponse(NamedTuple):
    """What a call was answered; `retry_after` and `date` are headers, as they were sent."""

    status: int
    body: bytes = b""
    retry_after: str | None = None
    date: str | None = None

    def describe(self) -> str:
        """Name the status, in the standard's words and not in the response's."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    def judge(self, retried: Collection[int] = ()) -> Outcome:
        """Say what the status means for a delivery. The body means nothing.

        Args:
            retried: statuses that are tried again, besides 429 and all from 500 on.

        Source: [doc] which are tried again; [guess] the codes, by their names.
        """
        if 200 <= self.status < 300:
            return Outcome()
        code = "SDK_CLIENT_ERROR"
        if self.status == 429:
            code = "THROTTLING"
        elif self.status >= 500:
            code = "ERROR_FROM_TARGET"
        is_retried = code != "SDK_CLIENT_ERROR" or self.status in retried
        return Outcome(
            code,
            f"The answer was {self.describe()}.",
            retry=is_retried,
            http_status=self.status,
        )


def send(
    request: HttpRequest,
    address: str,
    limit_seconds: float = LIMIT_SECONDS,
    most_bytes: int = MAX_BODY_BYTES,
) -> HttpResponse | Outcome:
    """Make a call; never follows a redirect.

    Args:
        address: `SCHEME://HOST:PORT` to connect to.
        limit_seconds: for the whole exchange.
        most_bytes: how much of the response's body is read.

    Returns:
        The response, or how the call failed.
    """
    try:
        connection = _make_connection(address, limit_seconds)
    except ValueError:
        return Outcome("CONNECTION_FAILURE", f"{address} is no address.", retry=True)
    # The time limit of a socket starts anew with every byte; this one does not.
    deadline = Deadline(connection, limit_seconds)
    try:
        connection.connect()
        # It may have passed before there was anything to cut.
        response = None if deadline.passed else _talk(request, connection, most_bytes)
    except (OSError, HTTPException) as error:
        if not deadline.passed and not isinstance(error, TimeoutError):
            reason = getattr(error, "strerror", None) or type(error).__name__
            message = f"The call to {address} failed: {reason}."
            return Outcome("CONNECTION_FAILURE", message, retry=True)
        response = None
    except ValueError:
        message = "The request has characters that HTTP does not allow."
        return Outcome("INVALID_PARAMETER", message)
    finally:
        deadline.cancel()
        connection.close()
    if response is None or deadline.passed:
        message = f"No complete answer within {limit_seconds:g} s."
        return Outcome("TIMEOUT", message, retry=True)
    return response


def _make_connection(address: str, limit_seconds: float) -> HTTPConnection:
    """Make a connection that is still to be opened. Raises: ValueError: no such host."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(host, parts.port, timeout=limit_seconds)
    if is_localhost(host):
        # http.client's own hook; the name stays for certificates.
        connection._create_connection = _connect_to_localhost  # type: ignore[attr-defined]
    return connection


def _connect_to_localhost(
    address: tuple[str, int], limit_seconds: float, source: object
) -> socket.socket:
    """Connect to a port of this machine; no resolver can say that it is another one.

    Raises: OSError: nobody listens, as IPv4 says it.
    """
    refusal: OSError | None = None
    for family, host in LOOPBACK_ADDRESSES:
        line = socket.socket(family, socket.SOCK_STREAM)
        line.settimeout(limit_seconds)
        try:
            line.connect((host, address[1]))
            return line
        except OSError as error:
            line.close()
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def _talk(
    request: HttpRequest, connection: HTTPConnection, most_bytes: int
) -> HttpResponse:
    """Send the request and read what counts of the response."""
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest(
        request.method, path, skip_host=True, skip_accept_encoding=True
    )
    for name, value in request.headers:
        connection.putheader(name, value.encode("utf-8", "replace"))
    connection.endheaders(request.body)
    response = connection.getresponse()
    try:
        body = response.read(most_bytes)
    except (OSError, HTTPException):  # one that breaks off does not undo its status
        body = b""
    return HttpResponse(
        response.status,
        body,
        response.getheader("Retry-After"),
        response.getheader("Date"),
    )


class Deadline(threading.Timer):
    """Cuts a connection when the time is up; `passed` says that it was."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        super().__init__(seconds, self._cut)
        self._connection = connection
        self.passed = False
        self.daemon = True
        self.start()

    def _cut(self) -> None:
        self.passed = True
        line: socket.socket | None = self._connection.sock
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the exchange ended just now


def read_retry_after(response: HttpResponse, now: datetime) -> float | None:
    """Read how many seconds a response asks to wait; `None` when it does not.

    A date counts from the response's own date, because the clock here may be another one.

    Source: [doc] that it counts, and that a negative number ends all retries; [guess]
    both forms.
    """
    text = (response.retry_after or "").strip()
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        seconds = min(float(digits[:12]), LONGEST_RETRY_AFTER)
        return -seconds if text.startswith("-") else seconds
    until = _read_date(text)
    if until is None:
        return None
    since = _read_date(response.date or "") or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _read_date(text: str) -> datetime | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
