"""HTTP headers of calls to targets: the one table of who may set which; in order."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Pairs = list[tuple[str, str]]

# Sent with every call. Source: [doc].
DEFAULT_HEADERS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Content-Type": "application/json; charset=utf-8",
    "Range": "bytes=0-1048575",
    "Accept-Encoding": "gzip,deflate",
    "Connection": "close",
}

# What a target may not set: PutTargets refuses it, and no call has it. Neither does it
# have what starts so. Source: [doc].
FORBIDDEN_HEADERS = frozenset({
    "authorization", "connection", "content-encoding", "content-length", "host",
    "max-forwards", "te", "trailer", "transfer-encoding", "upgrade", "via",
    "www-authenticate", "x-forwarded-for",
})  # fmt: skip
FORBIDDEN_HEADER_PREFIX = "x-amz"

# What calls of API destinations do not have either, whoever sets it: of the above all but
# those that connections may set, and more. Source: [doc] at second hand.
CONNECTION_HEADERS = {"authorization", "www-authenticate", "x-forwarded-for"}
REMOVED_HEADERS = FORBIDDEN_HEADERS - CONNECTION_HEADERS | frozenset({
    "a-im", "accept-charset", "accept-datetime", "accept-encoding", "cache-control",
    "content-md5", "date", "expect", "forwarded", "from", "http2-settings", "if-match",
    "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "origin",
    "pragma", "proxy-authorization", "range", "referer", "user-agent", "warning",
})  # fmt: skip

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Headers:
    """Headers in order, of which a later one replaces an earlier one of its name."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            self.put(name, value)

    def put(self, name: str, value: str) -> None:
        """Set a header; names have no case."""
        self._pairs[name.lower()] = (name, value)

    def get(self, name: str) -> str | None:
        """Read a header."""
        return self._pairs.get(name.lower(), ("", None))[1]

    def list(self) -> Pairs:
        """List names and values."""
        return list(self._pairs.values())

    def find_unsendable(self) -> str | None:
        """Find the name of a header that HTTP does not allow, for its name or value."""
        for name, value in self._pairs.values():
            if not HEADER_NAME.fullmatch(name) or CONTROL_CHARACTER.search(value):
                return name
        return None


def is_forbidden_header(name: str) -> bool:
    """Say whether targets may not set a header. Source: [doc]."""
    lowered = name.lower()
    return lowered in FORBIDDEN_HEADERS or lowered.startswith(FORBIDDEN_HEADER_PREFIX)


def is_removed_header(name: str) -> bool:
    """Say whether an API destination is called without a header, whoever sets it."""
    return name.lower() in REMOVED_HEADERS
