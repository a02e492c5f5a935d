"""The http sink: a POST of the payload; the status of the answer is the outcome.

Only loopback and hosts that the configuration allows are called: evcli is offline.
"""

from __future__ import annotations

from http.client import HTTPException
from urllib.parse import urlsplit

from evcli.context import Outcome
from evcli.delivery.api_destinations.http_exchange import exchange, make_connection
from evcli.delivery.api_destinations.loopback import is_loopback
from evcli.delivery.targets.target_kinds import TRACE_HEADER
from evcli.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from http.client import HTTPConnection, HTTPResponse
    from typing import Any

    from evcli.store.ledger import Delivery

LIMIT_SECONDS = 5.0
OUTPUT_BYTES = 8192


class HttpSink:
    """Posts payloads to one URL.

    Args:
        limit_seconds: for the whole exchange, from connecting to the last byte kept.
        allowed_hosts: hosts beside the loopback ones.

    Raises: ConfigurationError: the URL cannot be used, or its host is not allowed.
    """

    is_buffered = False
    is_exactly_once = False

    def __init__(
        self,
        url: str,
        limit_seconds: float = LIMIT_SECONDS,
        *,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"{url} is not a URL: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"{url} is not an http:// or https:// URL")
        if not (is_loopback(parts.hostname) or parts.hostname in allowed_hosts):
            raise ConfigurationError(
                f"evcli does not call {parts.hostname}; to let it, add the host to"
                " allowed_hosts in config.toml"
            )
        self._scheme = parts.scheme
        self._host, self._port = parts.hostname, port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._limit_seconds = limit_seconds

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Post the payload and read the answer."""

        def post(connection: HTTPConnection) -> tuple[HTTPResponse, bytes]:
            connection.request(
                "POST",
                self._path,
                body=delivery.payload.encode("utf-8", "replace"),
                headers=describe(delivery, request),
            )
            response = connection.getresponse()
            return response, response.read(OUTPUT_BYTES)

        limit = self._limit_seconds
        connection = make_connection(self._scheme, self._host, self._port, limit)
        try:
            response, body = exchange(connection, limit, post)
        except TimeoutError:
            message = f"No complete answer within {limit:g} s."
            return Outcome("TIMEOUT", message, retry=True)
        except (OSError, HTTPException) as error:
            message = f"{type(error).__name__}: {error}"
            return Outcome("CONNECTION_FAILURE", message, retry=True)
        except ValueError as error:  # a header that cannot be one
            return Outcome("INVALID_PARAMETER", str(error))
        output = body.decode("utf-8", "replace").rstrip()
        return judge_status(response.status, response.reason, output or None)

    def flush(self) -> None:
        """Nothing to do."""


def describe(delivery: Delivery, request: dict[str, Any]) -> dict[str, str]:
    """Build the headers: what an exec sink has in its environment, and the trace header."""
    header = delivery.event.trace_header
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",
        "X-Evcli-Action": request["action"],
        "X-Evcli-Attempt": str(delivery.attempts + 1),
        "X-Evcli-Event-Id": delivery.event.event_id,
        "X-Evcli-Rule-Arn": delivery.rule_arn,
        "X-Evcli-Target-Arn": delivery.target_arn,
        "X-Evcli-Target-Id": delivery.target_id,
        **({} if header is None else {TRACE_HEADER: header}),
    }


def judge_status(status: int, reason: str, output: str | None) -> Outcome:
    """Say what an HTTP status means for a delivery.

    Source: [doc] which are retried; [guess] which code each gets.
    """
    if 200 <= status < 300:
        return Outcome(output=output)
    message = f"The answer was {status} {reason}".rstrip() + "."
    if status == 429:
        return Outcome("THROTTLING", message, retry=True, output=output)
    if status >= 500:
        return Outcome("ERROR_FROM_TARGET", message, retry=True, output=output)
    return Outcome("SDK_CLIENT_ERROR", message, output=output)
