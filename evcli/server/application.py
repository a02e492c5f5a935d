"""The WSGI application around the protocol: a state directory, seen by many threads."""

from __future__ import annotations

import json
import threading
import time
import traceback
from functools import partial

from evcli.context import SystemClock, open_context
from evcli.delivery.reports import REQUEST, make_report
from evcli.server.hosts import refuse_foreign_origin
from evcli.server.other_services import refuse_other_service
from evcli.server.protocol import INTERNAL_ERROR, refuse, respond
from evcli.store.directory.state_directory import read_identity
from evcli.store.failures import get_failure
from evcli.store.store import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any, TextIO

    from evcli.context import Context
    from evcli.server.protocol import ServerResponse
    from evcli.store.store import Store

    Environ = dict[str, Any]
    Report = Callable[[dict[str, Any]], None]
    StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """WSGI in front of a state directory.

    Every thread keeps the store open, as long as it is the one at the path;
    each request gets a context of its own on it, so that a changed `config.toml`, a moved
    clock and a removed state directory count from the next request on. The request acts
    as the account that its access key belongs to, in the region that its signature names.

    Args:
        account_id, region, profile: for requests that say nothing, as `open_context`.
        own_hosts: names that the server is called by, besides those of the loopback.
        warn: takes lines for the person who runs the server.
        environ, stdout: what sinks see of the process's surroundings.
        kept: what sinks keep from one request to the next, as `open_context`.
        report: told of each request, and of what is done for it; see `reports.py`.
    """

    def __init__(
        self,
        state_directory: str,
        *,
        account_id: str | None = None,
        region: str | None = None,
        profile: str | None = None,
        own_hosts: Collection[str] = (),
        warn: Callable[[str], object] = lambda line: None,
        environ: Mapping[str, str] | None = None,
        stdout: TextIO | None = None,
        kept: dict[Any, Any] | None = None,
        report: Report | None = None,
    ) -> None:
        self._state_directory = state_directory
        self._open_context = partial(
            open_context,
            state_directory,
            account_id=account_id,
            region=region,
            profile=profile,
            environ=environ,
            stdout=stdout,
            kept={} if kept is None else kept,
        )
        self._own_hosts = frozenset(own_hosts)
        self._warn = warn
        self._report = report
        self._local = threading.local()

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Respond to one HTTP request."""
        begin = time.monotonic()
        response = self._respond(environ)
        if self._report is not None and not is_health_check(environ):
            seconds = time.monotonic() - begin
            self._report(describe_request(environ, response, seconds))
        start_response(response.status, format_headers(response))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

    def close_thread(self) -> None:
        """Close what the calling thread keeps open; every thread calls it at its end."""
        store: Store | None = self._local.__dict__.pop("store", None)
        if store is not None:
            store.close()

    def _respond(self, environ: Environ) -> ServerResponse:
        notices: list[str] = []
        headers = read_headers(environ)
        path, query = environ.get("PATH_INFO") or "/", environ.get("QUERY_STRING", "")
        try:
            return (
                refuse_foreign_origin(headers, self._own_hosts)
                or refuse_other_service(query, headers)
                or respond(
                    partial(self._make_context, notices),
                    environ["REQUEST_METHOD"],
                    f"{path}?{query}" if query else path,
                    headers,
                    partial(_read_body, environ),
                )
            )
        except Exception as error:
            # The outermost layer: a bug must not take the server down, nor be hidden.
            failure = get_failure(self._state_directory, error)
            if failure is not None:
                return refuse("InternalException", failure.message, INTERNAL_ERROR)
            self._warn(traceback.format_exc().rstrip())
            message = f"This is a bug in evcli ({type(error).__name__}: {error})."
            return refuse("InternalException", message, INTERNAL_ERROR)
        finally:
            for notice in notices:
                self._warn(notice)

    def _make_context(
        self, notices: list[str], access_key: str | None, region: str | None
    ) -> Context:
        base = self._open_context(store=self._open_store())
        base.notices = notices
        base.report = self._report
        profile = find_profile(base.configuration, access_key)
        return base.act_as(
            profile.get("account", base.account_id),
            region or base.region,
            profile.get("organization", base.organization_id),
        )

    def _open_store(self) -> Store:
        """The calling thread's store; another one once the state directory is another.

        What was removed is made anew, as by any command.
        """
        store: Store | None = getattr(self._local, "store", None)
        identity = read_identity(self._state_directory)
        if store is None or identity is None or identity != self._local.identity:
            # Closed first: SQLite cleans up by path, and at the path may be the new one.
            self.close_thread()
            self._local.identity = identity
            store = self._local.store = open_store(
                self._state_directory, warn=self._warn
            )
        return store


def find_profile(
    configuration: dict[str, Any], access_key: str | None
) -> dict[str, Any]:
    """Find the profile of `config.toml` that an access key belongs to.

    A key that is twelve digits is an account of its own, so that a test can act as any
    account without configuring it.
    """
    profiles: dict[str, dict[str, Any]] = configuration.get("profiles", {})
    for profile in profiles.values():
        if access_key is not None and profile.get("access_key_id") == access_key:
            return profile
    if (
        access_key is not None
        and len(access_key) == 12
        and access_key.isascii()
        and access_key.isdecimal()
    ):
        return {"account": access_key}
    return {}


def is_health_check(environ: Environ) -> bool:
    """Say whether a request only asks whether the server is there, as many do for ever."""
    is_reading = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return is_reading and (environ.get("PATH_INFO") or "/") == "/"


def describe_request(
    environ: Environ, response: ServerResponse, seconds: float
) -> dict[str, Any]:
    """Make the report of a request that was answered, by the machine's clock.

    Its name is the operation's, or else method and path; how many entries it had and how
    many of them failed is what the answer says.
    """
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    plain = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO') or '/'}"
    members: dict[str, Any] = {
        "Operation": target or plain,
        "Status": int(response.status.partition(" ")[0]),
        "DurationMs": round(seconds * 1000),
    }
    try:
        answer = json.loads(response.body or b"{}")
    except ValueError:  # XML, for clients of other services
        answer = {}
    if "FailedEntryCount" in answer and "Entries" in answer:
        members["Entries"] = len(answer["Entries"])
        members["FailedEntries"] = answer["FailedEntryCount"]
    members["ErrorCode"] = answer.get("__type")
    return make_report(SystemClock(), REQUEST, members)


def format_headers(response: ServerResponse) -> list[tuple[str, str]]:
    """The headers of every response. Source: [peer] which ones, [doc] the type."""
    return [
        ("Content-Type", response.content_type),
        ("Content-Length", str(len(response.body))),
        ("x-amzn-RequestId", response.request_id),
        *response.headers,
    ]


def read_headers(environ: Environ) -> dict[str, str]:
    """The headers of a request, by lower-case name."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    headers["content-length"] = environ.get("CONTENT_LENGTH", "")
    return headers


def _read_body(environ: Environ) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body
