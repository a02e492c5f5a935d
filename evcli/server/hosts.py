"""Who may call: requests to a name of the server itself, from no page but its own.

A foreign page in a browser on this machine reaches the loopback as well. Two headers that
it cannot choose show it: `Host` has the name that it called, even a name of its own that
resolves to 127.0.0.1 (DNS rebinding), and `Origin` says where the page comes from.

Source: [doc] WHATWG Fetch, when `Origin` is sent; [guess] status, code and texts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from evcli.delivery.api_destinations.urls import is_loopback
from evcli.server.protocol import FORBIDDEN, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from evcli.server.protocol import ServerResponse

# What a `Host` header may have: a name, an IPv4 address or an IPv6 one in brackets.
_NAME = r"[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?"
_ADDRESS = r"\[([0-9a-f:.]+)\]"
_HOST = re.compile(rf"(?:({_NAME})\.?|{_ADDRESS})(?::[0-9]{{1,5}})?")
_OWN_HOST = re.compile(rf"({_NAME})\.?|\[?([0-9a-f:.]*:[0-9a-f:.]+?)\]?")
# How much of a name that was sent is repeated in the error.
SHOWN_CHARACTERS = 80


def refuse_foreign_origin(
    headers: Mapping[str, str], own_hosts: Container[str]
) -> ServerResponse | None:
    """Refuse a request that a foreign page may have sent; `None`: it is fine.

    A request without `Host` is fine: browsers always send one.

    Args:
        headers: by lower-case name.
        own_hosts: names and addresses that lead here, besides those of the loopback,
            as `read_host` gives them.
    """
    said = headers.get("host")
    if said is not None:
        host, is_local = judge_host(said)
        if not is_local and host not in own_hosts:
            return refuse(
                "AccessDeniedException",
                f"The host {said[:SHOWN_CHARACTERS]!r} is none that this server is known"
                " by; if it leads here, name it to `evcli local serve` with"
                f" --allowed-host {host or 'NAME'}.",
                FORBIDDEN,
            )
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{(said or '').lower()}":
        return refuse(
            "AccessDeniedException",
            f"Pages of {origin[:SHOWN_CHARACTERS]!r} may not call this server.",
            FORBIDDEN,
        )
    return None


@lru_cache
def judge_host(text: str) -> tuple[str | None, bool]:
    """Read the host in a `Host` header, and say whether it is the loopback.

    All requests of a client say the same.
    """
    host = read_host(text)
    return host, host is not None and is_loopback(host)


def read_host(text: str) -> str | None:
    """Read the host in a `Host` header, lower-case, without port; `None`: it has none."""
    found = _HOST.fullmatch(text.lower())
    return found and (found[1] or found[2])


def read_own_host(text: str) -> str | None:
    """Read a host as people write it: no port, IPv6 with or without its brackets.

    Returns:
        As `read_host`; `None` for everything else, patterns like `*` among it: they
        would let in every name that fits.
    """
    found = _OWN_HOST.fullmatch(text.lower())
    return found and (found[1] or found[2])
