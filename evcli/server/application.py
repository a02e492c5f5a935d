"""The WSGI application around the protocol: a state directory, seen by many threads."""

from __future__ import annotations

import time
import traceback
from contextlib import ExitStack
from functools import partial

from evcli.context import SystemClock, open_context
from evcli.delivery.reports import REQUEST, make_report
from evcli.ids import draw_neighbours
from evcli.server.hosts import refuse_foreign_origin
from evcli.server.other_services import refuse_other_service
from evcli.server.page.serving import PREFIX, Page, is_for_page
from evcli.server.protocol import INTERNAL_ERROR, refuse, respond
from evcli.server.stores import Stores
from evcli.store.sqlite.failures import get_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any, TextIO

    from evcli.context import Context
    from evcli.server.protocol import OpenContext, ServerResponse

    Environ = dict[str, Any]
    Report = Callable[[dict[str, Any]], None]
    StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """WSGI in front of a state directory.

    Stores are kept open, as long as they are those of the directory at the path;
    each request gets a context of its own on it, so that a changed `config.toml`, a moved
    clock and a removed state directory count from the next request on. The request acts
    as the account that its access key belongs to, in the region that its signature names.

    Args:
        account_id, region, profile: for requests that say nothing, as `open_context`.
        own_hosts: names that the server is called by, besides those of the loopback.
        has_page: whether browsers get the page.
        warn: takes lines for the person who runs the server.
        environ, stdout, stderr: what sinks see of the process's surroundings.
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
        has_page: bool = True,
        warn: Callable[[str], object] = lambda line: None,
        environ: Mapping[str, str] | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
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
            stderr=stderr,
            kept={} if kept is None else kept,
        )
        self._own_hosts = frozenset(own_hosts)
        self._page = Page() if has_page else None
        self._warn = warn
        self._report = report
        self._stores = Stores(state_directory, warn)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Answer:
        """Respond to one HTTP request."""
        begin = time.monotonic()
        reports: list[dict[str, Any]] = []
        response = self._respond(environ, reports)
        if self._report is not None and not is_polling(environ):
            seconds = time.monotonic() - begin
            reports.append(describe_request(environ, response, seconds))
        start_response(response.status, format_headers(response))
        body = [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]
        return Answer(body, self._report, reports)

    @property
    def has_page(self) -> bool:
        """Whether browsers get the page."""
        return self._page is not None

    def close(self) -> None:
        """Close what is open of the state directory; requests under way keep theirs."""
        self._stores.close()

    def _respond(
        self, environ: Environ, reports: list[dict[str, Any]]
    ) -> ServerResponse:
        notices: list[str] = []
        headers = read_headers(environ)
        try:
            # A store is lent to those requests alone that need one.
            with ExitStack() as lent:
                make_context = partial(self._make_context, lent, notices, reports)
                return refuse_foreign_origin(
                    headers, self._own_hosts
                ) or self._dispatch(environ, headers, make_context)
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

    def _dispatch(
        self, environ: Environ, headers: dict[str, str], make_context: OpenContext
    ) -> ServerResponse:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO") or "/"
        query = environ.get("QUERY_STRING", "")
        read_body = partial(_read_body, environ)
        if self._page is not None and is_for_page(method, path, headers):
            open_context = partial(make_context, None, None)
            return self._page.respond(open_context, method, path, headers, read_body)
        url = f"{path}?{query}" if query else path
        return refuse_other_service(query, headers) or respond(
            make_context, method, url, headers, read_body
        )

    def _make_context(
        self,
        lent: ExitStack,
        notices: list[str],
        reports: list[dict[str, Any]],
        access_key: str | None,
        region: str | None,
    ) -> Context:
        store = lent.enter_context(self._stores.lend())
        base = self._open_context(store=store)
        base.notices = notices
        base.new_id = draw_neighbours()
        if self._report is not None:
            base.report = reports.append
        profile = find_profile(base.configuration, access_key)
        return base.act_as(
            profile.get("account", base.account_id),
            region or base.region,
            profile.get("organization", base.organization_id),
        )


class Answer(list[bytes]):
    """A response's body; once it is sent, what was done for the request is reported.

    Nobody who waits for an answer should wait for lines that another one reads.
    """

    def __init__(
        self, body: list[bytes], report: Report | None, reports: list[dict[str, Any]]
    ) -> None:
        super().__init__(body)
        self._report = report
        self._reports = reports

    def close(self) -> None:
        """Report; servers of WSGI call this in the end."""
        if self._report is not None:
            for each in self._reports:
                self._report(each)


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


def is_polling(environ: Environ) -> bool:
    """Say whether a request is of a kind that comes again and again, for ever.

    It asks whether the server is there, or it is the page's.
    """
    path = environ.get("PATH_INFO") or "/"
    is_reading = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return (is_reading and path == "/") or path.startswith(PREFIX)


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
    answer = response.document
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
