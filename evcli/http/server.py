"""The WSGI application around the protocol, and the server that carries it."""

from __future__ import annotations

import threading

from evcli.context import new_uuid, open_context
from evcli.http.protocol import CONTENT_TYPE, answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from evcli.context import Context

    Environ = dict[str, Any]
    StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """WSGI in front of a state directory.

    Every thread keeps one context open; a request acts through it as the account that
    its access key belongs to, in the region that its signature names.
    """

    def __init__(
        self, state_directory: str, *, account_id: str | None, region: str | None
    ) -> None:
        self._state_directory = state_directory
        self._account_id = account_id
        self._region = region
        self._local = threading.local()

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one HTTP request."""
        reply = answer(
            self._open_context,
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "/"),
            _read_headers(environ),
            lambda: _read_body(environ),
        )
        headers = [
            ("Content-Type", CONTENT_TYPE),
            ("Content-Length", str(len(reply.body))),
            ("x-amzn-RequestId", new_uuid()),
            *reply.headers,
        ]
        start_response(reply.status, headers)
        return [reply.body]

    def _open_context(self, access_key: str | None, region: str | None) -> Context:
        base: Context | None = getattr(self._local, "context", None)
        if base is None:
            base = open_context(
                self._state_directory, account_id=self._account_id, region=self._region
            )
            self._local.context = base
        profile = find_profile(base.configuration, access_key)
        base.notices.clear()
        return base.act_as(
            profile.get("account", base.account_id),
            region or base.region,
            profile.get("organization", base.organization_id),
        )


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
    if access_key is not None and len(access_key) == 12 and access_key.isdecimal():
        return {"account": access_key}
    return {}


def _read_headers(environ: Environ) -> dict[str, str]:
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
