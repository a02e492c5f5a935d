"""The server that carries the application: waitress, threads, a clean stop.

waitress reads requests, and says what is to be done for each; the threads that do it are
those of `dispatcher.py`. Its own `run` ends by cancelling what is not answered; this one
finishes it.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
import time

import waitress.wasyncore
from waitress.adjustments import Adjustments

from evcli.errors import EvcliError
from evcli.server.connections import Listener, find_connection_limit
from evcli.server.dispatcher import Dispatcher
from evcli.server.protocol import MAX_BODY_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.server.application import Application

# How long a stop waits for requests under way, in seconds.
GRACE_SECONDS = 10.0

# How often late connections are looked for, in whole seconds.
CLEANUP_SECONDS = 1

# A body over the limit is read to its end up to here, so that its sender, which does
# not read while it sends, gets the response.
MAX_READ_BYTES = 8 * MAX_BODY_BYTES


class Server:
    """An open port in front of an application; `run` serves it until `stop`.

    One that is not run has to be closed.

    Raises: EvcliError: the address is unknown, or the port is taken.
    """

    def __init__(self, application: Application, host: str, port: int) -> None:
        listener = open_listener(host, port)
        self._application = application
        self._dispatcher = Dispatcher(self._read)
        self._map: dict[int, Any] = {}
        # The stubs have other types for what is used of it further down.
        self._waitress: Any = Listener(
            application,
            self._map,
            _sock=listener,
            dispatcher=self._dispatcher,
            adj=Adjustments(
                sockets=[listener],
                ident=None,  # no Server header, as AWS
                connection_limit=sys.maxsize,
                cleanup_interval=CLEANUP_SECONDS,
                max_request_body_size=MAX_READ_BYTES,
            ),
            sockinfo=(listener.family, listener.type, listener.proto, None),
            bind_socket=False,
            limit=find_connection_limit(),
        )
        self._is_listening = True
        self._is_stopping = False
        self._is_closed = False
        # `stop` must not write to a trigger that is closed meanwhile.
        # Reentrant, since a signal handler interrupts this thread anywhere.
        self._trigger_lock = threading.RLock()
        self.url = format_url(listener)
        self.has_page = application.has_page

    def run(self) -> None:
        """Serve until `stop` is called, then finish the requests under way."""
        try:
            self._dispatcher.watch(lambda: self._is_stopping)
        finally:
            self.close()

    def stop(self) -> None:
        """Ask for the end; from any thread, and from a signal handler."""
        with self._trigger_lock:
            if not self._is_stopping:
                self._is_stopping = True
                self._waitress.pull_trigger()
                self._dispatcher.wake()

    def close(self) -> None:
        """Finish the requests under way and close everything; harmless twice."""
        if self._is_closed:
            return
        self._is_stopping = self._is_closed = True
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            self._dispatcher.watch(
                lambda: self._has_ended() or time.monotonic() > deadline
            )
        finally:
            self._dispatcher.end()
            self._waitress.pull_trigger()
            self._dispatcher.join(deadline - time.monotonic())
            with self._trigger_lock:
                self._waitress.trigger.close()
            waitress.wasyncore.close_all(self._map)
            self._application.close()

    def _read(self, seconds: float) -> None:
        """Read and write what can be; wait for it so many seconds at most."""
        if self._is_stopping:
            self._end_connections()
            if self._has_ended():
                self._dispatcher.wake()
        waitress.wasyncore.loop(seconds, use_poll=True, map=self._map, count=1)

    def _end_connections(self) -> None:
        """Take no new ones, and have those closed that no request is under way on."""
        if self._is_listening:
            self._is_listening = False
            # The socket alone: `close` of the server would take its trigger too.
            waitress.wasyncore.dispatcher.close(self._waitress)
        for channel in list(self._waitress.active_channels.values()):
            is_busy = channel.request or channel.requests
            if not is_busy and not channel.total_outbufs_len:
                channel.will_close = True

    def _has_ended(self) -> bool:
        return not self._is_listening and not self._waitress.active_channels


def open_listener(host: str, port: int) -> socket.socket:
    """Open a port of a host, IPv4 if it has both. Raises: EvcliError."""
    family, address = resolve(host, port)[0]
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        # Its own text repeats the address.
        reason = os.strerror(error.errno or 0)
        raise EvcliError(
            f"Port {port} of {host} cannot be opened: {reason}."
        ) from error


def resolve(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    """Look up the (family, address) pairs of a port, IPv4 first. Raises: EvcliError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise EvcliError(f"The host {host} is unknown: {error.strerror}.") from error
    addresses = [(each[0], (str(each[4][0]), port)) for each in found]
    return sorted(addresses, key=lambda each: each[0] != socket.AF_INET)


def format_url(listener: socket.socket) -> str:
    """The URL of an open port, as clients on this machine reach it."""
    host, port = listener.getsockname()[:2]
    # What listens everywhere is reached by the loopback address.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def leads_to_loopback(host: str) -> bool:
    """Say whether only this machine can reach a host's ports.

    Raises: EvcliError: the host is unknown.
    """
    return all(
        ipaddress.ip_address(address[0].partition("%")[0]).is_loopback
        for _, address in resolve(host, 0)
    )
