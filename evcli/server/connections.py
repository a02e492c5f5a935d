"""Connections: how long a request may take, and which is evicted when there are many.

waitress closes a connection after two minutes without a byte, and takes no more of them
once there are many. So a client that opens enough of them, or sends a byte a minute,
keeps all others waiting. Here the parts of a request have deadlines, and a new connection
evicts another: one that has not sent its request, oldest first, then the one that has
been idle longest. Requests under way stay.
"""

from __future__ import annotations

import time
from types import ModuleType

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from evcli.server.application import format_headers
from evcli.server.protocol import TOO_LARGE, refuse, refuse_large_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

resource: ModuleType | None
try:
    import resource
except ImportError:  # not POSIX
    resource = None

# How long the header of a request and then its body may take, in seconds. A connection
# that has had its first answer may be idle in between, as those of a pool are.
HEADER_SECONDS = 10.0
BODY_SECONDS = 10.0

# How many connections there are at most: half of the files that a process may have open,
# as threads and sinks need others, and no more than these.
CONNECTIONS = 500


class Listener(TcpWSGIServer):
    """The open port, with room for `limit` connections; waitress itself has no limit."""

    # The stubs have them otherwise, or not at all.
    active_channels: Any
    task_dispatcher: Any

    def __init__(self, *arguments: Any, limit: int, **settings: Any) -> None:
        self._limit = limit
        self.channel_class = Connection
        super().__init__(*arguments, **settings)

    def pull_trigger(self) -> None:
        """Wake the thread that reads, unless this one reads next."""
        if not self.task_dispatcher.is_leading():
            super().pull_trigger()

    def readable(self) -> bool:
        """Say whether a connection can be taken: there is room, or one to evict."""
        is_open: bool = super().readable()
        return is_open and (not self._is_full() or self._find_evictable() is not None)

    def handle_accept(self) -> None:
        """Take a new connection; when there is no room, evict another one."""
        evicted = self._find_evictable() if self._is_full() else None
        super().handle_accept()
        # Only now: the number of what is closed is given to what is opened next, and
        # events for that number may still wait in this round of the loop.
        if evicted is not None:
            evicted.handle_close()

    def _is_full(self) -> bool:
        return len(self.active_channels) >= self._limit

    def _find_evictable(self) -> Connection | None:
        """Find the connection to evict; `None` when all are at work."""
        idle = [each for each in self.active_channels.values() if not each.requests]
        return min(idle, key=Connection.eviction_key, default=None)

    def maintenance(self, now: int) -> None:
        """Close what has been idle for long, and what is late with its request."""
        super().maintenance(now)
        for connection in list(self.active_channels.values()):
            connection.end_if_late()


class Parser(HTTPRequestParser):
    """Reads requests; one that Python cannot read is answered as well."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the lines before the body."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            # Python reads no number of thousands of digits, nor a URL with half a bracket.
            if not self.headers.get("CONTENT_LENGTH", "").isdecimal():
                raise ParsingError("The first line is invalid") from None
            self.content_length = self.adj.max_request_body_size


class RequestTimeout(Error):
    """A request that has not come to its end in time."""

    code = 408
    reason = "Request Timeout"


class Refusal(ErrorTask):
    """Answers what is not even a request, in the form of all other answers."""

    def execute(self) -> None:
        """Write the answer, and close."""
        error: Any = self.request.error  # type: ignore[attr-defined]  # not in the stubs
        response = refuse(
            "SerializationException",
            f"{error.reason}: {error.body}.",
            f"{error.code} {error.reason}",
        )
        if response.status[:3] == TOO_LARGE[:3]:
            response = refuse_large_body()
        self.status = response.status
        self.response_headers = format_headers(response)
        self.set_close_on_finish()
        self.content_length = len(response.body)
        self.write(response.body)


class Answer(WSGITask):
    """Answers a request; a body that comes in one piece goes out with its header."""

    def write(self, data: bytes) -> None:
        """Send a part of the body, before the first one the header."""
        is_whole = data and self.has_body and self.content_length == len(data)
        if self.wrote_header or not is_whole:
            super().write(data)
            return
        # Two packets would wake the client twice.
        self.channel.write_soon(self.build_response_header() + data)
        self.wrote_header = True
        self.content_bytes_written += len(data)


class Connection(HTTPChannel):
    """A connection; it knows since when a request, or the rest of one, is awaited."""

    error_task_class = Refusal
    parser_class = Parser
    task_class = Answer

    # The stubs have them otherwise, or not at all.
    requests: Any
    requests_lock: Any
    server: Any

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # `None` while nothing is awaited: a request was answered and none has begun since.
        self._awaited_since: float | None = time.monotonic()
        super().__init__(*arguments, **settings)

    def received(self, data: bytes) -> bool:
        """Take what has come; the time of a part begins with its first byte."""
        before = self._find_part()
        is_open: bool = super().received(data)
        part = self._find_part()
        if part is not None and part != before:
            self._awaited_since = time.monotonic()
        return is_open

    def _find_part(self) -> tuple[HTTPRequestParser, bool] | None:
        """The request that is coming in, and whether its header is here."""
        request = self.request
        return None if request is None else (request, request.headers_finished)

    def service(self) -> None:
        """Answer a request, in a thread; what follows it was not read meanwhile."""
        self._awaited_since = None
        super().service()
        with self.requests_lock:
            if self.request is not None:
                self._awaited_since = time.monotonic()

    def eviction_key(self) -> tuple[bool, float]:
        """Sort connections; the first is evicted first."""
        since = self._awaited_since
        return since is None, self.last_activity if since is None else since

    def end_if_late(self) -> None:
        """Answer that the time is over, or close where no request has begun."""
        since, request = self._awaited_since, self.request
        if since is None or self.requests or self.will_close or self.close_when_flushed:
            return
        has_header = request is not None and request.headers_finished
        limit = BODY_SECONDS if has_header else HEADER_SECONDS
        if time.monotonic() - since < limit:
            return
        if request is None:
            self.will_close = True
            return
        part = "body" if has_header else "header"
        with self.requests_lock:
            request.error = RequestTimeout(
                f"The {part} of the request took longer than {limit:g} seconds"
            )
            request.completed = True
            self.requests.append(request)
            self.request = None
        self.server.add_task(self)


def find_connection_limit() -> int:
    """How many connections there may be at most."""
    if resource is None:
        return CONNECTIONS
    files: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    # Without a limit it is negative.
    return CONNECTIONS if files < 0 else max(1, min(CONNECTIONS, files // 2))
