"""The http sink: a POST of the payload; the status of the response is the outcome.

Only loopback and hosts that the configuration allows are called: evcli is offline.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from evcli.context import Outcome
from evcli.delivery.api_destinations.client import LIMIT_SECONDS, HttpRequest, send
from evcli.delivery.api_destinations.urls import require_allowed_url, strip_user
from evcli.delivery.targets.http import format_trace_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from evcli.store.deliveries import Delivery

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
        require_allowed_url(url, allowed_hosts)
        parts = urlsplit(url)
        self._url = url
        self._host = strip_user(parts.netloc)
        self._address = f"{parts.scheme}://{self._host}"
        self._limit_seconds = limit_seconds

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Post the payload and read the response."""
        body = delivery.payload.encode("utf-8", "replace")
        headers = {
            "Host": self._host,
            "Accept-Encoding": "identity",
            "Content-Length": str(len(body)),
            **describe(delivery, request),
        }
        post = HttpRequest("POST", self._url, [*headers.items()], body)
        response = send(post, self._address, self._limit_seconds, OUTPUT_BYTES)
        if isinstance(response, Outcome):
            return response
        outcome = response.judge()
        outcome.output = response.body.decode("utf-8", "replace").rstrip() or None
        return outcome

    def flush(self) -> None:
        """Nothing to do."""


def describe(delivery: Delivery, request: dict[str, Any]) -> dict[str, str]:
    """Build the headers: what an exec sink has in its environment, and the trace header."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",
        "X-Evcli-Action": request["action"],
        "X-Evcli-Attempt": str(delivery.attempts + 1),
        "X-Evcli-Event-Id": delivery.event.event_id,
        "X-Evcli-Rule-Arn": delivery.rule_arn,
        "X-Evcli-Target-Arn": delivery.target_arn,
        "X-Evcli-Target-Id": delivery.target_id,
        **format_trace_header(delivery),
    }
