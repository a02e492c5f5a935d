"""One exchange over an HTTP connection, within one time limit from its start to its end."""

from __future__ import annotations

import socket
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from evcli.delivery.api_destinations.loopback import is_localhost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


# Where `localhost` is, the first that answers.
LOOPBACK_ADDRESSES = (
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET6, "::1"),
)


def make_connection(
    scheme: str, host: str, port: int | None, limit_seconds: float
) -> HTTPConnection:
    """Make a connection that is still to be opened. Raises: ValueError: no such host."""
    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    connection = kind(host, port, timeout=limit_seconds)
    if is_localhost(host):
        # http.client's own hook; the name stays for certificates.
        connection._create_connection = connect_here  # type: ignore[attr-defined]
    return connection


def connect_here(
    address: tuple[str, int], limit_seconds: float, source: object
) -> socket.socket:
    """Connect to a port of this machine; no resolver can say that it is another one.

    Raises: OSError: nobody listens, as IPv4 says it.
    """
    refusal: OSError | None = None
    for family, host in LOOPBACK_ADDRESSES:
        try:
            return _connect(family, (host, address[1]), limit_seconds)
        except OSError as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def _connect(
    family: socket.AddressFamily, address: tuple[str, int], limit_seconds: float
) -> socket.socket:
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(limit_seconds)
        line.connect(address)
    except BaseException:
        line.close()
        raise
    return line


def exchange(
    connection: HTTPConnection,
    limit_seconds: float,
    talk: Callable[[HTTPConnection], T],
) -> T:
    """Open a connection, talk over it, close it.

    Args:
        talk: sends the request and reads what counts of the answer.

    Raises:
        TimeoutError: the time was up before that had ended.
        OSError, HTTPException, ValueError: as `http.client`.
    """
    # The time limit of a socket starts anew with every byte; this one does not.
    alarm = Alarm(connection, limit_seconds)
    try:
        connection.connect()
        if alarm.rang.is_set():  # before there was anything to cut
            raise TimeoutError
        answer = talk(connection)
    except (OSError, HTTPException) as error:
        if alarm.rang.is_set():
            raise TimeoutError from error
        raise
    finally:
        alarm.cancel()
        connection.close()
    if alarm.rang.is_set():
        raise TimeoutError
    return answer


class Alarm:
    """Cuts a connection when the time is up."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self._connection = connection
        self.rang = threading.Event()
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Stop the clock."""
        self._timer.cancel()

    def _ring(self) -> None:
        self.rang.set()
        line: socket.socket | None = self._connection.sock
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the exchange ended in this very instant
